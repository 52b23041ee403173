//! The figures of a step, for a person.

use super::words::{size, span};
use crate::hil::outcome::Figures;

/// What each figure is called, and its value; those that the step has not are left out.
pub(super) fn rows(figures: &Figures) -> Vec<(&'static str, String)> {
    let time = |us: Option<u64>| us.map(span);
    let bytes = |bytes: Option<u64>| bytes.map(size);
    let count = |count: Option<u64>| count.map(|count| count.to_string());
    let restarts = Some(figures.restarts).filter(|restarts| *restarts > 0);
    [
        ("handshake", time(figures.handshake_us)),
        ("handshake p99", time(figures.handshake_p99_us)),
        ("request", time(figures.request_us)),
        ("request p99", time(figures.request_p99_us)),
        ("succeeded", count(figures.succeeded)),
        ("failed", count(figures.failed)),
        ("a second", figures.rate.map(|rate| format!("{rate:.1}"))),
        ("start to READY", time(figures.ready_us)),
        ("heap at its lowest", bytes(figures.heap_min)),
        ("heap after it", bytes(figures.heap_free)),
        ("frames dropped", count(figures.frames_dropped)),
        ("restarts", count(restarts)),
    ]
    .into_iter()
    .filter_map(|(label, value)| Some((label, value?)))
    .collect()
}

/// The same in one line.
pub(super) fn line(figures: &Figures) -> String {
    let told: Vec<String> =
        rows(figures).into_iter().map(|(label, value)| format!("{label} {value}")).collect();
    told.join(", ")
}
