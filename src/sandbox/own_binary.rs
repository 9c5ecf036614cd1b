//! The file that nslab's processes in the lab run from, so that nobody can change the machine's file.
//!
//! A process in the lab's PID namespace can open the file of another one by `/proc/PID/exe`, and an
//! ordinary user owns nslab's file. Owns the origin of the lab's file. Must not know who runs from it.

use std::convert::Infallible;
use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, Seek};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::{Mode, fstat};
use nix::sys::statvfs::{FsFlags, fstatvfs};
use nix::unistd::{chdir, fexecve};

use super::call::Call;
use super::memory_file;
use super::trace::{Refused, Tracer};
use crate::sys::MemoryUse;

/// nslab's binary on the machine.
#[derive(Debug)]
pub(super) struct OwnBinary {
    file: File,
    /// Its name in the current directory, if it is still there.
    name: PathBuf,
}

impl OwnBinary {
    /// Finds the binary and changes to its directory: the working directory stays usable in a new mount
    /// namespace, even where the lab's user can't reach it by a path.
    pub(super) fn find(trace: &mut Tracer) -> Result<Self, Refused> {
        let ours = Path::new("/proc/self/exe");
        let call = Call::open(ours, "O_RDONLY|O_CLOEXEC");
        let file = trace.step(call, || File::open(ours))?;
        let path = fs::read_link(ours).unwrap_or_default();
        let name = match (path.parent().map(chdir), path.file_name()) {
            (Some(Ok(())), Some(name)) => PathBuf::from(name),
            _ => PathBuf::new(),
        };
        Ok(Self { file, name })
    }

    /// The same program as a file that nobody can change: the machine's through a read-only mount of a
    /// mount namespace that the lab has no power over, or a sealed copy in memory.
    pub(super) fn unchangeable(self, trace: &mut Tracer) -> Result<OwnedFd, Refused> {
        let call = Call::open(&self.name, "O_RDONLY|O_CLOEXEC");
        let read_only = self.through_read_only_mount();
        // Leave the binary's directory: a working directory keeps its mount busy.
        trace.quiet_step("chdir(/)", || chdir("/"))?;
        match read_only {
            Ok(binary) => trace.step(call, || Ok::<_, Errno>(binary)),
            Err(_) => trace.step(Call::MemfdCreate, || self.sealed_copy()),
        }
    }

    /// ENOENT and ESTALE: it was removed or replaced. EACCES: this user may not read it, or reach its
    /// directory. EPERM: it is below `/dev`, which isn't read-only in L1.
    fn through_read_only_mount(&self) -> nix::Result<OwnedFd> {
        let how = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
        let found = open(&self.name, how, Mode::empty())?;
        let (ours, theirs) = (fstat(&self.file)?, fstat(&found)?);
        if (ours.st_dev, ours.st_ino) != (theirs.st_dev, theirs.st_ino) {
            return Err(Errno::ESTALE);
        }
        if !fstatvfs(&found)?.flags().contains(FsFlags::ST_RDONLY) {
            return Err(Errno::EPERM);
        }
        Ok(found)
    }

    fn sealed_copy(&self) -> io::Result<OwnedFd> {
        let mut file = &self.file;
        file.rewind()?;
        memory_file::sealed(c"nslab", MemoryUse::Program, |copy| copy.write_all_of(file))
    }
}

/// Executes nslab again, so that nothing of the old process stays in memory.
pub(super) fn execute(
    binary: impl AsFd,
    arguments: Vec<String>,
    environment: Vec<String>,
    trace: &mut Tracer,
) -> Result<Infallible, Refused> {
    let strings = |list: Vec<String>| -> Vec<CString> {
        let strings = list.into_iter().filter_map(|text| CString::new(text).ok());
        strings.collect()
    };
    let call = Call::ExecOurselves(arguments.first().cloned().unwrap_or_default());
    let argv = [vec!["nslab".to_owned()], arguments].concat();
    let (argv, environment) = (strings(argv), strings(environment));
    trace.step(call, || fexecve(binary, &argv, &environment))
}
