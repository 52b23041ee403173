//! A fixed number of slots, each with its own resource, and a fair queue of those who wait for one.
//!
//! A slot that is given back goes to the waiter that came first, and a waiter that is dropped gives up its place. The
//! holders of idle slots are asked to leave when somebody waits: the one that has been idle longest first, and only as
//! many as there are waiters.

use core::cell::{RefCell, RefMut};
use core::future::poll_fn;
use core::task::{Context, Poll, Waker};

/// `SLOTS` slots that hold an `R` each, and room for `WAITERS` who wait for one.
pub(crate) struct Slots<R, const SLOTS: usize, const WAITERS: usize> {
    resources: [RefCell<R>; SLOTS],
    table: RefCell<SlotTable<SLOTS, WAITERS>>,
}

impl<R, const SLOTS: usize, const WAITERS: usize> Slots<R, SLOTS, WAITERS> {
    /// Slots of which the first `open` can be taken.
    pub(crate) fn new(resource: impl Fn() -> R, open: usize) -> Self {
        let state = |index| if index < open { SlotState::Free } else { SlotState::Closed };
        Self {
            resources: core::array::from_fn(|_| RefCell::new(resource())),
            table: RefCell::new(SlotTable {
                slots: core::array::from_fn(state),
                waiters: [const { None }; WAITERS],
                next: 0,
            }),
        }
    }

    /// Waits for a slot.
    ///
    /// # Errors
    /// [`QueueFull`] when `WAITERS` wait already.
    pub(crate) async fn acquire(&self) -> Result<Permit<'_, R>, QueueFull> {
        let free = self.table.borrow_mut().take_free();
        let index = match free {
            Some(index) => index,
            None => {
                let (place, ticket) = self.table.borrow_mut().queue().ok_or(QueueFull)?;
                let waiting = QueuePlace { table: &self.table, place, ticket };
                poll_fn(|cx| waiting.poll(cx)).await
            }
        };
        let slot = Slot { table: &self.table, index };
        // A resource is lent to the holder of its slot alone, so it is never lent twice.
        let resource = self.resources.get(index).and_then(|r| r.try_borrow_mut().ok()).ok_or(QueueFull)?;
        Ok(Permit { resource, slot })
    }

    /// Slots that are taken.
    pub(crate) fn taken(&self) -> usize {
        let slots = &self.table.borrow().slots;
        slots.iter().filter(|state| !matches!(state, SlotState::Free | SlotState::Closed)).count()
    }

    /// How many wait for a slot.
    pub(crate) fn waiting(&self) -> usize {
        self.table.borrow().waiting()
    }
}

/// The queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QueueFull;

/// A slot and its resource. Dropping it hands the slot to the next in the queue.
pub(crate) struct Permit<'g, R> {
    // Given back before the slot is.
    pub(crate) resource: RefMut<'g, R>,
    pub(crate) slot: Slot<'g>,
}

/// A taken slot.
pub(crate) struct Slot<'g> {
    table: &'g dyn SlotStates,
    index: usize,
}

impl Slot<'_> {
    /// Its holder is working.
    pub(crate) fn busy(&self) {
        self.table.set_busy(self.index);
    }

    /// Its holder waits for its client, from now on if it did not before.
    pub(crate) fn idle(&self) {
        self.table.set_idle(self.index);
    }

    /// Its holder is about to give it back, so nobody else needs to make room for the same waiter.
    pub(crate) fn leaving(&self) {
        self.table.set_leaving(self.index);
    }

    /// How many more waiters there are than slots that are about to be given back.
    pub(crate) fn wanted(&self) -> usize {
        self.table.wanted()
    }

    /// Ready when the holder of this idle slot should give it back for a waiter.
    pub(crate) fn poll_asked(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.table.poll_asked(self.index, cx)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.table.release(self.index);
    }
}

/// The [`SlotTable`] as a slot sees it, whatever the number of slots.
trait SlotStates {
    fn set_busy(&self, slot: usize);
    fn set_idle(&self, slot: usize);
    fn set_leaving(&self, slot: usize);
    fn wanted(&self) -> usize;
    fn poll_asked(&self, slot: usize, cx: &mut Context<'_>) -> Poll<()>;
    fn release(&self, slot: usize);
}

impl<const SLOTS: usize, const WAITERS: usize> SlotStates for RefCell<SlotTable<SLOTS, WAITERS>> {
    fn set_busy(&self, slot: usize) {
        self.borrow_mut().set(slot, SlotState::Busy);
    }

    fn set_idle(&self, slot: usize) {
        let mut table = self.borrow_mut();
        if !matches!(table.slots.get(slot), Some(SlotState::Idle { .. })) {
            let since = table.tick();
            table.set(slot, SlotState::Idle { since, waker: None });
        }
    }

    fn set_leaving(&self, slot: usize) {
        self.borrow_mut().set(slot, SlotState::Leaving);
    }

    fn wanted(&self) -> usize {
        self.borrow().wanted()
    }

    fn poll_asked(&self, slot: usize, cx: &mut Context<'_>) -> Poll<()> {
        self.borrow_mut().poll_asked(slot, cx)
    }

    fn release(&self, slot: usize) {
        self.borrow_mut().release(slot);
    }
}

/// The slots and those who wait for one.
struct SlotTable<const SLOTS: usize, const WAITERS: usize> {
    slots: [SlotState; SLOTS],
    waiters: [Option<Waiter>; WAITERS],
    next: u64,
}

enum SlotState {
    /// Never taken: there is no memory for so many at once.
    Closed,
    Free,
    Busy,
    Idle {
        since: u64,
        waker: Option<Waker>,
    },
    Leaving,
}

struct Waiter {
    ticket: u64,
    state: WaiterState,
}

enum WaiterState {
    Waiting(Option<Waker>),
    /// A slot was given to it, and it has not taken it yet.
    Given(usize),
}

impl<const SLOTS: usize, const WAITERS: usize> SlotTable<SLOTS, WAITERS> {
    /// Takes a free slot. There is none while somebody waits, since a slot that is given back goes to a waiter.
    fn take_free(&mut self) -> Option<usize> {
        let index = self.slots.iter().position(|state| matches!(state, SlotState::Free))?;
        self.set(index, SlotState::Busy);
        Some(index)
    }

    /// Joins the queue: the place in the table, and the ticket.
    fn queue(&mut self) -> Option<(usize, u64)> {
        let ticket = self.tick();
        let place = self.waiters.iter().position(Option::is_none)?;
        *self.waiters.get_mut(place)? = Some(Waiter { ticket, state: WaiterState::Waiting(None) });
        self.wake_idle();
        Some((place, ticket))
    }

    fn tick(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn waiting(&self) -> usize {
        self.waiters.iter().flatten().filter(|waiter| matches!(waiter.state, WaiterState::Waiting(_))).count()
    }

    /// Waiters for whom nobody is leaving yet.
    fn wanted(&self) -> usize {
        let leaving = self.slots.iter().filter(|state| matches!(state, SlotState::Leaving)).count();
        self.waiting().saturating_sub(leaving)
    }

    fn set(&mut self, slot: usize, state: SlotState) {
        if let Some(current) = self.slots.get_mut(slot) {
            *current = state;
        }
        self.wake_idle();
    }

    fn wake_idle(&mut self) {
        for state in &mut self.slots {
            if let SlotState::Idle { waker, .. } = state
                && let Some(waker) = waker.take()
            {
                waker.wake();
            }
        }
    }

    /// Ready when fewer slots have been idle for longer than this one than there are slots wanted.
    fn poll_asked(&mut self, slot: usize, cx: &mut Context<'_>) -> Poll<()> {
        let Some(SlotState::Idle { since: mine, .. }) = self.slots.get(slot) else { return Poll::Pending };
        let longer_idle = self
            .slots
            .iter()
            .filter(|state| matches!(state, SlotState::Idle { since, .. } if since < mine))
            .count();
        if longer_idle < self.wanted() {
            return Poll::Ready(());
        }
        if let Some(SlotState::Idle { waker, .. }) = self.slots.get_mut(slot) {
            *waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    fn release(&mut self, slot: usize) {
        let first = self
            .waiters
            .iter_mut()
            .flatten()
            .filter(|waiter| matches!(waiter.state, WaiterState::Waiting(_)))
            .min_by_key(|waiter| waiter.ticket);
        let Some(waiter) = first else { return self.set(slot, SlotState::Free) };
        if let WaiterState::Waiting(Some(waker)) =
            core::mem::replace(&mut waiter.state, WaiterState::Given(slot))
        {
            waker.wake();
        }
        self.set(slot, SlotState::Busy);
    }
}

/// A place in the queue.
struct QueuePlace<'g, const SLOTS: usize, const WAITERS: usize> {
    table: &'g RefCell<SlotTable<SLOTS, WAITERS>>,
    place: usize,
    ticket: u64,
}

impl<const SLOTS: usize, const WAITERS: usize> QueuePlace<'_, SLOTS, WAITERS> {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<usize> {
        let mut table = self.table.borrow_mut();
        let Some(entry) = table.waiters.get_mut(self.place) else { return Poll::Pending };
        match entry {
            Some(Waiter { state: WaiterState::Given(slot), .. }) => {
                let slot = *slot;
                *entry = None;
                Poll::Ready(slot)
            }
            Some(Waiter { state: WaiterState::Waiting(waker), .. }) => {
                *waker = Some(cx.waker().clone());
                Poll::Pending
            }
            None => Poll::Pending,
        }
    }
}

impl<const SLOTS: usize, const WAITERS: usize> Drop for QueuePlace<'_, SLOTS, WAITERS> {
    fn drop(&mut self) {
        let mut table = self.table.borrow_mut();
        let Some(entry) = table.waiters.get_mut(self.place) else { return };
        if let Some(Waiter { state, .. }) = entry.take_if(|waiter| waiter.ticket == self.ticket)
            && let WaiterState::Given(slot) = state
        {
            table.release(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};

    use super::*;

    type Two = Slots<u8, 2, 2>;

    fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn take_free(slots: &Two) -> Permit<'_, u8> {
        let Poll::Ready(Ok(permit)) = poll(pin!(slots.acquire())) else { panic!("no free slot") };
        permit
    }

    #[test]
    fn a_slot_given_back_goes_to_the_first_in_the_queue_and_past_nobody() {
        let slots = Two::new(|| 0, 2);
        let (first, second) = (take_free(&slots), take_free(&slots));
        let (mut third, mut fourth) = (pin!(slots.acquire()), pin!(slots.acquire()));
        assert!(poll(third.as_mut()).is_pending() && poll(fourth.as_mut()).is_pending());
        assert!(matches!(poll(pin!(slots.acquire())), Poll::Ready(Err(QueueFull))));
        drop(second);
        assert!(poll(fourth.as_mut()).is_pending());
        let third = poll(third.as_mut());
        drop(first);
        let fourth = poll(fourth.as_mut());
        assert!(matches!((&third, &fourth), (Poll::Ready(Ok(_)), Poll::Ready(Ok(_)))));
        assert_eq!((slots.taken(), slots.waiting()), (2, 0));
        drop((third, fourth));
        assert_eq!(slots.taken(), 0);
    }

    #[test]
    fn a_closed_slot_is_never_taken() {
        let slots = Two::new(|| 0, 1);
        let first = take_free(&slots);
        let mut second = pin!(slots.acquire());
        assert!(poll(second.as_mut()).is_pending());
        assert_eq!((slots.taken(), slots.waiting()), (1, 1));
        drop(first);
        let second = poll(second.as_mut());
        assert!(matches!(second, Poll::Ready(Ok(_))));
        assert_eq!((slots.taken(), slots.waiting()), (1, 0));
    }

    #[test]
    fn a_waiter_that_goes_away_after_it_was_called_hands_its_slot_on() {
        let slots = Two::new(|| 0, 2);
        let (first, _second) = (take_free(&slots), take_free(&slots));
        let mut called = Box::pin(slots.acquire());
        let mut next = pin!(slots.acquire());
        assert!(poll(called.as_mut()).is_pending() && poll(next.as_mut()).is_pending());
        drop(first);
        drop(called);
        assert!(matches!(poll(next.as_mut()), Poll::Ready(Ok(_))));
    }

    #[test]
    fn one_waiter_moves_one_idle_slot_the_longest_idle_unless_somebody_leaves_anyway() {
        let slots = Two::new(|| 0, 2);
        let (first, second) = (take_free(&slots), take_free(&slots));
        second.slot.idle();
        first.slot.idle();
        second.slot.idle();
        let asked = |permit: &Permit<'_, u8>| {
            permit.slot.poll_asked(&mut Context::from_waker(Waker::noop())).is_ready()
        };
        assert!(!asked(&first) && !asked(&second));
        let mut waiter = pin!(slots.acquire());
        assert!(poll(waiter.as_mut()).is_pending());
        assert!(!asked(&first) && asked(&second));
        second.slot.busy();
        assert!(asked(&first), "the other one works again");
        second.slot.leaving();
        assert!(
            !asked(&first) && first.slot.wanted() == 0,
            "the waiter will get the slot that is being left"
        );
    }
}
