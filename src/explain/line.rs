//! The facts that a command line adds to the output of its program: the requested mount or namespaces, and those that
//! the line itself had made before.
//!
//! Reads the line without running it. If a fact is uncertain, adds nothing.

use core::net::Ipv4Addr;

use super::Operation;
use crate::facts::{ALL_CAPABILITIES, Facts};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::environment::is_shell;

/// The options of unshare(1) that have a value in the next word.
const WITH_VALUE: [&str; 5] = ["-S", "-G", "-R", "-w", "-l"];

/// Programs that show or change what a NET namespace holds.
const FOR_NETWORKS: [&str; 14] = [
    "arptables",
    "brctl",
    "bridge",
    "conntrack",
    "ebtables",
    "ethtool",
    "ifconfig",
    "ip",
    "ip6tables",
    "ipset",
    "iptables",
    "nft",
    "route",
    "tc",
];

/// The filesystems that a user namespace may mount.
const FOR_USER_NAMESPACES: [&str; 11] = [
    "proc",
    "sysfs",
    "tmpfs",
    "ramfs",
    "overlay",
    "mqueue",
    "devpts",
    "cgroup",
    "cgroup2",
    "fuse",
    "binfmt_misc",
];

/// The refused program's place in a command line.
pub(super) struct RefusedProgram {
    /// Its name, or the shell's.
    program: String,
    /// The words of the command before the program's name.
    before: Vec<String>,
    /// Those after it.
    after: Vec<String>,
}

impl RefusedProgram {
    /// Finds the program that printed this.
    pub(super) fn find(line: &str, printed: &str) -> Option<Self> {
        let program = printed.split([':', ' ']).next()?.rsplit('/').next()?;
        let commands = commands(line);
        let place = |words: &Vec<String>| {
            let named = |word: &String| word.rsplit('/').next() == Some(program);
            words.iter().rposition(named)
        };
        // A shell's message is about the command that it redirects to the file.
        let file = file_in(printed).filter(|_| is_shell(program));
        let redirected = |words: &&Vec<String>| {
            let mut files = words.iter().map(|it| it.trim_start_matches(['<', '>']));
            files.any(|it| Some(it) == file)
        };
        let redirects = commands.iter().find(redirected);
        let named = commands.iter().find_map(|it| Some((it, place(it)?)));
        let (words, at) = match (redirects, named, &commands[..]) {
            (Some(words), ..) => (words, words.len()),
            (None, Some(found), _) => found,
            // The message names no program of the line. The line has only one command, so that one printed it.
            (None, None, [words]) => (words, words.len()),
            (None, None, _) => return None,
        };
        Some(Self {
            program: program.to_owned(),
            before: words[..at].to_vec(),
            after: words.get(at + 1..).unwrap_or_default().to_vec(),
        })
    }

    /// The facts of the refused program: those of the shell, changed by each unshare(1) before the program. If the
    /// program is itself an unshare(1) that could not mount a proc, it had made its namespaces before: they count
    /// too.
    pub(super) fn facts(&self, seen: Operation, shell: &Facts) -> Facts {
        let mut facts = shell.clone();
        for (at, word) in self.before.iter().enumerate() {
            if is(word, "unshare") {
                let options = Unshare::read(&self.before[at + 1..]);
                options.change(&mut facts);
            }
        }
        if self.program == "unshare" && seen == Operation::MountProc {
            Unshare::read(&self.after).change(&mut facts);
        }
        facts
    }

    /// The operation, more exactly.
    pub(super) fn operation(&self, seen: Operation) -> Operation {
        match seen {
            Operation::New(kinds) if kinds.is_empty() => {
                Operation::New(Unshare::read(&self.after).kinds)
            }
            // Its message names no file: `open: No such file or directory`.
            Operation::Other if self.words().any(|it| it == "tuntap") => Operation::OpenTun,
            Operation::Mount | Operation::MountProc | Operation::Reveal => self.mount(seen),
            Operation::OpenFile if self.writes("/etc/") => Operation::ChangeFile,
            Operation::Unnamed if self.is_about_networks() => Operation::UnnamedNetwork,
            Operation::Reach if self.names_the_internet() => Operation::ReachOut,
            _ => seen,
        }
    }

    /// The words of its command; without the name of the program if the message named it.
    fn words(&self) -> impl Iterator<Item = &String> {
        self.before.iter().chain(&self.after)
    }

    fn is_about_networks(&self) -> bool {
        let about = |word: &str| FOR_NETWORKS.iter().any(|program| is(word, program));
        about(&self.program) || self.words().any(|word| about(word))
    }

    /// Whether the line redirects to a file below this directory, or lets tee(1) write there.
    fn writes(&self, below: &str) -> bool {
        let tees = self.program == "tee" && self.words().any(|it| it.starts_with(below));
        let mut pairs = self.words().zip(self.words().skip(1));
        let redirects = pairs.any(|(word, next)| {
            let arrow = word.trim_start_matches('>');
            arrow.is_empty() && !word.is_empty() && next.starts_with(below)
        });
        let attached = self.words().any(|word| {
            let file = word.trim_start_matches('>');
            file.len() < word.len() && file.starts_with(below)
        });
        tees || redirects || attached
    }

    /// Whether the line has an address that is neither private nor of this machine.
    fn names_the_internet(&self) -> bool {
        let mut addresses = self
            .words()
            .filter_map(|word| word.parse::<Ipv4Addr>().ok());
        let is_near = |it: &Ipv4Addr| it.is_private() || it.is_loopback() || it.is_link_local();
        addresses.any(|it| !is_near(&it) && !it.is_documentation())
    }

    /// Whether one name follows, which is no option and no option's value.
    fn has_one_name(&self) -> bool {
        let words = || self.after.iter().map(String::as_str);
        let takes_value = |word: &str| ["-o", "--options", "-t", "--types"].contains(&word);
        let before = [""].into_iter().chain(words());
        let is_name =
            |(word, before): &(&str, &str)| !word.starts_with('-') && !takes_value(before);
        words().zip(before).filter(is_name).count() == 1
    }

    /// Whether the first of two names, the source, is a device.
    fn mounts_a_device(&self) -> bool {
        let mut names = self.after.iter().filter(|word| !word.starts_with('-'));
        let source = names.next().is_some_and(|it| it.starts_with("/dev/"));
        source && names.next().is_some()
    }

    fn mount(&self, seen: Operation) -> Operation {
        let words: Vec<_> = self.after.iter().map(String::as_str).collect();
        let values = |short: &'static str, long: &'static str| {
            let pairs = words.windows(2);
            let pairs = pairs.filter(move |pair| pair[0] == short || pair[0] == long);
            pairs.map(|pair| pair[1])
        };
        let options = values("-o", "--options").flat_map(|value| value.split(','));
        let options: Vec<_> = options.collect();
        let fstype = values("-t", "--types").next();
        if options.contains(&"remount") {
            return if self.has_one_name() {
                Operation::RemountPlace
            } else {
                Operation::Remount
            };
        }
        let trusted = |option: &&str| ["metacopy=on", "redirect_dir=on"].contains(option);
        if fstype == Some("overlay") && options.iter().any(trusted) {
            return Operation::TrustedOverlay;
        }
        if words.contains(&"--bind") || words.contains(&"-B") || options.contains(&"bind") {
            return Operation::Bind;
        }
        let shows = match fstype {
            Some("proc") if seen == Operation::Reveal => return Operation::Reveal,
            Some("proc") => return Operation::MountProc,
            Some("sysfs") => Namespace::Net,
            Some("cgroup2") => Namespace::Cgroup,
            Some("mqueue") => Namespace::Ipc,
            Some(other) if !FOR_USER_NAMESPACES.contains(&other) => return Operation::MountDevice,
            _ if options.contains(&"loop") => return Operation::MountDevice,
            None if self.mounts_a_device() => return Operation::MountDevice,
            _ => return seen,
        };
        Operation::MountView(shows)
    }
}

/// The facts of a program in new namespaces, which root of a user namespace made: `facts` are those
/// of the process that made them.
pub(crate) fn in_new(kinds: NamespaceSet, mut facts: Facts) -> Facts {
    let made = Unshare {
        kinds,
        map: IdMapping::Root,
        forks: true,
    };
    made.change(&mut facts);
    facts
}

/// The file that a message names: `/etc/hosts` of `bash: /etc/hosts: Permission denied`.
fn file_in(printed: &str) -> Option<&str> {
    let words = printed.split_whitespace();
    let mut words = words.map(|it| it.trim_end_matches(':'));
    words.find(|it| it.starts_with('/'))
}

fn is(word: &str, program: &str) -> bool {
    word.rsplit('/').next() == Some(program)
}

/// Whether the line runs its next command after any exit status of the program that printed this. Then the
/// refusal doesn't show in the line's exit status. False where the line tests the program's exit status, as in
/// `mount … || true`.
pub(super) fn went_on(line: &str, printed: &str) -> bool {
    let Some((program, _)) = printed.split_once(": ") else {
        return false;
    };
    let lines = split(line);
    let names = |words: &[String]| words.iter().any(|word| is(word, program));
    let its: Vec<_> = lines.iter().filter(|(words, _)| names(words)).collect();
    let asked = |(words, then): &&(Vec<String>, NextCommand)| {
        *then == NextCommand::Depends || words.first().is_some_and(|it| ASK.contains(&it.as_str()))
    };
    !its.iter().any(asked) && its.iter().any(|(_, then)| *then != NextCommand::End)
}

/// The words before a command whose exit status the shell tests.
const ASK: [&str; 5] = ["if", "elif", "while", "until", "!"];

/// Whether the next command runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NextCommand {
    /// The next command runs, after any exit status of this one.
    Another,
    /// This one's exit status decides: `&&` and `||`.
    Depends,
    End,
}

/// The commands of a line, as words. A script in quotes belongs to the command that it is given to.
fn commands(line: &str) -> Vec<Vec<String>> {
    split(line).into_iter().map(|(words, _)| words).collect()
}

/// The commands of a line as words, and the condition for the command after each.
fn split(line: &str) -> Vec<(Vec<String>, NextCommand)> {
    let mut commands: Vec<(Vec<String>, NextCommand)> = Vec::new();
    let mut command = String::new();
    let mut quote = None;
    let mut characters = line.chars().peekable();
    let mut end = |command: &mut String, then| {
        let words: Vec<_> = command.split_whitespace().map(str::to_owned).collect();
        command.clear();
        if !words.is_empty() {
            commands.push((words, then));
        }
    };
    while let Some(character) = characters.next() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, '|' | '&') if characters.next_if_eq(&character).is_some() => {
                end(&mut command, NextCommand::Depends);
            }
            (None, ';' | '|' | '&' | '\n') => end(&mut command, NextCommand::Another),
            (Some(_), ';' | '|' | '&' | '\n' | '\'' | '"') => command.push(' '),
            _ => command.push(character),
        }
    }
    end(&mut command, NextCommand::End);
    // A line may end with a separator, as `mount …;` does: no command follows it.
    if let Some((_, then)) = commands.last_mut() {
        *then = NextCommand::End;
    }
    commands
}

/// The options of an unshare(1).
struct Unshare {
    kinds: NamespaceSet,
    map: IdMapping,
    forks: bool,
}

/// The ids that it maps before it executes a program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IdMapping {
    None,
    Ids,
    Root,
}

impl Unshare {
    /// Reads its options, up to the program that it executes.
    fn read(words: &[String]) -> Self {
        let mut told = Self {
            kinds: NamespaceSet::EMPTY,
            map: IdMapping::None,
            forks: false,
        };
        let mut words = words.iter();
        while let Some(word) = words.next().filter(|word| word.starts_with('-')) {
            if let Some(long) = word.strip_prefix("--") {
                told.long(long);
            } else {
                word.chars().skip(1).for_each(|letter| told.short(letter));
            }
            if WITH_VALUE.contains(&word.as_str()) {
                words.next();
            }
        }
        if told.map != IdMapping::None {
            told.kinds.insert(Namespace::User);
        }
        told
    }

    fn short(&mut self, letter: char) {
        match letter {
            'r' => self.map = IdMapping::Root,
            'c' => self.map = IdMapping::Ids,
            'f' => self.forks = true,
            _ => {
                let kind = Namespace::ALL.into_iter().find(|it| it.key() == letter);
                self.kinds = self.kinds.iter().chain(kind).collect();
            }
        }
    }

    fn long(&mut self, option: &str) {
        let name = option.split('=').next().unwrap_or(option);
        match name {
            "map-root-user" => self.map = IdMapping::Root,
            "fork" => self.forks = true,
            "mount" => self.kinds.insert(Namespace::Mnt),
            "mount-proc" => {
                self.kinds.insert(Namespace::Mnt);
                self.kinds.insert(Namespace::Pid);
            }
            _ if name.starts_with("map-") && self.map == IdMapping::None => {
                self.map = IdMapping::Ids;
            }
            _ => {
                let kind = Namespace::ALL.into_iter().find(|it| it.name() == name);
                self.kinds = self.kinds.iter().chain(kind).collect();
            }
        }
    }

    /// Changes the facts of unshare's own process to those of the program that it executes.
    fn change(&self, facts: &mut Facts) {
        if self.kinds.contains(Namespace::User) {
            let (mapped, root) = (self.map != IdMapping::None, self.map == IdMapping::Root);
            facts.initial_user_namespace = Some(false);
            facts.user_levels = facts.user_levels.map(|levels| levels + 1);
            facts.mapped = Some(mapped);
            facts.uid_map_written = Some(mapped);
            facts.gid_map_written = Some(mapped);
            facts.setgroups = Some(!mapped);
            facts.euid = root.then_some(0);
            facts.capabilities = Some(if root { ALL_CAPABILITIES } else { 0 });
            facts.owned = Namespace::ALL.map(|kind| (kind, false)).into();
        }
        for kind in self.kinds.iter() {
            // Without a fork, only the program's children are in the new PID namespace.
            if kind != Namespace::Pid || self.forks {
                facts.owned.insert(kind, true);
            }
        }
    }
}
