//! Copy mode: reading, searching and copying the output of a shell with keys.

use rstest::rstest;

use super::{COMPACT, FULL};
use crate::app::copy_mode;
use crate::app::fixture::Lab;
use crate::app::keymap::{Pane, Place};
use crate::app::notice::Notice;
use crate::app::{ClipboardEvent, Effect, Msg, ShellEvent};
use crate::lang::Lang;
use crate::pty::emulator::{Emulator, Toward};
use crate::sandbox::{Exit, Side};

/// A lab with the focus in the host shell, which has printed `line 1` to `line 99`.
fn printed(size: (u16, u16)) -> Lab {
    let mut lab = Lab::ready(size, Lang::En);
    lab.key("F3");
    let lines = (1..100).fold(String::new(), |all, n| all + &format!("line {n} of it\r\n"));
    lab.output(Side::Host, &(lines + "$ "));
    lab
}

fn shown(lab: &Lab) -> &Emulator {
    copy_mode::shown_screen(&lab.state, Side::Host)
}

fn notice(lab: &Lab) -> Option<&Notice> {
    lab.state.notice.as_ref().map(|(notice, _)| notice)
}

/// Effects that reach a program.
fn written(effects: &[Effect]) -> bool {
    let writes = |effect: &Effect| matches!(effect, Effect::Write { .. } | Effect::Type { .. });
    effects.iter().any(writes)
}

#[rstest]
fn the_leave_key_and_a_page_key_scroll_and_end_goes_back(
    #[values(COMPACT, FULL)] size: (u16, u16),
    #[values("", "C-] z ")] zoom: &str,
) {
    let mut lab = printed(size);
    lab.key(&format!("{zoom}C-] PgUp"));
    let layout = lab.state.layout();
    let rows = usize::from(shown(&lab).size().1);
    assert_eq!(lab.state.place(), Place::CopyMode);
    assert!(shown(&lab).scrolled_by() > 0);
    lab.key("PgUp PgUp PgDn");
    assert!(shown(&lab).scrolled_by() > rows / 2);
    lab.key("Home");
    assert!(shown(&lab).text().contains("line 1 of it"));
    lab.key("End");
    assert_eq!(lab.state.place(), Place::Shell);
    assert_eq!(shown(&lab).scrolled_by(), 0);
    assert_eq!(lab.state.layout(), layout, "the pane stays as it is");
    lab.key("C-] Home");
    assert!(shown(&lab).text().contains("line 1 of it"));
}

#[test]
fn what_is_selected_by_keys_is_copied_and_the_shell_gets_no_key() {
    let mut lab = printed(FULL);
    for key in "C-] [ x k 0 w v e a".split(' ') {
        assert_eq!(lab.key(key), [], "{key}");
    }
    let text = "99".to_owned();
    assert_eq!(lab.key("y"), [Effect::Copy { text }]);
    assert_eq!(lab.state.place(), Place::Shell);
    assert!(written(&lab.key("x")), "the shell has the keys again");
    lab.key("C-] [");
    assert!(!written(&lab.send(Msg::Paste("rm".into()))));
    assert_eq!(lab.key("q"), []);
    assert_eq!(lab.state.place(), Place::Shell);
}

#[test]
fn the_keys_of_emacs_do_what_those_of_vi_do() {
    let mut lab = printed(FULL);
    // Each pair of keys, from the same place.
    for (vi, emacs) in [
        ("k", "C-p"),
        ("k j", "C-p C-n"),
        ("k h", "C-p C-b"),
        ("k 0 l", "C-p C-a C-f"),
        ("k 0 e", "C-p C-a M-f"),
        ("k $ b", "C-p C-e M-b"),
        ("PgUp", "M-v"),
        ("PgUp PgUp PgDn", "M-v M-v C-v"),
        ("g", "M-<"),
        ("g G", "M-< M->"),
        ("? 5 Enter", "C-r 5 Enter"),
        ("g / 5 Enter n", "M-< C-s 5 Enter n"),
    ] {
        let [by_vi, by_emacs] = [vi, emacs].map(|keys| {
            lab.key(&format!("C-] [ {keys}"));
            let seen = (shown(&lab).cursor(), shown(&lab).scrolled_by());
            lab.key("q");
            seen
        });
        assert_eq!(by_vi, by_emacs, "{vi} {emacs}");
        assert_eq!(lab.state.place(), Place::Shell, "{vi} {emacs}");
    }
    for key in ["M-w", "C-w"] {
        lab.key("C-] [ C-p C-a C-Space M-f");
        let text = "line".to_owned();
        assert_eq!(lab.key(key), [Effect::Copy { text }]);
    }
    lab.key("C-] [ C-p C-Space C-a C-g");
    assert_eq!(lab.key("M-w"), [], "nothing is selected");
    lab.key("C-] [ C-s 9 C-g");
    assert_eq!(lab.state.place(), Place::CopyMode, "the search is closed");
}

#[test]
fn the_tool_of_the_clipboard_is_named_only_to_who_has_copied() {
    let mut lab = printed(FULL);
    lab.send(Msg::Clipboard(ClipboardEvent::Copied { tool: "xclip" }));
    assert_eq!(notice(&lab), None, "a program has copied");
    lab.key("C-] [ k 0 v y");
    assert_eq!(notice(&lab), Some(&Notice::CopiedSelection));
    lab.send(Msg::Clipboard(ClipboardEvent::Copied { tool: "xclip" }));
    assert_eq!(notice(&lab), Some(&Notice::CopiedWith("xclip")));
}

#[test]
fn output_moves_nothing_and_is_there_afterwards() {
    let mut lab = printed(FULL);
    lab.key("C-] [");
    let before = shown(&lab).text();
    lab.output(Side::Host, "\x1b[H\x1b[2Jlater\r\n");
    lab.output(Side::Host, &"more\r\n".repeat(20_000));
    assert_eq!(shown(&lab).text(), before);
    lab.key("q");
    assert!(shown(&lab).text().contains("more"));
}

#[test]
fn a_shell_that_ends_and_another_pane_leave_it() {
    let mut lab = printed(FULL);
    lab.key("C-] [");
    lab.send(Msg::Shell(
        Side::Host,
        1,
        ShellEvent::Exited(Exit::Status(0)),
    ));
    assert_eq!(lab.state.place(), Place::Ended);
    let mut lab = printed(FULL);
    lab.key("C-] [ C-]");
    assert_eq!(lab.state.views.focus, Pane::Lesson);
    assert!(!copy_mode::copies(&lab.state, Side::Host));
}

#[test]
fn a_copy_follows_the_size_of_its_pane() {
    let mut lab = printed(FULL);
    lab.key("C-] PgUp");
    lab.send(Msg::Resize { cols: 80, rows: 24 });
    let size = lab.state.shells.get(Side::Host).emulator.size();
    assert_eq!(shown(&lab).size(), size);
    assert_eq!(lab.state.place(), Place::CopyMode);
}

#[test]
fn a_search_finds_on_and_back_and_says_where_it_began_again() {
    let mut lab = printed(FULL);
    let under = |lab: &Lab| {
        let row = usize::from(shown(lab).cursor().unwrap().row);
        let text = shown(lab).text();
        let line = text.lines().nth(row).unwrap().to_owned();
        (line, shown(lab).found_columns(u16::try_from(row).unwrap()))
    };
    lab.key("C-] [ ?");
    assert_eq!(lab.state.place(), Place::CopySearch);
    for key in "L I q C-c".split(' ') {
        assert_eq!(lab.key(key), [], "{key}");
    }
    assert_eq!(lab.state.place(), Place::CopyMode);
    lab.key("? l i n e Space 5 Enter");
    assert_eq!(under(&lab), ("line 59 of it".to_owned(), Some((0, 5))));
    assert_eq!(notice(&lab), None);
    lab.key("n");
    assert_eq!(under(&lab).0, "line 58 of it");
    lab.key("N N");
    assert_eq!(under(&lab).0, "line 5 of it");
    let wrapped = Notice::SearchWrapped(Toward::Newer);
    assert_eq!(notice(&lab), Some(&wrapped));
    lab.key("/ Enter");
    assert_eq!(under(&lab).0, "line 50 of it");
    lab.key("/ L I N E Enter");
    assert_eq!(notice(&lab), Some(&Notice::NotFound("LINE".into())));
    assert_eq!(under(&lab), ("line 50 of it".to_owned(), None));
}
