//! Asks the device for its own figures before and after a run.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::repeated_load::RepeatedLoad;
use crate::{
    device::ready::Stat,
    interrupt::{Interrupts, Signal},
    load::{
        client::Client,
        missing_heap::{MissingHeap, SecondRound, signed},
        plan::StatDuty,
        series::Row,
        summary::Device,
    },
};

/// The device's figures before the run; `None` when it is not asked, or has none. A signal ends the question.
///
/// It is asked twice, and the second answer counts: what its first handshakes and requests use for the first time is no leak. An RSA
/// key's blinding, for example, takes its memory in the first two.
pub(super) async fn before(
    duty: StatDuty,
    client: &mut impl Client,
    interrupts: &mut Interrupts,
) -> Result<Option<Stat>, Signal> {
    match duty {
        StatDuty::None => Ok(None),
        StatDuty::EachSecond => interrupts.or(ask_twice(client)).await,
    }
}

/// The figures before, during and after the run; `None` where there were none before. A signal ends the wait for the device
/// to settle, and the second round.
pub(super) async fn after(
    before: Option<Stat>,
    client: &mut impl Client,
    interrupts: &mut Interrupts,
    loaded: &Loaded<'_>,
    again: Option<&RepeatedLoad>,
) -> Option<Device> {
    let before = before?;
    let after = interrupts.or(ask_when_settled(client, &before)).await.unwrap_or_default();
    let device = Device { attempts: loaded.attempts, ..figures(before, after, loaded.series) };
    match again {
        Some(again) => Some(told_apart(device, client, interrupts, loaded.units, again).await),
        None => Some(device),
    }
}

/// What a run was, as far as it matters to the device's figures.
pub(super) struct Loaded<'a> {
    /// Its seconds.
    pub(super) series: &'a [Row],
    /// How often the device was asked meanwhile.
    pub(super) attempts: u64,
    /// How many units ended.
    pub(super) units: u64,
}

/// Repeats the load where heap is missing after it, because only a leak takes as much again.
async fn told_apart(
    device: Device,
    client: &mut impl Client,
    interrupts: &mut Interrupts,
    units: u64,
    again: &RepeatedLoad,
) -> Device {
    let after = device.after.as_ref().filter(|after| is_running_since(&device.before, after));
    let (Some(missing), Some(after)) = (device.leak.filter(|missing| *missing > 0), after) else {
        return device;
    };
    let second = async {
        let units = again.run(units).await?;
        let now = ask_when_settled(client, after).await?;
        let comparable = is_comparable(after, &now) && is_running_since(after, &now);
        comparable.then_some(SecondRound { units, heap_free: now.heap_free })
    };
    let Some(second) = interrupts.or(second).await.ok().flatten() else { return device };
    let MissingHeap { leak, first_use } = MissingHeap::told_apart(missing, units, after.heap_free, second);
    Device { leak: Some(leak), first_use, second_round: Some(second), ..device }
}

async fn ask_twice(client: &mut impl Client) -> Option<Stat> {
    let first = ask(client).await?;
    Some(ask(client).await.unwrap_or(first))
}

/// Asks once, on a connection of its own that is closed again; `None` when the device has no figures, or can't be
/// reached, which the run will find out for itself.
async fn ask(client: &mut impl Client) -> Option<Stat> {
    client.open().await.ok()?;
    let stat = client.stat().await;
    client.close().await;
    stat
}

/// Asks after the run, once the device has cleared up: a closed session is freed a moment after it was closed.
async fn ask_when_settled(client: &mut impl Client, before: &Stat) -> Option<Stat> {
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
fn figures(before: Stat, after: Option<Stat>, series: &[Row]) -> Device {
    let during = || series.iter().filter_map(|row| row.device.as_ref());
    let all = || during().chain(&after).chain([&before]);
    // `heap_min` is the least since the device started; it tells about this run if it fell in it. What happened to be free at
    // a reading does not: between two readings it may have been less.
    let fell = all().map(|stat| stat.heap_min).min().filter(|least| *least < before.heap_min);
    Device {
        readings: during().count() as u64,
        attempts: 0,
        heap_min: fell,
        sessions_max: during().map(|stat| stat.sessions).max().unwrap_or_default(),
        leak: leak(&before, after.as_ref()),
        first_use: None,
        second_round: None,
        before,
        after,
    }
}

/// Not known while other clients have more sessions than before the run: theirs take heap, too.
fn leak(before: &Stat, after: Option<&Stat>) -> Option<i64> {
    let after = after.filter(|after| is_comparable(before, after))?;
    Some(signed(before.heap_free).saturating_sub(signed(after.heap_free)))
}

/// Whether the heap of two readings can be compared: no other client has a session in the later one.
fn is_comparable(earlier: &Stat, later: &Stat) -> bool {
    later.sessions <= earlier.sessions
}

fn is_running_since(earlier: &Stat, later: &Stat) -> bool {
    later.uptime_s >= earlier.uptime_s
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
            (None, Some(0)),
            "a minimum from before the run does not count, nor what happens to be free at a reading"
        );
        let fell = figures(stat(90_000, 20_000), Some(stat(89_000, 15_000)), &[]);
        assert_eq!((fell.heap_min, fell.leak), (Some(15_000), Some(1000)));
    }

    #[test]
    fn the_session_of_another_client_is_no_leak() {
        let with_another = Stat { sessions: 2, ..stat(46_000, 20_000) };
        assert_eq!(figures(stat(90_000, 20_000), Some(with_another), &[]).leak, None);
        let without = Stat { sessions: 0, ..stat(89_000, 20_000) };
        assert_eq!(figures(stat(90_000, 20_000), Some(without), &[]).leak, Some(1000));
    }
}
