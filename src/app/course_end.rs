//! The last page of the course: what was done and what wasn't, and what to do next.
//!
//! Knows text and styles, no widget. The sentences are in `texts`.

use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::cut;
use super::outcome::{PredictionOutcome, PredictionVerdict};
use super::requirements::LessonStage;
use super::state::State;
use super::texts::{self, words};
use super::walk::{QuestionAnswer, StepProgress};
use crate::lesson::{Lesson, Part};
use crate::prose;
use crate::theme::Role;

/// Columns and rows around the lines: the box, and the footer below it.
const AROUND: (usize, usize) = (4, 3);
/// Columns of a lesson's line, without its title.
const BESIDE_TITLE: usize = 36;

/// Counts of what was done, in one lesson or in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    pub lessons: usize,
    pub lessons_done: usize,
    /// Steps that can work here.
    pub steps: usize,
    pub steps_done: usize,
    /// Done steps whose task nslab has done for the learner.
    pub shown: usize,
    /// Steps that can't work here.
    pub lacking: usize,
    pub questions: usize,
    pub right: usize,
    pub wrong: usize,
    /// Answered questions that no measurement has decided.
    pub undecided: usize,
    pub skipped: usize,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.lessons += other.lessons;
        self.lessons_done += other.lessons_done;
        self.steps += other.steps;
        self.steps_done += other.steps_done;
        self.shown += other.shown;
        self.lacking += other.lacking;
        self.questions += other.questions;
        self.right += other.right;
        self.wrong += other.wrong;
        self.undecided += other.undecided;
        self.skipped += other.skipped;
    }

    /// Questions that were neither answered nor skipped.
    pub(crate) fn open(&self) -> usize {
        let seen = self.right + self.wrong + self.undecided + self.skipped;
        self.questions - seen
    }
}

fn tally(state: &State, number: usize, lesson: &Lesson) -> Tally {
    let standing = state.standing(number);
    let mut tally = Tally {
        lessons: 1,
        lessons_done: usize::from(standing.stage == LessonStage::Done),
        steps: standing.steps,
        steps_done: standing.done,
        lacking: standing.lacking,
        ..Tally::default()
    };
    let walk = state.lesson.learners_walk();
    let fresh = StepProgress::default();
    for (at, step) in lesson.steps.iter().enumerate() {
        let progress = walk.progress_of(number, at).unwrap_or(&fresh);
        tally.shown += usize::from(progress.shown && progress.finished(step));
        for (part, it) in step.parts.iter().enumerate() {
            let Part::Predict(predict) = it else { continue };
            tally.questions += 1;
            let outcome = PredictionOutcome::of(step, progress, part, predict);
            let place = match outcome {
                None => continue,
                Some(it) if it.answer == QuestionAnswer::Skipped => &mut tally.skipped,
                Some(it) if !it.revealed => &mut tally.undecided,
                Some(it) => match it.verdict {
                    PredictionVerdict::Right => &mut tally.right,
                    PredictionVerdict::Wrong => &mut tally.wrong,
                    PredictionVerdict::Different
                    | PredictionVerdict::NotMeasured
                    | PredictionVerdict::Skipped => &mut tally.undecided,
                },
            };
            *place += 1;
        }
    }
    tally
}

/// The lines of the page, as wide as the screen allows.
pub(crate) fn lines(state: &State) -> Vec<Line<'static>> {
    let columns = usize::from(state.size.0).saturating_sub(AROUND.0).max(10);
    let room = u16::try_from(columns.min(90)).unwrap_or(u16::MAX);
    let lessons = (0..state.lesson.lessons.count())
        .filter_map(|number| Some((number, state.lesson.lessons.lesson(number, state.lang)?)));
    let lessons: Vec<_> = lessons
        .map(|(number, lesson)| (number, lesson, tally(state, number, lesson)))
        .collect();
    let mut all = Tally::default();
    for (_, _, tally) in &lessons {
        all.add(tally);
    }
    let mut lines = Vec::new();
    let mut say = |text: &str, role: Role| {
        lines.extend(prose::sentence(text, room, role, state.theme));
    };
    for text in texts::done_in_course(state.lang, &all) {
        say(&text, Role::Strong);
    }
    say("", Role::Text);
    let widest = lessons.iter().map(|(_, it, _)| it.title.width()).max();
    let widest = widest.unwrap_or(0);
    let widest = widest.min(usize::from(room).saturating_sub(BESIDE_TITLE).max(10));
    for (number, lesson, tally) in &lessons {
        let mark = match state.standing(*number).stage {
            LessonStage::Untouched => ' ',
            LessonStage::Begun => '○',
            LessonStage::Done => '✔',
            LessonStage::Lacking => '–',
        };
        let title = cut::padded(&cut::to_width(&lesson.title, widest), widest);
        let said = texts::done_in_lesson(state.lang, tally);
        let text = format!("{mark} {:2} {title}  {said}", number + 1);
        lines.push(Line::styled(text, state.theme.style(Role::Text)));
    }
    lines.push(Line::default());
    let heading = state.theme.style(Role::Heading);
    lines.push(Line::styled(words(state.lang).what_next, heading));
    let open = lessons.iter().find(|(number, _, _)| {
        !matches!(
            state.standing(*number).stage,
            LessonStage::Done | LessonStage::Lacking
        )
    });
    let open = open.map(|(number, lesson, _)| (number + 1, lesson.title.as_str()));
    for text in texts::what_next(state.lang, &all, open) {
        let wrapped = prose::sentence(&text, room.saturating_sub(2), Role::Text, state.theme);
        for (row, mut line) in wrapped.into_iter().enumerate() {
            line.spans
                .insert(0, if row == 0 { "• " } else { "  " }.into());
            lines.push(line);
        }
    }
    lines
}

/// How far the page can be scrolled.
pub(super) fn last_top(state: &State) -> usize {
    let room = usize::from(state.size.1).saturating_sub(AROUND.1);
    lines(state).len().saturating_sub(room)
}
