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
use super::walk::{QuestionAnswer, StepProgress, predictions};
use crate::lesson::{Lesson, LessonStep};
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
    fn step(&mut self, state: &State, (lesson, at): (usize, usize), step: &LessonStep) {
        let fresh = StepProgress::default();
        let walk = state.lesson.learners_walk();
        let progress = walk.progress_of(lesson, at).unwrap_or(&fresh);
        self.shown += usize::from(progress.shown && progress.finished(step));
        for (part, predict) in predictions(step) {
            self.questions += 1;
            let outcome = PredictionOutcome::of(step, progress, part, predict);
            let place = match outcome {
                None => continue,
                Some(it) if it.answer == QuestionAnswer::Skipped => &mut self.skipped,
                Some(it) if !it.revealed => &mut self.undecided,
                Some(it) => match it.verdict {
                    PredictionVerdict::Right => &mut self.right,
                    PredictionVerdict::Wrong => &mut self.wrong,
                    PredictionVerdict::Different
                    | PredictionVerdict::NotMeasured
                    | PredictionVerdict::Skipped => &mut self.undecided,
                },
            };
            *place += 1;
        }
    }

    /// Questions that were neither answered nor skipped.
    pub(crate) fn open(&self) -> usize {
        let seen = self.right + self.wrong + self.undecided + self.skipped;
        self.questions - seen
    }
}

fn tally<'l>(state: &State, lessons: impl IntoIterator<Item = (usize, &'l Lesson)>) -> Tally {
    let mut tally = Tally::default();
    for (number, lesson) in lessons {
        let standing = state.standing(number);
        tally.lessons += 1;
        tally.lessons_done += usize::from(standing.stage == LessonStage::Done);
        tally.steps += standing.steps;
        tally.steps_done += standing.done;
        tally.lacking += standing.lacking;
        for (at, step) in lesson.steps.iter().enumerate() {
            tally.step(state, (number, at), step);
        }
    }
    tally
}

/// The lines of the page, as wide as the screen allows.
pub(crate) fn lines(state: &State) -> Vec<Line<'static>> {
    let columns = usize::from(state.size.0).saturating_sub(AROUND.0).max(10);
    let room = columns.min(90);
    let lessons = || state.lesson.lessons.all(state.lang);
    let all = tally(state, lessons());
    let mut lines = Vec::new();
    let mut say = |text: &str, role: Role| {
        lines.extend(prose::sentence(text, room, role, state.theme));
    };
    for text in texts::done_in_course(state.lang, &all) {
        say(&text, Role::Strong);
    }
    say("", Role::Text);
    let widest = lessons().map(|(_, it)| it.title.width()).max().unwrap_or(0);
    let widest = widest.min(room.saturating_sub(BESIDE_TITLE).max(10));
    for (number, lesson) in lessons() {
        let mark = state.standing(number).stage.mark();
        let title = cut::padded(&lesson.title, widest);
        let said = texts::done_in_lesson(state.lang, &tally(state, [(number, lesson)]));
        let text = format!("{mark} {:2} {title}  {said}", number + 1);
        lines.push(Line::styled(text, state.theme.style(Role::Text)));
    }
    lines.push(Line::default());
    let heading = state.theme.style(Role::Heading);
    lines.push(Line::styled(words(state.lang).what_next, heading));
    let is_open = |(number, _): &(usize, _)| {
        let standing = state.standing(*number);
        !matches!(standing.stage, LessonStage::Done | LessonStage::Lacking)
    };
    let open = lessons().find(is_open);
    let open = open.map(|(number, lesson)| (number + 1, lesson.title.as_str()));
    for text in texts::what_next(state.lang, &all, open) {
        let wrapped = prose::sentence(&text, room.saturating_sub(2), Role::Text, state.theme);
        for (row, mut line) in wrapped.into_iter().enumerate() {
            let mark = if row == 0 { "• " } else { "  " };
            line.spans.insert(0, mark.into());
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
