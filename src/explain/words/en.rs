//! The words for gates and remedies in English.

use super::{limit_files, limit_sysctl};
use crate::explain::{Gate, Remedy, Sysctl};
use crate::namespace::Namespace;
use crate::sandbox::{HostKind, Shortfall};

pub(super) fn name(gate: &Gate) -> String {
    let fixed = match gate {
        Gate::Capability(name) => return format!("the capability {name}"),
        Gate::LostAtExec => "capabilities lost at exec",
        Gate::NoIdOfItsOwn
        | Gate::NoOwner
        | Gate::IdNotMapped
        | Gate::RangeNotMapped
        | Gate::ForeignId
        | Gate::MachinesRoot
        | Gate::RootMapped => "the id map",
        Gate::Owner(kind) => return format!("the owner of the {} namespace", kind.label()),
        Gate::Seccomp => "seccomp",
        Gate::ApparmorUserns | Gate::ApparmorProfile(_) => "AppArmor",
        Gate::Chroot => "the chroot",
        Gate::Sysctl(Sysctl::UnprivilegedUsernsClone) => "a sysctl",
        Gate::Sysctl(Sysctl::MemfdNoexec) => "a sysctl",
        Gate::Limit(_) | Gate::LimitAbove => "a limit",
        Gate::Levels => "the number of levels",
        Gate::KernelWithout(_) | Gate::KernelOption(_) => "the kernel's configuration",
        Gate::UnknownCall => "the kernel's age",
        Gate::Threads => "threads",
        Gate::MaskedProc(_) => "a masked /proc",
        Gate::ReadOnlyProc => "a read-only /proc",
        Gate::SetgroupsAllowed => "setgroups",
        Gate::MapWritten => "the map, which is written",
        Gate::UnreadableOurselves => "the mode of the file nslab",
        Gate::NoSetUserId => "the set-user-ID bit",
        Gate::SetgroupsDenied | Gate::SetgroupsDeniedThere => "setgroups",
        Gate::NoRootThere => "the id map",
        Gate::OwnerOfJoined | Gate::AlreadyThere => "the user namespace to be joined",
        Gate::NotBelow => "the PID namespace to be joined",
        Gate::SubordinateIds => "/etc/subuid",
        Gate::HiddenSysfs => "a hidden /sys",
        Gate::LockedBelow | Gate::LockedMount | Gate::LockedFlag => "a locked mount",
        Gate::HostnameFile | Gate::MachineSysctl => "the file's owner",
        Gate::DeviceNode | Gate::Clock | Gate::BlockDevice | Gate::RootOfTheLab => {
            "the machine's root"
        }
        Gate::NoTun => "the lab host's /dev",
        Gate::ReadOnlyFiles | Gate::MachinePrograms => "a read-only filesystem",
        Gate::ForeignCgroup => "the owner of the cgroup",
        Gate::OuterCgroup => "nslab's own cgroup",
        Gate::NoController => "cgroup.subtree_control",
        Gate::TrustedAttributes => "the machine's root",
        Gate::NoWayOut => "the lab's network",
        Gate::NoSystemd => "process 1",
        Gate::RemountWithoutSource => "the id map",
        Gate::ChildKilled => "SIGKILL",
        Gate::OffsetsFixed => "the offsets, which are fixed",
        Gate::PtraceAccess => "ptrace access",
        Gate::NoTerminal | Gate::TerminalTaken => "the terminal",
        Gate::FirstChildEnded | Gate::InitEnded => "an ended PID namespace",
        Gate::ForeignProc => "a foreign /proc",
        Gate::NoProcess => "the PID, which no process has",
        Gate::LeakedProc => "a leaked /proc",
        Gate::SameMount | Gate::NotPivotable => "pivot_root's conditions",
        Gate::ProcessLimit => "the limit of processes",
        Gate::OpenFiles => "the limit of open files",
        Gate::FileSize => "the limit of a file's size",
        Gate::Memory => "the limit of memory",
        Gate::KeyQuota(_) => "the limit of keys",
        Gate::NoProgram => "no such program",
        Gate::NotExecutable => "not executable",
        Gate::DevChanged => "the lab host's /dev",
        Gate::Unknown => "unknown",
    };
    fixed.to_owned()
}

#[allow(clippy::too_many_lines, reason = "an arm for each gate")]
pub(super) fn why(gate: &Gate) -> String {
    let fixed = match gate {
        Gate::Capability("CAP_SYS_ADMIN") => {
            "This call needs CAP_SYS_ADMIN in the user namespace that it comes from. So does making any \
             kind of namespace but USER."
        }
        Gate::Capability(name @ ("CAP_SETUID" | "CAP_SETGID")) => {
            return format!(
                "Root's lab runs as another user, and root without {name} can't become one."
            );
        }
        Gate::Capability("CAP_KILL") => {
            "Root's lab runs as another user, and root without CAP_KILL can't end that user's processes."
        }
        Gate::Capability(name) => {
            return format!("This needs {name} in the user namespace that owns what is changed.");
        }
        Gate::LostAtExec => {
            "You are in a user namespace of your own, but without its capabilities: exec took them, \
             because your id was not mapped at that moment. You are root in name only."
        }
        Gate::NoIdOfItsOwn => {
            "Your own id is not mapped in the user namespace you are in, and a process without \
             a mapped id can't create one."
        }
        Gate::NoOwner => {
            "Your id is not mapped in this user namespace, so a file of yours would have no owner: \
             the kernel makes none."
        }
        Gate::Owner(Namespace::Pid) => {
            "A fresh proc shows your PID namespace, and that one still belongs to another user namespace."
        }
        Gate::Owner(kind) => {
            return format!(
                "The {} namespace you are in belongs to another user namespace; root in yours has \
                 no power there.",
                kind.label()
            );
        }
        Gate::Seccomp => {
            "A seccomp filter looks at each system call and refuses this one to every user, as the \
             default filter of a container engine does."
        }
        Gate::ApparmorUserns => {
            "AppArmor lets ordinary users' programs make user namespaces, but takes the \
             capabilities in them away (Ubuntu 23.10 and later: \
             kernel.apparmor_restrict_unprivileged_userns=1)."
        }
        Gate::ApparmorProfile(label) => {
            return format!("This process is confined by the AppArmor profile {label}.");
        }
        Gate::Chroot => {
            "This process is in a chroot: the kernel makes no user namespace there, and its root is \
             no mount."
        }
        Gate::Sysctl(Sysctl::UnprivilegedUsernsClone) => {
            "The sysctl kernel.unprivileged_userns_clone is 0: only root makes user namespaces here."
        }
        Gate::Sysctl(Sysctl::MemfdNoexec) => {
            "The sysctl vm.memfd_noexec is 2: no program may be run from memory. nslab runs its helpers \
             from a sealed copy there where the lab's user can't reach the file nslab: it was removed, or its \
             directory is closed to others."
        }
        Gate::Limit(kinds) => {
            return format!(
                "The disk is not full: the limit in {} is reached.",
                limit_files(*kinds)
            );
        }
        Gate::LimitAbove => {
            "The disk is not full: a limit (/proc/sys/user/max_*_namespaces) of this user namespace or \
             of one above it is reached, or namespaces are nested as deep as the kernel lets them (33 \
             levels of USER, 32 of PID). The kernel doesn't say which."
        }
        Gate::Levels => "The disk is not full: user namespaces are nested 33 levels deep already.",
        Gate::KernelWithout(kind) => {
            return format!("This kernel has no {} namespaces.", kind.label());
        }
        Gate::KernelOption(option) => {
            return format!("This kernel was built without {option}, or can't load its module.");
        }
        Gate::UnknownCall => "This kernel, or a seccomp filter, doesn't know the call.",
        Gate::Threads => "A process with more than one thread can't move to a new user namespace.",
        Gate::MaskedProc(paths) => {
            let more = if paths.len() > 1 { " and more" } else { "" };
            let first = paths.first().map_or("/proc/…", String::as_str);
            return format!(
                "Something is mounted over parts of /proc ({first}{more}), and a fresh proc would \
                 reveal them: dmesg says \"Mount too revealing\"."
            );
        }
        Gate::ReadOnlyProc => {
            "/proc is mounted read-only, and a user namespace's maps are written there."
        }
        Gate::SetgroupsAllowed => {
            "While setgroups(2) is allowed, a group map could be used to leave a group that denies \
             access."
        }
        Gate::MapWritten => "A map can be written only once, and this one is written already.",
        Gate::ForeignId => {
            "Without CAP_SETUID outside, a map may hold one id alone: the writer's own."
        }
        Gate::MachinesRoot => {
            "In this user namespace you are still the machine's root, to whom /proc/sys and all of root's files \
             belong. A lab must not run as that, and no other id can be taken here."
        }
        Gate::RootMapped => {
            "To map id 0 of the outer user namespace takes CAP_SETFCAP there (since Linux 5.12), and this \
             root was started without it."
        }
        Gate::IdNotMapped => "That id, or the file's owner, is not in this user namespace's map.",
        Gate::RangeNotMapped => {
            "Ids can only be passed on: the outer ids of a map have to be mapped in the user namespace that \
             newuidmap runs in. And a map is written once."
        }
        Gate::NoProcess => {
            "No process has this PID here: PIDs are those of the PID namespace that /proc shows."
        }
        Gate::UnreadableOurselves => {
            "You may execute the file nslab, but not read it. nslab's processes in the lab run from a file \
             that nobody there can change; to make that file, nslab has to read its own."
        }
        Gate::NoSetUserId => {
            "No password would be right: to check one, su needs the rights of its file's owner, and its \
             set-user-ID bit counts for nothing here, because that owner has no id in this user namespace or \
             the mount is nosuid. Root of the user namespace is asked for no password."
        }
        Gate::SetgroupsDenied => {
            "setgroups is denied in this user namespace (/proc/self/setgroups), as in each one whose \
             group map an ordinary user wrote; to become another user takes setgroups, and an id for that \
             user in the map."
        }
        Gate::SetgroupsDeniedThere => {
            "nsenter drops its groups when it enters a user namespace, and setgroups is denied in that one \
             (/proc/PID/setgroups)."
        }
        Gate::NoRootThere => {
            "nsenter becomes id 0 of the user namespace that it enters, and that one's map holds no id 0."
        }
        Gate::OwnerOfJoined => {
            "To join a namespace takes CAP_SYS_ADMIN in the user namespace that owns it, and in your own."
        }
        Gate::AlreadyThere => {
            "You are in that user namespace already, and the kernel lets nobody join their own: that would \
             give back capabilities that were dropped."
        }
        Gate::NotBelow => "Only your own PID namespace and those below it can be joined.",
        Gate::SubordinateIds => {
            "newuidmap and newgidmap map the ids that /etc/subuid and /etc/subgid give this user, and your \
             own id; this range is not among them."
        }
        Gate::HiddenSysfs => {
            "A user namespace may mount a sysfs only where it sees another one with nothing mounted over \
             it; no such one is in sight here any more."
        }
        Gate::LockedBelow => {
            "The mounts that came with the copy of another user namespace's mounts are locked: a bind mount \
             without those below it would show what they hide."
        }
        Gate::LockedMount => {
            "Either nothing is mounted there, or the mount came with the copy of another user namespace's \
             mounts: then it is locked, because it may hide something."
        }
        Gate::LockedFlag => {
            "The mount came with the copy of another user namespace's mounts, and its flags (read-only, \
             nodev, nosuid, noexec) are locked: a flag set in the outer namespace can't be cleared here."
        }
        Gate::HostnameFile => {
            "That file belongs to the machine's root, and for it the kernel checks user ids; for \
             sethostname(2) it checks your capability over the UTS namespace."
        }
        Gate::MachineSysctl => {
            "That file below /proc/sys belongs to the machine's root, who is not the root of your user \
             namespace; only what a namespace of yours has for itself (most of net/) can be set."
        }
        Gate::DeviceNode => {
            "A device node reaches the machine's hardware, so the kernel lets only the machine's root make \
             one; root here is root of the lab, not of the machine."
        }
        Gate::Clock => {
            "The time of day has no namespace: it is the machine's, and only the machine's root sets it."
        }
        Gate::BlockDevice => {
            "Disks, loop devices and devtmpfs are the machine's, and only its root mounts them; a user \
             namespace may mount tmpfs, overlay, proc, sysfs, cgroup2, mqueue, devpts, FUSE and binds."
        }
        Gate::NoTun => {
            "/dev/net/tun is not in the lab host's /dev, which has only the nodes that reach no device."
        }
        Gate::ReadOnlyFiles => {
            "That filesystem is mounted read-only; in the lab all files of the machine are, so that \
             nothing typed here changes them."
        }
        Gate::MachinePrograms => {
            "The programs in the lab are the machine's, and /usr is read-only here: nothing can be \
             installed in the lab."
        }
        Gate::ForeignCgroup => {
            "The cgroups that you see belong to the machine: either nslab may make none for the lab here, or a \
             cgroup of v1 belongs to you, and the lab sees cgroups only to read."
        }
        Gate::OuterCgroup => {
            "Either nslab can make no cgroup for the lab here (in cgroup v1 it never does), or a cgroup of v1 \
             belongs to you; from a CGROUP namespace, the lab could reach nslab's own, or another that belongs to you. \
             So nslab forbids CGROUP namespaces in the lab (here ENOSPC doesn't mean that the disk is full), and \
             makes no lab where it can't forbid them."
        }
        Gate::NoController => {
            "A cgroup has files of a controller (memory, pids, cpu) only if the cgroup above it enables \
             that controller; and the limits of the lab's own cgroup are set from outside."
        }
        Gate::TrustedAttributes => {
            "metacopy and redirect_dir store data in trusted.* attributes of the files, and only the \
             machine's root may write those."
        }
        Gate::NoWayOut => {
            "No route leads out of the lab: its NET namespace has lo and veths only, so that nothing \
             typed here reaches the machine's network."
        }
        Gate::NoSystemd => {
            "No systemd runs here: process 1 of the lab host is nslab's, and that of a container is what \
             it was started with."
        }
        Gate::RemountWithoutSource => {
            "One of three: nothing is mounted there; an option is wrong; or mount was called without a source. \
             It then passes on the options in /proc/mounts, and those of a tmpfs have the machine's uid, which \
             has no number here."
        }
        Gate::ChildKilled => {
            "The child was ended by SIGKILL: somebody killed process 1 of the new PID namespace, or the \
             namespace with it. (Newer releases of unshare end with status 137 instead.)"
        }
        Gate::RootOfTheLab => {
            "You have every capability here, but root here is root of the lab, not of the machine: the \
             kernel asks for this right in the machine's own user namespace, because no namespace holds \
             what would be changed."
        }
        Gate::OffsetsFixed => {
            "Someone has entered the time namespace already, and its offsets are fixed from then \
             on; exec enters it too."
        }
        Gate::PtraceAccess => {
            "The links of /proc/PID/ns are for whoever may trace that process, and it is another \
             user's."
        }
        Gate::NoTerminal => "The session has no controlling terminal, so there is no job control.",
        Gate::TerminalTaken => {
            "The terminal belongs to another session, or the process leads no session of its own."
        }
        Gate::FirstChildEnded => {
            "That is not about memory: after unshare(CLONE_NEWPID) the first child was process 1 of \
             the new PID namespace. It has ended, and no process can be made there any more."
        }
        Gate::InitEnded => {
            "That is not about memory: process 1 of that PID namespace has ended, and no process can be \
             made there any more."
        }
        Gate::ForeignProc => {
            "The /proc that is mounted here belongs to another PID namespace, in which this process \
             has another number or none."
        }
        Gate::LeakedProc => {
            "/proc shows no process here. Either no proc is mounted there, or one of a PID namespace that has \
             ended: a container mounted it, and the mount propagated here."
        }
        Gate::SameMount => {
            "The new root, or the place for the old one, is on the same mount as the current root."
        }
        Gate::NotPivotable => {
            "The new root is not a mount point, or the mount above it or above the current root is \
             shared."
        }
        Gate::ProcessLimit => {
            "No further process may be made: the lab may have 1024, or this user's limit is reached, \
             or this PID namespace has no number left (kernel.pid_max; since Linux 6.14 each PID \
             namespace has its own)."
        }
        Gate::OpenFiles => {
            "This process may open no further file: its limit (RLIMIT_NOFILE) is reached."
        }
        Gate::FileSize => {
            "The disk is not full: this process may write no file as large as that, by its limit (RLIMIT_FSIZE) \
             or that of the file system."
        }
        Gate::Memory => {
            "This process gets no further memory: its limit (RLIMIT_AS) is reached, or the machine has none left."
        }
        Gate::KeyQuota(Some(keys)) => {
            return format!(
                "The disk is not full: this user has {} of {} keys in the kernel, with {} of {} bytes \
                 (/proc/key-users), and the lab needs one.",
                keys.held, keys.most, keys.bytes, keys.most_bytes
            );
        }
        Gate::KeyQuota(None) => {
            "The disk is not full: this user may have no further key in the kernel (/proc/key-users), \
             and the lab needs one."
        }
        Gate::NoProgram => "There is no such program here.",
        Gate::NotExecutable => "The file exists, but it may not be executed.",
        Gate::DevChanged => {
            "The lab host's /dev is no longer as it was made, and a shell needs its terminal there."
        }
        Gate::Unknown => {
            "Nothing that this machine shows tells what refused; errno(3) says what the number means."
        }
    };
    fixed.to_owned()
}

#[allow(clippy::too_many_lines, reason = "an arm for each remedy")]
pub(super) fn remedy(remedy: &Remedy) -> String {
    let fixed = match remedy {
        Remedy::AddUser => {
            "Add USER, which makes you root of what it owns, or try it in the lab host."
        }
        Remedy::KeepCapability => {
            "This root was started without it, as by setpriv, and can't get it back here. Launch anew, or \
             use a shell that still has it."
        }
        Remedy::MapBeforeExec => {
            "Map your id before the exec, as `unshare --user --map-root-user` does."
        }
        Remedy::ContainerOptions => {
            "Start the container with --security-opt seccomp=nslab.json --security-opt unmask=ALL, \
             where nslab.json is what `nslab doctor --seccomp-profile` prints (Docker: \
             systempaths=unconfined; a devcontainer: the same in runArgs; Kubernetes: hostUsers: \
             false), or use the machine itself."
        }
        Remedy::ContainerApparmor => {
            "Start the container with --security-opt apparmor=unconfined, or use the machine itself."
        }
        Remedy::OutsideTheFilter => "Use a shell that runs without such a filter.",
        Remedy::LeaveChroot => "Leave the chroot, or make its root with pivot_root.",
        Remedy::SetSysctl(name, value) => return format!("Run: sudo sysctl {name}={value}"),
        Remedy::ApparmorProfile => {
            "`nslab doctor` prints the one command that installs a profile. The profile lets nslab do this."
        }
        Remedy::RaiseLimit(kind) => {
            return format!(
                "Raise it, as root of the user namespace it belongs to: sysctl {}=NUMBER",
                limit_sysctl(*kind)
            );
        }
        Remedy::GoUp => "Go up a level: leave the innermost user namespaces.",
        Remedy::OtherKernel(option) => {
            return format!(
                "It takes a kernel with {option}; the kernel of WSL2, for example, lacks some options."
            );
        }
        Remedy::NewerKernel => "Linux 5.12 and later has all that nslab uses.",
        Remedy::OneThread => "Fork first, and make the call in the child.",
        Remedy::AddPid => {
            "Add PID, and run the program inside the new namespace: unshare --pid --fork."
        }
        Remedy::AddKind(kind) => {
            return format!(
                "Add {}, so that your user namespace owns it as well.",
                kind.label()
            );
        }
        Remedy::Unmask => {
            "Start the container with --security-opt systempaths=unconfined (Podman: \
             unmask=ALL), or use the machine itself."
        }
        Remedy::RemountProc => "As root: mount -o remount,bind,rw /proc",
        Remedy::UnmountMasks => {
            "Unmount what covers it, where you are root of the mount namespace."
        }
        Remedy::DenySetgroups => "Write deny to /proc/PID/setgroups first.",
        Remedy::FreshUser => "For other ids, make another user namespace.",
        Remedy::AsOrdinaryUser => {
            "Start nslab as an ordinary user; in a container with --user 1000 (bwrap: --uid 1000)."
        }
        Remedy::OtherUserFirst => {
            "Start nslab outside of this user namespace, or become an ordinary user before you make the namespace: \
             setpriv --reuid UID --regid GID --clear-groups unshare --map-root-user …"
        }
        Remedy::MapOwnId => "Map your own id alone, or let newuidmap and newgidmap write the map.",
        Remedy::MappedId => "Choose an id that /proc/self/uid_map holds.",
        Remedy::LookUpPid => "Ask for the PIDs in the same shell: ps -e.",
        Remedy::IdRange => {
            "Make the user namespace with a range of ids, which newuidmap and newgidmap write: unshare \
             --map-root-user --map-auto."
        }
        Remedy::PreserveCredentials => {
            "Keep the ids that you have: nsenter --preserve-credentials."
        }
        Remedy::JoinUser => {
            "Join the user namespace that owns it as well: nsenter --user --preserve-credentials …"
        }
        Remedy::LeaveOutUser => "Leave --user (or --all) out, and name the other kinds.",
        Remedy::AddSubordinateIds => {
            "On the machine, as its root: usermod --add-subuids 100000-165535 --add-subgids \
             100000-165535 USER"
        }
        Remedy::KeepSysfs => {
            "Keep the sysfs that is mounted, and bind it: mount --rbind /sys NEW/sys."
        }
        Remedy::BindRecursively => "Copy the mounts below it too: mount --rbind.",
        Remedy::MountOver => "Mount something over it, or use pivot_root to leave it behind.",
        Remedy::MountNew => {
            "Mount something new there, a tmpfs or an overlay: its flags are yours."
        }
        Remedy::CallHostname => "Use the call: hostname NAME.",
        Remedy::BindNode => {
            "Bind a node that is there already: touch NODE; mount --bind /dev/null NODE."
        }
        Remedy::ClockOffsets => {
            "A TIME namespace changes the monotonic and the boot-time clock: unshare --time --boottime \
             3600 …"
        }
        Remedy::MountInMemory => {
            "Copy the files to a tmpfs, or put an overlay over a directory of them."
        }
        Remedy::UseVeth => {
            "A pair of veth does the same between two NET namespaces: ip link add a type veth peer name b."
        }
        Remedy::WriteElsewhere => {
            "Write below /tmp, or put a tmpfs or an overlay over the directory in a MNT namespace of \
             your own."
        }
        Remedy::InstallOutside => {
            "Install it on the machine, outside of nslab; then it is here, too."
        }
        Remedy::Delegate => {
            "With systemd, start nslab in a cgroup of its own: systemd-run --user --scope -p \
             Delegate=yes nslab (as root without --user)."
        }
        Remedy::WritableCgroup => {
            "Start nslab where it may write to /sys/fs/cgroup, and the lab gets a cgroup (v2) of its own; with \
             cgroup v1, where no cgroup belongs to you."
        }
        Remedy::EnableController => {
            "Enable it in the cgroup above, if cgroup.controllers there lists it: echo +pids > \
             ABOVE/cgroup.subtree_control"
        }
        Remedy::LeaveOutOption => "Mount it without the option.",
        Remedy::ServeInside => {
            "Put the server in a NET namespace of its own, and connect the two with a veth pair."
        }
        Remedy::StartWithoutSystemd => "Start the program itself: PROGRAM &",
        Remedy::NameSource => {
            "Name the source, too; then mount passes on no old option: mount -o remount,size=20m tmpfs /mnt"
        }
        Remedy::OffsetsBeforeExec => {
            "Write the offsets between unshare and the first exec or fork."
        }
        Remedy::OwnProcess => "Compare with a process of your own.",
        Remedy::TakeTerminal => "Let the child call setsid and take the terminal with TIOCSCTTY.",
        Remedy::Fork => "Let unshare fork: unshare --pid --fork.",
        Remedy::StartAgain => "Start the container again.",
        Remedy::FreshProc => {
            "Mount a fresh one, in a mount namespace of its own: unshare --mount, then mount -t proc \
             proc /proc."
        }
        Remedy::UnmountProc => {
            "umount /proc (if it is empty then: mount -t proc proc /proc), and the next time make mounts \
             private first: mount --make-rprivate /."
        }
        Remedy::BindOntoItself => {
            "Bind the new root onto itself (mount --bind NEW NEW), and put the old one below it."
        }
        Remedy::BindAndPrivate => {
            "Bind it onto itself (mount --bind NEW NEW) and make mounts private first (mount \
             --make-rprivate /)."
        }
        Remedy::EndProcesses => "End some of them.",
        Remedy::MoreFiles => "Raise the limit before you start nslab: ulimit -n 1024",
        Remedy::LargerFiles => {
            "Raise the limit before you start nslab (a hard limit as root): ulimit -f unlimited"
        }
        Remedy::MoreMemory => {
            "Raise the limit before you start nslab (a hard limit as root): ulimit -v unlimited"
        }
        Remedy::OtherHost(HostKind::Machine) => {
            "As root you can use the machine itself as the host, which nothing protects then: nslab \
             --host machine"
        }
        Remedy::OtherHost(kind) => {
            return format!(
                "As root you can have a lab host without a user namespace, whose root is the \
                 machine's: nslab --host {kind}"
            );
        }
        Remedy::MakeReadable => "Let its owner make it readable: chmod a+r \"$(command -v nslab)\"",
        Remedy::FreshLab => "Make a fresh lab host: its /dev is complete again.",
        Remedy::Install(package) => {
            return format!("On Debian and Ubuntu: sudo apt install {package}");
        }
    };
    fixed.to_owned()
}

pub(super) fn shortfall(shortfall: Shortfall) -> &'static str {
    match shortfall {
        Shortfall::Proc => {
            "Parts of this machine's /proc are masked, so the lab host could not mount one of its \
             own and shows the machine's."
        }
        Shortfall::Sysfs => "No sysfs could be mounted: /sys is empty in the lab host.",
        Shortfall::SysfsReadonly => {
            "/sys is read-only here, as in most containers: in the lab, too, a sysfs can only be \
             mounted read-only."
        }
        Shortfall::Veth => "This kernel has no veth: the lab host's only interface is lo.",
        Shortfall::Filter => {
            "seccomp(2) does not exist here, so the lab has no filter of its own: where keyctl(2) works, the lab can \
             reach the keys of the user who started nslab (keyrings(7))."
        }
        Shortfall::SessionKeyring => {
            "A seccomp filter around nslab, as a container engine's, refuses keyctl(2). The lab also can't load \
             its own filter, which would answer ENOSYS, so crun and runc start no container in the lab. \
             An engine's --security-opt seccomp=unconfined allows both calls."
        }
        Shortfall::NewPrivileges => {
            "nslab was started with no_new_privs, as in many containers: no program in the lab gains a \
             capability by exec."
        }
        Shortfall::Hostname => {
            "A seccomp filter, as a container engine's, refuses sethostname(2): no hostname can be set \
             in the lab."
        }
        Shortfall::Files => {
            "A process may open fewer than 1024 files here (RLIMIT_NOFILE): too few for crun and for many \
             containers. Root raises it before nslab: ulimit -n 1024; an engine: --ulimit nofile=1024."
        }
        Shortfall::OneId => {
            "The lab has one id, its root's: nobody can become another user in it (su, tcpdump) or give a \
             file away (chown, tar). More ids take newuidmap (package uidmap) and entries in /etc/subuid and \
             /etc/subgid: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER. If nslab runs in a \
             container that has one id itself, the user of its engine needs these, on the machine."
        }
        Shortfall::OneIdOfRoot => {
            "The lab has one id, its root's: nobody can become another user in it (su, tcpdump) or give a \
             file away (chown, tar). Where root starts nslab, a lab with more ids needs 8192 ids in a row that \
             nobody has, and the right to map them. Start nslab here as an ordinary user who has newuidmap (package uidmap); a container that \
             has one id itself gets more from its engine."
        }
        Shortfall::OuterCgroup => {
            "No CGROUP namespace can be made in the lab. Either nslab can make no cgroup for the lab here, or a \
             cgroup of v1 belongs to you: from such a namespace, the lab could reach nslab's own cgroup, or another \
             that belongs to you, and end what else is in it. Start nslab where it may write to /sys/fs/cgroup, and \
             the lab gets a cgroup (v2) of its own. A cgroup of v1 has to belong to somebody else."
        }
        Shortfall::Mqueue => "This kernel has no POSIX message queues to show in /dev/mqueue.",
        Shortfall::Cgroup => {
            "The lab has no cgroup (v2) that its root may change: either nslab may make none here, or a cgroup of \
             v1 belongs to you, and the lab sees cgroups only to read. Where there is no cgroup v1, with systemd, start \
             nslab in one of its own: systemd-run --user --scope -p Delegate=yes nslab (as root without --user)."
        }
        Shortfall::Limits => {
            "nslab's cgroup lacks the controllers memory and pids. With systemd and cgroup v2, start \
             it in one of its own: systemd-run --user --scope -p Delegate=yes nslab (as root without \
             --user)."
        }
    }
}
