//! The block `launch`: which container, and what it is made with.
//!
//! Owns which fields go together.

use clap::ValueEnum;

use super::source::Problems;
use super::table::{Fields, Located};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::plan::UserMap;
use crate::sandbox::{Join, Nth, Options, Plan};

/// A container to launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Launch {
    /// Which one.
    pub container: Nth,
    /// What it is made with.
    pub plan: Plan,
}

/// Reads the fields; what is wrong with one is reported, and left out.
pub(super) fn read(fields: &mut Fields, lesson: NamespaceSet, problems: &mut Problems) -> Launch {
    let flags = fields
        .optional_namespaces("flags", problems)
        .unwrap_or(lesson);
    let container = container(fields, "container", problems);
    let nth = container.as_ref().map_or(Nth::FIRST, |found| found.value);
    let join = join(fields, nth, problems);
    let options = options(fields, flags, problems);
    Launch {
        container: nth,
        plan: Plan {
            flags,
            join,
            options,
        },
    }
}

fn container(
    fields: &mut Fields,
    key: &'static str,
    problems: &mut Problems,
) -> Option<Located<Nth>> {
    let last = u16::try_from(Nth::COUNT).unwrap_or(u16::MAX);
    let Located { value, offset } = fields.optional_number(key, 1..last + 1, problems)?;
    let value = Nth::new(usize::from(value))?;
    Some(Located { value, offset })
}

/// `in = 1`, or `join = ["net"]` and `of = 1`.
fn join(fields: &mut Fields, nth: Nth, problems: &mut Problems) -> Option<Join> {
    let inside = container(fields, "in", problems);
    let kinds = fields.optional_namespaces("join", problems);
    let of = container(fields, "of", problems);
    let (whose, kinds) = match (inside, kinds, of) {
        (None, None, None) => return None,
        (Some(inside), None, None) => (inside, NamespaceSet::all()),
        (Some(inside), _, _) => {
            let what = "`in` joins everything: `join` and `of` have nothing to add";
            problems.at(inside.offset, what, None);
            return None;
        }
        (None, None, Some(of)) => {
            let help = "say which of its namespaces, as in `join = [\"net\"]`";
            problems.at(of.offset, "`of` without `join`", Some(help.to_owned()));
            return None;
        }
        (None, Some(kinds), of) => {
            let offset = fields.offset();
            let first = Located {
                value: Nth::FIRST,
                offset,
            };
            (of.unwrap_or(first), kinds)
        }
    };
    if whose.value == nth {
        problems.at(
            whose.offset,
            "a container can't join itself",
            Some("expected another one, as in `container = 2`".to_owned()),
        );
        return None;
    }
    Some(Join {
        whose: whose.value,
        kinds,
    })
}

fn options(fields: &mut Fields, flags: NamespaceSet, problems: &mut Problems) -> Options {
    let plain = Options::default();
    let map = fields.optional_bool("map", problems).unwrap_or(true);
    if !map && !flags.contains(Namespace::User) {
        beside(fields.offset(), "map", Namespace::User, problems);
    }
    Options {
        proc: mounted(fields, "proc", flags, problems).unwrap_or(plain.proc),
        propagation: mounted(fields, "propagation", flags, problems).unwrap_or(plain.propagation),
        root: mounted(fields, "root", flags, problems).unwrap_or(plain.root),
        map: if map {
            UserMap::Written
        } else {
            UserMap::Unwritten
        },
    }
}

/// An option of a container with mounts of its own.
fn mounted<T: ValueEnum>(
    fields: &mut Fields,
    key: &'static str,
    flags: NamespaceSet,
    problems: &mut Problems,
) -> Option<T> {
    let found = fields.optional_located(key, problems)?;
    if !flags.contains(Namespace::Mnt) {
        beside(found.offset, key, Namespace::Mnt, problems);
        return None;
    }
    found.choice(key, problems)
}

fn beside(offset: usize, key: &str, kind: Namespace, problems: &mut Problems) {
    problems.at(
        offset,
        format!("`{key}` means something beside {} alone", kind.label()),
        Some(format!("expected `{kind}` among its `flags`")),
    );
}
