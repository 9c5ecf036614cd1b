//! A helper in a pseudo-terminal: input goes in, output comes out.
//!
//! Owns our end of the PTY. Must not know what the bytes mean.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;
use std::sync::Arc;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::sandbox::lab::Helper;
use crate::sandbox::launch::Launch;
use crate::sys;

/// A running helper's terminal. Drop hangs it up; pty(7).
pub struct Session {
    master: Box<dyn MasterPty + Send>,
    /// Closing it with the session ends the lines.
    _open: PipeWriter,
}

/// The parts of a session, each for a thread of its own.
pub struct Lines {
    /// What programs print. Ends when no process has the terminal open.
    pub output: Line,
    pub input: Line,
    pub launch: Launch,
    /// The helper, which has to be waited for.
    pub helper: Box<dyn Child + Send + Sync>,
}

/// Our end of the terminal, until the session ends. So a program that keeps the terminal open, or
/// doesn't read its input, can't block our thread forever.
pub struct Line {
    terminal: File,
    session: Arc<PipeReader>,
}

impl Line {
    /// Waits for the terminal. Returns false when the session has ended.
    fn wait_for(&self, events: PollFlags) -> io::Result<bool> {
        let mut fds = [
            PollFd::new(self.terminal.as_fd(), events),
            PollFd::new(self.session.as_fd(), PollFlags::empty()),
        ];
        loop {
            match poll(&mut fds, PollTimeout::NONE) {
                Err(Errno::EINTR) => {}
                other => {
                    other?;
                    return Ok(fds[1].any() == Some(false));
                }
            }
        }
    }
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.wait_for(PollFlags::POLLIN)? {
            match self.terminal.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
        }
        Ok(0)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        while self.wait_for(PollFlags::POLLOUT)? {
            match self.terminal.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
        }
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

impl Session {
    /// Starts a helper in a new PTY of this size in cells.
    pub fn start(helper: Helper, cols: u16, rows: u16) -> io::Result<(Self, Lines)> {
        let pair = native_pty_system()
            .openpty(size(cols, rows))
            .map_err(io::Error::other)?;
        let mut command =
            CommandBuilder::from_argv(helper.argv.into_iter().map(Into::into).collect());
        command.env_clear();
        for (name, value) in helper.environment {
            command.env(name, value);
        }
        command.cwd(helper.directory);
        // The program in the lab takes the terminal itself. It couldn't if a session outside had
        // it.
        command.set_controlling_tty(false);
        let child = pair
            .slave
            .spawn_command(command)
            .map_err(io::Error::other)?;
        // While we have this end open, the output doesn't end.
        drop(pair.slave);
        let pid = child.process_id().ok_or(io::ErrorKind::NotFound)?;
        let terminal = pair.master.as_raw_fd().ok_or(io::ErrorKind::NotFound)?;
        let terminal = File::from(sys::duplicate(terminal)?);
        // A flag of the open file description, so it applies to both lines.
        fcntl(&terminal, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        let (session, open) = io::pipe()?;
        let session = Arc::new(session);
        let lines = Lines {
            output: Line {
                terminal: terminal.try_clone()?,
                session: Arc::clone(&session),
            },
            input: Line { terminal, session },
            launch: Launch::new(helper.listener, helper.origin, pid)?.joining(helper.to_join),
            helper: child,
        };
        Ok((
            Self {
                master: pair.master,
                _open: open,
            },
            lines,
        ))
    }

    /// Sets the terminal's size in cells.
    pub fn resize(&self, cols: u16, rows: u16) -> io::Result<()> {
        self.master
            .resize(size(cols, rows))
            .map_err(io::Error::other)
    }

    /// The foreground process group, as the machine numbers it; tcgetpgrp(3).
    pub fn foreground(&self) -> Option<i32> {
        self.master.process_group_leader()
    }
}
