//! The learner's actions on the next launch and on the lab host.
//!
//! `launching` carries a launch out. Must not know which key it was.

use std::time::Instant;

use super::keymap::{LaunchAction, Pane};
use super::launching;
use super::lesson_lab::ChangedBy;
use super::msg::Effect;
use super::notice::Notice;
use super::options;
use super::shells::{LabPhase, Phase};
use super::state::State;
use super::views::Overlay;
use crate::namespace::Namespace;
use crate::sandbox::{HostKind, Plan, Side};

/// Carries out one of these actions.
pub(super) fn act(
    state: &mut State,
    action: LaunchAction,
    now: Instant,
    effects: &mut Vec<Effect>,
) {
    match action {
        LaunchAction::Launch => launch(state, now, effects),
        LaunchAction::Relaunch => relaunch(state, now, effects),
        LaunchAction::FreshLab => fresh_lab(state, now, effects),
        LaunchAction::Toggle(kind) => toggle(state, kind),
        LaunchAction::ToggleHere => toggle(state, state.next_launch.cursor),
        LaunchAction::Options => options::open(state),
        LaunchAction::AskWithoutUser => {
            state.views.overlay = Some(Overlay::Risk(HostKind::LabWithoutUser));
        }
        LaunchAction::TakeRisk => take_risk(state, effects),
        LaunchAction::NoRisk => decline_risk(state, effects),
    }
}

fn launch(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    if matches!(state.views.overlay, Some(Overlay::Options { .. })) {
        state.views.overlay = None;
    }
    let before = effects.len();
    state.lesson.lab.changed_by = ChangedBy::Learner;
    let (side, plan) = (state.shells.container_side(), state.next_launch.plan());
    launching::launch_in_view(state, side, &plan, now, effects);
    if state.views.focus == Pane::Code && effects.len() > before {
        state.say(Notice::Launched(state.next_launch.plan()), now);
    }
}

/// Launches again the shell that ended.
fn relaunch(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    state.lesson.lab.changed_by = ChangedBy::Learner;
    let (side, plan) = if state.views.focus == Pane::Host {
        (Side::Host, Plan::default())
    } else {
        (state.shells.container_side(), state.next_launch.plan())
    };
    launching::launch(state, side, &plan, now, effects);
}

fn fresh_lab(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    let live = |phase: &Phase| matches!(phase, Phase::Starting | Phase::Running);
    if state.shells.all().any(|(_, shell)| live(&shell.phase)) {
        state.say(Notice::FreshLab(state.shells.host_kind), now);
    } else if matches!(state.shells.lab, LabPhase::Undecided | LabPhase::Starting) {
        state.say(Notice::LabStarting, now);
    } else {
        launching::fresh_lab(state, effects);
    }
}

/// Toggles a flag of the next launch; in the options view, a kind that it joins.
pub(super) fn toggle(state: &mut State, kind: Namespace) {
    match state.views.overlay {
        Some(Overlay::Options { .. }) => state.next_launch.toggle_joined(kind),
        _ => state.next_launch.toggle_flag(kind),
    }
}

/// Uses the host that the learner was asked about.
fn take_risk(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(Overlay::Risk(host)) = state.views.overlay.take() {
        state.shells.host_kind = host;
        launching::fresh_lab(state, effects);
    }
}

/// Uses a lab host instead, if there is no host yet.
fn decline_risk(state: &mut State, effects: &mut Vec<Effect>) {
    state.views.overlay = None;
    if state.shells.lab == LabPhase::Undecided {
        state.shells.host_kind = HostKind::Lab;
        launching::fresh_lab(state, effects);
    }
}
