//! Reads the block `launch`: which container, and its plan.
//!
//! Owns which fields go together.

use super::source::{Problems, suggestion};
use super::table::{Fields, Located};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::options::{self, UserMap};
use crate::sandbox::{ContainerNumber, Join, LaunchOption, LaunchOptions, Plan};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    pub container: ContainerNumber,
    pub plan: Plan,
}

/// Reads the fields. Reports wrong ones, and leaves them out.
pub(super) fn read(fields: &mut Fields, lesson: NamespaceSet, problems: &mut Problems) -> Launch {
    let flags = fields
        .optional_namespaces("flags", problems)
        .unwrap_or(lesson);
    let container = container(fields, "container", problems);
    let number = container
        .as_ref()
        .map_or(ContainerNumber::FIRST, |found| found.value);
    let join = join(fields, number, problems);
    let options = options(fields, flags, problems);
    Launch {
        container: number,
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
) -> Option<Located<ContainerNumber>> {
    let last = u16::try_from(ContainerNumber::COUNT).unwrap_or(u16::MAX);
    let Located { value, offset } = fields.optional_number(key, 1..last + 1, problems)?;
    let value = ContainerNumber::new(usize::from(value))?;
    Some(Located { value, offset })
}

/// `in = 1`, or `join = ["net"]` and `of = 1`.
fn join(fields: &mut Fields, number: ContainerNumber, problems: &mut Problems) -> Option<Join> {
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
                value: ContainerNumber::FIRST,
                offset,
            };
            (of.unwrap_or(first), kinds)
        }
    };
    if whose.value == number {
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

fn options(fields: &mut Fields, flags: NamespaceSet, problems: &mut Problems) -> LaunchOptions {
    let mut options = LaunchOptions::default();
    for option in LaunchOption::ALL {
        let Some(found) = value(fields, option, problems) else {
            continue;
        };
        if !flags.contains(option.needs()) {
            beside(found.offset, option.name(), option.needs(), problems);
        } else if let Err(why) = options.set(option, Some(&found.value)) {
            let names = option.choices();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let help = match names[..] {
                [] => {
                    let example = option.example().unwrap_or_default();
                    format!("{why}, as in `{} = \"{example}\"`", option.name())
                }
                _ => suggestion(&found.value, &names, "expected one of"),
            };
            let what = format!("`{}` is `{}`", option.name(), found.value);
            problems.at(found.offset, what, Some(help));
        }
    }
    options
}

/// The word that a lesson sets an option to. `map` is a boolean in lessons.
fn value(
    fields: &mut Fields,
    option: LaunchOption,
    problems: &mut Problems,
) -> Option<Located<String>> {
    if option != LaunchOption::Map {
        return fields.optional_located(option.name(), problems);
    }
    let written = fields.optional_bool(option.name(), problems)?;
    let offset = fields.offset();
    (!written).then(|| Located {
        value: options::name(&UserMap::Unwritten),
        offset,
    })
}

fn beside(offset: usize, key: &str, kind: Namespace, problems: &mut Problems) {
    problems.at(
        offset,
        format!("`{key}` needs {}", kind.label()),
        Some(format!("expected `{kind}` among its `flags`")),
    );
}
