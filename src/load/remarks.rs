//! Conclusions from a summary: what is wrong with the device, and what is doubtful about the measurement.

use super::{
    engine::Ended,
    limit::{Certainty, SaturationPoint, SearchResult, SearchStep, Spread},
    plan::Mode,
    remark::{Remark, RemarkCode},
    summary::{Device, StatusRow, Summary, TrustBasis},
};
use crate::client::trusting::Resume;
use crate::counted::counted;

/// What is wrong with the device.
#[must_use]
pub fn findings(summary: &Summary) -> Vec<Remark> {
    match &summary.device {
        Some(device) if summary.ended == Ended::Interrupted && device.after.is_none() => Vec::new(),
        Some(device) => device_findings(device),
        None => Vec::new(),
    }
}

/// What the device's own figures before and after a run show to be wrong with it.
#[must_use]
pub fn device_findings(device: &Device) -> Vec<Remark> {
    let silent = device.after.is_none().then(|| {
        remark(RemarkCode::DeviceSilent, "the device reported its figures before the run, but not after it")
    });
    rebooted(device).or_else(|| leak(device)).into_iter().chain(silent).collect()
}

fn rebooted(device: &Device) -> Option<Remark> {
    let after = device.after.as_ref()?;
    (after.uptime_s < device.before.uptime_s).then(|| {
        remark(RemarkCode::DeviceRebooted, "the device restarted during the run: its uptime went back")
    })
}

fn leak(device: &Device) -> Option<Remark> {
    let leak = device.leak.filter(|leak| *leak > LEAK_TOLERANCE)?;
    let goes_on = match (device.second_round, device.first_use) {
        (Some(round), Some(_)) => format!(", and a second round, of {} units, took more of it", round.units),
        (Some(round), None) => {
            format!("; a second round, of {} units, was too short to tell a first use", round.units)
        }
        (None, _) => String::new(),
    };
    let text = format!("after the run the device has {leak} bytes less free heap than before it{goes_on}");
    Some(remark(RemarkCode::DeviceLeak, text))
}

/// What is doubtful about the measurement.
#[must_use]
pub fn warnings(summary: &Summary) -> Vec<Remark> {
    [
        local_limit(summary),
        no_success_status(&summary.statuses),
        closed_kept(summary),
        unchecked(summary),
        cpu(summary),
        lag(summary),
        late_starts(summary),
        behind(summary),
        resumption(summary),
        few(summary),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What is doubtful about a search, whose steps had answers of these statuses.
#[must_use]
pub fn search_warnings(found: &SearchResult, statuses: &[(u16, u64)]) -> Vec<Remark> {
    let limits = &found.limits;
    let own_limit = limits.own_limit.map(|own| {
        let (what, remedy) = (own.shortage.what(), own.shortage.remedy());
        let text =
            format!("{} connections were too many for this machine, which {what}; {remedy}", own.connections);
        remark(RemarkCode::LocalLimit, text)
    });
    let time_up = limits.time_up.then(|| {
        let text = "the time was up before the search was complete; --max-time gives it longer";
        remark(RemarkCode::TimeUp, text)
    });
    let points = [("handshakes", &limits.handshakes), ("requests", &limits.requests)];
    let doubts = points.into_iter().filter_map(|(units, point)| doubt(units, point.as_ref()?, &limits.steps));
    let found = [own_limit, time_up, no_success_status(&merged(statuses))];
    found.into_iter().flatten().chain(doubts).collect()
}

/// Why the figure of one mode can't be relied on.
fn doubt(units: &str, point: &SaturationPoint, steps: &[SearchStep]) -> Option<Remark> {
    let Spread { least, most, passes } = point.spread;
    match point.certainty {
        Certainty::Stable => None,
        Certainty::Unstable => {
            let text = format!(
                "{units} a second differed between passes, from {least:.1} to {most:.1} in {passes}: the device, the network or \
                 this machine was not steady"
            );
            Some(remark(RemarkCode::Unstable, text))
        }
        Certainty::Starved => {
            let mode = if units == "handshakes" { Mode::Handshake } else { Mode::Request };
            let starved = steps.iter().filter(|step| step.mode == mode && step.is_starved());
            let waited = starved.clone().filter_map(|step| step.mean_wait_us).max();
            let late = waited.or(starved.clone().map(|step| step.mean_lag_us).max()).unwrap_or_default();
            let stolen = starved.clone().filter_map(|step| step.stolen_share).fold(0.0, f64::max) * 100.0;
            let busy = starved.filter(|step| step.shares_busy_processors()).count();
            let shared = if busy > 0 {
                "; all processors were busy, and the server is on this machine too"
            } else {
                ""
            };
            let text = format!(
                "{units} a second may be this machine's limit: it was up to {:.1} ms late each time that it had something to \
                 do (the mean of a step), beside {} for a half of the {units}; {stolen:.0} % of its processors' time went to \
                 others on the same host{shared}",
                late as f64 / 1000.0,
                format_args!("{:.1} ms", point.p50_us as f64 / 1000.0),
            );
            Some(remark(RemarkCode::GeneratorStarved, text))
        }
    }
}

/// Counts of several steps, added up.
fn merged(statuses: &[(u16, u64)]) -> Vec<StatusRow> {
    let mut rows: Vec<StatusRow> = Vec::new();
    for &(status, count) in statuses {
        match rows.iter_mut().find(|row| row.status == status) {
            Some(row) => row.count += count,
            None => rows.push(StatusRow { status, count }),
        }
    }
    rows.sort_by_key(|row| row.status);
    rows
}

/// This machine could not make all of the load.
fn local_limit(summary: &Summary) -> Option<Remark> {
    let shortage = summary.shortage()?;
    let (unmade, units) = (summary.units.unmade, summary.load.mode.units());
    let text =
        format!("{unmade} {units} were not made: this machine {}; {}", shortage.what(), shortage.remedy());
    Some(remark(RemarkCode::LocalLimit, text))
}

/// Answers came, and not one of them says that the request was fulfilled.
#[must_use]
pub fn no_success_status(statuses: &[StatusRow]) -> Option<Remark> {
    let answers: u64 = statuses.iter().map(|row| row.count).sum();
    let succeeded = statuses.iter().any(|row| (200..300).contains(&row.status));
    (answers > 0 && !succeeded).then(|| {
        let counts: Vec<String> =
            statuses.iter().map(|row| format!("{} with {}", row.count, row.status)).collect();
        let counts = counts.join(", ");
        let text = format!("none of {answers} answers has a status of 2xx: {counts}; is the path right?");
        remark(RemarkCode::NoSuccessStatus, text)
    })
}

fn closed_kept(summary: &Summary) -> Option<Remark> {
    let repeated = summary.units.repeated;
    (repeated > 0).then(|| {
        let were = if repeated == 1 { "was" } else { "were" };
        let requests = counted(repeated, "request");
        let text = format!(
            "{requests} {were} sent again on a new connection, as curl and browsers do, because the server had ended a kept \
             connection under it; a client that does not send again fails there. Does the server end connections after a \
             time or a number of requests?"
        );
        remark(RemarkCode::ClosedKept, text)
    })
}

fn unchecked(summary: &Summary) -> Option<Remark> {
    let text = "any certificate was accepted: pin the device's certificate with --cert, or use --insecure to omit this warning";
    let any_handshake = summary.handshakes.full + summary.handshakes.resumed > 0;
    (summary.target.trust == TrustBasis::NotChecked && any_handshake)
        .then(|| remark(RemarkCode::CertificateNotChecked, text))
}

fn cpu(summary: &Summary) -> Option<Remark> {
    let share = summary.generator?.cpu_share;
    (share > BUSY_SHARE).then(|| {
        let text = format!(
            "this machine used {:.0} % of its threads' time: it may have been the limit, not the server; \
             repeat it with more --threads, or on several machines (load merge)",
            share * 100.0
        );
        remark(RemarkCode::GeneratorCpu, text)
    })
}

fn lag(summary: &Summary) -> Option<Remark> {
    let lag = summary.generator?.worst_lag_us;
    // A lag that is small beside what is measured hides nothing.
    let measured = summary.latency.total.as_ref().map_or(0, |total| total.p50_us);
    (lag > LAG_FLOOR_US && lag > measured / 4).then(|| {
        let text = format!(
            "this machine itself started work up to {:.1} ms late; the times include this delay",
            lag as f64 / 1000.0
        );
        remark(RemarkCode::GeneratorLag, text)
    })
}

/// Units that waited for nothing but our own timer begin late, and that is in the times since they were due.
fn late_starts(summary: &Summary) -> Option<Remark> {
    let late = summary.generator?.start_lag_p50_us?;
    let measured = summary.latency.total.as_ref().map_or(0, |total| total.p50_us);
    (late > LATE_START_US && late > measured / 10).then(|| {
        let text = format!(
            "this machine itself began half of the units {:.1} ms late or more, which is in the times since they were due",
            late as f64 / 1000.0
        );
        remark(RemarkCode::GeneratorLag, text)
    })
}

fn behind(summary: &Summary) -> Option<Remark> {
    let rate = summary.rate?;
    // What this machine could not make is told apart, and is no fault of the server.
    (rate.rate_ratio < GOOD_RATIO && summary.units.unmade == 0 && summary.ended == Ended::Done).then(|| {
        let text = format!(
            "only {:.1} % of the units that were due ended in time: the server was slower, or {} connections were too few",
            rate.rate_ratio * 100.0,
            summary.load.connections
        );
        remark(RemarkCode::RateNotReached, text)
    })
}

fn resumption(summary: &Summary) -> Option<Remark> {
    let handshakes = &summary.handshakes;
    match summary.load.resume {
        Resume::Never if handshakes.resumed > 0 => Some(remark(
            RemarkCode::ResumedUnasked,
            format!("{} handshakes were resumed despite --resume never", handshakes.resumed),
        )),
        Resume::Always if handshakes.full > summary.load.connections as u64 => {
            let text = format!(
                "{} handshakes were full ones, of which {} were the first of their connection: the server did not \
                 resume the others",
                handshakes.full, summary.load.connections
            );
            Some(remark(RemarkCode::NotResumed, text))
        }
        _ => None,
    }
}

fn few(summary: &Summary) -> Option<Remark> {
    let count = summary.latency.total.as_ref()?.count;
    (count < FEW_SAMPLES).then(|| {
        remark(
            RemarkCode::FewSamples,
            format!(
                "there are too few samples for a 99th percentile ({count}): the p99 shown is the slowest sample"
            ),
        )
    })
}

fn remark(code: RemarkCode, text: impl Into<String>) -> Remark {
    Remark { code, text: text.into() }
}

/// The device counts its heap to the byte; one reading's own buffers may differ by this much from another's.
const LEAK_TOLERANCE: i64 = 256;
const BUSY_SHARE: f64 = 0.9;
/// The resolution of the timer and a time slice of the scheduler.
const LAG_FLOOR_US: u64 = 10_000;
/// As exactly as a timer of the system can be expected to wake us.
const LATE_START_US: u64 = 500;
const GOOD_RATIO: f64 = 0.98;
const FEW_SAMPLES: u64 = 100;
