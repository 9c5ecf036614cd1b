//! Reads a file that anybody may have put there: a regular file of bounded size, and nothing else.
//!
//! A FIFO would keep its reader waiting, a device may have no end. Must not know what the file is for.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::OFlag;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotRead {
    #[error("it is a directory")]
    Directory,
    #[error("it is not a regular file")]
    Special,
    #[error("it is larger than {} MiB", .0 >> 20)]
    TooLarge(u64),
    #[error("it is a dangling link")]
    LeadsToNothing,
    #[error("it is a link that leads back to itself")]
    LeadsToItself,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The bytes of a file, which are at most `largest`.
pub(crate) fn read(path: &Path, largest: u64) -> Result<Vec<u8>, NotRead> {
    let reason = |error: io::Error| match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ENOENT) if path.is_symlink() => NotRead::LeadsToNothing,
        Some(Errno::ELOOP) => NotRead::LeadsToItself,
        _ => NotRead::Io(error),
    };
    // Opening a device may have an effect.
    must_be_regular(&fs::metadata(path).map_err(reason)?)?;
    // The file may have been replaced since. Opening a FIFO would wait for a writer.
    let mut options = OpenOptions::new();
    let options = options.read(true).custom_flags(OFlag::O_NONBLOCK.bits());
    let file = options.open(path).map_err(reason)?;
    must_be_regular(&file.metadata()?)?;
    let mut bytes = Vec::new();
    file.take(largest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > largest {
        return Err(NotRead::TooLarge(largest));
    }
    Ok(bytes)
}

fn must_be_regular(found: &Metadata) -> Result<(), NotRead> {
    if found.is_dir() {
        Err(NotRead::Directory)
    } else if found.is_file() {
        Ok(())
    } else {
        Err(NotRead::Special)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::symlink;

    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;
    use rstest::rstest;

    use super::*;

    /// Makes something at a path.
    type Make = fn(&Path);

    #[rstest]
    #[case("a directory", |at: &Path| fs::create_dir(at).unwrap())]
    #[case("not a regular file", |at: &Path| mkfifo(at, Mode::S_IRWXU).unwrap())]
    #[case("not a regular file", |at: &Path| symlink("/dev/zero", at).unwrap())]
    #[case("a dangling link", |at: &Path| symlink("gone", at).unwrap())]
    #[case("leads back to itself", |at: &Path| symlink("file", at).unwrap())]
    #[case("larger than 1 MiB", |at: &Path| File::create(at).unwrap().set_len(1 << 40).unwrap())]
    fn nothing_else_is_read(#[case] expected: &str, #[case] make: Make) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        make(&path);
        let error = read(&path, 1 << 20).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_regular_file_of_bounded_size_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "text").unwrap();
        symlink("file", directory.path().join("link")).unwrap();
        assert_eq!(read(&path, 4).unwrap(), b"text");
        assert_eq!(read(&directory.path().join("link"), 4).unwrap(), b"text");
        assert!(matches!(read(&path, 3), Err(NotRead::TooLarge(3))));
    }
}
