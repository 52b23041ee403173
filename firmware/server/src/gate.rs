//! Admission to the TLS sessions: a fair queue in front of a fixed number of seats, each with its own resource.
//!
//! A waiter is served in the order of arrival, a seat that is given back goes straight to the first of them, and a
//! waiter that is dropped gives up its place. Those who sit idle learn when they are in somebody's way: the one that
//! has been idle longest first, and only as many as there are waiters.

use core::cell::{RefCell, RefMut};
use core::future::poll_fn;
use core::task::{Context, Poll, Waker};

/// `SEATS` seats that hold an `R` each, and room for `WAITERS` who wait for one.
pub(crate) struct Gate<R, const SEATS: usize, const WAITERS: usize> {
    resources: [RefCell<R>; SEATS],
    desk: RefCell<Desk<SEATS, WAITERS>>,
}

impl<R, const SEATS: usize, const WAITERS: usize> Gate<R, SEATS, WAITERS> {
    pub(crate) fn new(resource: impl Fn() -> R) -> Self {
        Self {
            resources: core::array::from_fn(|_| RefCell::new(resource())),
            desk: RefCell::new(Desk {
                seats: [const { Phase::Free }; SEATS],
                waiters: [const { None }; WAITERS],
                next: 0,
            }),
        }
    }

    /// Waits for a seat.
    ///
    /// # Errors
    /// [`Crowded`] when `WAITERS` wait already.
    pub(crate) async fn enter(&self) -> Result<Permit<'_, R>, Crowded> {
        let free = self.desk.borrow_mut().sit();
        let index = match free {
            Some(index) => index,
            None => {
                let (place, ticket) = self.desk.borrow_mut().queue().ok_or(Crowded)?;
                let waiting = Waiting { desk: &self.desk, place, ticket };
                poll_fn(|cx| waiting.poll(cx)).await
            }
        };
        let seat = Seat { desk: &self.desk, index };
        // A resource is lent to the holder of its seat alone, so it is never lent twice.
        let resource = self.resources.get(index).and_then(|r| r.try_borrow_mut().ok()).ok_or(Crowded)?;
        Ok(Permit { resource, seat })
    }

    /// Seats that are taken.
    pub(crate) fn taken(&self) -> usize {
        self.desk.borrow().seats.iter().filter(|phase| !matches!(phase, Phase::Free)).count()
    }

    /// How many wait for a seat.
    pub(crate) fn waiting(&self) -> usize {
        self.desk.borrow().waiting()
    }
}

/// The queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Crowded;

/// A seat and its resource. Dropping it hands the seat to the next in the queue.
pub(crate) struct Permit<'g, R> {
    // Given back before the seat is.
    pub(crate) resource: RefMut<'g, R>,
    pub(crate) seat: Seat<'g>,
}

/// A taken seat.
pub(crate) struct Seat<'g> {
    desk: &'g dyn Reception,
    index: usize,
}

impl Seat<'_> {
    /// Its holder works.
    pub(crate) fn busy(&self) {
        self.desk.set_busy(self.index);
    }

    /// Its holder waits for its client, from now on if it did not before.
    pub(crate) fn idle(&self) {
        self.desk.set_idle(self.index);
    }

    /// Its holder is about to give it back, so nobody else needs to make room for the same waiter.
    pub(crate) fn leaving(&self) {
        self.desk.set_leaving(self.index);
    }

    /// Whether somebody waits for whom nobody has made room yet.
    pub(crate) fn wanted(&self) -> bool {
        self.desk.wanted()
    }

    /// Ends when this idle seat is the one to be vacated for a waiter. Look again before acting late on it.
    pub(crate) async fn asked_to_leave(&self) {
        poll_fn(|cx| self.desk.poll_asked(self.index, cx)).await;
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.desk.release(self.index);
    }
}

/// The [`Desk`] as a seat sees it, whatever the number of seats.
trait Reception {
    fn set_busy(&self, seat: usize);
    fn set_idle(&self, seat: usize);
    fn set_leaving(&self, seat: usize);
    fn wanted(&self) -> bool;
    fn poll_asked(&self, seat: usize, cx: &mut Context<'_>) -> Poll<()>;
    fn release(&self, seat: usize);
}

impl<const SEATS: usize, const WAITERS: usize> Reception for RefCell<Desk<SEATS, WAITERS>> {
    fn set_busy(&self, seat: usize) {
        self.borrow_mut().set(seat, Phase::Busy);
    }

    fn set_idle(&self, seat: usize) {
        let mut desk = self.borrow_mut();
        if !matches!(desk.seats.get(seat), Some(Phase::Idle { .. })) {
            let since = desk.tick();
            desk.set(seat, Phase::Idle { since, waker: None });
        }
    }

    fn set_leaving(&self, seat: usize) {
        self.borrow_mut().set(seat, Phase::Leaving);
    }

    fn wanted(&self) -> bool {
        self.borrow().wanted() > 0
    }

    fn poll_asked(&self, seat: usize, cx: &mut Context<'_>) -> Poll<()> {
        self.borrow_mut().poll_asked(seat, cx)
    }

    fn release(&self, seat: usize) {
        self.borrow_mut().release(seat);
    }
}

/// Who sits and who waits.
struct Desk<const SEATS: usize, const WAITERS: usize> {
    seats: [Phase; SEATS],
    waiters: [Option<Waiter>; WAITERS],
    next: u64,
}

enum Phase {
    Free,
    Busy,
    Idle { since: u64, waker: Option<Waker> },
    Leaving,
}

struct Waiter {
    ticket: u64,
    call: Call,
}

enum Call {
    Waiting(Option<Waker>),
    Seated(usize),
}

impl<const SEATS: usize, const WAITERS: usize> Desk<SEATS, WAITERS> {
    /// Takes a free seat. There is none while somebody waits, since a seat goes from hand to hand.
    fn sit(&mut self) -> Option<usize> {
        let index = self.seats.iter().position(|phase| matches!(phase, Phase::Free))?;
        self.set(index, Phase::Busy);
        Some(index)
    }

    /// Joins the queue: the place in the table, and the ticket.
    fn queue(&mut self) -> Option<(usize, u64)> {
        let ticket = self.tick();
        let place = self.waiters.iter().position(Option::is_none)?;
        *self.waiters.get_mut(place)? = Some(Waiter { ticket, call: Call::Waiting(None) });
        self.wake_idle();
        Some((place, ticket))
    }

    fn tick(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn waiting(&self) -> usize {
        self.waiters.iter().flatten().filter(|waiter| matches!(waiter.call, Call::Waiting(_))).count()
    }

    /// Waiters for whom nobody is leaving yet.
    fn wanted(&self) -> usize {
        let leaving = self.seats.iter().filter(|phase| matches!(phase, Phase::Leaving)).count();
        self.waiting().saturating_sub(leaving)
    }

    fn set(&mut self, seat: usize, phase: Phase) {
        if let Some(current) = self.seats.get_mut(seat) {
            *current = phase;
        }
        self.wake_idle();
    }

    fn wake_idle(&mut self) {
        for phase in &mut self.seats {
            if let Phase::Idle { waker, .. } = phase
                && let Some(waker) = waker.take()
            {
                waker.wake();
            }
        }
    }

    /// Ready when fewer seats have been idle for longer than this one than there are seats wanted.
    fn poll_asked(&mut self, seat: usize, cx: &mut Context<'_>) -> Poll<()> {
        let Some(Phase::Idle { since: mine, .. }) = self.seats.get(seat) else { return Poll::Pending };
        let longer_idle = self
            .seats
            .iter()
            .filter(|phase| matches!(phase, Phase::Idle { since, .. } if since < mine))
            .count();
        if longer_idle < self.wanted() {
            return Poll::Ready(());
        }
        if let Some(Phase::Idle { waker, .. }) = self.seats.get_mut(seat) {
            *waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    fn release(&mut self, seat: usize) {
        let first = self
            .waiters
            .iter_mut()
            .flatten()
            .filter(|waiter| matches!(waiter.call, Call::Waiting(_)))
            .min_by_key(|waiter| waiter.ticket);
        let Some(waiter) = first else { return self.set(seat, Phase::Free) };
        if let Call::Waiting(Some(waker)) = core::mem::replace(&mut waiter.call, Call::Seated(seat)) {
            waker.wake();
        }
        self.set(seat, Phase::Busy);
    }
}

/// A place in the queue.
struct Waiting<'g, const SEATS: usize, const WAITERS: usize> {
    desk: &'g RefCell<Desk<SEATS, WAITERS>>,
    place: usize,
    ticket: u64,
}

impl<const SEATS: usize, const WAITERS: usize> Waiting<'_, SEATS, WAITERS> {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<usize> {
        let mut desk = self.desk.borrow_mut();
        let Some(entry) = desk.waiters.get_mut(self.place) else { return Poll::Pending };
        match entry {
            Some(Waiter { call: Call::Seated(seat), .. }) => {
                let seat = *seat;
                *entry = None;
                Poll::Ready(seat)
            }
            Some(Waiter { call: Call::Waiting(waker), .. }) => {
                *waker = Some(cx.waker().clone());
                Poll::Pending
            }
            None => Poll::Pending,
        }
    }
}

impl<const SEATS: usize, const WAITERS: usize> Drop for Waiting<'_, SEATS, WAITERS> {
    fn drop(&mut self) {
        let mut desk = self.desk.borrow_mut();
        let Some(entry) = desk.waiters.get_mut(self.place) else { return };
        if let Some(Waiter { call, .. }) = entry.take_if(|waiter| waiter.ticket == self.ticket)
            && let Call::Seated(seat) = call
        {
            desk.release(seat);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};

    use super::*;

    type Two = Gate<u8, 2, 2>;

    fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn sit(gate: &Two) -> Permit<'_, u8> {
        let Poll::Ready(Ok(permit)) = poll(pin!(gate.enter())) else { panic!("no free seat") };
        permit
    }

    #[test]
    fn a_seat_given_back_goes_to_the_first_in_the_queue_and_past_nobody() {
        let gate = Two::new(|| 0);
        let (first, second) = (sit(&gate), sit(&gate));
        let (mut third, mut fourth) = (pin!(gate.enter()), pin!(gate.enter()));
        assert!(poll(third.as_mut()).is_pending() && poll(fourth.as_mut()).is_pending());
        assert!(matches!(poll(pin!(gate.enter())), Poll::Ready(Err(Crowded))));
        drop(second);
        assert!(poll(fourth.as_mut()).is_pending());
        let third = poll(third.as_mut());
        drop(first);
        let fourth = poll(fourth.as_mut());
        assert!(matches!((&third, &fourth), (Poll::Ready(Ok(_)), Poll::Ready(Ok(_)))));
        assert_eq!((gate.taken(), gate.waiting()), (2, 0));
        drop((third, fourth));
        assert_eq!(gate.taken(), 0);
    }

    #[test]
    fn a_waiter_that_goes_away_after_it_was_called_hands_its_seat_on() {
        let gate = Two::new(|| 0);
        let (first, _second) = (sit(&gate), sit(&gate));
        let mut called = Box::pin(gate.enter());
        let mut next = pin!(gate.enter());
        assert!(poll(called.as_mut()).is_pending() && poll(next.as_mut()).is_pending());
        drop(first);
        drop(called);
        assert!(matches!(poll(next.as_mut()), Poll::Ready(Ok(_))));
    }

    #[test]
    fn one_waiter_moves_one_idle_seat_the_longest_idle_unless_somebody_leaves_anyway() {
        let gate = Two::new(|| 0);
        let (first, second) = (sit(&gate), sit(&gate));
        second.seat.idle();
        first.seat.idle();
        second.seat.idle();
        let asked = |permit: &Permit<'_, u8>| poll(pin!(permit.seat.asked_to_leave())).is_ready();
        assert!(!asked(&first) && !asked(&second));
        let mut waiter = pin!(gate.enter());
        assert!(poll(waiter.as_mut()).is_pending());
        assert!(!asked(&first) && asked(&second));
        second.seat.busy();
        assert!(asked(&first), "the other one works again");
        second.seat.leaving();
        assert!(!asked(&first) && !first.seat.wanted(), "the waiter will get the seat that is being left");
    }
}
