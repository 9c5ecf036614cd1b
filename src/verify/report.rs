//! The results of verify: a report for each step, as text and as JSON.
//!
//! Must not know how they were found.

use std::fmt::Write;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::chinese;
use crate::lang::Lang;

/// The result of one step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StepReport {
    /// `en` or `zh-CN`.
    pub lang: String,
    pub lesson: String,
    /// Counted from 1.
    pub step: usize,
    pub title: String,
    pub outcome: StepOutcome,
    /// How many checks were false before and true after it.
    pub checks: usize,
    /// How many predictions had the right answer.
    pub predictions: usize,
    /// How many samples led to their near miss.
    pub samples: usize,
    /// Whether the last hint's solution made all checks true.
    pub solved: bool,
    /// The points that could not be verified. They are no failures.
    pub warnings: Vec<Fault>,
    pub millis: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub(crate) enum StepOutcome {
    #[default]
    Ok,
    Skipped {
        why: String,
    },
    Failed {
        faults: Vec<Fault>,
    },
    /// An earlier step could not be completed.
    NotReached,
}

/// A fault at a place in a lesson.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fault {
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    pub what: String,
    /// The paths of the expression with their values: `host.hostname is vm`.
    pub seen: Vec<String>,
    /// The last lines of the shell's output.
    pub pane: Vec<String>,
}

impl Fault {
    /// Whether both are the same fault, perhaps with other values.
    pub(super) fn is_like(&self, other: &Fault) -> bool {
        let place = |it: &Fault| (it.line, it.column);
        place(self) == place(other) && self.what == other.what
    }

    /// The fault in a language; the output of a shell stays as it is.
    fn words(&self, lang: Lang) -> String {
        let Fault {
            file,
            line,
            column,
            what,
            seen,
            pane,
        } = self;
        let mut text = format!(
            "{file}:{line}:{column}: {}",
            chinese::fault_text(lang, what)
        );
        for value in seen {
            let _ = write!(text, "\n    {}", chinese::value_text(lang, value));
        }
        for line in pane {
            let _ = write!(text, "\n    | {line}");
        }
        text
    }
}

/// The milliseconds since then.
pub(super) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl StepReport {
    /// A report without results yet.
    pub(crate) fn new(lang: Lang, lesson: &str, step: usize, title: &str) -> Self {
        Self {
            lang: lang.name().to_owned(),
            lesson: lesson.to_owned(),
            step,
            title: title.to_owned(),
            ..Self::default()
        }
    }

    /// A line, and below it all faults and warnings.
    pub(crate) fn words(&self, lang: Lang) -> String {
        let [english, chinese] = match &self.outcome {
            StepOutcome::Ok => ["ok     ", "通过"],
            StepOutcome::Skipped { .. } => ["skipped", "跳过"],
            StepOutcome::Failed { .. } => ["FAILED ", "失败"],
            StepOutcome::NotReached => ["not reached", "未做"],
        };
        let word = lang.pick([english, chinese]);
        let Self {
            lang: of_lesson,
            lesson,
            step,
            title,
            ..
        } = self;
        let mut text = format!("{word}  {of_lesson:<5}  {lesson}/{step} {title}   ");
        match &self.outcome {
            StepOutcome::Skipped { why } => text.push_str(&chinese::fault_text(lang, why)),
            StepOutcome::NotReached => {}
            StepOutcome::Ok | StepOutcome::Failed { .. } => text.push_str(&self.counts(lang)),
        }
        if let StepOutcome::Failed { faults } = &self.outcome {
            for fault in faults {
                let _ = write!(text, "\n  {}", fault.words(lang));
            }
        }
        for warning in &self.warnings {
            let _ = write!(
                text,
                "\n  {}{}",
                lang.pick(["not verified: ", "未验证："]),
                warning.words(lang)
            );
        }
        text
    }

    fn counts(&self, lang: Lang) -> String {
        let all = [
            (self.checks, ["check", "检查"]),
            (self.predictions, ["prediction", "预测"]),
            (self.samples, ["sample", "样例"]),
        ];
        let some = all.into_iter().filter(|(count, _)| *count > 0);
        let mut counts: Vec<_> = some.map(|(it, what)| counted(lang, it, what)).collect();
        if self.solved {
            counts.push(lang.pick(["solved", "解法有效"]).to_owned());
        }
        counts.push(lang.pick([
            format!("{} ms", self.millis),
            format!("{} 毫秒", self.millis),
        ]));
        counts.join(lang.pick([", ", "，"]))
    }
}

/// `1 check`, `2 checks`, `检查 2`.
fn counted(lang: Lang, count: usize, [english, chinese]: [&str; 2]) -> String {
    match (lang, count) {
        (Lang::En, 1) => format!("1 {english}"),
        (Lang::En, count) => format!("{count} {english}s"),
        (Lang::ZhCn, count) => format!("{chinese} {count}"),
    }
}

/// How many steps had each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Summary {
    pub ok: usize,
    pub failed: usize,
    pub not_reached: usize,
    pub skipped: usize,
    pub warnings: usize,
    pub millis: u64,
}

impl Summary {
    pub(crate) fn add(&mut self, report: &StepReport) {
        let count = match report.outcome {
            StepOutcome::Ok => &mut self.ok,
            StepOutcome::Skipped { .. } => &mut self.skipped,
            StepOutcome::Failed { .. } => &mut self.failed,
            StepOutcome::NotReached => &mut self.not_reached,
        };
        *count += 1;
        self.warnings += report.warnings.len();
    }

    pub(crate) fn verdict(&self) -> OverallVerdict {
        if self.failed > 0 || self.not_reached > 0 {
            OverallVerdict::Failed
        } else if self.ok == 0 && self.skipped > 0 {
            OverallVerdict::NothingVerified
        } else {
            OverallVerdict::Passed
        }
    }
}

/// The result of all steps together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OverallVerdict {
    Passed,
    Failed,
    /// Every step was skipped.
    NothingVerified,
}

impl Summary {
    /// One line.
    pub(crate) fn words(&self, lang: Lang) -> String {
        let Summary {
            ok,
            failed,
            not_reached,
            skipped,
            warnings,
            millis,
        } = *self;
        let mut told = lang.pick([
            vec![
                counted(lang, ok, ["step", ""]) + " ok",
                format!("{failed} failed"),
            ],
            vec![format!("通过 {ok} 步"), format!("失败 {failed} 步")],
        ]);
        if not_reached > 0 {
            let words = [
                format!("{not_reached} not reached"),
                format!("未做 {not_reached} 步"),
            ];
            told.push(lang.pick(words));
        }
        if skipped > 0 {
            let words = [format!("{skipped} skipped"), format!("跳过 {skipped} 步")];
            told.push(lang.pick(words));
        }
        if warnings > 0 {
            let english = counted(lang, warnings, ["thing", ""]) + " not verified";
            told.push(lang.pick([english, format!("未验证 {warnings} 处")]));
        }
        if self.verdict() == OverallVerdict::NothingVerified {
            let words = [
                "nothing could be verified on this machine",
                "在这台机器上什么也没能验证",
            ];
            told.push(lang.pick(words).to_owned());
        }
        let seconds = format!("{}.{}", millis / 1000, millis % 1000 / 100);
        let seconds = lang.pick([format!("in {seconds} s"), format!("用时 {seconds} 秒")]);
        let comma = lang.pick([", ", "，"]);
        format!("{}{comma}{seconds}", told.join(comma))
    }
}
