//! A run as one HTML file that needs nothing else: no script, no font, no network. Plots are SVG.

mod limits;
mod plot;
mod scale;

pub(super) use self::limits::page as limits;

use hdrhistogram::Histogram;

use self::plot::{Bar, Line, Plot, bars, lines};
use super::table::{duration, frames_line, heap_line};
use crate::authority::host_and_port;
use crate::load::{
    remark::Remark,
    series::Row,
    summary::{Device, GateVerdict, LoadedTarget, PhaseTimes, StatusRow, Summary},
};
use crate::report::markup::escaped;

/// The page of a run.
pub(super) fn run(summary: &Summary) -> String {
    let figures = [
        latency_over_time(summary),
        throughput(summary),
        percentiles(summary),
        histogram(summary),
        heap(summary),
        errors_over_time(summary),
        errors_by_class(summary),
    ];
    let (above, below) = (
        [facts(summary), verdicts(summary)].concat(),
        [phases(summary), heap_facts(summary.device.as_ref())].concat(),
    );
    page(&summary.target, &above, &figures.concat(), &below)
}

/// A page: the part above the plots, the plots, the part below them.
fn page(target: &LoadedTarget, above: &str, plots: &str, below: &str) -> String {
    let title = escaped(&format!("{}{}", host_and_port(&target.host, target.port), target.path));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>esp-https load: {title}</title><style>{STYLE}</style></head><body>\n\
         <h1>{title}</h1>\n{above}<main>\n{plots}</main>\n{below}</body></html>\n"
    )
}

/// One of the figures at the head of a page.
fn fact(label: &str, value: &str) -> String {
    format!("<div><dt>{label}</dt><dd>{}</dd></div>", escaped(value))
}

/// When something began, to the second.
fn begun(started_at: &str) -> String {
    let second = started_at.split('.').next().unwrap_or_default().trim_end_matches('Z');
    escaped(&format!("{} UTC", second.replacen('T', " ", 1)))
}

fn facts(summary: &Summary) -> String {
    let units = &summary.units;
    let quantile = |phase: &Option<PhaseTimes>, of: fn(&PhaseTimes) -> u64| {
        phase.as_ref().map_or("-".to_owned(), |it| duration(of(it)))
    };
    let handshakes = &summary.handshakes;
    format!(
        "<dl class=\"facts\">{}{}{}{}{}{}{}{}</dl>\n<p class=\"aside\">{}, {} on {}, {:.1} s, begun {}</p>\n",
        fact(summary.load.mode.units(), &units.completed.to_string()),
        fact("a second", &super::rate(summary.per_s)),
        fact("failed", &format!("{} ({:.2} %)", units.failed, units.error_rate * 100.0)),
        if units.repeated > 0 { fact("sent again", &units.repeated.to_string()) } else { String::new() },
        fact("p50", &quantile(&summary.latency.total, |phase| phase.p50_us)),
        fact("p99", &quantile(&summary.latency.total, |phase| phase.p99_us)),
        fact("handshakes", &format!("{} full, {} resumed", handshakes.full, handshakes.resumed)),
        answers(&summary.statuses),
        escaped(&summary.load.method),
        summary.load.mode.units(),
        super::connections(summary.load.connections),
        summary.elapsed_us as f64 / 1e6,
        begun(&summary.started_at),
    )
}

/// Answers by status; nothing when none came.
fn answers(statuses: &[StatusRow]) -> String {
    if statuses.is_empty() { String::new() } else { fact("answers by status", &super::by_status(statuses)) }
}

fn verdicts(summary: &Summary) -> String {
    let gates = summary.gates.iter().map(|gate| match gate.verdict {
        GateVerdict::Passed => verdict("good", &format!("gate passed: {}", gate.fail_if)),
        GateVerdict::Failed => verdict("bad", &format!("gate FAILED: {}", gate.fail_if)),
        GateVerdict::NotMeasured => verdict("warn", &format!("gate not measured: {}", gate.fail_if)),
    });
    verdict_list(&[gates.collect(), remarks(&summary.findings, &summary.warnings)].concat())
}

fn remarks(findings: &[Remark], warnings: &[Remark]) -> String {
    let findings = findings.iter().map(|finding| verdict("bad", &format!("finding: {}", finding.text)));
    let warnings = warnings.iter().map(|warning| verdict("warn", &format!("warning: {}", warning.text)));
    findings.chain(warnings).collect()
}

fn verdict(class: &str, text: &str) -> String {
    format!("<li class=\"{class}\">{}</li>", escaped(text))
}

fn verdict_list(items: &str) -> String {
    if items.is_empty() { String::new() } else { format!("<ul class=\"verdicts\">{items}</ul>\n") }
}

fn points(rows: &[Row], value: impl Fn(&Row) -> Option<f64>) -> Vec<(f64, f64)> {
    rows.iter().filter_map(|row| Some((row.at_us as f64 / 1e6, value(row)?))).collect()
}

/// The same with a gap where there is no value.
fn points_and_gaps(rows: &[Row], value: impl Fn(&Row) -> Option<u64>) -> Vec<(f64, f64)> {
    points(rows, |row| Some(value(row).map_or(plot::GAP, |us| us as f64)))
}

fn latency_over_time(summary: &Summary) -> String {
    let rows = &summary.series;
    let plot =
        Plot { title: "Latency over time", x: "seconds", y: "time, log scale", y_of: plot::Y::LogTime };
    lines(
        &plot,
        &[
            Line { name: "p50", class: "a", points: points_and_gaps(rows, |row| row.p50_us) },
            Line { name: "p99", class: "b", points: points_and_gaps(rows, |row| row.p99_us) },
            Line { name: "max", class: "c", points: points_and_gaps(rows, |row| row.max_us) },
        ],
    )
}

/// Units a second of each row; a row may be longer than a second.
fn throughput(summary: &Summary) -> String {
    let rows = &summary.series;
    let mut before = 0.0;
    let rates: Vec<(f64, f64)> = rows
        .iter()
        .map(|row| {
            let at = row.at_us as f64 / 1e6;
            let rate = row.completed as f64 / (at - before).max(1e-3);
            before = at;
            (at, rate)
        })
        .collect();
    let plot = Plot { title: "Throughput", x: "seconds", y: "a second", y_of: plot::Y::Linear };
    lines(&plot, &[Line { name: summary.load.mode.units(), class: "a", points: rates }])
}

fn percentiles(summary: &Summary) -> String {
    let latency = &summary.latency;
    let (corrected, sent) = match latency.total_uncorrected {
        Some(_) => ("total, since due", "total, since sent"),
        None => ("total", ""),
    };
    let curves: Vec<Line<'_>> = [
        (corrected, "a", &latency.total),
        (sent, "b", &latency.total_uncorrected),
        ("TLS, full", "c", &latency.tls_full),
        ("TLS, resumed", "d", &latency.tls_resumed),
        ("TCP connect", "e", &latency.tcp_connect),
    ]
    .into_iter()
    .filter_map(|(name, class, phase)| {
        let histogram = phase.as_ref()?.histogram().ok()?;
        Some(Line { name, class, points: percentile_points(&histogram) })
    })
    .collect();
    let plot = Plot { title: "Percentiles", x: "percentile", y: "time, log scale", y_of: plot::Y::LogTime };
    lines(&Plot { x: scale::PERCENTILE_AXIS, ..plot }, &curves)
}

/// The x axis counts nines: 90 % is 1, 99 % is 2, 99.9 % is 3.
fn percentile_points(histogram: &Histogram<u64>) -> Vec<(f64, f64)> {
    let most = (histogram.len() as f64).log10().clamp(0.0, 4.0);
    (0..=PERCENTILE_STEPS)
        .map(|step| {
            let nines = most * f64::from(step) / f64::from(PERCENTILE_STEPS);
            let value = histogram.value_at_quantile(1.0 - 10f64.powf(-nines));
            (nines, value.max(1) as f64)
        })
        .collect()
}

/// Bins that grow by a quarter each, so that 30 us and 15 s fit on one axis.
fn histogram(summary: &Summary) -> String {
    let Some(Ok(histogram)) = summary.latency.total.as_ref().map(PhaseTimes::histogram) else {
        return String::new();
    };
    let (mut low, mut found) = (histogram.min().max(1), Vec::new());
    while low <= histogram.max() && found.len() < MOST_BINS {
        let high = (low + low / 4).max(low + 1);
        let count = histogram.count_between(low, high - 1);
        found.push(Bar { label: duration(low), value: count as f64, class: "a" });
        low = high;
    }
    bars("Histogram of total times", "how many, by time; each bar a quarter longer", &found)
}

fn heap(summary: &Summary) -> String {
    let of = |value: fn(&crate::device::ready::Stat) -> u64| {
        points(&summary.series, move |row| row.device.as_ref().map(|stat| value(stat) as f64))
    };
    let plot = Plot { title: "Device heap under load", x: "seconds", y: "bytes free", y_of: plot::Y::Linear };
    let drawn = [
        Line { name: "free", class: "a", points: of(|stat| stat.heap_free) },
        Line { name: "least since its start", class: "b", points: of(|stat| stat.heap_min) },
    ];
    lines(&plot, &drawn)
}

fn heap_facts(device: Option<&Device>) -> String {
    let frames = device.and_then(frames_line).map_or(String::new(), |frames| format!("; frames: {frames}"));
    let heap = device.map(heap_line);
    heap.map_or(String::new(), |heap| format!("<p class=\"aside\">device's heap: {heap}{frames}</p>\n"))
}

fn errors_over_time(summary: &Summary) -> String {
    if summary.units.failed == 0 {
        return String::new();
    }
    let plot = Plot { title: "Errors over time", x: "seconds", y: "failed units", y_of: plot::Y::Linear };
    lines(
        &plot,
        &[Line {
            name: "failed",
            class: "c",
            points: points(&summary.series, |row| Some(row.failed as f64)),
        }],
    )
}

fn errors_by_class(summary: &Summary) -> String {
    let found: Vec<Bar> = summary
        .errors
        .iter()
        .take(MOST_BINS)
        .map(|error| Bar { label: error.class.to_string(), value: error.took.count as f64, class: "c" })
        .collect();
    if found.is_empty() { String::new() } else { bars("Errors by class", "failed units", &found) }
}

fn phases(summary: &Summary) -> String {
    let latency = &summary.latency;
    let mut table =
        "<table><thead><tr><th>phase<th>count<th>min<th>p50<th>p90<th>p99<th>p99.9<th>max</tr></thead>"
            .to_owned();
    for (name, phase) in [
        ("TCP connect", &latency.tcp_connect),
        ("TLS, full", &latency.tls_full),
        ("TLS, resumed", &latency.tls_resumed),
        ("first byte", &latency.first_byte),
        ("total", &latency.total),
        ("total, uncorrected", &latency.total_uncorrected),
    ] {
        let Some(phase) = phase else { continue };
        let cells = [phase.min_us, phase.p50_us, phase.p90_us, phase.p99_us, phase.p99_9_us, phase.max_us];
        let cells: Vec<String> = cells.iter().map(|us| format!("<td>{}", duration(*us))).collect();
        table.push_str(&format!("<tr><th>{name}<td>{}{}</tr>", phase.count, cells.concat()));
    }
    table.push_str("</table>\n");
    table
}

const PERCENTILE_STEPS: u32 = 120;
const MOST_BINS: usize = 60;
const STYLE: &str = include_str!("html/style.css");
