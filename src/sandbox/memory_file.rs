//! A file in memory that nobody can change.
//!
//! Owns the check of RLIMIT_FSIZE before each write, so that a write beyond the limit is only refused: otherwise
//! the kernel would send SIGXFSZ, which ends nslab. Must not know what is written, or why.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;

use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit};

use super::trace::errno;
use crate::sys::{self, MemoryUse};

/// Makes a file in memory, filled by `write` and sealed against every change.
pub(super) fn sealed(
    name: &CStr,
    purpose: MemoryUse,
    write: impl FnOnce(&mut MemoryFile<'_>) -> io::Result<()>,
) -> io::Result<OwnedFd> {
    let (limit, _) = getrlimit(Resource::RLIMIT_FSIZE)?;
    sys::sealed_memfd(name, purpose, |file| {
        write(&mut MemoryFile {
            file,
            room: limit,
            refused: None,
        })
    })
}

/// A file in memory that is being written.
#[derive(Debug)]
pub(super) struct MemoryFile<'a> {
    file: &'a mut File,
    /// How many bytes RLIMIT_FSIZE leaves.
    room: u64,
    refused: Option<Errno>,
}

impl MemoryFile<'_> {
    /// Why a write was refused, if one was.
    pub(super) fn refused(&self) -> Option<Errno> {
        self.refused
    }

    /// Writes all of a file, which the kernel copies faster than we could.
    pub(super) fn write_all_of(&mut self, mut from: &File) -> io::Result<()> {
        if from.metadata()?.len() > self.room {
            self.refused = Some(Errno::EFBIG);
            return Err(Errno::EFBIG.into());
        }
        let copied = io::copy(&mut from, self.file)?;
        self.room = self.room.saturating_sub(copied);
        Ok(())
    }

    fn write_within(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = usize::try_from(self.room).unwrap_or(usize::MAX);
        if room == 0 && !bytes.is_empty() {
            return Err(Errno::EFBIG.into());
        }
        self.file.write(&bytes[..bytes.len().min(room)])
    }
}

impl Write for MemoryFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.write_within(bytes);
        match &written {
            Ok(count) => self.room = self.room.saturating_sub(*count as u64),
            Err(error) => self.refused = Some(errno(error)).filter(|it| *it != Errno::EINTR),
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Seek;

    use super::*;

    #[test]
    fn what_the_limit_leaves_no_room_for_is_refused_without_a_signal() {
        let mut file = tempfile::tempfile().unwrap();
        let mut memory = MemoryFile {
            file: &mut file,
            room: 3,
            refused: None,
        };
        assert_eq!(memory.write(b"page").unwrap(), 3);
        assert_eq!(memory.refused(), None);
        assert!(memory.write(b"e").is_err());
        assert_eq!(memory.refused(), Some(Errno::EFBIG));
        assert_eq!(file.metadata().unwrap().len(), 3);
    }

    #[test]
    fn a_file_is_copied_whole_or_not_at_all() {
        let mut from = tempfile::tempfile().unwrap();
        from.write_all(b"page").unwrap();
        for (room, refused, copied) in [(4, None, 4), (3, Some(Errno::EFBIG), 0)] {
            let mut to = tempfile::tempfile().unwrap();
            let mut memory = MemoryFile {
                file: &mut to,
                room,
                refused: None,
            };
            from.rewind().unwrap();
            assert_eq!(memory.write_all_of(&from).is_err(), refused.is_some());
            assert_eq!(memory.refused(), refused);
            assert_eq!(to.metadata().unwrap().len(), copied);
        }
    }
}
