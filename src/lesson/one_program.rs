//! Finds the program of a line that runs only one: the line's output and exit status are then that program's.
//!
//! Must not know how a line is split into commands.

use super::shell_line::{Ground, SimpleCommand, pipelines};

/// First words of a line that are no program; anything may follow.
const KEYWORDS: [&str; 14] = [
    "!", "[[", "{", "case", "coproc", "eval", "for", "function", "if", "select", "source", "time",
    "until", "while",
];
/// A program after these is the one that runs.
const BEFORE: [&str; 3] = ["command", "exec", "sudo"];
/// bash's own command that does nothing, for a line that only redirects.
const NOTHING: &str = ":";

/// The name of the program; empty if there are several commands, or a command or process substitution.
pub(super) fn name(line: &str) -> &str {
    let Some(command) = only_command(line).filter(|it| !it.substitutes) else {
        return "";
    };
    let mut words = command.words.into_iter();
    let first = words.find(|it| !BEFORE.contains(it));
    match first {
        Some(word) if KEYWORDS.contains(&word) => "",
        Some(word) => bare(word),
        None if command.redirects => NOTHING,
        None => "",
    }
}

/// The command of a line, if it is the only one and runs in the foreground.
fn only_command(line: &str) -> Option<SimpleCommand<'_>> {
    let [mut pipeline] = <[_; 1]>::try_from(pipelines(line)?).ok()?;
    let command = pipeline.commands.pop()?;
    let alone = pipeline.commands.is_empty() && pipeline.ground == Ground::Foreground;
    alone.then_some(command)
}

/// The last part of its path, without quotes around it.
fn bare(word: &str) -> &str {
    let word = word.trim_matches(['"', '\'', '\\']);
    word.rsplit('/').next().unwrap_or(word)
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
