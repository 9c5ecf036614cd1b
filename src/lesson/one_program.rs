//! The only program that a line runs: then output and status are that program's.
//!
//! Reads the line as bash would split it, without running it.

/// First words of a line that are no program; anything may follow.
const KEYWORDS: [&str; 14] = [
    "!", "[[", "{", "case", "coproc", "eval", "for", "function", "if", "select", "source", "time",
    "until", "while",
];
/// A program after these is the one that runs.
const BEFORE: [&str; 3] = ["command", "exec", "sudo"];
/// bash's own command that does nothing, for a line that only redirects.
const NOTHING: &str = ":";

/// The name of the program; empty if there are several commands, or if a part of the line is the output
/// of another command.
pub(super) fn name(line: &str) -> &str {
    let line = line.trim().trim_end_matches(';').trim_end();
    let Some(words) = words(line) else { return "" };
    let is_value = |word: &&str| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let mut program = words.iter().copied().skip_while(is_value);
    let mut first = program.next();
    while first.is_some_and(|it| BEFORE.contains(&it)) {
        first = program.next();
    }
    match first {
        Some(word) if KEYWORDS.contains(&word) => "",
        Some(word) => bare(word),
        None if line.contains(['<', '>']) => NOTHING,
        None => "",
    }
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|it| it.is_alphabetic() || it == '_')
        && characters.all(|it| it.is_alphanumeric() || it == '_')
}

/// The last part of its path, without quotes around it.
fn bare(word: &str) -> &str {
    let word = word.trim_matches(['"', '\'', '\\']);
    word.rsplit('/').next().unwrap_or(word)
}

/// The words of a single command, without its redirections; none if it isn't a single one.
fn words(line: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let mut begun = None;
    let mut quote = None;
    // Whether the next word is the target of a redirection.
    let mut redirects = false;
    let mut before = ' ';
    let mut characters = line.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map_or(' ', |(_, next)| *next);
        if quote != Some('\'') {
            if character == '`' || (character == '$' && next == '(') {
                return None;
            }
            if character == '\\' {
                begun.get_or_insert(at);
                characters.next();
                before = character;
                continue;
            }
        }
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, ';' | '|' | '(' | ')' | '\n') => return None,
            (None, '&') if next != '>' && !matches!(before, '<' | '>') => return None,
            (None, '<' | '>' | '&') => {
                let number = begun.take().map(|start| &line[start..at]);
                // `2>` is no word, and `web1>` is one.
                words.extend(number.filter(|it| it.parse::<u32>().is_err()));
                redirects = true;
            }
            (None, _) if character.is_whitespace() => {
                if let Some(start) = begun.take()
                    && !std::mem::take(&mut redirects)
                {
                    words.push(&line[start..at]);
                }
            }
            (None, _) => {
                begun.get_or_insert(at);
                if matches!(character, '"' | '\'') {
                    quote = Some(character);
                }
            }
        }
        before = character;
    }
    if let Some(start) = begun
        && !redirects
    {
        words.push(&line[start..]);
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn one_command_is_the_program() {
        for (line, program) in [
            ("mount -t ext4 /dev/vda /mnt", "mount"),
            ("  /bin/mount /mnt ;", "mount"),
            ("\\ls", "ls"),
            ("'ping' -c1 ::1", "ping"),
            ("A=1 B='x y' chown 70000 /tmp/x", "chown"),
            ("exec sudo unshare -Ur", "unshare"),
            ("unshare --pid bash -c 'uname; uname; true'", "unshare"),
            ("echo \"0 0 1\" > /proc/$$/uid_map", "echo"),
            ("> /tmp/shut", ":"),
            (">/tmp/shut echo again", "echo"),
            ("ping -c1 10.9.0.1 2>&1 >/dev/null", "ping"),
            ("ping -c1 10.9.0.1 &> /tmp/x", "ping"),
            ("tee /tmp/shut <<< hello", "tee"),
            ("cat '$(x)'", "cat"),
        ] {
            assert_eq!(name(line), program, "{line}");
        }
    }

    #[test]
    fn several_commands_are_no_program() {
        for line in [
            "",
            "echo mount: /mnt: permission denied; false",
            "echo no | mount",
            "mount /mnt & echo no",
            "mount /mnt && echo",
            "echo no\nfalse",
            "(exit 3)",
            "mount() { echo no; false; }",
            "mount $(echo no >&2)",
            "mount \"`echo no`\"",
            "if true",
            "! echo no",
            "{ echo",
            "A=1",
            "diff <(ls) x",
        ] {
            assert_eq!(name(line), "", "{line}");
        }
    }
}
