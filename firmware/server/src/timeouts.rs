//! Timeouts that judge a client by its own time: the time for which the processor was busy with another one does not count.
//!
//! A private-key operation for one client keeps the processor for a second and more. What another client has sent meanwhile waits
//! in the network driver, and what it was to receive waits in its socket. So time is counted in short steps: a step that took longer
//! than it should counts as what it should have been. And before a client is judged, the network task gets its turn.

use core::future::Future;

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
    use std::pin::pin;

    use embassy_futures::block_on;

    use super::*;

    #[test]
    fn what_came_in_time_counts_though_the_network_is_late() {
        assert!(block_on(within(Duration::from_ticks(0), pin!(yield_now()))).is_ok());
    }

    #[test]
    fn what_did_not_come_does_not_count() {
        assert!(block_on(within(Duration::from_ticks(0), pin!(core::future::pending::<()>()))).is_err());
    }
}
