//! Icons: each state and each kind of event has a shape of its own, so that nothing is told by colour alone.

use crate::hil::{
    log_event::{Blame, LogEventKind},
    state::StepState,
};

/// The class of a state, which gives its colour.
pub(super) fn class(state: StepState) -> &'static str {
    match state {
        StepState::Passed => "passed",
        StepState::Skipped | StepState::NotRun => "idle",
        StepState::CouldNotTell => "unsure",
        StepState::Lab => "lab",
        StepState::Scenario => "scenario",
        StepState::Regression | StepState::Bug => "bad",
        StepState::Interrupted => "stopped",
    }
}

/// The icon of a state; its word stands beside it.
pub(super) fn state(state: StepState) -> String {
    icon(match state {
        StepState::Passed => "passed",
        StepState::Skipped => "skipped",
        StepState::NotRun => "not-run",
        StepState::CouldNotTell => "unsure",
        StepState::Lab => "lab",
        StepState::Scenario => "scenario",
        StepState::Regression => "bad",
        StepState::Bug => "bug",
        StepState::Interrupted => "stopped",
    })
}

/// A state with its icon and its word.
pub(super) fn state_badge(of: StepState) -> String {
    format!("<span class=\"badge {}\">{} {}</span>", class(of), state(of), of.words())
}

/// The icon of an event.
pub(super) fn event(kind: LogEventKind) -> String {
    icon(match kind {
        LogEventKind::Ready => "ready",
        LogEventKind::Reset => "reset",
        LogEventKind::Panic => "bad",
        LogEventKind::Fault => "scenario",
        LogEventKind::HeapLow => "heap",
        LogEventKind::PortGone => "gone",
        LogEventKind::PortBack => "lab",
    })
}

/// The class of whoever is to blame.
pub(super) fn blame_class(blame: Blame) -> &'static str {
    match blame {
        Blame::None => "plain",
        Blame::Lab => "lab",
        Blame::Firmware => "bad",
    }
}

fn icon(name: &str) -> String {
    format!("<svg class=\"i\" aria-hidden=\"true\"><use href=\"#i-{name}\"/></svg>")
}

/// The shapes, 16 by 16, once for the page.
pub(super) const SYMBOLS: &str = include_str!("icons.svg");
