//! Does lessons without a person, in real shells and real namespaces, and reports every statement that isn't
//! true.
//!
//! Owns the list of things to verify, and how lessons run in parallel. Drives the same app and the same shells as the
//! screen. Must not know the command line.

mod bench;
mod chinese;
mod elsewhere;
mod faults;
mod jobs;
mod order;
pub(crate) mod report;
mod scripts;
mod walk;

pub(crate) use jobs::{JOBS, Task, all};

use std::collections::BTreeSet;

use nix::sys::prctl;
use nix::sys::signal::Signal;

use crate::app::walk::{QuestionAnswer, Walk};
use crate::app::{Lessons, Setup};
use crate::explain::tools;
use crate::lang::Lang;
use crate::lesson::{Lesson, Library};
use crate::runtime;
use crate::sandbox::environment;

use self::elsewhere::UndeservedChecks;
use self::report::StepReport;
use self::walk::{StartPoint, Verifier, WalkMode};

/// The size of the invisible screen. On a smaller one, Enter would scroll more often.
const SIZE: (u16, u16) = (120, 40);

/// The steps at which a lesson is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartFrom {
    Beginning,
    /// At each step, in a lab of its own that has what the steps before leave behind.
    EachStep,
    /// At each step as well, but with its lines typed into the other shell: no check may become true.
    WrongSide,
}

/// Does one lesson in its language. `absent`: programs that this machine doesn't have.
pub(crate) fn lesson(
    library: &Library,
    lang: Lang,
    lesson: &Lesson,
    absent: &BTreeSet<String>,
    from: StartFrom,
) -> Vec<StepReport> {
    let mut lessons = Lessons {
        en: Library::default(),
        zh: Library::default(),
    };
    library.clone_into(lang.pick([&mut lessons.en, &mut lessons.zh]));
    let number = lessons.index(&lesson.id).unwrap_or_default();
    let setup = |begins: StartPoint| {
        let left_off = match begins {
            StartPoint::AtTheBeginning => None,
            StartPoint::AtStep(step) => Some(Walk::at((number, step))),
            StartPoint::Answered {
                step,
                question,
                choice,
            } => {
                let mut walk = Walk::at((number, step));
                walk.answer(question, QuestionAnswer::Chosen(choice));
                Some(walk)
            }
        };
        Setup {
            start: left_off.is_none().then(|| lesson.id.clone()),
            progress: left_off.map(|walk| walk.saved(&lessons)),
            ..runtime::setup(lang, lessons.clone(), absent.clone(), SIZE)
        }
    };
    let steps = lesson.steps.iter().zip(1..);
    let reports =
        steps.map(|(step, number)| StepReport::new(lang, &lesson.id, number, &step.title));
    let mut verifier = Verifier {
        lesson,
        setup: &setup,
        mode: WalkMode::Commands,
        reports: reports.collect(),
        undeserved: UndeservedChecks::new(),
    };
    if !environment::has_bash() {
        let needs = lang.pick(["verify needs bash. ", "verify 需要 bash。"]);
        let why = format!("{needs}{}", tools::missing(lang, "bash"));
        verifier.skip_all(&why);
        return verifier.reports;
    }
    match from {
        StartFrom::Beginning => {
            verifier.walk();
            verifier.walk_other_ways();
            verifier.try_samples();
            verifier.report_undeserved();
        }
        StartFrom::EachStep => verifier.walk_from_each_step(),
        StartFrom::WrongSide => verifier.walk_on_the_wrong_side(),
    }
    verifier.reports
}

/// Ends this process when its parent ends.
pub(crate) fn die_with_parent() {
    // If it fails, this process still ends by itself, only later.
    let _ = prctl::set_pdeathsig(Signal::SIGKILL);
}
