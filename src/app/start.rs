//! The lab at its start.

use super::launching;
use super::msg::Effect;
use super::review_actions;
use super::shells::LabPhase;
use super::state::{Setup, State};

/// The state at the start, and the first effects.
pub fn start(setup: Setup) -> (State, Vec<Effect>) {
    let review = setup.review.clone();
    let mut state = State::new(setup);
    if let Some(topic) = &review {
        review_actions::open_review(&mut state, topic);
    }
    // A learner who is asked first has nothing yet.
    let asks = state.shells.lab == LabPhase::Undecided;
    let first = (!asks).then(|| launching::start_lab(&mut state));
    (state, first.into_iter().collect())
}
