//! The steps of a new child between clone (or fork) and exec.

use std::convert::Infallible;
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::mount::MsFlags;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, chdir, dup2_stderr, dup2_stdin, dup2_stdout, sethostname, setsid};

use super::call::Call;
use super::channel::Message;
use super::habits::die_with_parent;
use super::launch::ProgramOrigin;
use super::options::{LaunchOption, LaunchOptions, Proc, Propagation, Root};
use super::report::Side;
use super::root;
use super::trace::{Refused, Tracer};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sys;

/// The most processes of a lab. Set in the lab's user namespace, the limit counts only those (since
/// Linux 5.14); getrlimit(2), RLIMIT_NPROC.
const PROCESSES: u64 = 1024;
/// The status that shells give for a missing program, and for one that can't be executed.
const NOT_FOUND: i32 = 127;
const NOT_RUNNABLE: i32 = 126;

/// Capabilities over the machine that no lesson uses; linux/capability.h.
const MACHINE_CAPABILITIES: [(&str, i32); 7] = [
    ("CAP_SYS_MODULE", 16),
    ("CAP_SYS_RAWIO", 17),
    ("CAP_SYS_BOOT", 22),
    ("CAP_SYS_TIME", 25),
    ("CAP_MKNOD", 27),
    ("CAP_SYSLOG", 34),
    ("CAP_WAKE_ALARM", 35),
];

#[derive(Debug, Clone)]
pub(super) enum ProgramTerminal {
    /// By its path in the lab host.
    Named(PathBuf),
    /// Opened before another mount namespace was joined, which hides its path.
    Open(Arc<OwnedFd>),
}

/// A program on one side.
#[derive(Debug, Clone)]
pub(super) struct SideProgram {
    /// The side it belongs to.
    pub side: Side,
    pub origin: ProgramOrigin,
    /// Its name and arguments.
    pub argv: Vec<String>,
    /// Its terminal; without one it keeps descriptors 0, 1 and 2.
    pub tty: Option<ProgramTerminal>,
    /// The new namespaces it is in.
    pub flags: NamespaceSet,
    /// The changes that it makes in them before exec.
    pub options: LaunchOptions,
}

impl SideProgram {
    /// Becomes the program. Writes the time of the exec to `told`, which the exec closes; a further
    /// byte reports that it failed.
    pub(super) fn become_it(&self, mut told: PipeWriter, trace: &mut Tracer) -> ! {
        let Err(refused) = self.steps(&mut told, trace);
        let _ = told.write_all(b"x");
        let exec = matches!(*refused.call, Call::Exec(_));
        std::process::exit(match refused.errno {
            Errno::ENOENT if exec => NOT_FOUND,
            _ if exec => NOT_RUNNABLE,
            _ => super::FAILED,
        })
    }

    fn terminal(&self, trace: &mut Tracer) -> Result<Option<OwnedFd>, Refused> {
        match &self.tty {
            None => Ok(None),
            // Opened again by the path in the lab host, so that `tty` finds it.
            Some(ProgramTerminal::Named(path)) => {
                let call = Call::open(path, "O_RDWR");
                let opened = trace.step(call, || open(path, OFlag::O_RDWR, Mode::empty()));
                opened.map(Some)
            }
            Some(ProgramTerminal::Open(fd)) => {
                let call = format!("dup({})", fd.as_raw_fd());
                trace.step(call, || fd.try_clone()).map(Some)
            }
        }
    }

    /// Carries out the mount options. The mount namespace is new, so nobody else sees the mounts.
    fn mounts(&self, trace: &mut Tracer) -> Result<(), Refused> {
        let [before, after] = self.options.propagations();
        propagate(before, trace)?;
        if self.options.root == Root::Own {
            root::build_small(trace)?;
        }
        if self.options.proc == Proc::Fresh {
            let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
            root::attach(trace, "proc", Path::new("/proc"), flags, None)?;
        }
        propagate(after, trace)
    }

    fn steps(&self, told: &mut PipeWriter, trace: &mut Tracer) -> Result<Infallible, Refused> {
        // If the launcher dies, its container must die too.
        die_with_parent(trace)?;
        // A session of its own, for job control and the controlling terminal.
        trace.step(Call::Setsid, setsid)?;
        if let Some(terminal) = self.terminal(trace)? {
            let fd = terminal.as_raw_fd();
            let take = || sys::take_terminal(terminal.as_fd());
            trace.step(Call::TakeTerminal(fd), take)?;
            let call = format!("dup2({fd}, 0), dup2({fd}, 1), dup2({fd}, 2)");
            trace.step(call, || {
                dup2_stdin(&terminal).and_then(|()| dup2_stdout(&terminal))?;
                dup2_stderr(&terminal).map(|()| libc::STDERR_FILENO)
            })?;
        }
        if self.flags.contains(Namespace::Uts) {
            let name = self.options.word(LaunchOption::Hostname);
            let call = Call::SetHostname(name.clone());
            trace.step(call, || sethostname(&name))?;
            if let Some(name) = self.options.value(LaunchOption::Domainname) {
                let call = Call::SetDomainname(name.clone());
                trace.step(call, || sys::setdomainname(&name))?;
            }
        }
        self.mounts(trace)?;
        match self.origin {
            ProgramOrigin::Lab => {
                limit_processes(trace)?;
                // The learner may have removed /root; then any directory will do.
                let _ = trace.step("chdir(/root)", || chdir("/root"));
            }
            // There the limit would count all of the user's processes.
            ProgramOrigin::Machine => {}
        }
        let (name, arguments) = self
            .argv
            .split_first()
            .map_or(("sh", &[][..]), |(n, a)| (n, a));
        let mut command = Command::new(name);
        command
            .args(arguments)
            .env("NSLAB_SIDE", self.side.name())
            .env("PS1", format!("[{}] # ", self.side));
        trace.report();
        // If this fails, nobody reads the time.
        let _ = told.write_all(&time_of_day().to_ne_bytes());
        // Command::exec also resets SIGPIPE, which Rust programs ignore.
        trace.step(Call::Exec(self.argv.clone()), || Err(command.exec()))
    }
}

/// Changes how all mounts propagate.
fn propagate(propagation: Propagation, trace: &mut Tracer) -> Result<(), Refused> {
    let how = match propagation {
        Propagation::Inherited => return Ok(()),
        Propagation::Private => MsFlags::MS_PRIVATE,
        Propagation::Shared => MsFlags::MS_SHARED,
        Propagation::Slave => MsFlags::MS_SLAVE,
    };
    root::propagate(how, trace)
}

/// Limits the number of processes in the caller's user namespace and in those made below it from
/// now on: a user namespace keeps its creator's limit, even if its processes set other limits.
pub(super) fn limit_processes(trace: &mut Tracer) -> Result<(), Refused> {
    // A limit above the user's own would be refused.
    let most = getrlimit(Resource::RLIMIT_NPROC).map_or(PROCESSES, |(_, hard)| hard.min(PROCESSES));
    trace.step(format!("setrlimit(RLIMIT_NPROC, {most})"), || {
        setrlimit(Resource::RLIMIT_NPROC, most, most)
    })
}

/// For root of a lab host without a user namespace: drops capabilities over the machine, against
/// accidents (a clock set, a module loaded). It is no protection against intent, as root can trace
/// a process that still has them. capabilities(7).
pub(super) fn drop_machine_capabilities(trace: &mut Tracer) -> Result<(), Refused> {
    for (name, capability) in MACHINE_CAPABILITIES {
        trace.step(Call::Prctl(format!("PR_CAPBSET_DROP, {name}")), || {
            sys::drop_capability(capability)
        })?;
    }
    Ok(())
}

/// Nanoseconds since 1970, by the only clock that is the same in every time namespace;
/// time_namespaces(7).
fn time_of_day() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    })
}

/// Waits, in the parent, for the exec, and reports it with a pidfd of the program.
pub(super) fn started(
    child: Pid,
    argv: &[String],
    mut ran: PipeReader,
    trace: &mut Tracer,
) -> Result<(), Refused> {
    let mut begun = [0; 8];
    // A child that dies before its exec writes nothing, so its end isn't mistaken for an exec.
    if ran.read_exact(&mut begun).is_err() {
        return Ok(());
    }
    if matches!(ran.read(&mut [0]), Ok(0)) {
        let nanos = time_of_day().saturating_sub(u64::from_ne_bytes(begun));
        trace.tell(
            Call::Exec(argv.to_vec()),
            Ok(0),
            Duration::from_nanos(nanos),
        );
        let call = format!("pidfd_open({child}, 0)");
        let pidfd = trace.step(call, || sys::pidfd_open(child))?;
        let _ = trace.channel().send_with(&Message::Started, pidfd.as_fd());
    }
    Ok(())
}
