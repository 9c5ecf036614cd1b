//! The programs that lessons and tutorials use, and their packages in Debian and Ubuntu.
//!
//! Must not know which of them are installed.

use crate::lang::Lang;

/// The packages, each with the programs in it.
const PACKAGES: &[(&str, &[&str])] = &[
    ("attr", &["getfattr", "setfattr"]),
    ("bash", &["bash"]),
    ("bind9-dnsutils", &["dig"]),
    ("bridge-utils", &["brctl"]),
    ("bsdutils", &["logger", "script"]),
    ("bubblewrap", &["bwrap"]),
    ("cgroup-tools", &["cgcreate", "cgexec"]),
    ("conntrack", &["conntrack"]),
    (
        "coreutils",
        &[
            "basename", "cat", "chmod", "chown", "chroot", "cp", "cut", "date", "dd", "df",
            "dirname", "du", "env", "head", "hostid", "id", "ln", "ls", "mkdir", "mkfifo", "mknod",
            "mv", "nohup", "nproc", "od", "readlink", "realpath", "rm", "rmdir", "seq", "sleep",
            "sort", "stat", "stty", "tail", "tee", "timeout", "touch", "tr", "tty", "uname",
            "uniq", "wc", "whoami",
        ],
    ),
    ("crun", &["crun"]),
    ("curl", &["curl"]),
    ("dash", &["sh"]),
    ("debootstrap", &["debootstrap"]),
    ("diffutils", &["diff"]),
    ("ethtool", &["ethtool"]),
    ("findutils", &["find", "xargs"]),
    ("gcc", &["cc", "gcc"]),
    ("gdb", &["gdb"]),
    ("grep", &["grep"]),
    ("hostname", &["domainname", "hostname"]),
    ("htop", &["htop"]),
    ("iperf3", &["iperf3"]),
    ("iproute2", &["bridge", "ip", "ss", "tc"]),
    ("iptables", &["iptables"]),
    ("iputils-arping", &["arping"]),
    ("iputils-ping", &["ping", "ping6"]),
    ("less", &["less"]),
    ("libc-bin", &["ldd"]),
    ("libcap2-bin", &["capsh", "getcap", "getpcaps", "setcap"]),
    ("lsof", &["lsof"]),
    ("mawk", &["awk"]),
    ("mount", &["mount", "umount"]),
    ("nano", &["nano"]),
    ("net-tools", &["ifconfig", "netstat", "route"]),
    ("netcat-openbsd", &["nc"]),
    ("nftables", &["nft"]),
    (
        "procps",
        &[
            "free", "kill", "pgrep", "pkill", "ps", "sysctl", "top", "uptime", "vmstat", "watch",
        ],
    ),
    ("psmisc", &["pstree"]),
    ("python3", &["python3"]),
    ("screen", &["screen"]),
    ("sed", &["sed"]),
    ("socat", &["socat"]),
    ("strace", &["strace"]),
    ("stress", &["stress"]),
    ("sysvinit-utils", &["pidof"]),
    ("tcpdump", &["tcpdump"]),
    ("tmux", &["tmux"]),
    ("traceroute", &["traceroute"]),
    ("tree", &["tree"]),
    ("uidmap", &["newgidmap", "newuidmap"]),
    (
        "util-linux",
        &[
            "dmesg",
            "findmnt",
            "ipcmk",
            "ipcrm",
            "ipcs",
            "lscpu",
            "lsns",
            "mountpoint",
            "nsenter",
            "prlimit",
            "setpriv",
            "setsid",
            "taskset",
            "unshare",
        ],
    ),
    // Until util-linux 2.41 it was in util-linux, which each Debian has.
    ("util-linux-extra", &["pivot_root"]),
    ("vim", &["vim"]),
];

/// Shell builtins and keywords.
const SHELL_WORDS: &[&str] = &[
    "!", ".", ":", "[", "[[", "alias", "bg", "break", "cd", "command", "continue", "declare", "do",
    "done", "echo", "elif", "else", "esac", "eval", "exec", "exit", "export", "false", "fg", "fi",
    "for", "if", "in", "jobs", "kill", "local", "printf", "pwd", "read", "return", "set", "shift",
    "source", "test", "then", "time", "trap", "true", "type", "ulimit", "umask", "unset", "until",
    "wait", "while", "{", "}",
];

/// All programs with a known package, those of the built-in lessons among them.
pub(crate) fn known() -> impl Iterator<Item = &'static str> {
    let programs = PACKAGES.iter().flat_map(|(_, programs)| *programs);
    programs.copied()
}

/// A program's package in Debian and Ubuntu, if known.
pub(crate) fn package(tool: &str) -> Option<&'static str> {
    let name = tool.rsplit('/').next().unwrap_or(tool);
    let mut packages = PACKAGES.iter();
    let (package, _) = packages.find(|(_, programs)| programs.contains(&name))?;
    Some(package)
}

/// The sentence for a missing program.
pub(crate) fn missing(lang: Lang, tool: &str) -> String {
    match (lang, package(tool)) {
        (Lang::En, Some(package)) => format!(
            "The program {tool} is not installed; on Debian and Ubuntu the package {package} has \
             it: sudo apt install {package}"
        ),
        (Lang::En, None) => format!("The program {tool} is not installed."),
        (Lang::ZhCn, Some(package)) => format!(
            "没有安装 {tool}；在 Debian 和 Ubuntu 上它在软件包 {package} 里：sudo apt install {package}"
        ),
        (Lang::ZhCn, None) => format!("没有安装 {tool}。"),
    }
}

/// The program that a shell did not find, from its output.
pub(crate) fn not_found(printed: &str) -> Option<&str> {
    printed.lines().find_map(|line| {
        // dash: `sh: 1: ps: not found`; bash: `bash: line 1: ps: command not found`.
        let before = line
            .strip_suffix(": command not found")
            .or_else(|| line.strip_suffix(": not found"))?;
        let (shell, program) = before.rsplit_once(": ")?;
        let by_a_shell = matches!(shell.split(':').next(), Some("sh" | "bash"));
        let name = !program.is_empty() && !program.contains(char::is_whitespace);
        (by_a_shell && name).then_some(program)
    })
}

/// The programs that a shell line starts, as far as that is known without running it; builtins are
/// not included. A lesson's live value is part of a word.
pub(crate) fn programs(line: &str) -> Vec<String> {
    let line = &without_values(line);
    let mut commands = Vec::new();
    let (mut start, mut quote) = (0, None);
    for (at, character) in line.char_indices() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, ';' | '|' | '&' | '(' | ')') => {
                commands.push(&line[start..at]);
                start = at + character.len_utf8();
            }
            (None, '#') if line[..at].ends_with([' ', ';']) || at == 0 => {
                commands.push(&line[start..at]);
                return named(&commands);
            }
            _ => {}
        }
    }
    commands.push(&line[start..]);
    named(&commands)
}

/// Replaces each live value of a lesson by a digit.
fn without_values(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, value)) = rest.split_once("{{")
        && let Some((_, after)) = value.split_once("}}")
    {
        text.push_str(before);
        text.push('0');
        rest = after;
    }
    text + rest
}

fn named(commands: &[&str]) -> Vec<String> {
    let first = |command: &&str| {
        let mut words = command.split_whitespace().skip_while(|word| {
            let assigned = word.split_once('=');
            let assigns = assigned.is_some_and(|(name, _)| {
                !name.is_empty()
                    && name
                        .chars()
                        .all(|it| it.is_ascii_alphanumeric() || it == '_')
            });
            assigns || ["!", "do", "else", "exec", "if", "then", "while", "{"].contains(word)
        });
        words.next().map(str::to_owned)
    };
    let plain = |word: &String| {
        let usual = |it: char| it.is_ascii_alphanumeric() || "-_./+".contains(it);
        word.chars().all(usual) && !SHELL_WORDS.contains(&word.as_str()) && !word.starts_with('-')
    };
    // A digit remains of a redirection such as 2>&1.
    let program = |word: &String| plain(word) && !word.chars().all(|it| it.is_ascii_digit());
    commands.iter().filter_map(first).filter(program).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_each_program_once() {
        assert!(PACKAGES.is_sorted());
        assert!(PACKAGES.iter().all(|(_, programs)| programs.is_sorted()));
        let mut seen = BTreeSet::new();
        assert!(known().all(|program| seen.insert(program)));
    }

    #[test]
    fn packages_by_program() {
        for (tool, expected) in [
            ("ps", Some("procps")),
            ("/usr/bin/ping", Some("iputils-ping")),
            ("ip", Some("iproute2")),
            ("ipcs", Some("util-linux")),
            ("hostname", Some("hostname")),
            ("frobnicate", None),
        ] {
            assert_eq!(package(tool), expected, "{tool}");
        }
        assert!(missing(Lang::En, "ping").contains("iputils-ping"));
        assert!(missing(Lang::ZhCn, "ping").contains("iputils-ping"));
        assert!(!missing(Lang::En, "frobnicate").contains("apt"));
    }

    #[test]
    fn a_program_that_a_shell_does_not_find() {
        for (printed, expected) in [
            ("sh: 1: frob: not found\n", Some("frob")),
            ("bash: line 1: ps: command not found", Some("ps")),
            ("a line\nsh: 1: ip: not found", Some("ip")),
            ("bash: ps: command not found", Some("ps")),
            ("sh: 1: cannot open /nowhere: No such file", None),
            ("the key: was: not found", None),
            ("sh: not found", None),
        ] {
            assert_eq!(not_found(printed), expected, "{printed}");
        }
    }

    #[test]
    fn programs_of_a_line() {
        for (line, expected) in [
            ("hostname web1", &["hostname"][..]),
            ("ipcmk -Q; ipcs -q", &["ipcmk", "ipcs"]),
            ("echo $$", &[]),
            ("ps aux | wc -l", &["ps", "wc"]),
            ("A=1 ip -br link 2>&1", &["ip"]),
            ("echo 'ps; top' && cat /proc/1/comm", &["cat"]),
            ("exec unshare -u bash", &["unshare"]),
            ("if ping -c1 ::1; then echo y; fi", &["ping"]),
            ("ls # ps | top", &["ls"]),
            ("cd /proc && ls", &["ls"]),
            ("child={{ container.shell_pid }}", &[]),
            ("ps -p $(ps -o ppid= {{ host.shell_pid }})", &["ps", "ps"]),
            (
                "nsenter -t {{ container.nspid[1] }} -n ip link",
                &["nsenter"],
            ),
        ] {
            assert_eq!(programs(line), expected, "{line}");
        }
    }
}
