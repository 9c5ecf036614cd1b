//! Any message at any time, at any size: there is always a screen.

use std::collections::BTreeSet;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use ratatui::layout::Rect;

use crate::app::fixture::{DONE, Lab, container, course, detail, event, host, one_lesson, set};
use crate::app::lesson_lab::ChangedBy;
use crate::app::{
    Changed, ClipboardEvent, CommandAnswer, Failure, FileEvent, LabEvent, LessonsEvent,
    MachineEvent, MapEvent, Msg, NotCopied, NotSaved, ProcessEvent, ProgressEvent, ShellEvent,
    TypingEvent, WhyNotCopied,
};
use crate::explain::Refusal;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::namespace::Namespace;
use crate::observe::Inside;
use crate::pty::emulator::Slot;
use crate::sandbox::command::{CommandEnd, CommandOutcome};
use crate::sandbox::{Call, ContainerNumber, Exit, Plan, Shortfall, Side, Step};
use crate::ui::Frame;

/// Keys of every place, those of shells and of prompts among them.
const KEYS: &str = "F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 Tab BackTab Enter Esc Up Down Left Right \
    PgUp PgDn Home End Space Backspace u i p m n U C T 1 2 9 s h l x X B M L d c t g o a < > [ ] z y \
    w q ! C-5 C-c S-PgUp";

fn side() -> impl Strategy<Value = Side> {
    prop::sample::select(vec![
        Side::Host,
        Side::CONTAINER,
        Side::Container(ContainerNumber::ALL[1]),
    ])
}

/// The launch of a message: a side, and a number that may be an old one.
fn launch() -> impl Strategy<Value = (Side, u32)> {
    (side(), 0_u32..6)
}

fn key() -> impl Strategy<Value = Msg> {
    let names: Vec<&str> = KEYS.split_whitespace().collect();
    prop::sample::select(names).prop_map(|name| Msg::Key(event(name)))
}

fn mouse() -> impl Strategy<Value = Msg> {
    let kinds = prop::sample::select(vec![
        MouseEventKind::Down(MouseButton::Left),
        MouseEventKind::ScrollDown,
        MouseEventKind::ScrollUp,
    ]);
    (kinds, 0_u16..300, 0_u16..100).prop_map(|(kind, column, row)| {
        Msg::Mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        })
    })
}

fn step() -> impl Strategy<Value = Step> {
    let calls = prop::sample::select(vec![
        Call::Clone(set("uts")),
        Call::Unshare(set("user,mnt")),
        Call::Exec(vec!["bash".to_owned()]),
        Call::from("你\u{1b}[2J("),
    ]);
    let errno = prop::sample::select(vec![None, Some(1), Some(28), Some(-7)]);
    (calls, errno).prop_map(|(call, errno)| Step {
        call,
        errno,
        value: 3,
        micros: 40,
    })
}

fn refusal() -> impl Strategy<Value = Box<Refusal>> {
    let facts = Facts {
        limits: [(Namespace::Uts, 0)].into(),
        ..Facts::default()
    };
    step().prop_map(move |step| Refusal::boxed(step, &facts))
}

fn failure() -> impl Strategy<Value = Failure> {
    prop_oneof![
        Just(Failure::Silent),
        Just(Failure::NoLab),
        Just(Failure::OldKernel {
            release: "4.19".into()
        }),
        Just(Failure::Machine {
            answer: "EMFILE".into()
        }),
        refusal().prop_map(Failure::Refused),
    ]
}

fn answer() -> impl Strategy<Value = CommandAnswer> {
    let ended = |end| {
        let output = b"one\ntwo \xff\n".to_vec();
        let errors = Vec::new();
        CommandAnswer::Ended(
            CommandOutcome {
                output,
                errors,
                end,
            },
            Box::default(),
        )
    };
    prop_oneof![
        Just(CommandAnswer::Absent),
        failure().prop_map(CommandAnswer::Failed),
        Just(ended(DONE)),
        Just(ended(CommandEnd::TooMuch)),
    ]
}

/// Declares the generator of messages from one line a kind: pattern, weight, strategy. A kind of
/// message without a line doesn't compile.
macro_rules! messages {
    ($($pattern:pat, $weight:literal => $strategy:expr;)*) => {
        fn any_msg() -> impl Strategy<Value = Msg> {
            prop_oneof![$($weight => $strategy.prop_map(|msg: Msg| {
                assert!(matches!(msg, $pattern), "{msg:?} stands in another kind's line");
                msg
            })),*]
        }

        /// The compiler's check that each kind has its line.
        const _: fn(&Msg) = |msg| match msg {
            $($pattern => (),)*
        };
    };
}

messages! {
    Msg::Key(_), 30 => key();
    Msg::Mouse(_), 3 => mouse();
    Msg::Paste(_), 1 => Just(Msg::Paste("a\nb 宿".into()));
    Msg::Focus(_), 1 => any::<bool>().prop_map(Msg::Focus);
    Msg::Colour(..), 1 => any::<[u8; 3]>().prop_map(|rgb| Msg::Colour(Slot::Background, rgb));
    Msg::Resize { .. }, 2 => (1_u16..300, 1_u16..100).prop_map(|(cols, rows)| Msg::Resize { cols, rows });
    Msg::Tick, 2 => Just(Msg::Tick);
    Msg::Lab(LabEvent::Ready { .. }), 2 => prop::collection::vec(step(), 0..3)
        .prop_map(|steps| Msg::Lab(LabEvent::Ready { steps, shortfalls: vec![Shortfall::Veth] }));
    Msg::Lab(LabEvent::Failed { .. }), 1 => (step(), failure())
        .prop_map(|(step, why)| Msg::Lab(LabEvent::Failed { steps: vec![step], why }));
    Msg::Lab(LabEvent::Gone), 1 => Just(Msg::Lab(LabEvent::Gone));
    Msg::Shell(.., ShellEvent::Step(_)), 2 => (launch(), step())
        .prop_map(|((side, launch), step)| Msg::Shell(side, launch, ShellEvent::Step(step)));
    Msg::Shell(.., ShellEvent::Refused(_)), 1 => (launch(), refusal())
        .prop_map(|((side, launch), refusal)| Msg::Shell(side, launch, ShellEvent::Refused(refusal)));
    Msg::Shell(.., ShellEvent::Started(_)), 3 => launch()
        .prop_map(|(side, launch)| Msg::Shell(side, launch, ShellEvent::Started(Plan::new(set("uts")))));
    Msg::Shell(.., ShellEvent::Failed(_)), 1 => (launch(), failure())
        .prop_map(|((side, launch), why)| Msg::Shell(side, launch, ShellEvent::Failed(why)));
    Msg::Shell(.., ShellEvent::Output(_)), 2 => launch()
        .prop_map(|(side, launch)| Msg::Shell(side, launch, ShellEvent::Output(b"\x1b[Hhello \xe4\xbd\xa0\r\n".to_vec())));
    Msg::Shell(.., ShellEvent::Exited(_)), 1 => launch()
        .prop_map(|(side, launch)| Msg::Shell(side, launch, ShellEvent::Exited(Exit::Signal(9))));
    Msg::Shell(.., ShellEvent::Snapshot(_)), 3 => launch()
        .prop_map(|(side, launch)| Msg::Shell(side, launch, ShellEvent::Snapshot(Box::new(container(set("uts"))))));
    Msg::Shell(.., ShellEvent::Unwatched), 1 => launch()
        .prop_map(|(side, launch)| Msg::Shell(side, launch, ShellEvent::Unwatched));
    Msg::Machine(MachineEvent::Snapshot(_)), 1 => Just(Msg::Machine(MachineEvent::Snapshot(Box::new(host()))));
    Msg::Machine(MachineEvent::Unwatched), 1 => Just(Msg::Machine(MachineEvent::Unwatched));
    Msg::WatchedAgain, 1 => Just(Msg::WatchedAgain);
    Msg::Map(MapEvent::Seen(_)), 1 => Just(Msg::Map(MapEvent::Seen(Box::new(crate::discovery::map::example()))));
    Msg::Map(MapEvent::NoLab), 1 => Just(Msg::Map(MapEvent::NoLab));
    Msg::Map(MapEvent::NotStarted { .. }), 1 => Just(Msg::Map(MapEvent::NotStarted { why: "EMFILE".into() }));
    Msg::Map(MapEvent::Ended), 1 => Just(Msg::Map(MapEvent::Ended));
    Msg::Map(MapEvent::Inside(_)), 1 => Just({
        let (snapshot, detail) = (container(set("net")), detail(set("net")));
        Msg::Map(MapEvent::Inside(Box::new(Inside { snapshot, detail })))
    });
    Msg::Map(MapEvent::InsideEnded), 1 => Just(Msg::Map(MapEvent::InsideEnded));
    Msg::Shell(.., ShellEvent::Detail(_)), 2 => launch()
        .prop_map(|(side, launch)| Msg::Shell(side, launch, ShellEvent::Detail(Box::new(detail(set("net"))))));
    Msg::Shell(.., ShellEvent::Asked(_)), 1 => launch()
        .prop_map(|(side, launch)| Msg::Shell(side, launch, ShellEvent::Asked(Box::default())));
    Msg::Shell(.., ShellEvent::Facts { .. }), 1 => (launch(), 0_u64..3)
        .prop_map(|((side, launch), command)| Msg::Shell(side, launch, ShellEvent::Facts { command, facts: Box::default() }));
    Msg::CommandEnded { .. }, 2 => (0_u32..3, side(), answer())
        .prop_map(|(number, side, answer)| Msg::CommandEnded { number, side: side.into(), answer });
    Msg::Process(_, ProcessEvent::Snapshot(_)), 2 => (0_u32..6)
        .prop_map(|number| Msg::Process(number, ProcessEvent::Snapshot(Box::new(container(set("uts,pid"))))));
    Msg::Process(_, ProcessEvent::Detail(_)), 1 => (0_u32..6)
        .prop_map(|number| Msg::Process(number, ProcessEvent::Detail(Box::new(detail(set("net"))))));
    Msg::Process(_, ProcessEvent::Ended), 1 => (0_u32..6)
        .prop_map(|number| Msg::Process(number, ProcessEvent::Ended));
    Msg::Typing(_, TypingEvent::Stopped { .. }), 1 => (side(), any::<bool>()).prop_map(|(side, held)| Msg::Typing(side, TypingEvent::Stopped { held }));
    Msg::Typing(_, TypingEvent::Busy { .. }), 1 => side().prop_map(|side| Msg::Typing(side, TypingEvent::Busy { program: "vim".into() }));
    Msg::Progress(ProgressEvent::Saved), 1 => Just(Msg::Progress(ProgressEvent::Saved));
    Msg::Judge, 1 => Just(Msg::Judge);
    Msg::Progress(ProgressEvent::NotSaved { .. }), 1 => Just(Msg::Progress(ProgressEvent::NotSaved { why: "EROFS".into() }));
    Msg::Lessons(LessonsEvent::Read { .. }), 1 => prop::sample::select(vec![course(), one_lesson("[]", "## S\nx\n")])
        .prop_map(|lessons| Msg::Lessons(LessonsEvent::Read {
            lessons: Box::new(lessons),
            absent: BTreeSet::new(),
            mistakes: vec![crate::app::Mistake(["1.md:1:1: wrong".into(), "1.md:1:1: 错".into()])],
        }));
    Msg::Lessons(LessonsEvent::NotWatched(_)), 1 => Just(Msg::Lessons(LessonsEvent::NotWatched("EMFILE".into())));
    Msg::Running { .. }, 1 => prop::collection::vec(side().prop_map(|side| (side, "vim".to_owned())), 0..2)
        .prop_map(|programs| Msg::Running { programs });
    Msg::Clipboard(ClipboardEvent::Copied { .. }), 1 => Just(Msg::Clipboard(ClipboardEvent::Copied { tool: "xclip" }));
    Msg::Clipboard(ClipboardEvent::NotCopied(_)), 1 => Just(Msg::Clipboard(ClipboardEvent::NotCopied(NotCopied {
        tool: "xclip",
        display: "DISPLAY=:0".into(),
        why: WhyNotCopied::TooSlow(3),
    })));
    Msg::File(FileEvent::Saved { .. }), 1 => Just(Msg::File(FileEvent::Saved { path: "/tmp/container.c".into() }));
    Msg::File(FileEvent::NotSaved(_)), 1 => Just(Msg::File(FileEvent::NotSaved(NotSaved {
        directory: "/usr".into(),
        kind: std::io::ErrorKind::PermissionDenied,
        answer: "EACCES".into(),
    })));
}

/// The text of the lesson depends on who changes the lab, and on the lesson that uses it. A key for a shell changes
/// both.
#[test]
fn a_key_into_a_lab_that_was_not_used_draws_the_lesson_anew() {
    let mut lab = Lab::ready((120, 40), Lang::En);
    lab.send(Msg::Key(event("F3")));
    for (changed_by, lab_of) in [(ChangedBy::Lesson, Some(1)), (ChangedBy::Learner, None)] {
        (
            lab.state.lesson.lab.changed_by,
            lab.state.lesson.lab.used_for,
        ) = (changed_by, lab_of);
        lab.state.take_changed();
        lab.send(Msg::Key(event("x")));
        assert_eq!(lab.state.changed(), Changed::Screen);
        lab.state.take_changed();
        lab.send(Msg::Key(event("x")));
        assert_eq!(lab.state.changed(), Changed::Shell(Side::Host));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_panics(
        size in (1_u16..300, 1_u16..100),
        chinese: bool,
        msgs in prop::collection::vec(any_msg(), 0..40),
    ) {
        let lang = if chinese { Lang::ZhCn } else { Lang::En };
        let mut lab = Lab::ready(size, lang);
        for msg in msgs {
            lab.send(msg);
            anew(&lab);
        }
    }
}

/// Output of a program: words, a clear screen, colours, a title, the end of a command as bash marks it.
fn output() -> impl Strategy<Value = Msg> {
    let printed = prop::sample::select(vec![
        "words\r\n",
        "\x1b[2J\x1b[H",
        "\x1b[31m红\x1b[0m",
        "\x1b]2;title\x07",
        "\x1b[?2026hheld back",
        "\x1b]133;D;1\x07\x1b]133;A\x07[host] # ",
        "\x1b[?1000h\x1b[?25l",
    ]);
    ((side(), 1_u32..3), printed).prop_map(|((side, launch), text)| {
        Msg::Shell(side, launch, ShellEvent::Output(text.into()))
    })
}

fn anew(lab: &Lab) -> Frame {
    let (cols, rows) = lab.state.size;
    let mut frame = Frame::new(Rect::new(0, 0, cols, rows));
    crate::ui::draw(&mut frame, &lab.state);
    frame
}

fn over(mut shown: Frame, parts: Vec<Frame>) -> Frame {
    if !parts.is_empty() {
        shown.cursor = parts.iter().find_map(|part| part.cursor);
    }
    for part in parts {
        shown.buffer.merge(&part.buffer);
    }
    shown
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_drawn_in_part_is_what_is_drawn_anew(
        wide: bool,
        begins in prop::sample::select(vec!["", "F3", "F3 C-] ["]),
        msgs in prop::collection::vec(prop_oneof![any_msg(), output()], 0..60),
    ) {
        let size = if wide { (120, 40) } else { (80, 24) };
        let mut lab = Lab::ready(size, Lang::En);
        for key in begins.split_whitespace() {
            lab.send(Msg::Key(event(key)));
        }
        lab.state.take_changed();
        let mut shown = anew(&lab);
        for msg in msgs {
            let said = format!("{msg:?}");
            lab.send(msg);
            let state = &lab.state;
            let parts = match state.changed() {
                Changed::Nothing => Some(Vec::new()),
                Changed::Shell(side) => crate::ui::draw_shells(state, |it| it == side),
                Changed::Shells => crate::ui::draw_shells(state, |_| true),
                Changed::Screen => None,
            };
            lab.state.take_changed();
            let fresh = anew(&lab);
            // Without parts, the whole screen is drawn again, and that is `fresh`.
            if let Some(parts) = parts {
                let partly = over(shown, parts);
                let differ = partly.buffer.diff(&fresh.buffer);
                prop_assert!(differ.is_empty(), "after {said}: {differ:?}");
                prop_assert_eq!(partly.cursor, fresh.cursor, "the cursor after {}", said);
            }
            shown = fresh;
        }
    }
}
