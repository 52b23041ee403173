//! All that is known of one step.

use super::icons;
use crate::{
    hil::{
        log_event::LogEvent,
        outcome::{FileKind, StepError, StepFile, StepFinding, StepOutcome},
    },
    report::{
        hil::{figures, words},
        markup::{escaped, relative_link},
    },
};

/// The whole step: why it did not pass, its figures, findings, events and files.
pub(super) fn detail(step: &StepOutcome) -> String {
    let class = if step.error.is_some() { " class=\"aside\"" } else { "" };
    let says = step.says.as_ref().map(|says| format!("<p{class}>{}</p>", escaped(says)));
    let parts = [
        step.error.as_ref().map(error).unwrap_or_default(),
        says.unwrap_or_default(),
        earlier(&step.earlier_errors),
        figures(step),
        findings(&step.findings),
        events(&step.events),
        command(step),
        files(&step.files),
    ];
    let told = parts.concat();
    if told.is_empty() { "<p class=\"aside\">There is nothing more to say.</p>".to_owned() } else { told }
}

fn error(error: &StepError) -> String {
    let hint = error
        .hint
        .as_ref()
        .map_or_else(String::new, |hint| format!("<p class=\"try\"><b>Try:</b> {}</p>", escaped(hint)));
    format!(
        "<div class=\"error\"><p><b>{}</b></p><p class=\"aside\">{} <code>{}</code></p>{hint}{}</div>",
        escaped(&error.what),
        escaped(&error.doing),
        escaped(&error.code),
        evidence(&error.evidence),
    )
}

fn evidence(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
    format!("<pre tabindex=\"0\">{}</pre>", lines.join("\n"))
}

fn earlier(errors: &[StepError]) -> String {
    let told = errors.iter().enumerate().map(|(index, error)| {
        format!(
            "<li>attempt {}: {} <code>{}</code></li>",
            index + 1,
            escaped(&error.what),
            escaped(&error.code)
        )
    });
    let told = told.collect::<Vec<_>>().concat();
    if told.is_empty() { told } else { format!("<h4>Tried again</h4><ul>{told}</ul>") }
}

fn figures(step: &StepOutcome) -> String {
    let rows = figures::rows(&step.figures).into_iter();
    let rows = rows.map(|(label, value)| format!("<div><dt>{label}</dt><dd>{}</dd></div>", escaped(&value)));
    let rows = rows.collect::<Vec<_>>().concat();
    if rows.is_empty() { rows } else { format!("<dl class=\"facts small\">{rows}</dl>") }
}

fn findings(findings: &[StepFinding]) -> String {
    let row = |finding: &StepFinding| {
        let wanted = finding.wanted.as_deref().map_or_else(|| "-".to_owned(), escaped);
        let (kind, id, says) = (words::finding(finding.kind), escaped(&finding.id), escaped(&finding.says));
        format!("<tr><td>{kind}<td><code>{id}</code><td>{says}<td>{wanted}</tr>")
    };
    table("Checks and findings", &["kind", "name", "found", "wanted"], findings.iter().map(row))
}

fn events(events: &[LogEvent]) -> String {
    let row = |event: &LogEvent| {
        format!(
            "<tr class=\"{}\"><td>{}<td>{} {}<td>{}<td>{}</tr>",
            icons::blame_class(event.blame),
            words::span(event.at_us),
            icons::event(event.kind),
            words::event(event.kind),
            words::blame(event.blame),
            escaped(&event.text),
        )
    };
    table("On the serial port", &["at", "event", "whose doing", "text"], events.iter().map(row))
}

/// A table with a caption; nothing when it has no rows.
pub(super) fn table(caption: &str, heads: &[&str], rows: impl Iterator<Item = String>) -> String {
    let rows = rows.collect::<Vec<_>>().concat();
    if rows.is_empty() {
        return rows;
    }
    let heads: Vec<String> = heads.iter().map(|head| format!("<th scope=\"col\">{head}</th>")).collect();
    format!(
        "<div class=\"scroll\"><table><caption>{caption}</caption><thead><tr>{}</tr></thead><tbody>{rows}</tbody></table></div>",
        heads.concat()
    )
}

fn command(step: &StepOutcome) -> String {
    step.command.as_ref().map_or_else(String::new, |command| {
        format!(
            "<p class=\"command\"><span class=\"aside\">by hand:</span> <code>{}</code></p>",
            escaped(command)
        )
    })
}

fn files(files: &[StepFile]) -> String {
    let links = files.iter().map(|file| {
        format!("<li>{} <span class=\"aside\">{}</span></li>", link(&file.path), file_kind(file.kind))
    });
    let links = links.collect::<Vec<_>>().concat();
    if links.is_empty() { links } else { format!("<ul class=\"files\">{links}</ul>") }
}

/// A link to a file of the run; its name alone where it is elsewhere.
pub(super) fn link(path: &str) -> String {
    match relative_link(path) {
        Some(href) => format!("<a href=\"{href}\">{}</a>", escaped(path)),
        None => format!("<code>{}</code>", escaped(path)),
    }
}

fn file_kind(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Document => "JSON document",
        FileKind::Output => "what it printed",
        FileKind::Certificate => "certificate",
        FileKind::Capture => "conversation, for Wireshark",
        FileKind::Report => "report",
    }
}
