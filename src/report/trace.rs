//! A conversation as text: one line a message, below one line a record.

use std::io::{self, Write};

use super::{Paint, printable::printable};
use crate::tls::{
    keys::Side,
    trace::{Protection, Trace, TracedMessage, TracedRecord},
};

/// Writes the conversation.
pub(super) fn conversation(trace: &Trace, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    writeln!(out, "{}", paint.strong("conversation"))?;
    writeln!(
        out,
        "  {}",
        paint.faint("     time        record: content type, version, length   book's step")
    )?;
    trace.records.iter().try_for_each(|it| record(it, out, paint))?;
    if let Some(broken) = &trace.broken {
        writeln!(out, "  {} {}", paint.bad("broken:"), printable(broken))?;
    }
    if !trace.differences.is_empty() {
        writeln!(out, "\n{}", paint.strong("the book's steps in this version"))?;
        for difference in &trace.differences {
            writeln!(out, "  {:<19} {}", difference.steps, difference.what)?;
        }
    }
    Ok(())
}

fn record(record: &TracedRecord, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    let time = format!("{:>7}.{} ms", record.at_us / 1000, record.at_us % 1000 / 100);
    let arrow = match record.from {
        Side::Client => "->",
        Side::Server => "<-",
    };
    let header = format!("{}, {}, {}", record.content_type, record.version, record.length);
    let lock = match record.protection {
        Protection::None => "",
        Protection::Opened => ", encrypted",
        Protection::Closed => ", encrypted, not opened",
    };
    writeln!(out, "  {time}  {} {}", paint.strong(arrow), paint.faint(format!("{header}{lock}")))?;
    if record.messages.is_empty() {
        return writeln!(out, "{:15}{}", "", paint.faint("(part of a message)"));
    }
    record.messages.iter().try_for_each(|it| message(it, out, paint))
}

fn message(message: &TracedMessage, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    let step = message.step.map_or("  -".to_owned(), |step| format!("{step:>3}"));
    let detail =
        if message.detail.is_empty() { String::new() } else { format!(": {}", printable(&message.detail)) };
    let named = format!("{}{detail}", paint.strong(&message.name));
    writeln!(
        out,
        "{:15}{step}  {named} {}",
        "",
        paint.faint(format!("({}; {} bytes)", message.meaning, message.size))
    )
}
