//! Findings and warnings as data.

use serde::{Deserialize, Serialize};

/// A finding or a warning: a stable name, and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// A stable name for scripts.
    pub code: RemarkCode,
    /// What it means, in one sentence.
    pub text: String,
}

/// The names of findings and warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemarkCode {
    /// Finding: the device no longer tells its figures.
    DeviceSilent,
    /// Finding: the device restarted.
    DeviceRebooted,
    /// Finding: the device has less free heap than before.
    DeviceLeak,
    /// Warning: any certificate was accepted.
    CertificateNotChecked,
    /// Warning: this machine's processors may have been the limit.
    GeneratorCpu,
    /// Warning: this machine was late itself.
    GeneratorLag,
    /// Warning: not all units that were due ended in time.
    RateNotReached,
    /// Warning: sessions were resumed though none was to be.
    ResumedUnasked,
    /// Warning: sessions were not resumed though all were to be.
    NotResumed,
    /// Warning: too few samples for a 99th percentile.
    FewSamples,
    /// Warning: answers came, and none of them had a status of 200 to 299.
    NoSuccessStatus,
    /// Warning: kept connections ended as requests went out.
    ClosedKept,
    /// Warning: this machine could not make all of the load.
    LocalLimit,
    /// Warning: this machine had too little processor time to tell a limit of the device.
    GeneratorStarved,
    /// Warning: the passes of a search differ.
    Unstable,
    /// Warning: a search was not complete when its time was up.
    TimeUp,
}
