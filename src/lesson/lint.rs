//! Finds the faults that authors should fix in lessons: errors, and points that would bother a learner or a reader of
//! the other language.
//!
//! Owns the rules beyond one file's format. Must not know how a finding is printed.

mod recap;
mod scripts;
mod shape;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use unicode_width::UnicodeWidthStr;

use super::library::{self, LessonFile};
use super::parser::Placed;
use super::{Lesson, LessonError, LessonStep, Part, Predict, course, markdown, mask};
use crate::lang::Lang;
use crate::sandbox::{ContainerNumber, Side, share};

/// The columns of the narrowest lesson pane, on a screen of 110. Lines that can't wrap are cut off there.
const PANE: usize = 38;
/// Columns for a title in the title bar of a screen of 80.
const TITLE: usize = 46;
/// Columns for a command after the prompt, in a pane of 80.
const COMMAND: usize = 50;
/// Columns that a live value in a command counts as.
const LIVE: usize = 5;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// The lesson can't be used, or the languages differ in more than their words.
    Error,
    /// The lesson can be used, but would be better with a change.
    Warning,
}

#[derive(Debug)]
pub(crate) struct Finding {
    pub weight: Weight,
    /// Its place, what is wrong, and what was expected.
    pub error: LessonError,
}

impl Weight {
    pub(crate) fn name(self, lang: Lang) -> &'static str {
        match self {
            Weight::Error => lang.pick(["error", "错误"]),
            Weight::Warning => lang.pick(["warning", "警告"]),
        }
    }
}

impl Finding {
    /// The weight comes after the place.
    pub(crate) fn words(&self, lang: Lang) -> String {
        let weight = self.weight.name(lang);
        match &self.error {
            LessonError::Text {
                path, line, column, ..
            } => {
                let said = self.error.message(lang);
                let colon = lang.pick([": ", "："]);
                format!("{path}:{line}:{column}: {weight}{colon}{said}")
            }
            LessonError::Unreadable { .. } | LessonError::Empty { .. } => {
                let colon = lang.pick([": ", "："]);
                format!("{weight}{colon}{}", self.error.in_language(lang))
            }
        }
    }
}

/// The findings in a directory of lessons.
#[derive(Debug, Default)]
pub(crate) struct LintReport {
    pub findings: Vec<Finding>,
    pub files: usize,
}

impl LintReport {
    pub(crate) fn count(&self, weight: Weight) -> usize {
        let of_weight = |finding: &&Finding| finding.weight == weight;
        self.findings.iter().filter(of_weight).count()
    }
}

/// Checks all lessons of a directory: those in its folders `en` and `zh-CN`, or in itself.
pub(crate) fn lint(directory: &Path) -> LintReport {
    let mut errors = Vec::new();
    let files = library::find_all(directory, &mut errors);
    errors.extend(course::id(directory).err().into_iter().flatten());
    let mut findings: Vec<_> = errors.into_iter().map(error).collect();
    for file in &files {
        let mut finder = Finder {
            path: &file.path,
            findings: &mut findings,
        };
        // Skipped where a fence is not closed: all text below it would be taken for the fence's content.
        if let (Some(placed), Some(text)) = (&file.placed, &file.text) {
            too_wide(text, &mut finder);
            unmarked(text, &mut finder);
            by_itself(placed, &mut finder);
            shared(placed, text, &mut finder);
        }
    }
    ids(&files, &mut findings);
    translations(&files, &mut findings);
    let place = |finding: &Finding| match &finding.error {
        LessonError::Text {
            path, line, column, ..
        } => (path.clone(), *line, *column),
        LessonError::Unreadable { path, .. } | LessonError::Empty { path } => {
            (path.display().to_string(), 0, 0)
        }
    };
    findings.sort_by_key(place);
    LintReport {
        findings,
        files: files.len(),
    }
}

fn error(error: LessonError) -> Finding {
    Finding {
        weight: Weight::Error,
        error,
    }
}

/// Collects findings in one file.
struct Finder<'a> {
    path: &'a str,
    findings: &'a mut Vec<Finding>,
}

impl Finder<'_> {
    fn at(
        &mut self,
        weight: Weight,
        (line, column): (usize, usize),
        what: String,
        help: impl Into<String>,
    ) {
        self.findings.push(Finding {
            weight,
            error: LessonError::Text {
                path: self.path.to_owned(),
                line,
                column,
                what,
                help: Some(help.into()),
            },
        });
    }

    fn warn(&mut self, line: usize, what: String, help: impl Into<String>) {
        self.at(Weight::Warning, (line, 1), what, help);
    }
}

/// Reports code lines and commands that are too long: they don't wrap as prose does.
fn too_wide(text: &str, finder: &mut Finder) {
    let mut room = None;
    let mut fence = None;
    for (number, line) in (1..).zip(text.lines()) {
        let begins = |sign: &&str| line.trim_start().starts_with(*sign);
        if let Some(sign) = ["```", "~~~"].into_iter().find(begins)
            && *fence.get_or_insert(sign) == sign
        {
            let info = line.trim_start().trim_start_matches(sign);
            fence = fence.filter(|_| room.is_none());
            room = match (room, info.trim()) {
                (Some(_), _) => None,
                (None, info) if info.starts_with("run") => Some(COMMAND),
                (None, info) if markdown::is_plain(info) => Some(PANE),
                // The text in its fields wraps.
                (None, _) => Some(usize::MAX),
            };
            continue;
        }
        let width = match room {
            Some(COMMAND) => typed_width(line),
            _ => line.trim_end().width(),
        };
        if let Some(room) = room.filter(|room| width > *room) {
            let column = line.chars().count().min(room) + 1;
            let what = format!("this line is {width} columns wide");
            let help = match room {
                PANE => format!("more than {room} don't fit into the lesson's pane"),
                _ => format!("more than {room} don't fit after a shell's prompt at 80 columns"),
            };
            finder.at(Weight::Warning, (number, column), what, help);
        }
    }
}

/// The fields whose texts a learner reads.
const TOLD: [&str; 9] = [
    "choices",
    "hint",
    "measured",
    "name",
    "otherwise",
    "question",
    "say",
    "text",
    "why",
];

/// Reports emphasis in the fields of blocks: there only backquotes mark anything.
fn unmarked(text: &str, finder: &mut Finder) {
    for (number, line) in (1..).zip(text.lines()) {
        let Some((key, _)) = line.split_once(" = ") else {
            continue;
        };
        if !TOLD.contains(&key) {
            continue;
        }
        let mut start = 0;
        for (index, piece) in line.split('`').enumerate() {
            if let Some(at) = emphasis(piece).filter(|_| index % 2 == 0) {
                let column = line[..start + at].chars().count() + 1;
                let what = "these asterisks are shown as they are".to_owned();
                let help = "only backquotes mark something in the fields of a block";
                finder.at(Weight::Warning, (number, column), what, help);
                break;
            }
            start += piece.len() + 1;
        }
    }
}

/// The place at which words between asterisks begin.
fn emphasis(text: &str) -> Option<usize> {
    let opens = |at: usize| {
        text[at..]
            .trim_start_matches('*')
            .starts_with(char::is_alphanumeric)
    };
    let closes = |at: usize| text[..at].ends_with(char::is_alphanumeric);
    let mut found = text.match_indices('*').map(|(at, _)| at);
    let start = found.find(|at| opens(*at) && !closes(*at))?;
    found.any(closes).then_some(start)
}

/// Columns of a command when it is typed. Most live values are short numbers.
fn typed_width(line: &str) -> usize {
    let line = line.trim_end();
    let (_, live_values) = mask::mask(line);
    let (mut width, mut rest) = (0, 0);
    for live in live_values {
        width += line[rest..live.start].width() + LIVE;
        rest = live.end;
    }
    width + line[rest..].width()
}

/// Checks one lesson by itself.
fn by_itself(placed: &Placed, finder: &mut Finder) {
    let lesson = &placed.lesson;
    if lesson.sources.is_empty() {
        finder.warn(
            placed.line,
            "no `sources`".to_owned(),
            "name the man pages to read on, as in `sources = [\"uts_namespaces(7)\"]`",
        );
    }
    if lesson.minutes.is_none() {
        finder.warn(
            placed.line,
            "no `minutes`".to_owned(),
            "say about how long the lesson takes, as in `minutes = 8`",
        );
    }
    let width = lesson.title.width();
    if width > TITLE {
        finder.warn(
            placed.line,
            format!("the title is {width} columns wide"),
            format!("more than {TITLE} don't fit into the title bar at 80 columns"),
        );
    }
    let mut titles = BTreeMap::new();
    for step in &lesson.steps {
        if let Some(line) = titles.insert(step.title.as_str(), step.line) {
            finder.warn(
                step.line,
                format!("line {line} has a step of the same title"),
                "a learner who skips through finds a step by its title",
            );
        }
    }
    parts(lesson, finder);
    recap::look(lesson, finder);
}

/// Whether a lab could show the lesson's files.
fn shared(placed: &Placed, text: &str, finder: &mut Finder) {
    let directory = placed.lesson.shared_directory();
    if let Some(Err(error)) = directory.map(|it| share::pack(&it)) {
        let place = shape::field_place(text, "share").unwrap_or((placed.line, 1));
        let help = "`share` names a directory beside the lesson's file";
        finder.at(Weight::Error, place, error.to_string(), help);
    }
}

fn parts(lesson: &Lesson, finder: &mut Finder) {
    // Including containers of earlier steps.
    let mut launched = BTreeSet::new();
    for step in &lesson.steps {
        scripts::look(step, finder);
        // A container that the learner launches on their own.
        launched.extend(scripts::launches(step));
        for (part, line) in step.parts.iter().zip(&step.lines) {
            match part {
                Part::Launch(launch) => {
                    if let Some(join) = launch.plan.join
                        && !launched.contains(&join.whose)
                    {
                        let whose = Side::Container(join.whose);
                        finder.warn(
                            *line,
                            format!("{whose} is joined before anything launches it"),
                            "put the `launch` of that one above",
                        );
                    }
                    launched.insert(launch.container);
                }
                Part::Run(run) => {
                    // The lab launches a missing container before it types the command.
                    if let Side::Container(number) = run.side {
                        launched.insert(number);
                    }
                }
                Part::Check(check) => {
                    let names = shape::names(check.expr.source());
                    if names.is_empty() {
                        finder.warn(
                            *line,
                            "this check looks at nothing: it is true, or false, for ever"
                                .to_owned(),
                            "name what changes, as in `container.hostname == \"web1\"`",
                        );
                    }
                    let needs =
                        |name: &&str| name.starts_with("container") || name.starts_with("own");
                    if let Some(name) = names.iter().copied().find(|name| needs(name))
                        && launched.is_empty()
                        && !check.expr.source().contains("defined")
                    {
                        finder.warn(
                            *line,
                            format!("`{name}` is asked for before anything launches a container"),
                            "put a `launch` or a `run container` above it",
                        );
                    }
                }
                Part::Predict(predict) => constant_choices(predict, finder),
                Part::Prose(_) | Part::Hint(_) | Part::Figure(_) => {}
            }
        }
        figures(step, &launched, finder);
    }
}

/// Reports figures of containers that nothing launches. A figure may be above the launch, in the same step.
fn figures(step: &LessonStep, launched: &BTreeSet<ContainerNumber>, finder: &mut Finder) {
    for (figure, line) in step.figures() {
        for side in &figure.sides {
            if let Side::Container(number) = side
                && !launched.contains(number)
            {
                finder.warn(
                    line,
                    format!("the figure shows {side}, and nothing up to here launches it"),
                    "name sides that are there in this step, or leave `sides` out",
                );
            }
        }
    }
}

/// Ids are unique in a language.
fn ids(files: &[LessonFile], findings: &mut Vec<Finding>) {
    let mut taken: HashMap<(Option<Lang>, &str), &str> = HashMap::new();
    for read in files {
        let Some(placed) = &read.placed else { continue };
        let id = (read.lang, placed.lesson.id.as_str());
        if let Some(first) = taken.get(&id) {
            findings.push(error(placed.taken(&read.path, first)));
        } else {
            taken.insert(id, &read.path);
        }
    }
}

/// If a directory has both languages, every lesson is in both, and they differ in their words only.
fn translations(files: &[LessonFile], findings: &mut Vec<Finding>) {
    let of = |lang| files.iter().filter(move |read| read.lang == Some(lang));
    if Lang::ALL.into_iter().any(|lang| of(lang).next().is_none()) {
        return;
    }
    for [from, to] in [[Lang::En, Lang::ZhCn], [Lang::ZhCn, Lang::En]] {
        for read in of(from) {
            let other = of(to).find(|other| other.name == read.name);
            let mut finder = Finder {
                path: &read.path,
                findings,
            };
            match other {
                None => finder.at(
                    Weight::Error,
                    (1, 1),
                    format!("there is no {}/{}", to.name(), read.name),
                    "each lesson is a file of the same name in both folders",
                ),
                // Reported once, at the translation.
                Some(other) if from == Lang::ZhCn => {
                    if let (Some(ours), Some(original)) = (&read.placed, &other.placed) {
                        let text = read.text.as_deref().unwrap_or_default();
                        shape::compare(original, &other.path, (ours, text), &mut finder);
                    }
                }
                Some(_) => {}
            }
        }
    }
}

/// Reports choices with a constant expression, which no measurement can show.
fn constant_choices(predict: &Predict, finder: &mut Finder) {
    for (expr, choice) in predict.exprs.iter().zip(&predict.choices) {
        if shape::names(expr.source()).is_empty() {
            finder.at(
                Weight::Warning,
                expr.place(),
                format!("the expression of \"{choice}\" looks at nothing, so it is never measured"),
                "write what would be seen if this choice were right, or choose another wrong answer",
            );
        }
    }
}
