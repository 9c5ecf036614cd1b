//! Reads the learner's terminal and the signals to nslab.

use std::io::{self, Stdin};
use std::time::{Duration, Instant};

use crossterm::event::Event;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGWINCH};

use super::incoming::{Inbox, Incoming};
use super::sources::Source;
use crate::app::Msg;
use crate::poller::{Ready, SignalPipe, Watched};
use crate::pty::decoder::{Decoder, TerminalAnswer};

pub(super) struct SignalPipes {
    pipes: Vec<(i32, Watched<SignalPipe, Source>)>,
}

impl SignalPipes {
    pub(super) fn watch(inbox: &Inbox) -> io::Result<Self> {
        let watch = |signal| {
            let pipe = SignalPipe::new(signal)?;
            Ok((signal, inbox.poller.watch(pipe, Source::Signal(signal))?))
        };
        let pipes = [SIGHUP, SIGINT, SIGTERM, SIGWINCH].into_iter().map(watch);
        Ok(Self {
            pipes: pipes.collect::<io::Result<_>>()?,
        })
    }

    pub(super) fn read(&self, signal: i32) -> Incoming {
        for (_, pipe) in self.pipes.iter().filter(|(of, _)| *of == signal) {
            pipe.clear();
        }
        match signal {
            SIGWINCH => Incoming::Resized,
            signal => Incoming::Signal(signal),
        }
    }
}

/// The keys, the mouse and the pasted text of the learner.
pub(super) struct Input {
    terminal: Watched<Stdin, Source>,
    decoder: Decoder,
    /// Deadline for the terminal's answers to the questions asked at the start.
    answers_until: Instant,
    kitty_keyboard: bool,
}

/// How long the terminal may take to answer. Nothing waits for it.
const ANSWERS: Duration = Duration::from_secs(3);

impl Input {
    pub(super) fn watch(inbox: &Inbox) -> io::Result<Self> {
        Ok(Self {
            terminal: inbox.poller.watch(io::stdin(), Source::Terminal)?,
            decoder: Decoder::default(),
            answers_until: Instant::now() + ANSWERS,
            kitty_keyboard: false,
        })
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.decoder.deadline()
    }

    pub(super) fn expire(&mut self, now: Instant) -> Vec<Incoming> {
        all(self.decoder.expire(now))
    }

    /// Reads once: the terminal blocks a second read, as its modes are not only ours to change.
    pub(super) fn read(&mut self, ready: Ready) -> Vec<Incoming> {
        let mut buffer = [0; 4096];
        let read = if ready.hung_up {
            // SIGHUP need not come: the session's leader may ignore it.
            Ok(0)
        } else {
            nix::unistd::read(&*self.terminal, &mut buffer).map_err(io::Error::from)
        };
        match read {
            Ok(length @ 1..) => {
                let now = Instant::now();
                let events = self.decoder.feed(&buffer[..length], now);
                let mut incoming = self.answers(now);
                incoming.extend(all(events));
                incoming
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Vec::new(),
            Ok(0) | Err(_) => {
                self.terminal.stop();
                vec![Incoming::TerminalGone]
            }
        }
    }
}

impl Input {
    /// Whether, since the last call, the terminal has answered that it knows the kitty keyboard protocol.
    pub(super) fn take_kitty_keyboard(&mut self) -> bool {
        std::mem::take(&mut self.kitty_keyboard)
    }

    fn answers(&mut self, now: Instant) -> Vec<Incoming> {
        let answers = self.decoder.take_answers();
        if now > self.answers_until {
            return Vec::new();
        }
        let told = |answer| match answer {
            TerminalAnswer::Colour(slot, rgb) => Some(Incoming::Msg(Msg::Colour(slot, rgb))),
            TerminalAnswer::KittyKeyboard => {
                self.kitty_keyboard = true;
                None
            }
        };
        answers.into_iter().filter_map(told).collect()
    }
}

fn all(events: Vec<Event>) -> Vec<Incoming> {
    events.into_iter().map(incoming).collect()
}

fn incoming(event: Event) -> Incoming {
    Incoming::Msg(match event {
        Event::Key(key) => Msg::Key(key),
        Event::Mouse(mouse) => Msg::Mouse(mouse),
        Event::Paste(text) => Msg::Paste(text),
        Event::Resize(..) => return Incoming::Resized,
        Event::FocusGained => Msg::Focus(true),
        Event::FocusLost => Msg::Focus(false),
    })
}
