//! Checks and predictions: when they are judged, and how the step scrolls to what they change.
//!
//! `walk` matches commands to lines; `lesson_state` records who did what.

use std::collections::BTreeSet;
use std::time::Instant;

use super::expected::{ExpectedSides, WhatDiffers};
use super::lesson_lab::Leads;
use super::lesson_state::ReadingPosition;
use super::lesson_view;
use super::msg::Effect;
use super::rebuild;
use super::shells::LabPhase;
use super::state::State;
use super::texts;
use super::walk::{self, Counts, Judged};
use crate::lesson::{Check, Deed, Launch, LessonStep, Part, View};
use crate::sandbox::{HostKind, Side};

impl State {
    /// Judges the checks by the newest snapshots.
    pub(super) fn look(&mut self) {
        let flags = self.next_launch.flags;
        self.lesson.refresh_context(&self.shells, flags);
        self.lesson.note_wanted(self.lang);
        let leads = self.lesson.lab.leads;
        match leads {
            _ if self.lesson.lab.rebuild.is_some() => {}
            Leads::Lesson => self.lesson.lab.expected.renew_others(&self.shells),
            Leads::Side(side) => self.lesson.lab.expected.renew(&self.shells, side),
            Leads::Learner => {}
        }
        self.look_at_checks();
    }

    /// Whether what is seen tells how the step stands. Where the step can't work, or its starting state is
    /// missing, a true check proves nothing.
    fn judges(&self) -> bool {
        self.step().is_none_or(|step| self.can_work(step).is_ok())
            && self.lesson.lab.rebuild.is_none()
            && !rebuild::tells_nothing(self)
    }

    /// Notes the learner's own commands that have just ended in a side's shell, by their numbers: if one is the
    /// line that waits, and has ended as it should, that line is done.
    pub(super) fn note_own_lines(&mut self, side: Side, own: &[u64]) {
        if own.is_empty() || !self.judges() {
            return;
        }
        self.lesson
            .refresh_context(&self.shells, self.next_launch.flags);
        for number in own {
            let shell = self.shells.get(side);
            let launch = shell.launch;
            let ended = shell.emulator.commands_after(number - 1).next();
            let ended = ended.filter(|it| !it.line.is_empty());
            let Some((line, status)) = ended.map(|it| (it.line.clone(), it.status)) else {
                continue;
            };
            if self.note_own_command(side, &line, status) {
                self.lesson.credit.count(side, launch, *number);
                continue;
            }
            let well = Some(status).filter(|it| *it == 0);
            for command in well.iter().flat_map(|_| walk::ended_well(&line)) {
                self.note_own_command(side, command, status);
            }
        }
    }

    /// Returns whether it is the line that waits.
    fn note_own_command(&mut self, side: Side, command: &str, status: i32) -> bool {
        let (Some(lesson), Some(step)) = (self.lesson(), self.step()) else {
            return false;
        };
        let (walk, context) = (&self.lesson.walk, &self.lesson.context);
        let Some(found) = walk.next_line_like(step, context, side, (command, status)) else {
            return false;
        };
        if self.shells.get(side).plan != self.plan_of_run(lesson, found.part, side) {
            return false;
        }
        self.follow(|state| {
            let lab = state.lesson.lab.number;
            state.lesson.walk.do_own_line(found, lab);
        });
        if self.lesson.lab.leads == Leads::Learner {
            self.lesson.lab.leads = Leads::Side(side);
        }
        true
    }

    /// The launches of the step, by their parts, whose container runs with their plan.
    fn launched(&self) -> BTreeSet<usize> {
        let runs = |launch: &Launch| {
            let shell = self.shells.get(Side::Container(launch.container));
            shell.runs() && shell.plan == self.needed_plan(&launch.plan)
        };
        let parts = self.step().into_iter().flat_map(|it| it.parts.iter());
        let launches = parts.enumerate().filter_map(|(index, part)| match part {
            Part::Launch(launch) if runs(launch) => Some(index),
            _ => None,
        });
        launches.collect()
    }

    pub(super) fn look_at_checks(&mut self) {
        if !self.judges() {
            return;
        }
        self.follow(|state| {
            let (lang, lab) = (state.lang, state.lesson.lab.number);
            let launched = state.launched();
            let cause = state
                .lesson
                .credit
                .cause(&state.lesson.lines, &state.shells);
            // On the machine, some checks stay open.
            let counts = match state.shells.host_kind {
                HostKind::Lab | HostKind::LabWithoutUser => Counts::Checks,
                HostKind::Machine => Counts::Deeds,
            };
            let host = state.shells.sees_host();
            let Some((step, walk, context)) = state.lesson.step_mut(lang) else {
                return;
            };
            let progress = walk.progress_mut();
            progress.work(lab);
            let before = progress.ticks(step);
            let judged = Judged {
                context,
                host,
                cause,
                launched: &launched,
            };
            progress.look(step, &judged);
            progress.note_made(step, lab, counts);
            // A deed that makes a check true is right, whoever did it.
            if progress.ticks(step) > before {
                state.lesson.lab.expected = ExpectedSides::of(&state.shells);
            }
        });
    }

    /// What to say about a check that is not true: a mistake that its lesson knows, a difference that keeps it
    /// from being true, or its hint once the learner has asked. `None` while the step waits for something else.
    pub(super) fn what_is_wrong(&self, check: &Check, asked: bool) -> Option<String> {
        if self.lesson.lab.rebuild.is_some() || rebuild::tells_nothing(self) {
            return None;
        }
        let begun = asked || self.lesson.has_begun(&self.shells);
        let near = check.near_miss(&self.lesson.context);
        // A state from before the first deed is no mistake.
        let near = near.filter(|wrong| begun || !wrong.when.names_a_side());
        let near = near.map(|wrong| wrong.say.clone());
        let cause = || {
            let known = self.lesson.known(&self.shells, self.next_launch.flags);
            let causes = self.lesson.lab.expected.causes(check, &known, &self.shells);
            let host = self.shells.host_kind;
            (!causes.is_empty()).then(|| texts::causes(self.lang, &causes, host))
        };
        let hint = || {
            let hint = check.hint.clone().filter(|_| asked)?;
            if let Some(inside) = self.inside() {
                return Some(inside);
            }
            Some(match self.strayed() {
                Some(strayed) => texts::both(self.lang, &strayed, &hint),
                None => hint,
            })
        };
        let shadowed = || {
            let (side, shadowed) = self.lesson.shadowed(&self.shells).filter(|_| asked)?;
            Some(texts::shadowed(self.lang, side, &shadowed))
        };
        match (near.or_else(cause).or_else(hint), shadowed()) {
            (Some(said), Some(shadowed)) => Some(texts::both(self.lang, &shadowed, &said)),
            (said, shadowed) => said.or(shadowed),
        }
    }

    /// Whether this step types something into a shell.
    fn types_into(&self, side: Side) -> bool {
        let deeds = self.step().map(LessonStep::deeds).unwrap_or_default();
        let mut deeds = deeds.iter();
        deeds.any(|it| matches!(&it.deed, Deed::Type { side: at, .. } if *at == side))
    }

    /// A program in other namespaces that has taken the terminal of a shell which this step types into: it has
    /// got the typed lines.
    fn inside(&self) -> Option<String> {
        let shells = self.shells.all().filter(|(side, _)| self.types_into(*side));
        let mut inside = shells.filter_map(|(side, shell)| {
            let program = shell.snapshot.as_ref()?.program.as_ref()?;
            Some(texts::inside(self.lang, side, &program.name))
        });
        inside.next()
    }

    /// A difference on a side that this step types nothing into: the learner has typed into the wrong shell.
    fn strayed(&self) -> Option<String> {
        let differences = self.lesson.lab.expected.differences(&self.shells);
        let may_end = |side: Side| self.step().is_some_and(|step| step.may_end(side));
        let mut strayed = differences.iter().filter(|it| {
            let meant = it.what == WhatDiffers::Ended && may_end(it.side);
            !it.anew && !meant && !self.types_into(it.side)
        });
        Some(texts::difference(self.lang, strayed.next()?))
    }

    /// Whether a check is not true because the lab differs from how the lesson left it.
    pub(super) fn has_cause(&self) -> bool {
        let known = self.lesson.known(&self.shells, self.next_launch.flags);
        let progress = self.lesson.walk.progress();
        self.step().is_some_and(|step| {
            let mut open = step.parts.iter().enumerate();
            open.any(|(index, part)| match part {
                Part::Check(check) if !progress.done(index) => {
                    let causes = self.lesson.lab.expected.causes(check, &known, &self.shells);
                    !causes.is_empty()
                }
                _ => false,
            })
        })
    }

    /// Measures what the learner has predicted.
    pub(super) fn measure(&mut self, now: Instant) {
        let progress = self.lesson.walk.progress();
        let to_measure = |step| progress.to_measure(step, now).next().is_some();
        if self.lesson.lab.rebuild.is_some() || !self.step().is_some_and(to_measure) {
            return;
        }
        let deadline = self.lesson.lines.deadline(&self.shells);
        let underway = deadline.is_some_and(|deadline| now < deadline);
        let before = lesson_view::view(self);
        if let Some((step, walk, context)) = self.lesson.step_mut(self.lang) {
            walk.measure(step, context, underway, now);
        }
        // The verdict may be longer than the text that it replaces. Scroll it into view with what is below it,
        // never past its first line, unless the learner reads elsewhere.
        if let (Some(old), Some(new)) = (before, lesson_view::view(self))
            && old.lines != new.lines
            && self.lesson.reader == ReadingPosition::Follows
        {
            let both = old.lines.iter().zip(&new.lines);
            let changed = both.take_while(|(old, new)| old == new).count();
            let needed = new.active.end.saturating_sub(usize::from(new.body.height));
            self.lesson.scroll = old.top.max(needed).min(changed);
        }
    }

    /// Makes a change that may lengthen the step. Scrolls only as far as needed to show the part that waits for
    /// the learner now, never past the part that waited before.
    pub(super) fn follow(&mut self, change: impl FnOnce(&mut Self)) {
        let (before, view) = (self.lesson.pending(self.lang), lesson_view::view(self));
        change(self);
        if self.lesson.pending(self.lang) == before {
            return;
        }
        if let (Some(old), Some(new)) = (view, lesson_view::view(self)) {
            let needed = new.active.end.saturating_sub(usize::from(new.body.height));
            self.lesson.scroll = old.top.max(needed.min(old.active.start));
        }
    }

    /// Judges the checks again if the learner opened a view or chose a flag.
    pub(super) fn note_view(&mut self, flags_changed: bool) {
        let machine = self.shells.machine.snapshot.as_ref();
        let machine = machine.map(|_| View::Machine);
        if flags_changed {
            // The program is another one now.
            self.lesson.opened.retain(|view| *view != View::Code);
        }
        let before = self.lesson.opened.len();
        for view in self.open_view().into_iter().chain(machine) {
            if !self.lesson.opened.contains(&view) {
                self.lesson.opened.push(view);
            }
        }
        if self.lesson.opened.len() > before || flags_changed {
            self.look();
        }
    }

    /// Notes that a step with nothing to do is in view to its end.
    pub(super) fn note_read(&mut self) {
        let unread = self
            .step()
            .is_some_and(|step| self.lesson.walk.unread(step));
        let seen = || lesson_view::view(self).is_some_and(|view| !view.more());
        if unread && self.views.overlay.is_none() && self.shells.lab != LabPhase::Starting && seen()
        {
            self.lesson.walk.note_read();
        }
    }

    /// Saves the learner's progress if it has changed.
    pub(super) fn save_progress(&mut self, effects: &mut Vec<Effect>) {
        let now = self.lesson.learners_walk().saved(&self.lesson.lessons);
        effects.extend(self.lesson.saving.save(now));
    }
}
