//! The screen with several containers, and the options of the next launch.

use unicode_width::UnicodeWidthStr;

use super::{COMPACT, FULL, assert_area, flags, overlay, pane, row, screen, text};
use crate::app::fixture::{Lab, container, set};
use crate::lang::Lang;
use crate::sandbox::{ContainerNumber, Side};

/// A pod: the second container joins the first one.
fn pod(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::with_container(size, lang, "uts,pid,mnt");
    let second = Side::Container(ContainerNumber::ALL[1]);
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

#[test]
fn the_next_launch() {
    assert_area("options", sheet, overlay, &Lang::ALL);
}

#[test]
fn two_containers_are_compared() {
    let [en, zh] = Lang::ALL.map(|lang| row(&compared(COMPACT, lang), "hostname"));
    insta::assert_snapshot!(en, @r"
                  CONTAINER                 CONTAINER 2              * changed
    >hostname     container                 vm                       ≠ own UTS
    ");
    insta::assert_snapshot!(zh, @r"
                  容器                      容器 2                   * 刚变化
    >hostname     container                 vm                       ≠ 独立 UTS
    ");
}

#[test]
fn each_container_has_a_tab() {
    let lab = tabs(COMPACT, Lang::ZhCn);
    insta::assert_snapshot!(text(&lab, flags(&lab)), @r"
    [ ]u UTS [ ]i IPC [x]p●PID [x]m●MNT [ ]n NET [ ]U USER [ ]C CGROUP [ ]T TIME
    setns(pid, UTS|PID|MNT); clone(child, stack, SIGCHLD | CLONE_NEW{PID,NS}, NULL)
    课程 ─ 宿主机 ─[容器 2/2]─ 对比 ───────────────────────────────── Ctrl-] 离开 ─
    ");
    insta::assert_snapshot!(text(&lab, pane(&lab)).trim(), @"[container2] root@container:~#");
    for lang in Lang::ALL {
        let shown = screen(&tabs(FULL, lang));
        let title = shown.lines().find(|line| line.contains("[2]")).unwrap();
        assert!(
            title.contains(" 1 [2]") && title.contains("PID MNT"),
            "{title}"
        );
    }
}

#[test]
fn a_click_on_a_number_shows_its_container() {
    for lang in Lang::ALL {
        let mut lab = Lab::with_container(FULL, lang, "uts");
        lab.key("a");
        let shown = |lab: &Lab| lab.state.shells.tab.get();
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
