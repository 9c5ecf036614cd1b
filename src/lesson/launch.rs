//! The block `launch`: which container, and what it is made with.
//!
//! Owns which fields go together.

use clap::ValueEnum;

use super::Launch;
use super::blocks::{flag_set, namespaces};
use super::source::{Problems, suggestion};
use super::table::{Fields, Located};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::plan::{self, UserMap};
use crate::sandbox::{Join, Nth, Options, Plan};

/// Reads the fields; what is wrong with one is reported, and left out.
pub(super) fn read(fields: &mut Fields, lesson: NamespaceSet, problems: &mut Problems) -> Launch {
    let flags = flag_set(fields, problems).unwrap_or(lesson);
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
    let kinds = namespaces(fields, "join", problems);
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
    choice(&found, key, problems)
}

fn beside(offset: usize, key: &str, kind: Namespace, problems: &mut Problems) {
    problems.at(
        offset,
        format!("`{key}` means something beside {} alone", kind.label()),
        Some(format!("expected `{kind}` among its `flags`")),
    );
}

/// One of the words of a choice.
pub(super) fn choice<T: ValueEnum>(
    found: &Located<String>,
    key: &str,
    problems: &mut Problems,
) -> Option<T> {
    let known = T::value_variants();
    let right = known.iter().find(|it| plan::name(*it) == found.value);
    if right.is_none() {
        let names: Vec<String> = known.iter().map(plan::name).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        problems.at(
            found.offset,
            format!("`{key}` is `{}`", found.value),
            Some(suggestion(&found.value, &names, "expected one of")),
        );
    }
    right.cloned()
}
