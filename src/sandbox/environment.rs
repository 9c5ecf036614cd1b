//! The environment of the lab's programs: only language and time zone are the user's.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::CString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::report::Side;
use crate::sys;

/// The screen that a program prints on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputTarget {
    /// A pane of ours, which is an xterm with all colours.
    Pane,
    /// The terminal or the pipe that nslab was started with.
    Users,
}

/// Debian's search path for root, after the place of the lab's own `sudo`.
const PATH: &str = "/root/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Paths to look for bash at.
const BASH: [&str; 2] = ["/bin/bash", "/usr/bin/bash"];

/// The names of shells; `busybox` means `busybox sh`.
const SHELLS: [&str; 12] = [
    "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "mksh", "sh", "tcsh", "yash", "zsh",
];

/// bash prints this before each prompt: the previous command's exit status, and that a prompt
/// follows (OSC 133). It goes to stderr like the prompt, so that it reaches the terminal even if
/// stdout is redirected. The pid distinguishes a shell from a shell started in it. The command's line comes
/// from the history, by a builtin: one more process would change the numbers that lessons are about.
/// Then come the names of its functions, except those that begin with `_`, as no program's name does, and of its
/// aliases (N, our own), by builtins as well. `2>&-` hides what `set -x` would print of all this. There is only one
/// redirection, as each costs bash six system calls.
const AT_PROMPT: &str = concat!(
    r#"{ printf '\e]133;D;%s;aid=%s;cmdline=' "$?" "$$"; fc -ln -1; "#,
    r#"printf '\a\e]133;N;'; compgen -X '_*' -A function; printf ';'; "#,
    r#"alias -p; printf '\a\e]133;A\a'; } >&2 2>&-"#
);
/// bash prints this when a command starts. It is expanded like a prompt; other shells ignore it.
const AT_COMMAND: &str = r"\e]133;C;aid=$$\a";

/// The shell of both sides: bash where there is one, else sh.
pub fn shell() -> Vec<String> {
    vec![bash().map_or("sh", |_| "bash").to_owned()]
}

/// Whether a program of this name or path is a shell.
pub(crate) fn is_shell(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    SHELLS.contains(&name)
}

/// The programs among these that a shell of the lab would not find.
pub(crate) fn absent(programs: impl IntoIterator<Item = impl AsRef<str>>) -> BTreeSet<String> {
    let programs = programs.into_iter().map(|it| it.as_ref().to_owned());
    programs.filter(|program| !installed(program)).collect()
}

/// The lab has the machine's programs.
fn installed(program: &str) -> bool {
    if program.contains('/') {
        return Path::new(program).exists();
    }
    // The first directory is the lab's own.
    let mut directories = PATH.split(':').skip(1);
    directories.any(|directory| is_program(&Path::new(directory).join(program)))
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

/// Whether the shell of both sides is bash, which marks its prompts and commands.
pub(crate) fn has_bash() -> bool {
    bash().is_some()
}

fn bash() -> Option<&'static str> {
    BASH.into_iter().find(|path| fs::metadata(path).is_ok())
}

/// The whole environment of a program.
pub(crate) fn of(screen: OutputTarget) -> Vec<(String, String)> {
    let from_us = |names: &[&str]| -> Vec<(String, String)> {
        let one = |name: &&str| Some(((*name).to_owned(), env::var(name).ok()?));
        names.iter().filter_map(one).collect()
    };
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let mut environment: Vec<_> = [
        ("PATH", PATH),
        ("HOME", "/root"),
        ("USER", "root"),
        ("LOGNAME", "root"),
        ("SHELL", bash().unwrap_or("/bin/sh")),
    ]
    .map(owned)
    .into();
    environment.extend(from_us(&["LANG", "TZ", "NO_COLOR"]));
    match screen {
        OutputTarget::Pane => {
            environment.extend(
                [
                    ("PS0", AT_COMMAND),
                    ("PROMPT_COMMAND", AT_PROMPT),
                    // Lessons quote what programs print.
                    ("LC_MESSAGES", "C"),
                ]
                .map(owned),
            );
            environment.extend([("TERM", "xterm-256color"), ("COLORTERM", "truecolor")].map(owned));
            // Panes are UTF-8. A shell that doesn't know would cut Chinese characters into bytes.
            environment.push(("LC_CTYPE".to_owned(), utf8_locale()));
        }
        OutputTarget::Users => environment.extend(from_us(&[
            "LC_MESSAGES",
            "LANGUAGE",
            "TERM",
            "COLORTERM",
            "LC_ALL",
            "LC_CTYPE",
        ])),
    }
    environment
}

/// The environment of a program on the machine: the user's own, plus the name of the side.
pub(crate) fn of_machine(screen: OutputTarget, side: Side) -> Vec<(String, String)> {
    let mut environment: BTreeMap<String, String> = env::vars().collect();
    if screen == OutputTarget::Pane {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        environment.extend([("TERM", "xterm-256color"), ("COLORTERM", "truecolor")].map(owned));
        environment.remove("LC_ALL");
        environment.insert("LC_CTYPE".to_owned(), utf8_locale());
        // Prepended to the prompt that the user's own files set.
        let mark = format!("[{side}] ");
        let prompt = format!("{AT_PROMPT}; PS1=\"{mark}${{PS1#\"{mark}\"}}\"");
        environment.insert("PROMPT_COMMAND".to_owned(), prompt);
        environment.insert("PS0".to_owned(), AT_COMMAND.to_owned());
    }
    environment.into_iter().collect()
}

/// The user's locale for characters, if this machine has it and it is UTF-8; locale(7).
fn utf8_locale() -> String {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        .filter(|name| CString::new(name.as_str()).is_ok_and(|name| sys::is_utf8_locale(&name)))
        .unwrap_or_else(|| "C.UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_are_what_the_machine_has() {
        for (name, utf8) in [(c"C.UTF-8", true), (c"C", false), (c"xx_YY.UTF-8", false)] {
            assert_eq!(sys::is_utf8_locale(name), utf8, "{name:?}");
        }
    }

    #[test]
    fn a_pane_is_a_terminal_of_ours() {
        let environment = of(OutputTarget::Pane);
        let value = |name: &str| {
            let found = environment.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(value("TERM"), Some("xterm-256color"));
        assert_eq!(value("HOME"), Some("/root"));
        // Lessons quote messages of programs: these must not depend on the user's language.
        assert_eq!(value("LC_MESSAGES"), Some("C"));
        assert_eq!(value("LANGUAGE"), None);
        assert!(value("LC_CTYPE").is_some_and(|locale| locale.to_uppercase().contains("UTF")));
    }
}
