//! A program in a bare terminal: bytes in, bytes out, without the cost of an emulator.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use memchr::memmem;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

pub const SIZE: PtySize = PtySize {
    rows: 40,
    cols: 120,
    pixel_width: 0,
    pixel_height: 0,
};
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// The longest wait for anything.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A program in a terminal, and its output that has not been consumed yet.
pub struct Tty {
    // None after the hangup.
    master: Option<Box<dyn MasterPty + Send>>,
    terminal: File,
    child: Box<dyn Child + Send + Sync>,
    unread: Vec<u8>,
}

impl Tty {
    /// Starts a program with the environment of a shell in the lab.
    pub fn start<T: AsRef<str>>(words: &[T]) -> Self {
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let words = words.iter().map(|word| word.as_ref().into()).collect();
        let mut command = CommandBuilder::from_argv(words);
        command.env_clear();
        for (name, value) in [
            ("PATH", PATH),
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            // No startup files, and no progress kept from one run to the next.
            ("HOME", "/nonexistent"),
        ] {
            command.env(name, value);
        }
        command.cwd("/");
        let child = pair.slave.spawn_command(command).unwrap();
        let terminal = nslab::duplicate(pair.master.as_raw_fd().unwrap()).unwrap();
        Self {
            master: Some(pair.master),
            terminal: File::from(terminal),
            child,
            unread: Vec::new(),
        }
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.process_id().unwrap()).unwrap()
    }

    /// The master side of the terminal, for poll(2).
    pub fn terminal(&self) -> &File {
        &self.terminal
    }

    pub fn keys(&mut self, keys: &str) {
        self.terminal.write_all(keys.as_bytes()).unwrap();
    }

    /// Reads the available output.
    pub fn read(&mut self) {
        let mut buffer = vec![0; 64 * 1024];
        let length = self.terminal.read(&mut buffer).unwrap();
        self.unread.extend_from_slice(&buffer[..length]);
    }

    /// Discards the output so far.
    pub fn forget(&mut self) {
        self.unread.clear();
    }

    /// The same for a condition that never holds.
    pub fn forgets(&mut self) -> bool {
        self.forget();
        false
    }

    /// Whether this text has arrived; consumes the output up to its end.
    pub fn has(&mut self, text: &str) -> bool {
        let found = memmem::find(&self.unread, text.as_bytes());
        let seen = match found {
            Some(at) => at + text.len(),
            None => self.unread.len().saturating_sub(text.len()),
        };
        self.unread.drain(..seen);
        found.is_some()
    }

    /// Reads for at most this long; whether anything arrived.
    fn read_within(&mut self, time: Duration) -> bool {
        let mut fds = [PollFd::new(self.terminal.as_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX);
        match poll(&mut fds, timeout) {
            Ok(0) | Err(Errno::EINTR) => false,
            other => {
                other.unwrap();
                self.read();
                true
            }
        }
    }

    /// Waits for text.
    pub fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.has(text) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "never came: {text:?}");
            self.read_within(left);
        }
    }

    /// Reads until nothing has arrived for this long.
    pub fn quiet(&mut self, time: Duration) {
        while self.read_within(time) {}
        self.forget();
    }

    /// Reads for this long.
    pub fn pause(&mut self, time: Duration) {
        let deadline = Instant::now() + time;
        while Instant::now() < deadline {
            self.read_within(deadline.saturating_duration_since(Instant::now()));
            self.forget();
        }
    }

    /// Hangs up and waits for the program to end.
    pub fn end(&mut self) {
        let _ = self.child.kill();
        self.master = None;
        // An ending program writes to its terminal: keep reading so that it is not blocked.
        let mut buffer = vec![0; 64 * 1024];
        while matches!(self.terminal.read(&mut buffer), Ok(1..)) {}
        let _ = self.child.wait();
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        if self.master.is_some() {
            self.end();
        }
    }
}
