//! One launch of a program, as nslab follows it.

use std::fs;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::channel::{Channel, Listener, Message, Received};
use super::report::{Exit, RefusedStep, Step};
use crate::facts::{Facts, Location};
use crate::sys;

/// How long a helper may take to report for the first time.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The most messages of one launch: several times the number that the longest one needs. A learner who traces
/// the launcher could send them forever.
const MESSAGES: usize = 256;

/// The origin of the program of a launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProgramOrigin {
    Lab,
    Machine,
}

/// A process, held by its pidfd, so that no other process with the same pid is mistaken for it.
#[derive(Debug, Clone)]
pub(crate) struct HeldProcess {
    pidfd: Arc<OwnedFd>,
    pid: i32,
}

impl HeldProcess {
    /// The process behind a pidfd from the lab, if it still exists and belongs to the lab.
    ///
    /// A learner who traces the launcher can get a pidfd of nslab itself (SO_PEERPIDFD, unix(7))
    /// and must not make us signal that: a process that is in no PID namespace below ours is
    /// refused.
    pub(crate) fn of_lab(pidfd: OwnedFd) -> Option<Self> {
        let numbers = info(&pidfd, "NSpid:")?;
        numbers.split_whitespace().nth(1)?;
        Self::of_machine(pidfd)
    }

    /// The facts of this process in the lab, without the limits of its user namespace, which the
    /// kernel shows to nobody outside. `place`: see [`Facts::place`].
    pub(crate) fn facts(&self, place: Location) -> Facts {
        let mut facts = Facts::read(Path::new("/"), &self.pid.to_string());
        // The facts are read through our own /proc, not the lab's.
        facts.proc = None;
        // The mode of our own filter, if any. The lab's filter doesn't count: its refusals are not explained.
        let ours = Facts::here();
        facts.seccomp = ours.seccomp;
        // Only a process that may trace this one sees its mounts. A mask of the machine's /proc masks the lab's.
        facts.masked_proc = facts.masked_proc.or(ours.masked_proc);
        facts.limits.clear();
        facts.place = place;
        // Once the process has ended, its pid may be another's.
        if self.ends_within(Duration::ZERO) {
            facts = Facts::default();
        }
        facts
    }

    /// The facts of a program that we start in all namespaces of this process, which is in no lab.
    pub(crate) fn facts_of_guest(&self) -> Facts {
        let facts = Facts::of_guest(&self.pid.to_string());
        // Once the process has ended, its pid may be another's.
        if self.ends_within(Duration::ZERO) {
            return Facts::default();
        }
        facts
    }

    /// The process behind a pidfd, if it still exists and we can see it.
    pub(crate) fn of_machine(pidfd: OwnedFd) -> Option<Self> {
        let pid = info(&pidfd, "Pid:")?.trim().parse().ok()?;
        (pid > 0).then(|| Self {
            pidfd: Arc::new(pidfd),
            pid,
        })
    }

    fn of(origin: ProgramOrigin, pidfd: OwnedFd) -> Option<Self> {
        match origin {
            ProgramOrigin::Lab => Self::of_lab(pidfd),
            ProgramOrigin::Machine => Self::of_machine(pidfd),
        }
    }

    /// A child of ours that has not been waited for.
    pub(crate) fn from_child(pid: u32) -> nix::Result<Self> {
        Self::from_pid(i32::try_from(pid).map_err(|_| Errno::ESRCH)?)
    }

    /// The process that has this pid now.
    pub(crate) fn from_pid(pid: i32) -> nix::Result<Self> {
        Ok(Self {
            pidfd: Arc::new(sys::pidfd_open(Pid::from_raw(pid))?),
            pid,
        })
    }

    /// The process with the pid `pid` here, and the pids `numbers` in all PID namespaces from here inwards. `None`
    /// if that process has ended, even if its pid was given to another one.
    pub(crate) fn numbered(pid: i32, numbers: &[i32]) -> Option<Self> {
        let pidfd = sys::pidfd_open(Pid::from_raw(pid)).ok()?;
        let all = info(&pidfd, "NSpid:")?;
        let all: Vec<i32> = all
            .split_whitespace()
            .filter_map(|number| number.parse().ok())
            .collect();
        all.ends_with(numbers).then(|| Self {
            pidfd: Arc::new(pidfd),
            pid,
        })
    }

    /// Its pid on the machine.
    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    pub(crate) fn pidfd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }

    /// Whether it ends within that time.
    pub(crate) fn ends_within(&self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            let mut fds = [PollFd::new(self.pidfd(), PollFlags::POLLIN)];
            match poll(&mut fds, timeout) {
                // A resized window, for example.
                Err(Errno::EINTR) => {}
                other => return other != Ok(0),
            }
        }
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.ends_within(Duration::ZERO)
    }

    /// Kills it. It is no error if the process has ended.
    pub(crate) fn kill(&self) {
        let _ = sys::pidfd_send_signal(self.pidfd(), Some(Signal::SIGKILL));
    }

    /// Whether this process may kill it; kill(2), signal 0.
    pub(crate) fn may_kill(&self) -> Result<(), Errno> {
        sys::pidfd_send_signal(self.pidfd(), None)
    }
}

impl AsFd for HeldProcess {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pidfd()
    }
}

/// A line of a pidfd's fdinfo; proc_pid_fdinfo(5).
fn info(pidfd: &OwnedFd, name: &str) -> Option<String> {
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd())).ok()?;
    let line = info.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.to_owned())
}

/// How a started helper is recognized, and the orders that it gets when it connects.
#[derive(Debug)]
pub(crate) struct ExpectedHelper {
    /// The listener that the helper will connect to.
    pub listener: Listener,
    /// The origin of the helper's program.
    pub origin: ProgramOrigin,
    /// The location in which the program will run.
    pub place: Location,
    /// Its orders, unless its arguments carry them.
    pub orders: Option<Vec<String>>,
    /// A process of the container whose namespaces the helper joins.
    pub to_join: Option<HeldProcess>,
}

impl ExpectedHelper {
    /// Sends a connected helper its orders. A helper that has ended needs none.
    fn greet(&self, channel: &Channel) {
        if let Some(orders) = &self.orders {
            let _ = channel.send(&Message::Orders(orders.clone()));
        }
        if let Some(process) = &self.to_join {
            let _ = channel.send_with(&Message::Join, process.pidfd());
        }
    }
}

/// An event of a launch. They come in this order: steps, `Started`, `Exited`; or `Failed` at any
/// point.
#[derive(Debug)]
pub(crate) enum Event {
    /// A step was taken.
    Step(Step),
    /// A step was refused; the launch may continue without it.
    Refused(RefusedStep),
    Started(HeldProcess),
    /// The program has ended.
    Exited(Exit),
    /// The launch ended without the program's exit; with the refusal, if one was reported.
    Failed(Option<RefusedStep>),
}

/// A launch in progress: a helper and its reports.
///
/// The learner can trace the launcher, make it report anything, and keep its end of the channel
/// open. So each event is believed once, and the launch ends with the helper.
#[derive(Debug)]
pub(crate) struct OngoingLaunch {
    stage: LaunchStage,
    helper: HeldProcess,
    origin: ProgramOrigin,
    place: Location,
    started: bool,
    /// The refusal that ended the launch, unless a successful step follows.
    refused: Option<RefusedStep>,
    /// How many more messages are taken.
    messages: usize,
}

#[derive(Debug)]
enum LaunchStage {
    /// The helper has not connected yet; its time ends then.
    Expected(ExpectedHelper, Instant),
    Talking(Channel),
    Over,
}

/// Whether a launch goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More events follow when `OngoingLaunch::source` or the helper's pidfd is readable.
    GoesOn,
    /// There are no more events.
    Over,
}

impl OngoingLaunch {
    /// Follows the helper `pid`, a child of ours.
    pub(crate) fn new(expected: ExpectedHelper, pid: u32) -> nix::Result<Self> {
        let helper = HeldProcess::from_child(pid)?;
        Ok(Self::of(expected, helper))
    }

    /// Follows a helper, which has a while from now on to connect.
    pub(crate) fn of(expected: ExpectedHelper, helper: HeldProcess) -> Self {
        let (origin, place) = (expected.origin, expected.place);
        let deadline = Instant::now() + PATIENCE;
        Self {
            place,
            ..Self::at(LaunchStage::Expected(expected, deadline), helper, origin)
        }
    }

    fn at(stage: LaunchStage, helper: HeldProcess, origin: ProgramOrigin) -> Self {
        Self {
            stage,
            helper,
            origin,
            place: Location::Outside,
            started: false,
            refused: None,
            messages: MESSAGES,
        }
    }

    pub(crate) fn helper(&self) -> &HeldProcess {
        &self.helper
    }

    /// Readable when the helper has reported something. It changes once the helper has connected.
    pub(crate) fn source(&self) -> Option<BorrowedFd<'_>> {
        match &self.stage {
            LaunchStage::Expected(expected, _) => Some(expected.listener.as_fd()),
            LaunchStage::Talking(channel) => Some(channel.as_fd()),
            LaunchStage::Over => None,
        }
    }

    /// When to call `take` even if nothing is readable.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match &self.stage {
            LaunchStage::Expected(_, deadline) => Some(*deadline),
            LaunchStage::Talking(_) | LaunchStage::Over => None,
        }
    }

    /// Reports each event as it happens; returns when the launch is over.
    pub(crate) fn follow(mut self, mut tell: impl FnMut(Event)) {
        while self.take(&mut tell) == Progress::GoesOn {
            let left = self
                .deadline()
                .map(|it| it.saturating_duration_since(Instant::now()));
            let timeout = left.map_or(PollTimeout::NONE, |left| {
                PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
            });
            let mut fds = vec![PollFd::new(self.helper.pidfd(), PollFlags::POLLIN)];
            fds.extend(self.source().map(|it| PollFd::new(it, PollFlags::POLLIN)));
            // An error, such as EINTR, only means one more look.
            let _ = poll(&mut fds, timeout);
        }
    }

    /// Sends the helper its orders once it has connected. Returns whether it just has.
    pub(crate) fn greet(&mut self) -> nix::Result<bool> {
        let LaunchStage::Expected(expected, _) = &self.stage else {
            return Ok(false);
        };
        let Some(channel) = expected.listener.try_accept(self.helper.pid())? else {
            return Ok(false);
        };
        expected.greet(&channel);
        self.stage = LaunchStage::Talking(channel);
        Ok(true)
    }

    /// Reports the events so far, without waiting.
    pub(crate) fn take(&mut self, tell: &mut impl FnMut(Event)) -> Progress {
        loop {
            // Checked before the channel, so that everything the helper reported counts before its
            // end.
            let ended = self.helper.has_ended();
            match &self.stage {
                LaunchStage::Over => return Progress::Over,
                LaunchStage::Expected(_, deadline) => {
                    let deadline = *deadline;
                    match self.greet() {
                        Ok(true) => {}
                        Ok(false) if !ended && Instant::now() < deadline => {
                            return Progress::GoesOn;
                        }
                        Ok(false) | Err(_) => return self.fail(tell),
                    }
                }
                LaunchStage::Talking(channel) if self.messages > 0 => match channel.try_receive() {
                    Ok(Received::Message(message, fd)) => {
                        self.messages -= 1;
                        self.hear(message, fd, tell);
                    }
                    Ok(Received::Nothing) if !ended => return Progress::GoesOn,
                    Ok(Received::Nothing | Received::End) | Err(_) => return self.fail(tell),
                },
                LaunchStage::Talking(_) => return self.fail(tell),
            }
        }
    }

    fn fail(&mut self, tell: &mut impl FnMut(Event)) -> Progress {
        self.stage = LaunchStage::Over;
        tell(Event::Failed(self.refused.take()));
        Progress::Over
    }

    fn hear_step(&mut self, step: Step, tell: &mut impl FnMut(Event)) {
        // A refused step before one that worked was not needed.
        self.refused = None;
        tell(Event::Step(step));
    }

    fn hear(&mut self, message: Message, fd: Option<OwnedFd>, tell: &mut impl FnMut(Event)) {
        match message {
            Message::Step(step) => self.hear_step(step, tell),
            Message::Steps(steps) => {
                // The message itself has been counted.
                let taken = steps.len().min(self.messages + 1);
                self.messages -= taken.saturating_sub(1);
                for step in steps.into_iter().take(taken) {
                    self.hear_step(step, tell);
                }
            }
            Message::Refused(refused) => {
                let mut refused = refused.seen_from_outside();
                refused.facts.place = self.place;
                self.refused = Some(refused.clone());
                tell(Event::Refused(refused));
            }
            Message::Started if self.started => {}
            Message::Started => {
                if let Some(process) = fd.and_then(|fd| HeldProcess::of(self.origin, fd)) {
                    self.started = true;
                    tell(Event::Started(process));
                }
            }
            Message::Exited(exit) => {
                self.stage = LaunchStage::Over;
                tell(Event::Exited(exit));
            }
            Message::Missing(_)
            | Message::Binary
            | Message::Ready { .. }
            | Message::Unmapped
            | Message::Mapped(_)
            | Message::Orders(_)
            | Message::Join => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, IoSlice, Read};
    use std::process::Command;

    use nix::sys::socket::{
        AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, sendmsg, socketpair,
    };

    use super::*;

    /// Our end and the learner's.
    fn channel() -> (Channel, OwnedFd) {
        let kind = SockType::SeqPacket;
        let (ours, theirs) =
            socketpair(AddressFamily::Unix, kind, None, SockFlag::SOCK_CLOEXEC).unwrap();
        (Channel::from(ours), theirs)
    }

    fn say(socket: &OwnedFd, message: &Message, fds: &[i32]) -> nix::Result<usize> {
        let packet = serde_json::to_vec(message).unwrap();
        let control = [ControlMessage::ScmRights(fds)];
        let control = if fds.is_empty() { &[][..] } else { &control };
        let flags = MsgFlags::MSG_NOSIGNAL;
        let parts = [IoSlice::new(&packet)];
        sendmsg::<()>(socket.as_raw_fd(), &parts, control, flags, None)
    }

    fn step() -> Message {
        Message::Step(Step {
            call: "forged()".into(),
            errno: None,
            value: 0,
            micros: 0,
        })
    }

    fn converse(
        channel: Channel,
        helper: HeldProcess,
        origin: ProgramOrigin,
        tell: impl FnMut(Event),
    ) {
        OngoingLaunch::at(LaunchStage::Talking(channel), helper, origin).follow(tell);
    }

    fn ourselves() -> HeldProcess {
        HeldProcess::from_child(std::process::id()).unwrap()
    }

    #[test]
    fn descriptors_that_nobody_asked_for_are_closed() {
        let (ours, theirs) = channel();
        let (mut reader, writer) = io::pipe().unwrap();
        let fd = writer.as_raw_fd();
        for count in [1, 2, 3, 100] {
            say(&theirs, &step(), &vec![fd; count]).unwrap();
        }
        drop((theirs, writer));
        converse(ours, ourselves(), ProgramOrigin::Lab, drop);
        // The end of file comes when every copy is closed. A child that another test has just forked has
        // one until its exec.
        let mut fds = [PollFd::new(reader.as_fd(), PollFlags::POLLIN)];
        assert_eq!(poll(&mut fds, PollTimeout::from(60_000_u16)), Ok(1));
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn a_process_of_the_machine_is_no_program_of_a_launch() {
        let (ours, theirs) = channel();
        let pidfd = sys::pidfd_open(nix::unistd::getpid()).unwrap();
        say(&theirs, &Message::Started, &[pidfd.as_raw_fd()]).unwrap();
        drop(theirs);
        let mut told = Vec::new();
        converse(ours, ourselves(), ProgramOrigin::Lab, |event| {
            told.push(event);
        });
        assert!(matches!(told[..], [Event::Failed(None)]), "{told:?}");
    }

    #[test]
    fn a_flood_of_messages_ends() {
        let Message::Step(one) = step() else {
            panic!("no step");
        };
        for message in [step(), Message::Steps(vec![one; 20])] {
            let (ours, theirs) = channel();
            let flood = std::thread::spawn(move || while say(&theirs, &message, &[]).is_ok() {});
            let mut told = 0;
            converse(ours, ourselves(), ProgramOrigin::Lab, |_| told += 1);
            flood.join().unwrap();
            assert_eq!(told, MESSAGES + 1);
        }
    }

    #[test]
    fn only_a_refusal_that_nothing_came_after_ends_a_launch() {
        let told = |errno| Step {
            call: "open()".into(),
            errno,
            value: 0,
            micros: 0,
        };
        let worked = Message::Step(told(None));
        let refused = Message::Refused(RefusedStep {
            step: told(Some(Errno::EEXIST as i32)),
            facts: Box::default(),
        });
        for (messages, expected) in [([&refused, &worked], false), ([&worked, &refused], true)] {
            let (ours, theirs) = channel();
            for message in messages {
                say(&theirs, message, &[]).unwrap();
            }
            drop(theirs);
            let mut blamed = None;
            converse(ours, ourselves(), ProgramOrigin::Lab, |event| {
                if let Event::Failed(step) = event {
                    blamed = Some(step.is_some());
                }
            });
            assert_eq!(blamed, Some(expected));
        }
    }

    #[test]
    fn the_helpers_end_is_the_end_though_its_channel_is_held_open() {
        let (ours, theirs) = channel();
        let mut helper = Command::new("true").spawn().unwrap();
        let process = HeldProcess::from_child(helper.id()).unwrap();
        say(&theirs, &step(), &[]).unwrap();
        helper.wait().unwrap();
        let mut told = Vec::new();
        converse(ours, process, ProgramOrigin::Lab, |event| told.push(event));
        assert!(
            matches!(told[..], [Event::Step(_), Event::Failed(None)]),
            "{told:?}"
        );
        drop(theirs);
    }
}
