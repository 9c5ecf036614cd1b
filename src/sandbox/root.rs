//! The root directory of the lab host: the directories of the machine that it shows, and the new ones.
//!
//! `build` runs in the keeper, inside L2's mount namespace; `build_small` in a container.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::stat::Mode;
use nix::unistd::{chdir, pivot_root};

use super::call::Call;
use super::channel::Message;
use super::ids::{IdCount, LabRoot};
use super::outer_cgroup;
use super::report::Shortfall;
use super::share;
use super::trace::{Refused, Tracer};

/// The machine's directories that the lab host shows. Unix sockets and FIFOs work through read-only
/// mounts, so no directory with those may be among them.
///
/// Their mounts don't get nosuid and nodev. These flags would be locked in each user namespace that is made in the
/// lab, and the kernel refuses a remount that doesn't name a locked flag: `mount -o bind,ro /usr …` would fail, and
/// so would runtimes that name only one of the two; `findings/mount-bind-ro-stays-writable.sh`. With nosuid, ping
/// would also fail for users other than root, as it needs its file capabilities. Without nosuid, set-user-ID
/// programs do no harm: their owner has no id in the lab, so the kernel ignores the bit; execve(2).
const SHOWN: [&str; 2] = ["usr", "etc"];
/// Shown as they are on the machine: links into `/usr`, or directories.
const SHOWN_AS_THEY_ARE: [&str; 6] = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];
/// Directories of the kernel that a small root takes over from the root around it.
const KERNEL_DIRECTORIES: [&str; 3] = ["dev", "proc", "sys"];
/// A proc and a sysfs that nobody covers or detaches. The kernel mounts another one for a user namespace
/// only where one is fully visible; `ip netns exec` detaches that at `/sys` first. LXC has such a
/// directory for containers in containers, too.
const SPARE: &str = "dev/.nslab";
/// Directories that are empty in the lab host, with their permissions.
const EMPTY: [(&str, u32); 17] = [
    ("proc", 0o555),
    ("sys", 0o555),
    ("dev", 0o755),
    (SPARE, 0o700),
    ("home", 0o755),
    ("opt", 0o755),
    ("var", 0o755),
    ("var/lib", 0o755),
    ("var/tmp", 0o1777),
    ("srv", 0o755),
    ("mnt", 0o755),
    ("media", 0o755),
    ("tmp", 0o1777),
    ("run", 0o755),
    ("run/lock", 0o1777),
    ("root", 0o700),
    ("boot", 0o755),
];
/// Links, with their targets. Tutorials name network namespaces below `/var/run/netns`.
const LINKS: [(&str, &str); 2] = [("var/run", "/run"), ("var/lock", "/run/lock")];
/// Device nodes of the machine that anybody may use.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];
/// Directories to assemble the new root in: the first that exists is used. None of them is shown.
const STAGING_PLACES: [&str; 5] = ["/tmp", "/mnt", "/run", "/srv", "/home"];
/// Files written in the lab are in memory; this limits what a full disk in it can cost.
const TMPFS: &str = "size=256m,nr_inodes=65536,mode=755";

/// The files below `/root`, with their permissions. A shell reads the first when it starts;
/// unshare(1) starts a login shell, which reads the second. Tutorials say `sudo`, and that of the
/// machine can't work here: its owner, the machine's root, is nobody in the lab.
const HOME: [(&str, &str, u32); 3] = [
    (".bashrc", BASHRC, 0o644),
    (".bash_profile", BASH_PROFILE, 0o644),
    ("bin/sudo", include_str!("../../assets/sudo.sh"), 0o755),
];
/// Since systemd 257 a file of `/etc/profile.d` makes `PROMPT_COMMAND` an array and calls a function
/// in `PS0`. A shell started from there gets neither, so it would have no marks.
const BASH_PROFILE: &str = r#"# Written by nslab for this lab host; gone with it.
case ${PROMPT_COMMAND-} in *'133;'*)
    nslab_mark=$PROMPT_COMMAND
    unset PROMPT_COMMAND
    export PROMPT_COMMAND=$nslab_mark PS0="\e]133;${PS0##*133;}"
    unset nslab_mark
esac
. ~/.bashrc
"#;
const BASHRC: &str = r#"# Written by nslab for this lab host; gone with it.
PS1="[${NSLAB_SIDE:-host}] \u@\h:\w\\$ "
# Another shell, started from this one, would print it as it stands.
export -n PS1
alias ls='ls --color=auto' grep='grep --color=auto'
"#;

/// The settings of the root.
#[derive(Debug, Clone, Copy)]
pub(super) struct RootPlan {
    pub lab_root: LabRoot,
    pub ids: IdCount,
    /// The guard has mounted a directory to share at [`staging`].
    pub shares: bool,
    pub cgroups: CgroupView,
}

/// Whose cgroup namespace the lab's `/sys/fs/cgroup` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CgroupView {
    Own,
    /// The guard's; see [`outer_cgroup`].
    Guards,
}

/// Builds the root and moves into it.
pub(super) fn build(plan: RootPlan, trace: &mut Tracer) -> Result<(), Refused> {
    let staging = staging();
    // The root is mounted over it.
    let shared = plan.shares.then(|| {
        let how = OFlag::O_PATH | OFlag::O_CLOEXEC;
        trace.step(Call::open(staging, "O_PATH|O_CLOEXEC"), || {
            open(staging, how, Mode::empty())
        })
    });
    let shared = shared.transpose()?;
    let flags = match plan.lab_root {
        // In a user namespace made in the lab these flags would be locked, and a remount of a part
        // of the root that doesn't name them would be refused. They would protect nothing: the kernel opens
        // no device node of a file system that a user namespace mounted; mount_namespaces(7).
        LabRoot::Own => MsFlags::empty(),
        LabRoot::Machines => MsFlags::MS_NOSUID | MsFlags::MS_NODEV,
    };
    attach(trace, "tmpfs", staging, flags, Some(TMPFS))?;
    for (name, mode) in EMPTY {
        directory(trace, &staging.join(name), mode)?;
    }
    for (name, destination) in LINKS {
        link(trace, name, Path::new(destination), staging)?;
    }
    for name in SHOWN {
        show(trace, name, staging)?;
    }
    if plan.lab_root == LabRoot::Own && plan.ids == IdCount::Many {
        write_subordinate_ids(trace, staging)?;
    }
    if plan.lab_root == LabRoot::Own {
        write_shadow(trace, staging)?;
    }
    for name in SHOWN_AS_THEY_ARE {
        show(trace, name, staging)?;
    }
    if let Some(shared) = shared {
        let target = staging.join(share::PLACE);
        directory(trace, &target, 0o755)?;
        let source = format!("/proc/self/fd/{}", shared.as_raw_fd());
        // Not recursive: the new root is mounted over the shared directory, and would be copied too.
        let flags = MsFlags::MS_BIND;
        mount_step(trace, Some(Path::new(&source)), &target, None, flags, None)?;
    }
    devices(trace, &staging.join("dev"), plan.ids)?;
    mount_kernel_views(trace, staging, plan.cgroups)?;
    home(trace, staging)?;
    move_into(trace, staging)
}

/// Builds a small root from the current one and moves into it: for a container with its own mount namespace.
pub(super) fn build_small(trace: &mut Tracer) -> Result<(), Refused> {
    let staging = staging();
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    attach(trace, "tmpfs", staging, flags, Some(TMPFS))?;
    // The lab host's own /opt is empty.
    let shown = SHOWN.into_iter().chain(["opt", share::PLACE]);
    for name in shown.chain(SHOWN_AS_THEY_ARE) {
        show(trace, name, staging)?;
    }
    for name in KERNEL_DIRECTORIES {
        let source = Path::new("/").join(name);
        let target = staging.join(name);
        directory(trace, &target, 0o755)?;
        bind(trace, &source, &target)?;
    }
    directory(trace, &staging.join("tmp"), 0o1777)?;
    directory(trace, &staging.join("root"), 0o700)?;
    home(trace, staging)?;
    move_into(trace, staging)
}

pub(super) fn staging() -> &'static Path {
    STAGING_PLACES
        .iter()
        .map(Path::new)
        .find(|path| path.is_dir())
        .unwrap_or(Path::new("/"))
}

fn home(trace: &mut Tracer, root: &Path) -> Result<(), Refused> {
    directory(trace, &root.join("root/bin"), 0o755)?;
    for (name, text, mode) in HOME {
        let path = Path::new("root").join(name);
        let call = format!("write(/{})", path.display());
        trace.step(call, || write(&root.join(&path), text, mode))?;
    }
    Ok(())
}

/// Writes a file with these permissions. Returns the number of bytes.
fn write(path: &Path, text: &str, mode: u32) -> io::Result<usize> {
    fs::write(path, text)?;
    fs::set_permissions(path, Permissions::from_mode(mode))?;
    Ok(text.len())
}

/// Makes a link below a root.
fn link(trace: &mut Tracer, name: &str, to: &Path, root: &Path) -> Result<(), Refused> {
    let call = format!("symlink({}, /{name})", to.display());
    trace.step(call, || symlink(to, root.join(name)))
}

fn move_into(trace: &mut Tracer, root: &Path) -> Result<(), Refused> {
    trace.step(format!("chdir({})", root.display()), || chdir(root))?;
    // The old root is mounted on top of the new one and detached there, so it needs no directory.
    trace.step(Call::PivotRoot, || pivot_root(".", "."))?;
    trace.step(Call::Umount("\".\"".to_owned()), || {
        umount2(".", MntFlags::MNT_DETACH)
    })?;
    trace.step("chdir(/)", || chdir("/"))
}

fn directory(trace: &mut Tracer, path: &Path, mode: u32) -> Result<(), Refused> {
    trace.step(format!("mkdir({}, {mode:o})", path.display()), || {
        fs::create_dir_all(path)
            .and_then(|()| fs::set_permissions(path, Permissions::from_mode(mode)))
    })
}

/// Shows a directory of the machine, or copies the link in its place.
fn show(trace: &mut Tracer, name: &str, staging: &Path) -> Result<(), Refused> {
    let source = Path::new("/").join(name);
    if let Ok(destination) = fs::read_link(&source) {
        return link(trace, name, &destination, staging);
    }
    if source.is_dir() {
        let target = staging.join(name);
        directory(trace, &target, 0o755)?;
        bind(trace, &source, &target)?;
    }
    Ok(())
}

/// Recursive: mounts from a more privileged namespace can't be separated.
fn bind(trace: &mut Tracer, source: &Path, target: &Path) -> Result<(), Refused> {
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount_step(trace, Some(source), target, None, flags, None)
}

/// Mounts a new file system, which is its own source.
pub(super) fn attach(
    trace: &mut Tracer,
    fstype: &str,
    target: &Path,
    flags: MsFlags,
    options: Option<&str>,
) -> Result<(), Refused> {
    let source = Some(Path::new(fstype));
    mount_step(trace, source, target, Some(fstype), flags, options)
}

/// Changes how all mounts propagate.
pub(super) fn propagate(how: MsFlags, trace: &mut Tracer) -> Result<(), Refused> {
    let flags = MsFlags::MS_REC | how;
    mount_step(trace, None, Path::new("/"), None, flags, None)
}

fn mount_step(
    trace: &mut Tracer,
    source: Option<&Path>,
    target: &Path,
    fstype: Option<&str>,
    flags: MsFlags,
    data: Option<&str>,
) -> Result<(), Refused> {
    let names: Vec<_> = flags.iter_names().map(|(name, _)| name).collect();
    let call = Call::Mount {
        source: source.map(|path| path.display().to_string()),
        target: target.display().to_string(),
        fstype: fstype.map(str::to_owned),
        flags: names.join("|"),
        data: data.map(str::to_owned),
    };
    trace.step(call, || mount(source, target, fstype, flags, data))
}

/// Replaces subuid(5) and subgid(5) by tables of the lab's ids, for `unshare --map-auto` and rootless
/// runtimes. The machine's tables name the machine's ids.
fn write_subordinate_ids(trace: &mut Tracer, staging: &Path) -> Result<(), Refused> {
    let table = staging.join(SPARE).join("subid");
    for name in ["etc/subuid", "etc/subgid"] {
        let place = staging.join(name);
        if !place.exists() {
            continue;
        }
        let call = format!("write(/{name})");
        let text = "root:1:65535\n";
        trace.step(call, || fs::write(&table, text).map(|()| text.len()))?;
        bind(trace, &table, &place)?;
    }
    Ok(())
}

/// A shadow(5) in which nobody has a password, in place of the machine's that the lab's root can't read.
/// Debian 12's PAM lets no root without it become another user, from its 1.5.2-6+deb12u2 on.
fn write_shadow(trace: &mut Tracer, staging: &Path) -> Result<(), Refused> {
    let place = staging.join("etc/shadow");
    let Err(error) = fs::File::open(&place) else {
        return Ok(());
    };
    if error.kind() != ErrorKind::PermissionDenied {
        return Ok(());
    }
    let table = staging.join(SPARE).join("shadow");
    let users = fs::read(staging.join("etc/passwd")).unwrap_or_default();
    let users = String::from_utf8_lossy(&users);
    let names = users.lines().filter_map(|line| line.split(':').next());
    let text: String = names.flat_map(|name| [name, ":*:::::::\n"]).collect();
    trace.step("write(/etc/shadow)", || write(&table, &text, 0o640))?;
    bind(trace, &table, &place)
}

/// Whether a device node of the machine that the lab shows belongs to one of the lab's users, who could
/// change its permissions for everybody.
pub(super) fn owns_a_device() -> bool {
    /// How an owner without an id in this user namespace appears.
    const NOBODY: u32 = 65534;
    DEVICES.iter().any(|name| {
        let node = fs::metadata(Path::new("/dev").join(name));
        node.is_ok_and(|node| node.uid() != NOBODY)
    })
}

fn devices(trace: &mut Tracer, dev: &Path, ids: IdCount) -> Result<(), Refused> {
    for name in DEVICES {
        let source = Path::new("/dev").join(name);
        let target = dev.join(name);
        mountpoint_file(trace, &target)?;
        bind(trace, &source, &target)?;
    }
    let noexec = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
    directory(trace, &dev.join("pts"), 0o755)?;
    // A new instance: through the machine's, the learner could write to other terminals of the same
    // user.
    let options = match ids {
        IdCount::One => "newinstance,ptmxmode=0666,mode=620",
        // The group tty, as on Debian.
        IdCount::Many => "newinstance,ptmxmode=0666,mode=620,gid=5",
    };
    attach(trace, "devpts", &dev.join("pts"), noexec, Some(options))?;
    directory(trace, &dev.join("shm"), 0o1777)?;
    let no_devices = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    let options = "size=64m,mode=1777";
    attach(trace, "tmpfs", &dev.join("shm"), no_devices, Some(options))?;
    directory(trace, &dev.join("mqueue"), 0o1777)?;
    let flags = noexec | no_devices;
    let mqueue = attach(trace, "mqueue", &dev.join("mqueue"), flags, Some(""));
    report_if_refused(trace, &mqueue, Shortfall::Mqueue);
    let links = [
        ("ptmx", "pts/ptmx"),
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ];
    for (name, destination) in links {
        let call = format!("symlink({destination}, /dev/{name})");
        trace.step(call, || symlink(destination, dev.join(name)))?;
    }
    Ok(())
}

/// Makes an empty file to mount something on.
pub(super) fn mountpoint_file(trace: &mut Tracer, path: &Path) -> Result<(), Refused> {
    // Never open an existing file: a FIFO of the learner's would block us.
    let call = Call::open(path, "O_CREAT|O_EXCL|O_WRONLY");
    trace.step_unless(Errno::EEXIST, call, || fs::File::create_new(path).map(drop))
}

/// Mounts a new proc and sysfs: the machine's would show its processes and interfaces.
fn mount_kernel_views(
    trace: &mut Tracer,
    staging: &Path,
    cgroups: CgroupView,
) -> Result<(), Refused> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    let proc: PathBuf = staging.join("proc");
    if attach(trace, "proc", &proc, flags, Some("")).is_ok() {
        spare(trace, "proc", staging, flags);
    } else {
        // Parts of the machine's /proc are masked, as in a Docker container; the kernel doesn't let
        // a new proc reveal them.
        report_shortfall(trace, Shortfall::Proc);
        bind(trace, Path::new("/proc"), &proc)?;
    }
    // Mount the spare sysfs before the one at /sys. A container's copy of the mounts is in the order of the mount
    // tree; in another order here, the comparison would show a difference.
    spare(trace, "sysfs", staging, flags);
    let sys = staging.join("sys");
    let readonly = flags | MsFlags::MS_RDONLY;
    let sysfs = attach(trace, "sysfs", &sys, flags, Some("")).or_else(|_| {
        let sysfs = attach(trace, "sysfs", &sys, readonly, Some(""));
        if sysfs.is_ok() {
            report_shortfall(trace, Shortfall::SysfsReadonly);
        }
        sysfs
    });
    report_if_refused(trace, &sysfs, Shortfall::Sysfs);
    if sysfs.is_ok() {
        let place = sys.join("fs/cgroup");
        // Without cgroup v2 its place stays empty.
        let _ = match cgroups {
            CgroupView::Own => attach(trace, "cgroup2", &place, flags, None),
            CgroupView::Guards => bind(trace, Path::new(outer_cgroup::VIEW), &place),
        };
    }
    Ok(())
}

/// Mounts a spare proc or sysfs. If it is refused, only `ip netns exec` doesn't work.
fn spare(trace: &mut Tracer, fstype: &str, staging: &Path, flags: MsFlags) {
    let place = staging.join(SPARE).join(fstype);
    if directory(trace, &place, 0o555).is_ok() {
        let _ = attach(trace, fstype, &place, flags, Some(""));
    }
}

pub(super) fn report_shortfall(trace: &Tracer, shortfall: Shortfall) {
    let _ = trace.channel().send(&Message::Missing(shortfall));
}

pub(super) fn report_if_refused(
    trace: &Tracer,
    result: &Result<(), Refused>,
    shortfall: Shortfall,
) {
    if result.is_err() {
        report_shortfall(trace, shortfall);
    }
}

/// Detaches what is mounted at `path`, if anything is.
pub(super) fn detach(trace: &mut Tracer, path: &Path) -> Result<(), Refused> {
    if path.symlink_metadata().is_err() {
        return Ok(());
    }
    let call = Call::Umount(path.display().to_string());
    // EINVAL: nothing is mounted on that file.
    trace.step_unless(Errno::EINVAL, call, || detach_quietly(path))
}

/// Like [`detach`] without a report, for when the launch is over.
pub(super) fn detach_quietly(path: &Path) -> Result<(), Errno> {
    umount2(path, MntFlags::MNT_DETACH)
}
