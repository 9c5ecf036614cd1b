//! What verifying found, a report for each step, as text and as JSON.
//!
//! Must not know how it was found.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

use crate::lang::Lang;

/// What became of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepReport {
    /// The language: `en`.
    pub lang: String,
    /// The lesson's id.
    pub lesson: String,
    /// The step's number, from 1.
    pub step: usize,
    /// Its title.
    pub title: String,
    /// Whether it does what it says.
    pub outcome: Outcome,
    /// How many checks were false before and true after it.
    pub checks: usize,
    /// How many predictions had the answer that was measured.
    pub predictions: usize,
    /// How many samples of a near miss were near misses.
    pub samples: usize,
    /// Whether the last hint's solution made all checks true.
    pub solved: bool,
    /// What could not be verified, though nothing is wrong.
    pub warnings: Vec<Fault>,
    /// How long all that took, in milliseconds.
    pub millis: u64,
}

/// Whether a step does what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Outcome {
    /// It does.
    Ok,
    /// It can't work on this machine.
    Skipped {
        /// Why.
        why: String,
    },
    /// It doesn't.
    Failed {
        /// All that is wrong.
        faults: Vec<Fault>,
    },
    /// An earlier step could not be done.
    NotReached,
}

/// Something that is wrong at a place of a lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The file's name.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// The values of what the expression looks at: `host.hostname is vm`.
    pub seen: Vec<String>,
    /// The last lines of the shell it happened in.
    pub pane: Vec<String>,
}

impl Fault {
    /// Whether it is the same thing that is wrong, whatever was seen then.
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
    /// Of a step that nothing is known of yet.
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

/// A line, and below it all that is wrong.
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

/// What was verified in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Steps that do what they say.
    pub ok: usize,
    /// Steps that don't.
    pub failed: usize,
    /// Steps behind one that could not be done.
    pub not_reached: usize,
    /// Steps that can't work on this machine.
    pub skipped: usize,
    /// What could not be verified.
    pub warnings: usize,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

impl Summary {
    /// Counts one more.
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

    /// Whether nothing is wrong.
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
