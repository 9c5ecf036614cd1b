//! A command on one side, besides the side's shell: without a terminal, limited in output and time.
//! Everything it leaves running ends with it.
//!
//! Owns nslab's end of the command; `enter` joins the lab. Must not know who reads the output.

use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::fd::AsFd;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::host::Host;
use super::launch::{Event, HeldProcess, OngoingLaunch};
use super::report::{Exit, RefusedStep, Side};

/// How long killed processes may take to end before their helper is killed too.
const GONE_BY: Duration = Duration::from_millis(500);

/// The side on which a command runs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CommandTarget<'a> {
    Host,
    /// In the container of this process, in all of its namespaces.
    Container(&'a HeldProcess),
}

/// Limits of a command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Bytes of output.
    pub bytes: usize,
    /// Running time.
    pub time: Duration,
}

/// Whether stdout and stderr share a pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Streams {
    /// In the order in which they are printed.
    Together,
    Apart,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandEnd {
    /// It exited, or a signal that was not ours killed it.
    Exited(Exit),
    /// Killed for too much output.
    TooMuch,
    /// Killed for running too long.
    TooLong,
    /// Killed on request.
    Cancelled,
    /// It never ran, or its helper ended first; with the refusal, if one was reported.
    Failed(Option<Box<RefusedStep>>),
}

/// The result of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandOutcome {
    /// Its stdout; with `Streams::Together`, its stderr too.
    pub output: Vec<u8>,
    /// With `Streams::Apart`, its stderr.
    pub errors: Vec<u8>,
    pub end: CommandEnd,
}

/// A command that has been started.
#[derive(Debug)]
pub(crate) struct RunningCommand {
    launch: OngoingLaunch,
    helper: Child,
    output: Stream,
    errors: Option<Stream>,
    cancelled: PipeReader,
}

/// The output of a command through one pipe.
#[derive(Debug)]
struct Stream {
    pipe: PipeReader,
    printed: Vec<u8>,
    open: bool,
}

/// Cancels a command when it is dropped.
#[derive(Debug)]
pub(crate) struct Cancel {
    _writer: PipeWriter,
}

impl RunningCommand {
    /// Starts a program with its arguments. It ends with the calling thread at the latest:
    /// PR_SET_PDEATHSIG.
    pub(crate) fn start(
        host: &Host,
        target: CommandTarget<'_>,
        program: &[String],
        streams: Streams,
    ) -> io::Result<(Self, Cancel)> {
        let (side, input) = match target {
            CommandTarget::Host => (Side::Host, Stdio::null()),
            CommandTarget::Container(process) => (
                Side::CONTAINER,
                process.pidfd().try_clone_to_owned()?.into(),
            ),
        };
        let helper = host.command_helper(side, program)?;
        let (output, printed) = output_pipe()?;
        let (errors, also_printed) = match streams {
            Streams::Together => (None, printed.try_clone()?),
            Streams::Apart => {
                let (errors, printed) = output_pipe()?;
                (Some(errors), printed)
            }
        };
        let (cancelled, writer) = io::pipe()?;
        let mut command = helper.command();
        command.stdin(input).stdout(printed).stderr(also_printed);
        let child = command.spawn()?;
        // Its copies of the pipes would keep them open.
        drop(command);
        let running = Self {
            launch: OngoingLaunch::new(helper.expected, child.id())?,
            helper: child,
            output,
            errors,
            cancelled,
        };
        Ok((running, Cancel { _writer: writer }))
    }

    /// Waits until the command ends, and kills it if it exceeds its bounds.
    pub(crate) fn finish(self, bounds: Bounds) -> CommandOutcome {
        let Self {
            mut launch,
            mut helper,
            mut output,
            mut errors,
            cancelled,
        } = self;
        let process = launch.helper().clone();
        let mut told = Reported::default();
        let stopped = read(
            &mut [Some(&mut output), errors.as_mut()],
            &cancelled,
            &mut launch,
            &mut told,
            bounds,
        );
        if stopped.is_some() {
            launch.take(&mut |event| told.hear(event));
            match &told.program {
                // Its launcher then ends the processes that it left running.
                Some(program) => program.kill(),
                None => process.kill(),
            }
            if !process.ends_within(GONE_BY) {
                process.kill();
            }
        }
        launch.follow(|event| told.hear(event));
        let _ = helper.wait();
        CommandOutcome {
            output: output.printed,
            errors: errors.map(|it| it.printed).unwrap_or_default(),
            end: stopped.unwrap_or(match told.exit {
                Some(exit) => CommandEnd::Exited(exit),
                None => CommandEnd::Failed(told.refused),
            }),
        }
    }
}

/// The reports of a launch so far.
#[derive(Debug, Default)]
struct Reported {
    program: Option<HeldProcess>,
    exit: Option<Exit>,
    refused: Option<Box<RefusedStep>>,
}

impl Reported {
    fn hear(&mut self, event: Event) {
        match event {
            Event::Step(_) | Event::Refused(_) => {}
            Event::Started(process) => self.program = Some(process),
            Event::Exited(exit) => self.exit = Some(exit),
            Event::Failed(refused) => self.refused = refused.map(Box::new),
        }
    }
}

/// The reading end never blocks. A command can reopen its own output and read it empty between our
/// poll and our read, which would then wait beyond all bounds.
fn output_pipe() -> io::Result<(Stream, PipeWriter)> {
    let (pipe, printed) = io::pipe()?;
    fcntl(&pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    let stream = Stream {
        pipe,
        printed: Vec::new(),
        open: true,
    };
    Ok((stream, printed))
}

impl Stream {
    /// Reads once, and keeps no more than there is room for. Returns how many bytes that was, and whether there
    /// was more.
    fn read(&mut self, room: usize) -> (usize, bool) {
        let mut buffer = [0; 16 * 1024];
        match self.pipe.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => (0, false),
            Ok(0) | Err(_) => {
                self.open = false;
                (0, false)
            }
            Ok(length) => {
                let kept = length.min(room);
                self.printed.extend_from_slice(&buffer[..kept]);
                (kept, length > room)
            }
        }
    }
}

/// Reads until the helper has ended; by then all output is in the pipes. Returns the bound that the command
/// exceeded, if any. A process that escaped and holds a pipe open doesn't delay the end.
fn read(
    streams: &mut [Option<&mut Stream>; 2],
    cancelled: &PipeReader,
    launch: &mut OngoingLaunch,
    told: &mut Reported,
    bounds: Bounds,
) -> Option<CommandEnd> {
    let deadline = Instant::now() + bounds.time;
    let mut room = bounds.bytes;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        let source = launch.source();
        let mut fds = vec![
            PollFd::new(cancelled.as_fd(), PollFlags::POLLIN),
            PollFd::new(launch.helper().pidfd(), PollFlags::POLLIN),
        ];
        // A closed pipe or a finished launch would wake us again and again.
        let places = streams.each_ref().map(|stream| {
            let open = stream.as_ref().filter(|it| it.open)?;
            fds.push(PollFd::new(open.pipe.as_fd(), PollFlags::POLLIN));
            Some(fds.len() - 1)
        });
        fds.extend(source.map(|source| PollFd::new(source, PollFlags::POLLIN)));
        match poll(&mut fds, timeout) {
            Err(Errno::EINTR) => continue,
            Err(_) => return Some(CommandEnd::Cancelled),
            Ok(_) => {}
        }
        let happened = |at: usize| fds[at].any() == Some(true);
        let (cancel, ended) = (happened(0), happened(1));
        let readable = places.map(|at| at.is_some_and(happened));
        drop(fds);
        launch.take(&mut |event| told.hear(event));
        for (stream, readable) in streams.iter_mut().zip(readable) {
            if let Some(stream) = stream.as_mut().filter(|_| readable) {
                let (kept, more) = stream.read(room);
                room -= kept;
                if more {
                    return Some(CommandEnd::TooMuch);
                }
            }
        }
        if ended && !readable.contains(&true) {
            return None;
        }
        if cancel {
            return Some(CommandEnd::Cancelled);
        }
        if Instant::now() >= deadline {
            return Some(CommandEnd::TooLong);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    use std::process::Command;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;
    use std::{fs, thread};

    use nix::unistd::{Pid, gettid};

    use super::super::channel::Listener;
    use super::super::launch::{ExpectedHelper, ProgramOrigin};
    use super::*;

    #[test]
    fn a_byte_that_another_reader_took_is_not_waited_for() {
        let (mut output, printed) = output_pipe().unwrap();
        let answer = thread::scope(|scope| {
            let reading = scope.spawn(|| output.pipe.read(&mut [0]));
            wait(|| reading.is_finished());
            // A reader that waits goes on when the pipe ends.
            drop(printed);
            reading.join().unwrap()
        });
        assert_eq!(answer.unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }

    /// Waits until it holds, or for longer than that takes on any machine.
    fn wait(holds: impl Fn() -> bool) {
        let patience = Instant::now() + Duration::from_secs(60);
        while !holds() && Instant::now() < patience {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Whether a thread of ours waits in the kernel.
    fn sleeps(thread: Pid) -> bool {
        let stat = fs::read_to_string(format!("/proc/self/task/{thread}/stat")).unwrap_or_default();
        let state = stat.rsplit_once(") ").map(|(_, rest)| rest);
        state.is_some_and(|state| state.starts_with('S'))
    }

    #[test]
    fn who_reads_its_own_output_empty_is_bounded_too() {
        let mut helper = Command::new("sleep").arg("1000").spawn().unwrap();
        let follow = || {
            let expected = ExpectedHelper {
                listener: Listener::new().unwrap(),
                origin: ProgramOrigin::Machine,
                place: crate::facts::Location::Outside,
                orders: None,
                to_join: None,
            };
            OngoingLaunch::new(expected, helper.id()).unwrap()
        };
        let bounds = Bounds {
            bytes: 1024,
            time: Duration::from_millis(10),
        };
        let over = AtomicBool::new(false);
        for _ in 0..20 {
            let (mut output, mut printed) = output_pipe().unwrap();
            let (cancelled, _writer) = io::pipe().unwrap();
            let mut thief = OpenOptions::new()
                .read(true)
                .custom_flags(libc::O_NONBLOCK)
                .open(format!("/proc/self/fd/{}", printed.as_raw_fd()))
                .unwrap();
            over.store(false, Ordering::SeqCst);
            let (id, reader) = mpsc::channel();
            thread::scope(|scope| {
                scope.spawn(|| {
                    while !over.load(Ordering::SeqCst) {
                        let _ = thief.read(&mut [0; 64]);
                    }
                });
                let reading = scope.spawn(|| {
                    let (mut launch, mut told) = (follow(), Reported::default());
                    id.send(gettid()).unwrap();
                    read(
                        &mut [Some(&mut output), None],
                        &cancelled,
                        &mut launch,
                        &mut told,
                        bounds,
                    )
                });
                let reader = reader.recv().unwrap();
                wait(|| reading.is_finished() || sleeps(reader));
                printed.write_all(b"x").unwrap();
                wait(|| reading.is_finished());
                let ended = reading.is_finished();
                // Lets go of a reader that waits for a byte.
                over.store(true, Ordering::SeqCst);
                let _ = printed.write_all(b"x");
                assert_eq!(reading.join().unwrap(), Some(CommandEnd::TooLong));
                assert!(ended, "the time was over, and it still waited for a byte");
            });
        }
        helper.kill().unwrap();
        helper.wait().unwrap();
    }
}
