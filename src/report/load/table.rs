//! The table of times. Each figure has a unit of its own, because one table may hold 30 us and 15 s.

use crate::load::summary::{Device, PhaseTimes};

/// One phase of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column<'a> {
    pub(super) name: &'a str,
    pub(super) phase: Option<&'a PhaseTimes>,
}

/// The lines of the table; phases that were not timed are left out.
pub(super) fn latency_table(columns: &[Column<'_>]) -> Vec<String> {
    let mut lines = vec![line("", &["count", "min", "p50", "p90", "p99", "p99.9", "max"].map(str::to_owned))];
    for Column { name, phase } in columns {
        if let Some(phase) = phase {
            let PhaseTimes { count, min_us, p50_us, p90_us, p99_us, p99_9_us, max_us, .. } = phase;
            let [min, p50, p90, p99, p99_9, max] =
                [min_us, p50_us, p90_us, p99_us, p99_9_us, max_us].map(|us| duration(*us));
            lines.push(line(name, &[count.to_string(), min, p50, p90, p99, p99_9, max]));
        }
    }
    lines
}

fn line(name: &str, cells: &[String; 7]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:>10}")).collect();
    format!("{name:<18}{}", cells.concat())
}

/// A device's heap before, during and after.
pub(super) fn heap_line(device: &Device) -> String {
    let after = device.after.as_ref().map_or("not told".to_owned(), |after| after.heap_free.to_string());
    let after = match device.first_use {
        Some(first_use) if first_use > 0 => {
            format!(
                "{after} after ({first_use} bytes were used for the first time: a second round took none of them)"
            )
        }
        _ => format!("{after} after"),
    };
    let before = device.before.heap_free;
    match device.heap_min {
        Some(least) => format!("{before} bytes free before, {least} at the lowest, {after}"),
        None => {
            let ever = device.before.heap_min;
            format!(
                "{before} bytes free before, {after}; the lowest is not known, since it was {ever} before"
            )
        }
    }
}

/// The frames that a device dropped in the run; `None` where it does not tell.
pub(super) fn frames_line(device: &Device) -> Option<String> {
    let frames = device.after.as_ref()?.frames_dropped_since(&device.before)?;
    Some(format!("{frames} more that came were dropped"))
}

/// Microseconds for a person, in three digits.
pub(in crate::report) fn duration(us: u64) -> String {
    let value = us as f64;
    match us {
        0..1_000 => format!("{us} us"),
        1_000..10_000 => format!("{:.2} ms", value / 1e3),
        10_000..100_000 => format!("{:.1} ms", value / 1e3),
        100_000..1_000_000 => format!("{:.0} ms", value / 1e3),
        1_000_000..10_000_000 => format!("{:.2} s", value / 1e6),
        _ => format!("{:.1} s", value / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_their_unit() {
        let shown = [7, 999, 1_000, 12_345, 123_456, 1_234_567, 15_000_000].map(duration);
        assert_eq!(shown, ["7 us", "999 us", "1.00 ms", "12.3 ms", "123 ms", "1.23 s", "15.0 s"]);
    }
}
