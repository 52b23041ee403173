//! Axes: where a value lies between two edges, and which values get a label.

/// A linear or logarithmic axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    spacing: Spacing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spacing {
    Linear,
    Log,
}

impl Axis {
    /// From 0, or the least value if that is negative, to the greatest.
    pub(super) fn linear(values: impl Iterator<Item = f64>) -> Self {
        let high = values.fold(0.0, f64::max);
        Self { low: 0.0, high: if high > 0.0 { high } else { 1.0 }, spacing: Spacing::Linear }
    }

    /// The decades that contain all values; a value below 1 counts as 1.
    pub(super) fn log(values: impl Iterator<Item = f64> + Clone) -> Self {
        let low = values.clone().fold(f64::INFINITY, f64::min).max(1.0);
        let high = values.fold(1.0, f64::max);
        let low = if low.is_finite() { 10f64.powf(low.log10().floor()) } else { 1.0 };
        let high = 10f64.powf(high.log10().ceil()).max(low * 10.0);
        Self { low, high, spacing: Spacing::Log }
    }

    /// 0 at the low edge, 1 at the high one.
    pub(super) fn place(&self, value: f64) -> f64 {
        let share = match self.spacing {
            Spacing::Linear => (value - self.low) / (self.high - self.low),
            Spacing::Log => (value.max(self.low) / self.low).log10() / (self.high / self.low).log10(),
        };
        share.clamp(0.0, 1.0)
    }

    /// The values that get a label.
    pub(super) fn ticks(&self) -> Vec<f64> {
        match self.spacing {
            Spacing::Linear => linear_ticks(self.high),
            Spacing::Log => {
                let decades = (self.high / self.low).log10().round() as i32;
                (0..=decades).map(|decade| self.low * 10f64.powi(decade)).collect()
            }
        }
    }
}

/// About five round steps.
fn linear_ticks(high: f64) -> Vec<f64> {
    let rough = high / 5.0;
    let decade = 10f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].map(|it| it * decade).into_iter().find(|step| *step >= rough).unwrap_or(rough);
    let count = (high / step).floor() as u32;
    (0..=count).map(|index| f64::from(index) * step).collect()
}

/// Marks an x axis that counts nines.
pub(super) const PERCENTILE_AXIS: &str = "percentile";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_round_and_values_lie_between_the_edges() {
        assert_eq!(linear_ticks(10.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        let axis = Axis::log([35.0, 2_400.0].into_iter());
        assert_eq!(axis.ticks(), [10.0, 100.0, 1000.0, 10_000.0]);
        assert_eq!((axis.place(10.0), axis.place(10_000.0), axis.place(1.0)), (0.0, 1.0, 0.0));
        let nothing = Axis::log(std::iter::empty());
        assert!(nothing.place(5.0).is_finite());
        assert!(Axis::linear(std::iter::empty()).place(0.0).is_finite());
    }
}
