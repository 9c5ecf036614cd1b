//! The screen in the situations a learner meets: mostly one pane of it, in both languages.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use rstest::rstest;

use super::Frame;
use crate::app::fixture::{DONE, Lab, container, course, lessons_in, set, setup};
use crate::app::keymap::Pane;
use crate::app::layout::Layout;
use crate::app::texts;
use crate::app::{
    Failure, LabEvent, Lessons, LessonsEvent, Mistake, Msg, Setup, ShellEvent, UserKind,
};
use crate::explain::Refusal;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::lesson::{Glossary, Library};
use crate::namespace::Namespace;
use crate::observe::RowId;
use crate::sandbox::command::CommandEnd;
use crate::sandbox::{Call, Exit, Side, Step};
use crate::theme::Theme;

mod containers;
mod map_view;
mod views;

const FULL: (u16, u16) = (120, 40);
const COMPACT: (u16, u16) = (80, 24);

/// Builds a lab in some situation.
type Situation = fn((u16, u16), Lang) -> Lab;
/// Picks the part of the screen that a test is about.
type Area = fn(&Lab) -> Rect;

fn buffer(lab: &Lab) -> Buffer {
    let (cols, rows) = lab.state.size;
    let mut frame = Frame::new(Rect::new(0, 0, cols, rows));
    super::draw(&mut frame, &lab.state);
    frame.buffer
}

/// The text of an area of the screen.
fn text(lab: &Lab, area: Rect) -> String {
    let buffer = buffer(lab);
    let mut text = String::new();
    for y in area.top()..area.bottom() {
        let mut x = area.left();
        let mut line = String::new();
        while x < area.right() {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(unicode_width::UnicodeWidthStr::width(symbol).max(1)).unwrap();
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn whole_screen(lab: &Lab) -> Rect {
    let (cols, rows) = lab.state.size;
    Rect::new(0, 0, cols, rows)
}

fn screen(lab: &Lab) -> String {
    text(lab, whole_screen(lab))
}

/// The pane of a compact screen, or the right column of a full one.
fn pane(lab: &Lab) -> Rect {
    lab.state.layout().whole().unwrap()
}

fn flags(lab: &Lab) -> Rect {
    match lab.state.layout() {
        Layout::Full(full) => full.flags,
        Layout::Compact(compact) => compact.flags.union(compact.clone).union(compact.tabs),
        Layout::TooSmall | Layout::Zoomed(_) => panic!("{:?} shows no flags", lab.state.size),
    }
}

/// The box over a compact screen, which has no other borders.
fn overlay(lab: &Lab) -> Rect {
    let buffer = buffer(lab);
    let corner = |symbol| {
        let at = buffer.content().iter().position(|it| it.symbol() == symbol);
        let (x, y) = buffer.pos_of(at.unwrap_or_else(|| panic!("no box:\n{}", screen(lab))));
        Rect::new(x, y, 1, 1)
    };
    corner("┌").union(corner("┘"))
}

/// Compares an area of the compact screen, in these languages, with a snapshot file.
fn assert_area(name: &str, situation: Situation, area: Area, langs: &[Lang]) {
    let shown = langs.iter().map(|&lang| {
        let lab = situation(COMPACT, lang);
        format!("--- {lang}\n{}", text(&lab, area(&lab)))
    });
    assert_snapshot(name, &shown.collect::<String>());
}

fn assert_snapshot(name: &str, shown: &str) {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ui/snapshots");
    insta::with_settings!({
        prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => directory,
    }, {
        insta::assert_snapshot!(name, shown);
    });
}

fn start(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::new(size, lang);
    lab.key("l Home Enter");
    lab
}

/// The lesson `uts`: its container runs and is renamed, and the prediction has a verdict.
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

/// A container with three namespaces, launched a moment ago; the flags have the focus.
fn three(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::with_container(size, lang, "uts,ipc,pid");
    lab.go("numbers", 0);
    lab.key("Tab Right");
    lab
}

fn exited(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::with_container(size, lang, "uts,pid");
    lab.output(Side::CONTAINER, "exit\r\n");
    let launch = lab.launch_of(Side::CONTAINER);
    lab.key("F4");
    lab.send(Msg::Shell(
        Side::CONTAINER,
        launch,
        ShellEvent::Exited(Exit::Status(3)),
    ));
    lab
}

fn refused(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    lab.key("u n F5");
    let launch = lab.launch_of(Side::CONTAINER);
    let clone = Call::Clone("uts,net".parse().unwrap());
    for (call, errno) in [("setns(lab host)".into(), None), (clone.clone(), Some(28))] {
        lab.send(Msg::Shell(
            Side::CONTAINER,
            launch,
            ShellEvent::Step(step(call, errno)),
        ));
    }
    lab.send(Msg::Shell(
        Side::CONTAINER,
        launch,
        ShellEvent::Failed(Failure::Refused(Refusal::boxed(
            step(clone, Some(28)),
            &Facts {
                limits: [(Namespace::Net, 0)].into(),
                ..Facts::default()
            },
        ))),
    ));
    lab.key("F4");
    lab
}

fn step(call: Call, errno: Option<i32>) -> Step {
    Step {
        call,
        errno,
        value: 0,
        micros: 40,
    }
}

fn lab_failed(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::new(size, lang);
    let refused = step(Call::Unshare("user,mnt".parse().unwrap()), Some(1));
    lab.send(Msg::Lab(LabEvent::Failed {
        steps: vec![refused.clone()],
        why: Failure::Refused(Refusal::boxed(
            refused,
            &Facts {
                unprivileged_userns_clone: Some(false),
                ..Facts::default()
            },
        )),
    }));
    lab.key("F3");
    lab
}

fn help(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    lab.key("F1");
    lab
}

/// A course longer than the screen: one lesson is done, one begun, one can't work here.
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
    let mut lab = Lab::with(size, lang, lessons_in(directory.path()));
    lab.state.system.kinds = set("uts");
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

/// The saved lessons have mistakes.
fn broken(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    let errors = [
        "en/03-uts.md:14:9: there is no `host.hostnam`; did you mean `host.hostname`?",
        "zh-CN/03-uts.md:2:6: `主机` is no id; expected small letters, digits and `-`",
    ];
    lab.send(Msg::Lessons(LessonsEvent::Read {
        lessons: Box::new(course()),
        absent: std::collections::BTreeSet::new(),
        mistakes: errors
            .map(|it| Mistake([it.to_owned(), it.to_owned()]))
            .to_vec(),
    }));
    lab.key("e");
    lab
}

fn lessons(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    lab.key("l Down");
    lab
}

/// The list while it is searched.
fn lessons_searched(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = many_lessons(size, lang);
    lab.key("/ 2");
    lab
}

fn nothing_found(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    lab.key("l / § 宿");
    lab
}

fn glossary_searched(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    lab.key("g / V e t h");
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

/// The comparison with the machine as a third column.
fn machine(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::with_container(size, lang, "uts,ipc,pid");
    lab.wait(3_000);
    lab.key("F6 z M");
    lab.see_machine();
    lab
}

/// Root asks for a lab host without a user namespace, because the kernel refused one.
fn risk(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = lab_failed(size, lang);
    lab.state.system.user = UserKind::Root;
    lab.key("F3 Enter");
    lab
}

/// The small comparison of a full screen with the cursor on its last row but one.
fn cursor(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::with_container(size, lang, "uts,ipc,pid");
    lab.wait(3_000);
    lab.key("F6 PgDn PgDn PgDn Up");
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
    lab.printed(number, Side::CONTAINER, container, CommandEnd::TooLong);
    lab
}

fn prompt(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = queues(size, lang);
    lab.key("!");
    lab.send(Msg::Paste(" # 宿主机".to_owned()));
    lab
}

#[rstest]
#[case::english(Lang::En, "type here")]
#[case::chinese(Lang::ZhCn, "在这里输入")]
fn the_footer_names_the_key_that_types_into_the_shown_shell(
    #[case] lang: Lang,
    #[case] word: &str,
) {
    let mut lab = Lab::ready(COMPACT, lang);
    lab.key("u F5");
    lab.start(Side::CONTAINER);
    let footer = |lab: &Lab| screen(lab).lines().last().unwrap().to_owned();
    assert!(
        footer(&lab).contains(&format!("F4 {word}")),
        "{}",
        footer(&lab)
    );
    // The key does what the footer says, which then says how to leave.
    lab.key("F4");
    assert_eq!(lab.state.place(), crate::app::keymap::Place::Shell);
    assert!(!footer(&lab).contains(word), "{}", footer(&lab));
}

#[rstest]
fn a_whole_screen(
    #[values(COMPACT, FULL)] size: (u16, u16),
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
) {
    let name = format!("screen-{}x{}-{lang}", size.0, size.1);
    assert_snapshot(&name, &screen(&running(size, lang)));
}

#[rstest]
#[case::start("start", start, pane)]
#[case::prediction("prediction", prediction, pane)]
#[case::flags("flags", three, flags)]
#[case::exited("exited", exited, pane)]
#[case::refused("refused", refused, pane)]
#[case::lab_failed("lab-failed", lab_failed, pane)]
#[case::help("help", help, overlay)]
#[case::lessons("lessons", lessons, overlay)]
#[case::lessons_many("lessons-many", many_lessons, overlay)]
#[case::lessons_searched("lessons-searched", lessons_searched, overlay)]
#[case::nothing_found("nothing-found", nothing_found, overlay)]
#[case::glossary_searched("glossary-searched", glossary_searched, overlay)]
#[case::broken("broken", broken, pane)]
#[case::quit("quit", quit, overlay)]
#[case::risk("risk", risk, overlay)]
#[case::details_queues("details-queues", queues, pane)]
#[case::details_numbers("details-numbers", three_numbers, pane)]
#[case::details_mounts("details-mounts", mounts, pane)]
#[case::details_links("details-links", links, pane)]
#[case::details_processes("details-processes", processes, pane)]
#[case::details_no_container("details-no-container", no_container, pane)]
#[case::details_command("details-command", command, pane)]
#[case::prompt("prompt", prompt, overlay)]
fn an_area(#[case] name: &str, #[case] situation: Situation, #[case] area: Area) {
    assert_area(name, situation, area, &Lang::ALL);
}

#[test]
fn the_border_has_what_a_program_says() {
    for (lang, rang) in [(Lang::En, "bell rang"), (Lang::ZhCn, "响过铃")] {
        let mut lab = running((120, 40), lang);
        lab.output(Side::Host, "\x1b]2;vim notes\x07\x07");
        let shown = screen(&lab);
        assert!(
            shown.contains(&format!(" · {rang} · vim notes ")),
            "{shown}"
        );
        lab.key("F3");
        let shown = screen(&lab);
        assert!(!shown.contains(rang), "{shown}");
    }
}

/// Where a tab is the border of a shell.
#[test]
fn a_tab_has_what_a_program_says() {
    for (lang, rang) in [(Lang::En, "bell rang"), (Lang::ZhCn, "响过铃")] {
        let mut lab = running((80, 24), lang);
        lab.output(Side::Host, "\x1b]2;vim notes\x07\x07");
        let tabs = |lab: &Lab| screen(lab).lines().nth(3).unwrap().to_owned();
        let shown = tabs(&lab);
        assert!(shown.contains(&format!(" F3 · {rang} ")), "{shown}");
        assert!(!shown.contains("vim notes"), "{shown}");
        lab.key("F3");
        let shown = tabs(&lab);
        assert!(!shown.contains(rang), "{shown}");
        assert!(shown.contains("─ vim notes "), "{shown}");
        lab.output(Side::Host, &format!("\x1b]2;{}\x07", "long ".repeat(30)));
        let shown = tabs(&lab);
        assert!(shown.contains("─ long long"), "{shown}");
        assert!(
            shown.contains(&texts::leaves(lang, lab.state.leave_key)),
            "{shown}"
        );
    }
}

/// A container whose tab is not open.
#[test]
fn the_number_of_a_hidden_container_that_has_rung_is_marked() {
    let mut lab = running((120, 40), Lang::En);
    lab.key("F6 a");
    lab.output(Side::CONTAINER, "\x07");
    let shown = screen(&lab);
    assert!(shown.contains("Container shell  1![2]"), "{shown}");
}

/// The only snapshot besides the whole screens with the full list of rows.
#[test]
fn the_comparison() {
    let shown = [(COMPACT, Lang::ZhCn), (FULL, Lang::En)].map(|(size, lang)| {
        let lab = compare(size, lang);
        format!("--- {lang}\n{}", text(&lab, pane(&lab)))
    });
    assert_snapshot("compare", &shown.concat());
}

/// The heading of the comparison, and the row with this label.
fn row(lab: &Lab, label: &str) -> String {
    let shown = text(lab, pane(lab));
    let mut lines = shown.lines();
    let heading = lines.next().unwrap();
    let row = lines.find(|line| line[1..].starts_with(label)).unwrap();
    format!("{heading}\n{row}\n")
}

#[test]
fn the_machine_has_a_column() {
    let [en, zh] = Lang::ALL.map(|lang| row(&machine(COMPACT, lang), "PID 1"));
    insta::assert_snapshot!(en, @r"
                 HOST             CONTAINER       * changed     MACHINE
    PID 1        nslab            nslab           = own PID     systemd
    ");
    insta::assert_snapshot!(zh, @r"
                 宿主机           容器            * 刚变化      本机
    PID 1        nslab            nslab           = 独立 PID    systemd
    ");
}

/// The comparison scrolls so that the row below the cursor stays in view.
#[test]
fn the_cursor_is_marked() {
    let lab = cursor(FULL, Lang::En);
    let area = lab.state.layout().compare(false).unwrap();
    let shown = text(&lab, area);
    let last_two: Vec<&str> = shown.lines().rev().take(2).collect();
    let [_, before, last] = *RowId::ALL.last_chunk().unwrap();
    assert!(
        last_two[0].starts_with(&format!(" {}", last.entry().label)),
        "{shown}"
    );
    assert!(
        last_two[1].starts_with(&format!(">{}", before.entry().label)),
        "{shown}"
    );
    assert_eq!(shown.matches('>').count(), 1, "{shown}");
}

/// The text shown is that of the term under the cursor; any glossary will do.
#[rstest]
fn the_glossary_has_a_list_and_a_text(#[values(Lang::En, Lang::ZhCn)] lang: Lang) {
    let lab = glossary(COMPACT, lang);
    let shown = text(&lab, overlay(&lab));
    let terms = Glossary::of(lang).terms();
    let heading = format!("/{} ", terms.len());
    assert!(shown.lines().next().unwrap().contains(&heading), "{shown}");
    let cursor = shown.lines().find(|line| line.starts_with("│ >")).unwrap();
    let term = terms
        .iter()
        .find(|term| cursor.contains(&term.name))
        .unwrap();
    let text: Vec<&str> = shown
        .lines()
        .filter_map(|line| line.splitn(3, '│').nth(2))
        .collect();
    let start: String = term.text.chars().take(12).collect();
    assert!(text[0].contains(&term.name), "{shown}");
    assert!(text.concat().contains(&start), "{shown}");
}

/// The last line of the screen in each situation: the keys of that place.
#[rstest]
fn the_keys_below(
    #[values(COMPACT, FULL)] size: (u16, u16),
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
) {
    let all: [(&str, Situation); 17] = [
        ("start", start),
        ("running", running),
        ("prediction", prediction),
        ("three", three),
        ("exited", exited),
        ("refused", refused),
        ("lab-failed", lab_failed),
        ("help", help),
        ("lessons", lessons),
        ("search", glossary_searched),
        ("glossary", glossary),
        ("quit", quit),
        ("compare", compare),
        ("risk", risk),
        ("details", queues),
        ("command", command),
        ("prompt", prompt),
    ];
    let lines = all.map(|(name, situation)| {
        let shown = screen(&situation(size, lang));
        format!("{name:11}{}\n", shown.lines().last().unwrap())
    });
    assert_snapshot(
        &format!("keys-{}x{}-{lang}", size.0, size.1),
        &lines.concat(),
    );
}

#[test]
fn too_small_says_so_and_recovers() {
    let mut lab = running(COMPACT, Lang::En);
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
    let lab = running((62, 16), Lang::En);
    insta::assert_snapshot!(text(&lab, flags(&lab)), @r"
     [x]u●  [x]i   [ ]p   [ ]m   [ ]n   [ ]U   [ ]C   [ ]T
     clone(child, stack, SIGCHLD | CLONE_NEW{UTS,IPC}, NULL)
    [Lesson F2]─ Host F3 ─ Container F4 ─ Compare F6 ─────────────
    ");
    insta::assert_snapshot!(text(&lab, pane(&lab)), @r"
      measured: host vm, container web1
      ✘ Not quite.
      A hostname is stored in a UTS namespace, and the container
      has one of its own.
    ─────────────────────────────────────────────────── ↓ more ─
    Enter: read on ↓
    ");
}

#[test]
fn without_colour_everything_still_says_what_it_is() {
    let mut lab = three(FULL, Lang::En);
    lab.state.theme = Theme::NoColor;
    let drawn = buffer(&lab);
    for cell in drawn.content() {
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
    }
    let (area, form) = lab.state.layout().flags().unwrap();
    let cursor = form.cells(area)[lab.state.next_launch.cursor as usize].1;
    assert_eq!(lab.state.views.focus, Pane::Flags);
    assert!(
        drawn[(cursor.x + 1, cursor.y)]
            .modifier
            .contains(Modifier::REVERSED)
    );
    assert_eq!(drawn[(cursor.x, cursor.y)].symbol(), ">");
    // The text is the same as with colours.
    let plain = screen(&lab);
    lab.state.theme = Theme::Ansi;
    assert_eq!(plain, screen(&lab));
}

#[rstest]
fn only_the_lesson_that_is_shown_is_read(#[values(COMPACT, FULL)] size: (u16, u16)) {
    let [en, zh] = Lang::ALL.map(Library::embedded);
    let first = en.ids().next().unwrap().to_owned();
    let (mut lab, _) = Lab::open(Setup {
        lessons: Lessons { en, zh },
        start: None,
        ..setup(size, Lang::En)
    });
    screen(&lab);
    lab.key("Right");
    screen(&lab);
    assert_eq!(lab.state.lesson.lessons.en.read(), [first.as_str()]);
    assert_eq!(lab.state.lesson.lessons.zh.read(), Vec::<&str>::new());
    lab.key("L");
    screen(&lab);
    assert_eq!(lab.state.lesson.lessons.en.read(), [first.as_str()]);
    assert_eq!(lab.state.lesson.lessons.zh.read(), [first.as_str()]);
}
