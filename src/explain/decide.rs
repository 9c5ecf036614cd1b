//! Decides which gate refused, from the operation, the errno and the facts.
//!
//! Facts decide; if they are unknown, the operation and the errno alone. Where it matters,
//! questions come in the order of the kernel's own checks.

use std::path::Path;

use nix::errno::Errno;

use super::{Explanation, Gate, Operation, Remedy, Sysctl, Who};
use crate::facts::{
    ALL_CAPABILITIES, CAP_CHOWN, CAP_KILL, CAP_NET_ADMIN, CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN,
    CAP_SYS_TIME, Container, Facts, Keys, Location, ProcView, Seccomp,
};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::IdMap;

/// The signal by which a seccomp filter kills a process; signal(7).
const SIGSYS: i32 = 31;
/// The oldest kernel that has all calls of nslab.
const OLDEST_KERNEL: (u32, u32) = (5, 12);
/// How many levels of user namespaces the kernel makes below the first. user_namespaces(7) says 32;
/// create_user_ns() counts from 0 and lets one more through.
const LEVELS: u32 = 33;

/// Explains why an operation failed with this errno, on a machine with these facts.
pub fn explain(operation: Operation, errno: Errno, facts: &Facts) -> Explanation {
    let case = Case { errno, facts };
    let gate = match operation {
        Operation::New(kinds) => case.new_namespaces(kinds),
        Operation::WriteMap(map) => case.write_map(map),
        Operation::MapRoot => case.map_root(),
        Operation::MapOfNew => case.map_of_new(),
        Operation::MapRange => Some(Gate::SubordinateIds),
        Operation::WriteRange => case.denied().then_some(Gate::RangeNotMapped),
        Operation::FindProcess => Some(case.read_proc(Gate::NoProcess)),
        Operation::SetGroups => case.denied().then_some(Gate::SetgroupsDenied),
        Operation::ChangeId => case.change_id(),
        Operation::EnterAsRoot => case.enter_as_root(),
        Operation::Join(kind) => case.join(kind),
        Operation::BecomeUser => case.become_user(),
        Operation::Kill => case.lacks(CAP_KILL, "CAP_KILL"),
        Operation::WriteOffsets => case.write_offsets(),
        Operation::MountProc => case.mount_proc(),
        Operation::MountView(kind) => case.mount_view(kind),
        Operation::Reveal => Some(Gate::MaskedProc(case.masked())),
        Operation::MountDevice => case
            .mount()
            .or_else(|| case.unless_first(Gate::BlockDevice)),
        Operation::Bind => case.bind(),
        Operation::Remount => case.remount(),
        Operation::RemountPlace => case.remount_place(),
        Operation::Umount => case.umount(),
        Operation::Mount => case.mount().or_else(|| case.root_of_the_lab()),
        Operation::LoUp => case.change_in(Namespace::Net, CAP_NET_ADMIN, "CAP_NET_ADMIN"),
        Operation::Veth => case.veth(),
        Operation::SetHostname => case.change_in(Namespace::Uts, CAP_SYS_ADMIN, "CAP_SYS_ADMIN"),
        Operation::WriteHostname => case.denied().then_some(Gate::HostnameFile),
        Operation::WriteSysctl => case.write_sysctl(),
        Operation::Chown => case.chown(),
        Operation::TakeTerminal => case.take_terminal(),
        Operation::Fork(who) => case.fork(who),
        Operation::PivotRoot => case.pivot_root(),
        Operation::NamespaceLink => case.denied().then_some(Gate::PtraceAccess),
        Operation::LookupSelf => Some(case.read_proc(Gate::ForeignProc)),
        Operation::ReadProc => Some(case.read_proc(Gate::LeakedProc)),
        Operation::Exec => case.exec(),
        Operation::LabTerminal => case.lab_terminal(),
        Operation::ProgramInMemory => case.program_in_memory(),
        Operation::ForbidCgroups => Some(Gate::OuterCgroup),
        Operation::Killed(signal) => (signal == SIGSYS).then_some(Gate::Seccomp),
        Operation::ChildKilled => Some(Gate::ChildKilled),
        Operation::ForkExec => case.fork_exec(),
        Operation::MakeNode => case.unless_first(Gate::DeviceNode),
        Operation::SetClock => case.unless_first(Gate::Clock),
        Operation::OpenTun => Some(Gate::NoTun),
        Operation::ChangeFile => case.change_file(),
        Operation::InstallPackage => case.unless_first(Gate::MachinePrograms),
        Operation::ChangeCgroup => case.change_cgroup(),
        Operation::OpenLimit => case.open_limit(),
        Operation::TrustedOverlay => case
            .mount()
            .or_else(|| case.unless_first(Gate::TrustedAttributes)),
        Operation::ReachOut => case.unless_first(Gate::NoWayOut),
        Operation::AskSystemd => case.unless_first(Gate::NoSystemd),
        Operation::OpenFile | Operation::Reach => None,
        Operation::CheckPassword => case.unless_first(Gate::NoSetUserId),
        Operation::Unnamed => case.root_of_the_lab(),
        Operation::UnnamedNetwork => case
            .belongs_to_others(Namespace::Net)
            .or_else(|| case.lacks(CAP_NET_ADMIN, "CAP_NET_ADMIN"))
            .or_else(|| case.root_of_the_lab()),
        Operation::JoinKeyring if errno == Errno::EDQUOT => Some(Gate::KeyQuota(facts.keys)),
        Operation::OpenOurselves if errno == Errno::EACCES => Some(Gate::UnreadableOurselves),
        Operation::JoinKeyring | Operation::OpenOurselves | Operation::Other => case.other(),
    };
    let gate = gate.unwrap_or(match errno {
        Errno::ENOSYS => case.unknown_call(),
        Errno::EMFILE | Errno::ENFILE => Gate::OpenFiles,
        Errno::EFBIG => Gate::FileSize,
        Errno::ENOMEM => Gate::Memory,
        Errno::EOVERFLOW => Gate::NoOwner,
        _ => Gate::Unknown,
    });
    let remedies = remedies(&gate, facts);
    Explanation { gate, remedies }
}

/// A refusal, with the facts that decide why.
struct Case<'a> {
    errno: Errno,
    facts: &'a Facts,
}

impl Case<'_> {
    fn denied(&self) -> bool {
        matches!(self.errno, Errno::EPERM | Errno::EACCES)
    }

    /// A call that any process may make.
    fn other(&self) -> Option<Gate> {
        if self.errno == Errno::EAGAIN {
            return Some(Gate::ProcessLimit);
        }
        self.denied()
            .then(|| self.confined().or_else(|| self.filtered()))?
    }

    /// ENOSYS comes from a kernel without the call, or from a filter. If the kernel has the call, it was a filter.
    fn unknown_call(&self) -> Gate {
        let new = self.facts.version().is_some_and(|it| it >= OLDEST_KERNEL);
        self.filtered().filter(|_| new).unwrap_or(Gate::UnknownCall)
    }

    fn filtered(&self) -> Option<Gate> {
        let on = matches!(self.facts.seccomp, Some(Seccomp::Filter | Seccomp::Strict));
        on.then_some(Gate::Seccomp)
    }

    /// Seccomp, unless this process is in a lab that was made with these kinds: the calls that made it passed the
    /// filter.
    fn filtered_in_making(&self, kinds: NamespaceSet) -> Option<Gate> {
        match self.facts.place {
            Location::Lab { made, .. } if kinds.iter().all(|kind| made.contains(kind)) => None,
            Location::Lab { .. } | Location::Outside => self.filtered(),
        }
    }

    /// Ubuntu's rule for user namespaces: one can't be made, or is made without usable
    /// capabilities, which the process's label shows.
    fn restricted(&self, making: bool) -> Option<Gate> {
        let facts = self.facts;
        let rule = facts.apparmor_restricts == Some(true);
        let capable = making && facts.capable(CAP_SYS_ADMIN) == Some(true);
        let restricted = match facts.apparmor_label.as_deref() {
            Some(label) if label.starts_with("unprivileged_userns") => true,
            Some("unconfined") => making && rule && !capable,
            Some(_) => false,
            None => rule && !capable,
        };
        restricted.then_some(Gate::ApparmorUserns)
    }

    fn confined(&self) -> Option<Gate> {
        let label = self.facts.apparmor_label.as_deref()?;
        let free = label == "unconfined" || label.ends_with("(unconfined)");
        (!free).then(|| Gate::ApparmorProfile(label.to_owned()))
    }

    /// A missing capability, and whether an exec dropped it.
    fn lacks(&self, capability: u8, name: &'static str) -> Option<Gate> {
        let facts = self.facts;
        if facts.capable(capability)? {
            return None;
        }
        let bare = facts.capabilities == Some(0) && facts.initial_user_namespace == Some(false);
        if bare && (facts.euid == Some(0) || facts.mapped == Some(false)) {
            return Some(Gate::LostAtExec);
        }
        Some(Gate::Capability(name))
    }

    fn belongs_to_others(&self, kind: Namespace) -> Option<Gate> {
        (self.facts.owned.get(&kind) == Some(&false)).then_some(Gate::Owner(kind))
    }

    fn new_namespaces(&self, kinds: NamespaceSet) -> Option<Gate> {
        match self.errno {
            Errno::EPERM | Errno::EACCES if kinds.contains(Namespace::User) => self.new_user(kinds),
            Errno::EPERM | Errno::EACCES => self.new_by_root(kinds),
            Errno::ENOSPC | Errno::EUSERS => Some(self.limit(kinds)),
            Errno::EINVAL => self.invalid(kinds),
            Errno::ENOMEM => Some(Gate::FirstChildEnded),
            Errno::EAGAIN => Some(Gate::ProcessLimit),
            _ => None,
        }
    }

    fn new_user(&self, kinds: NamespaceSet) -> Option<Gate> {
        let facts = self.facts;
        if facts.chroot == Some(true) {
            return Some(Gate::Chroot);
        }
        if facts.unprivileged_userns_clone == Some(false)
            && facts.capable(CAP_SYS_ADMIN) != Some(true)
        {
            return Some(Gate::Sysctl(Sysctl::UnprivilegedUsernsClone));
        }
        if facts.mapped == Some(false) {
            return Some(Gate::NoIdOfItsOwn);
        }
        self.restricted(true)
            .or_else(|| self.filtered_in_making(kinds))
            .or_else(|| self.chroot_by_elimination(kinds))
    }

    /// A chroot onto a mount in one's own mount namespace can't be detected. But the kernel has no
    /// other reason for EPERM here, and security modules answer EACCES.
    fn chroot_by_elimination(&self, kinds: NamespaceSet) -> Option<Gate> {
        let facts = self.facts;
        let nothing_else = facts.mapped == Some(true)
            && facts.seccomp.is_some()
            && self.filtered_in_making(kinds).is_none()
            && facts.chroot.is_none();
        (self.errno == Errno::EPERM && nothing_else).then_some(Gate::Chroot)
    }

    /// Why kinds other than USER can't be made: they need CAP_SYS_ADMIN.
    fn new_by_root(&self, kinds: NamespaceSet) -> Option<Gate> {
        let facts = self.facts;
        if let Some(gate) = self.restricted(false) {
            return Some(gate);
        }
        match facts.capable(CAP_SYS_ADMIN) {
            Some(true) => self.filtered_in_making(kinds).or_else(|| self.confined()),
            // Root of a container lacks the capability, and a filter refuses the call. The container options that
            // lift the filter help against both.
            Some(false)
                if facts.euid == Some(0)
                    && facts.in_container()
                    && self.filtered_in_making(kinds).is_some() =>
            {
                Some(Gate::Seccomp)
            }
            Some(false) => self.lacks(CAP_SYS_ADMIN, "CAP_SYS_ADMIN"),
            None => Some(Gate::Capability("CAP_SYS_ADMIN")),
        }
    }

    fn limit(&self, kinds: NamespaceSet) -> Gate {
        let facts = self.facts;
        if kinds.iter().any(|kind| facts.place.forbids(kind)) {
            return Gate::OuterCgroup;
        }
        let exhausted: NamespaceSet = kinds
            .iter()
            .filter(|kind| facts.limits.get(kind) == Some(&0))
            .collect();
        if !exhausted.is_empty() {
            return Gate::Limit(exhausted);
        }
        match facts.user_levels {
            Some(levels) if levels >= LEVELS && kinds.contains(Namespace::User) => Gate::Levels,
            // The number of PID namespaces above can't be seen from inside.
            Some(_) if kinds.contains(Namespace::Pid) => Gate::LimitAbove,
            Some(_) => Gate::Limit(kinds),
            None => Gate::LimitAbove,
        }
    }

    fn invalid(&self, kinds: NamespaceSet) -> Option<Gate> {
        let facts = self.facts;
        let absent = |kind: &Namespace| facts.kinds.is_some_and(|there| !there.contains(*kind));
        if let Some(kind) = kinds.iter().find(absent) {
            return Some(Gate::KernelWithout(kind));
        }
        if kinds.contains(Namespace::User) && facts.threads.is_some_and(|threads| threads > 1) {
            return Some(Gate::Threads);
        }
        let mut asked = kinds.iter();
        match (asked.next(), asked.next(), facts.kinds) {
            // With a single flag other than USER, nothing else can be wrong.
            (Some(kind), None, None) if kind != Namespace::User => Some(Gate::KernelWithout(kind)),
            _ => None,
        }
    }

    fn write_map(&self, map: IdMap) -> Option<Gate> {
        let facts = self.facts;
        if self.errno == Errno::EROFS {
            return Some(Gate::ReadOnlyProc);
        }
        self.denied().then_some(())?;
        let written = match map {
            IdMap::Uid => facts.uid_map_written,
            IdMap::Gid | IdMap::Setgroups => facts.gid_map_written,
        };
        if written == Some(true) {
            return Some(Gate::MapWritten);
        }
        if let Some(gate) = self.restricted(false) {
            return Some(gate);
        }
        // Without facts, assume the most common reason.
        if map == IdMap::Gid && facts.setgroups != Some(false) {
            return Some(Gate::SetgroupsAllowed);
        }
        (map != IdMap::Setgroups).then_some(Gate::ForeignId)
    }

    /// The rule for id 0 came with Linux 5.12; user_namespaces(7).
    fn map_root(&self) -> Option<Gate> {
        match self.write_map(IdMap::Uid) {
            Some(Gate::ForeignId) => Some(Gate::RootMapped),
            other => other,
        }
    }

    /// The program has just made this user namespace. The facts about maps are those of the namespace before, so
    /// they say nothing here.
    fn map_of_new(&self) -> Option<Gate> {
        if self.errno == Errno::EROFS {
            return Some(Gate::ReadOnlyProc);
        }
        self.denied().then_some(())?;
        self.restricted(true).or(Some(Gate::ForeignId))
    }

    fn change_id(&self) -> Option<Gate> {
        match self.errno {
            Errno::EINVAL => Some(Gate::IdNotMapped),
            Errno::EPERM => self.restricted(false).or_else(|| {
                let bare = self.facts.capabilities == Some(0);
                bare.then_some(Gate::LostAtExec)
                    .filter(|_| self.facts.mapped == Some(false))
            }),
            _ => None,
        }
    }

    fn enter_as_root(&self) -> Option<Gate> {
        match self.errno {
            Errno::EINVAL => Some(Gate::NoRootThere),
            Errno::EPERM => Some(Gate::SetgroupsDeniedThere),
            _ => None,
        }
    }

    fn join(&self, kind: Namespace) -> Option<Gate> {
        match (self.errno, kind) {
            (Errno::EINVAL, Namespace::User) => Some(Gate::AlreadyThere),
            (Errno::EINVAL, Namespace::Pid) => Some(Gate::NotBelow),
            (Errno::EPERM, _) => self
                .restricted(false)
                .or_else(|| self.filtered_in_making(NamespaceSet::EMPTY))
                .or(Some(Gate::OwnerOfJoined)),
            _ => None,
        }
    }

    fn become_user(&self) -> Option<Gate> {
        let facts = self.facts;
        // A process whose euid isn't 0 has to become another user only if it is the machine's root under another
        // number.
        let alone = facts.setgroups == Some(false) || facts.euid.is_some_and(|it| it != 0);
        if alone && self.errno == Errno::EPERM || self.errno == Errno::EINVAL {
            return Some(Gate::MachinesRoot);
        }
        self.denied().then_some(())?;
        self.lacks(CAP_SETUID, "CAP_SETUID")
            .or_else(|| self.lacks(CAP_SETGID, "CAP_SETGID"))
            .or_else(|| self.filtered())
    }

    fn write_offsets(&self) -> Option<Gate> {
        match self.errno {
            Errno::EACCES => Some(Gate::OffsetsFixed),
            Errno::EPERM => self
                .restricted(false)
                .or_else(|| self.lacks(CAP_SYS_TIME, "CAP_SYS_TIME"))
                .or(Some(Gate::Capability("CAP_SYS_TIME"))),
            _ => None,
        }
    }

    fn mount_proc(&self) -> Option<Gate> {
        self.denied().then_some(())?;
        let masked = self.masked();
        self.restricted(false)
            .or_else(|| self.lacks(CAP_SYS_ADMIN, "CAP_SYS_ADMIN"))
            .or_else(|| self.belongs_to_others(Namespace::Mnt))
            .or_else(|| self.belongs_to_others(Namespace::Pid))
            .or_else(|| (!masked.is_empty()).then_some(Gate::MaskedProc(masked)))
            .or_else(|| self.confined())
            .or_else(|| self.filtered_in_making(NamespaceSet::EMPTY))
    }

    /// sysfs shows a NET namespace, cgroup2 a CGROUP one, and the kernel asks its owner.
    fn mount_view(&self, kind: Namespace) -> Option<Gate> {
        self.denied().then_some(())?;
        let hidden = || (kind == Namespace::Net).then_some(Gate::HiddenSysfs);
        self.restricted(false)
            .or_else(|| self.lacks(CAP_SYS_ADMIN, "CAP_SYS_ADMIN"))
            .or_else(|| self.belongs_to_others(Namespace::Mnt))
            .or_else(|| self.belongs_to_others(kind))
            .or_else(|| self.confined())
            .or_else(|| self.filtered_in_making(NamespaceSet::EMPTY))
            .or_else(hidden)
    }

    fn masked(&self) -> Vec<String> {
        self.facts.masked_proc.clone().unwrap_or_default()
    }

    fn bind(&self) -> Option<Gate> {
        match self.errno {
            Errno::EINVAL => self.unless_first(Gate::LockedBelow),
            _ => self.mount(),
        }
    }

    fn umount(&self) -> Option<Gate> {
        match self.errno {
            Errno::EINVAL => self.unless_first(Gate::LockedMount),
            _ => self.mount(),
        }
    }

    fn remount(&self) -> Option<Gate> {
        self.mount().or_else(|| {
            let gate = self.denied().then_some(Gate::LockedFlag)?;
            self.unless_first(gate)
        })
    }

    /// mount(8) reads the options that the user doesn't name, such as the owner's id, from /proc/mounts.
    fn remount_place(&self) -> Option<Gate> {
        match self.errno {
            Errno::EINVAL => self.unless_first(Gate::RemountWithoutSource),
            _ => self.remount(),
        }
    }

    /// In a lab, the owner of the machine's files has no id. The kernel checks that before it checks whether the
    /// mount is read-only, and answers EACCES.
    fn change_file(&self) -> Option<Gate> {
        match self.errno {
            Errno::EROFS => Some(Gate::ReadOnlyFiles),
            Errno::EACCES => self.unless_first(Gate::ReadOnlyFiles),
            _ => None,
        }
    }

    fn change_cgroup(&self) -> Option<Gate> {
        let refused = self.denied() || self.errno == Errno::EROFS;
        refused.then(|| self.unless_first(Gate::ForeignCgroup))?
    }

    fn open_limit(&self) -> Option<Gate> {
        self.denied()
            .then(|| self.unless_first(Gate::NoController))?
    }

    fn write_sysctl(&self) -> Option<Gate> {
        match self.errno {
            Errno::EROFS => Some(Gate::ReadOnlyFiles),
            _ => self.denied().then_some(Gate::MachineSysctl),
        }
    }

    fn fork_exec(&self) -> Option<Gate> {
        match self.errno {
            Errno::ENOENT | Errno::EACCES | Errno::ENOEXEC => self.exec(),
            _ => self.new_namespaces(NamespaceSet::EMPTY),
        }
    }

    /// The gate, unless the process is in the first user namespace.
    fn unless_first(&self, gate: Gate) -> Option<Gate> {
        (self.facts.initial_user_namespace != Some(true)).then_some(gate)
    }

    /// No capability is missing here: the kernel asked for it in an outer user namespace.
    fn root_of_the_lab(&self) -> Option<Gate> {
        let facts = self.facts;
        let all = facts
            .capabilities
            .is_some_and(|mask| mask & ALL_CAPABILITIES == ALL_CAPABILITIES);
        let nested = facts.initial_user_namespace == Some(false);
        (self.errno == Errno::EPERM && all && nested).then_some(Gate::RootOfTheLab)
    }

    fn mount(&self) -> Option<Gate> {
        match self.errno {
            Errno::EPERM | Errno::EACCES => self
                .restricted(false)
                .or_else(|| self.lacks(CAP_SYS_ADMIN, "CAP_SYS_ADMIN"))
                .or_else(|| self.belongs_to_others(Namespace::Mnt))
                .or_else(|| self.confined())
                .or_else(|| self.filtered_in_making(NamespaceSet::EMPTY)),
            // A root that is not a mount can't be made private.
            Errno::EINVAL if self.facts.chroot == Some(true) => Some(Gate::Chroot),
            _ => None,
        }
    }

    fn veth(&self) -> Option<Gate> {
        match self.errno {
            Errno::EOPNOTSUPP => Some(Gate::KernelOption("CONFIG_VETH")),
            _ => self.change_in(Namespace::Net, CAP_NET_ADMIN, "CAP_NET_ADMIN"),
        }
    }

    /// A change that takes this capability in the user namespace which the kind belongs to.
    fn change_in(&self, kind: Namespace, capability: u8, name: &'static str) -> Option<Gate> {
        self.denied().then_some(())?;
        self.restricted(false)
            .or_else(|| self.belongs_to_others(kind))
            .or_else(|| self.lacks(capability, name))
            .or_else(|| self.confined())
            .or_else(|| self.filtered())
    }

    fn chown(&self) -> Option<Gate> {
        match self.errno {
            Errno::EINVAL => Some(Gate::IdNotMapped),
            Errno::EPERM => self
                .restricted(false)
                .or_else(|| self.lacks(CAP_CHOWN, "CAP_CHOWN"))
                // With the capability, the reason is that the file's owner has no id here.
                .or_else(|| self.facts.capable(CAP_CHOWN).map(|_| Gate::IdNotMapped)),
            _ => None,
        }
    }

    fn take_terminal(&self) -> Option<Gate> {
        match self.errno {
            Errno::ENOTTY | Errno::ENXIO => Some(Gate::NoTerminal),
            Errno::EPERM => Some(Gate::TerminalTaken),
            _ => None,
        }
    }

    fn fork(&self, who: Who) -> Option<Gate> {
        match (self.errno, who) {
            (Errno::ENOMEM, Who::Unsharer) => Some(Gate::FirstChildEnded),
            (Errno::ENOMEM, Who::Joiner) => Some(Gate::InitEnded),
            (Errno::EAGAIN, _) => Some(Gate::ProcessLimit),
            _ => None,
        }
    }

    fn pivot_root(&self) -> Option<Gate> {
        match self.errno {
            Errno::EBUSY => Some(Gate::SameMount),
            Errno::EINVAL => Some(Gate::NotPivotable),
            Errno::EPERM | Errno::EACCES => self.mount(),
            _ => None,
        }
    }

    /// Why a program doesn't find a process in `/proc`: the view of that `/proc` decides. If the view is not known, or
    /// is as it should be, the reason is the `usual` one.
    fn read_proc(&self, usual: Gate) -> Gate {
        match self.facts.proc {
            Some(ProcView::Foreign) => Gate::ForeignProc,
            Some(ProcView::Ended) => Gate::LeakedProc,
            Some(ProcView::Ours) | None => usual,
        }
    }

    fn exec(&self) -> Option<Gate> {
        match self.errno {
            Errno::ENOENT => Some(Gate::NoProgram),
            Errno::EACCES | Errno::EPERM | Errno::ENOEXEC => Some(Gate::NotExecutable),
            _ => None,
        }
    }

    fn lab_terminal(&self) -> Option<Gate> {
        match self.errno {
            Errno::ENOENT | Errno::EROFS | Errno::ENOTDIR | Errno::ENXIO => Some(Gate::DevChanged),
            _ => self.mount(),
        }
    }

    fn program_in_memory(&self) -> Option<Gate> {
        self.denied().then_some(())?;
        let forbidden = self.facts.memfd_noexec.is_some_and(|value| value > 1);
        let sysctl = forbidden.then_some(Gate::Sysctl(Sysctl::MemfdNoexec));
        sysctl.or_else(|| self.filtered())
    }
}

/// The remedies against a gate on this machine.
#[allow(clippy::too_many_lines, reason = "one table")]
fn remedies(gate: &Gate, facts: &Facts) -> Vec<Remedy> {
    let container = facts.in_container();
    let known = matches!(facts.container, Some(Container::Docker | Container::Podman));
    match gate {
        Gate::Capability("CAP_KILL" | "CAP_SETUID" | "CAP_SETGID") => vec![Remedy::AsOrdinaryUser],
        Gate::RootMapped => vec![Remedy::AsOrdinaryUser],
        Gate::MachinesRoot => vec![Remedy::OtherUserFirst],
        // A root of the lab has all of them, unless somebody has taken one away.
        Gate::Capability(_)
            if facts.euid == Some(0) && facts.initial_user_namespace == Some(false) =>
        {
            vec![Remedy::KeepCapability]
        }
        Gate::Capability(_) => vec![Remedy::AddUser],
        Gate::LostAtExec | Gate::NoIdOfItsOwn | Gate::NoOwner => vec![Remedy::MapBeforeExec],
        Gate::NoSetUserId if facts.mapped == Some(false) => vec![Remedy::MapBeforeExec],
        Gate::Owner(Namespace::Pid) => vec![Remedy::AddPid],
        Gate::Owner(kind) => vec![Remedy::AddKind(*kind)],
        Gate::Seccomp if container => vec![Remedy::ContainerOptions],
        Gate::Seccomp => vec![Remedy::OutsideTheFilter],
        Gate::ApparmorUserns => vec![Remedy::ApparmorProfile],
        Gate::ApparmorProfile(_) if known => vec![Remedy::ContainerApparmor],
        Gate::ApparmorProfile(_) => Vec::new(),
        Gate::Chroot => vec![Remedy::LeaveChroot],
        Gate::Sysctl(Sysctl::UnprivilegedUsernsClone) => {
            vec![Remedy::SetSysctl("kernel.unprivileged_userns_clone", "1")]
        }
        Gate::Sysctl(Sysctl::MemfdNoexec) => vec![Remedy::SetSysctl("vm.memfd_noexec", "1")],
        Gate::Limit(kinds) => kinds.iter().map(Remedy::RaiseLimit).collect(),
        Gate::LimitAbove | Gate::Levels => vec![Remedy::GoUp],
        Gate::KernelWithout(kind) => vec![Remedy::OtherKernel(option_of(*kind))],
        Gate::KernelOption(option) => vec![Remedy::OtherKernel(option)],
        Gate::UnknownCall => vec![Remedy::NewerKernel],
        Gate::Threads => vec![Remedy::OneThread],
        Gate::ReadOnlyProc if container => vec![Remedy::Unmask],
        Gate::ReadOnlyProc => vec![Remedy::RemountProc],
        Gate::MaskedProc(_) if known => vec![Remedy::Unmask],
        Gate::MaskedProc(_) => vec![Remedy::UnmountMasks],
        Gate::SetgroupsAllowed => vec![Remedy::DenySetgroups],
        Gate::MapWritten => vec![Remedy::FreshUser],
        Gate::ForeignId => vec![Remedy::MapOwnId],
        Gate::IdNotMapped | Gate::RangeNotMapped => vec![Remedy::MappedId],
        Gate::NoProcess => vec![Remedy::LookUpPid],
        Gate::OffsetsFixed => vec![Remedy::OffsetsBeforeExec],
        Gate::PtraceAccess => vec![Remedy::OwnProcess],
        Gate::NoTerminal | Gate::TerminalTaken => vec![Remedy::TakeTerminal],
        Gate::FirstChildEnded => vec![Remedy::Fork],
        Gate::InitEnded => vec![Remedy::StartAgain],
        Gate::ForeignProc => vec![Remedy::FreshProc],
        Gate::LeakedProc => vec![Remedy::UnmountProc],
        Gate::SameMount => vec![Remedy::BindOntoItself],
        Gate::NotPivotable => vec![Remedy::BindAndPrivate],
        Gate::ProcessLimit => vec![Remedy::EndProcesses],
        Gate::OpenFiles => vec![Remedy::MoreFiles],
        Gate::FileSize => vec![Remedy::LargerFiles],
        Gate::Memory => vec![Remedy::MoreMemory],
        Gate::KeyQuota(Some(Keys {
            bytes, most_bytes, ..
        })) if bytes >= most_bytes => vec![Remedy::SetSysctl("kernel.keys.maxbytes", "1000000")],
        Gate::KeyQuota(_) => vec![Remedy::SetSysctl("kernel.keys.maxkeys", "10000")],
        Gate::DevChanged => vec![Remedy::FreshLab],
        Gate::SetgroupsDenied => vec![Remedy::IdRange],
        Gate::SetgroupsDeniedThere | Gate::NoRootThere => vec![Remedy::PreserveCredentials],
        Gate::OwnerOfJoined => vec![Remedy::JoinUser],
        Gate::AlreadyThere => vec![Remedy::LeaveOutUser],
        Gate::SubordinateIds => vec![Remedy::AddSubordinateIds],
        Gate::HiddenSysfs => vec![Remedy::KeepSysfs],
        Gate::LockedBelow => vec![Remedy::BindRecursively],
        Gate::LockedMount => vec![Remedy::MountOver],
        Gate::LockedFlag => vec![Remedy::MountNew],
        Gate::HostnameFile => vec![Remedy::CallHostname],
        Gate::DeviceNode => vec![Remedy::BindNode],
        Gate::Clock => vec![Remedy::ClockOffsets],
        Gate::BlockDevice => vec![Remedy::MountInMemory],
        Gate::NoTun => vec![Remedy::UseVeth],
        Gate::ReadOnlyFiles => vec![Remedy::WriteElsewhere],
        Gate::MachinePrograms => vec![Remedy::InstallOutside],
        Gate::ForeignCgroup => vec![Remedy::Delegate],
        Gate::OuterCgroup => {
            let limit = Path::new("/proc/sys/user");
            let mut masked = facts.masked_proc.iter().flatten();
            let masked = masked.any(|mask| limit.starts_with(mask));
            let unmask = masked.then(|| remedies(&Gate::MaskedProc(Vec::new()), facts));
            let unmask = unmask.into_iter().flatten();
            std::iter::once(Remedy::WritableCgroup)
                .chain(unmask)
                .collect()
        }
        Gate::NoController => vec![Remedy::EnableController],
        Gate::TrustedAttributes => vec![Remedy::LeaveOutOption],
        Gate::NoWayOut => vec![Remedy::ServeInside],
        Gate::NoSystemd => vec![Remedy::StartWithoutSystemd],
        Gate::RemountWithoutSource => vec![Remedy::NameSource],
        Gate::NotBelow | Gate::MachineSysctl | Gate::ChildKilled | Gate::RootOfTheLab => Vec::new(),
        Gate::NoSetUserId | Gate::NoProgram | Gate::NotExecutable | Gate::Unknown => Vec::new(),
        Gate::UnreadableOurselves => vec![Remedy::MakeReadable],
    }
}

/// The kernel configuration option that a kind depends on.
pub(super) fn option_of(kind: Namespace) -> &'static str {
    match kind {
        Namespace::Uts => "CONFIG_UTS_NS",
        Namespace::Ipc => "CONFIG_IPC_NS",
        Namespace::Pid => "CONFIG_PID_NS",
        Namespace::Mnt => "CONFIG_NAMESPACES",
        Namespace::Net => "CONFIG_NET_NS",
        Namespace::User => "CONFIG_USER_NS",
        Namespace::Cgroup => "CONFIG_CGROUPS",
        Namespace::Time => "CONFIG_TIME_NS",
    }
}
