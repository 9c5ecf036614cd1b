//! Expressions in checks and in live values, and what they are evaluated against.
//!
//! Owns the engine and its few filters. Must not know where in a lesson an expression stands.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{Environment, UndefinedBehavior, filters, tests};
use serde::Serialize;

use crate::namespace::{Namespace, NamespaceSet};
use crate::observe::Snapshot;
use crate::sandbox::{HostKind, Nth, Side};

/// Filters an expression may use. The linter reads the same list.
pub(super) const FILTERS: [&str; 7] = [
    "first",
    "int",
    "join",
    "last",
    "length",
    "map",
    "selectattr",
];

/// Tests an expression may use after `is`, and by name in `selectattr`.
pub(super) const TESTS: [&str; 4] = ["defined", "eq", "ne", "none"];

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.add_filter("first", filters::first);
    engine.add_filter("int", filters::int);
    engine.add_filter("join", filters::join);
    engine.add_filter("last", filters::last);
    engine.add_filter("length", filters::length);
    engine.add_filter("map", filters::map);
    engine.add_filter("selectattr", filters::selectattr);
    engine.add_test("defined", tests::is_defined);
    engine.add_test("eq", tests::is_eq);
    engine.add_test("ne", tests::is_ne);
    engine.add_test("none", tests::is_none);
    engine
});

/// An expression over what both sides see. Compiled, one takes two microseconds and twelve
/// kilobytes, and a course has a thousand: what is compiled is not kept.
#[derive(Clone)]
pub struct Expr {
    source: String,
    line: usize,
    column: usize,
}

impl Expr {
    /// An expression that begins at this place of its lesson. Whether it has a value is found out
    /// when it is evaluated.
    pub(super) fn new(source: &str, line: usize, column: usize) -> Expr {
        Expr {
            source: source.to_owned(),
            line,
            column,
        }
    }

    /// Whether it is an expression. Whether the names in it exist is another matter.
    pub(super) fn compiles(&self) -> Result<(), minijinja::Error> {
        ENGINE.compile_expression(&self.source).map(drop)
    }

    /// The expression as the lesson has it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Its line in the lesson's file, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Its column there, in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Whether it chooses between sentences, rather than measuring something.
    pub fn is_words(&self) -> bool {
        self.source.starts_with(['"', '\''])
    }

    /// Its value as text; none when it is not there yet, because a side is absent or shows none.
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

    /// The same; none where something that it looks at is absent.
    pub fn truth(&self, context: &Context) -> Option<bool> {
        self.evaluate(context).ok().map(|value| value.is_true())
    }

    /// Its value, or why there is none: it is no expression, or a side is absent.
    pub(super) fn evaluate(&self, context: &Context) -> Result<Value, minijinja::Error> {
        let compiled = ENGINE.compile_expression(&self.source)?;
        compiled.eval(context.0.clone())
    }
}

/// Equal when the text is, wherever it stands.
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

/// A part of the screen that a lesson can ask to be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The whole comparison, with the identities of the namespaces.
    Compare,
    /// The chosen flags as a program.
    Code,
    /// What a launch took.
    Took,
    /// Both sides of a row of the comparison.
    Details,
    /// The machine, beside the two sides.
    Machine,
}

impl View {
    /// All of them.
    pub const ALL: [View; 5] = [
        View::Compare,
        View::Code,
        View::Took,
        View::Details,
        View::Machine,
    ];

    /// Its name in a lesson.
    pub fn name(self) -> &'static str {
        match self {
            View::Compare => "compare",
            View::Code => "code",
            View::Took => "took",
            View::Details => "details",
            View::Machine => "machine",
        }
    }
}

/// The last command that has ended in a side's shell.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Last<'a> {
    /// Its exit status, as the shell's `$?`.
    pub status: i32,
    /// What it printed, as plain text.
    pub output: &'a str,
}

/// One side of an expression.
#[derive(Serialize)]
struct SideNames<'a> {
    #[serde(flatten)]
    snapshot: &'a Snapshot,
    /// Absent until a command has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Last<'a>>,
}

/// What both sides see, as far as they are there, and what the learner has set up on the screen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The host's side.
    pub host: Option<&'a Snapshot>,
    /// The containers'; none where none runs.
    pub containers: [Option<&'a Snapshot>; Nth::COUNT],
    /// The machine itself, while it is shown.
    pub machine: Option<&'a Snapshot>,
    /// The last command in the host's shell.
    pub host_last: Option<Last<'a>>,
    /// The last command in each container's.
    pub containers_last: [Option<Last<'a>>; Nth::COUNT],
    /// The flags of the next launch.
    pub chosen: NamespaceSet,
    /// The views that have been opened at some time.
    pub seen: &'a [View],
    /// What the host is.
    pub ground: HostKind,
}

impl<'a> Known<'a> {
    /// What expressions are evaluated against; built once per change.
    pub fn context(&self) -> Context {
        let mut sides = BTreeMap::new();
        let mut own = BTreeMap::new();
        let mut add = |name: &str, snapshot: Option<&'a Snapshot>, last| {
            sides.extend(snapshot.map(|snapshot| {
                let side = SideNames { snapshot, last };
                (name.to_owned(), side)
            }));
        };
        add(Side::Host.name(), self.host, self.host_last);
        add("machine", self.machine, None);
        let containers = self.containers.into_iter().zip(self.containers_last);
        for (nth, (snapshot, last)) in Nth::ALL.into_iter().zip(containers) {
            add(Side::Container(nth).name(), snapshot, last);
            let both = self.host.zip(snapshot);
            own.extend(both.map(|(host, it)| (own_name(nth), differing(host, it))));
        }
        Context(Value::from(Serde(Names {
            sides,
            own,
            chosen: kinds(|kind| self.chosen.contains(kind)),
            seen: View::ALL
                .map(|view| (view, self.seen.contains(&view)))
                .into(),
            ground: self.ground.name(),
        })))
    }
}

/// The name of what a container has of its own: `own`, `own2`.
pub(super) fn own_name(nth: Nth) -> String {
    match nth {
        Nth::FIRST => "own".to_owned(),
        nth => format!("own{}", nth.number()),
    }
}

/// Which namespaces a container has of its own, next to the host.
fn differing(host: &Snapshot, container: &Snapshot) -> BTreeMap<Namespace, bool> {
    kinds(
        |kind| match (host.namespaces.get(&kind), container.namespaces.get(&kind)) {
            (Some(theirs), Some(its)) => theirs != its,
            _ => false,
        },
    )
}

/// What holds for each kind.
fn kinds(holds: impl Fn(Namespace) -> bool) -> BTreeMap<Namespace, bool> {
    Namespace::ALL.map(|kind| (kind, holds(kind))).into()
}

/// The names of an expression. An absent one is undefined, not none: comparing it is an error, so
/// that `container.uid != 0` is not true of a container that isn't there.
#[derive(Serialize)]
struct Names<'a> {
    #[serde(flatten)]
    sides: BTreeMap<String, SideNames<'a>>,
    #[serde(flatten)]
    own: BTreeMap<String, BTreeMap<Namespace, bool>>,
    chosen: BTreeMap<Namespace, bool>,
    seen: BTreeMap<View, bool>,
    ground: &'static str,
}

/// What expressions are evaluated against.
#[derive(Debug, Clone, Default)]
pub struct Context(Value);
