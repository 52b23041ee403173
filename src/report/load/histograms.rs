//! The histograms of a run in the two formats of HdrHistogram that its plotters read.

use std::{fmt::Write as _, time::Duration};

use hdrhistogram::{
    Histogram,
    serialization::{
        V2DeflateSerializer,
        interval_log::{IntervalLogWriterBuilder, Tag},
    },
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::load::summary::{HistogramError, PhaseTimes, Summary};

/// The distribution of the whole units' times by percentile, in milliseconds: the text that HdrHistogram's
/// `outputPercentileDistribution` writes. It has no lines when no unit succeeded.
#[must_use]
pub fn percentiles(summary: &Summary) -> String {
    let mut text =
        format!("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    let Some(Ok(histogram)) = summary.latency.total.as_ref().map(PhaseTimes::histogram) else { return text };
    let mut count = 0;
    for step in histogram.iter_quantiles(TICKS_PER_HALF_DISTANCE) {
        count += step.count_since_last_iteration();
        let (value, quantile) = (millis(step.value_iterated_to() as f64), step.quantile_iterated_to());
        // Writing to a string does not fail.
        let _ = if quantile < 1.0 {
            writeln!(text, "{value:>12.3} {quantile:.12} {count:>10} {:>14.2}", 1.0 / (1.0 - quantile))
        } else {
            writeln!(text, "{value:>12.3} {quantile:.12} {count:>10}")
        };
    }
    text + &footer(&histogram)
}

/// The histogram of each phase in microseconds: HdrHistogram's interval log, with a line for each phase, whose tag is the
/// phase's name in the JSON document.
///
/// # Errors
/// [`HistogramError`] when the text of a histogram was tampered with.
pub fn log(summary: &Summary) -> Result<Vec<u8>, HistogramError> {
    let (mut log, mut serializer) = (Vec::new(), V2DeflateSerializer::new());
    let mut builder = IntervalLogWriterBuilder::new();
    builder.add_comment("[Histogram log format version 1.3]");
    builder.add_comment(concat!("[Logged by esp-https ", env!("CARGO_PKG_VERSION"), ", in microseconds]"));
    if let Ok(at) = OffsetDateTime::parse(&summary.started_at, &Rfc3339) {
        builder.with_start_time(at.into()).with_base_time(at.into());
    }
    builder.with_max_value_divisor(US_PER_MS);
    let broken = |error: &dyn std::fmt::Display| HistogramError::Format(error.to_string());
    let mut writer = builder.begin_log_with(&mut log, &mut serializer).map_err(|error| broken(&error))?;
    let lasted = Duration::from_micros(summary.elapsed_us);
    for (name, phase) in summary.latency.phases() {
        let Some(phase) = phase else { continue };
        writer
            .write_histogram(&phase.histogram()?, Duration::ZERO, lasted, Tag::new(name))
            .map_err(|error| broken(&error))?;
    }
    Ok(log)
}

fn footer(histogram: &Histogram<u64>) -> String {
    let (mean, deviation) = (millis(histogram.mean()), millis(histogram.stdev()));
    let (most, count) = (millis(histogram.max() as f64), histogram.len());
    format!(
        "#[Mean    = {mean:>12.3}, StdDeviation   = {deviation:>12.3}]\n\
         #[Max     = {most:>12.3}, Total count    = {count:>12}]\n\
         #[Buckets = {:>12}, SubBuckets     = {:>12}]\n",
        histogram.buckets(),
        // Each bucket but the first has only its upper half of them to itself.
        2 * histogram.distinct_values() / (usize::from(histogram.buckets()) + 1),
    )
}

fn millis(us: f64) -> f64 {
    us / US_PER_MS
}

const US_PER_MS: f64 = 1e3;
/// As many as HdrHistogram's own programs take.
const TICKS_PER_HALF_DISTANCE: u32 = 5;
