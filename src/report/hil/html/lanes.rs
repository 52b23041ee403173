//! What was measured and printed while the steps ran, on the same axis: handshake times, the heap, serial events.

use super::{axis::TimeAxis, icons};
use crate::{
    hil::{
        log_event::{Blame, LogEvent, LogEventKind},
        outcome::{BoardRun, HeapReading, StepOutcome},
    },
    report::{
        hil::words::{self, size, span},
        markup::escaped,
    },
};

/// The lanes below a board's steps; those without data are left out.
pub(super) fn lanes(board: &BoardRun, axis: &TimeAxis) -> String {
    let faults = faults(&board.steps, axis);
    [handshakes(&board.steps, axis, &faults), heap(&board.heap, axis, &faults), events(&board.steps, axis)]
        .concat()
}

/// Lines through the plots where the lab or the firmware is to blame for something.
fn faults(steps: &[StepOutcome], axis: &TimeAxis) -> String {
    let blamed = steps.iter().flat_map(|step| &step.events).filter(|event| event.blame != Blame::None);
    let line = |event: &LogEvent| {
        let (class, x) = (icons::blame_class(event.blame), across(axis, event.at_us));
        format!("<path class=\"fault {class}\" d=\"M{x:.1} 0V{HEIGHT}\"/>")
    };
    blamed.take(MOST_POINTS).map(line).collect::<Vec<_>>().concat()
}

/// A mark at the moment of an event.
pub(super) fn mark(event: &LogEvent, axis: &TimeAxis) -> String {
    let text: String = event.text.chars().take(LONGEST_TITLE).collect();
    format!(
        "<span class=\"mark {}{}\" style=\"left:{:.3}%\" title=\"{} at {}: {}\">{}</span>",
        icons::blame_class(event.blame),
        if event.kind == LogEventKind::Panic { " panic" } else { "" },
        axis.percent(event.at_us),
        words::event(event.kind),
        span(event.at_us),
        escaped(&text),
        icons::event(event.kind),
    )
}

/// The median of each step over its time, with a thinner line at the 99th percentile of a load.
fn handshakes(steps: &[StepOutcome], axis: &TimeAxis, faults: &str) -> String {
    let timed: Vec<(u64, u64, u64, Option<u64>)> = steps
        .iter()
        .filter_map(|step| {
            Some((
                step.start_us?,
                step.duration_us?,
                step.figures.handshake_us?,
                step.figures.handshake_p99_us,
            ))
        })
        .collect();
    let median = || timed.iter().map(|(_, _, median, _)| *median);
    let (Some(least), Some(most)) = (median().min(), median().max()) else { return String::new() };
    let top = timed.iter().filter_map(|(.., p99)| *p99).chain([most]).max().unwrap_or(most);
    let mut drawn = faults.to_owned();
    for (start, took, median, p99) in &timed {
        let (left, right) = (across(axis, *start), across(axis, start.saturating_add(*took)));
        if let Some(p99) = p99 {
            let (y, low) = (down(*p99, top), down(*median, top));
            drawn.push_str(&format!(
                "<rect class=\"spread\" x=\"{left:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"/><path class=\"p99\" d=\"M{left:.1} {y:.1}H{right:.1}\"/>",
                right - left,
                (low - y).max(0.0)
            ));
        }
        let y = down(*median, top);
        drawn.push_str(&format!(
            "<path class=\"median\" d=\"M{left:.1} {y:.1}H{:.1}\"/>",
            right.max(left + LEAST_WIDTH)
        ));
    }
    let p99 = timed.iter().filter_map(|(.., p99)| *p99).max();
    let key = if p99.is_some() { "median and p99" } else { "of each step" };
    let told = p99.map_or_else(String::new, |p99| format!("<small>p99 {}</small>", span(p99)));
    let label = format!("Handshake times: {} to {}", span(least), span(most));
    let figures = format!("<span class=\"num wide\">{} to {} {told}</span>", span(least), span(most));
    lane("handshakes", key, &plot(&label, &drawn), &format!("0 to {}", span(top)), &figures)
}

/// The free heap as a line, and the least since the board started as another; both begin anew when the board does.
fn heap(readings: &[HeapReading], axis: &TimeAxis, faults: &str) -> String {
    let (Some(most), Some(least)) =
        (readings.iter().map(|it| it.heap_free).max(), readings.iter().map(|it| it.heap_min).min())
    else {
        return String::new();
    };
    let mut drawn = faults.to_owned();
    for life in readings.chunk_by(|before, after| before.uptime_s <= after.uptime_s) {
        let life = thinned(life);
        drawn.push_str(&line("least", &life, axis, most, |it| it.heap_min));
        drawn.push_str(&line("free", &life, axis, most, |it| it.heap_free));
    }
    let label = format!("Free heap: at most {}, at its lowest {}", size(most), size(least));
    let figures = format!("<span class=\"num wide\">lowest {}</span>", size(least));
    lane("heap", "free, and its lowest", &plot(&label, &drawn), &format!("0 to {}", size(most)), &figures)
}

/// No more points than a screen shows; of several, the one with the least heap.
fn thinned(readings: &[HeapReading]) -> Vec<HeapReading> {
    let every = readings.len().div_ceil(MOST_POINTS).max(1);
    readings.chunks(every).filter_map(|chunk| chunk.iter().min_by_key(|it| it.heap_free)).copied().collect()
}

fn line(
    class: &str,
    readings: &[HeapReading],
    axis: &TimeAxis,
    most: u64,
    of: fn(&HeapReading) -> u64,
) -> String {
    let points = readings.iter().map(|it| format!("{:.1} {:.1}", across(axis, it.at_us), down(of(it), most)));
    let path = format!("M{}", points.collect::<Vec<_>>().join("L"));
    match readings.len() {
        // Its round ends are a dot.
        1 => format!("<path class=\"{class} dot\" d=\"{path}h.01\"/>"),
        _ => format!("<path class=\"{class}\" d=\"{path}\"/>"),
    }
}

fn events(steps: &[StepOutcome], axis: &TimeAxis) -> String {
    let all: Vec<&LogEvent> = steps.iter().flat_map(|step| &step.events).collect();
    if all.is_empty() {
        return String::new();
    }
    let marks = all.iter().map(|event| mark(event, axis)).collect::<Vec<_>>().concat();
    let row = |event: &&LogEvent| {
        format!(
            "<tr class=\"{}\"><td>{}<td>{} {}<td>{}<td>{}</tr>",
            icons::blame_class(event.blame),
            span(event.at_us),
            icons::event(event.kind),
            words::event(event.kind),
            words::blame(event.blame),
            escaped(&event.text)
        )
    };
    let table = super::detail::table(
        "Events of the serial port",
        &["at", "event", "whose doing", "text"],
        all.iter().map(row),
    );
    let count = all.len();
    format!(
        "<details class=\"lane\"><summary class=\"row\"><span class=\"what\"><span><b>serial events</b></span></span><span class=\"track\">{marks}</span>\
         <span class=\"num wide\">{count} {}</span></summary><div class=\"detail\">{table}</div></details>\n",
        if count == 1 { "event" } else { "events" }
    )
}

fn lane(name: &str, key: &str, plot: &str, scale: &str, figures: &str) -> String {
    format!(
        "<div class=\"row lane plot\"><span class=\"what\"><span><b>{name}</b> <small>{key}<br>{scale}</small></span></span>\
         <span class=\"track\">{plot}</span>{figures}</div>\n"
    )
}

fn plot(label: &str, drawn: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">{drawn}</svg>",
        escaped(label)
    )
}

fn across(axis: &TimeAxis, us: u64) -> f64 {
    axis.percent(us) * WIDTH / 100.0
}

fn down(value: u64, most: u64) -> f64 {
    HEIGHT - PADDING - (HEIGHT - 2.0 * PADDING) * value as f64 / most.max(1) as f64
}

const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 60.0;
const PADDING: f64 = 3.0;
const LEAST_WIDTH: f64 = 4.0;
const MOST_POINTS: usize = 500;
const LONGEST_TITLE: usize = 200;
