//! One running shell: its terminal, its helper's reports, and its end.
//!
//! Must not know why it was started, nor how its output is shown.

use std::fs;
use std::io;
use std::time::{Duration, Instant};

use super::reports::LaunchReports;
use super::sources::Source;
use crate::poller::{Interest, Poller, Ready, Watched};
use crate::pty::flood::{FloodEnd, FloodPiece, FloodReader};
use crate::pty::session::Session;
use crate::sandbox::environment::is_shell;
use crate::sandbox::launch::{HeldProcess, OngoingLaunch};
use crate::sandbox::{Plan, Side};

/// How long a killed shell may take to end before its helper is killed too.
const GONE_BY: Duration = Duration::from_millis(300);
/// The most bytes read in one turn.
const PIECE: usize = 32 * 1024;
/// The most bytes that one read(2) of a terminal returns.
const READ: usize = 4096;
/// A shell that prints this number of bytes in one period floods its terminal.
const FLOOD: usize = 64 * 1024;
const PERIOD: Duration = Duration::from_millis(16);
/// The name of the process that becomes the shell, before it has executed it.
const BEFORE_SHELL: &str = "nslab";

pub(super) struct ShellProcess {
    pub(super) launch: u32,
    pub(super) plan: Plan,
    /// The shell itself, once it runs.
    pub(super) process: Option<HeldProcess>,
    side: Side,
    // Dropped before the terminal, which it reads.
    flood: Option<Watched<FloodReader, Source>>,
    meter: Meter,
    terminal: Watched<Session, Source>,
    /// The reports of the launch.
    pub(super) reports: LaunchReports<Source>,
    poller: Poller<Source>,
}

impl ShellProcess {
    /// Follows a shell that is being launched.
    pub(super) fn new(
        side: Side,
        launch: u32,
        plan: Plan,
        (session, reports): (Session, OngoingLaunch),
        poller: &Poller<Source>,
    ) -> io::Result<Self> {
        let [told, ended] = [Source::Reports(side), Source::Helper(side)];
        Ok(Self {
            launch,
            plan,
            process: None,
            side,
            flood: None,
            meter: Meter::new(Instant::now()),
            poller: poller.clone(),
            terminal: poller.watch(session, Source::Shell(side))?,
            reports: LaunchReports::watch(reports, poller, told, ended)?,
        })
    }

    /// The helper has ended: reaps it.
    pub(super) fn reap_helper(&mut self) {
        self.reports.helper.stop();
        self.terminal.wait_for_helper();
    }

    /// Reads the output of the shell, and writes the input that waits.
    pub(super) fn exchange(&mut self, ready: Ready) -> Vec<u8> {
        if ready.write {
            self.terminal.flush();
            self.set_interest();
        }
        if self.flood.is_some() || !ready.read {
            return Vec::new();
        }
        let mut printed = Vec::new();
        let mut buffer = [0; READ];
        while printed.len() < PIECE {
            match self.terminal.read(&mut buffer) {
                Ok(length @ 1..) => {
                    printed.extend_from_slice(&buffer[..length]);
                    // There is seldom more; the terminal stays readable if there is.
                    if length < READ / 2 {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // Nobody has the terminal open any more.
                Ok(0) | Err(_) => {
                    self.terminal.stop();
                    return printed;
                }
            }
        }
        if self.meter.is_flood(printed.len(), Instant::now()) {
            self.begin_flood();
        }
        printed
    }

    /// From now on a thread reads what the shell prints. If no thread can be started, the loop goes on
    /// reading.
    fn begin_flood(&mut self) {
        let token = Source::Flood(self.side);
        let reader = self.terminal.read_flood();
        let reader = reader.and_then(|reader| self.poller.watch(reader, token));
        self.flood = reader.ok();
        self.set_interest();
    }

    /// Takes the next piece of a flood.
    pub(super) fn take_flood(&mut self) -> Vec<u8> {
        match self.flood.as_mut().map(|flood| flood.take()) {
            Some(FloodPiece::Piece(piece)) => return piece,
            None | Some(FloodPiece::Nothing) => {}
            Some(FloodPiece::Over(end)) => {
                self.flood = None;
                match end {
                    FloodEnd::Quiet => self.set_interest(),
                    FloodEnd::Closed => self.terminal.stop(),
                }
            }
        }
        Vec::new()
    }

    /// Pauses a flood, or goes on with it.
    pub(super) fn hold_flood(&mut self, hold: bool) {
        if let Some(flood) = &mut self.flood {
            flood.set_interest(if hold { Interest::None } else { Interest::Read });
        }
    }

    /// Whether the shell prints more than can be shown.
    pub(super) fn is_flood(&self) -> bool {
        self.flood.is_some()
    }

    /// Types bytes. Returns whether they have stopped the terminal.
    pub(super) fn write(&mut self, bytes: &[u8]) -> bool {
        let stops = self.terminal.write(bytes);
        self.set_interest();
        stops
    }

    /// Whether Ctrl-S has stopped the terminal.
    pub(super) fn is_stopped(&mut self) -> bool {
        self.terminal.is_stopped()
    }

    pub(super) fn answer(&mut self, bytes: Vec<u8>) {
        self.terminal.answer(bytes, Instant::now());
        self.set_interest();
    }

    fn set_interest(&mut self) {
        let interest = match (self.flood.is_some(), self.terminal.has_unwritten()) {
            (false, false) => Interest::Read,
            (false, true) => Interest::ReadAndWrite,
            (true, false) => Interest::None,
            (true, true) => Interest::Write,
        };
        self.terminal.set_interest(interest);
    }

    pub(super) fn resize(&self, cols: u16, rows: u16) {
        // Fails only where the terminal is gone.
        let _ = self.terminal.resize(cols, rows);
    }

    /// Ends the shell and its programs, and returns when they are gone.
    pub(super) fn end(mut self) {
        let helper = &*self.reports.helper;
        self.process.as_ref().unwrap_or(helper).kill();
        if !helper.ends_within(GONE_BY) {
            // Its launcher may be stopped. Everything below a helper dies with it.
            helper.kill();
            helper.ends_within(GONE_BY);
        }
        self.reap_helper();
    }

    /// The process that has the foreground.
    pub(super) fn foreground(&self) -> Option<HeldProcess> {
        HeldProcess::from_pid(self.terminal.foreground()?).ok()
    }

    /// The name of the program in the foreground, unless it is the shell itself. After `exec cat` the
    /// shell's process is no shell any more, so `cat` counts.
    pub(super) fn foreground_program(&self) -> Option<String> {
        let shell = self.process.as_ref()?.pid();
        let group = self.terminal.foreground()?;
        let program = program_of(group)?;
        let itself = group == shell && (is_shell(&program) || program == BEFORE_SHELL);
        (!itself).then_some(program)
    }
}

/// Counts the bytes that a shell prints.
struct Meter {
    since: Instant,
    bytes: usize,
}

impl Meter {
    fn new(now: Instant) -> Self {
        Self {
            since: now,
            bytes: 0,
        }
    }

    /// Adds bytes. Returns whether they make it a flood.
    fn is_flood(&mut self, bytes: usize, now: Instant) -> bool {
        if now.duration_since(self.since) >= PERIOD {
            *self = Self::new(now);
        }
        self.bytes += bytes;
        self.bytes >= FLOOD
    }
}

/// The name of a process group's leader; where the leader has ended (`seq 9 | less`), of another process
/// in the group.
fn program_of(group: i32) -> Option<String> {
    let leader = format!("/proc/{group}");
    let all = fs::read_dir("/proc").ok()?.flatten().map(|it| it.path());
    std::iter::once(leader.into()).chain(all).find_map(|path| {
        // proc_pid_stat(5): pid (comm) state ppid pgrp. A name may hold any bytes, even ')'.
        let stat = fs::read(path.join("stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat);
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
        let mut fields = rest.split_whitespace();
        let state = fields.next()?;
        let of_group = fields.nth(1)?.parse() == Ok(group);
        (of_group && !matches!(state, "Z" | "X")).then(|| name.to_owned())
    })
}
