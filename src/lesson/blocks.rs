//! Reads the lab's fenced blocks: which kinds there are, and their fields.
//!
//! Must not know where in a step a block is.

use super::markdown::Fence;
use super::needs::LAB_FIELDS;
use super::source::{Problems, suggestion};
use super::table::{Fields, Located};
use super::{
    Check, Expr, Hint, NearMiss, Part, Predict, Recap, Run, Script, Show, StepNeeds, Template,
    figure, launch, show,
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

/// The content that a block adds to its step.
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
    problems: &Problems,
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
        problems.at(fence.offset, format!("there is no block `{words}`"), help);
        return None;
    };
    if let BlockKind::Run(side) = kind {
        return run(fence, side, problems).map(|run| BlockContent::Part(Part::Run(run)));
    }
    if let BlockKind::Proof = kind {
        return Script::read(fence.text, fence.base, flags, problems).map(BlockContent::Proof);
    }
    let mut fields = Fields::parse(fence.text, fence.base, name, fence.offset, problems)?;
    let part = BlockContent::Part;
    let content = match kind {
        BlockKind::Predict => predict(&mut fields).map(Part::Predict).map(part),
        BlockKind::Launch => Some(part(Part::Launch(launch::read(&mut fields, flags)))),
        BlockKind::Check => check(&mut fields, flags).map(Part::Check).map(part),
        BlockKind::Hint => hint(&mut fields, flags).map(Part::Hint).map(part),
        BlockKind::Figure => figure::read(&mut fields).map(Part::Figure).map(part),
        BlockKind::Needs => Some(BlockContent::Needs(needs(&mut fields))),
        BlockKind::Show => Some(BlockContent::Show(show::read(&mut fields))),
        BlockKind::Recap => fields.texts("sentences").map(|sentences| {
            let line = problems.position(fence.offset).0;
            BlockContent::Recap(Recap { sentences, line })
        }),
        BlockKind::Run(_) | BlockKind::Proof => None,
    };
    fields.finish();
    content
}

fn hint(fields: &mut Fields, lesson: NamespaceSet) -> Option<Hint> {
    let text = fields.string("text");
    let solution = optional_script(fields, "solution", lesson);
    let text = text?.value;
    Some(Hint { text, solution })
}

fn optional_script(fields: &mut Fields, key: &'static str, lesson: NamespaceSet) -> Option<Script> {
    let found = fields.optional_located(key)?;
    Script::read(&found.value, found.offset, lesson, fields.problems())
}

fn needs(fields: &mut Fields) -> StepNeeds {
    StepNeeds {
        programs: fields.optional_texts("programs").unwrap_or_default(),
        namespaces: fields.optional_namespaces("namespaces").unwrap_or_default(),
        kernel: kernel(fields),
        lab: LAB_FIELDS
            .iter()
            .filter(|(name, _)| fields.optional_bool(name) == Some(true))
            .map(|(_, shortfall)| *shortfall)
            .collect(),
        host_kind: fields
            .optional_located("ground")
            .and_then(|found| found.choice::<HostKind>("ground", fields.problems())),
        otherwise: fields.optional_string("otherwise"),
    }
}

/// A version of Linux as in `kernel = "6.17"`.
fn kernel(fields: &mut Fields) -> Option<(u32, u32)> {
    let found = fields.optional_located("kernel")?;
    let version = found
        .value
        .split_once('.')
        .and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    if version.is_none() {
        let what = format!("`kernel` is `{}`", found.value);
        let help = "expected a version of Linux, as in `kernel = \"6.17\"`";
        fields.problems().at(found.offset, what, help);
    }
    version
}

fn run(fence: &Fence, side: Side, problems: &Problems) -> Option<Run> {
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
        let what = format!("`{}` has no command", fence.info);
        problems.at(fence.offset, what, "expected one command per line");
        return None;
    }
    if let Some(tab) = fence.text.trim().find('\t') {
        // A shell would complete a word at a tab.
        let lead = fence.text.len() - fence.text.trim_start().len();
        let at = fence.base + lead + tab;
        problems.at(at, "a tab in a command", "expected spaces");
    }
    Some(Run { side, lines })
}

fn predict(fields: &mut Fields) -> Option<Predict> {
    let problems = fields.problems();
    let question = fields.string("question");
    let choices = fields.texts("choices");
    let answer = fields.number("answer", 1..100);
    let why = fields.string("why");
    let measured = fields.optional_located("measured");
    let measured = measured.and_then(|found| Template::read(&found.value, found.offset, problems));
    let exprs = fields.optional_strings("exprs");
    let (question, choices, answer, why) = (question?, choices?, answer?, why?);
    if choices.len() < 2 {
        let what = "a prediction with fewer than two choices";
        let help = "expected `choices = [\"…\", \"…\"]`";
        problems.at(question.offset, what, help);
        return None;
    }
    let index = usize::from(answer.value) - 1;
    if index >= choices.len() {
        let what = format!("`answer` is {}", answer.value);
        let help = format!("expected the number of a choice, 1 to {}", choices.len());
        problems.at(answer.offset, what, help);
        return None;
    }
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
    problems: &Problems,
) -> Option<Vec<Expr>> {
    let (count, first) = (found.len(), found.first().map(|found| found.offset));
    let mut exprs: Vec<Expr> = Vec::new();
    for found in found {
        let offset = found.offset;
        let expr = located_expression(Some(found), problems)?;
        if expr.source() != UNSEEN && exprs.contains(&expr) {
            let what = format!("`{}` stands for two choices", expr.source());
            let help = "expected that exactly one choice is true once the commands have run";
            problems.at(offset, what, help);
            return None;
        }
        exprs.push(expr);
    }
    if let Some(offset) = first.filter(|_| count != choices) {
        problems.at(
            offset,
            format!("`exprs` has {count} of {choices} expressions"),
            format!(
                "expected one for each choice, in their order; `{UNSEEN}` for a choice that can't be seen"
            ),
        );
        return None;
    }
    Some(exprs)
}

fn check(fields: &mut Fields, lesson: NamespaceSet) -> Option<Check> {
    let problems = fields.problems();
    let name = fields.string("name");
    let expr = located_expression(fields.string("expr"), problems);
    let hint = fields.optional_string("hint");
    let mut wrong = Vec::new();
    for mut miss in fields.tables("wrong", "wrong") {
        let when = located_expression(miss.string("when"), problems);
        let say = miss.string("say").map(|found| found.value);
        let sample = optional_script(&mut miss, "sample", lesson);
        miss.finish();
        if let (Some(when), Some(say)) = (when, say) {
            wrong.push(NearMiss { when, say, sample });
        }
    }
    Some(Check {
        name: name?.value,
        expr: expr?,
        hint,
        wrong,
    })
}

fn located_expression(found: Option<Located<String>>, problems: &Problems) -> Option<Expr> {
    let found = found?;
    let lead = found.value.len() - found.value.trim_start().len();
    Expr::read(found.value.trim(), found.offset + lead, problems)
}
