//! User and group id maps; user_namespaces(7).

use std::fs;

use nix::unistd::Pid;

use super::trace::{Refused, Tracer, errno};

/// Maps id 0 of the process's new user namespace to one id outside of it.
///
/// `deny` goes into setgroups first: without it nobody but a privileged process outside may write
/// a gid map.
pub fn write(pid: Pid, user: u32, group: u32, trace: &mut Tracer) -> Result<(), Refused> {
    let files = [
        ("setgroups", "deny".to_owned()),
        ("uid_map", format!("0 {user} 1")),
        ("gid_map", format!("0 {group} 1")),
    ];
    for (file, content) in files {
        let path = format!("/proc/{pid}/{file}");
        let call = format!("write({path}, \"{content}\")");
        trace.step(call, || {
            fs::write(&path, &content)
                .map(|()| content.len())
                .map_err(|error| errno(&error))
        })?;
    }
    Ok(())
}
