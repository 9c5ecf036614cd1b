{% set status %}
match waitpid(pid, None)? {
        WaitStatus::Exited(_, status) => status,
        WaitStatus::Signaled(_, signal, _) => 128 + signal as i32,
        _ => 125,
    }
{%- endset %}
//! The container that `nslab code --lang rust {{ arguments }}` is about.
//!
//! cargo add nix --features {{ features }}
{% if join %}
//!
//! Run with a pid: that of a process of the container that is joined.
{% endif %}

{% if keeps_proc %}
use std::fs::File;
{% endif %}
{% if own_root %}
use std::fs::{self, Permissions};
{% endif %}
{% if maps and not forks %}
use std::io::{Read, {{ "Write, " if keeps_proc else "" }}pipe};
{% elif keeps_proc %}
use std::io::Write;
{% endif %}
{% if join %}
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
{% endif %}
{% if own_root and others %}
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
{% elif own_root %}
use std::os::unix::fs::{PermissionsExt, symlink};
{% elif others %}
use std::os::unix::fs::MetadataExt;
{% endif %}
use std::os::unix::process::CommandExt;
{% if own_root %}
use std::path::Path;
{% endif %}
use std::process::Command;

{% if join %}
use nix::errno::Errno;
{% endif %}
{% if keeps_proc %}
use nix::fcntl::{OFlag, openat};
{% endif %}
{% if join %}
use nix::libc::{SYS_pidfd_open, syscall};
{% endif %}
{% if own_root %}
use nix::mount::{MntFlags, MsFlags, mount, umount2};
{% elif mounts %}
use nix::mount::{MsFlags, mount};
{% endif %}
use nix::sched::{{ sched }};
use nix::sys::signal::Signal;
{% if keeps_proc %}
use nix::sys::stat::Mode;
{% endif %}
use nix::sys::wait::{WaitStatus, waitpid};
{% if unistd %}
use nix::unistd::{{ unistd }};
{% endif %}

{% if time or joins_time %}
const CLONE_NEWTIME: CloneFlags = CloneFlags::from_bits_retain(0x80);

{% endif %}
{% if keeps_proc %}
/// Writes below /proc as it is out here: in the mount namespace that is joined it may be another.
fn write(proc: &File, path: &str, text: &str) -> std::io::Result<()> {
    let file = openat(proc, path, OFlag::O_WRONLY, Mode::empty())?;
    File::from(file).write_all(text.as_bytes())
}

{% endif %}
{% if others %}
/// The flag of a kind, if the process has another namespace of it than we: to join our own once
/// more may be refused.
fn other(pid: i32, name: &str, flag: CloneFlags) -> std::io::Result<CloneFlags> {
    let Ok(ours) = std::fs::metadata(format!("/proc/self/ns/{name}")) else {
        // The kernel has no such kind.
        return Ok(CloneFlags::empty());
    };
    let its = std::fs::metadata(format!("/proc/{pid}/ns/{name}"))?;
    let same = (ours.dev(), ours.ino()) == (its.dev(), its.ino());
    Ok(if same { CloneFlags::empty() } else { flag })
}

{% endif %}
{% if own_root %}
/// A small root, made of what there is.
fn own_root() -> std::io::Result<()> {
    const NAMES: [&str; 12] = [
        "usr", "etc", "opt", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "dev", "proc", "sys",
    ];
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("tmpfs"), "/tmp", Some("tmpfs"), flags, Some("mode=755"))?;
    std::env::set_current_dir("/tmp")?;
    for name in NAMES {
        let (old, none) = (Path::new("/").join(name), None::<&str>);
        // A directory, or the link that stands in its place.
        if let Ok(destination) = fs::read_link(&old) {
            symlink(destination, name)?;
        } else if old.is_dir() {
            fs::create_dir(name)?;
            mount(Some(&old), name, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)?;
        }
    }
    for (name, mode) in [("tmp", 0o1777), ("root", 0o700)] {
        fs::create_dir(name)?;
        fs::set_permissions(name, Permissions::from_mode(mode))?;
    }
    // The old root lands on top of the new one, and is taken off from there.
    pivot_root(".", ".")?;
    umount2(".", MntFlags::MNT_DETACH)?;
    std::env::set_current_dir("/")
}

{% endif %}
{% if mounts %}
fn mounts() -> std::io::Result<()> {
{% if propagation or options.proc == "fresh" %}
    let none = None::<&str>;
{% endif %}
{% if propagation == "MS_PRIVATE" %}
    // What is mounted from here on stays on its side.
{% elif propagation == "MS_SHARED" %}
    // What is mounted from here on is mounted in every copy of these mounts.
{% elif propagation %}
    // What is mounted outside is mounted in here too, and not the other way.
{% endif %}
{% if propagation %}
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::{{ propagation }}, none)?;
{% endif %}
{% if own_root %}
    own_root()?;
{% endif %}
{% if options.proc == "fresh" %}
    // A new proc shows the PID namespace of whoever mounts it.
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("proc"), "/proc", Some("proc"), flags, none)?;
{% endif %}
{% if shared_last %}
    // What is mounted from here on is mounted in every copy of these mounts.
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_SHARED, none)?;
{% endif %}
    Ok(())
}

{% endif %}
{% if forks %}
fn status_of(pid: Pid) -> nix::Result<i32> {
    Ok({{ status }})
}

{% endif %}
fn main() -> Result<(), Box<dyn std::error::Error>> {
{% if join %}
    let pid: i32 = std::env::args().nth(1).ok_or("which pid?")?.parse()?;
{% if keeps_proc %}
    let proc = File::open("/proc")?;
{% endif %}
    // SAFETY: what pidfd_open returns is a descriptor that nobody else has.
    let process = unsafe {
        let fd = Errno::result(syscall(SYS_pidfd_open, pid, 0))?;
        OwnedFd::from_raw_fd(RawFd::try_from(fd)?)
    };
    // Into namespaces of that process.
{% if joined_flags %}
    let {{ "mut " if others else "" }}joined = CloneFlags::{{ joined_flags | join(" | CloneFlags::") }};
{% else %}
    let mut joined = CloneFlags::empty();
{% endif %}
{% for kind in others %}
    joined |= other(pid, "{{ kind.name }}", {{ "" if kind.name == "time" else "CloneFlags::" }}{{ kind.flag }})?;
{% endfor %}
{% if joined_flags %}
    setns(process, joined)?;
{% else %}
    if !joined.is_empty() {
        setns(process, joined)?;
    }
{% endif %}
{% if forks %}
    // Only children are in a PID namespace that was joined, and only who is in it can make one
    // below it.
    // SAFETY: this process has one thread.
    if let ForkResult::Parent { child } = unsafe { fork()? } {
        std::process::exit(status_of(child)?);
    }
{% endif %}
{% endif %}
{% if time %}
    // clone() can't make a time namespace: the bit lies in its exit signal. Made here, for
    // children; the offsets are fixed as soon as one is in it.{% if user %}

    // This needs root, as in the lab host; others first unshare CLONE_NEWUSER and map it.{% endif %}

    unshare(CLONE_NEWTIME)?;
    let offsets = "monotonic {{ options.offset }} 0\nboottime {{ options.offset }} 0\n";
{% if keeps_proc %}
    write(&proc, "self/timens_offsets", offsets)?;
{% else %}
    std::fs::write("/proc/self/timens_offsets", offsets)?;
{% endif %}
{% endif %}
{% if clone_flags %}
    let flags = CloneFlags::{{ clone_flags | join(" | CloneFlags::") }};
{% else %}
    let flags = CloneFlags::empty();
{% endif %}
{% if maps and forks %}
    // uid 0 and gid 0 in there are whoever we are out here.
    let (uid_map, gid_map) = (format!("0 {} 1", geteuid()), format!("0 {} 1", getegid()));
{% elif maps %}
    // Closed when the maps are written.
    let (mut gate, opener) = pipe()?;
    let mut opener = Some(opener);
{% endif %}
    // What the new process does: become a shell.
    let child = || {
{% if maps and forks %}
        // Without a map we would be nobody, and exec would take every capability. Not written
        // from outside: the pid that clone() returns is not what /proc calls us.
        let maps = [("setgroups", "deny"), ("uid_map", &uid_map), ("gid_map", &gid_map)];
        for (file, map) in maps {
{% if keeps_proc %}
            if let Err(error) = write(&proc, &format!("self/{file}"), map) {
{% else %}
            if let Err(error) = std::fs::write(format!("/proc/self/{file}"), map) {
{% endif %}
                eprintln!("{file}: {error}");
                return 125;
            }
        }
{% elif maps %}
        // Without a map we would be nobody, and exec would take every capability.
        drop(opener.take());
        let _ = gate.read(&mut [0]);
{% endif %}
{% if uts %}
        // The name lies in the new UTS namespace: nobody outside sees it.
        if let Err(errno) = sethostname("{{ options.hostname }}") {
            eprintln!("sethostname: {errno}");
            return 125;
        }
{% if options.domainname %}
        let domain = "{{ options.domainname }}";
        // SAFETY: the kernel reads as many bytes as `domain` has.
        if unsafe { nix::libc::setdomainname(domain.as_ptr().cast(), domain.len()) } == -1 {
            eprintln!("setdomainname: {}", nix::errno::Errno::last());
            return 125;
        }
{% endif %}
{% endif %}
{% if mounts %}
        if let Err(error) = mounts() {
            eprintln!("mounts: {error}");
            return 125;
        }
{% endif %}
{% if user and not maps %}
        // Without a map we are nobody in here, and exec takes every capability.
{% endif %}
        eprintln!("exec: {}", Command::new("{{ shell }}").exec());
        125
    };
    let mut stack = vec![0; 1024 * 1024];
    // SAFETY: this process has one thread, and without CLONE_VM the child has a copy of its memory.
    let pid = unsafe { clone(Box::new(child), &mut stack, flags, Some(Signal::SIGCHLD as i32))? };
{% if maps and not forks %}
    // uid 0 and gid 0 in there are whoever we are out here.
{% if keeps_proc %}
    write(&proc, &format!("{pid}/setgroups"), "deny")?;
    write(&proc, &format!("{pid}/uid_map"), &format!("0 {} 1", geteuid()))?;
    write(&proc, &format!("{pid}/gid_map"), &format!("0 {} 1", getegid()))?;
{% else %}
    std::fs::write(format!("/proc/{pid}/setgroups"), "deny")?;
    std::fs::write(format!("/proc/{pid}/uid_map"), format!("0 {} 1", geteuid()))?;
    std::fs::write(format!("/proc/{pid}/gid_map"), format!("0 {} 1", getegid()))?;
{% endif %}
    drop(opener);
{% endif %}
{% if forks %}
    std::process::exit(status_of(pid)?)
{% else %}
    std::process::exit({{ status }})
{% endif %}
}
