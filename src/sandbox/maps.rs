//! User and group id maps; user_namespaces(7).

use nix::unistd::Pid;

use super::call::{Call, IdMap};
use super::proc_dir::ProcDir;
use super::trace::{Refused, Tracer};

/// Maps id 0 in the process's new user namespace to one id outside of it.
///
/// `deny` is written to setgroups first: otherwise only a privileged process outside may write a
/// gid map. A gid map that is there stays: newgidmap(1) has written it, and newuidmap(1) failed.
pub(super) fn write(
    proc: &ProcDir,
    pid: Pid,
    user: u32,
    group: u32,
    trace: &mut Tracer,
) -> Result<(), Refused> {
    let files = [
        (IdMap::Setgroups, "deny".to_owned()),
        (IdMap::Uid, format!("0 {user} 1")),
        (IdMap::Gid, format!("0 {group} 1")),
    ];
    let has_groups = !proc
        .read(&format!("{pid}/{}", IdMap::Gid.file()))
        .is_empty();
    for (map, content) in files {
        if has_groups && map != IdMap::Uid {
            continue;
        }
        put(proc, pid, map, &content, trace)?;
    }
    Ok(())
}

fn put(
    proc: &ProcDir,
    pid: Pid,
    map: IdMap,
    content: &str,
    trace: &mut Tracer,
) -> Result<(), Refused> {
    let path = format!("{pid}/{}", map.file());
    let call = Call::WriteMap {
        pid: pid.as_raw(),
        map,
        content: content.to_owned(),
    };
    trace.step(call, || proc.write(&path, content)).map(drop)
}

/// Maps all our ids to themselves in the process's new user namespace, through the `/proc` that is mounted
/// now. This needs CAP_SETUID and CAP_SETGID in our own user namespace.
pub(super) fn hand_on(pid: Pid, trace: &mut Tracer) -> Result<(), Refused> {
    let proc = ProcDir::open_in(trace)?;
    for map in [IdMap::Uid, IdMap::Gid] {
        let ours = proc.read(&format!("self/{}", map.file()));
        put(&proc, pid, map, &to_itself(&ours), trace)?;
    }
    Ok(())
}

/// A map of the same ids to themselves. A line of it may not reach over two lines of the outer map.
fn to_itself(map: &str) -> String {
    let lines = map.lines().filter_map(|line| {
        let mut fields = line.split_whitespace();
        let (first, count) = (fields.next()?, fields.nth(1)?);
        Some(format!("{first} {first} {count}\n"))
    });
    lines.collect()
}

/// Like [`write`], through the `/proc` that is mounted now.
pub(super) fn write_here(
    pid: Pid,
    user: u32,
    group: u32,
    trace: &mut Tracer,
) -> Result<(), Refused> {
    let proc = ProcDir::open_in(trace)?;
    write(&proc, pid, user, group, trace)
}
