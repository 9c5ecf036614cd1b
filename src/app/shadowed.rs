//! Commands of a line for which the shell has an alias or a function, instead of the program.
//!
//! Must not know the sentence about them.

use crate::pty::emulator::OwnNames;

/// The shell's own definition, which it runs in place of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Definition {
    Alias,
    Function,
}

/// A command that the shell knows a definition of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shadowed {
    pub name: String,
    pub by: Definition,
}

/// The first such command of a line, by the names that the shell had when it read the line.
pub(crate) fn first(line: &str, names: &OwnNames) -> Option<Shadowed> {
    commands(line).into_iter().find_map(|word| {
        // A quoted word is no alias.
        let bare = word.trim_matches(['\\', '"', '\'']);
        let by = if names.aliases.contains(word) {
            Definition::Alias
        } else if names.functions.contains(bare) {
            Definition::Function
        } else {
            return None;
        };
        let name = bare.to_owned();
        Some(Shadowed { name, by })
    })
}

/// The words with which commands begin, without assignments before them.
fn commands(line: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote) = (Vec::new(), 0, None);
    let ends = line.len();
    for (at, character) in line.char_indices().chain([(ends, ';')]) {
        match (quote, character) {
            (Some(open), _) if open == character && at < ends => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, ';' | '|' | '&' | '(' | ')' | '\n') => {
                words.extend(command(&line[start..at]));
                start = at + character.len_utf8().min(ends - at);
            }
            _ => {}
        }
    }
    words
}

fn command(part: &str) -> Option<&str> {
    let assigns = |word: &&str| {
        let name = word.split_once('=').map(|(name, _)| name);
        name.is_some_and(|it| it.chars().all(|it| it.is_ascii_alphanumeric() || it == '_'))
    };
    let mut words = part.split_whitespace();
    words.find(|it| !assigns(it))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("ip link", Some(("ip", Definition::Alias)))]
    #[case("A=1 ip link", Some(("ip", Definition::Alias)))]
    #[case("true && ls /", Some(("ls", Definition::Function)))]
    #[case("echo $(ip link)", Some(("ip", Definition::Alias)))]
    #[case("\\ls", Some(("ls", Definition::Function)))]
    #[case("\\ip link", None)]
    #[case("command ls", None)]
    #[case("echo 'x; ip'", None)]
    #[case("echo ip", None)]
    #[case("ipcs", None)]
    #[case("", None)]
    fn a_command_that_the_shell_has_defined(
        #[case] line: &str,
        #[case] expected: Option<(&str, Definition)>,
    ) {
        let names = OwnNames {
            aliases: ["ip".to_owned()].into(),
            functions: ["ls".to_owned()].into(),
        };
        let found = first(line, &names);
        let found = found.as_ref().map(|it| (it.name.as_str(), it.by));
        assert_eq!(found, expected);
    }
}
