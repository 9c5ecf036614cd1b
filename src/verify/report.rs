//! The results of verify: a report for each step, as text and as JSON.
//!
//! Must not know how they were found.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

use crate::lang::Lang;

/// The result of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepReport {
    /// `en` or `zh-CN`.
    pub lang: String,
    pub lesson: String,
    /// Counted from 1.
    pub step: usize,
    pub title: String,
    pub outcome: Outcome,
    /// How many checks were false before and true after it.
    pub checks: usize,
    /// How many predictions had the right answer.
    pub predictions: usize,
    /// How many samples led to their near miss.
    pub samples: usize,
    /// Whether the last hint's solution made all checks true.
    pub solved: bool,
    /// What could not be verified. No failure.
    pub warnings: Vec<Fault>,
    pub millis: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Outcome {
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

/// What is wrong at a place in a lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
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
    /// Whether both are the same fault, whatever the values were.
    pub(super) fn is_like(&self, other: &Fault) -> bool {
        let place = |it: &Fault| (it.line, it.column);
        place(self) == place(other) && self.what == other.what
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault {
            file,
            line,
            column,
            what,
            seen,
            pane,
        } = self;
        write!(f, "{file}:{line}:{column}: {what}")?;
        for value in seen {
            write!(f, "\n    {value}")?;
        }
        for line in pane {
            write!(f, "\n    | {line}")?;
        }
        Ok(())
    }
}

impl StepReport {
    /// A report without results yet.
    pub fn new(lang: Lang, lesson: &str, step: usize, title: &str) -> Self {
        Self {
            lang: lang.name().to_owned(),
            lesson: lesson.to_owned(),
            step,
            title: title.to_owned(),
            outcome: Outcome::Ok,
            checks: 0,
            predictions: 0,
            samples: 0,
            solved: false,
            warnings: Vec::new(),
            millis: 0,
        }
    }
}

/// A line, and below it all faults and warnings.
impl fmt::Display for StepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match &self.outcome {
            Outcome::Ok => "ok     ",
            Outcome::Skipped { .. } => "skipped",
            Outcome::Failed { .. } => "FAILED ",
            Outcome::NotReached => "not reached",
        };
        let Self {
            lang,
            lesson,
            step,
            title,
            ..
        } = self;
        write!(f, "{word}  {lang:<5}  {lesson}/{step} {title}   ")?;
        match &self.outcome {
            Outcome::Skipped { why } => write!(f, "{why}")?,
            Outcome::NotReached => {}
            Outcome::Ok | Outcome::Failed { .. } => f.write_str(&self.counts())?,
        }
        if let Outcome::Failed { faults } = &self.outcome {
            for fault in faults {
                write!(f, "\n  {fault}")?;
            }
        }
        for warning in &self.warnings {
            write!(f, "\n  not verified: {warning}")?;
        }
        Ok(())
    }
}

impl StepReport {
    fn counts(&self) -> String {
        let mut text = String::new();
        let counts = [
            (self.checks, "check"),
            (self.predictions, "prediction"),
            (self.samples, "sample"),
        ];
        for (count, what) in counts {
            if count > 0 {
                let _ = write!(text, "{}, ", counted(count, what));
            }
        }
        if self.solved {
            text.push_str("solved, ");
        }
        let _ = write!(text, "{} ms", self.millis);
        text
    }
}

/// `1 check`, `2 checks`.
pub fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

/// The totals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub ok: usize,
    pub failed: usize,
    pub not_reached: usize,
    pub skipped: usize,
    pub warnings: usize,
    pub millis: u64,
}

impl Summary {
    pub fn add(&mut self, report: &StepReport) {
        let count = match report.outcome {
            Outcome::Ok => &mut self.ok,
            Outcome::Skipped { .. } => &mut self.skipped,
            Outcome::Failed { .. } => &mut self.failed,
            Outcome::NotReached => &mut self.not_reached,
        };
        *count += 1;
        self.warnings += report.warnings.len();
    }

    pub fn passes(&self) -> bool {
        self.failed == 0 && self.not_reached == 0
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary {
            ok,
            failed,
            not_reached,
            skipped,
            warnings,
            millis,
        } = *self;
        write!(f, "{} ok, {failed} failed", counted(ok, "step"))?;
        for (count, what) in [(not_reached, "not reached"), (skipped, "skipped")] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        if warnings > 0 {
            write!(f, ", {} not verified", counted(warnings, "thing"))?;
        }
        write!(f, ", in {}.{} s", millis / 1000, millis % 1000 / 100)
    }
}
