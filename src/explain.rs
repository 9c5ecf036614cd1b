//! Explains a refusal: the gate that refused, the reason, and the remedies, in the learner's language.
//!
//! Pure: an explanation follows from an operation, an errno and facts of the machine. Must not know where
//! it is shown, or how the facts were gathered.

mod decide;
mod gate;
mod line;
mod operation;
#[cfg(test)]
mod tests;
pub(crate) mod tools;
mod words;

use nix::errno::Errno;
use serde::Serialize;
use serde::ser::SerializeStruct;

pub use decide::explain;
pub(crate) use gate::{Explanation, Sysctl};
pub use gate::{Gate, Remedy};
use line::RefusedProgram;
pub(crate) use line::in_new;
pub use operation::{Operation, Who};
pub(crate) use words::shortfall;

use crate::facts::Facts;
use crate::lang::Lang;
use crate::sandbox::{Call, RefusedStep, Step};

impl Explanation {
    /// The reason and the remedies, as running text.
    pub fn words(&self, lang: Lang) -> String {
        let remedies = self.remedies.iter().map(|remedy| remedy.words(lang));
        let sentences: Vec<_> = std::iter::once(self.gate.why(lang))
            .chain(remedies)
            .collect();
        sentences.join(lang.pick([" ", ""]))
    }
}

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// This program is not there.
    Missing(String),
    Refused(Explanation),
}

impl Why {
    /// The reason in sentences, and the remedies.
    pub(crate) fn words(&self, lang: Lang) -> String {
        match self {
            Why::Missing(program) => tools::missing(lang, program),
            Why::Refused(explanation) => explanation.words(lang),
        }
    }
}

/// Explains why a command failed, from its line, its output and the facts of its shell, if they suffice.
/// If the command succeeded, explains only a refusal after which it went on.
pub(crate) fn ended(line: &str, succeeded: bool, printed: &str, facts: &Facts) -> Option<Why> {
    if succeeded {
        let refused = printed.lines().filter(|it| went_on(line, it));
        let refused = refused.collect::<Vec<_>>().join("\n");
        return self::printed(line, &refused, facts).map(Why::Refused);
    }
    match tools::not_found(printed) {
        Some(program) => Some(Why::Missing(program.to_owned())),
        None => self::printed(line, printed, facts).map(Why::Refused),
    }
}

/// Whether a command line printed anything that facts may explain.
pub(crate) fn may_be_explained(line: &str, succeeded: bool, printed: &str) -> bool {
    let seen = |it: &str| Operation::seen(it).is_some();
    if succeeded {
        return printed.lines().any(|it| went_on(line, it) && seen(it));
    }
    tools::not_found(printed).is_some() || printed.lines().any(seen)
}

/// Whether the line went on after this refusal: the program itself, or with the next command.
fn went_on(line: &str, printed: &str) -> bool {
    operation::went_on(line, printed) || line::went_on(line, printed)
}

/// Explains the first refusal in a command's output that can be explained.
pub(crate) fn printed(line: &str, text: &str, facts: &Facts) -> Option<Explanation> {
    text.lines().find_map(|printed| {
        let (operation, errno) = Operation::seen(printed)?;
        let explanation = match RefusedProgram::find(line, printed) {
            Some(refused) => {
                let facts = refused.facts(operation, facts);
                explain(refused.operation(operation), errno, &facts)
            }
            None => explain(operation, errno, facts),
        };
        (explanation.gate != Gate::Unknown).then_some(explanation)
    })
}

/// A refused step and its explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    #[serde(serialize_with = "as_printed")]
    pub step: Step,
    pub explanation: Explanation,
}

impl From<&RefusedStep> for Refusal {
    fn from(refused: &RefusedStep) -> Self {
        Self::new(refused.step.clone(), &refused.facts)
    }
}

/// Serializes a step for other programs: its call as strace(1) prints it.
fn as_printed<S: serde::Serializer>(step: &Step, serializer: S) -> Result<S::Ok, S::Error> {
    let mut fields = serializer.serialize_struct("Step", 4)?;
    fields.serialize_field("call", &step.call.to_string())?;
    fields.serialize_field("errno", &step.errno)?;
    fields.serialize_field("value", &step.value)?;
    fields.serialize_field("micros", &step.micros)?;
    fields.end()
}

impl Refusal {
    /// Explains a refused step with the facts of the process that it was refused to.
    pub fn new(step: Step, facts: &Facts) -> Self {
        let mut explanation = explain(Operation::of_call(&step.call), errno_of(&step), facts);
        if explanation.gate == Gate::NoProgram {
            let package = match &step.call {
                Call::Exec(argv) => argv.first().and_then(|program| tools::package(program)),
                _ => None,
            };
            explanation.remedies.extend(package.map(Remedy::Install));
        }
        Self { step, explanation }
    }

    /// Like [`Refusal::new`], boxed for a message.
    pub fn boxed(step: Step, facts: &Facts) -> Box<Self> {
        Box::new(Self::new(step, facts))
    }

    /// The call, the errno, the reason and the remedies, in one line. Control characters are removed: a
    /// learner who traces the launcher can make it report anything, and this is printed on the
    /// machine's terminal too.
    pub fn words(&self, lang: Lang) -> String {
        let (call, errno) = (&self.step.call, errno_of(&self.step));
        let why = self.explanation.words(lang);
        let words = match lang {
            Lang::En => format!("{call}: {}. {why}", errno.desc()),
            Lang::ZhCn => format!("{call}：{errno:?}（{}）。{why}", errno.desc()),
        };
        words.replace(char::is_control, " ")
    }
}

fn errno_of(step: &Step) -> Errno {
    step.errno.map_or(Errno::UnknownErrno, Errno::from_raw)
}
