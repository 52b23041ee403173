//! What went wrong, first of all; and what was found that decides nothing.

use super::{
    detail::{detail, table},
    icons, timeline,
};
use crate::{
    hil::outcome::{FindingKind, HilRun},
    report::{
        hil::words::{self, Place},
        markup::escaped,
    },
};

/// A card for each step that did not pass, the most urgent first.
pub(super) fn failures(run: &HilRun) -> String {
    let cards: Vec<String> = words::failures(run).into_iter().map(card).collect();
    if cards.is_empty() {
        return String::new();
    }
    format!("<section><h2>What went wrong</h2>\n{}</section>\n", cards.concat())
}

fn card(place: Place<'_>) -> String {
    let Place { board, step, .. } = place;
    let when = step.start_us.zip(step.duration_us).map_or_else(String::new, |(start, took)| {
        format!(", begun at {}, took {}", words::span(start), words::span(took))
    });
    format!(
        "<article class=\"card {}\"><h3>{} <a href=\"#{}\">{}</a> <span class=\"aside\">{} on {}{when}</span></h3>{}</article>\n",
        icons::class(step.state),
        icons::state_badge(step.state),
        timeline::id(place),
        escaped(&step.name),
        escaped(&step.kind),
        escaped(&board.board.name),
        detail(step),
    )
}

/// Findings that no check is about, each once, with the steps that have it.
pub(super) fn findings(run: &HilRun) -> String {
    let mut found: Vec<(&str, &str, Vec<String>)> = Vec::new();
    for place in words::places(run) {
        for finding in place.step.findings.iter().filter(|finding| finding.kind == FindingKind::Finding) {
            let (id, says) = (finding.id.as_str(), finding.says.as_str());
            let link = format!(
                "<a href=\"#{}\">{}, {}</a>",
                timeline::id(place),
                escaped(&place.board.board.name),
                escaped(&place.step.name)
            );
            match found.iter_mut().find(|(known, text, _)| (*known, *text) == (id, says)) {
                Some((_, _, links)) => links.push(link),
                None => found.push((id, says, vec![link])),
            }
        }
    }
    let row = |(id, says, links): (&str, &str, Vec<String>)| {
        format!("<tr><td><code>{}</code><td>{}<td>{}</tr>", escaped(id), escaped(says), links.join("<br>"))
    };
    let table = table(
        "What the device should do better; without a check on it, it decides nothing",
        &["name", "found", "where"],
        found.into_iter().map(row),
    );
    if table.is_empty() { table } else { format!("<section><h2>Findings</h2>{table}</section>\n") }
}
