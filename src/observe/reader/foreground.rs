//! The program that has left a shell: it has the foreground of the shell's terminal, and is in other
//! namespaces than the shell.
//!
//! Reads `/proc` alone. Must not know who asks.

use std::fs;

use procfs_core::FromRead;
use procfs_core::process::Stat;

use super::{Namespaces, SideReader, differ};
use crate::observe::snapshot::StartedProgram;

/// How many processes below the shell are looked at.
const MOST: usize = 64;

/// A process below the shell.
#[derive(Debug)]
struct Descendant {
    reader: SideReader,
    stat: Stat,
    /// The index of its parent in the list; none if the parent is the shell.
    parent: Option<usize>,
    /// Whether it belongs to the job that has the foreground of the terminal.
    counts: bool,
}

impl SideReader {
    /// The program that has left this shell. Of nested ones, the innermost, but no process that only waits for it,
    /// as bwrap's process 1 does.
    pub(super) fn program(&self) -> Option<StartedProgram> {
        let shell = self.stat()?;
        if shell.tpgid <= 0 || shell.tpgid == shell.pgrp {
            return None;
        }
        let all = below(&shell);
        let namespaces = self.namespaces();
        let found = innermost(&all, None, &|at: Option<usize>| match at {
            None => namespaces.clone(),
            Some(at) => all[at].reader.namespaces(),
        })?;
        let reader = &all[beyond_fork(&all, found)].reader;
        Some(StartedProgram {
            nspid: reader.status().ok()?.nspid?,
            name: reader.name()?,
            namespaces: reader.namespaces(),
        })
    }

    fn stat(&self) -> Option<Stat> {
        Stat::from_read(self.open("stat").ok()?).ok()
    }

    /// The process's name. In `status`, procfs-core 0.18 ends it at a colon.
    fn name(&self) -> Option<String> {
        let comm = self.read("comm").ok()?;
        Some(comm.strip_suffix('\n').unwrap_or(&comm).to_owned())
    }
}

/// The deepest process that is in other namespaces than its parent and than the shell.
fn innermost(
    all: &[Descendant],
    at: Option<usize>,
    namespaces: &dyn Fn(Option<usize>) -> Namespaces,
) -> Option<usize> {
    let own = namespaces(at);
    let shell = namespaces(None);
    let children = all.iter().enumerate();
    let mut children = children.filter(|(_, it)| it.counts && it.parent == at);
    children.find_map(|(child, _)| {
        let there = namespaces(Some(child));
        let left = differ(&there, &own) && differ(&there, &shell);
        innermost(all, Some(child), namespaces).or(left.then_some(child))
    })
}

/// The process at `at`, or the one below it that runs the program. A process with the command line of its parent
/// was forked without an exec, and continues the work of its parent. Then the program is its child in the same
/// namespaces, if it has one.
fn beyond_fork(all: &[Descendant], at: usize) -> usize {
    let line = |at: usize| {
        all[at]
            .reader
            .read("cmdline")
            .ok()
            .filter(|it| !it.is_empty())
    };
    let is_fork = all[at].parent.is_some_and(|parent| {
        let ours = line(at);
        ours.is_some() && ours == line(parent)
    });
    let own = all[at].reader.namespaces();
    let is_program = |it: &Descendant| {
        it.counts && it.parent == Some(at) && !differ(&it.reader.namespaces(), &own)
    };
    let program = all.iter().position(is_program).filter(|_| is_fork);
    program.map_or(at, |program| beyond_fork(all, program))
}

/// The processes below a shell, parents before their children.
fn below(shell: &Stat) -> Vec<Descendant> {
    let mut all: Vec<Descendant> = Vec::new();
    let mut next = Some((shell.pid, None));
    let mut at = 0;
    while let Some((pid, parent)) = next {
        for child in children(pid) {
            if all.len() >= MOST {
                break;
            }
            let below = SideReader::new(child).ok().and_then(|reader| {
                let stat = reader.stat()?;
                Some(Descendant {
                    counts: stat.pgrp == shell.tpgid,
                    reader,
                    stat,
                    parent,
                })
            });
            all.extend(below);
        }
        next = all.get(at).map(|it| (it.stat.pid, Some(at)));
        at += 1;
    }
    mark(&mut all, shell.session);
    all
}

/// A process belongs to the foreground if it is above the foreground's process group, or below it in a
/// session of its own. Other jobs don't.
fn mark(all: &mut [Descendant], session: i32) {
    for at in (0..all.len()).rev() {
        if let (true, Some(parent)) = (all[at].counts, all[at].parent) {
            all[parent].counts = true;
        }
    }
    for at in 0..all.len() {
        let above = all[at].parent.is_some_and(|parent| all[parent].counts);
        if above && all[at].stat.session != session {
            all[at].counts = true;
        }
    }
}

/// The children of a process, of all its threads; proc_tid_children(5).
fn children(pid: i32) -> Vec<i32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let lists = threads.into_iter().flatten().flatten();
    let lists = lists.filter_map(|it| fs::read_to_string(it.path().join("children")).ok());
    let of_list = |list: String| -> Vec<i32> {
        let pids = list.split_whitespace();
        pids.filter_map(|pid| pid.parse().ok()).collect()
    };
    lists.flat_map(of_list).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_program_is_named_as_ps_names_it() {
        let mut program = Command::new("sh")
            .args([
                "-c",
                "printf 'a) (:b ' > /proc/self/comm; echo named; read -r _",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = [0; 6];
        let output = program.stdout.as_mut().unwrap();
        output.read_exact(&mut said).unwrap();
        let reader = SideReader::new(program.id().cast_signed()).unwrap();
        assert_eq!(reader.name().as_deref(), Some("a) (:b "));
        let stat = reader.stat().unwrap();
        assert_eq!(stat.pid, program.id().cast_signed());
        assert_eq!(stat.pgrp, nix::unistd::getpgrp().as_raw());
        assert_eq!(stat.session, nix::unistd::getsid(None).unwrap().as_raw());
        drop(program.stdin.take());
        program.wait().unwrap();
    }
}
