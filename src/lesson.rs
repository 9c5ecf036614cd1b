//! Lessons as data: steps made of prose, predictions, commands, checks and hints.
//!
//! Owns the lesson format and the names for checks and live values. Must not know the learner's place, how a
//! lesson is drawn, or how a command reaches a shell.

mod asks;
mod blocks;
pub(crate) mod chinese;
pub(crate) mod course;
mod deeds;
pub(crate) mod draft;
mod error;
pub(crate) mod expr;
mod figure;
mod glossary;
mod launch;
mod library;
pub(crate) mod lint;
mod markdown;
mod mask;
mod names;
mod needs;
mod one_program;
mod parser;
mod read_expr;
pub(crate) mod script;
pub(crate) mod shell_line;
pub(crate) mod show;
mod source;
mod table;
mod template;
#[cfg(test)]
mod tests;
mod text_file;

pub(crate) use deeds::{StepDeed, ends_its_shell};
pub(crate) use error::LessonError;
pub use expr::Context;
pub(crate) use expr::{EndedCommand, Expr, Known, KnownSide, View};
pub(crate) use figure::{Figure, FigureKind};
pub(crate) use glossary::{Glossary, Marker, Term};
pub(crate) use launch::Launch;
pub use library::Library;
pub(crate) use library::usable;
pub(crate) use needs::{Containers, Lack, MachineState, StepNeeds};
pub use parser::parse;
pub use script::Deed;
pub(crate) use script::Script;
pub(crate) use show::Show;
pub(crate) use template::Said;
pub use template::Template;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::namespace::NamespaceSet;
use crate::observe::Question;
use crate::sandbox::Side;

/// One lesson, as its file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// The path of its file, as errors name it.
    pub file: String,
    /// Its name in saved progress and on the command line: `uts`.
    pub id: String,
    /// Its name on the screen.
    pub title: String,
    /// The flags of its containers, unless a launch has its own.
    pub flags: NamespaceSet,
    /// An estimate of how long it takes.
    pub minutes: Option<u16>,
    /// Further reading: man pages.
    pub sources: Vec<String>,
    /// A directory beside its file, whose files its lab shows.
    pub share: Option<String>,
    /// At least one.
    pub steps: Vec<LessonStep>,
    /// The questions of its expressions about the sides, each once.
    pub asks: Vec<(Side, Question)>,
}

impl Lesson {
    /// The directory whose files its lab shows.
    pub(crate) fn shared_directory(&self) -> Option<PathBuf> {
        let name = self.share.as_ref()?;
        Some(Path::new(&self.file).with_file_name(name))
    }
}

/// One idea: the text below a `##` heading.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LessonStep {
    /// The heading's text.
    pub title: String,
    /// In the order of the file; at least one.
    pub parts: Vec<Part>,
    /// The heading's line in the file, counted from 1.
    pub line: usize,
    /// The line of each part.
    pub lines: Vec<usize>,
    /// The requirements of this step on the machine.
    pub needs: Option<StepNeeds>,
    /// The rows and sides of the comparison that the author wants to show.
    pub show: Option<Show>,
    /// Scripts for `verify` that do what the learner has to do alone here: each is another way.
    pub proofs: Vec<Script>,
    /// The sentences to remember of the whole lesson.
    pub recap: Option<Recap>,
}

/// The sentences to remember of a lesson. The learner's predictions are shown beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recap {
    /// At least one.
    pub sentences: Vec<String>,
    /// Its line in the file, counted from 1.
    pub line: usize,
}

impl LessonStep {
    pub(crate) fn prose(&self) -> impl Iterator<Item = &Block> {
        self.parts.iter().flat_map(|part| match part {
            Part::Prose(blocks) => blocks.as_slice(),
            _ => &[],
        })
    }

    /// Its checks, with their part indices.
    pub(crate) fn checks(&self) -> impl Iterator<Item = (usize, &Check)> {
        let parts = self.parts.iter().enumerate();
        parts.filter_map(|(index, part)| match part {
            Part::Check(check) => Some((index, check)),
            _ => None,
        })
    }

    /// Its runs, with their lines in the file.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (&Run, usize)> {
        let parts = self.parts.iter().zip(&self.lines);
        parts.filter_map(|(part, line)| match part {
            Part::Run(run) => Some((run, *line)),
            _ => None,
        })
    }

    /// Its figures, with their lines in the file.
    pub(crate) fn figures(&self) -> impl Iterator<Item = (&Figure, usize)> {
        let parts = self.parts.iter().zip(&self.lines);
        parts.filter_map(|(part, line)| match part {
            Part::Figure(figure) => Some((figure, *line)),
            _ => None,
        })
    }

    /// The expressions of its checks and of the right answers of its predictions.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Expr> {
        self.parts.iter().filter_map(|part| match part {
            Part::Check(check) => Some(&check.expr),
            Part::Predict(predict) => predict.expr(),
            Part::Prose(_) | Part::Launch(_) | Part::Run(_) | Part::Hint(_) | Part::Figure(_) => {
                None
            }
        })
    }

    /// Its hints, with their lines.
    pub fn hints(&self) -> impl DoubleEndedIterator<Item = (&Hint, usize)> {
        let parts = self.parts.iter().zip(&self.lines);
        parts.filter_map(|(part, line)| match part {
            Part::Hint(hint) => Some((hint, *line)),
            _ => None,
        })
    }

    /// The solution of the step: the last hint has it.
    pub fn solution(&self) -> Option<&Script> {
        self.hints().next_back()?.0.solution.as_ref()
    }

    /// The script that does what the step's own commands don't: its proof, or its solution.
    pub fn script(&self) -> Option<&Script> {
        self.proofs.first().or_else(|| self.solution())
    }

    /// The scripts besides that one: the solution, and the further proofs.
    pub fn other_ways(&self) -> impl Iterator<Item = &Script> {
        self.solution()
            .into_iter()
            .chain(self.proofs.iter().skip(1))
    }

    /// The line of the last hint, if its solution is missing.
    pub fn unsolved(&self) -> Option<usize> {
        let (hint, line) = self.hints().next_back()?;
        let checked = self.checks().next().is_some();
        (checked && hint.solution.is_none()).then_some(line)
    }
}

/// A part of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// The text between two blocks.
    Prose(Vec<Block>),
    /// A question that is asked before anything runs.
    Predict(Predict),
    /// A container to launch.
    Launch(Launch),
    /// Commands to type into a shell.
    Run(Run),
    /// A condition on what both sides see.
    Check(Check),
    /// Help for the step, shown when asked for.
    Hint(Hint),
    /// A picture of the lab.
    Figure(Figure),
}

/// A question with one right answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Predict {
    pub question: String,
    /// The possible answers; at least two.
    pub choices: Vec<String>,
    /// The index of the right choice.
    pub answer: usize,
    /// Why it is right; shown after any answer.
    pub why: String,
    /// A sentence with the measured values.
    pub measured: Option<Template>,
    /// One for each choice, or none: true, once the commands have run, if this choice is the right one.
    pub exprs: Vec<Expr>,
}

impl Predict {
    /// True, once the commands have run, if the answer is right.
    pub fn expr(&self) -> Option<&Expr> {
        self.exprs.get(self.answer)
    }

    /// The measured values of the sentence and of each choice, by expression. None while a value of the
    /// sentence is missing.
    pub fn values(&self, context: &Context) -> Option<BTreeMap<String, String>> {
        let mut values = self.verdict(context);
        if let Some(sentence) = &self.measured {
            values.extend(sentence.values(context)?);
        }
        Some(values)
    }

    /// The values of the choices alone, without those that can't be evaluated.
    pub fn verdict(&self, context: &Context) -> BTreeMap<String, String> {
        let truth = |it: &Expr| Some((it.source().to_owned(), it.truth(context)?.to_string()));
        self.exprs.iter().filter_map(truth).collect()
    }

    /// The choices that the measured values show.
    pub fn shown(&self, values: &BTreeMap<String, String>) -> Vec<usize> {
        let choices = self.exprs.iter().enumerate();
        let shown = choices.filter(|(_, expr)| {
            values
                .get(expr.source())
                .is_some_and(|value| value == "true")
        });
        shown.map(|(choice, _)| choice).collect()
    }

    /// Whether the values decide about a choice.
    pub fn judges(&self, values: &BTreeMap<String, String>) -> bool {
        self.expr()
            .is_some_and(|expr| values.contains_key(expr.source()))
    }

    /// Whether the measured values show the answer; None if they show no choice, or several.
    pub fn borne_out(&self, values: &BTreeMap<String, String>) -> Option<bool> {
        match self.shown(values).as_slice() {
            [choice] => Some(*choice == self.answer),
            _ => None,
        }
    }
}

/// Commands for one side's shell.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub side: Side,
    /// The lines to type; at least one, none of them empty.
    pub lines: Vec<Template>,
}

/// Something that becomes true when the step is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The sentence about the condition, such as "the container is web1".
    pub name: String,
    /// True once the step is done.
    pub expr: Expr,
    /// The advice if it stays false.
    pub hint: Option<String>,
    /// Known mistakes, each with its own sentence.
    pub wrong: Vec<NearMiss>,
}

impl Check {
    /// Whether it is true now; false while a side in it is absent.
    pub fn holds(&self, context: &Context) -> bool {
        self.expr.is_true(context)
    }

    /// The first near miss that is true now; None while the check holds.
    pub fn near_miss(&self, context: &Context) -> Option<&NearMiss> {
        if self.holds(context) {
            return None;
        }
        self.wrong.iter().find(|wrong| wrong.when.is_true(context))
    }
}

/// A near miss of a check.
#[derive(Debug, Clone, PartialEq)]
pub struct NearMiss {
    /// True after this mistake.
    pub when: Expr,
    /// The sentence for the learner then.
    pub say: String,
    /// Makes this mistake, starting from a fresh lab host.
    pub sample: Option<Script>,
}

/// One hint; a step's hints are shown one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Hint {
    pub text: String,
    /// Solves the step from its beginning.
    pub solution: Option<Script>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    Paragraph(Vec<Inline>),
    /// An item of a list.
    Item {
        /// `•` or `1.`; empty for a further paragraph of the same item.
        marker: String,
        /// 0 for an item of the outermost list.
        depth: usize,
        content: Vec<Inline>,
    },
    /// Lines shown unchanged.
    Code(Vec<String>),
    Quote(Vec<Inline>),
}

impl Block {
    /// Its running text; none for code.
    pub fn inlines(&self) -> &[Inline] {
        match self {
            Block::Paragraph(text) | Block::Quote(text) => text,
            Block::Item { content, .. } => content,
            Block::Code(_) => &[],
        }
    }

    /// Its live values in order.
    pub fn live_values(&self) -> impl Iterator<Item = &Expr> {
        self.inlines().iter().filter_map(|inline| match inline {
            Inline::Live(expr) => Some(expr),
            _ => None,
        })
    }
}

/// A piece of running text.
#[derive(Debug, Clone, PartialEq)]
pub enum Inline {
    Text(String),
    Strong(String),
    Emphasis(String),
    Code(String),
    /// `{{ expression }}`: a value of this machine, as it is now.
    Live(Expr),
    Break,
}
