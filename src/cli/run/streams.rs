//! The standard streams of a command with pipes. The command gets some of them directly; nslab copies the others
//! through a pipe.
//!
//! Must not know how the command is started, or when it has ended.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write, pipe};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Stdio};
use std::thread::JoinHandle;

use anyhow::{Context, bail};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::{SFlag, fstat};
use nix::sys::statfs::{FsType, fstatfs};

use super::OutputTail;
use crate::cli::worker;
use crate::lang::Lang;

/// The command's output. A terminal or another device comes through a pipe: the lab could change the
/// permissions of the machine's node, through `/proc/self/fd/1`.
pub(super) fn hand_over(stream: &impl AsFd) -> io::Result<Stdio> {
    match kind_of(stream)? {
        StreamKind::File | StreamKind::Unnamed | StreamKind::Directory => {
            stream.as_fd().try_clone_to_owned().map(Stdio::from)
        }
        StreamKind::Named => Ok(Stdio::piped()),
    }
}

/// The command's input. A file, a named FIFO or a device comes through a pipe: through `/proc/self/fd/0` the lab
/// could open it again for writing. A directory is refused: through it a program could leave the lab.
pub(super) fn hand_over_input(lang: Lang) -> anyhow::Result<Stdio> {
    let input = io::stdin();
    let kind = kind_of(&input).context(lang.pick(["looking at the input", "检查标准输入"]))?;
    match kind {
        StreamKind::Directory => {
            bail!(lang.pick([
                "standard input is a directory, through which a program could leave the lab",
                "标准输入是一个目录，实验环境可以借它离开自己的根目录",
            ]))
        }
        StreamKind::Unnamed => Ok(input.as_fd().try_clone_to_owned().map(Stdio::from)?),
        StreamKind::File | StreamKind::Named => Ok(Stdio::piped()),
    }
}

/// The kind of a standard stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StreamKind {
    Directory,
    File,
    /// A FIFO, a terminal or another device.
    Named,
    /// A pipe or a socket.
    Unnamed,
}

fn kind_of(stream: &impl AsFd) -> nix::Result<StreamKind> {
    /// The file system of pipes, where no path leads; PIPEFS_MAGIC of `<linux/magic.h>`.
    const PIPES: FsType = FsType(0x5049_5045);
    let mode = fstat(stream)?.st_mode;
    Ok(match SFlag::from_bits_truncate(mode) & SFlag::S_IFMT {
        SFlag::S_IFDIR => StreamKind::Directory,
        SFlag::S_IFREG => StreamKind::File,
        SFlag::S_IFSOCK => StreamKind::Unnamed,
        SFlag::S_IFIFO if fstatfs(stream)?.filesystem_type() == PIPES => StreamKind::Unnamed,
        _ => StreamKind::Named,
    })
}

/// Threads that copy a command's output and its errors, and its input.
pub(super) struct Copies {
    output: Option<Copying>,
    errors: Option<Copying>,
    /// Each thread that prints holds the other end: this one hangs up (POLLHUP) when all of them have ended.
    over: PipeReader,
}

type Copying = JoinHandle<io::Result<OutputTail>>;

impl Copies {
    /// Copies the streams that the command has as pipes.
    pub(super) fn start(child: &mut Child) -> anyhow::Result<Self> {
        let (over, printing) = pipe()?;
        if let Some(input) = child.stdin.take() {
            let (from, to) = (ours(&io::stdin())?, File::from(OwnedFd::from(input)));
            worker::start(move || copy(&from, &to).map(drop))?;
        }
        let output = child.stdout.take().map(OwnedFd::from);
        let errors = child.stderr.take().map(OwnedFd::from);
        Ok(Self {
            output: print(output, &io::stdout(), &printing)?,
            errors: print(errors, &io::stderr(), &printing)?,
            over,
        })
    }

    /// Hangs up (POLLHUP) once all output is printed.
    pub(super) fn over(&self) -> &PipeReader {
        &self.over
    }

    /// The end of the output that was copied to standard output. Threads that still print are not waited for.
    ///
    /// # Errors
    ///
    /// If it could not be written, unless its reader is gone.
    pub(super) fn end(self, printed: Printed) -> io::Result<OutputTail> {
        let end = |copying: Option<Copying>| {
            let copying = copying.filter(|it| printed == Printed::All || it.is_finished());
            match copying.and_then(|it| it.join().ok()) {
                Some(Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
                Some(Ok(output_tail)) => Ok(output_tail),
                Some(Err(_)) | None => Ok(OutputTail::default()),
            }
        };
        end(self.errors)?;
        end(self.output)
    }
}

/// How much of the output is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Printed {
    All,
    /// Only a part: its reader has stopped reading.
    Some,
}

fn ours(stream: &impl AsFd) -> io::Result<File> {
    Ok(File::from(stream.as_fd().try_clone_to_owned()?))
}

/// Starts a thread that prints to a stream of ours. It holds `printing` until it ends.
fn print(
    from: Option<OwnedFd>,
    to: &impl AsFd,
    printing: &PipeWriter,
) -> anyhow::Result<Option<Copying>> {
    let Some(from) = from.map(File::from) else {
        return Ok(None);
    };
    let (to, printing) = (ours(to)?, printing.try_clone()?);
    let thread = worker::start(move || {
        let _printing = printing;
        copy(&from, &to)
    });
    thread.map(Some)
}

/// Copies data as it arrives. Returns the end of it. Another process may have made either end non-blocking.
fn copy(mut from: &File, to: &File) -> io::Result<OutputTail> {
    let mut output_tail = OutputTail::default();
    let mut buffer = [0; 16 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(output_tail),
            Ok(length) => {
                output_tail.add(&buffer[..length]);
                write_all(to, &buffer[..length])?;
            }
            Err(error) => wait_after(error, from, PollFlags::POLLIN)?,
        }
    }
}

fn write_all(mut to: &File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(length) => bytes = &bytes[length..],
            Err(error) => wait_after(error, to, PollFlags::POLLOUT)?,
        }
    }
    Ok(())
}

/// Waits until a file is ready again, if the error only says that it is not.
fn wait_after(error: io::Error, file: &File, what: PollFlags) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::Interrupted => Ok(()),
        io::ErrorKind::WouldBlock => {
            // An error, such as EINTR, only means one more try.
            let _ = poll(&mut [PollFd::new(file.as_fd(), what)], PollTimeout::NONE);
            Ok(())
        }
        _ => Err(error),
    }
}
