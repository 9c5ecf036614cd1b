//! Reports of the lab host, and their effects on the lesson.
//!
//! Must not know who asked for the lab host.

use std::time::Instant;

use super::launching;
use super::msg::{Effect, LabEvent};
use super::notice::Notice;
use super::rebuild;
use super::shells::LabPhase;
use super::state::State;
use crate::sandbox::{HostKind, Plan, Side};

pub(super) fn update(state: &mut State, event: LabEvent, now: Instant, effects: &mut Vec<Effect>) {
    let (steps, shortfalls) = match event {
        LabEvent::Ready { steps, shortfalls } => (steps, shortfalls),
        LabEvent::Failed { steps, why } => {
            return launching::lab_ends(state, LabPhase::Failed { steps, why });
        }
        LabEvent::Gone => return launching::lab_ends(state, LabPhase::Gone),
    };
    state.shells.lab_steps = steps;
    state.shells.lab = LabPhase::Ready;
    let unusual = shortfalls.iter().copied().filter(|it| it.is_unusual());
    let unusual: Vec<_> = unusual.collect();
    state.shells.shortfalls = shortfalls;
    let resumed = std::mem::take(&mut state.lesson.resumed);
    if !unusual.is_empty() {
        state.say(Notice::Shortfalls(unusual), now);
    } else if state.shells.host_kind == HostKind::Machine {
        state.say(Notice::OnMachine, now);
    } else if resumed {
        state.say(Notice::Resumed, now);
    }
    launching::launch(state, Side::Host, &Plan::default(), now, effects);
    if resumed {
        rebuild::resume(state, now);
    }
}
