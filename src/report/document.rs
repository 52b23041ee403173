//! The JSON document that `--json` writes: the same envelope for every verb and every exit.

use serde::Serialize;

use crate::error::Error;

/// `{"schema": "esp-https/<verb>/1", "exit_code": n, "result": {..}|null, "error": {..}|null}`.
#[derive(Debug, Serialize)]
pub struct Document<'a, T: Serialize> {
    /// `esp-https/<verb>/1`.
    pub schema: String,
    /// The exit code of the process, 0 to 130.
    pub exit_code: u8,
    /// What the command found or made; null when it could not.
    pub result: Option<&'a T>,
    /// What went wrong; null when nothing did.
    pub error: Option<&'a Error>,
}

impl<'a, T: Serialize> Document<'a, T> {
    /// The document of a run that has a result, and an error too where a check failed.
    #[must_use]
    pub fn new(verb: &str, result: Option<&'a T>, error: Option<&'a Error>) -> Self {
        let exit_code = error.map_or(0, |error| error.fault.exit_code());
        Self { schema: format!("esp-https/{verb}/1"), exit_code, result, error }
    }
}
