//! The actions of a step, in order.
//!
//! Owns the order of a step's own commands and its script. Must not know who carries them out.

use crate::sandbox::Side;

use super::shell_line::{becomes_another, pipelines};
use super::{Block, Context, Deed, Expr, LessonStep, Part, Template, View};

/// A line with one of these words, at any place, may end the shell that the line is typed into.
const ENDS_ITS_SHELL: [&str; 4] = ["exit", "logout", "kill", "reboot"];

/// Whether a line is likely to end the shell it is typed into.
pub(crate) fn ends_its_shell(line: &str) -> bool {
    // A group of commands may hold an `exec`, too.
    let exec = becomes_another(line) || (pipelines(line).is_none() && has(line, "exec"));
    exec || ENDS_ITS_SHELL.iter().any(|word| has(line, word))
}

/// Whether a word is anywhere in a line, in quotes and paths too.
fn has(line: &str, wanted: &str) -> bool {
    let mut words = line.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| word == wanted)
}

/// One action of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepDeed {
    /// The index of its part; for an action of the script, the index of the step's first check.
    pub part: usize,
    /// The number of its line in a run, from 0.
    pub line: usize,
    pub deed: Deed,
}

impl LessonStep {
    /// The step's launches and lines, in order. If its first check has neither above it, the script comes there.
    pub fn deeds(&self) -> Vec<StepDeed> {
        let mut deeds: Vec<StepDeed> = Vec::new();
        for (part, it) in self.parts.iter().enumerate() {
            let deed = |line, deed| StepDeed { part, line, deed };
            match it {
                Part::Launch(launch) => deeds.push(deed(0, Deed::Launch(launch.clone()))),
                Part::Run(run) => {
                    for (number, line) in run.lines.iter().enumerate() {
                        let (side, line) = (run.side, line.clone());
                        deeds.push(deed(number, Deed::Type { side, line }));
                    }
                }
                Part::Check(_) if deeds.is_empty() => {
                    let actions = self.script().map_or(&[][..], |script| &script.actions);
                    deeds.extend(actions.iter().map(|action| deed(0, action.deed.clone())));
                }
                Part::Check(_)
                | Part::Prose(_)
                | Part::Predict(_)
                | Part::Hint(_)
                | Part::Figure(_) => {}
            }
        }
        deeds
    }

    /// Whether later steps may rely on what is done here: a launch, or commands that a check is about.
    /// Without either, the step only looks at something.
    pub fn leaves_something(&self) -> bool {
        let leaves = |part: &Part| matches!(part, Part::Check(_) | Part::Launch(_));
        self.parts.iter().any(leaves) && self.works_in_a_shell()
    }

    /// Whether the learner launches containers in it on their own: it has a launch in its script, and no launch or
    /// line of its own.
    pub fn leaves_launches(&self) -> bool {
        let own = |it: &Part| matches!(it, Part::Launch(_) | Part::Run(_));
        let launches = |it: &StepDeed| matches!(it.deed, Deed::Launch(_));
        !self.parts.iter().any(own) && self.deeds().iter().any(launches)
    }

    /// Whether it relies on effects of the steps before: it works in a shell, or names a side.
    pub fn needs_something(&self) -> bool {
        let draws = self.figures().next().is_some();
        self.asks(Expr::names_a_side) || draws || self.works_in_a_shell()
    }

    /// Whether it needs the machine's column: it names the machine, and doesn't open the column itself.
    pub fn needs_the_machine(&self) -> bool {
        let opens = |it: &StepDeed| matches!(it.deed, Deed::Open(View::Machine));
        self.asks(Expr::names_the_machine) && !self.deeds().iter().any(opens)
    }

    /// Whether one of its checks, predictions or live values fulfils `about`.
    fn asks(&self, about: impl Fn(&Expr) -> bool) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Check(check) => about(&check.expr),
            Part::Predict(predict) => {
                let measured = predict.measured.iter().flat_map(Template::live_values);
                predict.expr().into_iter().chain(measured).any(&about)
            }
            Part::Prose(blocks) => blocks.iter().flat_map(Block::live_values).any(&about),
            Part::Launch(_) | Part::Run(_) | Part::Hint(_) | Part::Figure(_) => false,
        })
    }

    /// Whether a side's shell may end in this step: a line of it says so, or a condition asks for it.
    pub fn may_end(&self, side: Side) -> bool {
        let by_line = |it: &StepDeed| match &it.deed {
            // `kill` may end the shell of the other side, too.
            Deed::Type { side: at, line } => {
                // A live value is one word.
                let line = line.shown(&Context::default());
                (*at == side && ends_its_shell(&line)) || has(&line, "kill")
            }
            Deed::Launch(_) | Deed::Choose(_) | Deed::Open(_) => false,
        };
        let asks = format!("{side} is not defined");
        let by_condition = |it: &Expr| it.source().contains(&asks);
        self.deeds().iter().any(by_line) || self.conditions().any(by_condition)
    }

    fn works_in_a_shell(&self) -> bool {
        let works = |it: &StepDeed| matches!(it.deed, Deed::Launch(_) | Deed::Type { .. });
        self.deeds().iter().any(works)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::ends_its_shell;

    #[rstest]
    #[case::by_its_command("cd /; exit 3", true)]
    #[case::by_another_program("cd / && exec sleep 9", true)]
    #[case::in_a_group("{ cd /; exec sh; }", true)]
    #[case::by_a_signal("bash -c 'kill -9 $PPID'", true)]
    #[case::exec_of_another_program("crun exec box hostname web1", false)]
    #[case::a_redirection("exec 3>/tmp/x", false)]
    fn a_line_may_end_its_shell(#[case] line: &str, #[case] ends: bool) {
        assert_eq!(ends_its_shell(line), ends);
    }
}
