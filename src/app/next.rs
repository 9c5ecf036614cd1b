//! What Enter does next, as far as the lesson and the lab tell.
//!
//! Whether what it is about is in view is `page`'s to say; what is done then is `act`'s.

use super::state::{Lab, Phase, State};
use crate::lesson::{Lesson, Part};
use crate::namespace::NamespaceSet;
use crate::sandbox::Side;

/// What Enter does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next<'a> {
    /// Shows more of the step: what waits for the learner is not in view yet.
    ReadOn,
    /// Nothing: the lab host is not there yet.
    LabStarting,
    /// Nothing: there is no lab host.
    LabAbsent,
    /// Nothing: a shell is not there yet.
    ShellStarting(Side),
    /// Asks for a choice.
    Choose,
    /// Goes on without a choice.
    Skip,
    /// Takes the choice under the cursor.
    Answer(usize),
    /// Launches a container.
    Launch(NamespaceSet),
    /// Launches the shell a command needs.
    LaunchFirst(Side, NamespaceSet),
    /// Types a line.
    Type {
        /// Into whose shell.
        side: Side,
        /// What.
        line: &'a str,
    },
    /// Says what is missing.
    Nudge,
    /// Goes on though something is missing.
    StepAnyway,
    /// Goes on.
    Step,
    /// Goes on to the lesson of this title.
    Lesson(&'a str),
    /// Nothing: this was the last step.
    Finished,
    /// Nothing: there are no lessons.
    NoLesson,
    /// Nothing: the lessons have mistakes.
    Broken,
}

impl State {
    /// What the step waits for, whether or not it is in view.
    pub(crate) fn next(&self) -> Next<'_> {
        if self.broken.is_some() {
            return Next::Broken;
        }
        let Some((lesson, step)) = self.lesson().zip(self.step()) else {
            return Next::NoLesson;
        };
        let progress = self.walk.progress();
        let Some(index) = progress.pending(step) else {
            if !progress.all_done(step) {
                return if progress.nudged {
                    Next::StepAnyway
                } else {
                    Next::Nudge
                };
            }
            return self.after(lesson);
        };
        match &step.parts[index] {
            Part::Predict(predict) => match progress.choice {
                Some(choice) if choice < predict.choices.len() => Next::Answer(choice),
                _ if progress.urged == Some(index) => Next::Skip,
                _ => Next::Choose,
            },
            Part::Launch(launch) => match self.lab_wait() {
                Some(wait) => wait,
                None if self.container.phase == Phase::Starting => {
                    Next::ShellStarting(Side::Container)
                }
                None => Next::Launch(self.needed(launch.flags)),
            },
            Part::Run(run) => {
                let shell = self.shell(run.side);
                let wanted = match run.side {
                    Side::Host => NamespaceSet::EMPTY,
                    Side::Container => self.needed(self.walk.wanted(lesson, index)),
                };
                let line = run.lines.get(progress.typed(index));
                match (self.lab_wait(), &shell.phase, line) {
                    (Some(wait), _, _) => wait,
                    (None, Phase::Starting, _) => Next::ShellStarting(run.side),
                    (None, Phase::Running, Some(line)) if shell.flags == wanted => Next::Type {
                        side: run.side,
                        line,
                    },
                    _ => Next::LaunchFirst(run.side, wanted),
                }
            }
            Part::Prose(_) | Part::Check(_) | Part::Hint(_) => self.after(lesson),
        }
    }

    /// What comes after the present step.
    pub(super) fn after<'a>(&'a self, lesson: &Lesson) -> Next<'a> {
        if self.walk.step() + 1 < lesson.steps.len() {
            return Next::Step;
        }
        match self.lessons.lesson(self.walk.lesson() + 1, self.lang) {
            Some(lesson) => Next::Lesson(&lesson.title),
            None => Next::Finished,
        }
    }

    fn lab_wait(&self) -> Option<Next<'static>> {
        match self.lab {
            Lab::Undecided | Lab::Starting => Some(Next::LabStarting),
            Lab::Ready => None,
            Lab::Failed { .. } | Lab::Gone => Some(Next::LabAbsent),
        }
    }
}
