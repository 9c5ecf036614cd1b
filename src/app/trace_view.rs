//! The steps of the lab host and of the launches as lines of text: each with its arguments, the kernel's
//! answer and its time.
//!
//! Owns which of the refused steps ended a launch. Knows text and styles, no widget.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::key_steps::KeyStep;
use super::keymap::Direction;
use super::msg::Failure;
use super::sheet::Sheet;
use super::shells::{LabPhase, Phase};
use super::state::State;
use super::texts::{self, words};
use super::views::ShownSteps;
use crate::explain::Refusal;
use crate::facts::Facts;
use crate::prose;
use crate::sandbox::{HostKind, Side, Step};
use crate::theme::Role;

/// Columns of a time: a blank and `999.9 ms`.
const TIME: usize = 9;
/// Columns in front of a call: its mark and the blanks around it.
const MARK: usize = 3;
/// A blank where no line is broken.
const NO_BREAK: &str = "\u{a0}";
/// Characters of a call that are shown. A learner who traces the launcher can put any text into a call.
const LONGEST: usize = 500;

/// The outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StepFate {
    Worked,
    /// Refused, but the launch went on without it.
    DoneWithout,
    /// Refused, and nothing followed.
    Ended,
}

/// The steps of the lab host, or of a launch.
struct Section<'s> {
    title: String,
    role: Role,
    steps: &'s [Step],
    /// The refused steps, each with its explanation.
    refusals: &'s [Refusal],
    /// Why the launch failed.
    failure: Option<&'s Failure>,
    /// Whether no step will follow.
    over: bool,
}

/// The newest launch first: the learner wants to see what was just launched.
fn sections(state: &State) -> Vec<Section<'_>> {
    let words = words(state.lang);
    let mut launched: Vec<Side> = Side::all()
        .filter(|side| state.shells.get(*side).launch > 0)
        .collect();
    launched.sort_by_key(|side| std::cmp::Reverse(state.shells.get(*side).launch));
    let mut sections: Vec<Section> = launched
        .into_iter()
        .map(|side| {
            let shell = state.shells.get(side);
            let (title, role) = match side {
                Side::Host => (texts::shell_title(state.lang, side), Role::Host),
                Side::Container(_) => {
                    let name = texts::shell_title(state.lang, side);
                    let plan = texts::plan(state.lang, &shell.plan);
                    (format!("{name} · {plan}"), Role::Container)
                }
            };
            let (failure, over) = match &shell.phase {
                Phase::Absent | Phase::Starting | Phase::Running => (None, false),
                Phase::Exited(_) => (None, true),
                Phase::Failed(failure) => (Some(failure), true),
            };
            Section {
                title,
                role,
                steps: &shell.steps,
                refusals: &shell.refusals,
                failure,
                over,
            }
        })
        .collect();
    let (steps, failure) = match &state.shells.lab {
        LabPhase::Failed { steps, why } => (steps, Some(why)),
        LabPhase::Undecided | LabPhase::Starting | LabPhase::Ready | LabPhase::Gone => {
            (&state.shells.lab_steps, None)
        }
    };
    if state.shells.host_kind == HostKind::Machine {
        return sections;
    }
    sections.push(Section {
        title: words.lab_host_title.to_owned(),
        role: Role::Heading,
        steps,
        refusals: &[],
        failure,
        over: failure.is_some(),
    });
    sections
}

impl Section<'_> {
    /// The refusal that ended it.
    fn refused(&self) -> Option<&Refusal> {
        match self.failure? {
            Failure::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The step that ended it.
    fn end(&self) -> Option<usize> {
        let refused = self.refused();
        let refused = refused.and_then(|it| self.steps.iter().rposition(|step| *step == it.step));
        let last = self.steps.len().checked_sub(1)?;
        refused.or_else(|| (self.over && !self.steps[last].worked()).then_some(last))
    }

    fn fate(&self, index: usize) -> StepFate {
        if self.steps[index].worked() {
            StepFate::Worked
        } else if self.end().is_some_and(|end| index >= end) {
            StepFate::Ended
        } else {
            StepFate::DoneWithout
        }
    }
}

/// The steps as a sheet, if the screen has room for one.
pub(crate) fn view(state: &State) -> Option<Sheet> {
    let area = state.layout().whole()?;
    let words = words(state.lang);
    let mut writer = TraceWriter {
        state,
        width: usize::from(area.width).saturating_sub(1),
        lines: Vec::new(),
    };
    for section in sections(state) {
        writer.section(&section);
    }
    let shown = state.views.trace.shown;
    let tabs = [
        (words.key_steps, shown == ShownSteps::Key),
        (words.all_steps, shown == ShownSteps::All),
    ];
    let mut sheet = Sheet::new(area, writer.lines, state.views.trace.scroll);
    sheet.title(state, &tabs, None);
    Some(sheet)
}

pub(super) fn scroll(state: &mut State, way: Direction) {
    if let Some(sheet) = view(state) {
        state.views.trace.scroll = sheet.scrolled(way);
    }
}

/// Writes lines of one width.
struct TraceWriter<'a> {
    state: &'a State,
    width: usize,
    lines: Vec<Line<'static>>,
}

impl TraceWriter<'_> {
    fn section(&mut self, section: &Section<'_>) {
        if !self.lines.is_empty() {
            self.lines.push(Line::default());
        }
        let times = section.steps.iter().map(|step| step.micros);
        let sum = times.fold(0, u64::saturating_add);
        let steps = texts::steps(self.state.lang, section.steps.len());
        let title = format!(" {} · {steps}", section.title);
        self.row(title, section.role, Some(sum));
        let mut said = Vec::new();
        let (mut hidden, mut hidden_micros) = (0, 0_u64);
        for (index, step) in section.steps.iter().enumerate() {
            let kind = KeyStep::of(&step.call);
            let fate = section.fate(index);
            let shown = kind.is_some()
                || fate == StepFate::Ended
                || self.state.views.trace.shown == ShownSteps::All;
            if !shown {
                hidden += 1;
                hidden_micros = hidden_micros.saturating_add(step.micros);
                continue;
            }
            self.step(step, fate, kind);
            if fate == StepFate::Worked
                && let Some(kind) = kind
                && !said.contains(&kind)
            {
                said.push(kind);
                self.say(texts::why(self.state.lang, kind), Role::Dim);
            }
            if section.end() == Some(index) {
                // A shell that had started ends without a failure.
                let mut known = section.refused().into_iter().chain(section.refusals);
                let why = match known.find(|it| it.step == *step) {
                    Some(refusal) => refusal.words(self.state.lang),
                    None => Refusal::new(step.clone(), &Facts::default()).words(self.state.lang),
                };
                self.say(&why, Role::Attention);
            }
        }
        if hidden > 0 {
            let more = texts::more_steps(self.state.lang, hidden);
            self.row(format!(" · {more}"), Role::Dim, Some(hidden_micros));
        }
        match section.failure {
            Some(failure) if section.end().is_none() => {
                let why = texts::failure(self.state.lang, failure);
                self.say(&format!("✘ {why}"), Role::Bad);
            }
            _ if section.steps.is_empty() => {
                self.say(words(self.state.lang).no_steps, Role::Dim);
            }
            _ => {}
        }
    }

    fn step(&mut self, step: &Step, fate: StepFate, kind: Option<KeyStep>) {
        let (mark, role) = match (fate, kind) {
            (StepFate::Worked, Some(_)) => ("✔", Role::Text),
            (StepFate::Worked, None) => ("✔", Role::Dim),
            (StepFate::DoneWithout, _) => ("–", Role::Text),
            (StepFate::Ended, _) => ("✘", Role::Bad),
        };
        let mut call: String = step.call.to_string().chars().take(LONGEST).collect();
        call = call.replace(char::is_control, " ");
        // The answer is not broken over two lines.
        call.push(' ');
        call.push_str(&step.answer().replace(' ', NO_BREAK));
        if fate == StepFate::DoneWithout {
            call.push_str(" · ");
            call.push_str(words(self.state.lang).went_on);
        }
        let room = self.width.saturating_sub(MARK + TIME).max(8);
        for (i, line) in prose::wrap(&call, room).into_iter().enumerate() {
            let first = i == 0;
            let mark = if first { mark } else { " " };
            let time = first.then_some(step.micros);
            let line = line.replace(NO_BREAK, " ");
            self.row(format!(" {mark} {line}"), role, time);
        }
    }

    /// A sentence about the step above.
    fn say(&mut self, text: &str, role: Role) {
        let margin = " ".repeat(MARK + 2);
        let room = self.width.saturating_sub(margin.len()).max(8);
        for line in prose::wrap(text, room) {
            self.row(format!("{margin}{line}"), role, None);
        }
    }

    /// A line with a time at its right end.
    fn row(&mut self, text: String, role: Role, micros: Option<u64>) {
        let style = self.state.theme.style(role);
        let time = micros.map(time).unwrap_or_default();
        let gap = self.width.saturating_sub(text.width() + time.width());
        self.lines.push(Line::from(vec![
            Span::styled(text, style),
            Span::raw(" ".repeat(gap)),
            Span::styled(time, self.state.theme.style(Role::Dim)),
        ]));
    }
}

/// Microseconds, with a unit that fits.
fn time(micros: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = micros.saturating_add(unit / 20) / (unit / 10);
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..999_950 => format!("{} ms", tenths(1_000)),
        _ => format!("{} s", tenths(1_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::StepFate::{DoneWithout, Ended};
    use super::*;
    use crate::namespace::Namespace;
    use crate::sandbox::Call;

    #[test]
    fn times_have_a_unit_that_fits() {
        for (micros, expected) in [
            (0, "0 µs"),
            (999, "999 µs"),
            (1_000, "1.0 ms"),
            (1_949, "1.9 ms"),
            (1_950, "2.0 ms"),
            (999_949, "999.9 ms"),
            (999_950, "1.0 s"),
            (61_000_000, "61.0 s"),
        ] {
            assert_eq!(time(micros), expected);
            assert!(time(micros).width() < TIME);
        }
    }

    #[test]
    fn a_step_that_matters_is_known_by_its_call() {
        let setattr = |readonly| Call::MountSetattr {
            path: "/".to_owned(),
            readonly,
        };
        for (call, expected) in [
            (
                Call::Unshare([Namespace::User, Namespace::Mnt].into_iter().collect()),
                Some(KeyStep::Unshare),
            ),
            (
                Call::Unshare(Namespace::Time.into()),
                Some(KeyStep::UnshareTime),
            ),
            (Call::Clone(Namespace::Uts.into()), Some(KeyStep::Clone)),
            (Call::WriteOffsets(String::new()), Some(KeyStep::Offsets)),
            (setattr(true), Some(KeyStep::ReadOnly)),
            (setattr(false), None),
            (Call::TakeTerminal(3), Some(KeyStep::Terminal)),
            // A call that a launcher claims as text counts as text only.
            ("clone(SIGCHLD|CLONE_NEWUTS)".into(), None),
        ] {
            assert_eq!(KeyStep::of(&call), expected, "{call}");
        }
    }

    #[test]
    fn a_refusal_that_ended_the_launch_is_told_from_one_that_did_not() {
        let step = |call: &str, errno| Step {
            call: call.into(),
            errno,
            value: 0,
            micros: 1,
        };
        let steps = [
            step("chdir(/root)", Some(2)),
            step("clone()", Some(1)),
            step("read(keeper)", Some(10)),
        ];
        let fates = |failure: Option<&Failure>, over, count: usize| -> Vec<StepFate> {
            let section = Section {
                title: String::new(),
                role: Role::Text,
                steps: &steps[..count],
                refusals: &[],
                failure,
                over,
            };
            (0..count).map(|index| section.fate(index)).collect()
        };
        let refused = Failure::Refused(Refusal::boxed(steps[1].clone(), &Facts::default()));
        for (failure, over, count, expected) in [
            (Some(&refused), true, 3, vec![DoneWithout, Ended, Ended]),
            (Some(&Failure::Silent), true, 2, vec![DoneWithout, Ended]),
            // The shell ended by itself, after a launch whose last step was refused.
            (None, true, 1, vec![Ended]),
            (None, false, 1, vec![DoneWithout]),
        ] {
            assert_eq!(fates(failure, over, count), expected, "{failure:?}");
        }
    }
}
