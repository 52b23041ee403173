//! The timer that wakes workers of an open loop when their unit is due. Tokio's timer counts in milliseconds, and what it is late
//! would be charged to the server; on Linux a timer of the system is used that is exact to some hundredths of one.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::pending,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

use crate::system::timer::Alarm;

/// Which clock's timer is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// The most exact one that the system has.
    System,
    /// Tokio's, which follows its simulated time.
    Tokio,
}

/// The timer of one thread, shared by its workers.
#[derive(Debug, Clone)]
pub struct DueTimer(Option<Rc<Exact>>);

/// A timer of the system, and who waits for it.
#[derive(Debug)]
struct Exact {
    alarm: Alarm,
    waiting: RefCell<Waiting>,
    /// When somebody last spent the rest of the wait on the processor.
    spun: Cell<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Waiting {
    wakers: BTreeMap<(Instant, u64), Waker>,
    next: u64,
}

impl DueTimer {
    /// Must be made in the runtime that drives it. Where the system has no exact timer to give, tokio's is used.
    #[must_use]
    pub fn new(timing: Timing) -> Self {
        let alarm = if timing == Timing::System { Alarm::new() } else { None };
        Self(alarm.map(|alarm| Rc::new(Exact { alarm, waiting: RefCell::default(), spun: Cell::new(None) })))
    }

    /// Waits until `due`. Somebody must drive the timer meanwhile.
    pub async fn wait_until(&self, due: Instant) {
        match &self.0 {
            None => sleep_until(due).await,
            Some(exact) => Due { exact, due, key: None }.await,
        }
    }

    /// Wakes those who wait, for ever.
    pub async fn drive(&self) {
        let Some(exact) = &self.0 else { return pending().await };
        // Without the alarm nobody would be woken any more: the workers then look at the clock every millisecond.
        while exact.alarm.rings().await {
            exact.wake();
        }
        loop {
            sleep_until(Instant::now() + COARSE).await;
            exact.wake();
        }
    }
}

impl Exact {
    /// Wakes all whose time has come, and sets the alarm for the next.
    fn wake(&self) {
        let now = Instant::now() + self.lead();
        let mut waiting = self.waiting.borrow_mut();
        let later = waiting.wakers.split_off(&(now, u64::MAX));
        for waker in std::mem::replace(&mut waiting.wakers, later).into_values() {
            waker.wake();
        }
        self.set(&waiting);
    }

    fn set(&self, waiting: &Waiting) {
        if let Some(((due, _), _)) = waiting.wakers.first_key_value() {
            self.alarm.set(due.saturating_duration_since(Instant::now() + self.lead()));
        }
    }

    /// How much too early the alarm rings, since a processor takes that long to wake. What is left then is waited for on the
    /// processor, but seldom, so that it costs little at any rate.
    fn lead(&self) -> Duration {
        let may_spin = self.spun.get().is_none_or(|spun| spun.elapsed() >= SPIN_APART);
        if may_spin { LEAD } else { Duration::ZERO }
    }

    /// Waits for the last moment on the processor, if it is close enough and this is allowed; whether it has.
    fn spin_until(&self, due: Instant) -> bool {
        let now = Instant::now();
        if due.saturating_duration_since(now) > self.lead() {
            return false;
        }
        self.spun.set(Some(now));
        while Instant::now() < due {
            std::hint::spin_loop();
        }
        true
    }
}

/// Ready when it is due.
struct Due<'a> {
    exact: &'a Exact,
    due: Instant,
    key: Option<(Instant, u64)>,
}

impl Future for Due<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let exact = self.exact;
        if Instant::now() >= self.due || exact.spin_until(self.due) {
            return Poll::Ready(());
        }
        let mut waiting = exact.waiting.borrow_mut();
        let key = self.key.unwrap_or_else(|| {
            waiting.next += 1;
            (self.due, waiting.next)
        });
        waiting.wakers.insert(key, cx.waker().clone());
        if waiting.wakers.first_key_value().is_some_and(|(first, _)| *first == key) {
            exact.set(&waiting);
        }
        drop(waiting);
        self.key = Some(key);
        Poll::Pending
    }
}

impl Drop for Due<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.exact.waiting.borrow_mut().wakers.remove(&key);
        }
    }
}

const COARSE: Duration = Duration::from_millis(1);
/// What an idle processor takes to wake, on a virtual machine too.
const LEAD: Duration = Duration::from_micros(100);
/// At most 200 times a second, which is at most 2 % of a processor.
const SPIN_APART: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use tokio::{
        select,
        task::{JoinSet, LocalSet},
    };

    use super::*;

    /// Waits for all of these times, from many tasks at once; returns the order in which they were woken.
    async fn woken(timing: Timing, due_ms: &'static [u64]) -> Vec<u64> {
        let timer = DueTimer::new(timing);
        let (order, local, mut tasks) = (Rc::new(RefCell::new(Vec::new())), LocalSet::new(), JoinSet::new());
        let start = Instant::now();
        for due in due_ms {
            let (timer, order) = (timer.clone(), Rc::clone(&order));
            let work = async move {
                let at = start + Duration::from_millis(*due);
                timer.wait_until(at).await;
                assert!(Instant::now() >= at, "never early");
                order.borrow_mut().push(*due);
            };
            tasks.spawn_local_on(work, &local);
        }
        let all = async { while tasks.join_next().await.is_some() {} };
        local
            .run_until(async {
                select! { () = all => {}, () = timer.drive() => {} }
            })
            .await;
        order.take()
    }

    #[tokio::test]
    async fn all_are_woken_in_the_order_in_which_they_are_due_and_none_too_early() {
        assert_eq!(woken(Timing::System, &[40, 10, 0, 10, 25]).await, [0, 10, 10, 25, 40]);
    }

    #[tokio::test(start_paused = true)]
    async fn in_simulated_time_the_timer_is_tokio_s() {
        assert_eq!(woken(Timing::Tokio, &[90_000, 10]).await, [10, 90_000]);
    }

    #[tokio::test]
    async fn who_no_longer_waits_holds_up_nobody() {
        let timer = DueTimer::new(Timing::System);
        let (start, reached) = (Instant::now(), Cell::new(false));
        let given_up = timer.wait_until(start + Duration::from_millis(5));
        let wait = async {
            select! { biased; () = given_up => {}, () = std::future::ready(()) => {} }
            timer.wait_until(start + Duration::from_millis(20)).await;
            reached.set(true);
        };
        select! { () = wait => {}, () = timer.drive() => {} }
        assert!(reached.get());
    }
}
