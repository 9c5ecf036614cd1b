//! A thread that reads a terminal while a program floods it, so that reading continues while earlier output
//! is processed.
//!
//! The kernel keeps only some kilobytes of a terminal's output. If nobody reads, the program waits. Must
//! not know what the bytes mean.

mod courtesy;

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};

use self::courtesy::Courtesy;

/// Bytes of a piece.
const PIECE: usize = 32 * 1024;
/// The most pieces that wait to be taken. Beyond that, the program waits.
const WAITING: usize = 2;
/// A smaller piece is handed over when nothing more has come for this long.
const PIECE_COMPLETE: Duration = Duration::from_millis(1);
/// A flood is over when nothing has come for this long.
const OVER: Duration = Duration::from_millis(20);
/// The most bytes that one read(2) of a terminal returns.
const READ: usize = 4096;

/// Why the reading of a flood has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FloodEnd {
    /// The terminal is quiet.
    Quiet,
    /// Nobody has the terminal open any more.
    Closed,
}

/// The result of taking from a flood's reader.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FloodPiece {
    Piece(Vec<u8>),
    Nothing,
    Over(FloodEnd),
}

/// Reads a non-blocking terminal until it is quiet. The reader is readable while there is something to take;
/// dropping it ends the reading, and output that was not taken is lost.
#[derive(Debug)]
pub(crate) struct FloodReader {
    // None once this is dropped.
    pieces: Option<Receiver<Vec<u8>>>,
    /// Counts the pieces, and the end.
    ready: Arc<EventFd>,
    stop: Arc<EventFd>,
    thread: Option<JoinHandle<FloodEnd>>,
}

impl FloodReader {
    pub(super) fn start(terminal: File) -> io::Result<Self> {
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
        let ready = Arc::new(EventFd::from_flags(flags | EfdFlags::EFD_SEMAPHORE)?);
        let stop = Arc::new(EventFd::from_flags(flags)?);
        let (sender, pieces) = sync_channel(WAITING);
        let reading = FloodThread {
            terminal,
            pieces: sender,
            ready: Arc::clone(&ready),
            stop: Arc::clone(&stop),
        };
        let read = || reading.read_until_quiet();
        let thread = thread::Builder::new()
            .name("flood".to_owned())
            .spawn(read)?;
        Ok(Self {
            pieces: Some(pieces),
            ready,
            stop,
            thread: Some(thread),
        })
    }

    /// Takes one piece, without waiting.
    pub(crate) fn take(&mut self) -> FloodPiece {
        let _ = self.ready.read();
        match self.pieces.as_ref().map(Receiver::try_recv) {
            Some(Ok(piece)) => FloodPiece::Piece(piece),
            Some(Err(TryRecvError::Empty)) => FloodPiece::Nothing,
            Some(Err(TryRecvError::Disconnected)) | None => {
                let end = self.thread.take().map(JoinHandle::join);
                FloodPiece::Over(end.and_then(Result::ok).unwrap_or(FloodEnd::Closed))
            }
        }
    }
}

impl AsFd for FloodReader {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.ready.as_fd()
    }
}

impl Drop for FloodReader {
    fn drop(&mut self) {
        // The thread waits for one or the other.
        self.pieces = None;
        let _ = self.stop.write(1);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread's side.
struct FloodThread {
    terminal: File,
    pieces: SyncSender<Vec<u8>>,
    ready: Arc<EventFd>,
    stop: Arc<EventFd>,
}

impl FloodThread {
    fn read_until_quiet(self) -> FloodEnd {
        let end = self.read_all();
        let Self { pieces, ready, .. } = self;
        drop(pieces);
        let _ = ready.write(1);
        end
    }

    fn read_all(&self) -> FloodEnd {
        let mut piece = Vec::with_capacity(PIECE);
        let mut buffer = [0; READ];
        let mut courtesy = Courtesy::new(Instant::now());
        loop {
            match (&self.terminal).read(&mut buffer) {
                Ok(length @ 1..) => piece.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let more = if piece.is_empty() {
                        self.has_more(OVER)
                    } else {
                        self.has_more(PIECE_COMPLETE)
                    };
                    match more {
                        MoreOutput::Yes => {}
                        MoreOutput::No if piece.is_empty() => return FloodEnd::Quiet,
                        MoreOutput::No => self.hand_over(&mut piece),
                        MoreOutput::NotWanted => return FloodEnd::Closed,
                    }
                }
                Ok(0) | Err(_) => {
                    self.hand_over(&mut piece);
                    return FloodEnd::Closed;
                }
            }
            if piece.len() + READ > PIECE {
                self.hand_over(&mut piece);
                if let Some(rest) = courtesy.rest(Instant::now()) {
                    if self.is_stopped_within(rest) {
                        return FloodEnd::Closed;
                    }
                    courtesy.check_load(Instant::now());
                }
            }
        }
    }

    fn is_stopped_within(&self, time: Duration) -> bool {
        let mut fds = [PollFd::new(self.stop.as_fd(), PollFlags::POLLIN)];
        poll(&mut fds, timeout(time)).is_ok_and(|ready| ready > 0)
    }

    /// Waits at most `patience` for more output of the terminal.
    fn has_more(&self, patience: Duration) -> MoreOutput {
        let mut fds = [
            PollFd::new(self.terminal.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.stop.as_fd(), PollFlags::POLLIN),
        ];
        let ready = poll(&mut fds, timeout(patience));
        match ready {
            Ok(0) => MoreOutput::No,
            Ok(_) if fds[1].any() == Some(true) => MoreOutput::NotWanted,
            // An error, such as EINTR, only means one more look.
            Ok(_) | Err(_) => MoreOutput::Yes,
        }
    }

    fn hand_over(&self, piece: &mut Vec<u8>) {
        let whole = std::mem::replace(piece, Vec::with_capacity(PIECE));
        // Without a receiver, the next wait ends the thread.
        if !whole.is_empty() && self.pieces.send(whole).is_ok() {
            let _ = self.ready.write(1);
        }
    }
}

fn timeout(time: Duration) -> PollTimeout {
    PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX)
}

enum MoreOutput {
    Yes,
    No,
    NotWanted,
}

#[cfg(test)]
mod tests {
    use std::io::{Write, pipe};
    use std::os::fd::OwnedFd;

    use nix::fcntl::{FcntlArg, OFlag, fcntl};

    use super::*;

    /// A pipe, which takes the place of a terminal.
    fn terminal() -> (File, io::PipeWriter) {
        let (terminal, program) = pipe().unwrap();
        fcntl(&terminal, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
        (File::from(OwnedFd::from(terminal)), program)
    }

    fn start(terminal: &File) -> FloodReader {
        FloodReader::start(terminal.try_clone().unwrap()).unwrap()
    }

    /// The pieces of a flood until its end.
    fn pieces(mut reader: FloodReader) -> (Vec<Vec<u8>>, FloodEnd) {
        let mut pieces = Vec::new();
        loop {
            let mut fds = [PollFd::new(reader.as_fd(), PollFlags::POLLIN)];
            poll(&mut fds, PollTimeout::NONE).unwrap();
            match reader.take() {
                FloodPiece::Piece(piece) => pieces.push(piece),
                FloodPiece::Nothing => {}
                FloodPiece::Over(end) => return (pieces, end),
            }
        }
    }

    #[test]
    fn all_is_read_in_order_and_in_pieces() {
        let (terminal, mut program) = terminal();
        let flood: Vec<u8> = (0..200_000_u32).flat_map(u32::to_be_bytes).collect();
        let expected = flood.clone();
        let program = thread::spawn(move || program.write_all(&flood).unwrap());
        let mut all = Vec::new();
        loop {
            let (read, end) = pieces(start(&terminal));
            assert!(read.iter().all(|piece| piece.len() <= PIECE));
            all.extend(read);
            // On a busy machine, the program may have paused.
            if end == FloodEnd::Closed {
                break;
            }
        }
        program.join().unwrap();
        let all = all.concat();
        assert!(all == expected, "{} of {}", all.len(), expected.len());
    }

    #[test]
    fn a_quiet_terminal_ends_a_flood() {
        let (terminal, mut program) = terminal();
        program.write_all(b"the end\r\n").unwrap();
        let expected = (vec![b"the end\r\n".to_vec()], FloodEnd::Quiet);
        assert_eq!(pieces(start(&terminal)), expected);
        drop(program);
    }

    #[test]
    fn a_reader_that_nobody_takes_from_can_be_dropped() {
        let (terminal, mut program) = terminal();
        let mut reader = start(&terminal);
        drop(terminal);
        let flood = thread::spawn(move || while program.write_all(&[b'y'; 4096]).is_ok() {});
        while !matches!(reader.take(), FloodPiece::Piece(_)) {}
        drop(reader);
        flood.join().unwrap();
    }
}
