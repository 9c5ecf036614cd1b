//! Raw system calls with types: the only unsafe code of nslab.
//!
//! Owns the calls that no crate offers safely. Must not know what they are used for.

use std::convert::Infallible;
use std::ffi::{CStr, CString, c_char, c_int, c_long, c_void};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, SealFlag, fcntl};
use nix::sched::CloneFlags;
use nix::sys::signal::SigSet;
use nix::unistd::{ForkResult, Pid};
use nix::{NixPath, Result};

/// mount_setattr(2): the mount is read-only.
pub(crate) const MOUNT_ATTR_RDONLY: u64 = 0x1;

/// Flags of open_tree(2) and related calls.
const OPEN_TREE_CLONE: c_int = 1;
const AT_RECURSIVE: c_int = 0x8000;
const MOVE_MOUNT_F_EMPTY_PATH: c_int = 0x4;
const RESOLVE_NO_XDEV: u64 = 0x01;
const RESOLVE_NO_MAGICLINKS: u64 = 0x02;
const RESOLVE_IN_ROOT: u64 = 0x10;
const CLOSE_RANGE_CLOEXEC: c_long = 4;
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;
const SECCOMP_FILTER_FLAG_SPEC_ALLOW: c_long = 4;
const KEYCTL_JOIN_SESSION_KEYRING: c_long = 1;
const KEYCTL_SETPERM: c_long = 5;
/// `_IO(0xb7, 1)` and `_IO(0xb7, 2)` of `<linux/nsfs.h>`.
const NS_GET_USERNS: libc::Ioctl = 0xb701;
const NS_GET_PARENT: libc::Ioctl = 0xb702;
/// `_IO(0xb7, 3)`, `_IO(0xb7, 4)` and, since Linux 6.18, `_IOR(0xb7, 13, __u64)`.
const NS_GET_NSTYPE: libc::Ioctl = 0xb703;
const NS_GET_OWNER_UID: libc::Ioctl = 0xb704;
const NS_GET_ID: libc::Ioctl = (2 << 30) | (8 << 16) | 0xb70d;
/// Of `<linux/sockios.h>`.
const SIOCGSKNS: libc::Ioctl = 0x894c;

fn owned(result: c_long) -> Result<OwnedFd> {
    let fd = RawFd::try_from(Errno::result(result)?).map_err(|_| Errno::EBADF)?;
    // SAFETY: the kernel has just returned this descriptor to us, so nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// fork(2), for helpers.
///
/// The caller must be single-threaded (every helper is: it starts no thread), as the child goes on
/// in ordinary Rust code. With a second thread the call is refused with EBUSY.
pub(crate) fn fork() -> Result<ForkResult> {
    single_threaded()?;
    // SAFETY: no other thread exists that could hold a lock the child would need.
    unsafe { nix::unistd::fork() }
}

/// Sets the NIS domain name of the caller's UTS namespace; setdomainname(2).
pub(crate) fn setdomainname(name: &str) -> Result<()> {
    // SAFETY: the kernel reads as many bytes as `name` has.
    let result = unsafe { libc::setdomainname(name.as_ptr().cast(), name.len()) };
    Errno::result(result).map(drop)
}

/// Waits until a child has ended; waitpid(2).
///
/// nix's waitpid reaps a child that a real-time signal ended, and then fails with EINVAL: it has no name
/// for such signals.
pub(crate) fn wait(child: Pid) -> Result<ExitStatus> {
    let mut status = 0;
    loop {
        // SAFETY: `status` is a valid place for what the kernel writes.
        match Errno::result(unsafe { libc::waitpid(child.as_raw(), &raw mut status, 0) }) {
            Ok(_) => return Ok(ExitStatus::from_raw(status)),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// fork(2) with the child in another cgroup from the start, and in new namespaces of the kinds in `flags`:
/// clone3(2), CLONE_INTO_CGROUP. Moving an existing process would delay the whole machine by
/// milliseconds. A new cgroup namespace has its root at `cgroup`.
///
/// As with [`fork`], the caller must be single-threaded. `cgroup` is the cgroup's directory.
pub(crate) fn fork_into(cgroup: BorrowedFd<'_>, flags: u32) -> Result<ForkResult> {
    single_threaded()?;
    let arguments = CloneArguments::into_cgroup(cgroup, flags);
    // SAFETY: no other thread exists that could hold a lock the child would need.
    let pid = unsafe { clone3(&arguments) };
    match Errno::result(pid)? {
        0 => Ok(ForkResult::Child),
        pid => {
            let child = i32::try_from(pid).map_err(|_| Errno::EOVERFLOW)?;
            Ok(ForkResult::Parent {
                child: Pid::from_raw(child),
            })
        }
    }
}

/// Whether clone3(2) reaches the kernel. Seccomp filters can't inspect its arguments, so many refuse it.
pub(crate) fn has_clone3() -> bool {
    // SAFETY: of a struct of no size the kernel reads nothing, and says EINVAL.
    let answer = unsafe { libc::syscall(libc::SYS_clone3, std::ptr::null::<u8>(), 0) };
    Errno::result(answer) == Err(Errno::EINVAL)
}

/// A program to start in a cgroup; see [`Start::in_cgroup`].
#[derive(Debug)]
pub(crate) struct Start<'a> {
    pub program: &'a CStr,
    pub arguments: &'a [CString],
    pub environment: &'a [CString],
    pub stdin: BorrowedFd<'a>,
    /// Standard output and standard error.
    pub output: BorrowedFd<'a>,
}

impl Start<'_> {
    /// Starts it in the directory `/`, without signals blocked. Like posix_spawn(3), which knows no cgroups,
    /// this returns when the program runs, and threads may exist.
    pub(crate) fn in_cgroup(&self, cgroup: BorrowedFd<'_>) -> Result<Pid> {
        let pointers = |strings: &[CString]| -> Vec<*const c_char> {
            let all = strings.iter().map(|it| it.as_ptr());
            all.chain([std::ptr::null()]).collect()
        };
        let (argv, envp) = (pointers(self.arguments), pointers(self.environment));
        let none = SigSet::empty();
        let (mut refusal, teller) = std::io::pipe().map_err(|_| Errno::last())?;
        let arguments = CloneArguments::into_cgroup(cgroup, 0);
        // SAFETY: the child makes system calls alone, and takes neither memory nor locks: another thread may
        // hold any lock. `arguments` lives until the call returns.
        let pid = Errno::result(unsafe { clone3(&arguments) })?;
        if pid == 0 {
            // SAFETY: the strings and the lists of them, which end with NULL, are the child's own copies.
            // execve closes the pipe and nslab's other descriptors, which are all close-on-exec.
            unsafe {
                // Signals that nslab waits for by signalfd(2) are blocked here.
                libc::sigprocmask(libc::SIG_SETMASK, none.as_ref(), std::ptr::null_mut());
                libc::dup2(self.stdin.as_raw_fd(), libc::STDIN_FILENO);
                libc::dup2(self.output.as_raw_fd(), libc::STDOUT_FILENO);
                libc::dup2(self.output.as_raw_fd(), libc::STDERR_FILENO);
                // A directory of the user's could else not be unmounted while the program runs.
                libc::chdir(c"/".as_ptr());
                libc::execve(self.program.as_ptr(), argv.as_ptr(), envp.as_ptr());
                // Only a refusal returns.
                let errno = Errno::last_raw().to_ne_bytes();
                libc::write(teller.as_raw_fd(), errno.as_ptr().cast(), errno.len());
                libc::_exit(libc::EXIT_FAILURE)
            }
        }
        drop(teller);
        let child = Pid::from_raw(i32::try_from(pid).map_err(|_| Errno::EOVERFLOW)?);
        let mut errno = [0; size_of::<c_int>()];
        if std::io::Read::read_exact(&mut refusal, &mut errno).is_err() {
            // End of file: the pipe was closed by execve.
            return Ok(child);
        }
        wait(child)?;
        Err(Errno::from_raw(c_int::from_ne_bytes(errno)))
    }
}

/// clone3(2): 0 for the child, which goes on on a copy of our memory, as after fork(2).
///
/// # Safety
///
/// If another thread exists, the child may take no lock, and so no memory, until it calls execve(2).
unsafe fn clone3(arguments: &CloneArguments) -> c_long {
    // SAFETY: the arguments, whose size is passed, have neither CLONE_VM nor a stack of the child's own.
    unsafe {
        libc::syscall(
            libc::SYS_clone3,
            &raw const *arguments,
            size_of::<CloneArguments>(),
        )
    }
}

/// `struct clone_args`; clone(2).
#[derive(Default)]
#[repr(C)]
struct CloneArguments {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

impl CloneArguments {
    fn into_cgroup(cgroup: BorrowedFd<'_>, flags: u32) -> Self {
        Self {
            flags: CLONE_INTO_CGROUP | u64::from(flags),
            exit_signal: libc::SIGCHLD.unsigned_abs().into(),
            cgroup: cgroup.as_raw_fd().unsigned_abs().into(),
            ..Self::default()
        }
    }
}

/// clone(2) as the programs of `nslab code` use it: a child on a stack of its own, in new namespaces.
///
/// Without CLONE_VM the child works on a copy of our memory, so `stack` must only live until the
/// call returns. What `child` returns is the child's exit status. Refused with EBUSY where a second
/// thread exists.
pub(crate) fn clone(
    flags: u32,
    stack: &mut [u8],
    child: impl FnOnce() -> Infallible,
) -> Result<Pid> {
    single_threaded()?;
    let mut child = Some(child);
    let callback = Box::new(move || {
        if let Some(child) = child.take() {
            match child() {}
        }
        0
    });
    let flags = CloneFlags::from_bits_retain(flags.cast_signed());
    // SAFETY: no other thread exists that could hold a lock the child would need; CLONE_VM is never
    // among the flags of a namespace set, so parent and child don't share the stack.
    unsafe { nix::sched::clone(callback, stack, flags, Some(libc::SIGCHLD)) }
}

/// EBUSY if this process has a second thread.
fn single_threaded() -> Result<()> {
    // SAFETY: the call takes no pointer. unshare(CLONE_VM) does nothing in a single-threaded
    // process and is refused with EINVAL in any other; unshare(2).
    let answer = unsafe { libc::unshare(libc::CLONE_VM) };
    Errno::result(answer).map(drop).map_err(|_| Errno::EBUSY)
}

/// pidfd_open(2).
pub(crate) fn pidfd_open(pid: Pid) -> Result<OwnedFd> {
    // SAFETY: the call takes two numbers.
    owned(unsafe { libc::syscall(libc::SYS_pidfd_open, pid.as_raw(), 0) })
}

/// The pid behind a pidfd in our `/proc`; `None` if the process has ended.
pub(crate) fn pid_of(pidfd: BorrowedFd<'_>) -> Option<i32> {
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd())).ok()?;
    let pid = info.lines().find_map(|line| line.strip_prefix("Pid:"))?;
    pid.trim().parse().ok().filter(|pid| *pid > 0)
}

/// pidfd_send_signal(2) without further information. `None` asks whether this process may.
pub(crate) fn pidfd_send_signal(
    pidfd: BorrowedFd<'_>,
    signal: Option<nix::sys::signal::Signal>,
) -> Result<()> {
    let no_info = std::ptr::null::<c_void>();
    // SAFETY: a null pointer asks the kernel to fill in the information itself.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            signal.map_or(0, |signal| signal as c_int),
            no_info,
            0,
        )
    };
    Errno::result(answer).map(drop)
}

/// mount_setattr(2) on a path: sets and clears attributes, recursively or on the one mount.
pub(crate) fn mount_setattr(path: &Path, recursive: bool, set: u64, clear: u64) -> Result<()> {
    #[repr(C)]
    struct MountAttr {
        attr_set: u64,
        attr_clr: u64,
        propagation: u64,
        userns_fd: u64,
    }
    let attr = MountAttr {
        attr_set: set,
        attr_clr: clear,
        propagation: 0,
        userns_fd: 0,
    };
    let flags = if recursive { AT_RECURSIVE } else { 0 };
    let answer = path.with_nix_path(|path| {
        // SAFETY: path and attr live through the call, and the size is that of attr.
        unsafe {
            libc::syscall(
                libc::SYS_mount_setattr,
                libc::AT_FDCWD,
                path.as_ptr(),
                flags,
                &raw const attr,
                size_of::<MountAttr>(),
            )
        }
    })?;
    Errno::result(answer).map(drop)
}

/// open_tree(2) with OPEN_TREE_CLONE: a detached copy of the mount at `path`.
pub(crate) fn clone_mount(path: &Path) -> Result<OwnedFd> {
    let answer = path.with_nix_path(|path| {
        let flags = OPEN_TREE_CLONE | libc::O_CLOEXEC;
        // SAFETY: path lives through the call.
        unsafe { libc::syscall(libc::SYS_open_tree, libc::AT_FDCWD, path.as_ptr(), flags) }
    })?;
    owned(answer)
}

/// move_mount(2): attaches a detached mount at `path`.
pub(crate) fn attach_mount(mount: BorrowedFd<'_>, path: &Path) -> Result<()> {
    let answer = path.with_nix_path(|path| {
        // SAFETY: both paths live through the call; the empty one means the descriptor itself.
        unsafe {
            libc::syscall(
                libc::SYS_move_mount,
                mount.as_raw_fd(),
                c"".as_ptr(),
                libc::AT_FDCWD,
                path.as_ptr(),
                MOVE_MOUNT_F_EMPTY_PATH,
            )
        }
    })?;
    Errno::result(answer).map(drop)
}

/// openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS: `path` as a process whose root is
/// `root` would find it. The owner of that tree can't lead us out of it with a link, nor keep us
/// waiting on a FIFO.
pub(crate) fn open_in_root(root: BorrowedFd<'_>, path: &CStr, flags: c_int) -> Result<OwnedFd> {
    openat2(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)
}

/// The same, but EXDEV where anything is mounted on the way: the opened file is on the file system that
/// `root` is on.
pub(crate) fn open_on_same_mount(
    root: BorrowedFd<'_>,
    path: &CStr,
    flags: c_int,
) -> Result<OwnedFd> {
    let resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
    openat2(root, path, flags, resolve)
}

fn openat2(root: BorrowedFd<'_>, path: &CStr, flags: c_int, resolve: u64) -> Result<OwnedFd> {
    #[repr(C)]
    struct OpenHow {
        flags: u64,
        mode: u64,
        resolve: u64,
    }
    // O_PATH opens nothing that could keep us waiting, and allows no such flag.
    let patient = if flags & libc::O_PATH == 0 {
        libc::O_NONBLOCK | libc::O_NOCTTY
    } else {
        0
    };
    let flags = flags | libc::O_CLOEXEC | patient;
    let how = OpenHow {
        flags: u64::from(flags.cast_unsigned()),
        mode: 0,
        resolve,
    };
    // SAFETY: path and how live through the call, and the size is that of how.
    owned(unsafe {
        libc::syscall(
            libc::SYS_openat2,
            root.as_raw_fd(),
            path.as_ptr(),
            &raw const how,
            size_of::<OpenHow>(),
        )
    })
}

/// Joins the session keyring of this name that the caller may find, or a new one; without a name a new
/// one. keyctl(2), KEYCTL_JOIN_SESSION_KEYRING. ENOSYS if the kernel has no keyrings. Returns the
/// keyring's number, or None if the caller was in it.
pub(crate) fn join_session_keyring(name: Option<&CStr>) -> Result<Option<i32>> {
    let name = name.map_or(std::ptr::null(), CStr::as_ptr);
    // SAFETY: the name is null or lives through the call, which only reads it.
    let answer = unsafe { libc::syscall(libc::SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name) };
    // key_serial_t is an int.
    let key = Errno::result(answer)?;
    Ok(i32::try_from(key).ok().filter(|key| *key != 0))
}

/// keyctl(2), KEYCTL_SETPERM. EACCES if the key is another user's.
pub(crate) fn set_key_permissions(key: i32, permissions: u32) -> Result<()> {
    // SAFETY: the call takes numbers only.
    let answer = unsafe { libc::syscall(libc::SYS_keyctl, KEYCTL_SETPERM, key, permissions) };
    Errno::result(answer).map(drop)
}

/// seccomp(2), SECCOMP_SET_MODE_FILTER: the kernel asks this program about every call from now on.
/// Needs CAP_SYS_ADMIN in the caller's user namespace. Without SPEC_ALLOW some kernels would slow the
/// caller down against Spectre.
pub(crate) fn load_filter(program: &[libc::sock_filter]) -> Result<()> {
    let length = u16::try_from(program.len()).map_err(|_| Errno::EINVAL)?;
    let program = libc::sock_fprog {
        len: length,
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: program and what it points to live through the call, which only reads them; the length
    // is that of the slice.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            c_long::from(libc::SECCOMP_SET_MODE_FILTER),
            SECCOMP_FILTER_FLAG_SPEC_ALLOW,
            &raw const program,
        )
    };
    Errno::result(answer).map(drop)
}

/// prctl(2), PR_CAPBSET_DROP: programs executed from now on never have this capability, given by
/// its number in capabilities(7).
pub(crate) fn drop_capability(number: c_int) -> Result<()> {
    // SAFETY: numbers only.
    let answer = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, number, 0, 0, 0) };
    Errno::result(answer).map(drop)
}

/// close_range(2) with CLOSE_RANGE_CLOEXEC: exec closes every descriptor that is open now, except
/// 0, 1 and 2.
pub(crate) fn keep_descriptors_to_ourselves() -> Result<()> {
    let (first, last): (c_long, c_long) = (3, c_long::from(u32::MAX));
    // SAFETY: numbers only; no descriptor is closed before an exec.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, last, CLOSE_RANGE_CLOEXEC) };
    Errno::result(result).map(drop)
}

/// The command is to start in a session of its own, with the signals that a program expects; setsid(2).
pub(crate) fn start_in_new_session(command: &mut Command) -> &mut Command {
    let prepare = || {
        for number in [
            libc::SIGCHLD,
            libc::SIGHUP,
            libc::SIGINT,
            libc::SIGQUIT,
            libc::SIGTERM,
            libc::SIGALRM,
        ] {
            // SAFETY: the default action is no code of ours.
            unsafe { libc::signal(number, libc::SIG_DFL) };
        }
        nix::unistd::setsid()?;
        Ok(())
    };
    // SAFETY: between fork and exec there are two calls, both async-signal-safe, and no memory is taken.
    unsafe { command.pre_exec(prepare) }
}

/// Whether the machine has this locale, and its characters are UTF-8; newlocale(3).
pub(crate) fn is_utf8_locale(name: &CStr) -> bool {
    let base = std::ptr::null_mut();
    // SAFETY: name lives through the call; a null base asks for a new locale.
    let locale = unsafe { libc::newlocale(libc::LC_CTYPE_MASK, name.as_ptr(), base) };
    if locale.is_null() {
        return false;
    }
    // SAFETY: locale is a valid one, and the string lives until it is freed.
    let utf8 = unsafe { CStr::from_ptr(libc::nl_langinfo_l(libc::CODESET, locale)) } == c"UTF-8";
    // SAFETY: it is ours, and not used any more.
    unsafe { libc::freelocale(locale) };
    utf8
}

/// TIOCSCTTY: `terminal` becomes the controlling terminal of the caller, a session leader without
/// one; ioctl_tty(2).
pub(crate) fn take_terminal(terminal: BorrowedFd<'_>) -> Result<()> {
    // SAFETY: the call takes a descriptor and a number.
    let answer = unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCSCTTY, 0) };
    Errno::result(answer).map(drop)
}

/// Opens the terminal whose machine side this is; ioctl_tty(2), TIOCGPTPEER. Works without its path, which may be
/// in another mount namespace.
pub(crate) fn terminal_of(master: BorrowedFd<'_>) -> Result<OwnedFd> {
    let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC;
    // SAFETY: the call takes a descriptor and a number; other files refuse it with ENOTTY.
    owned(c_long::from(unsafe {
        libc::ioctl(master.as_raw_fd(), libc::TIOCGPTPEER, flags)
    }))
}

/// How many bytes can be read at once; ioctl_tty(2), FIONREAD.
pub(crate) fn unread(terminal: BorrowedFd<'_>) -> Result<usize> {
    let mut bytes: c_int = 0;
    // SAFETY: bytes is a valid place for what the kernel writes.
    let answer = unsafe { libc::ioctl(terminal.as_raw_fd(), libc::FIONREAD, &raw mut bytes) };
    Errno::result(answer).map(|_| usize::try_from(bytes).unwrap_or(0))
}

/// The user namespace that owns a namespace; ioctl_ns(2), NS_GET_USERNS. EPERM if it is not below
/// the caller's own.
pub(crate) fn owner_of_namespace(namespace: BorrowedFd<'_>) -> Result<OwnedFd> {
    // SAFETY: the call takes a descriptor and a number; other files refuse it with ENOTTY.
    owned(c_long::from(unsafe {
        libc::ioctl(namespace.as_raw_fd(), NS_GET_USERNS)
    }))
}

/// The parent of a user or PID namespace; ioctl_ns(2), NS_GET_PARENT. EPERM if it is not below the
/// caller's own.
pub(crate) fn parent_of_namespace(namespace: BorrowedFd<'_>) -> Result<OwnedFd> {
    // SAFETY: the call takes a descriptor and a number; other files refuse it with ENOTTY.
    owned(c_long::from(unsafe {
        libc::ioctl(namespace.as_raw_fd(), NS_GET_PARENT)
    }))
}

/// The user that made a user namespace; ioctl_ns(2), NS_GET_OWNER_UID. EINVAL for another kind.
pub(crate) fn owner_uid_of_namespace(namespace: BorrowedFd<'_>) -> Result<u32> {
    let mut uid: libc::uid_t = 0;
    // SAFETY: uid is a valid place for what the kernel writes; other files refuse it with ENOTTY.
    let answer = unsafe { libc::ioctl(namespace.as_raw_fd(), NS_GET_OWNER_UID, &raw mut uid) };
    Errno::result(answer).map(|_| uid)
}

/// The bit of clone(2) that makes such a namespace; ioctl_ns(2), NS_GET_NSTYPE.
pub(crate) fn flag_of_namespace(namespace: BorrowedFd<'_>) -> Result<u32> {
    // SAFETY: the call takes a descriptor and a number; other files refuse it with ENOTTY.
    let answer = unsafe { libc::ioctl(namespace.as_raw_fd(), NS_GET_NSTYPE) };
    Errno::result(answer).map(i32::cast_unsigned)
}

/// Device and inode of what a path leads to, without asking a file server; statx(2),
/// AT_STATX_DONT_SYNC.
pub(crate) fn identity(directory: BorrowedFd<'_>, path: &str) -> Result<(u64, u64)> {
    let mut answer = std::mem::MaybeUninit::<libc::statx>::zeroed();
    let result = path.with_nix_path(|path| {
        let (fd, flags) = (directory.as_raw_fd(), libc::AT_STATX_DONT_SYNC);
        // SAFETY: path lives through the call, and answer is as long as the kernel's structure.
        unsafe {
            libc::statx(
                fd,
                path.as_ptr(),
                flags,
                libc::STATX_INO,
                answer.as_mut_ptr(),
            )
        }
    })?;
    Errno::result(result)?;
    // SAFETY: all zeros is a valid value of it, and the kernel has filled in its own.
    let answer = unsafe { answer.assume_init() };
    let device = libc::makedev(answer.stx_dev_major, answer.stx_dev_minor);
    Ok((device, answer.stx_ino))
}

/// The id of a namespace, which no other one ever has; NS_GET_ID. ENOTTY before Linux 6.18.
pub(crate) fn id_of_namespace(namespace: BorrowedFd<'_>) -> Result<u64> {
    let mut id: u64 = 0;
    // SAFETY: id is a valid place for the eight bytes that the kernel writes.
    let answer = unsafe { libc::ioctl(namespace.as_raw_fd(), NS_GET_ID, &raw mut id) };
    Errno::result(answer).map(|_| id)
}

/// A descriptor of another process's open file; pidfd_getfd(2), Linux 5.6. EPERM without ptrace access to it.
pub(crate) fn open_file_of(pidfd: BorrowedFd<'_>, fd: RawFd) -> Result<OwnedFd> {
    // SAFETY: the call takes three numbers. The new descriptor is closed on exec.
    owned(unsafe { libc::syscall(libc::SYS_pidfd_getfd, pidfd.as_raw_fd(), fd, 0) })
}

/// The network namespace that a socket was made in; SIOCGSKNS. EPERM without CAP_NET_ADMIN over it.
pub(crate) fn network_of_socket(socket: BorrowedFd<'_>) -> Result<OwnedFd> {
    // SAFETY: the call takes a descriptor and a number; other files refuse it with ENOTTY.
    owned(c_long::from(unsafe {
        libc::ioctl(socket.as_raw_fd(), SIOCGSKNS)
    }))
}

/// The arguments of listns(2); `struct ns_id_req` of `<linux/nsfs.h>`.
#[repr(C)]
struct NsIdReq {
    size: u32,
    spare: u32,
    ns_id: u64,
    ns_type: u32,
    spare2: u32,
    user_ns_id: u64,
}

/// Fills `ids` with those of the namespaces that follow `after`, in their order, and returns how many;
/// listns(2). Without CAP_SYS_ADMIN in the machine's first PID namespace, only those that the caller is in.
/// ENOENT where there is none after `after`, ENOSYS before Linux 6.19.
pub(crate) fn list_namespaces(after: u64, ids: &mut [u64]) -> Result<usize> {
    /// The same on every architecture; libc has no name for it yet.
    const SYS_LISTNS: c_long = 470;
    let request = NsIdReq {
        size: u32::try_from(size_of::<NsIdReq>()).unwrap_or(0),
        spare: 0,
        ns_id: after,
        ns_type: 0,
        spare2: 0,
        user_ns_id: 0,
    };
    // SAFETY: request and ids live through the call, and the kernel writes as many ids as fit.
    let count = unsafe {
        libc::syscall(
            SYS_LISTNS,
            &raw const request,
            ids.as_mut_ptr(),
            ids.len(),
            0,
        )
    };
    Errno::result(count).map(|count| usize::try_from(count).unwrap_or(0))
}

/// Opens the namespace with an id of NS_GET_ID; open_by_handle_at(2). ESTALE if it has ended, if the
/// caller may not see it, or before Linux 6.19.
pub(crate) fn open_namespace_by_id(id: u64) -> Result<OwnedFd> {
    /// `struct file_handle` with a `struct nsfs_file_handle`: its kind and its inode may be left out.
    #[repr(C)]
    struct Handle {
        bytes: u32,
        kind: c_int,
        ns_id: u64,
        ns_type: u32,
        ns_inum: u32,
    }
    /// FD_NSFS_ROOT of `<linux/fcntl.h>`.
    const NSFS_ROOT: c_int = -10003;
    /// FILEID_NSFS of the kernel's `<linux/exportfs.h>`.
    const FILEID_NSFS: c_int = 0xf1;
    let handle = Handle {
        bytes: 16,
        kind: FILEID_NSFS,
        ns_id: id,
        ns_type: 0,
        ns_inum: 0,
    };
    let flags = libc::O_RDONLY | libc::O_CLOEXEC;
    // SAFETY: handle lives through the call and is as long as it says.
    owned(unsafe {
        libc::syscall(
            libc::SYS_open_by_handle_at,
            NSFS_ROOT,
            &raw const handle,
            flags,
        )
    })
}

/// Whether a path is the root of a mount; statx(2), STATX_ATTR_MOUNT_ROOT. ENOTSUP if the kernel
/// doesn't report it (before 5.8).
pub(crate) fn is_mount_root(path: &Path) -> Result<bool> {
    const STATX_ATTR_MOUNT_ROOT: u64 = 0x2000;
    let mut answer = std::mem::MaybeUninit::<libc::statx>::zeroed();
    let result = path.with_nix_path(|path| {
        // SAFETY: path lives through the call, and answer is as long as the kernel's structure.
        unsafe { libc::statx(libc::AT_FDCWD, path.as_ptr(), 0, 0, answer.as_mut_ptr()) }
    })?;
    Errno::result(result)?;
    // SAFETY: all zeros is a valid value of it, and the kernel has filled in its own.
    let answer = unsafe { answer.assume_init() };
    if answer.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT == 0 {
        return Err(Errno::ENOTSUP);
    }
    Ok(answer.stx_attributes & STATX_ATTR_MOUNT_ROOT != 0)
}

/// Makes a System V message queue in the caller's IPC namespace; msgget(2).
pub(crate) fn new_message_queue() -> Result<()> {
    // SAFETY: the call takes two numbers.
    let answer = unsafe { libc::msgget(libc::IPC_PRIVATE, 0o600) };
    Errno::result(answer).map(drop)
}

/// Runs a command in its own session (no SIGHUP); it dies with the starting thread. setsid(2), prctl(2),
/// PR_SET_PDEATHSIG. Children that it has made by fork(2) live on.
pub(crate) fn in_own_session_until_we_end(command: &mut std::process::Command) {
    let prepare = || {
        nix::unistd::setsid()?;
        nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
        Ok(())
    };
    // SAFETY: between fork and exec the closure makes two system calls, and takes neither memory nor locks.
    unsafe { std::os::unix::process::CommandExt::pre_exec(command, prepare) };
}

/// Ignores a signal; sigaction(2), SIG_IGN.
pub(crate) fn ignore(sig: nix::sys::signal::Signal) -> Result<()> {
    // SAFETY: SIG_IGN is no handler, so no code runs in signal context.
    unsafe { nix::sys::signal::signal(sig, nix::sys::signal::SigHandler::SigIgn) }.map(drop)
}

/// The use of a file in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemoryUse {
    Program,
    Data,
}

/// Makes a file in memory, filled by `write` and sealed against every change.
///
/// memfd_create(2), with MFD_EXEC or MFD_NOEXEC_SEAL if the kernel knows them (6.3): where vm.memfd_noexec is 2,
/// it makes none without the latter.
pub(crate) fn sealed_memfd(
    name: &CStr,
    purpose: MemoryUse,
    write: impl FnOnce(&mut std::fs::File) -> std::io::Result<()>,
) -> std::io::Result<OwnedFd> {
    const MFD_NOEXEC_SEAL: u32 = 0x8;
    const MFD_EXEC: u32 = 0x10;
    let executable = match purpose {
        MemoryUse::Program => MFD_EXEC,
        MemoryUse::Data => MFD_NOEXEC_SEAL,
    };
    let create = |flags: u32| {
        // SAFETY: name lives through the call.
        owned(unsafe { libc::syscall(libc::SYS_memfd_create, name.as_ptr(), flags) })
    };
    let flags = libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING;
    let fd = match create(flags | executable) {
        Err(Errno::EINVAL) => create(flags)?,
        other => other?,
    };
    let mut file = std::fs::File::from(fd);
    write(&mut file)?;
    let seals = SealFlag::F_SEAL_WRITE
        | SealFlag::F_SEAL_GROW
        | SealFlag::F_SEAL_SHRINK
        | SealFlag::F_SEAL_SEAL;
    // The kernel waits a moment for pages that are still in use, then says EBUSY.
    let mut tries = 20;
    while let Err(refused) = fcntl(&file, FcntlArg::F_ADD_SEALS(seals)) {
        tries -= 1;
        if refused != Errno::EBUSY || tries == 0 {
            return Err(refused.into());
        }
    }
    // Reopened for reading: a file that anybody has open for writing can't be executed.
    std::fs::File::open(format!("/proc/self/fd/{}", file.as_raw_fd())).map(OwnedFd::from)
}

/// Takes ownership of a descriptor that the process was started with.
///
/// Refused with EBADF where it isn't open.
pub(crate) fn inherited_fd(fd: RawFd) -> Result<OwnedFd> {
    // SAFETY: F_GETFD only asks whether the number is open.
    Errno::result(unsafe { libc::fcntl(fd, libc::F_GETFD) })?;
    // SAFETY: it is open and came to us by exec, so no other object of this process owns it;
    // callers take each number once, at their start.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Takes ownership of a descriptor that accept(2) or recvmsg(2) has just made; nix returns these as
/// bare numbers.
pub(crate) fn received_fd(fd: RawFd) -> OwnedFd {
    // SAFETY: callers pass the number on directly from the call that made it, once.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// Duplicates a descriptor that a crate returns as a bare number; fcntl(2), F_DUPFD_CLOEXEC.
pub fn duplicate(fd: RawFd) -> Result<OwnedFd> {
    // SAFETY: the call takes numbers.
    owned(c_long::from(unsafe {
        libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0)
    }))
}

/// Sets whether exec keeps a descriptor.
pub(crate) fn keep_on_exec(fd: impl AsFd, keep: bool) -> Result<()> {
    let flags = if keep {
        FdFlag::empty()
    } else {
        FdFlag::FD_CLOEXEC
    };
    fcntl(fd, FcntlArg::F_SETFD(flags)).map(drop)
}

/// Lets others have the processor first; setpriority(2). Nothing depends on it.
pub(crate) fn be_nice() {
    // SAFETY: It changes only how this process is scheduled.
    let _ = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, 5) };
}
