//! What is wrong with a scenario, each with its place.

use std::fmt;

use serde::Serialize;

/// Something that is wrong with a scenario.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ScenarioFault {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What it is about, e.g. `step "handshake", expect-version`; empty for the file as a whole.
    pub about: String,
    /// What is wrong, in one sentence without a full stop.
    pub says: String,
}

impl fmt::Display for ScenarioFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        if !self.about.is_empty() {
            write!(f, "{}: ", self.about)?;
        }
        f.write_str(&self.says)
    }
}
