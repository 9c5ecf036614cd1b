//! A helper in a pseudo-terminal: passes input to it, and reads its output.
//!
//! Owns the PTY's machine side, which never blocks. Must not know what the bytes mean.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::termios::{
    FlushArg, InputFlags, LocalFlags, SpecialCharacterIndices as Key, Termios, tcflush, tcgetattr,
};
use portable_pty::{MasterPty, PtySize, native_pty_system};

use super::answers::Answers;
use super::flood::FloodReader;
use crate::sandbox::entry::HelperCommand;
use crate::sandbox::launch::{ExpectedHelper, HeldProcess, OngoingLaunch};
use crate::sys;

/// Bytes that may wait for a program that doesn't read. Further input is lost.
const UNREAD: usize = 1024 * 1024;
/// A program that leaves this number of bytes unread seems to read no answers.
const UNREAD_ANSWERS: usize = 1024;

/// A running helper's terminal. Dropped, the terminal hangs up; pty(7).
pub(crate) struct Session {
    master: Box<dyn MasterPty + Send>,
    terminal: File,
    /// Input that the terminal has not taken yet.
    unwritten: VecDeque<u8>,
    answers: Answers,
    /// Whether the stop key (Ctrl-S) was typed, and no start key since. The kernel doesn't report it.
    stopped: bool,
    helper: Child,
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        ..PtySize::default()
    }
}

/// Whether a terminal with these modes is stopped after these keys. `stopped`: whether it was before them.
fn stops(modes: &Termios, mut stopped: bool, keys: &[u8]) -> bool {
    if !modes.input_flags.contains(InputFlags::IXON) {
        return false;
    }
    let is = |byte: u8, key: Key| byte != 0 && modes.control_chars[key as usize] == byte;
    let signals = [Key::VINTR, Key::VQUIT, Key::VSUSP];
    let by_signal = modes.local_flags.contains(LocalFlags::ISIG);
    let by_any = modes.input_flags.contains(InputFlags::IXANY);
    for &byte in keys {
        if is(byte, Key::VSTOP) {
            stopped = true;
        } else if is(byte, Key::VSTART)
            || by_any
            || by_signal && signals.into_iter().any(|key| is(byte, key))
        {
            stopped = false;
        }
    }
    stopped
}

impl Session {
    /// Starts a helper in a new PTY of this size in cells. Its reports come through the launch.
    pub(crate) fn start(
        helper: HelperCommand,
        cols: u16,
        rows: u16,
    ) -> io::Result<(Self, OngoingLaunch)> {
        let (session, process, expected) = Self::spawn(helper, cols, rows)?;
        Ok((session, OngoingLaunch::of(expected, process)))
    }

    /// Starts a helper in a new PTY, and doesn't listen to it yet.
    pub(crate) fn spawn(
        helper: HelperCommand,
        cols: u16,
        rows: u16,
    ) -> io::Result<(Self, HeldProcess, ExpectedHelper)> {
        let pair = native_pty_system()
            .openpty(size(cols, rows))
            .map_err(io::Error::other)?;
        let terminal = pair.master.as_raw_fd().ok_or(io::ErrorKind::NotFound)?;
        let terminal = File::from(sys::duplicate(terminal)?);
        let child = Self::child(&helper, &terminal)?;
        // As long as we had this end open too, the output would never end.
        drop(pair.slave);
        fcntl(&terminal, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        let process = HeldProcess::from_child(child.id())?;
        let session = Self {
            master: pair.master,
            terminal,
            unwritten: VecDeque::new(),
            answers: Answers::default(),
            stopped: false,
            helper: child,
        };
        Ok((session, process, helper.expected))
    }

    /// The helper, with this terminal as its standard streams. Not made by portable-pty: that one looks
    /// for the user's shell and home with getpwuid(3), whose modules crash a static binary.
    fn child(helper: &HelperCommand, terminal: &File) -> io::Result<Child> {
        let [program, arguments @ ..] = &helper.argv[..] else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let stream = || io::Result::Ok(Stdio::from(sys::terminal_of(terminal.as_fd())?));
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(helper.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&helper.directory)
            .stdin(stream()?)
            .stdout(stream()?)
            .stderr(stream()?);
        // The program in the lab takes the terminal itself: a session that has it here would keep
        // it from the one there.
        sys::start_in_new_session(&mut command).spawn()
    }

    /// Reads output. WouldBlock where there is none; 0 or EIO where nobody has the terminal open any more.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        (&self.terminal).read(buffer)
    }

    /// Starts a thread that reads further output. Until it ends, nobody else may read.
    pub(crate) fn read_flood(&self) -> io::Result<FloodReader> {
        FloodReader::start(self.terminal.try_clone()?)
    }

    /// Types bytes. Those that the terminal doesn't take yet wait for `flush`. Returns whether they have stopped
    /// the terminal.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> bool {
        let before = self.stopped;
        self.note_flow(bytes);
        if self.is_signal(bytes) {
            self.drop_unread();
        }
        if self.unwritten.len() < UNREAD {
            self.unwritten.extend(bytes);
            self.flush();
        }
        self.stopped && !before
    }

    /// Whether the terminal shows nothing, since Ctrl-S was typed; termios(3), IXON.
    pub(crate) fn is_stopped(&mut self) -> bool {
        self.note_flow(&[]);
        self.stopped
    }

    /// Notes whether these bytes stop the terminal or let it go on.
    fn note_flow(&mut self, bytes: &[u8]) {
        let ordinary = |byte: &u8| matches!(*byte, b'\r' | b'\n' | b'\t' | 0x1b | b' '..);
        if !self.stopped && bytes.iter().all(ordinary) {
            return;
        }
        if let Ok(modes) = tcgetattr(&self.terminal) {
            self.stopped = stops(&modes, self.stopped, bytes);
        }
    }

    /// Writes the terminal's answers to a program's questions, if somebody seems to read them.
    pub(crate) fn answer(&mut self, answers: Vec<u8>, now: Instant) {
        if !self.unwritten.is_empty() || self.unread() > UNREAD_ANSWERS {
            return self.answers.stop(now);
        }
        let granted = self.answers.granted(answers, now);
        self.unwritten.extend(granted);
        self.flush();
    }

    /// Whether the terminal makes these bytes a signal, and then drops what is unread; termios(3), ISIG.
    fn is_signal(&self, bytes: &[u8]) -> bool {
        let [byte] = bytes else { return false };
        let Ok(modes) = tcgetattr(&self.terminal) else {
            return false;
        };
        let keys = [Key::VINTR, Key::VQUIT, Key::VSUSP];
        modes.local_flags.contains(LocalFlags::ISIG)
            && !modes.local_flags.contains(LocalFlags::NOFLSH)
            && keys
                .iter()
                .any(|key| modes.control_chars[*key as usize] == *byte)
    }

    /// Drops unread input: behind more than the terminal can hold, no signal would get through.
    fn drop_unread(&mut self) {
        self.unwritten.clear();
        self.answers.stop(Instant::now());
        if let Ok(peer) = sys::terminal_of(self.terminal.as_fd()) {
            let _ = tcflush(peer, FlushArg::TCIFLUSH);
        }
    }

    /// The number of bytes that a program could read now; in line mode, of whole lines.
    fn unread(&self) -> usize {
        let peer = sys::terminal_of(self.terminal.as_fd());
        peer.and_then(|peer| sys::unread(peer.as_fd())).unwrap_or(0)
    }

    /// Writes waiting input, as far as the terminal takes it.
    pub(crate) fn flush(&mut self) {
        while !self.unwritten.is_empty() {
            let (first, _) = self.unwritten.as_slices();
            match (&self.terminal).write(first) {
                Ok(length) => drop(self.unwritten.drain(..length)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // A terminal that is gone needs no input.
                Err(_) => self.unwritten.clear(),
            }
        }
    }

    /// Whether something waits until the terminal is writable.
    pub(crate) fn has_unwritten(&self) -> bool {
        !self.unwritten.is_empty()
    }

    /// Sets the terminal's size in cells. The kernel signals its programs (SIGWINCH).
    pub(crate) fn resize(&self, cols: u16, rows: u16) -> io::Result<()> {
        self.master
            .resize(size(cols, rows))
            .map_err(io::Error::other)
    }

    /// The process group that has the foreground, as the machine numbers it; tcgetpgrp(3).
    pub(crate) fn foreground(&self) -> Option<i32> {
        self.master.process_group_leader()
    }

    /// Waits for the helper's end.
    pub(crate) fn wait_for_helper(&mut self) {
        let _ = self.helper.wait();
    }
}

impl AsFd for Session {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.terminal.as_fd()
    }
}
