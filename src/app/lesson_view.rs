//! A step of a lesson as lines of text: the shown parts, the lines in view, the places to click.
//!
//! Drawing, keys and mouse all use it, because scrolling depends on line breaks. Knows text and styles, no
//! widget.

mod recap;

use std::collections::BTreeSet;
use std::ops::Range;

use ratatui::layout::{Margin, Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::diagnosis;
use super::enter_action;
use super::enter_action::EnterAction;
use super::figure;
use super::figure::form::Figures;
use super::keymap::Place;
use super::lesson_state::ReadingPosition;
use super::mistake::Mistake;
use super::outcome::{PredictionOutcome, PredictionVerdict, ShownResult};
use super::starting_state;
use super::state::State;
use super::texts::{self, Words, words};
use super::walk::{LineState, QuestionAnswer, StepProgress};
use crate::explain::tools;
use crate::lesson::Lack;
use crate::lesson::script::Deed;
use crate::lesson::{
    Block, Check, Figure, Glossary, Hint, Launch, LessonStep, Marker, Part, Predict, Run, Said,
    show,
};
use crate::prose;
use crate::sandbox::Side;
use crate::theme::Role;

/// One line of a page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PageLine {
    pub line: Line<'static>,
    /// The choice that a click on it makes.
    pub choice: Option<usize>,
    /// The columns of each term in it, and its index in the glossary.
    pub terms: Vec<(Range<usize>, usize)>,
}

/// The text of the lesson's pane, wrapped to its width.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LessonView {
    /// All lines of the step that are shown so far.
    pub lines: Vec<PageLine>,
    pub body: Rect,
    /// The first line that is shown.
    pub top: usize,
    /// The lines of the part that waits for the learner.
    pub active: Range<usize>,
    /// The line between the step and the text about Enter.
    pub rule: Rect,
    /// The place of the text about Enter.
    pub foot: Rect,
    pub enter: Vec<String>,
}

impl LessonView {
    /// The `top` at which the last line is in view.
    pub(crate) fn last_top(&self) -> usize {
        self.lines
            .len()
            .saturating_sub(usize::from(self.body.height))
    }

    /// Whether lines are hidden below.
    pub(crate) fn more(&self) -> bool {
        self.top < self.last_top()
    }

    /// The term at a position of the screen, by its index in the glossary.
    pub(crate) fn term_at(&self, at: Position) -> Option<usize> {
        if !self.body.contains(at) {
            return None;
        }
        let column = usize::from(at.x - self.body.x);
        let line = self.lines.get(self.top + usize::from(at.y - self.body.y))?;
        let found = line.terms.iter().find(|(place, _)| place.contains(&column));
        found.map(|(_, term)| *term)
    }

    /// The choice at a row of the pane.
    pub(crate) fn choice_at(&self, row: u16) -> Option<usize> {
        if row >= self.body.height {
            return None;
        }
        self.lines.get(self.top + usize::from(row))?.choice
    }
}

/// The lesson's pane, if the screen has one.
pub(crate) fn view(state: &State) -> Option<LessonView> {
    let area = state.layout().lesson()?;
    // A blank column on both sides.
    let inner = area.inner(Margin::new(1, 0));
    let mut writer = LessonWriter::new(state, inner.width);
    let (lines, active) = if state.lesson.mistakes.shown {
        writer.errors(&state.lesson.mistakes.all);
        (writer.lines, 0..1)
    } else if let Some(step) = state.step() {
        writer.step(step)
    } else {
        writer.text("", words(state.lang).no_lessons, Role::Text);
        (writer.lines, 0..1)
    };
    let mut view = LessonView {
        lines,
        body: inner,
        top: 0,
        active,
        rule: Rect::ZERO,
        foot: Rect::ZERO,
        enter: Vec::new(),
    };
    place(&mut view, inner, state, &enter_action::enter_action(state));
    let hidden = view.active.end > view.top + usize::from(view.body.height);
    if hidden && state.lesson.keys_left.is_none() {
        place(&mut view, inner, state, &EnterAction::ReadOn);
    }
    Some(view)
}

/// Divides the pane into the step and the text about Enter.
fn place(view: &mut LessonView, inner: Rect, state: &State, next: &EnterAction<'_>) {
    let said = texts::next(state.lang, next, state.next_launch.flags);
    // If the lesson doesn't have the keys, Enter does something else.
    let said = match state.open_place() {
        Place::Lesson | Place::Prediction => said,
        Place::Shell => format!("{} → {said}", state.leave_key),
        Place::Shown => words(state.lang).enter_returns.to_owned(),
        _ => format!("F2 → {said}"),
    };
    view.enter = prose::wrap(&said, inner.width);
    view.enter.truncate(2);
    // The foot keeps its height, so that the step does not move while it is read.
    let is_narrow = inner.width < 60 && inner.height > 8;
    let enter = u16::try_from(view.enter.len()).unwrap_or(1);
    let foot_height = enter.max(if is_narrow { 2 } else { 1 });
    let body_height = inner.height.saturating_sub(foot_height + 1);
    view.body = Rect {
        height: body_height,
        ..inner
    };
    view.rule = Rect::new(inner.x, inner.y + body_height, inner.width, 1).intersection(inner);
    view.foot =
        Rect::new(inner.x, inner.y + body_height + 1, inner.width, foot_height).intersection(inner);
    view.top = state.lesson.scroll.min(view.last_top());
    // The message about the missing starting state is above the step: show the top.
    if matches!(next, EnterAction::Rebuild(_)) && state.lesson.reader == ReadingPosition::Follows {
        view.top = view.top.min(view.active.start);
    }
}

/// The action of Enter now: the next one of the step, once its part is in view.
pub(crate) fn enter_action(state: &State) -> EnterAction<'_> {
    match view(state) {
        Some(view)
            if state.lesson.keys_left.is_none()
                && view.active.end > view.top + usize::from(view.body.height) =>
        {
            EnterAction::ReadOn
        }
        _ => enter_action::enter_action(state),
    }
}

/// Writes lines of one width.
struct LessonWriter<'a> {
    state: &'a State,
    words: &'static Words,
    width: u16,
    lines: Vec<PageLine>,
}

impl<'a> LessonWriter<'a> {
    fn new(state: &'a State, width: u16) -> Self {
        LessonWriter {
            state,
            words: words(state.lang),
            width,
            lines: Vec::new(),
        }
    }

    fn style(&self, role: Role) -> Style {
        self.state.theme.style(role)
    }

    fn push(&mut self, line: Line<'static>) {
        self.lines.push(PageLine {
            line,
            choice: None,
            terms: Vec::new(),
        });
    }

    /// An empty line, unless there is one.
    fn gap(&mut self) {
        if self.lines.last().is_some_and(|last| last.line.width() > 0) {
            self.push(Line::default());
        }
    }

    /// A text whose further lines are indented like the first.
    fn text(&mut self, prefix: &str, text: &str, role: Role) {
        self.filled_text(prefix, &[Said::Words(text.to_owned())], role);
    }

    /// A text with values, indented like `text`.
    fn filled_text(&mut self, prefix: &str, said: &[Said], role: Role) {
        let (style, indent) = (self.style(role), " ".repeat(prefix.width()));
        let room = usize::from(self.width).saturating_sub(prefix.width());
        let lines = prose::filled_sentence(said, room.max(1), role, self.state.theme);
        for (i, mut line) in lines.into_iter().enumerate() {
            let start = if i == 0 { prefix } else { &indent };
            line.spans.insert(0, Span::styled(start.to_owned(), style));
            self.push(line);
        }
    }

    /// A command: its backquotes are no markup.
    fn command(&mut self, mark: &str, line: &str, role: Role) {
        let style = self.style(role);
        let room = self.width.saturating_sub(2).max(1);
        for (i, part) in prose::wrap(line, room).into_iter().enumerate() {
            let start = if i == 0 { mark } else { "  " };
            self.push(Line::styled(format!("{start}{part}"), style));
        }
    }

    /// The mistakes in the lessons.
    fn errors(&mut self, errors: &[Mistake]) {
        let title = texts::mistakes(self.state.lang, errors.len());
        self.text("✘ ", &title, Role::Heading);
        for Mistake(error) in errors {
            self.gap();
            let error = self.state.lang.pick([&error[0], &error[1]]);
            self.command("", error, Role::Attention);
        }
    }

    /// The whole step, and the lines of the part that waits for the learner.
    fn step(mut self, step: &LessonStep) -> (Vec<PageLine>, Range<usize>) {
        self.heading(step);
        let lack = self.state.lack();
        let rebuilt = self.starting_state();
        let mut active = None;
        if let Some(recap) = &step.recap {
            self.recap(recap);
        }
        // The parts that led to a refusal can still be read.
        if matches!(lack, None | Some(Lack::Container)) {
            active = self.parts(step);
        }
        let progress = self.state.lesson.walk.progress();
        let left = step.hints().count().saturating_sub(progress.hints);
        if let Some(lack) = lack {
            self.lacking(step, &lack);
            active = None;
        } else if left > 0 && !progress.all_done(step) {
            self.gap();
            let offer = texts::hints_left(self.state.lang, left);
            self.text("", &offer, Role::Dim);
        }
        let end = self.lines.len();
        let active = rebuilt.or(active);
        (self.lines, active.unwrap_or(end.saturating_sub(1)..end))
    }

    /// The message about the missing starting state. Returns its lines.
    fn starting_state(&mut self) -> Option<Range<usize>> {
        let rebuilding = self.state.lesson.lab.rebuild.is_some();
        let missing = starting_state::missing(self.state).filter(|_| !rebuilding);
        if !rebuilding && missing.is_none() {
            return None;
        }
        let start = self.lines.len();
        if let Some(missing) = missing {
            self.gap();
            let said = texts::missing(self.state.lang, &missing);
            self.text("! ", &said, Role::Attention);
        }
        Some(start..self.lines.len())
    }

    fn heading(&mut self, step: &LessonStep) {
        let state = self.state;
        let number = state.lesson.walk.step() + 1;
        let lesson = state.lesson();
        let count = lesson.map_or(number, |lesson| lesson.steps.len());
        self.text(&format!("{number}/{count} "), &step.title, Role::Heading);
        let host = state.shells.host_kind;
        let note = texts::not_the_lab(state.lang, host, state.system.user);
        if let Some(note) = note.filter(|_| number == 1) {
            self.gap();
            self.text("! ", note, Role::Attention);
        }
    }

    /// The parts as far as they are shown. Returns the lines of the one that waits for the learner.
    fn parts(&mut self, step: &LessonStep) -> Option<Range<usize>> {
        let progress = self.state.lesson.walk.progress();
        let pending = progress.pending(step);
        let mut active = None;
        let mut hints = 0;
        let mut after_check = false;
        let mut question_ahead = false;
        let mut marker = Marker::new(Glossary::of(self.state.lang));
        for (index, part) in step.parts.iter().enumerate() {
            let waits = pending == Some(index);
            // Later parts would give the answer away. Checks may be shown, unless they answer a question.
            let ahead = pending.is_some_and(|pending| index > pending);
            let start = self.lines.len();
            question_ahead |= (waits || ahead) && matches!(part, Part::Predict(_));
            match part {
                Part::Prose(_)
                | Part::Predict(_)
                | Part::Launch(_)
                | Part::Run(_)
                | Part::Figure(_)
                    if ahead => {}
                Part::Check(_) if ahead && question_ahead => {}
                Part::Prose(blocks) => self.prose(blocks, &mut marker),
                Part::Figure(figure) => self.figure(figure),
                Part::Predict(predict) => self.predict(step, progress, index, predict),
                Part::Launch(launch) => self.launch(launch, progress.satisfied(index, part)),
                Part::Run(run) => self.run(progress, index, run),
                Part::Check(check) => {
                    if !after_check {
                        self.gap();
                    }
                    self.check(progress, index, check);
                }
                Part::Hint(hint) => {
                    hints += 1;
                    if hints <= progress.hints {
                        self.hint(hints, hint);
                    }
                }
            }
            let unchanged = start == self.lines.len();
            after_check = matches!(part, Part::Check(_)) || (after_check && unchanged);
            if waits {
                active = Some(start..self.lines.len());
            }
        }
        active
    }

    fn prose(&mut self, blocks: &[Block], marker: &mut Marker) {
        self.gap();
        let context = &self.state.lesson.context;
        for marked in prose::marked(blocks, context, self.width, self.state.theme, marker) {
            self.lines.push(PageLine {
                line: marked.line,
                choice: None,
                terms: marked.terms,
            });
        }
    }

    fn figure(&mut self, figure: &Figure) {
        self.gap();
        match (
            figure::picture(self.state, figure, self.width),
            self.state.figures,
        ) {
            (Err(said), _) => self.text("", &said, Role::Dim),
            (Ok(picture), Figures::Told) => {
                for said in &picture.sentences {
                    self.text("", said, Role::Text);
                }
            }
            (Ok(picture), Figures::Drawn) => {
                for row in picture.rows {
                    let spans = row.0.into_iter();
                    let spans = spans.map(|it| Span::styled(it.text, self.style(it.role)));
                    self.push(spans.collect::<Vec<_>>().into());
                }
            }
        }
    }

    fn launch(&mut self, launch: &Launch, done: bool) {
        self.gap();
        let (mark, role) = done_or_command(done);
        let plan = texts::plan(self.state.lang, &launch.plan);
        let what = texts::launches(self.state.lang, launch.container);
        let text = format!("{what}{}{plan}", self.words.colon);
        self.text(mark, &text, role);
    }

    /// The reason why a step can't work here, and the text about what it would have shown.
    fn lacking(&mut self, step: &LessonStep, lack: &Lack) {
        self.gap();
        self.text("! ", &texts::lack(self.state.lang, lack), Role::Attention);
        let otherwise = step.needs.as_ref().and_then(|it| it.otherwise.as_ref());
        match (otherwise, lack) {
            (Some(text), _) => {
                self.gap();
                self.text("", text, Role::Text);
            }
            // Its parts are shown already.
            (None, Lack::Container) => {}
            (None, _) => {
                let mut marker = Marker::new(Glossary::of(self.state.lang));
                for part in &step.parts {
                    if let Part::Prose(blocks) = part {
                        self.prose(blocks, &mut marker);
                    }
                }
            }
        }
        self.gap();
        self.text("– ", self.words.neither, Role::Dim);
    }

    /// A hint, with the solution if it has one.
    fn hint(&mut self, number: usize, hint: &Hint) {
        self.gap();
        let prefix = format!("{} {number}{}", self.words.hint, self.words.colon);
        self.text(&prefix, &hint.text, Role::Attention);
        for action in hint.solution.iter().flat_map(|it| &it.actions) {
            let (lang, colon) = (self.state.lang, self.words.colon);
            let text = match &action.deed {
                Deed::Type { side, line } => {
                    let line = line.shown(&self.state.lesson.context);
                    format!("{}{colon}{line}", texts::shell(lang, *side))
                }
                Deed::Launch(launch) => {
                    let what = texts::launches(lang, launch.container);
                    format!("{what}{colon}{}", texts::plan(lang, &launch.plan))
                }
                Deed::Choose(flags) => {
                    format!("{}{colon}{}", self.words.flags, texts::flags(lang, *flags))
                }
                Deed::Open(view) => texts::opens(*view).to_owned(),
            };
            self.command("  ", &text, Role::Command);
        }
    }

    fn predict(
        &mut self,
        step: &LessonStep,
        progress: &StepProgress,
        index: usize,
        predict: &Predict,
    ) {
        self.gap();
        self.text("? ", &predict.question, Role::Strong);
        let Some(outcome) = PredictionOutcome::of(step, progress, index, predict) else {
            for (i, choice) in predict.choices.iter().enumerate() {
                let (cursor, role) = if progress.choice == Some(i) {
                    ('>', Role::Selected)
                } else {
                    (' ', Role::Text)
                };
                let start = self.lines.len();
                self.text(&format!("{cursor} {}. ", i + 1), choice, role);
                for line in &mut self.lines[start..] {
                    line.choice = Some(i);
                }
            }
            return;
        };
        self.answer(predict, &outcome);
        if !outcome.revealed {
            if outcome.answer != QuestionAnswer::Skipped {
                self.text("  ", self.words.now_see, Role::Dim);
            }
            return;
        }
        self.seen(&outcome);
        let (verdict, role) = match outcome.verdict {
            PredictionVerdict::Different => (self.words.otherwise.to_owned(), Role::Attention),
            PredictionVerdict::NotMeasured => (self.words.not_measured.to_owned(), Role::Attention),
            PredictionVerdict::Skipped => (String::new(), Role::Text),
            PredictionVerdict::Right => (format!("✔ {}", self.words.right), Role::Good),
            PredictionVerdict::Wrong => (format!("✘ {}", self.words.wrong), Role::Attention),
        };
        if !verdict.is_empty() {
            self.text("  ", &verdict, role);
        }
        self.text("  ", &predict.why, Role::Text);
    }

    /// The learner's answer.
    fn answer(&mut self, predict: &Predict, outcome: &PredictionOutcome) {
        match outcome.answer {
            QuestionAnswer::Chosen(choice) => {
                let said = predict.choices.get(choice).map_or("", String::as_str);
                let prefix = format!("  {}{}", self.words.you_said, self.words.colon);
                self.text(&prefix, said, Role::Text);
            }
            QuestionAnswer::Skipped => {
                let known = outcome.revealed && outcome.verdict != PredictionVerdict::Different;
                self.skipped(predict, known);
            }
        }
    }

    /// The measured values, or the right choice.
    fn seen(&mut self, outcome: &PredictionOutcome) {
        let colon = self.words.colon;
        match &outcome.seen {
            None => {}
            Some(ShownResult::Measured(said)) => {
                let prefix = format!("  {}{colon}", self.words.measured);
                self.filled_text(&prefix, said, Role::Strong);
            }
            Some(ShownResult::Right(choice)) => {
                let prefix = format!("  {}{colon}", self.words.right_one);
                self.text(&prefix, choice, Role::Strong);
            }
        }
    }

    /// The choices of a question that was not answered, with the right one marked once it is known.
    fn skipped(&mut self, predict: &Predict, known: bool) {
        self.text("  ", self.words.skipped, Role::Dim);
        for (i, choice) in predict.choices.iter().enumerate() {
            let (mark, role) = if known && i == predict.answer {
                ('✔', Role::Good)
            } else {
                (' ', Role::Dim)
            };
            self.text(&format!("{mark} {}. ", i + 1), choice, role);
        }
    }

    fn run(&mut self, progress: &StepProgress, index: usize, run: &Run) {
        self.gap();
        let role = match run.side {
            Side::Host => Role::Host,
            Side::Container(_) => Role::Container,
        };
        let place = texts::shell(self.state.lang, run.side);
        let text = format!("{place}{}", self.words.colon);
        self.text("", text.trim_end(), role);
        let unreported = |line: &usize| {
            let typed = progress.line_state(index, *line) == LineState::Typed;
            let state = self.state;
            typed && state.lesson.is_unreported(&state.shells, index, *line)
        };
        // The sentence about an unreported line is true of all of them, so it is shown once, below the last one.
        let unreported = (0..run.lines.len()).rfind(unreported);
        for (i, line) in run.lines.iter().enumerate() {
            let stands = progress.line_state(index, i);
            let (mark, role) = match stands {
                LineState::ToType => done_or_command(false),
                LineState::Typed => ("… ", Role::Dim),
                LineState::Done(_) => done_or_command(true),
                LineState::Failed(_) => ("✘ ", Role::Attention),
            };
            // A typed line stays as it was, even when its values change.
            let said = progress.line(index, i).map(str::to_owned);
            let said = said.unwrap_or_else(|| line.shown(&self.state.lesson.context));
            self.command(mark, &said, role);
            if unreported == Some(i) {
                self.text("→ ", self.words.unreported, Role::Attention);
            }
            if let LineState::Done(Some(shadowed)) = stands {
                let said = texts::shadowed(self.state.lang, run.side, shadowed);
                self.text("→ ", &said, Role::Attention);
            }
            if let LineState::Failed(failed) = stands {
                let how = texts::failed(self.state.lang, failed);
                let how = Said::Value(how.replace(char::is_control, " "));
                self.filled_text("  ", &[how], Role::Attention);
                if let Some(shadowed) = &failed.end.shadowed {
                    let said = texts::shadowed(self.state.lang, run.side, shadowed);
                    self.text("→ ", &said, Role::Attention);
                }
                if failed.end.again {
                    self.text("→ ", self.words.ran_before, Role::Attention);
                } else if failed.exists() {
                    self.text("→ ", self.words.exists_already, Role::Attention);
                }
                if let Some(why) = &failed.why {
                    let why = why.words(self.state.lang).replace(char::is_control, " ");
                    self.text("→ ", &why, Role::Attention);
                }
            }
        }
        let programs = run
            .lines
            .iter()
            .flat_map(|line| tools::programs(line.source()));
        let absent: BTreeSet<_> = programs
            .filter(|program| self.state.system.absent.contains(program))
            .collect();
        for program in absent {
            let missing = tools::missing(self.state.lang, &program);
            self.text("! ", &missing, Role::Attention);
        }
    }

    fn check(&mut self, progress: &StepProgress, index: usize, check: &Check) {
        match (progress.done(index), progress.holds(index)) {
            (true, true) => self.text("✔ ", &check.name, Role::Good),
            // Commands count only in the step in which they end, so a check that is false now means nothing.
            (true, false) if show::awaits_a_command(&check.expr) => {
                self.text("✔ ", &check.name, Role::Good);
            }
            (true, false) => {
                let note = texts::in_brackets(self.state.lang, self.words.no_longer);
                let text = format!("{}{note}", check.name);
                self.text("✔ ", &text, Role::Dim);
            }
            (false, _) => {
                self.text("○ ", &check.name, Role::Text);
                if let Some(say) = diagnosis::what_is_wrong(self.state, check, progress.nudged) {
                    self.text("  ", &say, Role::Attention);
                }
            }
        }
    }
}

fn done_or_command(done: bool) -> (&'static str, Role) {
    if done {
        ("✔ ", Role::Dim)
    } else {
        ("❯ ", Role::Command)
    }
}
