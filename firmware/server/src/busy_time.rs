//! How long a future keeps the processor busy.

use core::future::{Future, poll_fn};
use core::pin::pin;

use embassy_time::{Duration, Instant};

/// Awaits `future`, and adds up the time inside its polls. Its waits do not count, nor does what others do meanwhile.
/// On an emulated board whose clock counts instructions it is a count of instructions.
pub(crate) async fn with_busy_time<F: Future>(future: F) -> (F::Output, Duration) {
    let mut future = pin!(future);
    let mut busy = Duration::from_ticks(0);
    poll_fn(|cx| {
        let start = Instant::now();
        let poll = future.as_mut().poll(cx);
        busy += start.elapsed();
        poll.map(|output| (output, busy))
    })
    .await
}

#[cfg(test)]
mod tests {
    use embassy_futures::{block_on, yield_now};
    use embassy_time::MockDriver;

    use super::*;

    #[test]
    fn time_between_polls_does_not_count() {
        let work = async {
            MockDriver::get().advance(Duration::from_millis(30));
            yield_now().await;
            MockDriver::get().advance(Duration::from_millis(12));
            "done"
        };
        let mut measured = pin!(with_busy_time(work));
        let output = block_on(poll_fn(|cx| {
            MockDriver::get().advance(Duration::from_millis(1000));
            measured.as_mut().poll(cx)
        }));
        assert_eq!(output, ("done", Duration::from_millis(42)));
    }
}
