//! The phases and failures of a run as a table for spreadsheets (RFC 4180).

use crate::load::summary::{Phase, Summary};

/// One line a phase and a class of failures; times in microseconds.
#[must_use]
pub fn csv(summary: &Summary) -> String {
    let latency = &summary.latency;
    let mut table = HEAD.to_owned();
    for (name, phase) in [
        ("tcp_connect", &latency.tcp_connect),
        ("tls_full", &latency.tls_full),
        ("tls_resumed", &latency.tls_resumed),
        ("first_byte", &latency.first_byte),
        ("total", &latency.total),
        ("total_uncorrected", &latency.total_uncorrected),
    ] {
        if let Some(phase) = phase {
            table.push_str(&line("phase", name, phase));
        }
    }
    for error in &summary.errors {
        table.push_str(&line("error", &error.class.to_string(), &error.took));
    }
    table
}

/// Names are words of ours, so nothing needs quotes.
fn line(kind: &str, name: &str, phase: &Phase) -> String {
    let Phase {
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

const HEAD: &str =
    "kind,name,count,min_us,mean_us,stdev_us,p50_us,p75_us,p90_us,p95_us,p99_us,p99_9_us,max_us\r\n";
