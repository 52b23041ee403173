//! Conclusions from a summary: what is wrong with the device, and what is doubtful about the measurement.

use super::{
    engine::Ended,
    summary::{Device, Remark, RemarkCode, Summary, TrustBasis},
};
use crate::client::trusting::Resume;

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
    let text = format!("after the run the device has {leak} bytes less free heap than before it");
    Some(remark(RemarkCode::DeviceLeak, text))
}

/// What is doubtful about the measurement.
#[must_use]
pub fn warnings(summary: &Summary) -> Vec<Remark> {
    [unchecked(summary), cpu(summary), lag(summary), behind(summary), resumption(summary), few(summary)]
        .into_iter()
        .flatten()
        .collect()
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

fn behind(summary: &Summary) -> Option<Remark> {
    let rate = summary.rate?;
    (rate.rate_ratio < GOOD_RATIO && summary.ended == Ended::Done).then(|| {
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
            format!("{count} samples are too few for a 99th percentile: the p99 shown is the slowest sample"),
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
const GOOD_RATIO: f64 = 0.98;
const FEW_SAMPLES: u64 = 100;
