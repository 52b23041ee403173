//! Plots as SVG: lines over an axis, and bars.

use super::scale::{Axis, PERCENTILE_AXIS};
use crate::report::load::table::duration;

/// What a plot shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plot<'a> {
    pub(super) title: &'a str,
    pub(super) x: &'a str,
    pub(super) y: &'a str,
    pub(super) y_of: Y,
}

/// What its y axis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Y {
    /// Numbers.
    Linear,
    /// Microseconds.
    LogTime,
}

/// One line of a plot.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    pub(super) class: &'a str,
    pub(super) points: Vec<(f64, f64)>,
}

/// One bar.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) value: f64,
    pub(super) class: &'static str,
}

/// A figure with lines; nothing at all without points.
pub(super) fn lines(plot: &Plot<'_>, lines: &[Line<'_>]) -> String {
    let all = || lines.iter().flat_map(|line| line.points.iter().copied()).filter(|(_, y)| y.is_finite());
    if all().next().is_none() {
        return String::new();
    }
    // Gaps too take their time, so that the plots of a run have one x axis.
    let x = Axis::linear(lines.iter().flat_map(|line| line.points.iter().map(|(x, _)| *x)));
    let y = match plot.y_of {
        Y::Linear => Axis::linear(all().map(|(_, y)| y)),
        Y::LogTime => Axis::log(all().map(|(_, y)| y)),
    };
    let mut svg = String::new();
    for tick in y.ticks() {
        let (at, label) = (down(&y, tick), y_label(tick, plot.y_of));
        svg.push_str(&format!(
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>"
        ));
        svg.push_str(&format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            LEFT - 6.0,
            at + 4.0
        ));
    }
    for (tick, label) in x_labels(&x, plot.x) {
        let at = across(&x, tick);
        svg.push_str(&format!(
            "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
            BOTTOM + 16.0
        ));
    }
    lines.iter().for_each(|line| svg.push_str(&drawn(line, &x, &y)));
    figure(plot.title, &format!("{} / {}", plot.y, plot.x), &svg, &key(lines))
}

/// A figure with a bar for each value.
pub(super) fn bars(title: &str, what: &str, bars: &[Bar]) -> String {
    let y = Axis::linear(bars.iter().map(|bar| bar.value));
    let slot = (RIGHT - LEFT) / bars.len().max(1) as f64;
    let every = bars.len().div_ceil(MOST_BAR_LABELS).max(1);
    let mut svg = String::new();
    for tick in y.ticks() {
        let at = down(&y, tick);
        svg.push_str(&format!(
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>"
        ));
        let label = y_label(tick, Y::Linear);
        svg.push_str(&format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            LEFT - 6.0,
            at + 4.0
        ));
    }
    for (index, bar) in bars.iter().enumerate() {
        let (left, top) = (LEFT + slot * index as f64, down(&y, bar.value));
        svg.push_str(&format!(
            "<rect class=\"{}\" x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}: {}</title></rect>",
            bar.class,
            left + slot * 0.1,
            (slot * 0.8).min(60.0),
            BOTTOM - top,
            bar.label,
            bar.value
        ));
        if index % every == 0 {
            let label = &bar.label;
            svg.push_str(&format!(
                "<text x=\"{:.1}\" y=\"{:.1}\">{label}</text>",
                left + slot * 0.1,
                BOTTOM + 16.0
            ));
        }
    }
    figure(title, what, &svg, "")
}

fn figure(title: &str, what: &str, svg: &str, key: &str) -> String {
    format!(
        "<figure><figcaption>{title} <small>{what}</small></figcaption>\
         <svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">{svg}</svg>{key}</figure>\n"
    )
}

fn key(lines: &[Line<'_>]) -> String {
    let items: Vec<String> = lines
        .iter()
        .filter(|line| !line.points.is_empty())
        .map(|line| format!("<span><i class=\"{}\"></i>{}</span>", line.class, line.name))
        .collect();
    format!("<div class=\"key\">{}</div>", items.concat())
}

/// A line with its gaps; a single point between two is a dot.
fn drawn(line: &Line<'_>, x: &Axis, y: &Axis) -> String {
    line.points.split(|(_, value)| !value.is_finite()).map(|part| stretch(line, part, x, y)).collect()
}

fn stretch(line: &Line<'_>, points: &[(f64, f64)], x: &Axis, y: &Axis) -> String {
    let places: Vec<(f64, f64)> = points.iter().map(|(px, py)| (across(x, *px), down(y, *py))).collect();
    match places[..] {
        [] => String::new(),
        [(px, py)] => format!("<circle class=\"{}\" cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"3\"/>", line.class),
        _ => {
            let points: Vec<String> = places.iter().map(|(px, py)| format!("{px:.1},{py:.1}")).collect();
            let (class, points, name) = (line.class, points.join(" "), line.name);
            format!("<polyline class=\"{class}\" points=\"{points}\"><title>{name}</title></polyline>")
        }
    }
}

fn x_labels(axis: &Axis, what: &str) -> Vec<(f64, String)> {
    if what == PERCENTILE_AXIS {
        let names = ["0", "90", "99", "99.9", "99.99"];
        let labelled = names.iter().enumerate().map(|(nines, name)| (nines as f64, (*name).to_owned()));
        // One at the right edge would be cut off.
        return labelled.filter(|(nines, _)| axis.place(*nines) < 1.0).collect();
    }
    // There is no half a connection.
    let labelled = |tick: &f64| what != COUNT_AXIS || tick.fract() == 0.0;
    axis.ticks().into_iter().filter(labelled).map(|tick| (tick, y_label(tick, Y::Linear))).collect()
}

fn y_label(value: f64, kind: Y) -> String {
    match kind {
        Y::LogTime => duration(value as u64).replace(".00", "").replace(".0", ""),
        Y::Linear if value >= 10_000.0 => format!("{}k", value / 1000.0),
        Y::Linear => format!("{}", (value * 1000.0).round() / 1000.0),
    }
}

fn across(axis: &Axis, value: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * axis.place(value)
}

fn down(axis: &Axis, value: f64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * axis.place(value)
}

/// Marks an x axis that counts connections.
pub(super) const COUNT_AXIS: &str = "connections";
/// Where a line has no value.
pub(super) const GAP: f64 = f64::NAN;
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 548.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 212.0;
const MOST_BAR_LABELS: usize = 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_breaks_where_there_is_no_value_and_nothing_is_drawn_of_nothing() {
        let plot = Plot { title: "t", x: "x", y: "y", y_of: Y::LogTime };
        let line = |points| Line { name: "p50", class: "a", points };
        let broken = lines(&plot, &[line(vec![(1.0, 5.0), (2.0, 6.0), (3.0, GAP), (4.0, 7.0)])]);
        assert_eq!((broken.matches("<polyline").count(), broken.matches("<circle").count()), (1, 1));
        assert!(!broken.contains("NaN"), "{broken}");
        assert_eq!(lines(&plot, &[line(vec![(1.0, GAP)])]), "");
        let early = lines(&plot, &[line(vec![(1.0, 5.0), (2.0, 6.0), (5.0, GAP)])]);
        assert!(early.contains(">5</text>"), "the axis goes on where the line has ended: {early}");
    }

    #[test]
    fn connections_are_counted_in_whole_numbers() {
        let line = || Line { name: "came", class: "a", points: vec![(1.0, 5.0), (2.0, 6.0)] };
        let plot = Plot { title: "t", x: COUNT_AXIS, y: "y", y_of: Y::LogTime };
        let drawn = lines(&plot, &[line()]);
        assert!(drawn.contains(">2</text>") && !drawn.contains("1.5"), "{drawn}");
    }
}
