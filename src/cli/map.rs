//! `nslab map`: all namespaces, the processes in them, and their keepers.

use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::args::{HostOption, LangOption};
use super::output::print;
use crate::discovery::{Map, Reader, Scope, text};
use crate::lang::Lang;
use crate::namespace::Namespace;
use crate::observe::watch;
use crate::sandbox::HostKind;

/// Print every namespace of the machine, or of a new lab host: who is in it, what else keeps it, and
/// which one owns it.
///
/// Changes nothing. Shows what this user may see, and counts the rest.
#[derive(Debug, Args)]
#[command(after_help = JSON_HELP)]
pub(super) struct MapArgs {
    /// Map the machine instead of a new lab host
    #[arg(long)]
    machine: bool,
    /// One kind alone: uts ipc pid mnt net user cgroup time
    #[arg(long, value_name = "KIND")]
    kind: Option<Namespace>,
    #[command(flatten)]
    pub(super) lang: LangOption,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const JSON_HELP: &str = "\
JSON: {\"read_from\":…,\"ids\":…,\"namespaces\":[…],\"processes\":[…],\"unread\":{…}}
  read_from    proc, or proc+listns where the kernel also listed all its namespaces (root,
               Linux 6.19)
  ids          whether the kernel gives each namespace an id that is never used again
  a namespace  dev, ino, kind, id, parent and owner {dev, ino} (null where not visible), owner_uid,
               processes (pids), holders (mount {path, pid}, descriptor {pid, fd} or socket {pid, fd}),
               children (inodes), first (a PID namespace's process 1), peer_groups {shared, master} (of
               mounts: number → mount point), links (of a network namespace)
  a link       index, name, kind (veth, bridge, …), up, addresses, master (index of its bridge),
               peer {index, namespace {dev, ino}} (the other end; namespace null where not visible)
  a process    pid, outside (its pid on the machine), numbers (in each PID namespace), name, uid,
               namespaces (kind → inode)
  unread       processes, descriptors, mounts, sockets, links: how many this user may not see;
               hidden: whether /proc doesn't even show them (hidepid)
In a lab host, pids are those of the lab host.
Exit code: 0, or 1 when nothing can be read.";

pub(super) fn run(args: &MapArgs) -> anyhow::Result<ExitCode> {
    let lang = args.lang.or_from_env();
    let mut map = if args.machine {
        of_machine()?
    } else {
        of_new_lab(lang)?
    };
    if args.json {
        if let Some(kind) = args.kind {
            map.namespaces.retain(|found| found.facts.kind == kind);
        }
        print(&(serde_json::to_string_pretty(&map)? + "\n"))?;
    } else {
        print(&text::tree(&map, args.kind, lang))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the machine with the rights of this user.
fn of_machine() -> anyhow::Result<Map> {
    Ok(Reader::new(Scope::Machine)?.look()?)
}

fn of_new_lab(lang: Lang) -> anyhow::Result<Map> {
    let host = HostOption {
        host: HostKind::Lab,
        share: None,
    };
    let lab = host.start(lang)?;
    watch::map(&lab).context(lang.pick(["reading the lab host", "读取实验宿主机"]))
}
