//! How long a future keeps the processor busy.

use core::future::{Future, poll_fn};
use core::pin::pin;

use embassy_time::{Duration, Instant};

/// Awaits `future`, and adds up the time inside its polls: without its own waits, and without what others do in them.
/// On an emulated board whose clock counts instructions it is a count of instructions.
pub(crate) async fn metered<F: Future>(future: F) -> (F::Output, Duration) {
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
