//! Admission to the TLS sessions: a fair queue in front of a fixed number of slots, each with its own resource.
//!
//! A waiter is served in the order of arrival, a slot that is given back goes straight to the first of them, and a
//! waiter that is dropped gives up its place. Those who sit idle learn when they are in somebody's way: the one that
//! has been idle longest first, and only as many as there are waiters.

use core::cell::{RefCell, RefMut};
use core::future::poll_fn;
use core::task::{Context, Poll, Waker};

/// `SLOTS` slots that hold an `R` each, and room for `WAITERS` who wait for one.
pub(crate) struct Gate<R, const SLOTS: usize, const WAITERS: usize> {
    resources: [RefCell<R>; SLOTS],
    admission: RefCell<AdmissionState<SLOTS, WAITERS>>,
}

impl<R, const SLOTS: usize, const WAITERS: usize> Gate<R, SLOTS, WAITERS> {
    pub(crate) fn new(resource: impl Fn() -> R) -> Self {
        Self {
            resources: core::array::from_fn(|_| RefCell::new(resource())),
            admission: RefCell::new(AdmissionState {
                slots: [const { Phase::Free }; SLOTS],
                waiters: [const { None }; WAITERS],
                next: 0,
            }),
        }
    }

    /// Waits for a slot.
    ///
    /// # Errors
    /// [`Crowded`] when `WAITERS` wait already.
    pub(crate) async fn enter(&self) -> Result<Permit<'_, R>, Crowded> {
        let free = self.admission.borrow_mut().take_free();
        let index = match free {
            Some(index) => index,
            None => {
                let (place, ticket) = self.admission.borrow_mut().queue().ok_or(Crowded)?;
                let waiting = Waiting { admission: &self.admission, place, ticket };
                poll_fn(|cx| waiting.poll(cx)).await
            }
        };
        let slot = Slot { admission: &self.admission, index };
        // A resource is lent to the holder of its slot alone, so it is never lent twice.
        let resource = self.resources.get(index).and_then(|r| r.try_borrow_mut().ok()).ok_or(Crowded)?;
        Ok(Permit { resource, slot })
    }

    /// Seats that are taken.
    pub(crate) fn taken(&self) -> usize {
        self.admission.borrow().slots.iter().filter(|phase| !matches!(phase, Phase::Free)).count()
    }

    /// How many wait for a slot.
    pub(crate) fn waiting(&self) -> usize {
        self.admission.borrow().waiting()
    }
}

/// The queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Crowded;

/// A slot and its resource. Dropping it hands the slot to the next in the queue.
pub(crate) struct Permit<'g, R> {
    // Given back before the slot is.
    pub(crate) resource: RefMut<'g, R>,
    pub(crate) slot: Slot<'g>,
}

/// A taken slot.
pub(crate) struct Slot<'g> {
    admission: &'g dyn Reception,
    index: usize,
}

impl Slot<'_> {
    /// Its holder works.
    pub(crate) fn busy(&self) {
        self.admission.set_busy(self.index);
    }

    /// Its holder waits for its client, from now on if it did not before.
    pub(crate) fn idle(&self) {
        self.admission.set_idle(self.index);
    }

    /// Its holder is about to give it back, so nobody else needs to make room for the same waiter.
    pub(crate) fn leaving(&self) {
        self.admission.set_leaving(self.index);
    }

    /// Whether somebody waits for whom nobody has made room yet.
    pub(crate) fn wanted(&self) -> bool {
        self.admission.wanted()
    }

    /// Ends when this idle slot is the one to be vacated for a waiter. Look again before acting late on it.
    pub(crate) async fn asked_to_leave(&self) {
        poll_fn(|cx| self.admission.poll_asked(self.index, cx)).await;
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.admission.release(self.index);
    }
}

/// The [`AdmissionState`] as a slot sees it, whatever the number of slots.
trait Reception {
    fn set_busy(&self, slot: usize);
    fn set_idle(&self, slot: usize);
    fn set_leaving(&self, slot: usize);
    fn wanted(&self) -> bool;
    fn poll_asked(&self, slot: usize, cx: &mut Context<'_>) -> Poll<()>;
    fn release(&self, slot: usize);
}

impl<const SLOTS: usize, const WAITERS: usize> Reception for RefCell<AdmissionState<SLOTS, WAITERS>> {
    fn set_busy(&self, slot: usize) {
        self.borrow_mut().set(slot, Phase::Busy);
    }

    fn set_idle(&self, slot: usize) {
        let mut admission = self.borrow_mut();
        if !matches!(admission.slots.get(slot), Some(Phase::Idle { .. })) {
            let since = admission.tick();
            admission.set(slot, Phase::Idle { since, waker: None });
        }
    }

    fn set_leaving(&self, slot: usize) {
        self.borrow_mut().set(slot, Phase::Leaving);
    }

    fn wanted(&self) -> bool {
        self.borrow().wanted() > 0
    }

    fn poll_asked(&self, slot: usize, cx: &mut Context<'_>) -> Poll<()> {
        self.borrow_mut().poll_asked(slot, cx)
    }

    fn release(&self, slot: usize) {
        self.borrow_mut().release(slot);
    }
}

/// Who sits and who waits.
struct AdmissionState<const SLOTS: usize, const WAITERS: usize> {
    slots: [Phase; SLOTS],
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

impl<const SLOTS: usize, const WAITERS: usize> AdmissionState<SLOTS, WAITERS> {
    /// Takes a free slot. There is none while somebody waits, since a slot goes from hand to hand.
    fn take_free(&mut self) -> Option<usize> {
        let index = self.slots.iter().position(|phase| matches!(phase, Phase::Free))?;
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
        let leaving = self.slots.iter().filter(|phase| matches!(phase, Phase::Leaving)).count();
        self.waiting().saturating_sub(leaving)
    }

    fn set(&mut self, slot: usize, phase: Phase) {
        if let Some(current) = self.slots.get_mut(slot) {
            *current = phase;
        }
        self.wake_idle();
    }

    fn wake_idle(&mut self) {
        for phase in &mut self.slots {
            if let Phase::Idle { waker, .. } = phase
                && let Some(waker) = waker.take()
            {
                waker.wake();
            }
        }
    }

    /// Ready when fewer slots have been idle for longer than this one than there are slots wanted.
    fn poll_asked(&mut self, slot: usize, cx: &mut Context<'_>) -> Poll<()> {
        let Some(Phase::Idle { since: mine, .. }) = self.slots.get(slot) else { return Poll::Pending };
        let longer_idle = self
            .slots
            .iter()
            .filter(|phase| matches!(phase, Phase::Idle { since, .. } if since < mine))
            .count();
        if longer_idle < self.wanted() {
            return Poll::Ready(());
        }
        if let Some(Phase::Idle { waker, .. }) = self.slots.get_mut(slot) {
            *waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    fn release(&mut self, slot: usize) {
        let first = self
            .waiters
            .iter_mut()
            .flatten()
            .filter(|waiter| matches!(waiter.call, Call::Waiting(_)))
            .min_by_key(|waiter| waiter.ticket);
        let Some(waiter) = first else { return self.set(slot, Phase::Free) };
        if let Call::Waiting(Some(waker)) = core::mem::replace(&mut waiter.call, Call::Seated(slot)) {
            waker.wake();
        }
        self.set(slot, Phase::Busy);
    }
}

/// A place in the queue.
struct Waiting<'g, const SLOTS: usize, const WAITERS: usize> {
    admission: &'g RefCell<AdmissionState<SLOTS, WAITERS>>,
    place: usize,
    ticket: u64,
}

impl<const SLOTS: usize, const WAITERS: usize> Waiting<'_, SLOTS, WAITERS> {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<usize> {
        let mut admission = self.admission.borrow_mut();
        let Some(entry) = admission.waiters.get_mut(self.place) else { return Poll::Pending };
        match entry {
            Some(Waiter { call: Call::Seated(slot), .. }) => {
                let slot = *slot;
                *entry = None;
                Poll::Ready(slot)
            }
            Some(Waiter { call: Call::Waiting(waker), .. }) => {
                *waker = Some(cx.waker().clone());
                Poll::Pending
            }
            None => Poll::Pending,
        }
    }
}

impl<const SLOTS: usize, const WAITERS: usize> Drop for Waiting<'_, SLOTS, WAITERS> {
    fn drop(&mut self) {
        let mut admission = self.admission.borrow_mut();
        let Some(entry) = admission.waiters.get_mut(self.place) else { return };
        if let Some(Waiter { call, .. }) = entry.take_if(|waiter| waiter.ticket == self.ticket)
            && let Call::Seated(slot) = call
        {
            admission.release(slot);
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

    fn take_free(gate: &Two) -> Permit<'_, u8> {
        let Poll::Ready(Ok(permit)) = poll(pin!(gate.enter())) else { panic!("no free slot") };
        permit
    }

    #[test]
    fn a_seat_given_back_goes_to_the_first_in_the_queue_and_past_nobody() {
        let gate = Two::new(|| 0);
        let (first, second) = (take_free(&gate), take_free(&gate));
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
        let (first, _second) = (take_free(&gate), take_free(&gate));
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
        let (first, second) = (take_free(&gate), take_free(&gate));
        second.slot.idle();
        first.slot.idle();
        second.slot.idle();
        let asked = |permit: &Permit<'_, u8>| poll(pin!(permit.slot.asked_to_leave())).is_ready();
        assert!(!asked(&first) && !asked(&second));
        let mut waiter = pin!(gate.enter());
        assert!(poll(waiter.as_mut()).is_pending());
        assert!(!asked(&first) && asked(&second));
        second.slot.busy();
        assert!(asked(&first), "the other one works again");
        second.slot.leaving();
        assert!(!asked(&first) && !first.slot.wanted(), "the waiter will get the slot that is being left");
    }
}
