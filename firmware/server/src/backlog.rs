//! Who waits for a socket: the SYNs that found none, kept until one is free, and the silent connections that make room for them.
//!
//! embassy-net has no backlog, and a client whose SYN is dropped asks again after 1 s, 3 s, 7 s (RFC 6298); QEMU's network after
//! 6 s. A kept SYN is handed to the stack as soon as a socket listens. The frames, a fixed number of a fixed size, are all that is kept.

use core::cell::{Cell, RefCell};
use core::task::Waker;

use embassy_time::{Duration, Instant};
use heapless::{Deque, Vec};

use crate::budget::{SOCKETS, SYN_BYTES, SYNS};
use crate::timeouts::{ClientTime, STEP, network_turn};

/// What the network's driver and the sockets tell each other. One for all sockets of a board.
pub struct Backlog {
    kept: RefCell<Deque<KeptSyn, SYNS>>,
    /// Sockets that listen, as far as can be told from here. Too many costs a kept SYN one more try, too few some patience.
    listening: Cell<usize>,
    /// The connections that have not said enough yet, the longest silent first.
    silent: RefCell<Vec<u32, SOCKETS>>,
    /// Connections that were asked to make room and have not done so yet.
    leaving: Cell<usize>,
    next: Cell<u32>,
    driver: RefCell<Option<Waker>>,
}

/// A SYN that found no socket, and when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptSyn {
    pub(crate) frame: Frame,
    since: Instant,
}

impl KeptSyn {
    /// One that comes now; `None` when the frame is too long.
    pub(crate) fn new(frame: &[u8]) -> Option<Self> {
        Some(Self { frame: Frame::from_slice(frame).ok()?, since: Instant::now() })
    }
}

/// The frame of a SYN.
pub(crate) type Frame = Vec<u8, SYN_BYTES>;

impl Backlog {
    /// A backlog in which nobody waits.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            kept: RefCell::new(Deque::new()),
            listening: Cell::new(0),
            silent: RefCell::new(Vec::new()),
            leaving: Cell::new(0),
            next: Cell::new(0),
            driver: RefCell::new(None),
        }
    }

    /// A socket listens from now on.
    pub(crate) fn listens(&self) {
        self.listening.set(self.listening.get().saturating_add(1).min(SOCKETS));
        if let Some(driver) = self.driver.borrow().as_ref() {
            driver.wake_by_ref();
        }
    }

    /// A socket took a SYN.
    pub(crate) fn taken(&self) {
        self.listening.set(self.listening.get().saturating_sub(1));
    }

    /// The network task, which is woken when a socket listens.
    pub(crate) fn driver(&self, waker: &Waker) {
        let mut driver = self.driver.borrow_mut();
        if !driver.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *driver = Some(waker.clone());
        }
    }

    /// Keeps a SYN that no socket took, so no socket listens. One of the same connection takes its place; beyond [`SYNS`] none
    /// is kept, and the client will ask again.
    pub(crate) fn keep(&self, syn: KeptSyn) {
        self.listening.set(0);
        let mut kept = self.kept.borrow_mut();
        if let Some(other) = kept.iter_mut().find(|other| connection(&other.frame) == connection(&syn.frame))
        {
            *other = syn;
        } else if kept.front().is_some_and(|first| syn.since < first.since) {
            // One that was handed out, and found no socket all the same, is in front again.
            let _ = kept.push_front(syn);
        } else {
            let _ = kept.push_back(syn);
        }
    }

    /// Whether a SYN is kept that a socket could take.
    pub(crate) fn is_due(&self) -> bool {
        let mut kept = self.kept.borrow_mut();
        while kept.front().is_some_and(|syn| Instant::now().saturating_duration_since(syn.since) > KEPT_FOR) {
            kept.pop_front();
        }
        self.listening.get() > 0 && !kept.is_empty()
    }

    /// The SYN that has waited for longest, if a socket listens.
    pub(crate) fn next(&self) -> Option<KeptSyn> {
        if !self.is_due() {
            return None;
        }
        self.kept.borrow_mut().pop_front()
    }

    /// How many wait for a socket for whom none is free, nor about to be.
    pub(crate) fn wanted(&self) -> usize {
        self.kept.borrow().len().saturating_sub(self.listening.get() + self.leaving.get())
    }

    /// A connection falls silent, until the result is dropped.
    pub(crate) fn falls_silent(&self) -> Silence<'_> {
        let ticket = self.next.get();
        self.next.set(ticket.wrapping_add(1));
        // There is room for all sockets.
        let _ = self.silent.borrow_mut().push(ticket);
        Silence { backlog: self, ticket }
    }
}

impl Default for Backlog {
    fn default() -> Self {
        Self::new()
    }
}

/// A connection that has not said enough yet.
pub(crate) struct Silence<'b> {
    backlog: &'b Backlog,
    ticket: u32,
}

impl<'b> Silence<'b> {
    /// Ends when this connection, which has been silent for longest, should make room for a SYN. It is about to until the result
    /// is dropped.
    pub(crate) async fn overstayed(&self) -> Leaving<'b> {
        let mut spent = ClientTime::default();
        loop {
            spent.step(STEP).await;
            if spent.total() >= SILENCE && self.is_asked() {
                network_turn().await;
                self.backlog.leaving.set(self.backlog.leaving.get() + 1);
                return Leaving(self.backlog);
            }
        }
    }

    fn is_asked(&self) -> bool {
        let silent = self.backlog.silent.borrow();
        let longer = silent.iter().position(|ticket| *ticket == self.ticket);
        longer.is_some_and(|longer| longer < self.backlog.wanted())
    }
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        self.backlog.silent.borrow_mut().retain(|ticket| *ticket != self.ticket);
    }
}

/// A connection that makes room.
pub(crate) struct Leaving<'b>(&'b Backlog);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.leaving.set(self.0.leaving.get().saturating_sub(1));
    }
}

/// What tells connections apart in a SYN to the one port: the client's address and port.
fn connection(frame: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
    let segment = crate::refusal_filter::segment(frame);
    (frame.get(CLIENT_ADDRESS..CLIENT_ADDRESS + 4), segment.and_then(|segment| segment.get(..2)))
}

/// In an Ethernet frame: 14 bytes of header, and 12 of IPv4's before it (RFC 791 section 3.1).
const CLIENT_ADDRESS: usize = 14 + 12;

/// How long a SYN is kept. A client that still waits has sent it again by then.
const KEPT_FOR: Duration = Duration::from_secs(10);

/// How long a connection may be silent while a SYN waits: its hello follows its SYN within a round trip, which on Wi-Fi with
/// power save is up to two beacon intervals of 102.4 ms.
const SILENCE: Duration = Duration::from_millis(300);

#[cfg(test)]
mod tests {
    use super::*;

    fn syn(client: u8) -> KeptSyn {
        let mut frame = [0; 54];
        frame[12] = 0x08;
        frame[14] = 0x45;
        frame[23] = 6;
        frame[CLIENT_ADDRESS + 3] = client;
        KeptSyn { frame: Frame::from_slice(&frame).unwrap(), since: Instant::from_millis(client.into()) }
    }

    #[test]
    fn kept_syns_are_handed_out_in_order_one_for_each_socket_that_listens() {
        let backlog = Backlog::new();
        (1..=3).for_each(|client| backlog.keep(syn(client)));
        assert_eq!((backlog.next(), backlog.wanted()), (None, 3));
        backlog.listens();
        assert_eq!(backlog.wanted(), 2);
        assert_eq!(backlog.next(), Some(syn(1)));
        backlog.taken();
        assert_eq!((backlog.next(), backlog.wanted()), (None, 2));
        backlog.listens();
        backlog.listens();
        assert_eq!((backlog.next(), backlog.next(), backlog.next()), (Some(syn(2)), Some(syn(3)), None));
    }

    #[test]
    fn a_syn_that_was_handed_out_in_vain_is_the_first_again() {
        let backlog = Backlog::new();
        (1..=3).for_each(|client| backlog.keep(syn(client)));
        backlog.listens();
        backlog.keep(backlog.next().unwrap());
        assert_eq!((backlog.is_due(), backlog.wanted()), (false, 3));
        backlog.listens();
        assert_eq!(backlog.next(), Some(syn(1)));
    }

    #[test]
    fn a_syn_that_comes_again_keeps_its_place_and_takes_no_other() {
        let backlog = Backlog::new();
        for client in [1, 2, 1, 2, 1] {
            backlog.keep(syn(client));
        }
        assert_eq!(backlog.wanted(), 2);
        backlog.listens();
        assert_eq!(backlog.next(), Some(syn(1)));
    }

    #[test]
    fn beyond_the_places_none_is_kept() {
        let backlog = Backlog::new();
        (0..=u8::MAX).for_each(|client| backlog.keep(syn(client)));
        assert_eq!(backlog.wanted(), SYNS);
    }

    #[test]
    fn as_many_silent_connections_as_syns_are_asked_the_longest_silent_first() {
        let backlog = Backlog::new();
        let silent = [backlog.falls_silent(), backlog.falls_silent(), backlog.falls_silent()];
        let asked = |of: &[Silence<'_>]| of.iter().map(Silence::is_asked).collect::<Vec<_, 3>>();
        assert_eq!(asked(&silent), [false; 3]);
        backlog.keep(syn(1));
        assert_eq!(asked(&silent), [true, false, false]);
        backlog.keep(syn(2));
        assert_eq!(asked(&silent), [true, true, false]);
        let [first, second, third] = silent;
        drop(first);
        backlog.leaving.set(1);
        assert_eq!(asked(&[second, third]), [true, false], "one is about to leave, and one more is needed");
    }

    #[test]
    fn a_socket_that_listens_is_not_asked_for() {
        let backlog = Backlog::new();
        let silence = backlog.falls_silent();
        backlog.keep(syn(1));
        backlog.listens();
        assert!(!silence.is_asked());
    }
}
