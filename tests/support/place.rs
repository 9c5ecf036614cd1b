//! What the place where the tests run refuses to everybody, as a container's engine does.
//!
//! Found by util-linux and the kernel's own files, never by asking nslab, whose faults would hide
//! themselves. A test names in its first line all that it needs and a container with an engine's default
//! options refuses: `needs!(Hostname, Proc);`.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex};

use super::{As, is_root, skip, stderr};

/// What a place may refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A user namespace with mounts. A lab takes it.
    Lab,
    /// A hostname of a UTS namespace. Filters of engines refuse sethostname(2).
    Hostname,
    /// A new proc. Where an engine masks files of /proc, the kernel refuses it.
    Proc,
    /// A new sysfs. Where an engine masks or locks /sys, the kernel refuses it.
    Sysfs,
    /// A bind mount whose flags can be changed. Those of an engine's root may be locked.
    Binds,
    /// Sysctls that can be written. Engines make /proc/sys read-only.
    Sysctls,
    /// Root has the capabilities that concern namespaces and other processes. Engines drop them.
    Capabilities,
    /// Keys and keyrings. Filters of engines refuse add_key(2).
    Keys,
    /// No filter of system calls.
    NoFilter,
    /// Calls by the numbers of the x32 ABI return. libseccomp kills a program for them, where a profile doesn't
    /// name that ABI.
    X32,
}

/// CAP_NET_ADMIN, CAP_SYS_PTRACE and CAP_SYS_ADMIN; `<linux/capability.h>`.
const CAPABILITIES: u64 = (1 << 12) | (1 << 19) | (1 << 21);

impl Need {
    /// What refuses it here, if anything does.
    fn refusal(self) -> Option<String> {
        let script = match self {
            Need::Lab => "unshare -Urm true",
            Need::Hostname => "unshare -Uru hostname place",
            Need::Proc => "unshare -Urmpf --mount-proc true",
            Need::Sysfs => "unshare -Urmn mount -t sysfs sysfs /sys",
            // getpid(2).
            Need::X32 => "perl -e 'syscall(0x40000027)'",
            Need::Binds => "unshare -Urm mount -o bind,ro /usr /mnt",
            Need::Sysctls => "unshare -Ur sh -c 'echo 9 >/proc/sys/user/max_net_namespaces'",
            Need::Keys => "keyctl session - keyctl add user place place @s",
            Need::Capabilities => {
                let effective = status("CapEff:");
                let effective = u64::from_str_radix(&effective, 16).unwrap();
                let lacks = is_root() && effective & CAPABILITIES != CAPABILITIES;
                return lacks.then(|| format!("root has only the capabilities {effective:#x}"));
            }
            Need::NoFilter => {
                let filters = status("Seccomp:");
                return (filters != "0").then(|| format!("a seccomp filter (mode {filters})"));
            }
        };
        As::all()
            .into_iter()
            .find_map(|who| refused(who, script).map(|why| format!("{script}, {who:?}: {why}")))
    }
}

/// The value of a line of this process's status; proc_pid_status(5).
fn status(key: &str) -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let value = status.lines().find_map(|line| line.strip_prefix(key));
    value.unwrap().trim().to_owned()
}

/// What the script says where it fails.
fn refused(who: As, script: &str) -> Option<String> {
    let mut words = who.prefix();
    words.extend(["sh", "-c", script].map(str::to_owned));
    let output = Command::new(&words[0])
        .args(&words[1..])
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (!output.status.success()).then(|| stderr(&output).trim().to_owned())
}

/// The findings so far: each need is checked only once.
static FOUND: LazyLock<Mutex<Findings>> = LazyLock::new(Mutex::default);

/// Each checked need, and why this place refuses it, if it does.
type Findings = Vec<(Need, Option<String>)>;

/// Whether this place refuses one of these. If so, says which and how.
pub fn refuses(needs: &[Need]) -> bool {
    let mut found = FOUND.lock().unwrap();
    for &need in needs {
        if !found.iter().any(|(known, _)| *known == need) {
            found.push((need, need.refusal()));
        }
        let known = found.iter().find(|(known, _)| *known == need);
        if let Some(why) = known.and_then(|(_, why)| why.clone()) {
            drop(found);
            skip(&format!(
                "this place refuses what it needs, {need:?}: {why}"
            ));
            return true;
        }
    }
    false
}

/// Ends a test, with the reason, where this place refuses one of these [`Need`]s.
macro_rules! needs {
    ($($need:ident),+) => {
        if $crate::support::place::refuses(&[$($crate::support::place::Need::$need),+]) {
            return;
        }
    };
}
pub(crate) use needs;
