//! Compares two translations of a lesson: they may differ in their words only.

use super::{Finder, Weight};
use crate::lesson::names;
use crate::lesson::parser::Placed;
use crate::lesson::{
    Block, Check, Expr, Inline, Launch, LessonStep, Part, Predict, Recap, Run, Script, Show,
    Template,
};
use crate::namespace::NamespaceSet;
use crate::sandbox::Side;

/// A step of at most this number of words may read the same in two languages.
const FEW_WORDS: usize = 4;

/// The names in an expression, up to the first dot.
pub(super) fn names(source: &str) -> Vec<&'static str> {
    names::roots()
        .filter(|name| {
            source.match_indices(name).any(|(at, _)| {
                let before = source[..at].chars().next_back();
                let after = source[at + name.len()..].chars().next();
                let part_of_word = |c: char| c.is_alphanumeric() || "_.\"'".contains(c);
                !before.is_some_and(part_of_word)
                    && !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
            })
        })
        .collect()
}

/// Reports the first difference in each step, at the translation.
pub(super) fn compare(
    original: &Placed,
    path: &str,
    (ours, text): (&Placed, &str),
    finder: &mut Finder,
) {
    let help = "translations agree in everything but their words";
    let mut front = |field: &str, here: String, there: String| {
        if here != there {
            let what = format!("`{field}` is {here}, and in {path} {there}");
            let place = field_place(text, field).unwrap_or((ours.line, 1));
            finder.at(Weight::Error, place, what, help);
        }
    };
    let (theirs, lesson) = (&original.lesson, &ours.lesson);
    front("id", lesson.id.clone(), theirs.id.clone());
    front("flags", list(lesson.flags), list(theirs.flags));
    front("minutes", minutes(lesson.minutes), minutes(theirs.minutes));
    front(
        "sources",
        lesson.sources.join(", "),
        theirs.sources.join(", "),
    );
    let share = |it: &Option<String>| it.clone().unwrap_or_else(|| "left out".to_owned());
    front("share", share(&lesson.share), share(&theirs.share));
    if lesson.steps.len() != theirs.steps.len() {
        let what = format!(
            "{} here, and in {path} {}",
            counted(lesson.steps.len(), "step"),
            counted(theirs.steps.len(), "step")
        );
        let last = lesson.steps.last().map_or(1, |step| step.line);
        return finder.at(Weight::Error, (last, 1), what, help);
    }
    for (step, other) in lesson.steps.iter().zip(&theirs.steps) {
        let parts = |step: &LessonStep| {
            let parts = step.parts.iter().zip(step.lines.clone());
            let shaped = parts.filter_map(|(part, line)| Some((shape(part)?, line)));
            shaped.collect::<Vec<_>>()
        };
        let (here, there) = (parts(step), parts(other));
        let length = here.len().max(there.len());
        let differing = (0..length).find(|at| {
            here.get(*at).map(|(shape, _)| shape) != there.get(*at).map(|(shape, _)| shape)
        });
        let Some(at) = differing else {
            beside_parts(step, other, path, finder);
            continue;
        };
        let said = |part: Option<&(String, usize)>| {
            part.map_or("nothing more".to_owned(), |(shape, _)| shape.clone())
        };
        let line = here.get(at).map_or(step.line, |(_, line)| *line);
        let there_line = there.get(at).map_or(other.line, |(_, line)| *line);
        let what = format!(
            "{} stands here, and {} at {path}:{there_line}",
            said(here.get(at)),
            said(there.get(at))
        );
        finder.at(Weight::Error, (line, 1), what, help);
    }
}

/// Line and column of a field's value in the front matter.
pub(super) fn field_place(text: &str, field: &str) -> Option<(usize, usize)> {
    let front = (2..).zip(text.lines().skip(1));
    let mut front = front.take_while(|(_, line)| line.trim_end() != "+++");
    front.find_map(|(number, line)| {
        let (key, value) = line.split_once('=')?;
        let lead = value.chars().take_while(|c| c.is_whitespace()).count();
        let column = key.chars().count() + 1 + lead + 1;
        (key.trim() == field).then_some((number, column))
    })
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

fn list(flags: NamespaceSet) -> String {
    format!("[{flags}]")
}

fn minutes(minutes: Option<u16>) -> String {
    minutes.map_or("absent".to_owned(), |minutes| minutes.to_string())
}

/// A part without its words; None for prose.
fn shape(part: &Part) -> Option<String> {
    Some(match part {
        Part::Prose(_) => return None,
        Part::Predict(Predict {
            choices,
            answer,
            measured,
            exprs,
            ..
        }) => {
            let (right, all) = (answer + 1, choices.len());
            let measured = measured.iter().flat_map(Template::live_values);
            let measured: Vec<&str> = measured.map(Expr::source).collect();
            let said = match measured.as_slice() {
                [] => String::new(),
                measured => format!(", measured `{}`", measured.join("`, `")),
            };
            let exprs: Vec<&str> = exprs.iter().map(Expr::source).collect();
            let shown = match exprs.as_slice() {
                [] => String::new(),
                exprs => format!(", shown by `{}`", exprs.join("`, `")),
            };
            format!("a `predict` of {all} choices with answer {right}{shown}{said}")
        }
        Part::Launch(Launch { container, plan }) => {
            let side = Side::Container(*container);
            format!("a `launch` of {side} with `{}`", plan.arguments().join(" "))
        }
        Part::Run(Run { side, lines }) => {
            let lines: Vec<&str> = lines.iter().map(Template::source).collect();
            format!("`run {side}` with `{}`", lines.join("`, `"))
        }
        Part::Check(Check {
            expr, wrong, hint, ..
        }) => {
            let helped = if hint.is_some() { ", with a hint" } else { "" };
            let misses = wrong.iter().fold(String::new(), |said, wrong| {
                let sample = script_line(", with the sample", wrong.sample.as_ref());
                said + ", wrong when `" + wrong.when.source() + "`" + &sample
            });
            format!("a `check` of `{}`{helped}{misses}", expr.source())
        }
        Part::Figure(figure) => format!("a `figure` of {figure}"),
        Part::Hint(hint) => {
            format!(
                "a `hint`{}",
                script_line(" with the solution", hint.solution.as_ref())
            )
        }
    })
}

/// A script in one line.
fn script_line(what: &str, script: Option<&Script>) -> String {
    let lines = script.map(|script| script.source.lines().map(str::trim));
    lines.map_or_else(String::new, |lines| {
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        format!("{what} `{}`", lines.join("; "))
    })
}

/// Compares two steps in all but their parts.
fn beside_parts(step: &LessonStep, other: &LessonStep, path: &str, finder: &mut Finder) {
    let (here, there) = (prose(step), prose(other));
    if here == there && here.split_whitespace().count() > FEW_WORDS {
        finder.warn(
            step.line,
            format!("this step reads as in {path}"),
            "it is not translated yet",
        );
    }
    let mut differs = |line: usize, what: &str, here: &str, there: &str| {
        if here != there {
            let or_none = |said: &str| if said.is_empty() { "none" } else { said }.to_owned();
            let (here, there) = (or_none(here), or_none(there));
            let what = format!("{what}: {here} here, and {there} at {path}:{}", other.line);
            let help = "translations agree in everything but their words";
            finder.at(Weight::Error, (line, 1), what, help);
        }
    };
    let proofs = |step: &LessonStep| {
        let told = step.proofs.iter().map(|proof| script_line("", Some(proof)));
        told.collect::<String>().trim_start().to_owned()
    };
    differs(step.line, "the `proof`", &proofs(step), &proofs(other));
    differs(step.line, "the `needs`", &needs(step), &needs(other));
    differs(step.line, "the `show`", &show(step), &show(other));
    differs(step.line, "the `recap`", &recap(step), &recap(other));
    differs(
        step.line,
        "live values",
        &live_values(step),
        &live_values(other),
    );
}

/// The words of a step.
fn prose(step: &LessonStep) -> String {
    let inlines = step.prose().flat_map(Block::inlines);
    let words = inlines.filter_map(|inline| match inline {
        Inline::Text(text) | Inline::Strong(text) | Inline::Emphasis(text) => Some(text.as_str()),
        Inline::Code(_) | Inline::Live(_) | Inline::Break => None,
    });
    words.collect()
}

fn needs(step: &LessonStep) -> String {
    let Some(needs) = &step.needs else {
        return String::new();
    };
    let host_kind = needs
        .host_kind
        .map_or_else(String::new, |host_kind| format!(", ground {host_kind}"));
    let kernel = needs.kernel.map_or_else(String::new, |(major, minor)| {
        format!(", kernel {major}.{minor}")
    });
    let (programs, namespaces) = (needs.programs.join(","), list(needs.namespaces));
    let given = needs.lab_fields().join(",");
    format!("programs [{programs}], namespaces {namespaces}, lab host [{given}]{host_kind}{kernel}")
}

fn recap(step: &LessonStep) -> String {
    let counted = |recap: &Recap| counted(recap.sentences.len(), "sentence");
    step.recap.as_ref().map_or_else(String::new, counted)
}

fn show(step: &LessonStep) -> String {
    let Some(Show { rows, compare }) = &step.show else {
        return String::new();
    };
    let rows: Vec<_> = rows.iter().map(|row| row.entry().label).collect();
    let sides = compare.map_or_else(String::new, |[left, right]| {
        format!(", {left} beside {right}")
    });
    format!("rows [{}]{sides}", rows.join(", "))
}

/// The live values of a step's prose, sorted: a translation may put them elsewhere.
fn live_values(step: &LessonStep) -> String {
    let exprs = step.prose().flat_map(Block::live_values);
    let mut all: Vec<String> = exprs
        .map(|expr| format!("`{}`", names::without_words(expr)))
        .collect();
    all.sort_unstable();
    all.join(", ")
}
