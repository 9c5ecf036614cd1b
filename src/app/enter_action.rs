//! What Enter does next, as far as the lesson and the lab tell.
//!
//! Whether what it is about is in view is `page`'s to say; what is done then is `act`'s.

use super::autoplay;
use super::state::{Lab, Phase, State};
use crate::lesson::{Deed, Lesson, Part, Step, Template};
use crate::sandbox::{Nth, Plan, Side};

/// What Enter does next.
#[derive(Debug, Clone, Copy, PartialEq)]
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
    Launch(Nth, Plan),
    /// Launches the shell a command, or another container, needs.
    LaunchFirst(Side, Plan),
    /// Types a line.
    Type {
        /// Into whose shell.
        side: Side,
        /// What.
        line: &'a Template,
    },
    /// Nothing: a value of the line to type isn't there yet.
    ValueMissing(&'a str),
    /// Says what is missing.
    Nudge,
    /// Does what the step asks of the learner's keys.
    Show,
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
        if let Some(on) = self.past_lack() {
            return on;
        }
        let progress = self.walk.progress();
        let Some(index) = progress.pending(step) else {
            if !progress.all_done(step) {
                return if progress.nudged {
                    self.show_next(lesson, step).unwrap_or(Next::StepAnyway)
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
                None => self.launch_next(lesson, index, launch.container, launch.plan),
            },
            Part::Run(run) => {
                let shell = self.shell(run.side);
                let wanted = match run.side {
                    Side::Host => Plan::default(),
                    Side::Container(nth) => self.needed_plan(self.walk.wanted(lesson, index, nth)),
                };
                let line = run.lines.get(progress.typed(index));
                match (self.lab_wait(), &shell.phase, line) {
                    (Some(wait), _, _) => wait,
                    (None, Phase::Starting, _) => Next::ShellStarting(run.side),
                    (None, Phase::Running, Some(line)) if shell.plan == wanted => {
                        self.type_next(lesson, index, run.side, line)
                    }
                    _ => self
                        .missing(lesson, index, wanted)
                        .unwrap_or(Next::LaunchFirst(run.side, wanted)),
                }
            }
            Part::Prose(_) | Part::Check(_) | Part::Hint(_) => self.after(lesson),
        }
    }

    /// What the learner is shown next of what the step leaves to them, or what that waits for.
    fn show_next<'a>(&'a self, lesson: &Lesson, step: &'a Step) -> Option<Next<'a>> {
        let (part, ready) = (step.parts.len(), Next::Show);
        let next = match autoplay::deed(self, step)?.1 {
            Deed::Choose(_) | Deed::Open(_) => return Some(ready),
            Deed::Launch(_) | Deed::Type { .. } if self.lab_wait().is_some() => self.lab_wait()?,
            Deed::Launch(launch) => self.launch_next(lesson, part, launch.container, launch.plan),
            Deed::Type { side, line } => match (*side, &self.shell(*side).phase) {
                (side, Phase::Running) => self.type_next(lesson, part, side, line),
                (side, Phase::Starting) => Next::ShellStarting(side),
                (Side::Host, _) => Next::LaunchFirst(Side::Host, Plan::default()),
                (Side::Container(nth), _) => self.container_first(lesson, part, nth, 0),
            },
        };
        Some(match next {
            Next::Launch(..) | Next::Type { .. } => ready,
            other => other,
        })
    }

    fn type_next<'a>(
        &'a self,
        lesson: &Lesson,
        part: usize,
        side: Side,
        line: &'a Template,
    ) -> Next<'a> {
        let absent = line.lives().find(|it| it.text(&self.context).is_none());
        let Some(value) = absent else {
            return Next::Type { side, line };
        };
        // A value of a container that isn't there comes with it.
        let paths = value.paths(&self.context).into_iter();
        let missing = paths.filter_map(|(path, value)| match value {
            None => path.split('.').next()?.parse().ok(),
            Some(_) => None,
        });
        for side in missing {
            if let Side::Container(nth) = side
                && !self.shell(side).runs()
            {
                return self.container_first(lesson, part, nth, 0);
            }
        }
        Next::ValueMissing(value.source())
    }

    fn launch_next(&self, lesson: &Lesson, part: usize, nth: Nth, plan: Plan) -> Next<'_> {
        if self.shell(Side::Container(nth)).phase == Phase::Starting {
            return Next::ShellStarting(Side::Container(nth));
        }
        let plan = self.needed_plan(plan);
        self.missing(lesson, part, plan)
            .unwrap_or(Next::Launch(nth, plan))
    }

    /// What has to be there before a container can be launched that joins another one.
    fn missing(&self, lesson: &Lesson, part: usize, plan: Plan) -> Option<Next<'_>> {
        self.missing_below(lesson, part, plan, 0)
    }

    /// The same for what it joins; two that join each other are a lesson's mistake, and no container
    /// joins more than there are.
    fn missing_below(
        &self,
        lesson: &Lesson,
        part: usize,
        plan: Plan,
        depth: usize,
    ) -> Option<Next<'_>> {
        let whose = plan.join.filter(|_| depth < Nth::COUNT)?.whose;
        match self.shell(Side::Container(whose)).phase {
            Phase::Running => None,
            Phase::Starting | Phase::Absent | Phase::Exited(_) | Phase::Failed(_) => {
                Some(self.container_first(lesson, part, whose, depth + 1))
            }
        }
    }

    /// Launches a container that doesn't run, or what it joins.
    fn container_first(&self, lesson: &Lesson, part: usize, nth: Nth, depth: usize) -> Next<'_> {
        let side = Side::Container(nth);
        if self.shell(side).phase == Phase::Starting {
            return Next::ShellStarting(side);
        }
        let plan = self.needed_plan(self.walk.wanted(lesson, part, nth));
        self.missing_below(lesson, part, plan, depth)
            .unwrap_or(Next::LaunchFirst(side, plan))
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
