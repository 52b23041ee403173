//! The time line of each board: its steps as bars, and below them what was measured and printed meanwhile.

use super::{
    axis::TimeAxis,
    detail::{detail, link},
    icons, lanes,
};
use crate::{
    hil::outcome::{BoardIdentity, BoardRun, HilRun, StepOutcome},
    report::{
        hil::words::{self, Place},
        markup::escaped,
    },
};

/// A section for each board.
pub(super) fn boards(run: &HilRun) -> String {
    let axis = TimeAxis::of(run);
    run.boards.iter().enumerate().map(|(index, board)| section(index, board, &axis)).collect()
}

/// The name of a step's row, for links.
pub(super) fn id(place: Place<'_>) -> String {
    format!("b{}s{}", place.board_index, place.step_index)
}

fn section(board_index: usize, board: &BoardRun, axis: &TimeAxis) -> String {
    let steps = board.steps.iter().enumerate();
    let steps = steps.map(|(step_index, step)| row(Place { board_index, board, step_index, step }, axis));
    format!(
        "<section class=\"board\" id=\"b{board_index}\"><h2>{} {}</h2>\n{}<div class=\"lanes\" style=\"--tick:{:.4}%\">\n{}{}{}</div></section>\n",
        escaped(&board.board.name),
        icons::state_badge(board.state),
        identity(&board.board, board.serial_log.as_deref()),
        axis.tick_percent(),
        scale(axis),
        steps.collect::<Vec<_>>().concat(),
        lanes::lanes(board, axis),
    )
}

fn identity(board: &BoardIdentity, serial_log: Option<&str>) -> String {
    let fact = |label: &str, value: Option<&String>| {
        value.map_or_else(String::new, |value| format!("<span>{label} <b>{}</b></span> ", escaped(value)))
    };
    let cert = board.cert_sha256.as_ref().map(|sha| {
        let short: String = sha.chars().take(16).collect();
        if short.len() < sha.len() { format!("{short}..") } else { short }
    });
    let log = serial_log.map_or_else(String::new, |path| format!("<span>serial log {}</span>", link(path)));
    format!(
        "<p class=\"identity\">{}{}{}{}{}{log}</p>\n",
        fact("MAC", board.mac.as_ref()),
        fact("port", board.port.as_ref()),
        fact("address", board.address.as_ref()),
        fact("firmware", board.firmware.as_ref()),
        fact("certificate", cert.as_ref()),
    )
}

fn scale(axis: &TimeAxis) -> String {
    let labels = axis
        .labels()
        .into_iter()
        .map(|(percent, label)| format!("<i style=\"left:{percent:.2}%\">{label}</i>"));
    format!(
        "<div class=\"row scale\"><span class=\"what\">step</span><span class=\"track\">{}</span><span class=\"num\">took</span>\
         <span class=\"num\">handshake</span></div>\n",
        labels.collect::<Vec<_>>().concat()
    )
}

/// A step: its bar, and all that is known of it when it is opened.
fn row(place: Place<'_>, axis: &TimeAxis) -> String {
    let step = place.step;
    let took = step.duration_us.map(words::span);
    let tries = if step.attempts > 1 {
        format!("<small>, {} attempts</small>", step.attempts)
    } else {
        String::new()
    };
    format!(
        "<details class=\"step {}\" id=\"{}\"><summary class=\"row\"><span class=\"what\">{}<span><b>{}</b> \
         <small>{}{}</small>{tries}</span></span><span class=\"track\">{}</span><span class=\"num\">{}</span><span class=\"num\">{}</span></summary>\
         <div class=\"detail\">{}</div></details>\n",
        icons::class(step.state),
        id(place),
        icons::state(step.state),
        escaped(&step.name),
        escaped(&step.kind),
        if step.state == crate::hil::state::StepState::Passed {
            String::new()
        } else {
            format!(", {}", step.state.words())
        },
        bar(step, axis),
        took.unwrap_or_default(),
        step.figures.handshake_us.map(words::span).unwrap_or_default(),
        detail(step),
    )
}

fn bar(step: &StepOutcome, axis: &TimeAxis) -> String {
    let (Some(start), Some(took)) = (step.start_us, step.duration_us) else { return String::new() };
    let (left, right) = (axis.percent(start), axis.percent(start.saturating_add(took)));
    let events = step.events.iter().map(|event| lanes::mark(event, axis)).collect::<Vec<_>>().concat();
    format!("<span class=\"bar\" style=\"left:{left:.3}%;width:{:.3}%\"></span>{events}", right - left)
}
