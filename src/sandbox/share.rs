//! A directory of the user's that the lab host shows: a copy of its files, in memory and read-only.
//!
//! Owns what is copied, and how much. It is a copy because a read-only mount stops no socket and no
//! FIFO: a lab that saw the directory itself could reach a program of the user's that listens there.
//!
//! nslab packs the directory, as it may read files that root's lab may not. The guard unpacks it in its own
//! mount namespace, so that the mount's flags are locked in the lab; mount_namespaces(7).

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::mount::MsFlags;
use tar::{Archive, Builder, EntryType, Header, HeaderMode};

use super::call::Call;
use super::memory_file::{self, MemoryFile};
use super::report::{RefusedStep, Step};
use super::root;
use super::trace::{Refused, Tracer, errno};
use crate::sys::{self, MemoryUse};

/// The directory's name below the lab host's root.
pub(crate) const PLACE: &str = "share";

/// The most bytes that are copied. Each lab holds a copy in memory.
pub(crate) const LARGEST: u64 = 64 << 20;
pub(crate) const MOST: usize = 10_000;
/// Room for [`LARGEST`] and [`MOST`], where each file fills its last page with zeros.
const TMPFS: &str = "size=128m,nr_inodes=16384,mode=755";

/// Why a directory can't be shared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    #[error("can't read {}, so that the lab can't show it: {error}", path.display())]
    Unreadable { path: PathBuf, error: String },
    #[error("{} holds more than {} MiB, and the lab would keep a copy of them in memory; share a smaller directory", .0.display(), LARGEST >> 20)]
    TooLarge(PathBuf),
    #[error("{} holds more than {MOST} files, and the lab would keep a copy of them in memory; share a smaller directory", .0.display())]
    TooMany(PathBuf),
    #[error("can't copy {} into memory: {} was refused", path.display(), refused.step.call)]
    NotCopied {
        path: PathBuf,
        refused: Box<RefusedStep>,
    },
}

/// Copies the directories, regular files and symbolic links below `directory` into a file in memory.
/// Sockets, FIFOs and device nodes are left out.
pub(crate) fn pack(directory: &Path) -> Result<OwnedFd, ShareError> {
    let mut outcome = Ok(());
    let copied = memory_file::sealed(c"nslab-share", MemoryUse::Data, |memory| {
        let mut packing = ShareArchive {
            root: directory,
            archive: Builder::new(memory),
            bytes: 0,
            count: 0,
        };
        outcome = packing.everything();
        Ok(())
    });
    outcome?;
    copied.map_err(|error| {
        let call = "memfd_create(nslab-share, MFD_NOEXEC_SEAL)";
        not_copied(directory, call, errno(&error))
    })
}

fn not_copied(directory: &Path, call: &str, errno: Errno) -> ShareError {
    ShareError::NotCopied {
        path: directory.to_owned(),
        refused: Box::new(RefusedStep::here(Step::refused(call.into(), errno))),
    }
}

struct ShareArchive<'a, 'b> {
    root: &'a Path,
    archive: Builder<&'a mut MemoryFile<'b>>,
    bytes: u64,
    count: usize,
}

impl ShareArchive<'_, '_> {
    fn everything(&mut self) -> Result<(), ShareError> {
        let mut directories = vec![self.root.to_owned()];
        while let Some(directory) = directories.pop() {
            let unreadable = unreadable(&directory);
            for entry in fs::read_dir(&directory).map_err(&unreadable)? {
                let entry = entry.map_err(&unreadable)?;
                let kind = entry.file_type().map_err(&unreadable)?;
                let path = entry.path();
                self.count += 1;
                if self.count > MOST {
                    return Err(ShareError::TooMany(self.root.to_owned()));
                }
                if kind.is_dir() {
                    self.directory(&path)?;
                    directories.push(path);
                } else if kind.is_symlink() {
                    self.link(&path)?;
                } else if kind.is_file() {
                    self.file(&path)?;
                }
            }
        }
        let ended = self.archive.finish();
        ended.map_err(|error| self.not_added(self.root, error))
    }

    fn directory(&mut self, path: &Path) -> Result<(), ShareError> {
        let mut header = Header::new_gnu();
        header.set_metadata_in_mode(
            &path.symlink_metadata().map_err(unreadable(path))?,
            HeaderMode::Complete,
        );
        self.add(&mut header, path, io::empty())
    }

    fn link(&mut self, path: &Path) -> Result<(), ShareError> {
        let target = fs::read_link(path).map_err(unreadable(path))?;
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        let name = self.name(path);
        let added = self.archive.append_link(&mut header, name, target);
        added.map_err(|error| self.not_added(path, error))
    }

    fn file(&mut self, path: &Path) -> Result<(), ShareError> {
        // The file may have been replaced since it was listed: by a link out of the directory, or by a FIFO, whose
        // open would wait for a writer.
        let mut options = OpenOptions::new();
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
        let file = options.read(true).custom_flags(flags.bits()).open(path);
        let file = file.map_err(unreadable(path))?;
        let metadata = file.metadata().map_err(unreadable(path))?;
        if !metadata.is_file() {
            return Ok(());
        }
        self.bytes = self.bytes.saturating_add(metadata.len());
        if self.bytes > LARGEST {
            return Err(ShareError::TooLarge(self.root.to_owned()));
        }
        let mut header = Header::new_gnu();
        header.set_metadata_in_mode(&metadata, HeaderMode::Complete);
        // The archive needs exactly this length, even if the file grows or shrinks meanwhile.
        let length = metadata.len();
        let content = io::Read::take(io::Read::chain(file, io::repeat(0)), length);
        self.add(&mut header, path, content)
    }

    fn add(
        &mut self,
        header: &mut Header,
        path: &Path,
        content: impl io::Read,
    ) -> Result<(), ShareError> {
        let name = self.name(path);
        let added = self.archive.append_data(header, name, content);
        added.map_err(|error| self.not_added(path, error))
    }

    /// Why a file is not in the archive: reading it, or writing the archive, was refused.
    fn not_added(&self, path: &Path, error: io::Error) -> ShareError {
        match self.archive.get_ref().refused() {
            Some(errno) => not_copied(self.root, "write(nslab-share)", errno),
            None => unreadable(path)(error),
        }
    }

    fn name(&self, path: &Path) -> PathBuf {
        path.strip_prefix(self.root).unwrap_or(path).to_owned()
    }
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> ShareError {
    let path = path.to_owned();
    move |error| ShareError::Unreadable {
        path: path.clone(),
        error: error.to_string(),
    }
}

/// Unpacks what nslab has packed, the standard input, into a new file system at `place`, and makes that
/// read-only.
pub(super) fn unpack(place: &Path, trace: &mut Tracer) -> Result<(), Refused> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    root::attach(trace, "tmpfs", place, flags, Some(TMPFS))?;
    let call = "write(files of the shared directory)";
    trace.step(call, || unpack_input(place))?;
    let readonly = Call::MountSetattr {
        path: place.display().to_string(),
        readonly: true,
    };
    trace.step(readonly, || {
        sys::mount_setattr(place, true, sys::MOUNT_ATTR_RDONLY, 0)
    })
}

fn unpack_input(place: &Path) -> io::Result<()> {
    let packed = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    for entry in Archive::new(packed).entries()? {
        entry?.unpack_in(place)?;
    }
    Ok(())
}
