//! Something that is good to know about a command's result, and is no fault.

use serde::Serialize;

/// A note; `C` names the notes of one command.
#[derive(Debug, Clone, Serialize)]
pub struct Note<C> {
    /// A stable name for scripts.
    pub code: C,
    /// The same in a sentence.
    pub text: String,
}
