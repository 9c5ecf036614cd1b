//! Reads the block `launch`: which container, and its plan.
//!
//! Owns which fields go together.

use super::source::suggestion;
use super::table::{Fields, Located};
use crate::namespace::NamespaceSet;
use crate::sandbox::options::{self, UserMap};
use crate::sandbox::{ContainerNumber, Join, LaunchOption, LaunchOptions, Plan};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    pub container: ContainerNumber,
    pub plan: Plan,
}

/// Reads the fields. Reports wrong ones, and leaves them out.
pub(super) fn read(fields: &mut Fields, lesson: NamespaceSet) -> Launch {
    let flags = fields.optional_namespaces("flags").unwrap_or(lesson);
    let container = container(fields, "container");
    let container = container.map_or(ContainerNumber::FIRST, |found| found.value);
    let plan = Plan {
        flags,
        join: join(fields, container),
        options: options(fields, flags),
    };
    Launch { container, plan }
}

fn container(fields: &mut Fields, key: &'static str) -> Option<Located<ContainerNumber>> {
    let last = u16::try_from(ContainerNumber::COUNT).unwrap_or(u16::MAX);
    let Located { value, offset } = fields.optional_number(key, 1..last + 1)?;
    let value = ContainerNumber::new(usize::from(value))?;
    Some(Located { value, offset })
}

/// `in = 1`, or `join = ["net"]` and `of = 1`.
fn join(fields: &mut Fields, number: ContainerNumber) -> Option<Join> {
    let problems = fields.problems();
    let inside = container(fields, "in");
    let kinds = fields.optional_namespaces("join");
    let of = container(fields, "of");
    let (whose, kinds) = match (inside, kinds, of) {
        (None, None, None) => return None,
        (Some(inside), None, None) => (inside, NamespaceSet::all()),
        (Some(inside), _, _) => {
            let what = "`in` joins everything: `join` and `of` have nothing to add";
            problems.report(inside.offset, what, None);
            return None;
        }
        (None, None, Some(of)) => {
            let help = "say which of its namespaces, as in `join = [\"net\"]`";
            problems.at(of.offset, "`of` without `join`", help);
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
        let help = "expected another one, as in `container = 2`";
        problems.at(whose.offset, "a container can't join itself", help);
        return None;
    }
    Some(Join {
        whose: whose.value,
        kinds,
    })
}

fn options(fields: &mut Fields, flags: NamespaceSet) -> LaunchOptions {
    let problems = fields.problems();
    let mut options = LaunchOptions::default();
    for option in LaunchOption::ALL {
        let Some(found) = value(fields, option) else {
            continue;
        };
        let needs = option.needs();
        if !flags.contains(needs) {
            let what = format!("`{}` needs {}", option.name(), needs.label());
            let help = format!("expected `{needs}` among its `flags`");
            problems.at(found.offset, what, help);
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
            problems.at(found.offset, what, help);
        }
    }
    options
}

/// The word that a lesson sets an option to. `map` is a boolean in lessons.
fn value(fields: &mut Fields, option: LaunchOption) -> Option<Located<String>> {
    if option != LaunchOption::Map {
        return fields.optional_located(option.name());
    }
    let written = fields.optional_bool(option.name())?;
    let offset = fields.offset();
    (!written).then(|| Located {
        value: options::name(&UserMap::Unwritten),
        offset,
    })
}
