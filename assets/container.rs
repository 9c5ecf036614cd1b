//! The container that `nslab code --lang rust --flags {{ flags }}` is about.
//!
//! cargo add nix --features {{ features }}

{% if user %}use std::io::{Read, pipe};
{% endif %}use std::os::unix::process::CommandExt;
use std::process::Command;

{% if time or clone_flags %}use nix::sched::{CloneFlags, clone{% if time %}, unshare{% endif %}};
{% else %}use nix::sched::{CloneFlags, clone};
{% endif %}use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
{% if user and uts %}use nix::unistd::{getegid, geteuid, sethostname};
{% elif user %}use nix::unistd::{getegid, geteuid};
{% elif uts %}use nix::unistd::sethostname;
{% endif %}
fn main() -> Result<(), Box<dyn std::error::Error>> {
{% if time %}    // clone() can't make a time namespace: the bit lies in its exit signal. Made here, for
    // children; the offsets are fixed as soon as one is in it.{% if user %}
    // It takes root, as in the lab host; others unshare and map CLONE_NEWUSER before.{% endif %}
    const CLONE_NEWTIME: i32 = 0x80;
    unshare(CloneFlags::from_bits_retain(CLONE_NEWTIME))?;
    let offsets = "monotonic 86400 0\nboottime 86400 0\n";
    std::fs::write("/proc/self/timens_offsets", offsets)?;
{% endif %}    let flags = {% if clone_flags %}{% for name in clone_flags %}{% if not loop.first %} | {% endif %}CloneFlags::{{ name }}{% endfor %}{% else %}CloneFlags::empty(){% endif %};
{% if user %}    // Closed when the maps are written.
    let (mut gate, opener) = pipe()?;
    let mut opener = Some(opener);
{% endif %}    // What the new process does: become a shell.
    let child = || {
{% if user %}        // Without a map we would be nobody, and exec would take every capability.
        drop(opener.take());
        let _ = gate.read(&mut [0]);
{% endif %}{% if uts %}        // The name lies in the new UTS namespace: nobody outside sees it.
        if let Err(errno) = sethostname("container") {
            eprintln!("sethostname: {errno}");
            return 125;
        }
{% endif %}        eprintln!("exec: {}", Command::new("{{ shell }}").exec());
        125
    };
    let mut stack = vec![0; 1024 * 1024];
    // SAFETY: this process has one thread, and without CLONE_VM the child has a copy of its memory.
    let pid = unsafe { clone(Box::new(child), &mut stack, flags, Some(Signal::SIGCHLD as i32))? };
{% if user %}    // uid 0 and gid 0 in there are whoever we are out here.
    std::fs::write(format!("/proc/{pid}/setgroups"), "deny")?;
    std::fs::write(format!("/proc/{pid}/uid_map"), format!("0 {} 1", geteuid()))?;
    std::fs::write(format!("/proc/{pid}/gid_map"), format!("0 {} 1", getegid()))?;
    drop(opener);
{% endif %}    std::process::exit(match waitpid(pid, None)? {
        WaitStatus::Exited(_, status) => status,
        WaitStatus::Signaled(_, signal, _) => 128 + signal as i32,
        _ => 125,
    })
}
