//! Scripts: the actions that a learner could do in a step, one on each line: `launch uts,ipc container=2`,
//! `host: hostname web1`, `choose uts`, `open code`.
//!
//! Owns the kinds of actions. Must not know the use of a script, or how an action is carried out.

use super::expr::View;
use super::source::{LessonSource, Problems, nearest, suggestion};
use super::table::{Fields, namespace, side};
use super::{Launch, Template, launch};
use crate::namespace::NamespaceSet;
use crate::sandbox::Side;

#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// Its text in the lesson.
    pub source: String,
    /// At least one.
    pub actions: Vec<Action>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Its line in the file, counted from 1.
    pub line: usize,
    /// Its column there, in characters, counted from 1.
    pub column: usize,
    pub deed: Deed,
}

/// The content of an action.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// `launch`: launch a container.
    Launch(Launch),
    /// `host: LINE` or `container: LINE`: type a line into a shell.
    Type {
        /// The side whose shell gets the line.
        side: Side,
        /// The line, which may have live values.
        line: Template,
    },
    /// `choose`: tick these flags only.
    Choose(NamespaceSet),
    /// `open`: open a view.
    Open(View),
}

/// The first words of actions, besides the names of sides.
const VERBS: [&str; 3] = ["launch", "choose", "open"];

impl Script {
    /// The actions that type a line, with that line.
    pub(super) fn typed(&self) -> impl Iterator<Item = (&Action, &Template)> {
        self.actions.iter().filter_map(|action| match &action.deed {
            Deed::Type { line, .. } => Some((action, line)),
            Deed::Launch(_) | Deed::Choose(_) | Deed::Open(_) => None,
        })
    }

    /// Reads a script at this byte of the lesson. Reports mistakes, and then returns None.
    pub(super) fn read(
        text: &str,
        offset: usize,
        lesson: NamespaceSet,
        problems: &Problems,
    ) -> Option<Script> {
        let before = problems.count();
        let mut actions = Vec::new();
        let mut at = offset;
        for line in text.split_inclusive('\n') {
            let start = at + line.len() - line.trim_start().len();
            at += line.len();
            if line.trim().is_empty() {
                continue;
            }
            let deed = deed(line.trim(), start, lesson, problems);
            let (line, column) = problems.position(start);
            actions.extend(deed.map(|deed| Action { line, column, deed }));
        }
        if actions.is_empty() && problems.count() == before {
            problems.at(offset, "a script without an action", expected());
        }
        (problems.count() == before).then(|| Script {
            source: text.trim().replace("\r\n", "\n"),
            actions,
        })
    }
}

fn expected() -> String {
    "expected lines like `launch uts`, `host: hostname web1`, `choose uts`, `open code`".to_owned()
}

fn deed(line: &str, offset: usize, lesson: NamespaceSet, problems: &Problems) -> Option<Deed> {
    if let Some((name, command)) = line.split_once(':')
        && !name.contains(char::is_whitespace)
    {
        let inside = offset + line.len() - command.trim_start().len();
        return typed(name, command.trim(), offset, inside, problems);
    }
    let (verb, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let words = words(rest, offset + line.len() - rest.len());
    match verb {
        "launch" => launched(&words, lesson, problems).map(Deed::Launch),
        "choose" => {
            let (at, list) = one(&words, "choose", offset, problems)?;
            flags(list, at, problems).map(Deed::Choose)
        }
        "open" => {
            let (at, name) = one(&words, "open", offset, problems)?;
            view(name, at, problems).map(Deed::Open)
        }
        _ => {
            let known: Vec<_> = VERBS
                .into_iter()
                .chain(Side::all().map(Side::name))
                .collect();
            let help = match nearest(verb, known) {
                Some(near) if VERBS.contains(&near) => format!("did you mean `{near}`?"),
                Some(near) => format!("did you mean `{near}: …`?"),
                None => expected(),
            };
            problems.at(offset, format!("there is no action `{verb}`"), help);
            None
        }
    }
}

fn typed(
    name: &str,
    command: &str,
    offset: usize,
    inside: usize,
    problems: &Problems,
) -> Option<Deed> {
    let side = side(name, offset, problems)?;
    if command.is_empty() {
        let help = format!("expected a command, as in `{name}: hostname web1`");
        problems.at(offset, "nothing is typed here", help);
        return None;
    }
    let line = Template::read(command, inside, problems)?;
    Some(Deed::Type { side, line })
}

/// The words with their byte positions.
fn words(text: &str, offset: usize) -> Vec<(usize, &str)> {
    let begin = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    text.split_whitespace()
        .map(|word| (offset + begin(word), word))
        .collect()
}

fn one<'t>(
    words: &[(usize, &'t str)],
    verb: &str,
    offset: usize,
    problems: &Problems,
) -> Option<(usize, &'t str)> {
    if let [word] = words {
        return Some(*word);
    }
    let example = match verb {
        "choose" => "choose uts,pid",
        _ => "open code",
    };
    let what = format!("`{verb}` takes one word");
    problems.at(offset, what, format!("as in `{example}`"));
    None
}

/// `uts,ipc`; `-` for none.
fn flags(list: &str, offset: usize, problems: &Problems) -> Option<NamespaceSet> {
    let words = list.split(',').filter(|_| list != "-");
    words
        .map(|word| namespace(word, offset, problems))
        .collect()
}

fn view(name: &str, offset: usize, problems: &Problems) -> Option<View> {
    let found = View::ALL.into_iter().find(|view| view.name() == name);
    if found.is_none() {
        let names = View::ALL.map(View::name);
        let help = suggestion(name, &names, "the views are");
        problems.at(offset, format!("there is no view `{name}`"), help);
    }
    found
}

/// Reads words as the fields of a launch block, a field per word.
fn launched(words: &[(usize, &str)], lesson: NamespaceSet, problems: &Problems) -> Option<Launch> {
    let mut lines = Vec::new();
    for (index, (offset, word)) in words.iter().enumerate() {
        lines.push(match word.split_once('=') {
            Some((key, value)) => format!("{key} = {}\n", field(key, value)),
            None if index == 0 => {
                flags(word, *offset, problems)?;
                let word = if *word == "-" { "" } else { word };
                format!("flags = {}\n", list(word))
            }
            None => {
                problems.at(
                    *offset,
                    format!("`{word}` has no `=`"),
                    "expected words like `container=2`, `proc=fresh` after the flags",
                );
                return None;
            }
        });
    }
    let text = lines.concat();
    let block = LessonSource::new("", &text);
    let found = Problems::new(&block);
    let launch = Fields::parse(&text, 0, "launch", 0, &found).map(|mut fields| {
        let launch = launch::read(&mut fields, lesson);
        fields.finish();
        launch
    });
    let sound = found.count() == 0;
    for (line, what, help) in found.into_lines() {
        let at = words.get(line - 1).or(words.first());
        problems.report(at.map_or(0, |(offset, _)| *offset), what, help);
    }
    launch.filter(|_| sound)
}

/// A word's value as TOML.
fn field(key: &str, value: &str) -> String {
    match (key, value) {
        ("join", _) => list(value),
        (_, "yes" | "true") => "true".to_owned(),
        (_, "no" | "false") => "false".to_owned(),
        _ if value.parse::<u16>().is_ok() => value.to_owned(),
        _ => toml::Value::from(value).to_string(),
    }
}

fn list(words: &str) -> String {
    let words = words.split(',').filter(|word| !word.is_empty());
    let words: Vec<_> = words.map(toml::Value::from).collect();
    toml::Value::from(words).to_string()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::namespace::Namespace;

    fn read(text: &str) -> Result<Script, Vec<String>> {
        let text = format!("命令\n{text}");
        let source = LessonSource::new("x.md", &text);
        let problems = Problems::new(&source);
        let lesson = NamespaceSet::from_iter([Namespace::Uts]);
        let offset = text.find('\n').unwrap_or_default() + 1;
        let script = Script::read(&text[offset..], offset, lesson, &problems);
        let errors = problems.into_errors();
        script.ok_or_else(|| errors.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn actions_are_read() {
        let script = read(
            "  launch\n\nlaunch - container=2\nlaunch uts,mnt in=1 container=3 proc=fresh root=own\n\
             launch net join=net,uts of=2 container=4\nlaunch user map=no\n\
             host: echo a: b\ncontainer3: nsenter --target {{ container.nspid[1] }}\n\
             choose uts,pid\nchoose -\nopen machine\n",
        )
        .unwrap();
        let mut seen = String::new();
        for Action { line, column, deed } in &script.actions {
            let said = match deed {
                Deed::Launch(Launch { container, plan }) => {
                    format!("launch {} {}", container.get(), plan.arguments().join(" "))
                }
                Deed::Type { side, line } => format!("type {side} `{line}`"),
                Deed::Choose(flags) => format!("choose {flags}"),
                Deed::Open(view) => format!("open {}", view.name()),
            };
            writeln!(seen, "{line}:{column} {said}").unwrap();
        }
        insta::assert_snapshot!(seen);
    }

    #[test]
    fn what_is_no_action_is_said() {
        let mut seen = String::new();
        for text in [
            "",
            "lauch uts",
            "hots: ls",
            "hots",
            "container7: ls",
            "host:",
            "frobnicate the foo",
            "launch utx",
            "launch uts prc=fresh",
            "launch uts proc=fresh",
            "launch mnt proc=frsh",
            "launch uts container=7",
            "launch uts container=two",
            "launch uts container",
            "launch uts in=1",
            "launch uts,user map=maybe",
            "launch uts join=nett container=2",
            "choose",
            "choose uts pid",
            "choose all",
            "open",
            "open cod",
            "container: nsenter -t {{ container.nspi }}",
            "host: ls\ncontainer: echo {{ x",
        ] {
            let errors = read(text).expect_err(text);
            writeln!(seen, "{text}\n  {}", errors.join("\n  ")).unwrap();
        }
        insta::assert_snapshot!(seen);
    }
}
