//! The lines above and below the panes: title, tabs, keys.

use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::frame::Frame;
use super::overlay;
use super::shell::place_in_history;
use crate::app::UserKind;
use crate::app::cut;
use crate::app::keymap::{self, KeyAction, Pane, Place, ViewAction};
use crate::app::layout::{self, Border};
use crate::app::state::State;
use crate::app::tabs;
use crate::app::texts::{self, Word, words};
use crate::pty::emulator::Toward;
use crate::sandbox::Side;
use crate::theme::Role;

/// A program's title is shown only if it gets this number of columns.
const SHORT_TITLE: usize = 10;

/// The program, the lesson, and the host it runs on.
pub(super) fn title(frame: &mut Frame, state: &State, area: Rect) {
    let words = words(state.lang);
    let user = match state.system.user {
        UserKind::Root => words.root,
        UserKind::Ordinary => words.ordinary_user,
    };
    let help = texts::key(state.lang, Word::Help).short;
    // The key helps learners who can't read this language. In a shell it is not nslab's.
    let other = texts::key(state.lang, Word::Language).short;
    let end = match state.typing_into() {
        Some(_) => format!("{} ", state.lang.name()),
        None if state.views.copy_mode.is_some() => format!("F1 {help} "),
        None => format!("L {other} · F1/? {help} "),
    };
    let end = format!("{}{end}", marks(state));
    let host_kind = texts::host_kind(state.lang, state.shells.host_kind);
    let shorter = format!("{host_kind} · {user}");
    let place = format!("{shorter} · Linux {}", state.system.kernel);
    let lesson = state.lesson().map_or_else(String::new, |lesson| {
        let (number, count) = (state.lesson.walk.lesson() + 1, state.lesson.lessons.count());
        match &state.lesson.review {
            Some(review) => format!("  {}{}", texts::review(state.lang, review), lesson.title),
            None => format!("  {number}/{count} {}", lesson.title),
        }
    });
    let start = format!(" nslab{lesson}");
    let columns = usize::from(area.width);
    let room = columns.saturating_sub(end.width());
    // The host is left out first, unless nothing protects it.
    let unprotected = state.shells.host_kind.reaches_the_machine();
    let last = unprotected.then(|| host_kind.to_owned());
    let fits = |place: &String| start.width() + place.width() + 6 <= room;
    let left = match [place, shorter].into_iter().find(fits).or(last) {
        Some(place) => {
            let before = room.saturating_sub(place.width() + 3);
            let start = cut::padded(&cut::to_width(&start, before.saturating_sub(2)), before);
            format!("{start}{place}   ")
        }
        None => cut::padded(&start, room),
    };
    let text = cut::padded(&format!("{left}{end}"), columns);
    frame.render_widget(Line::styled(text, state.theme.style(Role::Title)), area);
}

/// The signs of lasting problems.
fn marks(state: &State) -> String {
    let not_kept = state.lesson.saving.failure.as_ref();
    let mistakes = state.lesson.mistakes.all.len();
    let all = [
        not_kept.map(|_| words(state.lang).not_kept.to_owned()),
        (mistakes > 0).then(|| texts::mistakes_mark(state.lang, mistakes)),
    ];
    all.into_iter().flatten().map(|mark| mark + " · ").collect()
}

/// The tabs of a compact screen.
pub(super) fn tabs(frame: &mut Frame, state: &State, area: Rect) {
    let dashes = "─".repeat(usize::from(area.width));
    frame.render_widget(Line::styled(dashes, state.theme.style(Role::Border)), area);
    let shown = state.views.compact_pane();
    let names = tabs::names(state);
    let places = layout::tabs(area, &names);
    for (name, (pane, place)) in names.iter().zip(places) {
        let (label, role) = if pane == shown {
            (format!("[{name}]"), Role::Selected)
        } else {
            (format!(" {name} "), Role::Text)
        };
        frame.render_widget(Line::styled(label, state.theme.style(role)), place);
    }
    let used = places[3].1.right();
    let mut right = area.right().saturating_sub(1);
    for (text, role) in beside_tabs(state, shown) {
        let text = format!(" {text} ");
        let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
        if width < right.saturating_sub(used) {
            right -= width;
            let place = Rect::new(right, area.y, width, 1);
            frame.render_widget(Line::styled(text, state.theme.style(role)), place);
        }
    }
    let room = usize::from(right.saturating_sub(used + 1));
    if let Some(title) = title_of_program(state, shown).filter(|_| room > SHORT_TITLE) {
        let title = cut::to_width(&format!(" {title} "), room);
        let width = u16::try_from(title.width()).unwrap_or(u16::MAX);
        let place = Rect::new(right - width, area.y, width, 1);
        frame.render_widget(Line::styled(title, state.theme.style(Role::Text)), place);
    }
}

/// The title that the program of the shown shell has set.
fn title_of_program(state: &State, shown: Pane) -> Option<&str> {
    let shell = state.shells.get(shell_of(state, shown)?);
    shell.emulator.title().filter(|_| shell.runs())
}

fn shell_of(state: &State, pane: Pane) -> Option<Side> {
    match pane {
        Pane::Host => Some(Side::Host),
        Pane::Container => Some(state.shells.container_side()),
        _ => None,
    }
}

/// How to get back to the lesson, and the flags of the shown container. The former comes first if room
/// is short.
fn beside_tabs(state: &State, shown: Pane) -> impl Iterator<Item = (String, Role)> {
    let back = match state.place() {
        Place::Watching | Place::Shown => Some(words(state.lang).enter_returns.to_owned()),
        Place::Shell => Some(texts::leaves(state.lang, state.leave_key)),
        // No tab shows it.
        Place::Code => Some(words(state.lang).code.to_owned()),
        Place::Trace => Some(words(state.lang).trace.to_owned()),
        _ => None,
    };
    let flags =
        (shown == Pane::Container && state.shells.container().runs()).then(|| container(state));
    let side = shell_of(state, shown);
    let lines = side.and_then(|side| place_in_history(state, side));
    let lines = lines.map(|lines| (lines, Role::Selected));
    let back = back.map(|back| (back, Role::Strong));
    lines
        .into_iter()
        .chain(back)
        .chain(flags.map(|flags| (flags, Role::Container)))
}

/// The plan of the shown container, and its number if there are several.
fn container(state: &State) -> String {
    let plan = texts::plan(state.lang, &state.shells.container().plan);
    if state.shells.tabs().count() > 1 {
        let side = texts::numbered(state.lang, state.shells.tab);
        format!("{side} · {plan}")
    } else {
        plan
    }
}

/// The line with the text to find in copy mode. Returns whether there is one.
fn search(frame: &mut Frame, state: &State, area: Rect) -> bool {
    let mode = state.views.copy_mode.as_ref();
    let asks = mode.filter(|_| state.place() == Place::CopySearch);
    let Some((mode, toward)) = asks.and_then(|mode| Some((mode, mode.searching?))) else {
        return false;
    };
    let sign = match toward {
        Toward::Newer => " /",
        Toward::Older => " ?",
    };
    let keys = format!("  {} ", overlay::keys(state, Place::CopySearch));
    let columns = usize::from(area.width).saturating_sub(sign.len() + keys.width() + 1);
    let (shown, cursor) = mode.line.view(columns);
    let line = Line::from(vec![
        Span::styled(sign, state.theme.style(Role::Key)),
        Span::styled(
            cut::padded(&shown, columns + 1),
            state.theme.style(Role::Command),
        ),
        Span::styled(keys, state.theme.style(Role::Dim)),
    ]);
    frame.render_widget(line, area);
    let col = u16::try_from(sign.len() + cursor).unwrap_or(u16::MAX);
    frame.set_cursor_position(Position::new(area.x.saturating_add(col), area.y));
    true
}

/// Copy mode and scrolling of a shell that has the whole screen: there it has no border that shows them.
fn above_zoomed(state: &State) -> Option<String> {
    place_in_history(state, shell_of(state, state.views.zoomed_pane()?)?)
}

/// The notice, else the keys of the place.
pub(super) fn footer(frame: &mut Frame, state: &State, area: Rect) {
    let columns = usize::from(area.width);
    if search(frame, state, area) {
        return;
    }
    let mut spans = vec![Span::raw(" ")];
    let lines = above_zoomed(state).map(|lines| format!("{lines} "));
    let columns = columns.saturating_sub(lines.as_ref().map_or(0, |lines| lines.width() + 1));
    if let Some(lines) = lines {
        spans.push(Span::styled(lines, state.theme.style(Role::Selected)));
        spans.push(Span::raw(" "));
    }
    if let Some((notice, _)) = &state.notice {
        let said = cut::to_width(
            &texts::notice(state.lang, notice),
            columns.saturating_sub(2),
        );
        spans.push(Span::styled(said, state.theme.style(Role::Attention)));
    } else {
        let keys = keys(state);
        let width = |(key, word): &(String, &str)| key.width() + word.width() + 4;
        // The last one is the way out: it is always shown.
        let mut left = columns.saturating_sub(keys.last().map_or(0, width));
        let last = keys.len().saturating_sub(1);
        let mut shown = Vec::new();
        for (i, named) in keys.into_iter().enumerate() {
            if i != last && width(&named) > left {
                left = 0;
                continue;
            }
            left = left.saturating_sub(width(&named));
            shown.push(named);
        }
        for (i, (key, word)) in shown.into_iter().enumerate() {
            let separator = if i == 0 { "" } else { " · " };
            spans.push(Span::styled(separator, state.theme.style(Role::Dim)));
            spans.push(Span::styled(key, state.theme.style(Role::Key)));
            spans.push(Span::raw(format!(" {word}")));
        }
    }
    frame.render_widget(Line::from(spans), area);
}

/// The keys of the place, without those that would change nothing.
fn keys(state: &State) -> Vec<(String, &'static str)> {
    let place = state.place();
    let of_left = |prefix: &str| left_keys(state, prefix);
    // In a shell, the footer also shows the keys that work after the leave key.
    match place {
        Place::Shell => {
            let prefix = format!("{} ", state.leave_key);
            let mut keys = of_place(state, place);
            keys.extend(of_left(&prefix));
            keys
        }
        Place::Watching => {
            let mut keys = of_place(state, place);
            if let Some(typing) = key_to_type(state) {
                keys.retain(|(key, _)| *key != typing.0);
                keys.insert(keys.len().min(1), typing);
            }
            keys
        }
        _ if state.views.left.is_some() && state.views.overlay.is_none() => {
            let mut keys = of_left("");
            keys.extend(of_place(state, place));
            keys
        }
        _ => of_place(state, place),
    }
}

/// The key that enters the shell that the lesson shows: until then, a letter that is typed is a key of nslab.
fn key_to_type(state: &State) -> Option<(String, &'static str)> {
    let enters = KeyAction::View(ViewAction::Focus(Pane::of(state.views.watched?)));
    let binding = keymap::bindings(Place::Watching)
        .find(|binding| binding.keys.iter().any(|(_, action)| *action == enters))?;
    let key = binding.brief(Place::Watching, state.leave_key);
    Some((key, words(state.lang).type_in_shell))
}

/// The keys that are about the shell that was just left, or would be left by the key `prefix`.
fn left_keys(state: &State, prefix: &str) -> Vec<(String, &'static str)> {
    let keys = of_place(state, Place::Left).into_iter();
    keys.map(|(key, word)| (format!("{prefix}{key}"), word))
        .collect()
}

fn of_place(state: &State, place: Place) -> Vec<(String, &'static str)> {
    keymap::bindings(place)
        .filter(|binding| {
            let here = binding.keys.iter().any(|(_, action)| {
                *action == KeyAction::View(ViewAction::Focus(state.views.focus))
            }) && binding.word != Word::BackToLesson;
            let useless = match binding.word {
                // A zoomed pane shows the key that ends the zoom.
                Word::Zoom => return binding.footer || state.views.zoomed_pane().is_some(),
                // No border is there to move.
                Word::Height => state.layout().on_border(Border::BetweenShells).is_none(),
                // No choice is made yet.
                Word::Answer => state.lesson.walk.progress().choice.is_none(),
                Word::Hint => state
                    .step()
                    .is_none_or(|step| step.hints().next().is_none()),
                Word::Tabs | Word::OtherSides => state.shells.tabs().count() < 2,
                // The other key does the same.
                Word::CloseMap => state.layout().map().is_none(),
                // A command has no next row.
                Word::OtherRow => !state.views.side_by_side.shows_row(),
                // Enter does the same.
                Word::Launch => matches!(place, Place::Flags | Place::Code),
                _ => false,
            };
            binding.footer && !here && !useless
        })
        .map(|binding| {
            let words = texts::key(state.lang, binding.word);
            (binding.brief(place, state.leave_key), words.short)
        })
        .collect()
}
