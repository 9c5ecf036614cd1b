//! Takes steps: times each call and reports it with the kernel's answer.
//!
//! Owns how a helper reports. Must not know what the steps are for.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::unistd::{ForkResult, Pid, getpid};

use super::call::Call;
use super::channel::{Channel, Message};
use super::report::{Exit, RefusedStep, Step};
use crate::facts::Facts;
use crate::sys;

/// A refused step, which has been reported already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{call}: {errno}")]
pub(crate) struct Refused {
    /// The call, as in [`Step::call`].
    pub call: Box<Call>,
    pub errno: Errno,
}

/// Takes steps and reports them.
#[derive(Debug)]
pub(crate) struct Tracer {
    channel: Channel,
    reports: RefCell<ReportTime>,
}

/// When steps that worked are reported.
#[derive(Debug)]
enum ReportTime {
    AtOnce,
    /// Several in one message: each message wakes nslab, which takes a processor from the launch.
    Together(Vec<Step>),
}

/// The most steps that are reported together.
const TOGETHER: usize = 32;

impl Refused {
    pub(super) fn new(call: impl Into<Call>, errno: Errno) -> Self {
        let call = Box::new(call.into());
        Self { call, errno }
    }
}

impl Tracer {
    pub(crate) fn new(channel: Channel) -> Self {
        Self {
            channel,
            reports: RefCell::new(ReportTime::AtOnce),
        }
    }

    /// From now on, steps that worked are collected. They are reported together before a fork, a refusal or any
    /// other message, and by `report`, which must be called before an exec, an exit or a long wait.
    pub(crate) fn gather(&mut self) {
        self.report();
        *self.reports.get_mut() = ReportTime::Together(Vec::new());
    }

    /// Reports the steps that were taken.
    pub(crate) fn report(&self) {
        if let ReportTime::Together(steps) = &mut *self.reports.borrow_mut()
            && !steps.is_empty()
        {
            // If nslab is gone nobody listens; then this process is about to end too.
            let _ = self.channel.send(&Message::Steps(std::mem::take(steps)));
        }
    }

    /// Connects to the listener with this name.
    pub(crate) fn connect(listener: &str) -> Result<Self, Refused> {
        let channel = Channel::connect(listener);
        let channel = channel.map_err(|errno| Refused::new("connect()", errno))?;
        Ok(Self::new(channel))
    }

    /// The channel that steps are reported over. The steps so far are reported before anything else is sent.
    pub(crate) fn channel(&self) -> &Channel {
        self.report();
        &self.channel
    }

    /// A second tracer on the same channel, for a child that is about to be made.
    pub(crate) fn for_child(&mut self) -> Result<Tracer, Refused> {
        let channel = self.channel.try_clone();
        let call = format!("dup({})", self.channel.as_fd().as_raw_fd());
        self.step(call, || channel).map(Tracer::new)
    }

    /// Takes a step and reports it.
    pub(crate) fn step<T: Returned, E: Reason>(
        &mut self,
        call: impl Into<Call>,
        act: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, Refused> {
        let start = Instant::now();
        let answer = act().map_err(|reason| reason.errno());
        self.report_answer(call.into(), answer, start.elapsed())
    }

    /// Takes a step that may not be needed: the errno `needless` says so, and counts as success. It is reported
    /// without facts, since nothing has to be explained.
    pub(crate) fn step_unless<E: Reason>(
        &mut self,
        needless: Errno,
        call: Call,
        act: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), Refused> {
        let start = Instant::now();
        match act().map_err(|reason| reason.errno()) {
            Err(errno) if errno == needless => {
                self.tell_step(step(call, Err(errno), start.elapsed()));
                Ok(())
            }
            answer => self.report_answer(call, answer, start.elapsed()),
        }
    }

    fn report_answer<T: Returned>(
        &self,
        call: Call,
        answer: Result<T, Errno>,
        took: Duration,
    ) -> Result<T, Refused> {
        let told = answer.as_ref().map(Returned::returned);
        self.tell(call.clone(), told.map_err(|errno| *errno), took);
        answer.map_err(|errno| Refused::new(call, errno))
    }

    /// Takes a step that is reported only if it is refused: one that waits for another process,
    /// which reports its own steps, or lets it continue.
    pub(crate) fn quiet_step<T, E: Reason>(
        &mut self,
        call: impl Into<Call>,
        act: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, Refused> {
        let start = Instant::now();
        act().map_err(|reason| {
            let (call, errno) = (call.into(), reason.errno());
            self.tell(call.clone(), Err(errno), start.elapsed());
            Refused::new(call, errno)
        })
    }

    pub(crate) fn pipe(&mut self) -> Result<(PipeReader, PipeWriter), Refused> {
        self.step("pipe2(ends, O_CLOEXEC)", io::pipe)
    }

    /// fork(2). If the child doesn't wait for its parent, the child has to report the fork: otherwise its own first
    /// steps could be reported before the fork. A child that reports the fork must be in the parent's PID
    /// namespace.
    pub(crate) fn fork(&mut self, told_by: ForkHalf) -> Result<ForkResult, Refused> {
        self.fork_by(Call::Fork, told_by, sys::fork)
    }

    /// Like [`Tracer::fork`], with another call that makes a process.
    pub(crate) fn fork_by(
        &mut self,
        call: Call,
        told_by: ForkHalf,
        act: impl FnOnce() -> Result<ForkResult, Errno>,
    ) -> Result<ForkResult, Refused> {
        // Otherwise the child would report these steps again.
        self.report();
        let start = Instant::now();
        let forked = self.quiet_step(call.clone(), act)?;
        let child = match (told_by, forked) {
            (ForkHalf::Parent, ForkResult::Parent { child }) => Some(child),
            (ForkHalf::Child, ForkResult::Child) => Some(getpid()),
            (ForkHalf::Parent, ForkResult::Child)
            | (ForkHalf::Child, ForkResult::Parent { .. }) => None,
        };
        if let Some(child) = child {
            self.tell(call, Ok(child.returned()), start.elapsed());
        }
        Ok(forked)
    }

    /// Reports the signal that killed a process, if one did: the process could report nothing.
    pub(crate) fn report_killed(&self, exit: Exit) {
        if let Exit::Signal(signal) = exit
            && signal != libc::SIGKILL
        {
            let step = RefusedStep::here(Step::killed(signal, None));
            let _ = self.channel().send(&Message::Refused(step));
        }
    }

    /// Reports a step that was taken, with the facts that may explain it if it was refused.
    pub(crate) fn tell(&self, call: Call, answer: Result<i64, Errno>, took: Duration) {
        let step = step(call, answer, took);
        if step.worked() {
            return self.tell_step(step);
        }
        self.report();
        // Read here and now: these are the facts by which the kernel decided.
        let facts = Box::new(Facts::here());
        let refused = RefusedStep { step, facts };
        // If nslab is gone nobody listens; then this process is about to end too.
        let _ = self.channel.send(&Message::Refused(refused));
    }

    /// Reports a step that needs no explanation.
    fn tell_step(&self, step: Step) {
        if let ReportTime::Together(steps) = &mut *self.reports.borrow_mut()
            && steps.len() < TOGETHER
        {
            return steps.push(step);
        }
        self.report();
        let _ = self.channel.send(&Message::Step(step));
    }
}

pub(super) fn step(call: Call, answer: Result<i64, Errno>, took: Duration) -> Step {
    Step {
        call,
        errno: answer.err().map(|errno| errno as i32),
        value: answer.unwrap_or(-1),
        micros: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
    }
}

/// The process that reports a fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ForkHalf {
    /// The one that called.
    Parent,
    Child,
}

/// A system call's return value, as strace(1) prints it.
pub(crate) trait Returned {
    fn returned(&self) -> i64;
}

impl Returned for () {
    fn returned(&self) -> i64 {
        0
    }
}

impl Returned for Pid {
    fn returned(&self) -> i64 {
        self.as_raw().into()
    }
}

impl Returned for OwnedFd {
    fn returned(&self) -> i64 {
        self.as_raw_fd().into()
    }
}

impl Returned for File {
    fn returned(&self) -> i64 {
        self.as_raw_fd().into()
    }
}

/// A number of bytes.
impl Returned for usize {
    fn returned(&self) -> i64 {
        i64::try_from(*self).unwrap_or(i64::MAX)
    }
}

/// A number whose meaning depends on the call, such as a key.
impl Returned for i32 {
    fn returned(&self) -> i64 {
        (*self).into()
    }
}

/// pipe2(2) returns its descriptors through its first argument.
impl Returned for (PipeReader, PipeWriter) {
    fn returned(&self) -> i64 {
        0
    }
}

/// ttyname_r(3) returns the name through its second argument.
impl Returned for PathBuf {
    fn returned(&self) -> i64 {
        0
    }
}

impl Returned for Channel {
    fn returned(&self) -> i64 {
        self.as_fd().as_raw_fd().into()
    }
}

impl Returned for std::convert::Infallible {
    fn returned(&self) -> i64 {
        match *self {}
    }
}

/// Why a call was refused.
pub(crate) trait Reason {
    fn errno(&self) -> Errno;
}

impl Reason for Errno {
    fn errno(&self) -> Errno {
        *self
    }
}

impl Reason for io::Error {
    fn errno(&self) -> Errno {
        errno(self)
    }
}

/// The errno behind an I/O error; EIO where it has none.
pub(super) fn errno(error: &io::Error) -> Errno {
    error.raw_os_error().map_or(Errno::EIO, Errno::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The messages that arrive while `act` takes steps.
    fn heard(act: impl FnOnce(&mut Tracer)) -> Vec<Message> {
        let (ours, theirs) = Channel::pair().unwrap();
        let mut trace = Tracer::new(Channel::from(theirs));
        act(&mut trace);
        drop(trace);
        let next = || ours.receive().unwrap();
        std::iter::from_fn(|| Some(next()?.0)).collect()
    }

    fn calls(message: &Message) -> Vec<String> {
        let steps: &[Step] = match message {
            Message::Step(step) => std::slice::from_ref(step),
            Message::Steps(steps) => steps,
            Message::Refused(refused) => std::slice::from_ref(&refused.step),
            _ => &[],
        };
        steps.iter().map(|step| step.call.to_string()).collect()
    }

    #[test]
    fn a_needless_step_is_no_refusal() {
        let call = || Call::Umount("/dev/tty2".into());
        let all = heard(|trace| {
            let needless = trace.step_unless(Errno::EINVAL, call(), || Err(Errno::EINVAL));
            assert!(needless.is_ok());
            let refused = trace.step_unless(Errno::EINVAL, call(), || Err(Errno::EPERM));
            assert!(refused.is_err());
        });
        let errno = |message: &Message| match message {
            Message::Step(step) => step.errno,
            Message::Refused(refused) => refused.step.errno.map(|it| -it),
            _ => None,
        };
        let errnos: Vec<_> = all.iter().map(errno).collect();
        let expected = [Errno::EINVAL as i32, -(Errno::EPERM as i32)];
        assert_eq!(errnos, expected.map(Some));
    }

    #[test]
    fn steps_that_are_gathered_come_in_their_order_and_before_all_else() {
        let all = heard(|trace| {
            let _ = trace.step("first()", || Ok::<(), Errno>(()));
            trace.gather();
            let _ = trace.step("second()", || Ok::<(), Errno>(()));
            let _ = trace.step("third()", || Ok::<(), Errno>(()));
            let _ = trace.step("refused()", || Err::<(), _>(Errno::EPERM));
            let _ = trace.step("fourth()", || Ok::<(), Errno>(()));
            let _ = trace.channel().send(&Message::Join);
            for _ in 0..=TOGETHER {
                let _ = trace.step("more()", || Ok::<(), Errno>(()));
            }
            trace.report();
        });
        let calls: Vec<_> = all.iter().map(calls).collect();
        let more = vec!["more()"; TOGETHER];
        let expected: [&[&str]; 7] = [
            &["first()"],
            &["second()", "third()"],
            &["refused()"],
            &["fourth()"],
            &[],
            &more,
            &["more()"],
        ];
        assert_eq!(calls, expected);
    }
}
