//! The search in the list of lessons and in the glossary.

use rstest::rstest;

use super::{COMPACT, FULL};
use crate::app::fixture::{Lab, lessons_in};
use crate::app::glossary;
use crate::app::keymap::Place;
use crate::app::search;
use crate::app::views::Overlay;
use crate::lang::Lang;
use crate::lesson::Glossary;

/// Types a word, letter by letter.
fn type_word(lab: &mut Lab, word: &str) {
    for letter in word.chars() {
        match letter {
            ' ' => lab.key("Space"),
            letter => lab.key(&letter.to_string()),
        };
    }
}

/// The names of the listed terms, and the one under the cursor.
fn terms(lab: &Lab) -> (Vec<&'static str>, Option<&'static str>) {
    let Some(Overlay::Glossary { id }) = &lab.state.views.overlay else {
        panic!("no glossary");
    };
    let view = glossary::view(&lab.state, id).unwrap();
    let names: Vec<_> = view.terms.iter().map(|term| term.name.as_str()).collect();
    let cursor = names.get(view.cursor).copied();
    (names, cursor)
}

#[rstest]
#[case(Lang::En, "VETH", "veth")]
#[case(Lang::ZhCn, "权能", "")]
#[case(Lang::ZhCn, "Namespace", "命名空间")]
fn the_glossary_keeps_what_holds_the_words(
    #[values(FULL, COMPACT)] size: (u16, u16),
    #[case] lang: Lang,
    #[case] word: &str,
    #[case] first: &str,
) {
    let mut lab = Lab::ready(size, lang);
    lab.key("g");
    let all = terms(&lab).0;
    assert_eq!(all.len(), Glossary::of(lang).terms().len());
    lab.key("/");
    assert_eq!(lab.state.place(), Place::Search);
    let mut before = all.len();
    for letter in word.chars() {
        lab.key(&letter.to_string());
        let now = terms(&lab).0.len();
        assert!((1..=before).contains(&now), "{now} after {letter}");
        before = now;
    }
    assert!(before < all.len(), "{word} keeps everything");
    let cursor = terms(&lab).1.unwrap();
    assert!(cursor.contains(first), "{cursor}");
    // Enter takes it: it is shown in the whole list, and the glossary stays open.
    lab.key("Enter");
    assert_eq!(lab.state.place(), Place::Glossary);
    assert_eq!(terms(&lab), (all.clone(), Some(cursor)));
    // Esc clears the search, and the next one closes the glossary.
    lab.key("/");
    type_word(&mut lab, word);
    lab.key("Esc");
    assert_eq!(terms(&lab), (all, Some(cursor)));
    lab.key("Esc");
    assert_eq!(lab.state.views.overlay, None);
}

#[rstest]
fn that_nothing_is_found_is_said_and_nothing_is_taken(
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
    #[values("g", "l")] list: &str,
) {
    let mut lab = Lab::ready(FULL, lang);
    lab.key(list);
    let before = lab.state.views.overlay.clone();
    lab.key("/");
    type_word(&mut lab, "§q");
    lab.key("Down Up PgDn PgUp Enter");
    assert_eq!(lab.state.place(), Place::Search, "Enter has left it");
    if list == "g" {
        assert_eq!(terms(&lab), (Vec::new(), None));
        let Some(Overlay::Glossary { id }) = &lab.state.views.overlay else {
            panic!("no glossary");
        };
        let lines = glossary::view(&lab.state, id).unwrap().lines(&lab.state);
        let said: String = lines.iter().map(ToString::to_string).collect();
        assert!(said.contains("§q"), "{said}");
    } else {
        assert_eq!(search::listed_lessons(&lab.state), [] as [usize; 0]);
    }
    lab.key("Esc");
    assert_eq!(lab.state.views.overlay, before);
}

#[rstest]
// The title of a step, in both languages; the title of a lesson in the other language.
#[case(Lang::En, "QUEUES two")]
#[case(Lang::ZhCn, "队列表")]
#[case(Lang::ZhCn, "name LIVES")]
fn the_list_of_lessons_keeps_what_holds_the_words(#[case] lang: Lang, #[case] word: &str) {
    let mut lab = Lab::ready(FULL, lang);
    let count = lab.state.lesson.lessons.count();
    lab.key("l /");
    assert_eq!(search::listed_lessons(&lab.state).len(), count);
    type_word(&mut lab, word);
    let listed = search::listed_lessons(&lab.state);
    assert!((1..count).contains(&listed.len()), "{listed:?}");
    // The cursor stays among the found items, and letters that are keys elsewhere are typed.
    for _ in 0..=count {
        lab.key("Down");
    }
    let last = *listed.last().unwrap();
    let cursor = Overlay::Lessons { cursor: last };
    assert_eq!(lab.state.views.overlay, Some(cursor.clone()));
    lab.key("Esc");
    assert_eq!(lab.state.views.overlay, Some(cursor));
    lab.key("/");
    type_word(&mut lab, word);
    let Some(Overlay::Lessons { cursor }) = lab.state.views.overlay else {
        panic!("no list");
    };
    lab.key("Enter");
    assert_eq!(lab.state.lesson.walk.place(), (cursor, 0));
    assert_ne!(lab.state.place(), Place::Search);
    // The list opens whole again.
    lab.key("l");
    assert_eq!(search::listed_lessons(&lab.state).len(), count);
}

#[test]
fn a_search_is_pasted_and_edited() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("g /");
    lab.send(crate::app::Msg::Paste("vethx".to_owned()));
    assert_eq!(terms(&lab).0, [] as [&str; 0]);
    lab.key("Backspace");
    assert_eq!(terms(&lab).1, Some("veth"));
    assert_eq!(lab.state.views.query(), "veth");
}

#[test]
fn a_lesson_of_just_that_name_comes_before_those_that_hold_it() {
    let directory = tempfile::tempdir().unwrap();
    for (number, id) in ["stale-proc", "proc", "proc-again"].iter().enumerate() {
        let text =
            format!("+++\nid = \"{id}\"\ntitle = \"A /proc\"\nflags = []\n+++\n\n## S\n\nx\n");
        std::fs::write(directory.path().join(format!("{number}.md")), text).unwrap();
    }
    let mut lab = Lab::with(FULL, Lang::En, lessons_in(directory.path()));
    lab.get_ready();
    lab.key("l /");
    type_word(&mut lab, "proc");
    assert_eq!(search::listed_lessons(&lab.state).len(), 3);
    assert_eq!(
        lab.state.views.overlay,
        Some(Overlay::Lessons { cursor: 1 })
    );
}
