//! Expressions in checks and live values, and the values they are evaluated with.
//!
//! Owns the engine and its few filters. Must not know where in a lesson an expression is.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{Environment, UndefinedBehavior, filters, tests};
use serde::Serialize;

use super::one_program;
use crate::namespace::{Namespace, NamespaceSet};
use crate::observe::{Asked, Snapshot};
use crate::sandbox::{ContainerNumber, HostKind, Side};

/// The filters of expressions; the linter uses this list too.
pub(super) const FILTERS: [&str; 9] = [
    "first",
    "int",
    "join",
    "last",
    "length",
    "lines",
    "map",
    "select",
    "selectattr",
];

/// The tests of expressions: after `is`, and by name in `selectattr`.
pub(super) const TESTS: [&str; 5] = ["containing", "defined", "eq", "ne", "none"];

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.add_filter("first", filters::first);
    engine.add_filter("int", filters::int);
    engine.add_filter("join", filters::join);
    engine.add_filter("last", filters::last);
    engine.add_filter("length", filters::length);
    engine.add_filter("lines", filters::lines);
    engine.add_filter("map", filters::map);
    engine.add_filter("select", filters::select);
    engine.add_filter("selectattr", filters::selectattr);
    engine.add_test("containing", |text: &str, part: &str| text.contains(part));
    engine.add_test("defined", tests::is_defined);
    engine.add_test("eq", tests::is_eq);
    engine.add_test("ne", tests::is_ne);
    engine.add_test("none", tests::is_none);
    engine
});

/// An expression about both sides. It is compiled at each use, which takes two microseconds: compiled, it
/// would take twelve kilobytes, and a course has a thousand.
#[derive(Clone)]
pub struct Expr {
    source: String,
    place: (usize, usize),
}

impl Expr {
    /// Doesn't check the source.
    pub(super) fn new(source: &str, place: (usize, usize)) -> Expr {
        let source = source.to_owned();
        Expr { source, place }
    }

    /// Checks the syntax, but not whether the names exist.
    pub(super) fn compiles(&self) -> Result<(), minijinja::Error> {
        ENGINE.compile_expression(&self.source).map(drop)
    }

    /// Its text in the lesson.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Its line in the lesson's file, and its column there in characters, both counted from 1.
    pub fn place(&self) -> (usize, usize) {
        self.place
    }

    /// Whether it chooses between sentences rather than measures something.
    pub fn is_words(&self) -> bool {
        self.source.starts_with(['"', '\''])
    }

    /// Its value as text; None while it has no value.
    pub fn text(&self, context: &Context) -> Option<String> {
        let value = self.evaluate(context).ok()?;
        match value.kind() {
            ValueKind::Undefined | ValueKind::None | ValueKind::Invalid => None,
            _ => Some(value.to_string()),
        }
    }

    /// Whether it is true; an absent side makes it false.
    pub fn is_true(&self, context: &Context) -> bool {
        self.truth(context) == Some(true)
    }

    /// Whether it is true; None while something in it is absent.
    pub fn truth(&self, context: &Context) -> Option<bool> {
        self.evaluate(context).ok().map(|value| value.is_true())
    }

    /// Its value. An error if the syntax is wrong or something in it is absent.
    pub(super) fn evaluate(&self, context: &Context) -> Result<Value, minijinja::Error> {
        let compiled = ENGINE.compile_expression(&self.source)?;
        compiled.eval(context.0.clone())
    }
}

/// Compares the text, not the place.
impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expr").field(&self.source).finish()
    }
}

/// A part of the screen that a lesson can ask the learner to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The whole comparison, with the identities of the namespaces.
    Compare,
    /// The chosen flags as a program.
    Code,
    /// The steps of a launch.
    #[serde(rename = "took")]
    Trace,
    /// A row of the comparison in full.
    Details,
    /// The machine, beside the two sides.
    Machine,
}

impl View {
    pub const ALL: [View; 5] = [
        View::Compare,
        View::Code,
        View::Trace,
        View::Details,
        View::Machine,
    ];

    /// Its name in a lesson.
    pub fn name(self) -> &'static str {
        match self {
            View::Compare => "compare",
            View::Code => "code",
            View::Trace => "took",
            View::Details => "details",
            View::Machine => "machine",
        }
    }
}

/// A command that has ended in a side's shell.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct EndedCommand<'a> {
    /// Its line, as bash remembers it; empty where the shell doesn't report it.
    pub line: &'a str,
    /// The shell's `$?`.
    pub status: i32,
    /// Its output as plain text.
    pub output: &'a str,
    /// The program of the output and the status; empty if the line has more than one command.
    pub program: &'a str,
}

impl<'a> EndedCommand<'a> {
    pub(crate) fn new(line: &'a str, status: i32, output: &'a str) -> Self {
        Self {
            line,
            status,
            output,
            program: one_program::name(line),
        }
    }
}

/// The known facts about a side, under the names that expressions use.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct KnownSide<'a> {
    /// Absent while the side is.
    #[serde(flatten)]
    pub snapshot: Option<&'a Snapshot>,
    /// The answers to the lesson's questions about it; absent until they have been read.
    #[serde(flatten)]
    pub asked: Option<&'a Asked>,
    /// The last command in its shell; absent until one has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<EndedCommand<'a>>,
    /// Those that have ended since the step was opened, the oldest first; the last sixteen at most.
    pub commands: Vec<EndedCommand<'a>>,
}

/// Everything that expressions can use: what the sides see, and what the learner has done on the screen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known<'a> {
    pub host: KnownSide<'a>,
    pub containers: [KnownSide<'a>; ContainerNumber::COUNT],
    /// The machine itself, while it is shown.
    pub machine: Option<&'a Snapshot>,
    /// The flags of the next launch.
    pub chosen: NamespaceSet,
    /// The views that have been opened.
    pub seen: &'a [View],
    pub host_kind: HostKind,
}

impl<'a> Known<'a> {
    pub(crate) fn side(&self, side: Side) -> &KnownSide<'a> {
        match side {
            Side::Host => &self.host,
            Side::Container(number) => &self.containers[number.index()],
        }
    }

    pub(crate) fn side_mut(&mut self, side: Side) -> &mut KnownSide<'a> {
        match side {
            Side::Host => &mut self.host,
            Side::Container(number) => &mut self.containers[number.index()],
        }
    }

    /// The context with these values; built once per change.
    pub(crate) fn context(&self) -> Context {
        let machine = KnownSide {
            snapshot: self.machine,
            ..KnownSide::default()
        };
        let sides = Side::all().map(|side| (side.name(), self.side(side)));
        let sides = sides.chain([("machine", &machine)]);
        let own = ContainerNumber::ALL.into_iter().filter_map(|number| {
            let container = self.containers[number.index()].snapshot?;
            Some((own_name(number), differing(self.host.snapshot?, container)))
        });
        Context(Value::from(Serde(ExprNames {
            sides: sides.filter(|(_, it)| it.snapshot.is_some()).collect(),
            own: own.collect(),
            chosen: kinds(|kind| self.chosen.contains(kind)),
            seen: View::ALL
                .map(|view| (view, self.seen.contains(&view)))
                .into(),
            ground: self.host_kind.name(),
        })))
    }
}

/// The name of a container's own namespaces: `own`, `own2`.
pub(super) fn own_name(number: ContainerNumber) -> String {
    match number {
        ContainerNumber::FIRST => "own".to_owned(),
        number => format!("own{}", number.get()),
    }
}

/// Which namespaces a container doesn't share with the host.
fn differing(host: &Snapshot, container: &Snapshot) -> BTreeMap<Namespace, bool> {
    kinds(
        |kind| match (host.namespaces.get(&kind), container.namespaces.get(&kind)) {
            (Some(theirs), Some(its)) => theirs != its,
            _ => false,
        },
    )
}

fn kinds(holds: impl Fn(Namespace) -> bool) -> BTreeMap<Namespace, bool> {
    Namespace::ALL.map(|kind| (kind, holds(kind))).into()
}

/// The names of an expression. An absent side is undefined, not none, so that comparing it is an
/// error: `container.uid != 0` must not be true without a container.
#[derive(Serialize)]
struct ExprNames<'a> {
    #[serde(flatten)]
    sides: BTreeMap<&'static str, &'a KnownSide<'a>>,
    #[serde(flatten)]
    own: BTreeMap<String, BTreeMap<Namespace, bool>>,
    chosen: BTreeMap<Namespace, bool>,
    seen: BTreeMap<View, bool>,
    ground: &'static str,
}

/// The values that expressions are evaluated with.
#[derive(Debug, Clone, Default)]
pub struct Context(Value);
