//! The command under test, and what a run of it gave.

use std::ops::Deref;

use support::run;
pub(crate) use support::{certificates::Folder, document::parse_valid};

/// What a run of `esp-https probe --json` gave.
pub(crate) struct Run(run::Run);

impl Run {
    /// The error: exit code, stable code, what happened.
    pub(crate) fn error(&self) -> (i32, &str, &str) {
        let error = &self.document["error"];
        (self.code, error["code"].as_str().unwrap_or("none"), error["what"].as_str().unwrap_or_default())
    }
}

impl Deref for Run {
    type Target = run::Run;

    fn deref(&self) -> &run::Run {
        &self.0
    }
}

/// Runs `esp-https probe --json` and validates the document.
pub(crate) fn probe<S: AsRef<str>>(args: &[S]) -> Run {
    Run(run::Run::new("probe", args))
}

/// Runs `esp-https probe` for its text: exit code, standard output, standard error.
pub(crate) fn probe_text<S: AsRef<str>>(args: &[S]) -> (i32, String, String) {
    run::text("probe", args)
}
