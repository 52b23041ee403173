//! How long a client may keep a place that others wait for.

use core::future::poll_fn;
use core::task::Poll;

use embassy_time::Duration;

use crate::slots::Slot;
use crate::timeouts::{ClientTime, STEP, network_turn};

/// Ends when the holder of these slots should give them back: its client, which has had `had` before, has had its time, which `share` gives for a number of
/// waiters, and somebody waits. The slots count as idle from then on. To be polled together with what
/// serves the client, and after it.
pub(crate) async fn overstayed(had: Duration, slots: [&Slot<'_>; 2], share: impl Fn(usize) -> Duration) {
    let wanted = || slots.iter().map(|slot| slot.wanted()).max().unwrap_or(0);
    let mut spent = ClientTime::after(had);
    // When nobody waits, the next to come will be one.
    while spent.total() < share(wanted().max(1)) {
        spent.step(STEP).await;
    }
    network_turn().await;
    slots.iter().for_each(|slot| slot.idle());
    poll_fn(|cx| {
        if slots.iter().any(|slot| slot.poll_asked(cx).is_ready()) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// The time of a client for whose place `waiting` wait: for the rest of a handshake, or for a request. A hello or a body that
/// comes byte by byte has no more, so the longest body, of 2 KiB, has a least rate of 5 KB a second when many wait.
pub(crate) fn share(waiting: usize) -> Duration {
    let waiting = u32::try_from(waiting).unwrap_or(u32::MAX).max(1);
    (PATIENCE / waiting).max(LEAST)
}

/// The time of a client for whose place one other waits: a segment that is lost and sent again fits (RFC 6298: after 1 s).
const PATIENCE: Duration = Duration::from_millis(1500);

/// The time of a client, however many wait: two round trips on Wi-Fi with power save, of up to two beacon intervals of
/// 102.4 ms each. With all sockets taken, eight wait before an honest client; two of them leave at a time, so it
/// gets its turn after 4 times this time and what 8 handshakes compute.
const LEAST: Duration = Duration::from_millis(400);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_wait_the_less_time_each_has_down_to_the_least() {
        let shares = [0, 1, 2, 3, 4, 10, usize::MAX].map(|waiting| share(waiting).as_millis());
        assert_eq!(shares, [1500, 1500, 750, 500, 400, 400, 400]);
    }
}
