//! Input and requests of the programs in the shells: keys, replies, focus, colours, the clipboard, the mouse.

use super::*;

#[test]
fn a_shell_gets_every_key_but_one() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("F3");
    for (key, bytes) in [
        ("q", "q"),
        ("Tab", "\t"),
        ("C-c", "\x03"),
        ("Up", "\x1b[A"),
        ("F5", "\x1b[15~"),
        ("Enter", "\r"),
    ] {
        assert_eq!(lab.key(key), [write(Side::Host, bytes)], "{key}");
    }
    lab.send(Msg::Paste("a\nb".into()));
    assert_eq!(lab.key("C-5"), []);
    assert_eq!(lab.state.views.focus, Pane::Lesson);
}

#[test]
fn the_leave_key_pressed_twice_goes_to_the_program() {
    let mut lab = Lab::ready(FULL, Lang::En);
    let sent = [write(Side::Host, "\x1d")];
    lab.key("F3");
    assert_eq!(lab.key("C-5"), []);
    assert_eq!(lab.key("C-5"), sent);
    // The next keys are the program's again.
    assert_eq!(lab.key("i"), [write(Side::Host, "i")]);
    assert_eq!(lab.key("C-5 C-5"), sent);
    assert_eq!(lab.key("C-5"), []);
    // Another key between them.
    assert_eq!(lab.key("u C-5"), []);
    assert_eq!(lab.state.views.focus, Pane::Lesson);
    // A click between them.
    let area = lab.state.layout().shell(Side::Host).unwrap();
    lab.key("F3 C-5");
    lab.click(area.x, area.y);
    assert_eq!(lab.key("C-5"), []);
    assert_eq!(lab.state.views.focus, Pane::Lesson);
}

fn answered(side: Side, text: &str) -> Effect {
    let bytes = text.as_bytes().to_vec();
    Effect::Answer { side, bytes }
}

#[test]
fn programs_get_replies_and_focus_reports() {
    let mut lab = Lab::ready(FULL, Lang::En);
    assert_eq!(
        lab.output(Side::Host, "\x1b[6n"),
        [answered(Side::Host, "\x1b[1;19R")]
    );
    lab.output(Side::Host, "\x1b[?1004h");
    assert_eq!(lab.key("F3"), [write(Side::Host, "\x1b[I")]);
    assert_eq!(lab.key("C-]"), [write(Side::Host, "\x1b[O")]);
}

#[test]
fn programs_are_told_when_the_learner_looks_elsewhere() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.output(Side::Host, "\x1b[?1004h");
    // No shell has the keys.
    assert_eq!(lab.send(Msg::Focus(false)), []);
    assert_eq!(lab.key("F3"), []);
    assert_eq!(lab.send(Msg::Focus(true)), [write(Side::Host, "\x1b[I")]);
    assert_eq!(lab.send(Msg::Focus(true)), []);
    assert_eq!(lab.send(Msg::Focus(false)), [write(Side::Host, "\x1b[O")]);
}

#[test]
fn programs_are_told_the_colours_of_the_learners_terminal() {
    let mut lab = Lab::ready(FULL, Lang::En);
    let question = "\x1b]11;?\x07";
    assert_eq!(lab.output(Side::Host, question), []);
    lab.send(Msg::Colour(Slot::Background, [0xfd, 0xf6, 0xe3]));
    let answer = "\x1b]11;rgb:fdfd/f6f6/e3e3\x07";
    assert_eq!(
        lab.output(Side::Host, question),
        [answered(Side::Host, answer)]
    );
    // A shell that is launched later gets the report too.
    lab.key("F5");
    lab.start(Side::CONTAINER);
    let answer = [answered(Side::CONTAINER, answer)];
    assert_eq!(lab.output(Side::CONTAINER, question), answer);
}

#[test]
fn a_bell_is_heard_and_marked_where_nobody_looked() {
    let mut lab = Lab::ready(FULL, Lang::En);
    let marked = |lab: &Lab| lab.state.shells.get(Side::Host).has_rung;
    assert_eq!(lab.output(Side::Host, "\x07\x07"), [Effect::Ring]);
    assert!(marked(&lab));
    // A flood of them is heard four times a second.
    assert_eq!(lab.output(Side::Host, "\x07"), []);
    lab.wait(250);
    assert_eq!(lab.output(Side::Host, "\x07"), [Effect::Ring]);
    lab.key("F3");
    assert!(!marked(&lab));
    lab.wait(250);
    assert_eq!(lab.output(Side::Host, "\x07"), [Effect::Ring]);
    assert!(!marked(&lab));
    // The learner is in another window.
    lab.send(Msg::Focus(false));
    lab.output(Side::Host, "\x07");
    assert!(marked(&lab));
    lab.send(Msg::Focus(true));
    assert!(!marked(&lab));
}

#[test]
fn a_new_title_is_drawn_with_the_border() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("F3");
    lab.state.take_changed();
    lab.output(Side::Host, "text");
    assert_eq!(lab.state.take_changed(), Changed::Shell(Side::Host));
    lab.output(Side::Host, "\x1b]2;vim\x07");
    assert_eq!(lab.state.take_changed(), Changed::Screen);
    // Shells send their title with each prompt.
    lab.output(Side::Host, "\x1b]2;vim\x07");
    assert_eq!(lab.state.take_changed(), Changed::Shell(Side::Host));
}

#[test]
fn programs_copy_only_where_the_user_allowed_it() {
    let copy = "\x1b]52;c;Y29weSDkuK0=\x07";
    let text = Effect::Copy {
        text: "copy 中".into(),
    };
    for (clipboard, effects) in [(Clipboard::Closed, vec![]), (Clipboard::Open, vec![text])] {
        let (mut lab, _) = Lab::open(Setup {
            clipboard,
            ..setup(FULL, Lang::En)
        });
        lab.get_ready();
        assert_eq!(lab.output(Side::Host, copy), effects);
        // Bytes that are no text, and a text that may be cut off. The clipboard can never be read.
        let long = format!("\x1b]52;c;{}\x07", "QUJD".repeat(40_000));
        for other in [
            "\x1b]52;c;/w==\x07",
            "\x1b]52;c;?\x07",
            "\x1b]52;c;!\x07",
            &long,
        ] {
            assert_eq!(lab.output(Side::Host, other), [], "{other:.20}");
        }
    }
}

#[test]
fn a_drag_that_leaves_the_pane_sends_its_release() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.output(Side::Host, "\x1b[?1002h\x1b[?1006h");
    lab.key("F3");
    let area = lab.state.layout().shell(Side::Host).unwrap();
    let left = MouseButton::Left;
    let (cols, rows) = (area.width, area.height);
    assert_eq!(
        lab.click(area.x + 1, area.y + 2),
        [write(Side::Host, "\x1b[<0;2;3M")]
    );
    // Over the lesson, then below the pane.
    assert_eq!(
        lab.mouse(MouseEventKind::Drag(left), 0, area.y),
        [write(Side::Host, "\x1b[<32;1;1M")]
    );
    let last = format!("\x1b[<0;{cols};{rows}m");
    assert_eq!(
        lab.mouse(MouseEventKind::Up(left), FULL.0 - 1, FULL.1 - 1),
        [write(Side::Host, &last)]
    );
    // It has no button any more.
    assert_eq!(lab.mouse(MouseEventKind::Drag(left), 0, 0), []);
}

#[test]
fn every_motion_is_wanted_only_while_a_program_in_focus_wants_it() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.output(Side::Host, "\x1b[?1003h\x1b[?1006h");
    assert!(!lab.state.wants_motion());
    lab.key("F3");
    assert!(lab.state.wants_motion());
    let area = lab.state.layout().shell(Side::Host).unwrap();
    lab.state.take_changed();
    assert_eq!(
        lab.mouse(MouseEventKind::Moved, area.x, area.y),
        [write(Side::Host, "\x1b[<35;1;1M")]
    );
    assert_eq!(lab.state.take_changed(), Changed::Nothing);
    lab.output(Side::Host, "\x1b[?1003l");
    assert!(!lab.state.wants_motion());
}
