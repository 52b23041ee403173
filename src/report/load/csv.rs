//! The phases and failures of a run, and the steps of a search, as tables for spreadsheets (RFC 4180).

use crate::load::{
    limit::SearchStep,
    summary::{PhaseTimes, Summary},
};

/// One line a phase, a class of failures and a status of answers, which has a count and no times, as have requests that were
/// sent again; times in microseconds.
pub(super) fn run(summary: &Summary) -> String {
    let mut table = HEAD.to_owned();
    for (name, phase) in summary.latency.phases() {
        if let Some(phase) = phase {
            table.push_str(&line("phase", name, phase));
        }
    }
    for error in &summary.errors {
        table.push_str(&line("error", &error.class.to_string(), &error.took));
    }
    let repeated = summary.units.repeated;
    if repeated > 0 {
        table.push_str(&format!("units,repeated,{repeated}{}\r\n", ",".repeat(TIME_COLUMNS)));
    }
    for row in &summary.statuses {
        table.push_str(&format!("status,{},{}{}\r\n", row.status, row.count, ",".repeat(TIME_COLUMNS)));
    }
    table
}

/// One line a step; times in microseconds, and nothing where no rate was asked for.
pub(super) fn steps(steps: &[SearchStep]) -> String {
    let mut table = STEPS_HEAD.to_owned();
    for step in steps {
        let SearchStep {
            mode, connections, rate, per_s, completed, failed, rate_ratio, p50_us, p99_us, ..
        } = step;
        let or_nothing = |value: &Option<f64>| value.map_or(String::new(), |value| value.to_string());
        let (asked, ratio) = (or_nothing(rate), or_nothing(rate_ratio));
        table.push_str(&format!(
            "{},{connections},{asked},{per_s},{completed},{failed},{ratio},{p50_us},{p99_us}\r\n",
            mode.units()
        ));
    }
    table
}

/// Names are words of ours, so nothing needs quotes.
fn line(kind: &str, name: &str, phase: &PhaseTimes) -> String {
    let PhaseTimes {
        count,
        min_us,
        mean_us,
        stdev_us,
        p50_us,
        p75_us,
        p90_us,
        p95_us,
        p99_us,
        p99_9_us,
        max_us,
        ..
    } = phase;
    format!(
        "{kind},{name},{count},{min_us},{mean_us},{stdev_us},{p50_us},{p75_us},{p90_us},{p95_us},{p99_us},{p99_9_us},{max_us}\r\n"
    )
}

/// The columns behind the count.
const TIME_COLUMNS: usize = 10;
const STEPS_HEAD: &str = "units,connections,asked_per_s,per_s,completed,failed,rate_ratio,p50_us,p99_us\r\n";
const HEAD: &str =
    "kind,name,count,min_us,mean_us,stdev_us,p50_us,p75_us,p90_us,p95_us,p99_us,p99_9_us,max_us\r\n";
