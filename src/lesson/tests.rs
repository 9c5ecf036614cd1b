//! The lesson room as a whole: positions of mistakes, both languages of the shipped lessons, any text.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::lang::Lang;
use crate::namespace::Namespace;
use crate::observe::Snapshot;
use crate::observe::snapshot::{NamespaceId, Queue};
use crate::prose;
use crate::sandbox::{HostKind, Nth};
use crate::theme::Theme;

/// The containers of `Known`, of which only the first may exist.
fn first(container: Option<&Snapshot>) -> [Option<&Snapshot>; Nth::COUNT] {
    let mut containers = [None; Nth::COUNT];
    containers[0] = container;
    containers
}

const FRONT: &str = "+++\nid = \"x\"\ntitle = \"X\"\nflags = [\"uts\"]\n+++\n";

fn errors(text: &str) -> String {
    match parse("x.md", text) {
        Ok(_) => "no error\n".to_owned(),
        Err(errors) => errors.iter().fold(String::new(), |mut all, error| {
            writeln!(all, "{error}").unwrap();
            chinese::assert_has_rows(error);
            all
        }),
    }
}

/// The example lesson of the author's guide.
fn example() -> String {
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons/README.md"))
        .unwrap();
    let (_, rest) = guide.split_once("````markdown\n").unwrap();
    rest.split_once("````").unwrap().0.to_owned()
}

fn side(hostname: &str, inode: u64, queues: usize) -> Snapshot {
    let mut side = Snapshot {
        hostname: hostname.to_owned(),
        shell_pid: 7,
        nspid: vec![99, 7],
        namespaces: Namespace::ALL
            .map(|kind| (kind, NamespaceId { dev: 4, ino: inode }))
            .into(),
        ..Snapshot::default()
    };
    side.ipc.queues = vec![
        Queue {
            key: 1,
            id: 0,
            uid: 0,
            mode: 0o644,
            bytes: 0,
            messages: 0,
        };
        queues
    ];
    side
}

#[test]
fn the_guides_example_is_read_as_it_says() {
    insta::assert_debug_snapshot!(parse("README.md", &example()).unwrap());
}

#[test]
fn the_guide_names_every_field_and_filter() {
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons/README.md"))
        .unwrap();
    let serde_json::Value::Object(fields) =
        serde_json::to_value(&*crate::observe::snapshot::EXAMPLE).unwrap()
    else {
        panic!("a snapshot is an object");
    };
    let named = fields
        .keys()
        .map(String::as_str)
        .chain(expr::FILTERS)
        .chain(expr::TESTS)
        .chain(["compare", "code", "took", "details"]);
    for name in named {
        assert!(
            guide.contains(&format!("`{name}`")),
            "lessons/README.md does not name `{name}`"
        );
    }
}

#[test]
fn every_mistake_has_its_place() {
    let cases = [
        ("nothing", String::new()),
        ("no front matter", "## S\ntext {{ host.hostnam }}\n".to_owned()),
        ("front matter left open", "+++\nid = \"x\"\n## S\n".to_owned()),
        (
            "front matter",
            "+++\nid = \"Uts!\"\ntitel = \"X\"\nflags = [\"uts\", \"mount\", 3]\nminutes = 0\nsources = \"a\"\n+++\n## S\ntext\n"
                .to_owned(),
        ),
        ("front matter no TOML", "+++\nid = \ntitle\n+++\n## S\ntext\n".to_owned()),
        ("no step", FRONT.to_owned()),
        ("text first", format!("{FRONT}hello\n\n## S\ntext\n")),
        ("empty steps", format!("{FRONT}## A\n## B\ntext\n##\n")),
        (
            "headings",
            format!("{FRONT}# A\n## B\ntext\n### C\ntext\n\nunderlined\n---\n\n> ## quoted\n"),
        ),
        (
            "markdown",
            format!(
                "{FRONT}## A\n<b>hi</b> and <i>x</i>\n\n![p](q)\n\n***\n\n**词。**后 {{{{ open\n\na ` b\n\nc \\` \\*\\*\n"
            ),
        ),
        (
            "blocks",
            format!(
                "{FRONT}## A\n```chek\n```\n```run\nls\n```\n```run hots\nls\n```\n```run host\n\n```\n```python\n```\n- a\n  ```hint\n  text = \"x\"\n  ```\n"
            ),
        ),
        (
            "figures",
            format!(
                "{FRONT}## A\n```figure\nkind = \"nestling\"\nsides = [\"hots\", \"host\", \"host\"]\n```\n```figure\nsides = [\"container7\"]\n```\n```figure\nkind = \"ids\"\nmounts = [\"/mnt\"]\n```\n```figure\nkind = \"peers\"\nmounts = [\"mnt\"]\nside = \"host\"\n```\n"
            ),
        ),
        ("open fence", format!("{FRONT}## A\n```hint\ntext = \"a\"\n\n## B\n")),
        (
            "fields",
            format!(
                "{FRONT}## A\n```predict\nquestion = \"\"\nchoises = [\"a\"]\nanswer = \"1\"\n```\n```check\nname = 3\nexpr = 'own.uts'\n[[wrong]]\nwhen = 'host.uid'\nsaid = \"x\"\n```\n```hint\n```\n```launch\nflags = [\"cgrup\"]\n```\n"
            ),
        ),
        (
            "answers",
            format!(
                "{FRONT}## A\n```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 3\nwhy = \"w\"\n```\n```predict\nquestion = \"q\"\nchoices = [\"a\"]\nanswer = 0\nwhy = \"w\"\n```\n```predict\nquestion = \"q\"\nchoices = [\"a\"]\nanswer = 1\nwhy = \"w\"\n```\n"
            ),
        ),
        (
            "TOML",
            format!("{FRONT}## A\n```check\nname = \"中文\nexpr = \n```\n"),
        ),
        (
            "expressions",
            format!(
                "{FRONT}## A\n命名 {{{{ host.hostnam }}}} and {{{{ }}}} {{{{ 1 + }}}}\n\n```check\nname = \"n\"\nexpr = '''\nown.utz and\n  contaner.uid == 1'''\n[[wrong]]\nwhen = \"host.uid == \\\"a\\\" and hst.uid\"\nsay = \"s\"\n[[wrong]]\nwhen = 'host.uid + host.hostname | join(3, 4, 5)'\nsay = \"s\"\n```\n"
            ),
        ),
        ("characters", format!("{FRONT}## A\n\u{1b}[31mred\n")),
    ];
    let mut seen = String::new();
    for (name, text) in cases {
        writeln!(seen, "{name}\n{}", errors(&text)).unwrap();
    }
    insta::assert_snapshot!(seen);
}

#[test]
fn expressions_stay_out_of_markdowns_way() {
    let text = format!(
        "{FRONT}## A\n**{{{{ host.ipc.queues[0].id * 2 * 3 }}}}** `{{{{ x }}}}` é{{{{ host.uid }}}}!\n\n```\n{{{{ y }}}}\n```\n"
    );
    insta::assert_debug_snapshot!(parse("x.md", &text).unwrap().steps[0].parts);
}

#[test]
fn lines_join_without_a_space_in_chinese_only() {
    let text = format!("{FRONT}## A\none\ntwo 命名\n空间\n`x`\n");
    let lesson = parse("x.md", &text).unwrap();
    let expected = [
        Inline::Text("one two 命名空间 ".to_owned()),
        Inline::Code("x".to_owned()),
    ];
    assert_eq!(
        lesson.steps[0].parts,
        [Part::Prose(vec![Block::Paragraph(expected.to_vec())])]
    );
}

#[test]
fn windows_line_ends_make_no_difference() {
    let text = example();
    let unix = parse("x", &text).unwrap();
    assert_eq!(parse("x", &text.replace('\n', "\r\n")).unwrap(), unix);
}

#[test]
fn a_missing_value_has_no_text_and_no_truth() {
    let host = side("vm", 1, 2);
    let shared = side("vm", 1, 2);
    let own = side("web1", 2, 0);
    let contexts = [
        Known::default(),
        Known {
            host: Some(&host),
            containers: [None; Nth::COUNT],
            ..Known::default()
        },
        Known {
            host: Some(&host),
            containers: first(Some(&shared)),
            ..Known::default()
        },
        Known {
            host: Some(&host),
            containers: first(Some(&own)),
            machine: None,
            host_last: None,
            containers_last: {
                let mut all = [None; Nth::COUNT];
                all[0] = Some(EndedCommand {
                    line: "hostname web1",
                    status: 1,
                    output: "hostname: denied",
                });
                all
            },
            chosen: NamespaceSet::from_iter([Namespace::Uts]),
            seen: &[View::Code],
            ground: HostKind::Machine,
            ..Known::default()
        },
    ]
    .map(|facts| facts.context());
    let mut seen = String::new();
    for source in [
        "host.hostname",
        "container.hostname != 'x'",
        "own.uts",
        "not own.uts",
        "host.ipc.queues | length",
        "container.ipc.queues[0].id",
        "container is defined",
        "host.pid1",
        "container.nspid[-2]",
        "container.ipc.queues == host.ipc.queues",
        "host.nspid[99999999999999999999]",
        "1 // 0",
        "chosen.uts",
        "seen.code and not seen.took",
        "'yours' if ground == 'machine' else ''",
        "host.last.status == 0",
        "container.last.status != 0 and 'denied' in container.last.output",
    ] {
        write!(seen, "{source:42}").unwrap();
        let expr = Expr::new(source, 1, 1);
        match expr.compiles() {
            Err(error) => write!(seen, "{error}").unwrap(),
            Ok(()) => {
                for context in &contexts {
                    let text = expr.text(context).unwrap_or_else(|| "-".to_owned());
                    write!(seen, " {text}/{}", expr.is_true(context)).unwrap();
                }
            }
        }
        seen.push('\n');
    }
    insta::assert_snapshot!(seen);
}

#[test]
fn a_near_miss_is_said_until_the_check_holds() {
    let lesson = parse("x", &example()).unwrap();
    let check = lesson.steps[1]
        .parts
        .iter()
        .find_map(|part| match part {
            Part::Check(check) => Some(check),
            _ => None,
        })
        .unwrap();
    let host = side("vm", 1, 0);
    for (container, holds, near) in [
        (None, false, None),
        (
            Some(side("web1", 1, 0)),
            false,
            Some("This container shares the host's name. Launch it with UTS."),
        ),
        (Some(side("container", 2, 0)), false, None),
        (Some(side("web1", 2, 0)), true, None),
    ] {
        let context = Known {
            host: Some(&host),
            containers: first(container.as_ref()),
            ..Known::default()
        }
        .context();
        assert_eq!(check.holds(&context), holds, "{container:?}");
        let said = check.near_miss(&context).map(|wrong| wrong.say.as_str());
        assert_eq!(said, near, "{container:?}");
    }
}

/// The parts of a lesson that must be the same in every language.
fn skeleton(lesson: &Lesson) -> String {
    // A sentence may order its values differently in each language.
    fn live(content: &[Inline], out: &mut String) {
        let lives = content.iter().filter_map(|inline| match inline {
            Inline::Live(expr) => Some(without_words(expr)),
            _ => None,
        });
        let mut lives: Vec<String> = lives.collect();
        lives.sort();
        for expr in lives {
            write!(out, " {{{{ {expr} }}}}").unwrap();
        }
    }
    /// The expression without its sentences, which are different in each language.
    fn without_words(expr: &Expr) -> String {
        if !expr.is_words() {
            return expr.source().to_owned();
        }
        let sentence = |text: &&str| text.contains(' ') || !text.is_ascii();
        let parts = expr.source().split('"').enumerate();
        let parts = parts.map(|(i, part)| match i % 2 {
            1 if sentence(&part) => "…",
            _ => part,
        });
        parts.collect::<Vec<_>>().join("\"")
    }
    let mut out = format!(
        "{} {} {:?} {:?}\n",
        lesson.id, lesson.flags, lesson.minutes, lesson.sources
    );
    for step in &lesson.steps {
        out.push_str("step\n");
        for part in &step.parts {
            match part {
                Part::Prose(blocks) => {
                    out.push_str("  prose");
                    for block in blocks {
                        match block {
                            Block::Paragraph(content) => live(content, &mut out),
                            Block::Item { depth, content, .. } => {
                                write!(out, " item {depth}").unwrap();
                                live(content, &mut out);
                            }
                            Block::Code(lines) => write!(out, " code {}", lines.len()).unwrap(),
                            Block::Quote(content) => live(content, &mut out),
                        }
                    }
                }
                Part::Predict(predict) => {
                    write!(
                        out,
                        "  predict {} {}",
                        predict.choices.len(),
                        predict.answer
                    )
                    .unwrap();
                }
                Part::Launch(launch) => write!(out, "  launch {}", launch.plan.flags).unwrap(),
                Part::Run(run) => {
                    let lines: Vec<&str> = run.lines.iter().map(Template::source).collect();
                    write!(out, "  run {} {lines:?}", run.side).unwrap();
                }
                Part::Check(check) => {
                    write!(
                        out,
                        "  check {} {}",
                        check.expr.source(),
                        check.hint.is_some()
                    )
                    .unwrap();
                    for wrong in &check.wrong {
                        write!(out, "\n    wrong {}", wrong.when.source()).unwrap();
                    }
                }
                Part::Hint(_) => out.push_str("  hint"),
                Part::Figure(figure) => write!(out, "  figure {figure}").unwrap(),
            }
            out.push('\n');
        }
    }
    out
}

#[test]
fn both_languages_tell_the_same_lesson() {
    let [en, zh] = Lang::ALL.map(Library::shared);
    assert!(!en.is_empty());
    assert_eq!(en.lessons().count(), zh.lessons().count());
    for (en, zh) in en.lessons().zip(zh.lessons()) {
        assert_same_lines(&skeleton(en), &skeleton(zh));
        assert!((3..=12).contains(&en.steps.len()), "{}", en.id);
    }
}

fn assert_same_lines(en: &str, zh: &str) {
    for (en, zh) in en.lines().zip(zh.lines()) {
        assert_eq!(en, zh);
    }
    assert_eq!(en.lines().count(), zh.lines().count());
}

/// How many lines a learner types from their own head: those of the shorter script of each step without commands
/// of its own.
fn own_commands(lesson: &Lesson) -> usize {
    let given = |part: &Part| matches!(part, Part::Run(_));
    let steps = lesson.steps.iter();
    let own = steps.filter(|step| !step.parts.iter().any(given));
    let typed = |script: &Script| {
        let deeds = script.actions.iter();
        deeds
            .filter(|action| matches!(action.deed, Deed::Type { .. }))
            .count()
    };
    let shorter = own.filter_map(|step| {
        let scripts = step.proofs.iter().chain(step.solution());
        scripts.map(typed).min()
    });
    shorter.sum()
}

#[test]
fn a_learner_types_at_least_three_commands_a_lesson_from_their_own_head() {
    for lesson in Library::shared(Lang::En).lessons() {
        let own = own_commands(lesson);
        assert!(own >= 3, "{}: {own}", lesson.id);
    }
}

/// 150 words a minute, 20 seconds for a question, 15 for a line that Enter types, a minute for one of the learner's
/// own.
#[test]
fn no_lesson_says_that_it_takes_less_time_than_it_does() {
    let count = |text: &str| text.split_whitespace().count();
    for lesson in Library::shared(Lang::En).lessons() {
        let (mut words, mut seconds) = (0, 60 * own_commands(lesson));
        for step in &lesson.steps {
            words += count(&step.title);
            for part in &step.parts {
                match part {
                    Part::Prose(blocks) => {
                        let texts = blocks.iter().flat_map(Block::inlines);
                        words += texts.map(|it| count(&format!("{it:?}"))).sum::<usize>();
                    }
                    Part::Predict(it) => {
                        words +=
                            count(&it.question) + count(&it.choices.join(" ")) + count(&it.why);
                        seconds += 20;
                    }
                    Part::Run(run) => seconds += 15 * run.lines.len(),
                    Part::Check(_) | Part::Launch(_) | Part::Hint(_) | Part::Figure(_) => {}
                }
            }
        }
        let minutes = (words * 60 / 150 + seconds) / 60;
        let said = usize::from(lesson.minutes.unwrap_or(0));
        assert!(
            said >= minutes,
            "{}: {said} of {minutes} minutes",
            lesson.id
        );
    }
}

#[test]
fn both_readmes_say_how_many_lessons_there_are_and_how_long_they_take() {
    let course = Library::shared(Lang::En);
    let lessons = course.lessons().count();
    let minutes: u16 = course.lessons().filter_map(|it| it.minutes).sum();
    let hours = (minutes + 30) / 60;
    let files = [
        include_str!("../../README.md"),
        include_str!("../../README.zh-CN.md"),
    ];
    let said = [
        [
            format!("**{lessons} lessons"),
            format!("{hours} hours ({minutes} minutes)"),
        ],
        [
            format!("**{lessons} 节课"),
            format!("{hours} 个小时（{minutes} 分钟）"),
        ],
    ];
    for (file, said) in files.iter().zip(said) {
        for said in said {
            assert!(file.contains(&said), "{said}");
        }
    }
}

/// The lessons that are such a task as a whole, without hints.
const CAPSTONES: [&str; 2] = ["capstone", "pod-order"];

/// Nothing in it is typed or launched for the learner.
fn is_own(step: &LessonStep) -> bool {
    let given = |part: &Part| matches!(part, Part::Run(_) | Part::Launch(_));
    !step.parts.iter().any(given)
}

#[test]
fn each_task_of_the_course_has_two_ways() {
    let deeds = |script: &Script| -> Vec<Deed> {
        let actions = script.actions.iter();
        actions.map(|action| action.deed.clone()).collect()
    };
    for (lang, title) in [(Lang::En, "Your turn"), (Lang::ZhCn, "轮到你了")] {
        for lesson in Library::shared(lang).lessons() {
            let is_capstone = CAPSTONES.contains(&lesson.id.as_str());
            let is_task = |step: &&LessonStep| {
                let asks = step.parts.iter().any(|it| matches!(it, Part::Check(_)));
                step.title.starts_with(title) || is_capstone && is_own(step) && asks
            };
            let tasks: Vec<_> = lesson.steps.iter().filter(is_task).collect();
            assert!(!tasks.is_empty(), "{} has no task", lesson.id);
            for task in tasks {
                let name = format!("{}: {}", lesson.id, task.title);
                assert!(is_own(task), "{name} gives it away");
                let ways = task.proofs.first().into_iter().chain(task.other_ways());
                let ways: Vec<Vec<Deed>> = ways.map(deeds).collect();
                assert!(ways.len() >= 2, "{name}: a way is missing");
                for (nth, way) in ways.iter().enumerate() {
                    assert!(!ways[..nth].contains(way), "{name}: one way, twice");
                }
            }
        }
    }
}

/// The lessons whose idea is a value, an answer or a rule, and no shape: a name, queues, processes that a /proc
/// lists, signals, a path, clocks, bits, numbers in files.
const WITHOUT_FIGURE: [&str; 9] = [
    "uts",
    "ipc",
    "stale-proc",
    "proc",
    "init",
    "cgroup",
    "time",
    "caps",
    "limits",
];

#[test]
fn each_lesson_whose_idea_is_a_shape_has_a_figure() {
    for lang in Lang::ALL {
        for lesson in Library::shared(lang).lessons() {
            let parts = lesson.steps.iter().flat_map(|step| &step.parts);
            let figures = parts.filter(|part| matches!(part, Part::Figure(_))).count();
            let is_without = WITHOUT_FIGURE.contains(&lesson.id.as_str());
            assert_eq!(figures == 0, is_without, "{}: {figures}", lesson.id);
        }
    }
}

#[test]
fn commands_and_code_fit_eighty_columns() {
    for lang in Lang::ALL {
        for lesson in Library::shared(lang).lessons() {
            for part in lesson.steps.iter().flat_map(|step| &step.parts) {
                let typed = |line: &Template| line.shown(&Context::default());
                let lines: Vec<String> = match part {
                    Part::Run(run) => run.lines.iter().map(typed).collect(),
                    Part::Prose(blocks) => blocks
                        .iter()
                        .flat_map(|block| match block {
                            Block::Code(lines) => lines.as_slice(),
                            _ => &[],
                        })
                        .cloned()
                        .collect(),
                    _ => continue,
                };
                for line in lines {
                    assert!(
                        unicode_width::UnicodeWidthStr::width(line.as_str()) <= 76,
                        "{line}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_step_is_short() {
    let mut long = Vec::new();
    for lesson in Library::shared(Lang::En).lessons() {
        for step in &lesson.steps {
            let context = Context::default();
            let words: usize = step
                .parts
                .iter()
                .map(|part| match part {
                    Part::Prose(blocks) => prose::lines(blocks, &context, 80, Theme::NoColor)
                        .iter()
                        .map(|line| line.to_string().split_whitespace().count())
                        .sum(),
                    _ => 0,
                })
                .sum();
            if words > 100 {
                long.push(format!("{}: {} has {words} words", lesson.id, step.title));
            }
        }
    }
    assert_eq!(long, [""; 0]);
}

#[rstest]
#[case(Lang::En, &["can harm", "No harm done", "Luckily", "lab host, in which"])]
#[case(Lang::ZhCn, &["伤不到", "没造成损失", "好在", "弄不坏"])]
fn no_shipped_lesson_promises_safety_on_the_machine(#[case] lang: Lang, #[case] promises: &[&str]) {
    let promises_made = |ground: HostKind| -> Vec<String> {
        let context = Known {
            ground,
            ..Known::default()
        };
        let context = context.context();
        let library = Library::shared(lang);
        // A step that needs another host does not show its prose.
        let steps = library.lessons().flat_map(|lesson| &lesson.steps);
        let shown = steps.filter(|step| {
            let needed = step.needs.as_ref().and_then(|needs| needs.ground);
            needed.is_none_or(|needed| needed == ground)
        });
        let prose = shown
            .flat_map(|step| &step.parts)
            .filter_map(|part| match part {
                Part::Prose(blocks) => Some(blocks),
                _ => None,
            });
        prose
            .flat_map(|blocks| prose::lines(blocks, &context, 500, Theme::NoColor))
            .map(|line| line.to_string())
            .filter(|line| promises.iter().any(|promise| line.contains(promise)))
            .collect()
    };
    assert_eq!(promises_made(HostKind::Machine), Vec::<String>::new());
    assert!(!promises_made(HostKind::Lab).is_empty());
}

/// Random sequences of valid and invalid pieces of lessons.
fn scraps() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        FRONT,
        "+++\n",
        "id = \"x\"\n",
        "## S\n",
        "# T\n",
        "```\n",
        "````\n",
        "```check\n",
        "```run host\n",
        "```predict\n",
        "```launch\n",
        "```hint\n",
        "~~~\n",
        "expr = 'own.uts'\n",
        "expr = \"\\\"\"\n",
        "[[wrong]]\n",
        "wrong = 3\n",
        "when = 'host.ipc.queues[0].key'\n",
        "flags = [\"uts\"]\n",
        "{{ host.uid }}",
        "{{",
        "}}",
        "**",
        "*",
        "`",
        "- ",
        "1. ",
        "> ",
        "    ",
        "\t",
        "\r\n",
        "\n",
        "<b>",
        "[a](b)",
        "![",
        "命名空间",
        "é",
        "\u{e000}",
        "&amp;",
        "\\",
        "{{host.x['}}",
        "{{ '\\",
        "| length",
        "answer = 99999999999999999999\n",
    ]);
    prop::collection::vec(
        prop_oneof![4 => pieces.prop_map(str::to_owned), 1 => ".{0,8}"],
        0..24,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_panics(text in prop_oneof![any::<String>(), scraps(), scraps().prop_map(|s| format!("{FRONT}{s}"))]) {
        if let Err(errors) = parse("x.md", &text) {
            prop_assert!(!errors.is_empty());
        }
    }

    #[test]
    fn a_mutated_lesson_parses_or_says_where(
        cut in any::<prop::sample::Index>(),
        length in 0usize..40,
        scrap in scraps(),
    ) {
        let good: Vec<char> = include_str!("../../lessons/zh-CN/04-ipc.md").chars().collect();
        let at = cut.index(good.len());
        let end = (at + length).min(good.len());
        let text: String = good[..at].iter().copied().chain(scrap.chars()).chain(good[end..].iter().copied()).collect();
        let lines = text.lines().count() + 1;
        if let Err(errors) = parse("x.md", &text) {
            for error in errors {
                let LessonError::Text { line, column, .. } = error else {
                    return Err(TestCaseError::fail("not an error of the text"));
                };
                prop_assert!(line >= 1 && line <= lines && column >= 1);
            }
        }
    }

    #[test]
    fn no_expression_panics(source in prop_oneof![
        any::<String>(),
        prop::collection::vec(prop::sample::select(vec![
            "host", "container", "own", ".", "uts", "ipc", "queues", "[", "]", "(", ")", "0", "-1", "'a'", "|", "length",
            "join", "map", "selectattr", "is", "not", "defined", "==", "+", "~", "*", "//", "%", " ", "{", "}", ":", ",",
        ]), 0..14).prop_map(|parts| parts.concat()),
    ]) {
        drop(names::unknown(&source));
        let expr = Expr::new(&source, 1, 1);
        drop(expr.text(&names::examples(expr.questions())));
        expr.is_true(&Context::default());
    }
}
