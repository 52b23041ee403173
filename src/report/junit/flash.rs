//! `flash`: a case for each board.

use std::time::Duration;

use super::{Case, CaseOutcome, Suite};
use crate::{
    device::flash::outcome::{Flashed, FlashedBoard},
    duration::Span,
    error::{Error, Fault},
};

impl Suite {
    /// The suite of a run of `flash`, which ended with this error.
    #[must_use]
    pub fn of_flash(flashed: &Flashed, error: Option<&Error>, span: Span) -> Self {
        let mut cases: Vec<_> = flashed.boards.iter().map(|it| board(it, error)).collect();
        let absent = || CaseOutcome::Skipped("the manifest has it, and it was not seen".to_owned());
        cases.extend(flashed.not_seen.iter().map(|mac| Case::new(mac.to_string(), absent())));
        cases.extend(flashed.image.as_ref().map(|image| {
            let says = format!("{} bytes in {}", image.size, image.path.display());
            Case::new("image", CaseOutcome::of(error)).took(span.took).says(says)
        }));
        if cases.is_empty() {
            cases.push(Case::new("flash", CaseOutcome::of(error)).took(span.took));
        }
        Self { name: "flash".to_owned(), started: span.started, took: span.took, cases }
    }
}

/// A board by its MAC address, or by its port when it did not say who it is.
fn board(board: &FlashedBoard, error: Option<&Error>) -> Case {
    let name = match &board.chip {
        Some(chip) => format!("{} at {}", chip.mac, board.port.path),
        None => board.port.path.clone(),
    };
    // A board that was stopped has no error of its own.
    let of_all = error.filter(|error| error.fault == Fault::Interrupted && board.is_unfinished());
    let outcome = match (&board.left_alone, board.error.as_ref().or(of_all)) {
        (_, Some(error)) => CaseOutcome::of(Some(error)),
        (Some(why), None) => CaseOutcome::Skipped(why.to_string()),
        (None, None) => CaseOutcome::Passed,
    };
    let took = [board.write_us, board.ready_us].into_iter().flatten().sum();
    let says = format!("{} bytes written", board.bytes_written);
    Case::new(name, outcome).took(Duration::from_micros(took)).says(says)
}
