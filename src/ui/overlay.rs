//! The overlays: keys, lessons, questions.

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};
use unicode_width::UnicodeWidthStr;

use super::frame::Frame;
use super::{glossary, map, prompt, search};
use crate::app::course_end;
use crate::app::cut;
use crate::app::help;
use crate::app::keymap::{self, Place};
use crate::app::options;
use crate::app::requirements::LessonStage;
use crate::app::search::listed_lessons;
use crate::app::shells::LabPhase;
use crate::app::state::State;
use crate::app::texts::{self, words};
use crate::app::views::Overlay;
use crate::prose;
use crate::sandbox::{HostKind, Side};
use crate::theme::Role;

/// Columns of the list of lessons, without the title.
const AROUND_TITLE: usize = 30;

/// Draws the overlay, if there is one.
pub(super) fn draw(frame: &mut Frame, state: &State) {
    let words = words(state.lang);
    match &state.views.overlay {
        None => {}
        Some(Overlay::Help { place, scroll }) => {
            let lines = help::lines(state, *place);
            boxed(frame, state, [words.keys_title, ""], lines, *scroll);
        }
        Some(Overlay::CourseEnd { scroll }) => {
            let lines = course_end::lines(state);
            let titles = [words.course_end_title, words.lesson_marks];
            boxed(frame, state, titles, lines, *scroll);
        }
        Some(Overlay::Lessons { cursor }) => {
            let half = usize::from(frame.area().height / 2);
            let listed = listed_lessons(state);
            let at = listed.iter().position(|index| index == cursor).unwrap_or(0);
            let first = at.saturating_sub(half.saturating_sub(4));
            let (done, lines) = lessons(state, *cursor, &listed);
            let title = texts::lessons_title(state.lang, done, state.lesson.lessons.count());
            let place = boxed(frame, state, [&title, words.lesson_marks], lines, first);
            search::draw(frame, state, place, &title);
        }
        Some(Overlay::Glossary { id }) => glossary::draw(frame, state, id),
        Some(Overlay::Map) => map::draw(frame, state),
        Some(Overlay::Inside { of, scroll }) => map::draw_inside(frame, state, *of, *scroll),
        Some(Overlay::Prompt) => prompt::draw(frame, state),
        Some(Overlay::Quit { running }) => {
            let lines = quit(state, running);
            boxed(frame, state, [words.quit_title, ""], lines, 0);
        }
        Some(Overlay::Options { row }) => {
            let lines = options::lines(state, *row);
            boxed(frame, state, [words.options_title, ""], lines, 0);
        }
        Some(Overlay::Risk(host)) => {
            boxed(frame, state, [words.risk_title, ""], risk(state, *host), 0);
        }
    }
}

/// The number of all lessons that are done, and a line for each listed one: its state, its title, how much of
/// it is done, how long it takes. A search doesn't change the size of the box.
fn lessons(state: &State, cursor: usize, listed: &[usize]) -> (usize, Vec<Line<'static>>) {
    let all: Vec<_> = state.lesson.lessons.all(state.lang).collect();
    let widest = all.iter().map(|(_, lesson)| lesson.title.width()).max();
    let room = usize::from(state.size.0).saturating_sub(AROUND_TITLE);
    let widest = widest.unwrap_or(0).min(room);
    let room = usize::from(state.size.1.saturating_sub(3)).min(all.len());
    let mut done = 0;
    let mut lines = Vec::new();
    for (index, lesson) in all {
        let standing = state.standing(index);
        done += usize::from(standing.stage == LessonStage::Done);
        let how = standing.stage.mark();
        let mark = if index == cursor { '>' } else { ' ' };
        let title = cut::padded(&lesson.title, widest);
        let steps = texts::standing(state.lang, &standing);
        let minutes = lesson.minutes.map_or_else(String::new, |minutes| {
            format!("  {minutes:>2} {}", words(state.lang).minutes)
        });
        let role = if index == cursor {
            Role::Selected
        } else {
            Role::Text
        };
        let text = format!("{mark} {how} {:2} {title}  {steps:<5}{minutes}", index + 1);
        if listed.contains(&index) {
            lines.push(Line::styled(text, state.theme.style(role)));
        } else if listed.is_empty() && lines.is_empty() {
            let said = texts::nothing_found(state.lang, state.views.query());
            let said = cut::padded(&said, text.width());
            lines.push(Line::raw(said));
        }
    }
    let blank = lines.iter().map(Line::width).max().unwrap_or(0);
    lines.resize(lines.len().max(room), Line::raw(" ".repeat(blank)));
    (done, lines)
}

fn quit(state: &State, running: &[(Side, String)]) -> Vec<Line<'static>> {
    let words = words(state.lang);
    let mut lines = vec![Line::raw(words.quit_question)];
    lines.extend(running.iter().map(|(side, program)| {
        let shell = texts::shell(state.lang, *side);
        let text = format!("  {program}{}", texts::in_brackets(state.lang, &shell));
        Line::styled(text, state.theme.style(Role::Attention))
    }));
    lines.push(Line::default());
    lines.push(Line::raw(keys(state, Place::QuitQuestion)));
    lines
}

fn risk(state: &State, host: HostKind) -> Vec<Line<'static>> {
    let room = state.size.0.saturating_sub(6).min(76);
    let mut lines = Vec::new();
    for sentence in texts::risk(state.lang, host) {
        lines.extend(prose::wrap(sentence, room).into_iter().map(Line::raw));
        lines.push(Line::default());
    }
    let no = texts::without_risk(state.lang, state.shells.lab == LabPhase::Undecided);
    lines.extend(prose::wrap(no, room).into_iter().map(Line::raw));
    lines.push(Line::default());
    lines.push(Line::raw(keys(state, Place::RiskQuestion)));
    lines
}

/// The keys of a place that its footer shows, as one text.
pub(super) fn keys(state: &State, place: Place) -> String {
    let keys = keymap::bindings(place)
        .filter(|binding| binding.footer)
        .map(|binding| {
            let words = texts::key(state.lang, binding.word);
            format!("{} {}", binding.brief(place, state.leave_key), words.short)
        });
    keys.collect::<Vec<_>>().join(" · ")
}

/// A border with a title.
pub(super) fn titled(state: &State, title: &str, border: Role) -> Block<'static> {
    let title = Span::styled(format!(" {title} "), state.theme.style(Role::Heading));
    let block = Block::bordered().border_style(state.theme.style(border));
    block.title(title)
}

/// Says that there is more than fits.
pub(super) fn more_below(state: &State) -> Line<'static> {
    let more = format!(" ↓ {} ", words(state.lang).more);
    Line::styled(more, state.theme.style(Role::Attention))
}

/// An empty box over what was drawn before.
pub(super) fn open_box(frame: &mut Frame, place: Rect, block: Block<'_>) {
    uncover(&mut frame.buffer, place);
    frame.render_widget(Clear, place);
    frame.render_widget(block, place);
}

/// Blanks the column left of the box: a wide character there would be drawn over the border.
fn uncover(buf: &mut Buffer, place: Rect) {
    let Some(x) = place.x.checked_sub(1) else {
        return;
    };
    for y in place.y..place.bottom() {
        if let Some(cell) = buf.cell_mut((x, y))
            && cell.symbol().width() > 1
        {
            cell.set_char(' ');
        }
    }
}

/// A box in the middle, with a title above and a legend below, large enough for its text if the screen
/// is. `first` is the first line. Returns the box.
fn boxed(
    frame: &mut Frame,
    state: &State,
    [title, legend]: [&str; 2],
    lines: Vec<Line<'static>>,
    first: usize,
) -> Rect {
    let screen = frame.area();
    let widest = lines.iter().map(Line::width).max().unwrap_or(0);
    let width = u16::try_from(widest.max(title.width() + 4).max(legend.width() + 2) + 4)
        .unwrap_or(u16::MAX)
        .min(screen.width);
    let height = u16::try_from(lines.len() + 2)
        .unwrap_or(u16::MAX)
        .min(screen.height.saturating_sub(1));
    let place = Rect::new(
        (screen.width - width) / 2,
        (screen.height.saturating_sub(1) - height) / 2,
        width,
        height,
    );
    let mut block = titled(state, title, Role::Focused);
    let inner = block.inner(place);
    if !legend.is_empty() {
        let legend = format!(" {legend} ");
        block = block.title_bottom(Line::styled(legend, state.theme.style(Role::Dim)));
    }
    open_box(frame, place, block);
    let hidden = lines.len().saturating_sub(usize::from(inner.height));
    if first < hidden {
        let more = more_below(state);
        let columns = u16::try_from(more.width()).unwrap_or(0);
        let x = place.right().saturating_sub(columns + 2);
        let row = Rect::new(x, place.bottom() - 1, columns, 1);
        frame.render_widget(more, row.intersection(place));
    }
    let shown = lines.into_iter().skip(first.min(hidden));
    frame.render_lines(shown, inner.inner(Margin::new(1, 0)));
    place
}
