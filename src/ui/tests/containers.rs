//! Several containers, and the sheet of the next launch, as a learner meets them.

use rstest::rstest;
use unicode_width::UnicodeWidthStr;

use super::screen;
use crate::app::fixture::{Lab, container, set};
use crate::lang::Lang;
use crate::sandbox::{Nth, Side};

/// A pod: a second container that joins the first one, compared with it.
fn pod(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::with_container(size, lang, "uts,pid,mnt");
    let second = Side::Container(Nth::ALL[1]);
    lab.key("a u o Down Right Down Right F5");
    lab.start(second);
    lab.output(second, "[container2] root@container:~# ");
    lab.see(second, container(set("pid,mnt")));
    lab
}

fn tabs(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = pod(size, lang);
    lab.key("F4");
    lab
}

fn compared(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = pod(size, lang);
    lab.key("F6 Left");
    lab
}

fn sheet(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = pod(size, lang);
    lab.key("o Down");
    lab
}

#[rstest]
#[case::tabs("containers-tabs", tabs)]
#[case::compared("containers-compared", compared)]
#[case::sheet("containers-sheet", sheet)]
fn several_containers(#[case] name: &str, #[case] set_up: fn((u16, u16), Lang) -> Lab) {
    for (cols, rows) in [(80, 24), (120, 40)] {
        for lang in Lang::ALL {
            let lab = set_up((cols, rows), lang);
            let name = format!("{name}-{cols}x{rows}-{}", lang.name());
            insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../snapshots"}, {
                insta::assert_snapshot!(name, screen(&lab));
            });
        }
    }
}

#[test]
fn a_click_on_a_number_shows_its_container() {
    for lang in Lang::ALL {
        let mut lab = Lab::with_container((120, 40), lang, "uts");
        lab.key("a");
        let shown = |lab: &Lab| lab.state.tab.number();
        let screen = screen(&lab);
        let (row, line) = screen
            .lines()
            .enumerate()
            .find(|(_, line)| line.contains("[2]"))
            .unwrap();
        let column = |text: &str| {
            let before = &line[..line.find(text).unwrap()];
            u16::try_from(before.width() + 1).unwrap()
        };
        let row = u16::try_from(row).unwrap();
        let (first, second) = (column(" 1 "), column("[2]"));
        lab.click(first, row);
        assert_eq!(shown(&lab), 1, "{lang}");
        lab.key("a");
        lab.click(second, row);
        assert_eq!(shown(&lab), 2, "{lang}");
    }
}
