//! Errors as a person reads them: what was being done, what happened, what to try. Grouped by whose fault it was,
//! with one map from there to the exit code, and named by a code for scripts.

mod code;

use std::{error::Error as StdError, fmt};

use serde::{Deserialize, Serialize};

pub use self::code::{Code, CodeGroup};

/// Whose fault an error was. Decides the exit code, and nothing else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// A check, a gate or an expectation failed: the tool worked, the answer is bad.
    Finding,
    /// The command line, or a file named on it, asks for something that can't be done.
    Usage,
    /// It could not be told: the peer was busy or the evidence contradicts itself.
    Inconclusive,
    /// The machine lacks something: a folder, a port, QEMU, a toolchain.
    Environment,
    /// The device can't be reached, or says that it can't serve.
    Device,
    /// The peer answered, and broke the protocol.
    Peer,
    /// Our bug.
    Bug,
    /// Ctrl-C or SIGTERM.
    Interrupted,
}

impl Fault {
    /// The process's exit code for this fault: 1, 2, 3, 4, 5, 70 or 130.
    ///
    /// ```
    /// use esp_https::error::Fault;
    ///
    /// assert_eq!(Fault::Peer.exit_code(), 5);
    /// ```
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Finding => 1,
            Self::Usage => 2,
            Self::Inconclusive => 3,
            Self::Environment | Self::Device => 4,
            Self::Peer => 5,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }
}

/// An error for the user.
///
/// Built where a library error, which states facts, meets the command that knows what the user wanted.
#[derive(Debug, Serialize)]
pub struct Error {
    /// Whose fault it was.
    pub fault: Fault,
    /// The stable name for scripts.
    pub code: Code,
    /// What was being done, as in "writing /tmp/cacert.pem": names the path, the port or the address.
    pub doing: String,
    /// What happened, in one sentence without a full stop.
    pub what: String,
    /// The last lines of a board, or of another program, that belong to the error. Left out when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Box<Evidence>>,
    /// What to try next, if anything is known to help.
    #[serde(rename = "try")]
    pub hint: Option<String>,
    /// The error below this one.
    #[serde(skip)]
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Lines that others wrote, oldest first; boxed in the error, so that results stay small.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Evidence {
    /// The lines.
    pub lines: Vec<String>,
}

impl Error {
    /// An error with no hint and no cause yet; see [`Error::hint`] and [`Error::source`].
    ///
    /// `fault` is one of [`Code::faults`]; a debug build stops when it is not. Where `esp-https doctor` can tell more, the hint
    /// says so.
    pub fn new(fault: Fault, code: Code, doing: impl Into<String>, what: impl Into<String>) -> Self {
        debug_assert!(code.faults().contains(&fault), "{fault:?} is not among the faults of {code}");
        let hint = code.is_checked_by_doctor().then(|| SEE_DOCTOR.to_owned());
        Self { fault, code, doing: doing.into(), what: what.into(), evidence: None, hint, source: None }
    }

    /// The same for a second place in a document; its cause stays with the first.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        let evidence =
            self.evidence.as_ref().map(|evidence| Box::new(Evidence { lines: evidence.lines.clone() }));
        let (doing, what, hint) = (self.doing.clone(), self.what.clone(), self.hint.clone());
        Self { fault: self.fault, code: self.code, doing, what, evidence, hint, source: None }
    }

    /// The same error with advice on what to try.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        let more = self.code.is_checked_by_doctor();
        self.hint = Some(if more { format!("{hint}\n{SEE_DOCTOR}") } else { hint });
        self
    }

    /// The same error with the advice of its code, for an error that needs no other.
    #[must_use]
    pub fn advised(self) -> Self {
        let hint = self.code.hint();
        self.hint(hint)
    }

    /// The same error with what others said about it, oldest line first.
    #[must_use]
    pub fn evidence(mut self, lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let lines: Vec<String> = lines.into_iter().map(Into::into).collect();
        self.evidence = (!lines.is_empty()).then(|| Box::new(Evidence { lines }));
        self
    }

    /// The same error with its cause.
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.doing, self.what)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
impl Error {
    /// The exit code, the code, and all that a person is told, for snapshots.
    pub(crate) fn told(&self) -> String {
        let hint = self
            .hint
            .as_deref()
            .map_or_else(String::new, |hint| format!("  try: {}\n", hint.replace('\n', "\n       ")));
        format!("{} {}: {self}\n{hint}", self.fault.exit_code(), self.code)
    }
}

/// The end of the hints of errors that have to do with what `doctor` checks.
const SEE_DOCTOR: &str = "to check everything that the commands need: esp-https doctor";

/// What a command returns when it can't give its result.
pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::{Code, Error, Fault};

    #[test]
    fn what_doctor_checks_is_said_to_be_checked_by_it_once() {
        let new = |code, fault| Error::new(fault, code, "doing", "what");
        let hint = |error: Error| error.hint.unwrap_or_default();
        let see = "to check everything that the commands need: esp-https doctor";
        assert_eq!(hint(new(Code::PORT_OTHER, Fault::Environment)), see);
        assert_eq!(
            hint(new(Code::PORT_OTHER, Fault::Environment).hint("try this")),
            format!("try this\n{see}")
        );
        assert_eq!(
            hint(new(Code::PORT_OTHER, Fault::Environment).hint("try this").duplicate()),
            format!("try this\n{see}")
        );
        assert_eq!(hint(new(Code::PORT_REMOTE, Fault::Usage).hint("try this")), "try this");
        assert_eq!(new(Code::PORT_REMOTE, Fault::Usage).hint, None);
    }

    #[test]
    fn every_fault_has_the_exit_code_of_the_design() {
        let codes = [
            (Fault::Finding, 1),
            (Fault::Usage, 2),
            (Fault::Inconclusive, 3),
            (Fault::Environment, 4),
            (Fault::Device, 4),
            (Fault::Peer, 5),
            (Fault::Bug, 70),
            (Fault::Interrupted, 130),
        ];
        for (fault, code) in codes {
            assert_eq!(fault.exit_code(), code, "{fault:?}");
        }
    }
}
