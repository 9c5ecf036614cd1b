//! The screen in the situations a learner meets.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use rstest::rstest;

use crate::app::fixture::{DONE, Lab, container, set};
use crate::app::keymap::Pane;
use crate::app::{Failure, Lessons, Msg, UserKind};
use crate::explain::Refusal;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::lesson::Library;
use crate::namespace::Namespace;
use crate::observe::RowId;
use crate::sandbox::command::End;
use crate::sandbox::{Exit, Side, Step};
use crate::theme::Theme;

mod containers;
mod views;

fn buffer(lab: &Lab) -> Buffer {
    let (cols, rows) = lab.state.size;
    let mut terminal = Terminal::new(TestBackend::new(cols, rows)).unwrap();
    terminal
        .draw(|frame| super::draw(frame, &lab.state))
        .unwrap();
    terminal.backend().buffer().clone()
}

fn screen(lab: &Lab) -> String {
    let buffer = buffer(lab);
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut x = 0;
        let mut line = String::new();
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(unicode_width::UnicodeWidthStr::width(symbol).max(1)).unwrap();
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn start(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::new(size, lang);
    lab.key("l Home Enter");
    lab
}

/// The lesson about names, its container running and renamed, the prediction resolved.
fn running(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    lab.key("u F5 F2");
    lab.start(Side::CONTAINER);
    lab.output(Side::CONTAINER, "[container] root@container:~# ");
    lab.see(Side::CONTAINER, container(set("uts")));
    lab.wait(3_000);
    lab.key("Right 1 F4 Enter");
    let mut renamed = container(set("uts"));
    renamed.hostname = "web1".into();
    lab.output(
        Side::CONTAINER,
        "hostname web1\r\n[container] root@container:~# ",
    );
    lab.see(Side::CONTAINER, renamed);
    lab.key("C-5 i F2");
    lab
}

fn prediction(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::with_container(size, lang, "uts");
    lab.wait(3_000);
    lab.key("F2 Right Down Down");
    lab
}

/// Three namespaces of its own, seen as they were launched a moment ago; the flags have the keys.
fn three(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::with_container(size, lang, "uts,ipc,pid");
    lab.key("l Down Down Enter Tab Right");
    lab
}

fn exited(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::with_container(size, lang, "uts,pid");
    lab.output(Side::CONTAINER, "exit\r\n");
    let launch = lab.launch_of(Side::CONTAINER);
    lab.key("F4");
    lab.send(Msg::Exited {
        side: Side::CONTAINER,
        launch,
        exit: Exit::Status(3),
    });
    lab
}

fn refused(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    lab.key("u n F5");
    let launch = lab.launch_of(Side::CONTAINER);
    for (call, errno) in [
        ("setns(lab host)", None),
        ("clone(SIGCHLD|CLONE_NEWUTS|CLONE_NEWNET)", Some(28)),
    ] {
        lab.send(Msg::Step {
            side: Side::CONTAINER,
            launch,
            step: step(call, errno),
        });
    }
    lab.send(Msg::LaunchFailed {
        side: Side::CONTAINER,
        launch,
        why: Failure::Refused(Refusal::boxed(
            step("clone(SIGCHLD|CLONE_NEWUTS|CLONE_NEWNET)", Some(28)),
            &Facts {
                limits: [(Namespace::Net, 0)].into(),
                ..Facts::default()
            },
        )),
    });
    lab.key("F4");
    lab
}

fn step(call: &str, errno: Option<i32>) -> Step {
    Step {
        call: call.to_owned(),
        errno,
        value: 0,
        micros: 40,
    }
}

fn lab_failed(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::new(size, lang);
    let refused = step("unshare(CLONE_NEWUSER|CLONE_NEWNS)", Some(1));
    lab.send(Msg::LabFailed {
        steps: vec![refused.clone()],
        why: Failure::Refused(Refusal::boxed(
            refused,
            &Facts {
                unprivileged_userns_clone: Some(false),
                ..Facts::default()
            },
        )),
    });
    lab.key("F3");
    lab
}

fn help(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    lab.key("F1");
    lab
}

/// A course as long as nslab's: a lesson done, one begun, one that can't be here.
fn many_lessons(size: (u16, u16), lang: Lang) -> Lab {
    let directory = tempfile::tempdir().unwrap();
    for number in 1..=21 {
        let needs = match number {
            3 => "```needs\nnamespaces = [\"time\"]\notherwise = \"x\"\n```\n\n",
            _ => "",
        };
        let title = format!("A lesson with as long a title as may be, no. {number}");
        let text = format!(
            "+++\nid = \"l{number}\"\ntitle = \"{title}\"\nflags = []\nminutes = 9\n+++\n\n## One\n\n\
             {needs}```run host\nls\n```\n\n## Two\n\n{needs}```run host\nls\n```\n"
        );
        std::fs::write(directory.path().join(format!("{number:02}.md")), text).unwrap();
    }
    let library = |lang| Library::from_dir(directory.path(), lang).unwrap();
    let lessons = Lessons {
        en: library(Lang::En),
        zh: library(Lang::ZhCn),
    };
    let mut lab = Lab::with(size, lang, lessons);
    lab.state.kinds = set("uts");
    lab.get_ready();
    for _ in 0..5 {
        lab.key("F2 Enter");
    }
    lab.key("l Down");
    lab
}

fn glossary(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    lab.key("Right g Down");
    lab
}

/// The lessons as they were saved have mistakes.
fn broken(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    let errors = [
        "en/03-uts.md:14:9: there is no `host.hostnam`; did you mean `host.hostname`?",
        "zh-CN/03-uts.md:2:6: `主机` is no id; expected small letters, digits and `-`",
    ];
    let errors = errors.map(str::to_owned).to_vec();
    lab.send(Msg::LessonsBroken { errors });
    lab
}

fn lessons(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    lab.key("l Down");
    lab
}

fn quit(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    lab.key("q");
    lab.send(Msg::Running {
        programs: vec![
            (Side::Host, "vim".into()),
            (Side::CONTAINER, "sleep".into()),
        ],
    });
    lab
}

fn compare(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::with_container(size, lang, "uts,ipc,pid");
    lab.wait(3_000);
    lab.key("F6 F6");
    lab
}

/// The machine beside the two sides.
fn machine(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::with_container(size, lang, "uts,ipc,pid");
    lab.wait(3_000);
    lab.key("F6 z M");
    lab.see_machine();
    lab
}

/// Root has no user namespaces, and asks for a lab host without one.
fn risk(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = lab_failed(size, lang);
    lab.state.user = UserKind::Root;
    lab.key("F3 Enter");
    lab
}

/// The small comparison of a full screen with the cursor on its last row.
fn cursor(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::with_container(size, lang, "uts,ipc,pid");
    lab.wait(3_000);
    lab.key("F6 PgDn PgDn Up");
    lab
}

fn details(size: (u16, u16), lang: Lang, flags: &str, row: RowId) -> Lab {
    let mut lab = Lab::with_container(size, lang, flags);
    lab.wait(3_000);
    lab.details(row);
    lab
}

fn queues(size: (u16, u16), lang: Lang) -> Lab {
    details(size, lang, "uts,ipc", RowId::Queues)
}

fn three_numbers(size: (u16, u16), lang: Lang) -> Lab {
    details(size, lang, "uts,pid", RowId::ShellPid)
}

fn mounts(size: (u16, u16), lang: Lang) -> Lab {
    details(size, lang, "mnt", RowId::Mounts)
}

fn links(size: (u16, u16), lang: Lang) -> Lab {
    details(size, lang, "net", RowId::Interfaces)
}

fn processes(size: (u16, u16), lang: Lang) -> Lab {
    details(size, lang, "pid,mnt", RowId::Processes)
}

fn no_container(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    lab.details(RowId::Hostname);
    lab
}

fn command(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::with_container(size, lang, "uts,pid");
    lab.wait(3_000);
    let number = lab.command("hostname; cat /etc/os-release | head -1");
    lab.printed(number, Side::Host, "vm\nNAME=\"x\"\n", DONE);
    let container = "container\nNAME=\"x\"\n\x1b[31m宿\u{202e}\n";
    lab.printed(number, Side::CONTAINER, container, End::TooLong);
    lab
}

fn prompt(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = queues(size, lang);
    lab.key("!");
    lab.send(Msg::Paste(" # 宿主机".to_owned()));
    lab
}

#[rstest]
fn situations(
    #[values((80, 24), (120, 40))] size: (u16, u16),
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
) {
    type Situation = fn((u16, u16), Lang) -> Lab;
    let all: [(&str, Situation); 25] = [
        ("start", start),
        ("running", running),
        ("prediction", prediction),
        ("three", three),
        ("exited", exited),
        ("refused", refused),
        ("lab-failed", lab_failed),
        ("help", help),
        ("lessons", lessons),
        ("lessons-many", many_lessons),
        ("glossary", glossary),
        ("broken", broken),
        ("quit", quit),
        ("compare", compare),
        ("machine", machine),
        ("risk", risk),
        ("cursor", cursor),
        ("details-queues", queues),
        ("details-numbers", three_numbers),
        ("details-mounts", mounts),
        ("details-links", links),
        ("details-processes", processes),
        ("details-no-container", no_container),
        ("details-command", command),
        ("prompt", prompt),
    ];
    for (name, situation) in all {
        let lab = situation(size, lang);
        let name = format!("{name}-{}x{}-{lang}", size.0, size.1);
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(name, screen(&lab));
        });
    }
}

#[test]
fn too_small_says_so_and_recovers() {
    let mut lab = running((80, 24), Lang::En);
    let before = screen(&lab);
    lab.send(Msg::Resize { cols: 40, rows: 5 });
    assert!(screen(&lab).contains("too small: 40x5, needs 60x16"));
    assert!(screen(&lab).contains("窗口太小：40x5，至少需要 60x16"));
    lab.send(Msg::Resize { cols: 20, rows: 5 });
    screen(&lab);
    lab.send(Msg::Resize { cols: 80, rows: 24 });
    assert_eq!(screen(&lab), before);
}

#[test]
fn a_screen_in_between() {
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("running-62x16-en", screen(&running((62, 16), Lang::En)));
    });
}

#[test]
fn without_colour_everything_still_says_what_it_is() {
    let mut lab = three((120, 40), Lang::En);
    lab.state.theme = Theme::NoColor;
    let drawn = buffer(&lab);
    for cell in drawn.content() {
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
    }
    let (area, form) = lab.state.layout().flags().unwrap();
    let cursor = form.cells(area)[lab.state.flag as usize].1;
    assert_eq!(lab.state.focus, Pane::Flags);
    assert!(
        drawn[(cursor.x + 1, cursor.y)]
            .modifier
            .contains(Modifier::REVERSED)
    );
    assert_eq!(drawn[(cursor.x, cursor.y)].symbol(), ">");
    // The same text as with colours.
    let plain = screen(&lab);
    lab.state.theme = Theme::Ansi;
    assert_eq!(plain, screen(&lab));
}

#[rstest]
fn only_the_lesson_that_is_shown_is_read(#[values((80, 24), (120, 40))] size: (u16, u16)) {
    let mut lab = Lab::ready(size, Lang::En);
    screen(&lab);
    lab.key("Right");
    screen(&lab);
    assert_eq!(lab.state.lessons.en.read(), ["uts"]);
    assert_eq!(lab.state.lessons.zh.read(), Vec::<&str>::new());
    lab.key("L");
    screen(&lab);
    assert_eq!(lab.state.lessons.en.read(), ["uts"]);
    assert_eq!(lab.state.lessons.zh.read(), ["uts"]);
}
