//! Timeouts that allow for the time in which the processor was busy with another client.

use core::future::Future;

use embassy_futures::select::{Either, select};
use embassy_futures::yield_now;
use embassy_time::{Duration, Instant, Timer};

/// The limit has passed.
pub(crate) struct LimitPassed;

/// Awaits `future`, for `limit` at most. A private-key operation for one client keeps the processor for a second and
/// more, and what another client has sent in time waits in the network driver meanwhile; so when the limit has passed,
/// the network task runs once more before `future` is polled for the last time.
///
/// # Errors
/// [`LimitPassed`] when the limit has passed all the same.
pub(crate) async fn within<F: Future>(limit: Duration, future: F) -> Result<F::Output, LimitPassed> {
    match select(future, after_network(Instant::now() + limit)).await {
        Either::First(output) => Ok(output),
        Either::Second(()) => Err(LimitPassed),
    }
}

pub(crate) fn ms(milliseconds: u32) -> Duration {
    Duration::from_millis(milliseconds.into())
}

/// Waits until `time`, and until what came in by then has reached its socket.
pub(crate) async fn after_network(time: Instant) {
    Timer::at(time).await;
    for _ in 0..NETWORK_ROUNDS {
        yield_now().await;
    }
}

/// Rounds of the executor that a frame may take from the driver to the socket: one to wake the network task, one to
/// run it, in whatever order the tasks are.
const NETWORK_ROUNDS: usize = 2;

#[cfg(test)]
mod tests {
    use embassy_futures::block_on;

    use super::*;

    #[test]
    fn what_came_in_time_counts_though_the_network_is_late() {
        assert!(block_on(within(Duration::from_ticks(0), yield_now())).is_ok());
    }

    #[test]
    fn what_did_not_come_does_not_count() {
        assert!(block_on(within(Duration::from_ticks(0), core::future::pending::<()>())).is_err());
    }
}
