//! Reads the lab's fenced blocks: which kinds there are, and their fields.
//!
//! Must not know where in a step a block is.

use super::markdown::Fence;
use super::needs::LAB_FIELDS;
use super::source::{Problems, suggestion};
use super::table::{Fields, Located};
use super::{
    Check, Expr, Hint, Part, Predict, Recap, Run, Script, Show, StepNeeds, Template, Wrong, figure,
    launch, show,
};
use crate::namespace::NamespaceSet;
use crate::sandbox::{ContainerNumber, HostKind, Side};

/// The words of an opening fence, and the kind of block they mean.
const KINDS: [(&str, BlockKind); 16] = [
    ("predict", BlockKind::Predict),
    ("launch", BlockKind::Launch),
    ("run host", BlockKind::Run(Side::Host)),
    ("run container", BlockKind::Run(Side::CONTAINER)),
    (
        "run container2",
        BlockKind::Run(Side::Container(ContainerNumber::ALL[1])),
    ),
    (
        "run container3",
        BlockKind::Run(Side::Container(ContainerNumber::ALL[2])),
    ),
    (
        "run container4",
        BlockKind::Run(Side::Container(ContainerNumber::ALL[3])),
    ),
    (
        "run container5",
        BlockKind::Run(Side::Container(ContainerNumber::ALL[4])),
    ),
    (
        "run container6",
        BlockKind::Run(Side::Container(ContainerNumber::ALL[5])),
    ),
    ("check", BlockKind::Check),
    ("hint", BlockKind::Hint),
    ("figure", BlockKind::Figure),
    ("needs", BlockKind::Needs),
    ("show", BlockKind::Show),
    ("proof", BlockKind::Proof),
    ("recap", BlockKind::Recap),
];

#[derive(Clone, Copy)]
enum BlockKind {
    Predict,
    Launch,
    Run(Side),
    Check,
    Hint,
    Figure,
    Needs,
    Show,
    Proof,
    Recap,
}

/// The expression of a choice that no measurement can show.
const UNSEEN: &str = "false";

/// What a block adds to its step.
pub(super) enum BlockContent {
    Part(Part),
    Needs(StepNeeds),
    Show(Show),
    Proof(Script),
    Recap(Recap),
}

/// Reads one block. Reports mistakes, and then returns None.
pub(super) fn read(
    fence: &Fence,
    flags: NamespaceSet,
    problems: &mut Problems,
) -> Option<BlockContent> {
    let words = fence.info.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((name, kind)) = KINDS.into_iter().find(|(name, _)| *name == words) else {
        let help = if words == "run" {
            "expected `run host` or `run container`".to_owned()
        } else {
            // The list for a suggestion leaves out further containers.
            let names: Vec<_> = KINDS.map(|(name, _)| name).into();
            let names: Vec<_> = names
                .into_iter()
                .filter(|name| !name.starts_with("run container") || *name == "run container")
                .collect();
            let list = "the kinds are";
            let said = suggestion(&words, &names, list);
            if said.starts_with(list) {
                format!("{said}; for a block that is only shown: c, console, rust, sh, text")
            } else {
                said
            }
        };
        problems.at(
            fence.offset,
            format!("there is no block `{words}`"),
            Some(help),
        );
        return None;
    };
    if let BlockKind::Run(side) = kind {
        return run(fence, side, problems).map(|run| BlockContent::Part(Part::Run(run)));
    }
    if let BlockKind::Proof = kind {
        return Script::read(fence.text, fence.base, flags, problems).map(BlockContent::Proof);
    }
    let mut fields = Fields::parse(fence.text, fence.base, name, fence.offset, problems)?;
    let part = match kind {
        BlockKind::Predict => predict(&mut fields, problems).map(Part::Predict),
        BlockKind::Launch => Some(Part::Launch(launch::read(&mut fields, flags, problems))),
        BlockKind::Check => check(&mut fields, flags, problems).map(Part::Check),
        BlockKind::Hint => hint(&mut fields, flags, problems).map(Part::Hint),
        BlockKind::Figure => figure::read(&mut fields, problems).map(Part::Figure),
        BlockKind::Needs => {
            let found = needs(&mut fields, problems);
            fields.finish(problems);
            return Some(BlockContent::Needs(found));
        }
        BlockKind::Show => {
            let found = show::read(&mut fields, problems);
            fields.finish(problems);
            return Some(BlockContent::Show(found));
        }
        BlockKind::Recap => {
            let sentences = fields.strings("sentences", problems);
            fields.finish(problems);
            let sentences = sentences?.into_iter().map(|found| found.value).collect();
            let line = problems.position(fence.offset).0;
            return Some(BlockContent::Recap(Recap { sentences, line }));
        }
        BlockKind::Run(_) | BlockKind::Proof => None,
    };
    fields.finish(problems);
    part.map(BlockContent::Part)
}

fn hint(fields: &mut Fields, lesson: NamespaceSet, problems: &mut Problems) -> Option<Hint> {
    let text = fields.string("text", problems);
    let solution = optional_script(fields, "solution", lesson, problems);
    Some(Hint {
        text: text?.value,
        solution,
    })
}

fn optional_script(
    fields: &mut Fields,
    key: &'static str,
    lesson: NamespaceSet,
    problems: &mut Problems,
) -> Option<Script> {
    let found = fields.optional_located(key, problems)?;
    Script::read(&found.value, found.offset, lesson, problems)
}

fn needs(fields: &mut Fields, problems: &mut Problems) -> StepNeeds {
    let programs = fields.optional_strings("programs", problems);
    let namespaces = fields.optional_namespaces("namespaces", problems);
    let kernel = kernel(fields, problems);
    let lab = LAB_FIELDS.iter().filter_map(|(name, shortfall)| {
        let needed = fields.optional_bool(name, problems);
        needed.unwrap_or(false).then_some(*shortfall)
    });
    let lab = lab.collect();
    let host_kind = fields.optional_located("ground", problems);
    let host_kind = host_kind.and_then(|found| found.choice::<HostKind>("ground", problems));
    let otherwise = fields.optional_string("otherwise", problems);
    StepNeeds {
        programs: programs
            .unwrap_or_default()
            .into_iter()
            .map(|found| found.value)
            .collect(),
        namespaces: namespaces.unwrap_or_default(),
        kernel,
        lab,
        host_kind,
        otherwise,
    }
}

/// A version of Linux as in `kernel = "6.17"`.
fn kernel(fields: &mut Fields, problems: &mut Problems) -> Option<(u32, u32)> {
    let found = fields.optional_located("kernel", problems)?;
    let version = found
        .value
        .split_once('.')
        .and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    if version.is_none() {
        problems.at(
            found.offset,
            format!("`kernel` is `{}`", found.value),
            Some("expected a version of Linux, as in `kernel = \"6.17\"`".to_owned()),
        );
    }
    version
}

fn run(fence: &Fence, side: Side, problems: &mut Problems) -> Option<Run> {
    let mut lines = Vec::new();
    let mut at = 0;
    let mut whole = true;
    for line in fence.text.split_inclusive('\n') {
        let lead = line.len() - line.trim_start().len();
        let offset = fence.base + at + lead;
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        match Template::read(line.trim(), offset, problems) {
            Some(line) => lines.push(line),
            None => whole = false,
        }
    }
    if !whole {
        return None;
    }
    if lines.is_empty() {
        problems.at(
            fence.offset,
            format!("`{}` has no command", fence.info),
            Some("expected one command per line".to_owned()),
        );
        return None;
    }
    if let Some(tab) = fence.text.trim().find('\t') {
        // A shell would complete a word at a tab.
        let lead = fence.text.len() - fence.text.trim_start().len();
        problems.at(
            fence.base + lead + tab,
            "a tab in a command",
            Some("expected spaces".to_owned()),
        );
    }
    Some(Run { side, lines })
}

fn predict(fields: &mut Fields, problems: &mut Problems) -> Option<Predict> {
    let question = fields.string("question", problems);
    let choices = fields.strings("choices", problems);
    let answer = fields.number("answer", 1..100, problems);
    let why = fields.string("why", problems);
    let measured = fields.optional_located("measured", problems);
    let measured = measured.and_then(|found| Template::read(&found.value, found.offset, problems));
    let exprs = fields.optional_strings("exprs", problems);
    let (question, choices, answer, why) = (question?, choices?, answer?, why?);
    let choices: Vec<String> = choices.into_iter().map(|choice| choice.value).collect();
    if choices.len() < 2 {
        problems.at(
            question.offset,
            "a prediction with fewer than two choices",
            Some("expected `choices = [\"…\", \"…\"]`".to_owned()),
        );
        return None;
    }
    let Some(index) = usize::from(answer.value)
        .checked_sub(1)
        .filter(|index| *index < choices.len())
    else {
        problems.at(
            answer.offset,
            format!("`answer` is {}", answer.value),
            Some(format!(
                "expected the number of a choice, 1 to {}",
                choices.len()
            )),
        );
        return None;
    };
    let exprs = choice_expressions(exprs.unwrap_or_default(), choices.len(), problems)?;
    Some(Predict {
        question: question.value,
        choices,
        answer: index,
        why: why.value,
        measured,
        exprs,
    })
}

/// One expression for each choice; or none at all.
fn choice_expressions(
    found: Vec<Located<String>>,
    choices: usize,
    problems: &mut Problems,
) -> Option<Vec<Expr>> {
    let (count, first) = (found.len(), found.first().map(|found| found.offset));
    let mut exprs: Vec<Expr> = Vec::new();
    for found in found {
        let offset = found.offset;
        let expr = located_expression(Some(found), problems)?;
        if expr.source() != UNSEEN && exprs.contains(&expr) {
            problems.at(
                offset,
                format!("`{}` stands for two choices", expr.source()),
                Some(
                    "expected that exactly one choice is true once the commands have run"
                        .to_owned(),
                ),
            );
            return None;
        }
        exprs.push(expr);
    }
    if let Some(offset) = first.filter(|_| count != choices) {
        problems.at(
            offset,
            format!("`exprs` has {count} of {choices} expressions"),
            Some(format!(
                "expected one for each choice, in their order; `{UNSEEN}` for a choice that can't be seen"
            )),
        );
        return None;
    }
    Some(exprs)
}

fn check(fields: &mut Fields, lesson: NamespaceSet, problems: &mut Problems) -> Option<Check> {
    let name = fields.string("name", problems);
    let expr = located_expression(fields.string("expr", problems), problems);
    let hint = fields.optional_string("hint", problems);
    let mut wrong = Vec::new();
    for mut miss in fields.tables("wrong", "wrong", problems) {
        let when = located_expression(miss.string("when", problems), problems);
        let say = miss.string("say", problems);
        let sample = optional_script(&mut miss, "sample", lesson, problems);
        miss.finish(problems);
        if let (Some(when), Some(say)) = (when, say) {
            wrong.push(Wrong {
                when,
                say: say.value,
                sample,
            });
        }
    }
    Some(Check {
        name: name?.value,
        expr: expr?,
        hint,
        wrong,
    })
}

fn located_expression(found: Option<Located<String>>, problems: &mut Problems) -> Option<Expr> {
    let found = found?;
    let lead = found.value.len() - found.value.trim_start().len();
    Expr::read(found.value.trim(), found.offset + lead, problems)
}
