//! The commands of a shell's line, as bash splits them.
//!
//! Reads a line without running it. Must not know what its programs do, except `exec`, a command of the shell itself.

/// When a pipeline of a line runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follows {
    /// It is the first one, or runs after any exit status of the one before.
    Always,
    /// After `&&`.
    Success,
    /// After `||`.
    Failure,
}

/// Whether the shell waits for a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    Foreground,
    /// Before `&`.
    Background,
}

/// Commands with `|` between them; most often only one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pipeline<'a> {
    pub(crate) follows: Follows,
    pub(crate) ground: Ground,
    pub(crate) text: &'a str,
    pub(super) commands: Vec<SimpleCommand<'a>>,
}

/// A command without its assignments and its redirections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SimpleCommand<'a> {
    /// The name of a program, a builtin or a keyword, and the words after it; with their quotes.
    pub(super) words: Vec<&'a str>,
    pub(super) redirects: bool,
    /// Whether it has a command substitution or a process substitution.
    pub(super) substitutes: bool,
}

impl<'a> Pipeline<'a> {
    /// A line about which nothing more is known.
    pub(crate) fn whole(line: &'a str) -> Self {
        Self {
            follows: Follows::Always,
            ground: Ground::Foreground,
            text: line.trim(),
            commands: Vec::new(),
        }
    }
}

/// The pipelines of a line. `None` if the line has brackets or a line break: then it is more than a list of
/// pipelines.
pub(crate) fn pipelines(line: &str) -> Option<Vec<Pipeline<'_>>> {
    let mut found = Vec::new();
    let mut follows = Follows::Always;
    let mut pipeline = Begun::default();
    for (at, token) in (Tokens { line, at: 0 }) {
        let next = match token {
            ShellToken::Word("{" | "}", _) | ShellToken::Bracket | ShellToken::Break => {
                return None;
            }
            ShellToken::Word(..) | ShellToken::Redirection(_) | ShellToken::Pipe => {
                pipeline.add(at, token);
                continue;
            }
            ShellToken::Comment => continue,
            ShellToken::Semicolon | ShellToken::Ampersand => Follows::Always,
            ShellToken::And => Follows::Success,
            ShellToken::Or => Follows::Failure,
        };
        found.extend(std::mem::take(&mut pipeline).end(line, follows));
        if token == ShellToken::Ampersand {
            put_in_background(&mut found);
        }
        follows = next;
    }
    found.extend(pipeline.end(line, follows));
    Some(found)
}

/// Whether a command of this line puts another program in the place of its shell. A redirection alone, as in
/// `exec 3>file`, changes only the shell's files; and in a pipeline or in the background, it is another shell that
/// becomes the program.
pub(crate) fn becomes_another(line: &str) -> bool {
    pipelines(line).iter().flatten().any(|it| {
        let alone = match it.commands.as_slice() {
            [alone] if it.ground == Ground::Foreground => Some(alone),
            _ => None,
        };
        alone.is_some_and(|command| execs(&command.words))
    })
}

/// Whether a text is a name as variables have one.
pub(super) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|it| it.is_alphabetic() || it == '_')
        && characters.all(|it| it.is_alphanumeric() || it == '_')
}

/// Words after which `exec` is still the shell's own command.
const BEFORE_EXEC: [&str; 5] = ["command", "builtin", "then", "else", "do"];

/// Whether these words are an `exec` of a program.
fn execs(words: &[&str]) -> bool {
    let mut words = words.iter().skip_while(|it| BEFORE_EXEC.contains(it));
    if words.next() != Some(&"exec") {
        return false;
    }
    while let Some(word) = words.next() {
        match *word {
            "--" => return words.next().is_some(),
            // Its value is the name that the program is given.
            "-a" => _ = words.next(),
            option if option.starts_with('-') => {}
            _ => return true,
        }
    }
    false
}

/// Puts the last AND-OR list into the background: `&` applies to all pipelines that `&&` and `||` join.
fn put_in_background(found: &mut [Pipeline<'_>]) {
    for pipeline in found.iter_mut().rev() {
        pipeline.ground = Ground::Background;
        if pipeline.follows == Follows::Always {
            break;
        }
    }
}

/// A pipeline that is being read.
#[derive(Debug, Default)]
struct Begun<'a> {
    /// The start and the end of its text.
    text: Option<(usize, usize)>,
    commands: Vec<SimpleCommand<'a>>,
    command: SimpleCommand<'a>,
    target: bool,
}

impl<'a> Begun<'a> {
    fn add(&mut self, at: (usize, usize), token: ShellToken<'a>) {
        let begin = self.text.map_or(at.0, |(begin, _)| begin);
        self.text = Some((begin, at.1));
        match token {
            ShellToken::Pipe => {
                self.target = false;
                self.commands.push(std::mem::take(&mut self.command));
            }
            ShellToken::Redirection(_) => {
                self.command.redirects = true;
                self.target = true;
            }
            ShellToken::Word(word, substitutes) => {
                self.command.substitutes |= substitutes;
                let assigns = self.command.words.is_empty() && assigns(word);
                if !std::mem::take(&mut self.target) && !assigns {
                    self.command.words.push(word);
                }
            }
            // The others are no part of a pipeline.
            _ => {}
        }
    }

    /// `None` if nothing has begun.
    fn end(mut self, line: &'a str, follows: Follows) -> Option<Pipeline<'a>> {
        let (begin, end) = self.text?;
        self.commands.push(self.command);
        Some(Pipeline {
            follows,
            ground: Ground::Foreground,
            text: &line[begin..end],
            commands: self.commands,
        })
    }
}

/// Whether a word in front of a command sets a variable.
fn assigns(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| is_name(name))
}

/// A piece of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ShellToken<'a> {
    /// A word, with its quotes; and whether a part of it is another command.
    Word(&'a str, bool),
    /// The signs of a redirection, with the number in front; its target is the next word.
    Redirection(&'a str),
    Pipe,
    And,
    Or,
    Semicolon,
    Ampersand,
    Bracket,
    Break,
    Comment,
}

/// The signs that are pieces of their own; of two that begin alike, the longer one first.
const SIGNS: [(&str, ShellToken<'static>); 9] = [
    ("&&", ShellToken::And),
    ("&", ShellToken::Ampersand),
    ("||", ShellToken::Or),
    ("|&", ShellToken::Pipe),
    ("|", ShellToken::Pipe),
    (";", ShellToken::Semicolon),
    ("(", ShellToken::Bracket),
    (")", ShellToken::Bracket),
    ("\n", ShellToken::Break),
];

/// The pieces of a line, each with where it begins and ends.
struct Tokens<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = ((usize, usize), ShellToken<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let blank = |it: char| it.is_whitespace() && it != '\n';
        let rest = self.line[self.at..].trim_start_matches(blank);
        let begin = self.line.len() - rest.len();
        let sign = || SIGNS.iter().find(|(sign, _)| rest.starts_with(sign));
        let (length, token) = if rest.is_empty() {
            return None;
        } else if rest.starts_with('#') {
            let length = rest.find('\n').unwrap_or(rest.len());
            (length, ShellToken::Comment)
        } else if let Some(length) = redirection(rest) {
            (length, ShellToken::Redirection(&rest[..length]))
        } else if let Some((sign, token)) = sign() {
            (sign.len(), *token)
        } else {
            let (length, substitutes) = word(rest);
            (length, ShellToken::Word(&rest[..length], substitutes))
        };
        self.at = begin + length;
        Some(((begin, self.at), token))
    }
}

/// The length of the signs that a redirection begins with: `>`, `2>>`, `&>`, `{fd}<`.
fn redirection(rest: &str) -> Option<usize> {
    let named = rest
        .strip_prefix('{')
        .and_then(|rest| rest.split_once('}'))
        .filter(|(name, _)| is_name(name));
    let signs = match named {
        Some((_, signs)) => signs,
        None => rest.trim_start_matches(|it: char| it.is_ascii_digit()),
    };
    let begins = signs.starts_with(['<', '>']) || rest.starts_with("&>");
    // `<(…)` is a word: the name of a file.
    if !begins || rest.starts_with("<(") || rest.starts_with(">(") {
        return None;
    }
    let target = signs.trim_start_matches(['<', '>', '&', '|']);
    Some(rest.len() - target.len())
}

/// The length of the word that this begins with, and whether a part of it is another command.
fn word(rest: &str) -> (usize, bool) {
    // The character that closes each open quote and each open bracket.
    let mut open: Vec<char> = Vec::new();
    let mut substitutes = false;
    let mut characters = rest.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let inner = open.last().copied();
        match (inner, character) {
            (Some(close), _) if character == close => _ = open.pop(),
            (Some('\''), _) => {}
            (_, '\\') => _ = characters.next(),
            (_, '`') => {
                substitutes = true;
                open.push('`');
            }
            (_, '"') => open.push('"'),
            (Some('"'), '\'') => {}
            (_, '\'') => open.push('\''),
            (_, '$') if characters.next_if(|it| it.1 == '(').is_some() => {
                substitutes = true;
                open.push(')');
            }
            (_, '$') if characters.next_if(|it| it.1 == '{').is_some() => open.push('}'),
            (None, '<' | '>') if at == 0 => {
                substitutes = true;
                characters.next();
                open.push(')');
            }
            (Some(')'), '(') => open.push(')'),
            (None, '<' | '>' | '|' | '&' | ';' | '(' | ')') => return (at, substitutes),
            (None, _) if character.is_whitespace() => return (at, substitutes),
            _ => {}
        }
    }
    (rest.len(), substitutes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// Each pipeline with the sign before it and, if the shell doesn't wait for it, the one behind it.
    fn signs(line: &str) -> Option<Vec<String>> {
        let sign = |it: Pipeline<'_>| {
            let before = match it.follows {
                Follows::Always => "",
                Follows::Success => "&& ",
                Follows::Failure => "|| ",
            };
            let behind = match it.ground {
                Ground::Foreground => "",
                Ground::Background => " &",
            };
            format!("{before}{}{behind}", it.text)
        };
        Some(pipelines(line)?.into_iter().map(sign).collect())
    }

    #[rstest]
    #[case::one("ip link", &["ip link"])]
    #[case::in_turn("a; b", &["a", "b"])]
    #[case::if_well("a && b", &["a", "&& b"])]
    #[case::otherwise("a || b; c", &["a", "|| b", "c"])]
    #[case::mixed("a && b ; c && d", &["a", "&& b", "c", "&& d"])]
    #[case::at_the_end("a ;", &["a"])]
    #[case::in_quotes("sh -c 'a; b' && echo \"c; \\\" && d\"", &["sh -c 'a; b'", "&& echo \"c; \\\" && d\""])]
    #[case::escaped("find . -exec ls {} \\;", &["find . -exec ls {} \\;"])]
    #[case::a_pipeline("a | b; c |& d", &["a | b", "c |& d"])]
    #[case::beside("a & b; c", &["a &", "b", "c"])]
    #[case::a_list_beside("a; b && c & d", &["a", "b &", "&& c &", "d"])]
    #[case::both_outputs("a &>x; b 2>&1; c >&2", &["a &>x", "b 2>&1", "c >&2"])]
    #[case::substituted("a $(b; c); d `e; f`", &["a $(b; c)", "d `e; f`"])]
    #[case::nested("a \"$(b \"c; d\" $((1 + 2)); e)\"; f", &["a \"$(b \"c; d\" $((1 + 2)); e)\"", "f"])]
    #[case::of_a_variable("a ${b:-c; d}; e", &["a ${b:-c; d}", "e"])]
    #[case::as_files("diff <(a; b) >(c); d", &["diff <(a; b) >(c)", "d"])]
    #[case::a_comment("a # b; c", &["a"])]
    #[case::no_comment("a#b; c", &["a#b", "c"])]
    #[case::a_quote_that_stays_open("a 'b; c", &["a 'b; c"])]
    #[case::nothing("", &[])]
    #[case::only_signs(" ; & ", &[])]
    fn a_line_is_split_into_its_pipelines(#[case] line: &str, #[case] expected: &[&str]) {
        let expected = expected.iter().map(|&it| it.to_owned()).collect();
        assert_eq!(signs(line), Some(expected));
    }

    #[rstest]
    fn brackets_and_line_breaks_make_more_of_a_line(
        #[values("(a; b)", "{ a; b; }", "f() { a; }", "a\nb", "((1 + 2))", "x=(1 2)")] line: &str,
    ) {
        assert_eq!(pipelines(line), None);
    }

    #[rstest]
    #[case::as_they_are("ip  link", &["ip", "link"])]
    #[case::assigned("A=1 B='x y' ls C=2", &["ls", "C=2"])]
    #[case::redirected("echo a >x 2>> y b </z", &["echo", "a", "b"])]
    #[case::close_by("echo 0>x web1>y 2>&1 <<<z", &["echo", "web1"])]
    #[case::with_a_variable("exec {fd}>x {a,b}", &["exec", "{a,b}"])]
    #[case::only_redirected("> x", &[])]
    fn words_are_without_assignments_and_redirections(
        #[case] line: &str,
        #[case] expected: &[&str],
    ) {
        let found = pipelines(line).unwrap();
        assert_eq!(found[0].commands[0].words, expected);
    }

    #[rstest]
    #[case::alone("exec sh", true)]
    #[case::behind_another("cd /tmp; exec sh", true)]
    #[case::if_well("cd / && exec cat", true)]
    #[case::otherwise("cd / || exec cat", true)]
    #[case::with_a_variable("FOO=1 exec sh", true)]
    #[case::redirected("exec >/tmp/x sh", true)]
    #[case::with_options("exec -c -a name sh", true)]
    #[case::by_its_name("command exec sh", true)]
    #[case::if_so("if true; then exec sh; fi", true)]
    #[case::a_redirection("exec 3>file", false)]
    #[case::a_redirection_apart("exec > file", false)]
    #[case::a_closed_file("exec 3>&-", false)]
    #[case::nothing("exec", false)]
    #[case::in_a_pipeline("exec cat | cat", false)]
    #[case::beside("exec sleep 9 &", false)]
    #[case::in_another_shell("(exec sh)", false)]
    #[case::of_another_program("crun exec box hostname web1", false)]
    #[case::an_option("find . -exec ls {} +", false)]
    #[case::in_quotes("echo 'a; exec sh'", false)]
    fn exec_with_a_program_replaces_the_shell(#[case] line: &str, #[case] becomes: bool) {
        assert_eq!(becomes_another(line), becomes);
    }

    /// Whether these pieces are parts of the text, in their order.
    fn in_order(pieces: &[&str], text: &str) -> bool {
        let mut at = text.as_ptr().addr();
        let end = at + text.len();
        pieces.iter().all(|piece| {
            let begin = piece.as_ptr().addr();
            let fits = at <= begin && begin + piece.len() <= end;
            at = begin + piece.len();
            fits
        })
    }

    proptest! {
        #[test]
        fn the_pieces_of_any_line_are_parts_of_it(line in r#"([-ab1= ;&|<>(){}$'"`\\#\n\t\u{3000}名]|exec ){0,24}"#) {
            let _ = becomes_another(&line);
            if let Some(pipelines) = pipelines(&line) {
                let texts: Vec<_> = pipelines.iter().map(|it| it.text).collect();
                prop_assert!(in_order(&texts, &line), "{texts:?}");
                for pipeline in &pipelines {
                    let words = pipeline.commands.iter().flat_map(|it| it.words.iter().copied());
                    let words: Vec<_> = words.collect();
                    prop_assert!(!pipeline.text.is_empty());
                    prop_assert!(in_order(&words, pipeline.text), "{words:?} {pipeline:?}");
                }
            }
        }
    }
}
