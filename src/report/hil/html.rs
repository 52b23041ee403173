//! A run as one HTML file that needs nothing else: no script, no font, no network.

mod axis;
mod comparison;
mod detail;
mod failures;
mod icons;
mod lanes;
mod overview;
mod timeline;

use self::icons::state_badge;
use super::words;
use crate::{
    hil::{
        outcome::{HilRun, Progress, TargetKind},
        state::StepState,
    },
    report::markup::escaped,
};

/// The page of a run.
#[must_use]
pub fn html(run: &HilRun) -> String {
    let parts = [
        head(run),
        "<main>\n".to_owned(),
        overview::overview(run),
        failures::failures(run),
        comparison::comparison(run),
        timeline::boards(run),
        failures::findings(run),
        "</main>\n".to_owned(),
        foot(run),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{} ({}): esp-https hil</title><style>{STYLE}</style></head><body>\n{}{}</body></html>\n",
        escaped(&run.scenario),
        state_words(run),
        icons::SYMBOLS,
        parts.concat()
    )
}

/// What the run amounts to, and what it ran on.
fn head(run: &HilRun) -> String {
    let boards = match run.boards.len() {
        1 => escaped(&run.boards[0].board.name),
        many => format!("{many} boards"),
    };
    let facts = [
        ("target", format!("{} <small>{}</small>", escaped(&run.target), target_kind(run.target_kind))),
        ("ran on", boards),
        ("steps", steps(run)),
        ("took", words::span(run.duration_us)),
        ("began", escaped(&words::begun(&run.started))),
        ("firmware", firmware(run)),
    ];
    let facts = facts.map(|(label, value)| format!("<div><dt>{label}</dt><dd>{value}</dd></div>"));
    format!(
        "<header class=\"{}\"><p class=\"kind\">Hardware in the loop</p><h1>{}</h1>\
         <p class=\"verdict\">{} {}</p>\n<dl class=\"facts\">{}</dl></header>\n",
        icons::class(run.state),
        escaped(&run.scenario),
        if run.progress == Progress::Running { String::new() } else { state_badge(run.state) },
        words::verdict(run),
        facts.concat(),
    )
}

fn state_words(run: &HilRun) -> &'static str {
    if run.progress == Progress::Running { "not ended" } else { run.state.words() }
}

/// How many steps there are, and how they ended.
fn steps(run: &HilRun) -> String {
    let told = words::counts(run).into_iter().map(|(state, count)| {
        let (class, icon) = (icons::class(state), icons::state(state));
        format!("<span class=\"count {class}\">{icon} {}</span>", words::count_of(state, count))
    });
    told.collect::<Vec<_>>().concat()
}

fn firmware(run: &HilRun) -> String {
    let mut versions: Vec<&str> = Vec::new();
    for version in run.boards.iter().filter_map(|board| board.board.firmware.as_deref()) {
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    if versions.is_empty() { "not known".to_owned() } else { escaped(&versions.join(", ")) }
}

fn target_kind(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::Emulated => "emulated board",
        TargetKind::Board => "at a serial port",
        TargetKind::Address => "at an address",
    }
}

/// Where it comes from, and what the words for states mean.
fn foot(run: &HilRun) -> String {
    let row = |state: &StepState| {
        let exit = state.fault().map_or(0, crate::error::Fault::exit_code);
        format!("<div>{} <span>{} Exit code {exit}.</span></div>", state_badge(*state), meaning(*state))
    };
    format!(
        "<footer><details><summary>What the states mean</summary><div class=\"legend\">{}</div></details>\n\
         <p>The scenario is {}. The files are in {}: hil.json has all of this for programs, junit.xml for CI. \
         Made by esp-https {}.</p></footer>\n",
        StepState::ALL.iter().map(row).collect::<Vec<_>>().concat(),
        escaped(&run.file),
        escaped(&run.out),
        escaped(&run.version),
    )
}

fn meaning(state: StepState) -> &'static str {
    match state {
        StepState::Passed => "The step did what it should, and found nothing wrong.",
        StepState::Skipped => "It was left out on purpose.",
        StepState::NotRun => "It was not run, because an earlier step failed or the time was over.",
        StepState::CouldNotTell => "It could not be told whether the firmware is right.",
        StepState::Lab => {
            "The lab is at fault: a port, a cable, a supply, the network, this machine. It says nothing about the firmware."
        }
        StepState::Scenario => "The scenario asks for something that can't be done.",
        StepState::Regression => "The firmware is at fault: a finding, a gate, a panic, a broken protocol.",
        StepState::Bug => "There is a bug in esp-https.",
        StepState::Interrupted => "A signal ended the run.",
    }
}

const STYLE: &str = include_str!("html/style.css");
