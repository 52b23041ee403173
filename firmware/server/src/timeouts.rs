//! Timeouts that judge a client by its own time: the time for which the processor was busy with another one does not count.
//!
//! A private-key operation for one client keeps the processor for a second and more. What another client has sent meanwhile waits
//! in the network driver, and what it was to receive waits in its socket. So time is counted in short steps: a step that took longer
//! than it should counts as what it should have been. And before a client is judged, the network task gets its turn.

use core::cell::Cell;
use core::future::Future;
use core::pin::pin;

use embassy_futures::select::{Either, select};
use embassy_futures::yield_now;
use embassy_time::{Duration, Instant, Timer};

/// The limit has passed.
pub(crate) struct LimitPassed;

/// Awaits `future`, for `limit` of the client's time at most. It is pinned by the caller (`pin!`), since each async function that
/// takes a future by value has room for it twice.
///
/// # Errors
/// [`LimitPassed`] when the limit has passed all the same.
pub(crate) async fn within<F: Future + Unpin>(limit: Duration, future: F) -> Result<F::Output, LimitPassed> {
    match select(future, passed(limit)).await {
        Either::First(output) => Ok(output),
        Either::Second(()) => Err(LimitPassed),
    }
}

/// Ends when the client has had `limit`, and what came in by then has reached its socket.
async fn passed(limit: Duration) {
    let mut spent = ClientTime::default();
    while spent.total < limit {
        spent.step(limit - spent.total).await;
    }
    network_turn().await;
}

/// The time that a client has had.
#[derive(Default)]
pub(crate) struct ClientTime {
    total: Duration,
}

impl ClientTime {
    /// One that has had so much before.
    pub(crate) fn after(total: Duration) -> Self {
        Self { total }
    }

    pub(crate) fn total(&self) -> Duration {
        self.total
    }

    /// Lets a step of time pass, no longer than `longest`.
    pub(crate) async fn step(&mut self, longest: Duration) {
        let (step, start) = (STEP.min(longest), Instant::now());
        Timer::after(step).await;
        self.total += start.elapsed().min(step);
    }
}

/// The time that somebody has had in several waits, each of which goes on where the last one ended.
#[derive(Default)]
pub(crate) struct Allowance {
    spent: Cell<Duration>,
}

impl Allowance {
    pub(crate) fn spent(&self) -> Duration {
        self.spent.get()
    }

    /// Awaits `future`, until `limit` has been spent in all waits together.
    ///
    /// # Errors
    /// [`LimitPassed`] when the limit has passed.
    pub(crate) async fn within<F: Future + Unpin>(
        &self,
        limit: Duration,
        future: F,
    ) -> Result<F::Output, LimitPassed> {
        let since = Cell::new(Instant::now());
        let passed = async {
            while self.spent() < limit {
                Timer::after(STEP.min(limit - self.spent())).await;
                self.spend(&since);
            }
            network_turn().await;
        };
        match select(future, pin!(passed)).await {
            Either::First(output) => {
                self.spend(&since);
                Ok(output)
            }
            Either::Second(()) => Err(LimitPassed),
        }
    }

    /// Gives back what has been earned: no more than was spent.
    pub(crate) fn repay(&self, earned: Duration) {
        self.spent.set(self.spent() - earned.min(self.spent()));
    }

    fn spend(&self, since: &Cell<Instant>) {
        let now = Instant::now();
        let step = now.saturating_duration_since(since.replace(now)).min(STEP);
        self.spent.set(self.spent() + step);
    }
}

/// Waits until what has come in has reached its socket.
pub(crate) async fn network_turn() {
    for _ in 0..NETWORK_ROUNDS {
        yield_now().await;
    }
}

pub(crate) fn ms(milliseconds: u32) -> Duration {
    Duration::from_millis(milliseconds.into())
}

/// How often it is looked at the clock: no longer than 100 ms, and no more often than the processor has time for with ten
/// connections.
pub(crate) const STEP: Duration = Duration::from_millis(50);

/// Rounds of the executor that a frame may take from the driver to the socket: one to wake the network task, one to
/// run it, in whatever order the tasks are.
const NETWORK_ROUNDS: usize = 2;

#[cfg(test)]
mod tests {
    use embassy_futures::block_on;
    use embassy_time::MockDriver;

    use super::*;

    #[test]
    fn what_came_in_time_counts_though_the_network_is_late() {
        assert!(block_on(within(Duration::from_ticks(0), pin!(yield_now()))).is_ok());
    }

    #[test]
    fn several_waits_have_one_limit() {
        let allowance = Allowance::default();
        let limit = Duration::from_millis(100);
        for _ in 0..4 {
            let wait = async {
                MockDriver::get().advance(Duration::from_millis(30));
                yield_now().await;
            };
            assert!(block_on(allowance.within(limit, pin!(wait))).is_ok());
        }
        let busy = async { MockDriver::get().advance(Duration::from_secs(60)) };
        assert!(block_on(allowance.within(limit, pin!(busy))).is_ok());
        assert_eq!(allowance.spent().as_millis(), 4 * 30 + 50, "what others computed counts as one step");
        allowance.repay(Duration::from_millis(20));
        assert_eq!(allowance.spent().as_millis(), 150);
        let passed = block_on(allowance.within(limit, pin!(core::future::pending::<()>())));
        assert!(passed.is_err());
        allowance.repay(Duration::from_secs(60));
        assert_eq!(allowance.spent().as_millis(), 0, "nothing is earned in advance");
    }

    #[test]
    fn what_did_not_come_does_not_count() {
        assert!(block_on(within(Duration::from_ticks(0), pin!(core::future::pending::<()>()))).is_err());
    }
}
