//! Waits for many descriptors at once; epoll(7).
//!
//! Must not know what a descriptor is.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::{Deref, DerefMut};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::Instant;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use signal_hook::SigId;
use signal_hook::low_level::{pipe, unregister};

/// The most ready descriptors that one wait reports; the others come with the next one.
const AT_ONCE: usize = 64;

/// The readiness of a descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ready {
    /// There is something to read, or its end, or an error.
    pub(crate) read: bool,
    pub(crate) write: bool,
    /// The other end is gone.
    pub(crate) hung_up: bool,
}

/// The events that a descriptor is watched for. Its hanging up is always reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interest {
    /// Its hanging up is reported once.
    None,
    Read,
    Write,
    ReadAndWrite,
}

/// Watches sources, each under a token.
pub(crate) struct Poller<T> {
    inner: Rc<Inner<T>>,
}

struct Inner<T> {
    epoll: Epoll,
    /// The token of each source, under the number that the kernel reports for it.
    tokens: RefCell<BTreeMap<u64, T>>,
    next_number: Cell<u64>,
}

impl<T> Clone for Poller<T> {
    fn clone(&self) -> Self {
        Self {
            inner: Rc::clone(&self.inner),
        }
    }
}

impl<T: Copy + Ord> Poller<T> {
    pub(crate) fn new() -> io::Result<Self> {
        let inner = Inner {
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            tokens: RefCell::default(),
            next_number: Cell::new(0),
        };
        Ok(Self {
            inner: Rc::new(inner),
        })
    }

    /// Watches a source for input until the returned value is dropped.
    pub(crate) fn watch<S: AsFd>(&self, source: S, token: T) -> io::Result<Watched<S, T>> {
        let number = self.inner.next_number.get();
        self.inner.next_number.set(number + 1);
        let interest = Interest::Read;
        self.inner.epoll.add(&source, interest.event(number))?;
        self.inner.tokens.borrow_mut().insert(number, token);
        Ok(Watched {
            source,
            number,
            interest,
            inner: Rc::clone(&self.inner),
        })
    }

    /// Waits until a source is ready, or until the deadline. Returns the ready ones in the order of
    /// their tokens.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> io::Result<Vec<(T, Ready)>> {
        let mut events = [EpollEvent::empty(); AT_ONCE];
        let timeout = deadline.map_or(EpollTimeout::NONE, |deadline| {
            let left = deadline.saturating_duration_since(Instant::now());
            // Round up: a wait that ends too early would only be repeated.
            let millis = left.as_micros().div_ceil(1000);
            EpollTimeout::try_from(millis).unwrap_or(EpollTimeout::MAX)
        });
        let count = match self.inner.epoll.wait(&mut events, timeout) {
            Err(Errno::EINTR) => 0,
            other => other?,
        };
        let tokens = self.inner.tokens.borrow();
        let ready = |event: &EpollEvent| {
            let has = |flags| event.events().intersects(flags);
            let gone = EpollFlags::EPOLLHUP | EpollFlags::EPOLLERR;
            let ready = Ready {
                read: has(EpollFlags::EPOLLIN | gone),
                write: has(EpollFlags::EPOLLOUT),
                hung_up: has(gone),
            };
            Some((*tokens.get(&event.data())?, ready))
        };
        let mut all: Vec<_> = events[..count].iter().filter_map(ready).collect();
        all.sort_unstable_by_key(|(token, _)| *token);
        Ok(all)
    }
}

impl Interest {
    fn event(self, number: u64) -> EpollEvent {
        let flags = match self {
            Interest::None => EpollFlags::EPOLLET,
            Interest::Read => EpollFlags::EPOLLIN,
            Interest::Write => EpollFlags::EPOLLOUT,
            Interest::ReadAndWrite => EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT,
        };
        EpollEvent::new(flags, number)
    }
}

/// A source that is watched until this is dropped.
pub(crate) struct Watched<S: AsFd, T> {
    source: S,
    number: u64,
    interest: Interest,
    inner: Rc<Inner<T>>,
}

impl<S: AsFd, T> Watched<S, T> {
    pub(crate) fn set_interest(&mut self, interest: Interest) {
        if interest != self.interest {
            self.interest = interest;
            let mut event = interest.event(self.number);
            // Fails only for a source that isn't watched any more.
            let _ = self.inner.epoll.modify(&self.source, &mut event);
        }
    }

    /// Stops watching: its end has been read, and would be reported again and again.
    pub(crate) fn stop(&self) {
        let _ = self.inner.epoll.delete(&self.source);
        self.inner.tokens.borrow_mut().remove(&self.number);
    }
}

impl<S: AsFd, T> Deref for Watched<S, T> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.source
    }
}

impl<S: AsFd, T> DerefMut for Watched<S, T> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.source
    }
}

impl<S: AsFd, T> Drop for Watched<S, T> {
    fn drop(&mut self) {
        // Without this the kernel would report while any copy of the descriptor is open.
        self.stop();
    }
}

/// Makes a signal readable.
pub(crate) struct SignalPipe {
    reader: UnixStream,
    id: SigId,
}

impl SignalPipe {
    pub(crate) fn new(signal: i32) -> io::Result<Self> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        let id = pipe::register(signal, writer)?;
        Ok(Self { reader, id })
    }

    /// Forgets the signals that came so far.
    pub(crate) fn clear(&self) {
        while matches!((&self.reader).read(&mut [0; 64]), Ok(1..)) {}
    }
}

impl AsFd for SignalPipe {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}

impl Drop for SignalPipe {
    fn drop(&mut self) {
        unregister(self.id);
    }
}
