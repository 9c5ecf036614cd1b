//! The names that expressions may use, and a search for unknown ones.
//!
//! The names are the fields of the example snapshot. Evaluates nothing itself.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use super::expr::{Context, EndedCommand, Expr, FILTERS, Known, KnownSide, TESTS, View, own_name};
use super::source::{nearest, suggestion};
use crate::namespace::Namespace;
use crate::observe::asked::{self, KINDS, ROUTES};
use crate::observe::snapshot::EXAMPLE;
use crate::observe::{Asked, Question};
use crate::sandbox::{ContainerNumber, HostKind, Side};

/// A name that does not exist.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    /// Its byte in the expression.
    pub(super) offset: usize,
    pub(super) what: String,
    pub(super) help: String,
}

const LAST: EndedCommand = EndedCommand {
    line: "echo 7",
    status: 0,
    output: "7",
    program: "echo",
};

/// Example values to try expressions with, and the answers to these questions.
pub(super) fn examples(asks: impl IntoIterator<Item = (Side, Question)>) -> Context {
    /// Most expressions ask nothing.
    static WITHOUT_QUESTIONS: LazyLock<Context> = LazyLock::new(|| examples_with(&[]));
    let questions: Vec<_> = asks.into_iter().map(|(_, question)| question).collect();
    if questions.is_empty() {
        return WITHOUT_QUESTIONS.clone();
    }
    examples_with(&questions)
}

fn examples_with(questions: &[Question]) -> Context {
    let asked = Asked::example(questions);
    let side = KnownSide {
        snapshot: Some(&EXAMPLE),
        asked: Some(&asked),
        last: Some(LAST),
        commands: vec![LAST],
    };
    let known = Known {
        containers: ContainerNumber::ALL.map(|_| side.clone()),
        host: side,
        machine: Some(&EXAMPLE),
        ..Known::default()
    };
    known.context()
}

/// The key of the example answer to any question of a kind.
const ANY: &str = "*";

static NAMES: LazyLock<Value> = LazyLock::new(|| {
    // Never fails: a snapshot is plain data with string keys. Otherwise the tests of the embedded
    // lessons would fail.
    let side = serde_json::to_value(&*EXAMPLE).unwrap_or_default();
    let last = serde_json::to_value(LAST).unwrap_or_default();
    let kinds: BTreeMap<&str, bool> = Namespace::ALL.map(|kind| (kind.name(), true)).into();
    let views = serde_json::to_value(BTreeMap::from(View::ALL.map(|view| (view, true))))
        .unwrap_or_default();
    let mut names = serde_json::json!({
        "machine": side, "chosen": kinds, "seen": views,
        "ground": HostKind::default().name(),
    });
    for known in Side::all() {
        names[known.name()] = side.clone();
        names[known.name()]["last"] = last.clone();
        names[known.name()]["commands"] = serde_json::json!([last]);
        for (kind, example) in asked::examples() {
            names[known.name()][kind] = if kind == ROUTES {
                example
            } else {
                serde_json::json!({ ANY: example })
            };
        }
        if let Side::Container(number) = known {
            names[own_name(number)] = serde_json::json!(kinds);
        }
    }
    names
});

/// The top-level names: `host`, `container`, `own`.
pub(super) fn roots() -> impl Iterator<Item = &'static str> {
    let names = NAMES.as_object().into_iter();
    names.flat_map(|names| names.keys().map(String::as_str))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExprToken<'a> {
    Name(&'a str),
    /// Without its quotes.
    Text(&'a str),
    Number,
    Sign(char),
}

/// The token at an index, if there is one.
fn token<'a>(tokens: &[(usize, ExprToken<'a>)], at: usize) -> Option<ExprToken<'a>> {
    tokens.get(at).map(|(_, token)| *token)
}

fn tokens(source: &str) -> Vec<(usize, ExprToken<'_>)> {
    let mut found = Vec::new();
    let mut chars = source.char_indices().peekable();
    while let Some((start, first)) = chars.next() {
        let mut end = start + first.len_utf8();
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if is_word(first) {
            while let Some((at, c)) = chars.next_if(|(_, c)| is_word(*c)) {
                end = at + c.len_utf8();
            }
            let token = if first.is_numeric() {
                ExprToken::Number
            } else {
                ExprToken::Name(&source[start..end])
            };
            found.push((start, token));
        } else if first == '"' || first == '\'' {
            let mut escaped = false;
            let mut close = source.len();
            for (at, c) in chars.by_ref() {
                if c == first && !escaped {
                    close = at;
                    break;
                }
                escaped = c == '\\' && !escaped;
            }
            found.push((start, ExprToken::Text(&source[end..close])));
        } else if !first.is_whitespace() {
            found.push((start, ExprToken::Sign(first)));
        }
    }
    found
}

const KEYWORDS: [&str; 13] = [
    "and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None",
];

/// The unknown names in an expression, in order.
pub(super) fn unknown(source: &str) -> Vec<Unknown> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    for (index, &(offset, found_token)) in tokens.iter().enumerate() {
        let ExprToken::Name(name) = found_token else {
            continue;
        };
        let back = |n: usize| token(&tokens, index.checked_sub(n)?);
        let next = |n: usize| token(&tokens, index + n);
        match (back(1), back(2)) {
            (Some(ExprToken::Sign('.')), _) => {}
            (Some(ExprToken::Sign('|')), _) => {
                found.extend(unknown_field(&tokens, index));
                if !FILTERS.contains(&name) {
                    found.push(Unknown {
                        offset,
                        what: format!("there is no filter `{name}`"),
                        help: suggestion(name, &FILTERS, "the filters are"),
                    });
                }
            }
            (Some(ExprToken::Name("is")), _) if name == "not" => {}
            (Some(ExprToken::Name("is")), _)
            | (Some(ExprToken::Name("not")), Some(ExprToken::Name("is"))) => {
                if !TESTS.contains(&name) && !KEYWORDS.contains(&name) {
                    found.push(Unknown {
                        offset,
                        what: format!("there is no test `{name}`"),
                        help: suggestion(name, &TESTS, "the tests are"),
                    });
                }
            }
            (Some(ExprToken::Name("in")), Some(ExprToken::Text(_)))
                if text_among_records(&tokens[index..]) =>
            {
                let path = Chain::of(&tokens[index..]).map_or_else(String::new, |chain| chain.path);
                let field = "map(attribute=\"…\")";
                found.push(Unknown {
                    offset,
                    what: format!("`{path}` holds records, not texts"),
                    help: format!(
                        "expected one field of each, as in `\"…\" in ({path} | {field})`"
                    ),
                });
            }
            _ if KEYWORDS.contains(&name) => {}
            // A keyword argument of a filter.
            _ if next(1) == Some(ExprToken::Sign('=')) && next(2) != Some(ExprToken::Sign('=')) => {
            }
            _ => match question(&tokens[index..]) {
                Some(Err(wrong)) => found.push(wrong),
                Some(Ok(_)) | None => found.extend(unknown_in_chain(&tokens[index..])),
            },
        }
    }
    found
}

/// The question at the first token, as `host.file["/etc/hostname"]`; `None` if there is none.
fn question(tokens: &[(usize, ExprToken)]) -> Option<Result<(Side, Question), Unknown>> {
    let token = |at: usize| token(tokens, at);
    let (ExprToken::Name(side), ExprToken::Sign('.')) = (token(0)?, token(1)?) else {
        return None;
    };
    let (side, ExprToken::Name(kind)) = (side.parse::<Side>().ok()?, token(2)?) else {
        return None;
    };
    if !KINDS.contains(&kind) {
        return None;
    }
    let (at, of) = match (token(3), token(4), token(5)) {
        _ if kind == ROUTES => (2, ""),
        (Some(ExprToken::Sign('[')), Some(ExprToken::Text(of)), Some(ExprToken::Sign(']')))
            if !of.contains('\\') =>
        {
            (4, of)
        }
        _ => (2, ""),
    };
    let wrong = |help: &str| Unknown {
        offset: tokens[at].0,
        what: format!("`{side}.{kind}` needs its name, path or address in brackets and quotes"),
        help: help.to_owned(),
    };
    let question = Question::new(kind, of);
    Some(question.map(|it| (side, it)).map_err(wrong))
}

/// A path that exists in the example: `host.ipc.queues[0].key`.
struct Chain {
    path: String,
    value: &'static Value,
    /// In tokens.
    length: usize,
}

impl Chain {
    /// The path that begins with the first token.
    fn of(tokens: &[(usize, ExprToken)]) -> Option<Chain> {
        let token = |at: usize| token(tokens, at);
        let ExprToken::Name(root) = token(0)? else {
            return None;
        };
        let mut chain = Chain {
            path: root.to_owned(),
            value: NAMES.get(root)?,
            length: 1,
        };
        loop {
            let at = chain.length;
            match (token(at), token(at + 1), token(at + 2)) {
                (Some(ExprToken::Sign('.')), Some(ExprToken::Name(name)), _) => {
                    chain.value = chain.value.get(name)?;
                    chain.path = format!("{}.{name}", chain.path);
                    chain.length += 2;
                }
                (
                    Some(ExprToken::Sign('[')),
                    Some(ExprToken::Text(text)),
                    Some(ExprToken::Sign(']')),
                ) => {
                    chain.value = member(chain.value, text)?;
                    chain.path = format!("{}[\"{text}\"]", chain.path);
                    chain.length += 3;
                }
                (
                    Some(ExprToken::Sign('[')),
                    Some(ExprToken::Number),
                    Some(ExprToken::Sign(']')),
                ) => {
                    chain.value = chain.value.get(0)?;
                    chain.path.push_str("[0]");
                    chain.length += 3;
                }
                _ => return Some(chain),
            }
        }
    }

    /// The fields of its records; None unless it is a list of records.
    fn fields(&self) -> Option<Vec<&'static str>> {
        let record = self.value.as_array()?.first()?.as_object()?;
        Some(record.keys().map(String::as_str).collect())
    }
}

/// Whether `in` searches a list of records for a text, without a filter.
fn text_among_records(tokens: &[(usize, ExprToken)]) -> bool {
    Chain::of(tokens).is_some_and(|chain| {
        let filtered = token(tokens, chain.length) == Some(ExprToken::Sign('|'));
        chain.fields().is_some() && !filtered
    })
}

/// The unknown field that a filter asks records for. `filter` is the token after its list and `|`.
fn unknown_field(tokens: &[(usize, ExprToken)], filter: usize) -> Option<Unknown> {
    let token = |at: usize| token(tokens, at);
    let at = match (token(filter)?, token(filter + 2)?, token(filter + 3)?) {
        (ExprToken::Name("selectattr"), ExprToken::Text(_), _) => filter + 2,
        (ExprToken::Name("map"), ExprToken::Name("attribute"), ExprToken::Sign('=')) => filter + 4,
        _ => return None,
    };
    let (offset, ExprToken::Text(field)) = *tokens.get(at)? else {
        return None;
    };
    let ends_here = |chain: &Chain, start: usize| start + chain.length + 1 == filter;
    let chain = (0..filter).find_map(|start| {
        let chain = Chain::of(&tokens[start..])?;
        ends_here(&chain, start).then_some(chain)
    })?;
    let fields = chain.fields()?;
    let first = field.split('.').next().unwrap_or(field);
    (!fields.contains(&first)).then(|| Unknown {
        offset,
        what: format!("the records of `{}` have no `{first}`", chain.path),
        help: suggestion(first, &fields, "they have"),
    })
}

/// The member with that name, or the example for any name.
fn member(value: &'static Value, name: &str) -> Option<&'static Value> {
    value.get(name).or_else(|| value.get(ANY))
}

impl Expr {
    /// Its questions about the sides.
    pub(super) fn questions(&self) -> Vec<(Side, Question)> {
        questions(self.source())
    }

    /// Whether it is about the host or a container.
    pub fn names_a_side(&self) -> bool {
        let mut roots = self.roots();
        roots.any(|root| root.starts_with("own") || root.parse::<Side>().is_ok())
    }

    /// Whether it is about the machine.
    pub fn names_the_machine(&self) -> bool {
        self.roots().any(|root| root == "machine")
    }

    /// Whether it is about this container.
    pub(super) fn names_container(&self, number: ContainerNumber) -> bool {
        let (own, side) = (own_name(number), Side::Container(number));
        self.roots()
            .any(|root| root == own || root.parse() == Ok(side))
    }

    /// The first names of its paths.
    fn roots(&self) -> impl Iterator<Item = &str> {
        let found = paths(self.source()).into_iter();
        found.map(|path| path.split(['.', '[']).next().unwrap_or_default())
    }

    /// The conditions that `and` joins outside of brackets. The whole expression, if an operator in it binds less
    /// than `and`.
    pub fn conditions(&self) -> Vec<Expr> {
        let source = self.source();
        let (mut depth, mut start, mut found) = (0_usize, 0, Vec::new());
        let part = |text: &str| Expr::new(text.trim(), self.place());
        for (offset, token) in tokens(source) {
            match token {
                ExprToken::Sign('(' | '[') => depth += 1,
                ExprToken::Sign(')' | ']') => depth = depth.saturating_sub(1),
                ExprToken::Name("or" | "if" | "else") if depth == 0 => return vec![self.clone()],
                ExprToken::Name("and") if depth == 0 => {
                    found.push(part(&source[start..offset]));
                    start = offset + "and".len();
                }
                _ => {}
            }
        }
        found.push(part(&source[start..]));
        found
    }

    /// The paths in it (`host.ipc.queues[0].key`), each once, with the value of each now, if it has one.
    pub fn paths(&self, context: &Context) -> Vec<(&str, Option<String>)> {
        let value = |path: &str| Expr::new(path, self.place()).text(context);
        let paths = paths(self.source()).into_iter();
        paths.map(|path| (path, value(path))).collect()
    }
}

/// The questions of an expression about the sides.
pub(super) fn questions(source: &str) -> Vec<(Side, Question)> {
    let tokens = tokens(source);
    let all = (0..tokens.len()).filter_map(|at| question(&tokens[at..])?.ok());
    all.collect()
}

/// The paths in an expression, such as `host.ipc.queues[0].key`, exactly as written, each once.
fn paths(source: &str) -> Vec<&str> {
    let tokens = tokens(source);
    let end_of = |at: usize| match tokens[at] {
        (offset, ExprToken::Name(name)) => offset + name.len(),
        (offset, ExprToken::Text(text)) => offset + text.len() + 2,
        (offset, ExprToken::Number | ExprToken::Sign(_)) => offset + 1,
    };
    let is = |at: usize, sign| token(&tokens, at) == Some(ExprToken::Sign(sign));
    let mut found = Vec::new();
    for (index, &(start, token)) in tokens.iter().enumerate() {
        let ExprToken::Name(name) = token else {
            continue;
        };
        let after = index.checked_sub(1).map(|before| tokens[before].1);
        let known = NAMES.get(name).is_some();
        if !known
            || matches!(
                after,
                Some(ExprToken::Sign('.' | '|') | ExprToken::Name("is"))
            )
        {
            continue;
        }
        let mut last = index;
        loop {
            if is(last + 1, '.') && matches!(tokens.get(last + 2), Some((_, ExprToken::Name(_)))) {
                last += 2;
            } else if is(last + 1, '[')
                && let Some(close) = (last + 2..tokens.len()).find(|at| is(*at, ']'))
            {
                last = close;
            } else {
                break;
            }
        }
        let path = source.get(start..end_of(last)).unwrap_or(name);
        if !found.contains(&path) {
            found.push(path);
        }
    }
    found
}

/// An expression without the sentences that it chooses between.
pub(super) fn without_words(expr: &Expr) -> String {
    let source = expr.source();
    if !expr.is_words() {
        return source.to_owned();
    }
    let is_sentence = |text: &str| text.contains(' ') || !text.is_ascii();
    let mut kept = String::new();
    let mut rest = 0;
    for (offset, token) in tokens(source) {
        if let ExprToken::Text(text) = token
            && is_sentence(text)
        {
            kept.push_str(&source[rest..=offset]);
            kept.push('…');
            rest = offset + 1 + text.len();
        }
    }
    kept.push_str(&source[rest..]);
    kept
}

/// Follows a path such as `host.ipc.queues[0].key`; None if every name in it exists.
fn unknown_in_chain(tokens: &[(usize, ExprToken)]) -> Option<Unknown> {
    let mut path = String::new();
    let mut value: &Value = &NAMES;
    let mut index = 0;
    loop {
        let &(offset, token) = tokens.get(index)?;
        let (ExprToken::Name(name) | ExprToken::Text(name)) = token else {
            return None;
        };
        let by_dot = matches!(token, ExprToken::Name(_));
        match member(value, name) {
            Some(inner) if value.is_object() && (by_dot || inner.get(ANY).is_none()) => {
                value = inner;
            }
            // A question has only this form.
            Some(inner) if value.is_object() && inner.get(ANY).is_some() => {
                let help = format!("expected `{path}.{name}[\"…\"]`");
                let what = format!("`{name}` stands in brackets");
                return Some(Unknown { offset, what, help });
            }
            _ => return Some(no_name(offset, name, &path, value)),
        }
        path = match token {
            ExprToken::Text(text) if text.contains(['/', ' ']) => format!("{path}[\"{text}\"]"),
            _ => joined(&path, name),
        };
        index += match token {
            ExprToken::Text(_) => 2,
            _ => 1,
        };
        loop {
            match self::token(tokens, index)? {
                ExprToken::Sign('.') => {
                    index += 1;
                    break;
                }
                ExprToken::Sign('(') => {
                    return Some(Unknown {
                        offset,
                        what: format!("`{path}` is not a function"),
                        help: suggestion("", &FILTERS, "use a filter after `|`:"),
                    });
                }
                // `host["hostname"]`; a computed key can't be followed.
                ExprToken::Sign('[') if value.is_object() => {
                    let (_, ExprToken::Text(_)) = tokens.get(index + 1)? else {
                        return None;
                    };
                    index += 1;
                    break;
                }
                ExprToken::Sign('[') => {
                    let is = |sign| {
                        move |(_, token): &(usize, ExprToken)| *token == ExprToken::Sign(sign)
                    };
                    let close = tokens[index..].iter().position(is(']'))?;
                    // A slice of a list is a list.
                    if !tokens[index..index + close].iter().any(is(':')) {
                        value = value.as_array()?.first()?;
                        path.push_str("[0]");
                    }
                    index += close + 1;
                }
                _ => return None,
            }
        }
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// The finding that `value`, at `path`, has no member `name`.
fn no_name(offset: usize, name: &str, path: &str, value: &Value) -> Unknown {
    let Some(names) = value.as_object() else {
        return Unknown {
            offset,
            what: format!("`{path}` has no `{name}`"),
            help: match value {
                Value::Array(_) => format!(
                    "it is a list: take one with `{path}[0]`, or count them with `{path} | length`"
                ),
                _ => "it is a single value".to_owned(),
            },
        };
    };
    let help = match nearest(name, names.keys().map(String::as_str)) {
        // The machine has no answers to questions.
        _ if matches!(path, "" | "machine") && NAMES["host"].get(name).is_some() => {
            format!("did you mean `host.{name}` or `container.{name}`?")
        }
        Some(near) => format!("did you mean `{}`?", joined(path, near)),
        None => {
            let all: Vec<&str> = names.keys().map(String::as_str).collect();
            format!("expected one of {}", all.join(", "))
        }
    };
    Unknown {
        offset,
        what: format!("there is no `{}`", joined(path, name)),
        help,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_exist() {
        for source in [
            "host.hostname",
            "own.uts and container.hostname == 'web1'",
            "not own.time",
            "host.ipc.queues | length > 0",
            "host.ipc.queues[0].key",
            "host.nspid[-1]",
            "host.nspid[1:] | join('/')",
            "host[\"hostname\"]",
            "host['ipc'].queues",
            "container.namespaces.uts.ino",
            "container is defined and container.pid1 is not none",
            "host.interfaces | map(attribute='name') | join(', ')",
            "host.interfaces | selectattr('name', 'eq', 'lo') | first",
            "'host.nothing' in host.hostname",
            "(host.interfaces | first).name",
            "1 if own.uts else 2",
            "seen.code and chosen.uts and not chosen.time",
            "host.last.status != 0 and 'denied' in container.last.output",
            "'a' if ground == 'machine' else ''",
            "host.file['/etc/hostname'].content == 'vm' and not host.file[\"/srv/a b\"].exists",
            "container.process['sleep'] | selectattr('state', 'eq', 'Z') | length == 1",
            "container2.process[\"sleep\"][0].nspid[-1] == 7",
            "container.answers['10.9.0.1'] and not host.answers['fe80::1']",
            "host.routes | selectattr('to', 'eq', 'default') | map(attribute='via') | first == host.routes[0].device",
        ] {
            assert_eq!(unknown(source), [], "{source}");
        }
    }

    #[test]
    fn what_is_paths() {
        for (source, expected) in [
            (
                "own.uts and container.hostname == 'web1' and host.hostname != \"host.uid\"",
                &["own.uts", "container.hostname", "host.hostname"][..],
            ),
            (
                "host.mounts | selectattr('target', 'eq', '/mnt') | length > 0 and host.mounts[0].target == 'x'",
                &["host.mounts", "host.mounts[0].target"],
            ),
            (
                "container.nspid[-2] == 1 or container is not defined or seen['code']",
                &["container.nspid[-2]", "container", "seen['code']"],
            ),
            ("1 + 1", &[]),
            ("host.", &["host"]),
        ] {
            assert_eq!(paths(source), expected, "{source}");
        }
    }

    #[test]
    fn what_is_asked_of_a_side() {
        let asked = |source| {
            let all = questions(source).into_iter();
            let all: Vec<_> = all.map(|(side, it)| format!("{side} {it:?}")).collect();
            all.join(", ")
        };
        for (source, expected) in [
            ("host.file['/srv/x'].exists", "host File(\"/srv/x\")"),
            (
                "own.pid and not container2.file[\"/\"].exists and container.process['a b'] | length == 1",
                "container2 File(\"/\"), container Process(\"a b\")",
            ),
            ("host.hostname == 'host.file[\"/x\"]'", ""),
            (
                "container.answers['10.9.0.1'] and host.routes | length == 0",
                "container Answers(10.9.0.1), host Routes",
            ),
            ("machine.file['/x'].exists", ""),
            ("host.file[host.hostname].exists", ""),
        ] {
            assert_eq!(asked(source), expected, "{source}");
        }
    }

    #[test]
    fn names_that_do_not() {
        let mut seen = String::new();
        for source in [
            "host.hostnam",
            "hst.hostname",
            "own.mount",
            "chosen.mount",
            "seen.cod",
            "groud == 'lab'",
            "ground.name",
            "zzzzz",
            "host.clock.zzzzz",
            "1 < container.ipc.queues[0].kay",
            "host.ipc.queues.length",
            "host.hostname.upper()",
            "host.hostname | lenght",
            "container is defind",
            "container is not nul",
            "host['hostnam'] == 1",
            "a.b + host.uid",
            "range(10)",
            "hostname == container.hostname",
            "host.file.exists",
            "host.file['srv'].exists",
            "host.file[host.hostname].exists",
            "host.file['/a\\n'].exists",
            "host['file']['/a'].exists",
            "host.file['/a'].kind == 'file'",
            "host.process | length",
            "host.process[''] | length",
            "host.process['a'] | map(attribute='parent') | first",
            "'a' in host.process['a']",
            "machine.file['/a'].exists",
            "host.answers['localhost']",
            "host.answers['0:0::1']",
            "host.answers",
            "host.routes[0].gateway",
        ] {
            for problem in unknown(source) {
                use std::fmt::Write;
                writeln!(
                    seen,
                    "{source}\n  {}: {}; {}",
                    problem.offset, problem.what, problem.help
                )
                .unwrap();
            }
        }
        insta::assert_snapshot!(seen);
    }
}
