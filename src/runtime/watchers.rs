//! The watchers, and the subjects that each of them watches.
//!
//! A watcher that is killed or stopped is replaced. Must not know what the reports are used for.

use std::collections::BTreeMap;
use std::io;
use std::mem;
use std::time::{Duration, Instant};

use nix::unistd::geteuid;
use signal_hook::consts::SIGCHLD;

use super::sources::{Source, WatchedSubject, WatcherOf};
use crate::observe::watch::Watcher;
use crate::observe::watcher::{SeenReport, WatchedPart, WatcherReport};
use crate::poller::{Poller, SignalPipe, Watched};
use crate::sandbox::Host;
use crate::sandbox::launch::HeldProcess;

/// The most watchers that are replaced between two launches: the cause that ended one may end the next.
const REPLACED: u32 = 3;
/// How long a watcher may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Watchers {
    running: BTreeMap<WatcherOf, Watched<Watcher, Source>>,
    watched: BTreeMap<WatchedSubject, WatchedProcess>,
    /// SIGCHLD, which arrives when a watcher is stopped; `None` where the signal can't be watched.
    children: Option<Watched<SignalPipe, Source>>,
    last_number: u32,
    /// How many may still be replaced.
    spare: u32,
    poller: Poller<Source>,
}

/// A process that is watched.
struct WatchedProcess {
    by: WatcherOf,
    number: u32,
    what: WatchedPart,
    process: HeldProcess,
}

/// An event of a subject that is watched.
pub(super) enum WatchEvent {
    Seen(SeenReport),
    /// It is not watched any more.
    Over,
}

/// The reports since the last look.
#[derive(Default)]
pub(super) struct Sights {
    pub(super) all: Vec<(WatchedSubject, WatchEvent)>,
    /// A watcher was killed or stopped, and another one took its place.
    pub(super) replaced: bool,
}

impl Watchers {
    pub(super) fn new(poller: &Poller<Source>) -> Self {
        let children = SignalPipe::new(SIGCHLD);
        let children = children.and_then(|pipe| poller.watch(pipe, Source::Children));
        Self {
            running: BTreeMap::new(),
            watched: BTreeMap::new(),
            children: children.ok(),
            last_number: 0,
            spare: REPLACED,
            poller: poller.clone(),
        }
    }

    /// Called at a new launch: the cause that ended watchers before may be over.
    pub(super) fn begin_anew(&mut self) {
        self.spare = REPLACED;
    }

    /// Watches a process. Starts a watcher if there is none.
    pub(super) fn watch(
        &mut self,
        host: &Host,
        subject: WatchedSubject,
        what: WatchedPart,
        process: &HeldProcess,
    ) -> io::Result<()> {
        self.forget(subject);
        let by = watcher_of(subject, host);
        self.last_number += 1;
        let watching = WatchedProcess {
            by,
            number: self.last_number,
            what,
            process: process.clone(),
        };
        self.tell(host, &watching)?;
        self.watched.insert(subject, watching);
        Ok(())
    }

    fn tell(&mut self, host: &Host, watching: &WatchedProcess) -> io::Result<()> {
        let WatchedProcess {
            by,
            number,
            what,
            process,
        } = watching;
        if !self.running.contains_key(by) {
            let watcher = match by {
                WatcherOf::Machine => Watcher::start(&Host::Machine),
                WatcherOf::Lab | WatcherOf::Map | WatcherOf::One(_) => Watcher::start(host),
            }?;
            let watcher = self.poller.watch(watcher, Source::Watcher(*by))?;
            self.running.insert(*by, watcher);
        }
        let watcher = self.running.get(by).ok_or(io::ErrorKind::NotFound)?;
        watcher.watch(*number, what.clone(), process)
    }

    /// Stops watching a subject.
    pub(super) fn forget(&mut self, subject: WatchedSubject) {
        let Some(WatchedProcess { by, number, .. }) = self.watched.remove(&subject) else {
            return;
        };
        match by {
            // The same watcher will watch the next shell.
            WatcherOf::Lab => {
                if let Some(watcher) = self.running.get(&by) {
                    // A watcher that is gone watches nothing.
                    let _ = watcher.forget(number);
                }
            }
            WatcherOf::Machine | WatcherOf::Map | WatcherOf::One(_) => {
                self.running.remove(&by);
            }
        }
    }

    /// Ends all watchers of the lab.
    pub(super) fn end_lab(&mut self) {
        self.watched
            .retain(|_, watching| watching.by == WatcherOf::Machine);
        self.running.retain(|by, _| *by == WatcherOf::Machine);
        self.begin_anew();
    }

    pub(super) fn is_watched(&self, subject: WatchedSubject) -> bool {
        self.watched.contains_key(&subject)
    }

    /// The reports of a watcher since the last look.
    pub(super) fn take(&mut self, by: WatcherOf, host: Option<&Host>) -> Sights {
        let mut sights = Sights::default();
        let Some(watcher) = self.running.get_mut(&by) else {
            return sights;
        };
        let printed = watcher.take();
        for told in printed.all {
            sights.all.extend(self.sight(told));
        }
        if printed.over {
            self.replace(by, host, &mut sights);
        }
        sights
    }

    fn sight(&mut self, told: WatcherReport) -> Option<(WatchedSubject, WatchEvent)> {
        let (number, sight) = match told {
            WatcherReport::Seen { number, seen } => (number, WatchEvent::Seen(seen)),
            WatcherReport::Over { number } => (number, WatchEvent::Over),
            WatcherReport::Looked { .. } => return None,
        };
        // A report about a shell that was replaced meanwhile is of no use.
        let mut all = self.watched.iter();
        let (&subject, _) = all.find(|(_, watching)| watching.number == number)?;
        if let WatchEvent::Over = sight {
            self.forget(subject);
        }
        Some((subject, sight))
    }

    /// Replaces watchers that somebody has stopped: their last reports may be outdated.
    pub(super) fn replace_stopped(&mut self, host: Option<&Host>) -> Sights {
        if let Some(children) = &self.children {
            children.clear();
        }
        let stopped = self.running.iter().filter(|(_, it)| it.was_stopped());
        let stopped: Vec<_> = stopped.map(|(by, _)| *by).collect();
        let mut sights = Sights::default();
        for by in stopped {
            self.replace(by, host, &mut sights);
        }
        sights
    }

    /// Replaces a watcher that was killed or stopped.
    fn replace(&mut self, by: WatcherOf, host: Option<&Host>, sights: &mut Sights) {
        self.running.remove(&by);
        let (orphans, others) = mem::take(&mut self.watched)
            .into_iter()
            .partition::<BTreeMap<_, _>, _>(|(_, watching)| watching.by == by);
        self.watched = others;
        let (ended, orphans): (Vec<_>, Vec<_>) = orphans
            .into_iter()
            .partition(|(_, watching)| watching.process.has_ended());
        let over = ended
            .into_iter()
            .map(|(subject, _)| (subject, WatchEvent::Over));
        sights.all.extend(over);
        let mut left = self.spare > 0;
        self.spare -= u32::from(left && !orphans.is_empty());
        for (subject, watching) in orphans {
            left = left && host.is_some_and(|host| self.tell(host, &watching).is_ok());
            if left {
                sights.replaced = true;
                self.watched.insert(subject, watching);
            } else {
                sights.all.push((subject, WatchEvent::Over));
            }
        }
    }

    /// A fresh report of every watcher, with the answers to the lesson's questions.
    pub(super) fn look(&mut self, host: Option<&Host>) -> Sights {
        self.last_number += 1;
        let turn = self.last_number;
        let mut sights = Sights::default();
        let all: Vec<_> = self.running.keys().copied().collect();
        for by in all {
            if matches!(by, WatcherOf::Lab | WatcherOf::One(_)) {
                self.look_by(by, turn, host, &mut sights);
            }
        }
        sights
    }

    fn look_by(&mut self, by: WatcherOf, turn: u32, host: Option<&Host>, sights: &mut Sights) {
        let deadline = Instant::now() + PATIENCE;
        let Some(watcher) = self.running.get(&by) else {
            return;
        };
        let mut over = watcher.look(turn).is_err();
        let mut looked = false;
        while !over && !looked && Instant::now() < deadline {
            let Some(watcher) = self.running.get_mut(&by) else {
                return;
            };
            watcher.wait(Some(deadline));
            let printed = watcher.take();
            over = printed.over;
            looked = printed.all.contains(&WatcherReport::Looked { turn });
            for told in printed.all {
                sights.all.extend(self.sight(told));
            }
        }
        if !looked {
            self.replace(by, host, sights);
        }
    }
}

/// Which watcher watches something on this host.
fn watcher_of(subject: WatchedSubject, host: &Host) -> WatcherOf {
    match (subject, host) {
        (WatchedSubject::Machine, _) => WatcherOf::Machine,
        // This watcher goes through all namespaces by itself.
        (WatchedSubject::Map, _) => WatcherOf::Map,
        (_, Host::Lab(_)) => WatcherOf::Lab,
        (_, Host::Machine) if geteuid().is_root() => WatcherOf::Lab,
        // An ordinary user can't leave a container's user namespace again.
        (_, Host::Machine) => WatcherOf::One(subject),
    }
}
