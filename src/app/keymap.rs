//! Keys: which key does what in which place. The table of them is in `table`.
//!
//! The footer and the help are made from it. Must not know how an action is carried out, or what a
//! shell does with its keys.

mod action;
mod leave;
mod table;
#[cfg(test)]
mod tests;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

pub(crate) use self::action::{
    CompareAction, CopyAction, KeyAction, LaunchAction, LessonAction, QuitAction, ViewAction,
};
pub use self::leave::LeaveKey;
pub(crate) use self::table::{Binding, Pattern, TABLE};
use crate::sandbox::Side;

/// The part of the screen that gets the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Lesson,
    /// The lesson, while a question waits for an answer.
    Prediction,
    /// A shell shown after the lesson typed into it, where only one pane fits on the screen.
    Watching,
    /// A view that the lesson opened for a learner who only presses Enter.
    Shown,
    Flags,
    /// A shell that runs: nearly all keys are its own.
    Shell,
    /// A running shell was just left: the next key may still be about it.
    Left,
    /// A copy of a shell's screen, which keys move over.
    CopyMode,
    /// The text to find in that copy.
    CopySearch,
    /// The pane of a shell that does not run.
    Ended,
    /// The pane of a shell that was never launched: typing does nothing there.
    Empty,
    /// The pane of a shell that does not run, while there is no lab host to launch in.
    NoLab,
    /// Like `NoLab`, where a lab host without a user namespace could be made.
    NoUser,
    Compare,
    /// The next launch as a program.
    Code,
    /// The steps of the lab host and of the launches.
    Trace,
    /// A row of the comparison, in full.
    Details,
    Help,
    /// What was done in the course.
    CourseEnd,
    Lessons,
    /// The terms of the lessons.
    Glossary,
    /// The map of namespaces.
    Map,
    /// What is in a namespace of the map.
    Inside,
    /// The search line of the list of lessons, of the glossary or of the map.
    Search,
    /// The line that is to run on both sides.
    Prompt,
    /// The options of the next launch.
    Options,
    /// An option of the next launch that takes text.
    OptionText,
    /// The question whether to quit while programs run.
    QuitQuestion,
    /// The question whether to use a host that does not protect the machine.
    RiskQuestion,
}

impl Place {
    #[cfg(test)]
    pub(crate) const ALL: [Place; 29] = [
        Place::Lesson,
        Place::Prediction,
        Place::Watching,
        Place::Shown,
        Place::Flags,
        Place::Shell,
        Place::Left,
        Place::CopyMode,
        Place::CopySearch,
        Place::Ended,
        Place::Empty,
        Place::NoLab,
        Place::NoUser,
        Place::Compare,
        Place::Code,
        Place::Trace,
        Place::Details,
        Place::Help,
        Place::CourseEnd,
        Place::Lessons,
        Place::Glossary,
        Place::Map,
        Place::Inside,
        Place::Search,
        Place::Prompt,
        Place::Options,
        Place::OptionText,
        Place::QuitQuestion,
        Place::RiskQuestion,
    ];

    /// Whether a key can mean something here. In an empty pane, keys that a shell would get mean nothing.
    fn takes(self, pattern: Pattern) -> bool {
        let typed = matches!(pattern, Pattern::Key(KeyCode::Char(_), KeyModifiers::NONE));
        !(typed && self == Place::Empty)
    }
}

/// A pane that can have the focus. The first five are in the order of Tab; the others take the place of
/// other panes while they have the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pane {
    Lesson,
    /// The flags of the next launch.
    Flags,
    Host,
    Container,
    Compare,
    /// The next launch as a program.
    Code,
    /// The steps of the lab host and of the launches.
    Trace,
    /// A row of the comparison, in full.
    Details,
}

impl Pane {
    /// Those that are always there, in the order of Tab.
    pub(crate) const ALL: [Pane; 5] = [
        Pane::Lesson,
        Pane::Flags,
        Pane::Host,
        Pane::Container,
        Pane::Compare,
    ];

    /// The pane of a shell.
    pub(crate) fn of(side: Side) -> Pane {
        match side {
            Side::Host => Pane::Host,
            Side::Container(_) => Pane::Container,
        }
    }

    /// The next or the previous pane in the order of Tab. The first pane follows the last.
    #[must_use]
    pub(crate) fn next(self, way: Direction) -> Pane {
        way.turned(&Pane::ALL, self)
    }
}

/// A direction to move or to scroll in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    First,
    Last,
}

impl Direction {
    /// An index moved along a list of `count`, whose pages have `page` items.
    pub(super) fn moved(self, at: usize, count: usize, page: usize) -> usize {
        let last = count.saturating_sub(1);
        match self {
            Direction::Up | Direction::Left => at.saturating_sub(1),
            Direction::Down | Direction::Right => (at + 1).min(last),
            Direction::PageUp => at.saturating_sub(page),
            Direction::PageDown => (at + page).min(last),
            Direction::First => 0,
            Direction::Last => last,
        }
    }

    /// With `Left` the value before `now`, else the value after it; the ends are joined. The first value if `now` is
    /// not among them.
    pub(super) fn turned<T: Clone + PartialEq>(self, all: &[T], now: T) -> T {
        let step = if self == Direction::Left {
            all.len() - 1
        } else {
            1
        };
        match all.iter().position(|it| *it == now) {
            Some(at) => all[(at + step) % all.len()].clone(),
            None => all.first().cloned().unwrap_or(now),
        }
    }
}

/// The action of a key in a place; `None` if the key means nothing there.
pub(crate) fn action(place: Place, event: &KeyEvent, leave: LeaveKey) -> Option<KeyAction> {
    bindings(place)
        .flat_map(|binding| binding.keys)
        .filter(|(pattern, _)| place.takes(*pattern))
        .find(|(pattern, _)| match pattern {
            Pattern::Key(code, modifiers) => (*code, *modifiers) == plain(event),
            Pattern::Leave => leave.matches(event),
        })
        .map(|(_, action)| *action)
}

/// The lines of the table that hold in a place.
pub(crate) fn bindings(place: Place) -> impl Iterator<Item = &'static Binding> {
    TABLE
        .iter()
        .filter(move |binding| binding.places.contains(&place))
        .filter(move |binding| binding.keys.iter().any(|(it, _)| place.takes(*it)))
}

impl Binding {
    /// Its keys in a place as they are printed on a keyboard: `1–9`, `← →`, `F5`.
    pub(crate) fn shown(&self, place: Place, leave: LeaveKey) -> String {
        let keys = || self.keys.iter().filter(|(it, _)| place.takes(*it));
        let digits = keys().count() == 9
            && keys()
                .all(|(pattern, _)| matches!(pattern, Pattern::Key(KeyCode::Char('1'..='9'), _)));
        if digits {
            return "1–9".to_owned();
        }
        let names: Vec<String> = keys()
            .map(|(pattern, _)| match pattern {
                Pattern::Key(code, modifiers) => key_name(*code, *modifiers),
                Pattern::Leave => leave.to_string(),
            })
            .collect();
        joined(&names)
    }

    /// Its keys for the footer: the first one, or one for each meaning.
    pub(crate) fn brief(&self, place: Place, leave: LeaveKey) -> String {
        let first = self.keys[0].1;
        let all_the_same = self.keys.iter().all(|(_, action)| *action == first);
        let twice = self.keys.len() == 4 && self.keys[0].1 == self.keys[2].1;
        let shown = self.shown(place, leave);
        let take = match (all_the_same, twice) {
            (true, _) => 1,
            (false, true) => 2,
            (false, false) => return shown,
        };
        shown.split(' ').take(take).collect::<Vec<_>>().join(" ")
    }
}

/// Drops the Shift that some terminals report for letters and for Shift-Tab: both imply it.
fn plain(event: &KeyEvent) -> (KeyCode, KeyModifiers) {
    let relevant = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
    let modifiers = event.modifiers & relevant;
    match event.code {
        KeyCode::Char(_) | KeyCode::BackTab => (event.code, modifiers - KeyModifiers::SHIFT),
        code => (code, modifiers),
    }
}

/// Names of keys in a row. A modifier is written once if it belongs to several: `Ctrl-u/d`.
fn joined(names: &[String]) -> String {
    let split = |name: &str| {
        let (modifier, key) = name.split_once('-')?;
        let is_plain = key.chars().all(char::is_alphanumeric);
        is_plain.then(|| (modifier.to_owned(), key.to_owned()))
    };
    let (mut shown, mut last) = (String::new(), None);
    for name in names {
        match split(name) {
            Some((modifier, key)) if last.as_ref() == Some(&modifier) => {
                shown.push('/');
                shown.push_str(&key);
            }
            now => {
                if !shown.is_empty() {
                    shown.push(' ');
                }
                shown.push_str(name);
                last = now.map(|(modifier, _)| modifier);
            }
        }
    }
    shown
}

fn key_name(code: KeyCode, modifiers: KeyModifiers) -> String {
    let name = match code {
        KeyCode::Up => "↑".to_owned(),
        KeyCode::Down => "↓".to_owned(),
        KeyCode::Left => "←".to_owned(),
        KeyCode::Right => "→".to_owned(),
        KeyCode::Backspace => "⌫".to_owned(),
        KeyCode::PageUp => "PgUp".to_owned(),
        KeyCode::PageDown => "PgDn".to_owned(),
        KeyCode::BackTab => "Shift-Tab".to_owned(),
        other => other.to_string(),
    };
    let prefixes = [
        (KeyModifiers::CONTROL, "Ctrl-"),
        (KeyModifiers::ALT, "Alt-"),
        (KeyModifiers::SHIFT, "Shift-"),
    ];
    let held = prefixes
        .into_iter()
        .filter(|(it, _)| modifiers.contains(*it));
    let prefixes: String = held.map(|(_, prefix)| prefix).collect();
    prefixes + &name
}
