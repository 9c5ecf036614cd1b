//! User and group id maps; user_namespaces(7).

use nix::unistd::Pid;

use super::proc_dir::ProcDir;
use super::trace::{Refused, Tracer};

/// Maps id 0 of the process's new user namespace to one id outside of it.
///
/// `deny` goes into setgroups first: without it nobody but a privileged process outside may write
/// a gid map.
pub fn write(
    proc: &ProcDir,
    pid: Pid,
    user: u32,
    group: u32,
    trace: &mut Tracer,
) -> Result<(), Refused> {
    let files = [
        ("setgroups", "deny".to_owned()),
        ("uid_map", format!("0 {user} 1")),
        ("gid_map", format!("0 {group} 1")),
    ];
    for (file, content) in files {
        let path = format!("{pid}/{file}");
        let call = format!("write(/proc/{path}, \"{content}\")");
        trace.step(call, || proc.write(&path, &content))?;
    }
    Ok(())
}

/// The same through the `/proc` that is mounted now.
pub fn write_here(pid: Pid, user: u32, group: u32, trace: &mut Tracer) -> Result<(), Refused> {
    let proc = trace.quiet_step("open(/proc, O_PATH|O_DIRECTORY)", ProcDir::open)?;
    write(&proc, pid, user, group, trace)
}
