//! A device's limits as a page, with the result of each step.

use super::{
    begun, fact, heap_facts, page as whole, plot,
    plot::{Bar, Line, Plot, bars, lines},
    remarks, verdict, verdict_list,
};
use crate::{
    load::{
        limit::{EndedBy, Limits, SaturationPoint, SearchResult, SearchStep},
        plan::Mode,
    },
    report::load::{
        connections,
        limits::{certainty, first_failure, saturation_point, sessions, steady},
        rate,
        table::duration,
    },
};

/// The page of a search.
pub(in crate::report::load) fn page(found: &SearchResult) -> String {
    let limits = &found.limits;
    let above = [facts(found), verdicts(found)].concat();
    let plots = [plots(limits, Mode::Handshake), plots(limits, Mode::Request), failures(&limits.steps)];
    let below = [table(&limits.steps), heap_facts(found.device.as_ref())].concat();
    whole(&found.target, &above, &plots.concat(), &below)
}

fn facts(found: &SearchResult) -> String {
    let limits = &found.limits;
    let unknown = || "not measured".to_owned();
    let most = limits.sessions.map_or_else(unknown, |found| found.most.to_string());
    let per_s = |saturation_point: &Option<SaturationPoint>| {
        saturation_point.map_or_else(unknown, |saturation_point| rate(saturation_point.per_s))
    };
    let recovered = match limits.recovery.map(|recovery| recovery.after_us) {
        None => unknown(),
        Some(None) => "no".to_owned(),
        Some(Some(after)) => format!("yes, after {}", duration(after)),
    };
    format!(
        "<dl class=\"facts\">{}{}{}{}</dl>\n<p class=\"aside\">what the device takes, by {} steps in {:.1} s, begun {}</p>\n",
        fact("sessions at once", &most),
        fact("handshakes a second", &per_s(&limits.handshakes)),
        fact("requests a second", &per_s(&limits.requests)),
        fact("recovered", &recovered),
        limits.steps.len(),
        found.elapsed_us as f64 / 1e6,
        begun(&found.started_at),
    )
}

fn verdicts(found: &SearchResult) -> String {
    let limits = &found.limits;
    let mut items = String::new();
    if limits.sessions.is_some() {
        items.push_str(&verdict("plain", &format!("sessions at once: {}", sessions(limits))));
    }
    for (units, found) in [("handshakes", &limits.handshakes), ("requests", &limits.requests)] {
        let Some(found) = found else { continue };
        let class = if found.ended_by == EndedBy::Gate { "warn" } else { "plain" };
        items.push_str(&verdict(
            class,
            &format!(
                "{units} a second: {}; {}; {}",
                saturation_point(found),
                certainty(found),
                steady(found)
            ),
        ));
    }
    if let Some(first) = &limits.first_failure {
        items.push_str(&verdict("warn", &format!("first failure: {}", first_failure(first))));
    }
    if limits.recovery.is_some_and(|recovery| recovery.after_us.is_none()) {
        items.push_str(&verdict("bad", "the device did not answer again after the load"));
    }
    items.push_str(&remarks(&found.findings, &found.warnings));
    verdict_list(&items)
}

/// The plots of one mode: by the number of connections, and by the rate that was asked for.
fn plots(limits: &Limits, mode: Mode) -> String {
    let of_mode = limits.steps.iter().filter(|step| step.mode == mode);
    let (asked, free): (Vec<&SearchStep>, Vec<&SearchStep>) = of_mode.partition(|step| step.rate.is_some());
    let by_connections = |step: &SearchStep| Some(step.connections as f64);
    let name = if mode == Mode::Handshake { "Handshakes" } else { "Requests" };
    [
        came(&format!("{name} by connections"), plot::COUNT_AXIS, &free, by_connections),
        latency(&format!("{name}: latency by connections"), plot::COUNT_AXIS, &free, by_connections),
        came(&format!("{name} by rate"), ASKED_AXIS, &asked, |step| step.rate),
        latency(&format!("{name}: latency by rate"), ASKED_AXIS, &asked, |step| step.rate),
    ]
    .concat()
}

fn came(title: &str, x: &str, steps: &[&SearchStep], x_of: impl Fn(&SearchStep) -> Option<f64>) -> String {
    let plot = Plot { title, x, y: "a second", y_of: plot::Y::Linear };
    let asked = points(steps, &x_of, |step| step.rate);
    let drawn = [
        Line { name: "asked for", class: "b", points: asked },
        Line { name: "came", class: "a", points: points(steps, &x_of, |step| Some(step.per_s)) },
    ];
    lines(&plot, &drawn)
}

fn latency(title: &str, x: &str, steps: &[&SearchStep], x_of: impl Fn(&SearchStep) -> Option<f64>) -> String {
    let plot = Plot { title, x, y: "time, log scale", y_of: plot::Y::LogTime };
    // Without a success there is no time.
    let time = |us: fn(&SearchStep) -> u64| {
        points(steps, &x_of, move |step| (step.completed > 0).then(|| us(step) as f64))
    };
    let drawn = [
        Line { name: "p50", class: "a", points: time(|step| step.p50_us) },
        Line { name: "p99", class: "b", points: time(|step| step.p99_us) },
    ];
    lines(&plot, &drawn)
}

fn points(
    steps: &[&SearchStep],
    x_of: impl Fn(&SearchStep) -> Option<f64>,
    y_of: impl Fn(&SearchStep) -> Option<f64>,
) -> Vec<(f64, f64)> {
    steps.iter().filter_map(|step| Some((x_of(step)?, y_of(step)?))).collect()
}

/// The steps at which something failed; no plot when none did.
fn failures(steps: &[SearchStep]) -> String {
    let failed = steps.iter().filter(|step| step.failed > 0);
    let found: Vec<Bar> = failed
        .map(|step| {
            let asked = step.rate.map_or(String::new(), |per_s| format!(", {} /s", rate(per_s)));
            let label = format!("{} on {}{asked}", step.mode.units(), connections(step.connections));
            Bar { label, value: step.failed as f64, class: "c" }
        })
        .collect();
    if found.is_empty() { String::new() } else { bars("Errors by step", "failed units", &found) }
}

fn table(steps: &[SearchStep]) -> String {
    if steps.is_empty() {
        return String::new();
    }
    let head = ["step", "connections", "target /s", "reached /s", "completed", "failed", "p50", "p99"];
    let mut rows = head.map(|name| format!("<th>{name}")).concat();
    rows = format!("<table><thead><tr>{rows}</tr></thead>");
    for step in steps {
        let cells = [
            step.connections.to_string(),
            step.rate.map_or("-".to_owned(), rate),
            rate(step.per_s),
            step.completed.to_string(),
            step.failed.to_string(),
            duration(step.p50_us),
            duration(step.p99_us),
        ];
        let cells = cells.map(|cell| format!("<td>{cell}")).concat();
        rows.push_str(&format!("<tr><th>{}{cells}</tr>", step.mode.units()));
    }
    rows + "</table>\n"
}

const ASKED_AXIS: &str = "asked for, a second";
