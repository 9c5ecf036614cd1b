//! `nslab review`: the lab, which first asks the questions that are due.

use std::process::ExitCode;

use clap::Args;

use super::lab::{self, LabArgs};
use crate::app::Topic;

/// Ask again the lesson questions that are due: wrong answers first, five minutes at most. Each is measured
/// in the lab.
#[derive(Debug, Args)]
#[command(mut_arg("lesson", |it| it.help(
    "Ask all questions of the lesson with this id that were answered before, due or not"
)))]
pub(super) struct ReviewArgs {
    #[command(flatten)]
    pub(super) lab: LabArgs,
}

pub(super) fn open(args: ReviewArgs) -> anyhow::Result<ExitCode> {
    let lesson = args.lab.lesson.clone();
    lab::open_with(args.lab, Some(lesson.map_or(Topic::Due, Topic::Lesson)))
}
