//! The table has no conflict, and is shown as it is.

use super::*;
use crate::app::texts::Word;
use crate::namespace::Namespace;

fn event(pattern: Pattern) -> KeyEvent {
    match pattern {
        Pattern::Key(code, modifiers) => KeyEvent::new(code, modifiers),
        Pattern::Leave => KeyEvent::new(KeyCode::Char('5'), KeyModifiers::CONTROL),
    }
}

#[test]
fn no_key_means_two_things_and_each_line_is_reached() {
    for place in Place::ALL {
        for binding in bindings(place) {
            let taken = binding.keys.iter().filter(|(it, _)| place.takes(*it));
            for (pattern, meant) in taken {
                assert_eq!(
                    action(place, &event(*pattern), LeaveKey::default()),
                    Some(*meant),
                    "{place:?} {pattern:?}"
                );
            }
        }
    }
}

#[test]
fn every_place_has_a_way_out_and_a_footer() {
    for place in Place::ALL {
        let actions: Vec<KeyAction> = bindings(place)
            .flat_map(|binding| binding.keys)
            .filter(|(pattern, _)| place.takes(*pattern))
            .map(|(_, action)| *action)
            .collect();
        assert!(
            actions.iter().any(|action| matches!(
                action,
                KeyAction::Quit(QuitAction::Ask)
                    | KeyAction::Launch(LaunchAction::NoRisk)
                    | KeyAction::View(
                        ViewAction::Leave
                            | ViewAction::Close
                            | ViewAction::EndSearch
                            | ViewAction::Focus(Pane::Lesson)
                    )
            )),
            "{place:?}"
        );
        assert!(bindings(place).any(|binding| binding.footer), "{place:?}");
    }
}

#[test]
fn flags_have_the_letters_of_the_namespace_table() {
    for kind in Namespace::ALL {
        let typed = KeyEvent::new(KeyCode::Char(kind.key()), KeyModifiers::NONE);
        assert_eq!(
            action(Place::Lesson, &typed, LeaveKey::default()),
            Some(KeyAction::Launch(LaunchAction::Toggle(kind)))
        );
    }
}

#[test]
fn what_a_terminal_adds_to_a_key_changes_nothing() {
    for (code, modifiers, meant) in [
        (
            KeyCode::Char('U'),
            KeyModifiers::SHIFT,
            Some(KeyAction::Launch(LaunchAction::Toggle(Namespace::User))),
        ),
        (
            KeyCode::BackTab,
            KeyModifiers::SHIFT,
            Some(KeyAction::View(ViewAction::NextPane(Direction::Left))),
        ),
        (KeyCode::Char('u'), KeyModifiers::CONTROL, None),
        (KeyCode::F(5), KeyModifiers::ALT, None),
    ] {
        let typed = KeyEvent::new(code, modifiers);
        assert_eq!(action(Place::Lesson, &typed, LeaveKey::default()), meant);
    }
}

#[test]
fn leave_keys() {
    let control = |letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL);
    let alt = |letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::ALT);
    for (word, typed, shown) in [
        ("ctrl-]", control('5'), "Ctrl-]"),
        ("ctrl-]", control(']'), "Ctrl-]"),
        ("Ctrl-\\", control('4'), "Ctrl-\\"),
        ("ctrl-g", control('g'), "Ctrl-g"),
        ("ctrl-/", control('7'), "Ctrl-_"),
        ("ctrl-/", control('/'), "Ctrl-_"),
        ("ctrl-_", control('7'), "Ctrl-_"),
        ("ctrl-6", control('6'), "Ctrl-^"),
        ("ctrl-@", control(' '), "Ctrl-Space"),
        ("f12", KeyEvent::from(KeyCode::F(12)), "F12"),
        ("alt-x", alt('x'), "Alt-x"),
        ("Alt-Q", alt('Q'), "Alt-Q"),
    ] {
        let leave: LeaveKey = word.parse().unwrap();
        assert!(leave.matches(&typed), "{word}");
        assert_eq!(leave.to_string(), shown);
    }
    assert!(!"alt-q".parse::<LeaveKey>().unwrap().matches(&alt('Q')));
    assert!(!LeaveKey::default().matches(&control('4')));
}

#[test]
fn a_leave_key_that_cannot_arrive_is_refused() {
    for (words, why) in [
        (
            &[
                "", "x", "f13", "ctrl-", "ctrl-ab", "ctrl-é", "alt-", "alt-xy", "shift-x", "f",
            ][..],
            "is no key to leave a shell with",
        ),
        (&["ctrl-i", "Ctrl-I"], "the same key as Tab"),
        (&["ctrl-m"], "the same key as Enter"),
        (&["ctrl-[", "ctrl-3"], "the same key as Esc"),
        (&["ctrl-?", "ctrl-8"], "the same key as Backspace"),
        (
            &["alt-[", "alt-O", "alt-]", "Alt-P"],
            "other keys begin with it",
        ),
        (&["ctrl-1", "ctrl-.", "ctrl-="], "the plain key"),
    ] {
        for word in words {
            let error = word.parse::<LeaveKey>().unwrap_err().to_string();
            assert!(error.contains(why) && error.contains(word), "{error}");
        }
    }
    // A small letter begins nothing.
    "alt-o".parse::<LeaveKey>().unwrap();
}

#[test]
fn keys_are_shown_as_on_a_keyboard() {
    let shown = |word| {
        TABLE
            .iter()
            .find(|binding| binding.word == word)
            .map(|binding| {
                let leave = LeaveKey::default();
                (
                    binding.shown(Place::Lesson, leave),
                    binding.brief(Place::Lesson, leave),
                )
            })
            .unwrap()
    };
    for (word, all, brief) in [
        (Word::Choose, "1–9", "1–9"),
        (Word::Flags, "u i p m n U C T", "u i p m n U C T"),
        (Word::Steps, "← → [ ]", "← →"),
        (Word::Quit, "q", "q"),
        (Word::Leave, "Ctrl-]", "Ctrl-]"),
        (Word::History, "Shift-PgUp/PgDn", "Shift-PgUp/PgDn"),
        (Word::ToggleHere, "Space", "Space"),
        (Word::MoveByHalves, "Ctrl-u/d", "Ctrl-u/d"),
        (Word::WordsAsEmacs, "Alt-f/b Ctrl-a/e", "Alt-f/b Ctrl-a/e"),
        (Word::Search, "/ ? Ctrl-s/r", "/ ?"),
    ] {
        assert_eq!(shown(word), (all.to_owned(), brief.to_owned()), "{word:?}");
    }
}
