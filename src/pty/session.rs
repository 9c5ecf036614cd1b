//! A helper in a pseudo-terminal: what is typed goes in, what it prints comes out.
//!
//! Owns the PTY's machine side. Must not know what the bytes mean.

use std::io::{self, Read, Write};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::sandbox::lab::Helper;
use crate::sandbox::launch::Launch;

/// A running helper's terminal. Dropped, the terminal hangs up; pty(7).
pub struct Session {
    master: Box<dyn MasterPty + Send>,
}

/// What comes with a session, each for a thread of its own.
pub struct Lines {
    /// What the programs print; ends when nobody has the terminal open.
    pub output: Box<dyn Read + Send>,
    /// What is typed.
    pub input: Box<dyn Write + Send>,
    /// The helper's reports.
    pub launch: Launch,
    /// The helper, to be waited for.
    pub helper: Box<dyn Child + Send + Sync>,
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
        command.cwd("/");
        // The program in the lab takes the terminal itself: a session that has it here would keep
        // it from the one there.
        command.set_controlling_tty(false);
        let child = pair
            .slave
            .spawn_command(command)
            .map_err(io::Error::other)?;
        // As long as we had this end open too, the output would never end.
        drop(pair.slave);
        let pid = child.process_id().ok_or(io::ErrorKind::NotFound)?;
        let lines = Lines {
            output: pair.master.try_clone_reader().map_err(io::Error::other)?,
            input: pair.master.take_writer().map_err(io::Error::other)?,
            launch: Launch::new(helper.listener, pid)?,
            helper: child,
        };
        Ok((
            Self {
                master: pair.master,
            },
            lines,
        ))
    }

    /// Tells the terminal's programs its new size in cells.
    pub fn resize(&self, cols: u16, rows: u16) -> io::Result<()> {
        self.master
            .resize(size(cols, rows))
            .map_err(io::Error::other)
    }

    /// The process group that has the foreground, as the machine numbers it; tcgetpgrp(3).
    pub fn foreground(&self) -> Option<i32> {
        self.master.process_group_leader()
    }
}
