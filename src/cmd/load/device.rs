//! Asks the device for its own figures before and after a run.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{
    device::ready::Stat,
    load::{client::Client, series::Row, summary::Device},
};

/// Asks once, on a connection of its own that is closed again; `None` when the device has no figures, or can't be
/// reached, which the run will find out for itself.
pub(super) async fn ask(client: &mut impl Client) -> Option<Stat> {
    client.open().await.ok()?;
    let stat = client.stat().await;
    client.close().await;
    stat
}

/// Asks after the run, once the device has cleared up: a closed session is freed a moment after it was closed.
pub(super) async fn ask_when_settled(client: &mut impl Client, before: &Stat) -> Option<Stat> {
    let deadline = Instant::now() + SETTLE_TIME;
    let mut last = None;
    loop {
        last = ask(client).await.or(last);
        let settled = last.as_ref().is_some_and(|stat: &Stat| {
            stat.sessions <= before.sessions && stat.heap_free >= before.heap_free
        });
        if settled || Instant::now() >= deadline {
            return last;
        }
        sleep(SETTLE_PAUSE).await;
    }
}

/// Sums the readings up.
pub(super) fn figures(before: Stat, after: Option<Stat>, series: &[Row]) -> Device {
    let during = || series.iter().filter_map(|row| row.device.as_ref());
    let all = || during().chain(&after).chain([&before]);
    // `heap_min` is the least since the device started; it tells about this run if it fell in it.
    let fell = all().map(|stat| stat.heap_min).min().filter(|least| *least < before.heap_min);
    let seen = all().map(|stat| stat.heap_free).min().unwrap_or(before.heap_free);
    Device {
        readings: during().count() as u64,
        heap_min: fell.unwrap_or(seen),
        sessions_max: during().map(|stat| stat.sessions).max().unwrap_or_default(),
        leak: after.as_ref().map(|after| difference(before.heap_free, after.heap_free)),
        before,
        after,
    }
}

fn difference(before: u64, after: u64) -> i64 {
    let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    signed(before).saturating_sub(signed(after))
}

const SETTLE_TIME: Duration = Duration::from_secs(8);
const SETTLE_PAUSE: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    fn stat(heap_free: u64, heap_min: u64) -> Stat {
        let json = serde_json::json!({"uptime_s": 1, "heap_free": heap_free, "heap_min": heap_min, "sessions": 1,
            "handshakes": 1, "resumed": 0, "handshake_us": 1, "failed": 0, "requests": 1});
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn the_least_heap_is_the_devices_own_figure_where_it_fell_in_the_run() {
        let older = figures(stat(90_000, 20_000), Some(stat(90_000, 20_000)), &[]);
        assert_eq!(
            (older.heap_min, older.leak),
            (90_000, Some(0)),
            "a minimum from before the run does not count"
        );
        let fell = figures(stat(90_000, 20_000), Some(stat(89_000, 15_000)), &[]);
        assert_eq!((fell.heap_min, fell.leak), (15_000, Some(1000)));
    }
}
