//! The programs that lessons and tutorials use, and their packages in Debian and Ubuntu.
//!
//! Must not know which of them are installed.

use crate::lang::Lang;

/// Program and package, by program.
const PACKAGES: &[(&str, &str)] = &[
    ("arping", "iputils-arping"),
    ("awk", "mawk"),
    ("basename", "coreutils"),
    ("bash", "bash"),
    ("brctl", "bridge-utils"),
    ("bridge", "iproute2"),
    ("bwrap", "bubblewrap"),
    ("capsh", "libcap2-bin"),
    ("cat", "coreutils"),
    ("cc", "gcc"),
    ("cgcreate", "cgroup-tools"),
    ("cgexec", "cgroup-tools"),
    ("chmod", "coreutils"),
    ("chown", "coreutils"),
    ("chroot", "coreutils"),
    ("conntrack", "conntrack"),
    ("cp", "coreutils"),
    ("crun", "crun"),
    ("curl", "curl"),
    ("cut", "coreutils"),
    ("date", "coreutils"),
    ("dd", "coreutils"),
    ("debootstrap", "debootstrap"),
    ("df", "coreutils"),
    ("diff", "diffutils"),
    ("dig", "bind9-dnsutils"),
    ("dirname", "coreutils"),
    ("dmesg", "util-linux"),
    ("domainname", "hostname"),
    ("du", "coreutils"),
    ("env", "coreutils"),
    ("ethtool", "ethtool"),
    ("find", "findutils"),
    ("findmnt", "util-linux"),
    ("free", "procps"),
    ("gcc", "gcc"),
    ("gdb", "gdb"),
    ("getcap", "libcap2-bin"),
    ("getfattr", "attr"),
    ("getpcaps", "libcap2-bin"),
    ("grep", "grep"),
    ("head", "coreutils"),
    ("hostid", "coreutils"),
    ("hostname", "hostname"),
    ("htop", "htop"),
    ("id", "coreutils"),
    ("ifconfig", "net-tools"),
    ("ip", "iproute2"),
    ("ipcmk", "util-linux"),
    ("ipcrm", "util-linux"),
    ("ipcs", "util-linux"),
    ("iperf3", "iperf3"),
    ("iptables", "iptables"),
    ("kill", "procps"),
    ("ldd", "libc-bin"),
    ("less", "less"),
    ("ln", "coreutils"),
    ("logger", "bsdutils"),
    ("ls", "coreutils"),
    ("lscpu", "util-linux"),
    ("lsns", "util-linux"),
    ("lsof", "lsof"),
    ("mkdir", "coreutils"),
    ("mkfifo", "coreutils"),
    ("mknod", "coreutils"),
    ("mount", "mount"),
    ("mountpoint", "util-linux"),
    ("mv", "coreutils"),
    ("nano", "nano"),
    ("nc", "netcat-openbsd"),
    ("netstat", "net-tools"),
    ("newgidmap", "uidmap"),
    ("newuidmap", "uidmap"),
    ("nft", "nftables"),
    ("nohup", "coreutils"),
    ("nproc", "coreutils"),
    ("nsenter", "util-linux"),
    ("od", "coreutils"),
    ("pgrep", "procps"),
    ("pidof", "sysvinit-utils"),
    ("ping", "iputils-ping"),
    ("ping6", "iputils-ping"),
    // Until util-linux 2.41 it was in util-linux, which each Debian has.
    ("pivot_root", "util-linux-extra"),
    ("pkill", "procps"),
    ("prlimit", "util-linux"),
    ("ps", "procps"),
    ("pstree", "psmisc"),
    ("python3", "python3"),
    ("readlink", "coreutils"),
    ("realpath", "coreutils"),
    ("rm", "coreutils"),
    ("rmdir", "coreutils"),
    ("route", "net-tools"),
    ("screen", "screen"),
    ("script", "bsdutils"),
    ("sed", "sed"),
    ("seq", "coreutils"),
    ("setcap", "libcap2-bin"),
    ("setfattr", "attr"),
    ("setpriv", "util-linux"),
    ("setsid", "util-linux"),
    ("sh", "dash"),
    ("sleep", "coreutils"),
    ("socat", "socat"),
    ("sort", "coreutils"),
    ("ss", "iproute2"),
    ("stat", "coreutils"),
    ("strace", "strace"),
    ("stress", "stress"),
    ("stty", "coreutils"),
    ("sysctl", "procps"),
    ("tail", "coreutils"),
    ("taskset", "util-linux"),
    ("tc", "iproute2"),
    ("tcpdump", "tcpdump"),
    ("tee", "coreutils"),
    ("timeout", "coreutils"),
    ("tmux", "tmux"),
    ("top", "procps"),
    ("touch", "coreutils"),
    ("tr", "coreutils"),
    ("traceroute", "traceroute"),
    ("tree", "tree"),
    ("tty", "coreutils"),
    ("umount", "mount"),
    ("uname", "coreutils"),
    ("uniq", "coreutils"),
    ("unshare", "util-linux"),
    ("uptime", "procps"),
    ("vim", "vim"),
    ("vmstat", "procps"),
    ("watch", "procps"),
    ("wc", "coreutils"),
    ("whoami", "coreutils"),
    ("xargs", "findutils"),
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
    PACKAGES.iter().map(|(program, _)| *program)
}

/// A program's package in Debian and Ubuntu, if known.
pub(crate) fn package(tool: &str) -> Option<&'static str> {
    let name = tool.rsplit('/').next().unwrap_or(tool);
    let found = PACKAGES.binary_search_by(|(known, _)| known.cmp(&name));
    found.ok().map(|index| PACKAGES[index].1)
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

/// The programs that a shell line starts, as far as one can tell without running it; builtins are
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
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(PACKAGES.is_sorted());
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
