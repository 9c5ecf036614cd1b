//! The shipped lessons: both languages agree, and each keeps the rules of the course.

use super::*;

/// The parts of prose that must be the same in every language.
fn prose_skeleton(blocks: &[Block], out: &mut String) {
    // A sentence may order its values differently in each language.
    fn live(content: &[Inline], out: &mut String) {
        let live_values = content.iter().filter_map(|inline| match inline {
            Inline::Live(expr) => Some(without_words(expr)),
            _ => None,
        });
        let mut live_values: Vec<String> = live_values.collect();
        live_values.sort();
        for expr in live_values {
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
    for block in blocks {
        match block {
            Block::Paragraph(content) | Block::Quote(content) => live(content, out),
            Block::Item { depth, content, .. } => {
                write!(out, " item {depth}").unwrap();
                live(content, out);
            }
            Block::Code(lines) => write!(out, " code {}", lines.len()).unwrap(),
        }
    }
}

/// The parts of a lesson that must be the same in every language.
fn skeleton(lesson: &Lesson) -> String {
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
                    prose_skeleton(blocks, &mut out);
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

/// Both say it in round numbers, so that a further lesson changes neither.
#[test]
fn what_both_readmes_say_of_the_course_holds() {
    let course = Library::shared(Lang::En);
    let minutes: u16 = course.lessons().filter_map(|it| it.minutes).sum();
    assert!((20..30).contains(&course.lessons().count()));
    assert!((7 * 60..=9 * 60).contains(&minutes), "{minutes} minutes");
    for (file, said) in [
        (
            include_str!("../../../README.md"),
            ["**More than 20 lessons", "\n7 to 9 hours"],
        ),
        (
            include_str!("../../../README.zh-CN.md"),
            ["**20 多节课", "7 到 9 个小时"],
        ),
    ] {
        for said in said {
            assert!(file.contains(said), "{said}");
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
/// lists, signals, clocks, bits.
const WITHOUT_FIGURE: [&str; 7] = ["uts", "ipc", "stale-proc", "proc", "init", "time", "caps"];

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
    let promises_made = |host_kind: HostKind| -> Vec<String> {
        let context = Known {
            host_kind,
            ..Known::default()
        };
        let context = context.context();
        let library = Library::shared(lang);
        // A step that needs another host does not show its prose.
        let steps = library.lessons().flat_map(|lesson| &lesson.steps);
        let shown = steps.filter(|step| {
            let needed = step.needs.as_ref().and_then(|needs| needs.host_kind);
            needed.is_none_or(|needed| needed == host_kind)
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
