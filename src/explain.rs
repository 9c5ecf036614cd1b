//! What a refusal means: what refused, why, and what helps.

use nix::errno::Errno;

use crate::sandbox::channel::Shortfall;
use crate::sandbox::{LabHost, Step};

/// A sentence for a step that the kernel refused.
pub fn refusal(step: &Step) -> String {
    let errno = step.errno.map_or(Errno::UnknownErrno, Errno::from_raw);
    let why = reason(&step.call, errno);
    format!("{}: {}. {why}", step.call, errno.desc())
}

/// What this machine couldn't give a lab host that came to be all the same, in a sentence.
pub fn note(lab: &LabHost) -> Option<String> {
    let parts: Vec<_> = lab
        .shortfalls()
        .iter()
        .map(|shortfall| missing(*shortfall))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn missing(shortfall: Shortfall) -> &'static str {
    match shortfall {
        Shortfall::Proc => {
            "Parts of this machine's /proc are masked, so the lab host could not mount one of its \
             own and shows the machine's."
        }
        Shortfall::Sysfs => "No sysfs could be mounted: /sys is empty in the lab host.",
        Shortfall::Veth => "This kernel has no veth: the lab host's only interface is lo.",
        Shortfall::Mqueue => "This kernel has no POSIX message queues to show in /dev/mqueue.",
    }
}

fn reason(call: &str, errno: Errno) -> &'static str {
    let of = |name: &str| call.starts_with(name);
    match errno {
        Errno::EPERM if of("unshare(CLONE_NEWUSER") => {
            "This machine doesn't let you make user namespaces: a chroot, a container's seccomp \
             filter or the sysctl kernel.unprivileged_userns_clone refuses it. Leave the chroot, \
             start the container with --security-opt seccomp=unconfined, or set that sysctl to 1."
        }
        Errno::ENOSPC if of("unshare") || of("clone") => {
            "That is no full disk: a limit in /proc/sys/user/max_*_namespaces is reached, or \
             namespaces are nested 32 levels deep. Raise the limit, or go up a level."
        }
        Errno::EINVAL if of("unshare(CLONE_NEWTIME") => {
            "This kernel has no time namespaces (it was built without CONFIG_TIME_NS)."
        }
        Errno::EINVAL if of("unshare") || of("clone") => {
            "This kernel was built without one of these kinds of namespaces."
        }
        Errno::EPERM | Errno::EACCES if of("write(/proc") || of("mount") => {
            "The namespace was made, but without its capabilities. On Ubuntu 23.10 and later that \
             is AppArmor: `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0` lifts it \
             for the whole machine until the next boot."
        }
        Errno::EPERM if of("clone") || of("unshare") => {
            "This needs CAP_SYS_ADMIN in the user namespace it is asked from."
        }
        Errno::EACCES if of("write(/proc/self/timens_offsets") => {
            "Someone has entered the time namespace already; its offsets are fixed from then on."
        }
        Errno::ENOSYS => {
            "This kernel, or a seccomp filter, doesn't know the call; Linux 5.12 does."
        }
        Errno::ENOENT if of("execve") => "There is no such program in the lab host.",
        Errno::EACCES if of("execve") => "It is there, but it may not be executed.",
        Errno::EAGAIN if of("clone") || of("fork") => {
            "The lab may have 1024 processes; end some of them."
        }
        _ => "The steps before it worked; errno(3) tells what the number means.",
    }
}
