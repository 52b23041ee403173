//! The time axis that all boards of a run share.

use crate::hil::outcome::HilRun;

/// From the start of the run to its end, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeAxis {
    end_us: u64,
    tick_us: u64,
}

impl TimeAxis {
    /// The axis on which all that is known of the run has its place.
    pub(super) fn of(run: &HilRun) -> Self {
        let steps = run.boards.iter().flat_map(|board| &board.steps);
        let ends = steps.filter_map(|step| Some(step.start_us?.saturating_add(step.duration_us?)));
        let readings = run.boards.iter().flat_map(|board| &board.heap).map(|reading| reading.at_us);
        let end_us = ends.chain(readings).chain([run.duration_us]).max().unwrap_or(0).max(1);
        let tick_us = TICKS_MS.iter().map(|ms| ms * 1000).find(|tick| end_us / tick < MOST_TICKS);
        Self { end_us, tick_us: tick_us.unwrap_or(end_us.div_ceil(MOST_TICKS)) }
    }

    /// Where a moment is, in percent of the axis.
    pub(super) fn percent(&self, us: u64) -> f64 {
        us.min(self.end_us) as f64 * 100.0 / self.end_us as f64
    }

    /// How far ticks are apart, in percent of the axis.
    pub(super) fn tick_percent(&self) -> f64 {
        self.tick_us as f64 * 100.0 / self.end_us as f64
    }

    /// The labels: where they are, in percent, and what they say. One that would be cut off at the end is left out.
    pub(super) fn labels(&self) -> Vec<(f64, String)> {
        let ticks = (0..).map(|index| index * self.tick_us).take_while(|us| *us <= self.end_us);
        ticks.map(|us| (self.percent(us), label(us))).filter(|(percent, _)| *percent < LAST_LABEL).collect()
    }
}

fn label(us: u64) -> String {
    let seconds = us / 1_000_000;
    match (seconds / 60, seconds % 60) {
        (0, _) if !us.is_multiple_of(1_000_000) => format!("{:.1} s", us as f64 / 1e6),
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes}:{seconds:02}"),
    }
}

/// Steps between ticks that people count in.
const TICKS_MS: [u64; 18] = [
    100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000,
    1_800_000, 3_600_000, 7_200_000, 14_400_000,
];
const MOST_TICKS: u64 = 7;
const LAST_LABEL: f64 = 96.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_few_and_round_and_every_moment_is_on_the_axis() {
        for (end_us, tick_us) in [
            (1, 100_000),
            (2_080_000, 500_000),
            (6_900_000, 1_000_000),
            (52_300_000, 10_000_000),
            (3_600_000_000, 600_000_000),
        ] {
            let mut run: HilRun = serde_json::from_value(crate::report::hil::sample::green()).unwrap();
            (run.duration_us, run.boards) = (end_us, Vec::new());
            let axis = TimeAxis::of(&run);
            assert_eq!(axis, TimeAxis { end_us, tick_us });
            assert!(axis.labels().len() as u64 <= MOST_TICKS, "{:?}", axis.labels());
            assert_eq!((axis.percent(0), axis.percent(u64::MAX)), (0.0, 100.0));
        }
        assert_eq!([0, 30_000_000, 90_000_000, 3_600_000_000].map(label), ["0 s", "30 s", "1:30", "60 min"]);
    }
}
