//! Which part of the screen a message has changed.
//!
//! Must not know how anything is drawn.

use crossterm::event::MouseEventKind;

use super::changed::Changed;
use super::keymap::Pane;
use super::lesson_lab::ChangedBy;
use super::msg::{Effect, Msg, ShellEvent};
use super::notice::Notice;
use super::shells::Phase;
use super::state::State;
use crate::sandbox::Side;

/// The state before a message, as far as [`StateBefore::changed`] compares it.
pub(super) struct StateBefore {
    message: Changed,
    typing_into: Option<Side>,
    notice: Option<Notice>,
    /// Whether a key will remove a mark of the comparison.
    marked: bool,
    /// Who changes the lab, and which lesson uses it: the text of the step depends on both, and a key for a shell
    /// may change them.
    changed_by: ChangedBy,
    lab_of: Option<usize>,
    /// Whether a command of the lesson was being typed.
    types: bool,
}

impl StateBefore {
    pub(super) fn of(state: &State, msg: &Msg) -> Self {
        let (typing_into, notice) = (state.typing_into(), notice(state).cloned());
        let message = match msg {
            // A launch has dozens of steps, and a frame for each would take the processor from the launch. The pane of
            // a shell that has failed shows them.
            Msg::Shell(side, _, ShellEvent::Step(_) | ShellEvent::Refused(_))
                if state.views.focus != Pane::Trace
                    && !matches!(state.shells.get(*side).phase, Phase::Failed(_)) =>
            {
                Changed::Nothing
            }
            // If no shell has the cursor, another pane has it.
            Msg::Shell(side, _, ShellEvent::Output(_)) if state.cursor_side().is_some() => {
                Changed::Shell(*side)
            }
            Msg::Key(_) | Msg::Paste(_) => typing_into.map_or(Changed::Screen, Changed::Shell),
            Msg::Colour(..) => Changed::Nothing,
            // nslab draws nothing for a motion of the mouse: it is only passed on to programs.
            Msg::Mouse(event) if event.kind == MouseEventKind::Moved => Changed::Nothing,
            _ => Changed::Screen,
        };
        let marked = matches!(msg, Msg::Key(_)) && state.marks.any(&state.shells);
        Self {
            message,
            typing_into,
            notice,
            marked,
            changed_by: state.lesson.lab.changed_by,
            lab_of: state.lesson.lab.used_for,
            types: state.lesson.keys_left.is_some(),
        }
    }

    /// The part of the screen that the message has changed. `measured`: a command has ended, or a prediction was
    /// measured.
    pub(super) fn changed(self, state: &State, measured: bool, effects: &[Effect]) -> Changed {
        let writes = |effect: &Effect| {
            matches!(
                effect,
                Effect::Write { .. } | Effect::Answer { .. } | Effect::Copy { .. } | Effect::Ring
            )
        };
        let as_before = state.typing_into() == self.typing_into
            && notice(state) == self.notice.as_ref()
            && (state.lesson.lab.changed_by, state.lesson.lab.used_for)
                == (self.changed_by, self.lab_of)
            && state.lesson.keys_left.is_some() == self.types
            && effects.iter().all(writes);
        match self.message {
            Changed::Shell(_) if measured || self.marked || !as_before => Changed::Screen,
            message => message,
        }
    }
}

fn notice(state: &State) -> Option<&Notice> {
    state.notice.as_ref().map(|(notice, _)| notice)
}
