//! Tries a host as the screen uses it: a shell in a terminal, a container of each kind, and a watcher on each.
//!
//! Must not know what follows from the results.

use std::fs::File;

use nix::errno::Errno;

use crate::doctor::LabHostFound;
use crate::explain::Refusal;
use crate::namespace::{Namespace, NamespaceSet};
use crate::observe::watch;
use crate::pty::session::Session;
use crate::sandbox::entry::{Errand, ProgramEntry};
use crate::sandbox::environment::{OutputTarget, shell};
use crate::sandbox::lab::LabHost;
use crate::sandbox::launch::Event;
use crate::sandbox::probe::Probe;
use crate::sandbox::{Exit, FAILED, Host, HostKind, LabError, Plan, RefusedStep, Side, Step};

/// The script of the tried shells: they wait until they are ended.
const WAIT: &str = "read -r _";
/// Its terminal, as in the lab.
const TTY: &str = "tty1";
/// The size of its terminal.
const SIZE: (u16, u16) = (80, 24);

/// Open files that the screen has and a trial has not: its terminal, signals, watchers of the sides.
/// The screen had 33 with one container.
const RESERVED: usize = 24;

/// Tries a host of this kind, and a container of each kind in it. Without a host that works there are no containers.
pub(super) fn of(kind: HostKind) -> (LabHostFound, Vec<Probe>) {
    try_host(kind).unwrap_or_else(|why| (why, Vec::new()))
}

/// The error says why the host doesn't work.
fn try_host(kind: HostKind) -> Result<(LabHostFound, Vec<Probe>), LabHostFound> {
    let refusal = |refused: &RefusedStep| LabHostFound::Refused(Box::new(Refusal::from(refused)));
    let reserved = (0..RESERVED).map(|_| File::open("/dev/null"));
    let reserved = reserved.collect::<Result<Vec<_>, _>>();
    let _reserved = reserved.map_err(|error| refusal(&refused("open(/dev/null)", &error)))?;
    if let Err(error) = File::options().read(true).write(true).open("/dev/ptmx") {
        return Err(LabHostFound::Failed(format!(
            "no terminal can be made: open(/dev/ptmx): {}; as root: mount -t devpts devpts /dev/pts",
            Errno::from_raw(error.raw_os_error().unwrap_or_default()).desc()
        )));
    }
    let host = Host::start(kind, None).map_err(|error| match error {
        LabError::Refused { refused, .. } => refusal(&refused),
        error => LabHostFound::Failed(error.to_string()),
    })?;
    let shell = launch(&host, Side::Host, NamespaceSet::EMPTY);
    if let Some(refused) = shell.refused {
        return Err(refusal(&refused));
    }
    if shell.exit != Exit::Status(0) {
        let why = format!("the host's shell: {}", shell.exit);
        return Err(LabHostFound::Failed(why));
    }
    let containers = Namespace::ALL.into_iter().map(|kind| {
        let Launched {
            steps,
            refused,
            exit,
        } = launch(&host, Side::CONTAINER, kind.into());
        Probe {
            kind,
            steps,
            refused,
            exit,
        }
    });
    let containers = containers.collect();
    let works = LabHostFound::Works {
        shortfalls: host.shortfalls().to_vec(),
        bounds_memory: host.lab().is_some_and(LabHost::bounds_memory),
    };
    Ok((works, containers))
}

struct Launched {
    steps: Vec<Step>,
    /// The refusal that ended the launch.
    refused: Option<RefusedStep>,
    /// Status 0 for a program that ran and was observed.
    exit: Exit,
}

/// A refusal of a call by nslab itself.
pub(super) fn refused(what: &str, error: &std::io::Error) -> RefusedStep {
    let errno = error.raw_os_error().unwrap_or(libc::EIO);
    RefusedStep::here(Step::refused(what.into(), Errno::from_raw(errno)))
}

/// Launches a shell on a side, observes it, and ends it.
fn launch(host: &Host, side: Side, flags: NamespaceSet) -> Launched {
    let mut launched = Launched {
        steps: Vec::new(),
        refused: None,
        exit: Exit::Status(FAILED),
    };
    let mut program = shell();
    program.extend(["-c", WAIT].map(str::to_owned));
    let entry = ProgramEntry {
        errand: Errand::Launch,
        side,
        plan: Plan {
            flags,
            ..Plan::default()
        },
        tty: Some(TTY),
        screen: OutputTarget::Pane,
        program: &program,
    };
    let started = host
        .helper(&entry)
        .and_then(|helper| Session::start(helper, SIZE.0, SIZE.1));
    let (mut session, reports) = match started {
        Ok(started) => started,
        Err(error) => {
            launched.refused = Some(refused("starting a helper", &error));
            return launched;
        }
    };
    let mut seen = Ok(());
    // A launcher whose container was refused something ends in an orderly way.
    let mut last = None;
    reports.follow(|event| match event {
        Event::Step(step) => launched.steps.push(step),
        Event::Refused(refused) => {
            launched.steps.push(refused.step.clone());
            last = Some(refused);
        }
        Event::Started(process) => {
            seen = watch::once(host, &process).map(drop);
            launched.exit = Exit::Status(0);
            process.kill();
        }
        Event::Exited(_) => {}
        Event::Failed(refused) => {
            launched.exit = Exit::Status(FAILED);
            launched.refused = refused;
        }
    });
    if launched.exit != Exit::Status(0) {
        launched.refused = launched.refused.or(last);
    }
    session.wait_for_helper();
    if launched.exit == Exit::Status(0)
        && let Err(error) = seen
    {
        launched.refused = Some(refused("watching the shell", &error));
    }
    launched
}
