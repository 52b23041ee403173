//! How results are shown: the only place besides `main.rs` that prints. Sees result data, never how it came about.

mod audit;
mod certgen;
mod ci_log;
mod console;
mod contents;
mod discover;
mod doctor;
mod document;
mod emulate;
mod exchange;
mod flash;
pub mod hil;
mod hosts;
mod init;
mod junit;
pub mod load;
mod manual;
mod markup;
mod monitor;
mod outputs;
mod pcapng;
mod printable;
mod probe;
mod progress;
mod stderr;
mod step;
mod style;
mod trace;

pub use console::{Console, Form};
pub use contents::print_contents;
pub use document::{Document, to_document};
pub use hil::step_line;
pub use junit::{Case, CaseOutcome, Suite, junit};
pub use pcapng::{pcapng, without_secrets};
pub use progress::ProgressLines;
pub use stderr::Chatter;
pub use step::Step;
pub use style::Paint;

use std::{
    io::{self, Write},
    path::Path,
};

use serde::Serialize;

use crate::output::Place;

/// A command's result: data that can be shown as text for a person and as JSON for a script.
///
/// The serialised form is a contract: `docs/schema/<verb>.json` describes it and a test validates real output.
pub trait Report: Serialize {
    /// Writes the result for a person: at most 110 columns, colour only through `paint`, a trailing newline.
    ///
    /// # Errors
    /// Those of the writer.
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()>;
}

/// Where the lines of a board go, for a person: it may be a device that keeps nothing.
fn written_to(log: &Path) -> String {
    format!("written to {}", Place::parse(log).name())
}
