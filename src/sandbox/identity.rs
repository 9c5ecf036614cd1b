//! The user and group of the lab's processes on the machine.
//!
//! An ordinary user's lab runs as that user. Root's lab must not run as uid 0: in any
//! namespace, that id passes the owner checks of disks, `/proc/sys` and every file of root's. It runs
//! as an id that nobody has.

use std::fmt;
use std::str::FromStr;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::{
    AccessFlags, Gid, Uid, faccessat, getegid, geteuid, setgroups, setresgid, setresuid,
};

use super::call::Call;
use super::ids::{UNASSIGNED, free_id};
use super::trace::{Refused, Tracer};

/// The ids that uid 0 and gid 0 of the lab are on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LabIdentity {
    pub(super) uid: Uid,
    pub(super) gid: Gid,
}

impl LabIdentity {
    /// The identity of the user who started nslab, root or not.
    pub(crate) fn ours() -> Self {
        Self {
            uid: geteuid(),
            gid: getegid(),
        }
    }

    /// Chooses the identity for the user who started nslab.
    pub(crate) fn choose() -> Self {
        let own = Self::ours();
        if !Self::must_change() {
            return own;
        }
        // Root of a user namespace with a single id can become nobody else. If it is an ordinary user outside, the
        // lab may run as that user. If it is the machine's root, an id is chosen that isn't mapped: the kernel
        // refuses it later, and there is no lab.
        let id = free_id().or_else(|| is_the_machines_root().then_some(UNASSIGNED.start));
        id.map_or(own, |id| Self {
            uid: Uid::from_raw(id),
            gid: Gid::from_raw(id),
        })
    }

    /// Whether the lab is to run as somebody else than the user who started nslab.
    pub(super) fn must_change() -> bool {
        geteuid().is_root() || is_the_machines_root()
    }

    /// Whether taking this identity changes that of the calling process.
    pub(crate) fn differs_from_ours(self) -> bool {
        geteuid() != self.uid
    }

    /// Takes this identity, irrevocably, unless the process has it already.
    pub(crate) fn assume(self, trace: &mut Tracer) -> Result<(), Refused> {
        if !self.differs_from_ours() {
            return Ok(());
        }
        let call = Call::BecomeUser {
            uid: self.uid.as_raw(),
            gid: self.gid.as_raw(),
        };
        trace.step(call, || self.become_quietly())
    }

    /// Takes this identity without reporting it: for watchers, which belong to no launch.
    pub(crate) fn become_quietly(self) -> nix::Result<()> {
        if !self.differs_from_ours() {
            return Ok(());
        }
        setgroups(&[])?;
        setresgid(self.gid, self.gid, self.gid)?;
        setresuid(self.uid, self.uid, self.uid)
    }
}

/// Whether this process is the machine's root, with any id in its user namespace. Only the machine's root may
/// write the sysctl `kernel.panic`, and no capability helps: test_perm() in the kernel's proc_sysctl.c. EROFS is a
/// yes too: the kernel checks the owner first, so only a process that may write gets the answer that `/proc/sys` is
/// read-only.
fn is_the_machines_root() -> bool {
    let sysctl = "/proc/sys/kernel/panic";
    let answer = faccessat(AT_FDCWD, sysctl, AccessFlags::W_OK, AtFlags::AT_EACCESS);
    match answer {
        Ok(()) => true,
        // If the whole /proc is read-only, everybody gets EROFS. Then no map can be written there either.
        Err(Errno::EROFS) => {
            statvfs("/proc").is_ok_and(|it| !it.flags().contains(FsFlags::ST_RDONLY))
        }
        Err(_) => false,
    }
}

/// `UID:GID`, as a helper's argument.
impl fmt::Display for LabIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.uid, self.gid)
    }
}

impl FromStr for LabIdentity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once(':').and_then(|(uid, gid)| {
            Some(Self {
                uid: Uid::from_raw(uid.parse().ok()?),
                gid: Gid::from_raw(gid.parse().ok()?),
            })
        });
        parsed.ok_or_else(|| format!("'{text}' is not UID:GID"))
    }
}
