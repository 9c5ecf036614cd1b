//! Threads that listen for what comes from outside the lab: signals, and the learner's terminal.

use std::io;
use std::os::fd::AsFd;
use std::thread;

use crossterm::event::{self, Event};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::incoming::{Incoming, Sender};
use crate::app::Msg;

pub(super) fn listen_to_signals(tell: Sender) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    thread::spawn(move || {
        for signal in &mut signals {
            let _ = tell.send(Incoming::Signal(signal));
        }
    });
    Ok(())
}

pub(super) fn listen_to_terminal(tell: Sender) {
    let told = tell.clone();
    thread::spawn(move || {
        while let Ok(event) = event::read() {
            if incoming(event).is_some_and(|it| told.send(it).is_err()) {
                return;
            }
        }
        let _ = told.send(Incoming::TerminalGone);
    });
    // crossterm goes on reading nothing from a terminal that hung up. SIGHUP can't be relied on: the
    // session's leader may ignore it, as `sh -c` with that signal ignored does.
    thread::spawn(move || {
        let input = io::stdin();
        let mut terminal = [PollFd::new(input.as_fd(), PollFlags::empty())];
        while matches!(
            poll(&mut terminal, PollTimeout::NONE),
            Ok(0) | Err(Errno::EINTR)
        ) {}
        let _ = tell.send(Incoming::TerminalGone);
    });
}

fn incoming(event: Event) -> Option<Incoming> {
    match event {
        Event::Key(key) => Some(Incoming::Msg(Msg::Key(key))),
        Event::Mouse(mouse) => Some(Incoming::Msg(Msg::Mouse(mouse))),
        Event::Paste(text) => Some(Incoming::Msg(Msg::Paste(text))),
        Event::Resize(..) => Some(Incoming::Resized),
        Event::FocusGained | Event::FocusLost => None,
    }
}
