//! What an audit reports of each question: yes, no or inconclusive, and on what evidence.

use serde::Serialize;

use crate::client::alert::Alert;

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Where it stands in a report.
    #[serde(skip)]
    pub section: Section,
    /// A stable name for scripts, e.g. `version.tls1_2`.
    pub id: &'static str,
    /// What was asked, for a person.
    pub title: &'static str,
    /// The answer.
    pub verdict: Verdict,
    /// More than yes or no, where there is more: a size in bytes, a protocol, names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// What the answer rests on.
    pub evidence: Evidence,
}

/// What a question belongs to. Each has one, so that none is left out of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Section {
    /// Protocol versions.
    Versions,
    /// TLS 1.3: suites, groups, and whose order counts.
    Tls13,
    /// TLS 1.2: families of cipher suites.
    Tls12,
    /// Extensions, and what is negotiated like one.
    Extensions,
    /// Resumption and early data.
    Sessions,
    /// Unusual hellos, and large requests.
    HellosAndRequests,
    /// What `--all` adds.
    Everything,
}

impl Section {
    /// All of them, in the order of a report.
    pub const ALL: [Self; 7] = [
        Self::Versions,
        Self::Tls13,
        Self::Tls12,
        Self::Extensions,
        Self::Sessions,
        Self::HellosAndRequests,
        Self::Everything,
    ];

    /// Its heading.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::Versions => "versions",
            Self::Tls13 => "TLS 1.3",
            Self::Tls12 => "TLS 1.2",
            Self::Extensions => "extensions",
            Self::Sessions => "sessions",
            Self::HellosAndRequests => "hellos and requests",
            Self::Everything => "all of it",
        }
    }
}

/// The answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// The server does it.
    Yes,
    /// The server says, by an alert or by a repeated close in good health, that it does not.
    No,
    /// It can't be told: the server was busy, silent or gone.
    Inconclusive,
    /// Not asked: a limit of ours was reached, the run was interrupted, or it takes a handshake that can't be completed.
    Skipped,
    /// Not asked, because another answer leaves nothing to ask.
    NotApplicable,
}

/// More than yes or no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Value {
    /// A number of bytes.
    Bytes(u64),
    /// A word of the server's.
    Text(String),
    /// Several.
    List(Vec<String>),
}

/// What an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// In a few words, e.g. `alert protocol_version`.
    pub says: String,
    /// The alert's name; null when there was none.
    pub alert: Option<&'static str>,
    /// How many connections it took; 0 when other questions' answers tell.
    pub attempts: u32,
}

impl Evidence {
    /// What other answers tell, at no connection of its own.
    pub(super) fn known(says: impl Into<String>) -> Self {
        Self { says: says.into(), alert: None, attempts: 0 }
    }

    pub(super) fn seen(says: impl Into<String>, attempts: u32) -> Self {
        Self { says: says.into(), alert: None, attempts }
    }

    pub(super) fn alert(alert: Alert, attempts: u32) -> Self {
        let name = alert.name();
        let says = if name == "unknown" { format!("alert {}", alert.code) } else { format!("alert {name}") };
        Self { says, alert: Some(name), attempts }
    }
}

impl Item {
    /// In a run that was interrupted: what is open and no connection was spent on has not been asked.
    pub(super) fn skip_unless_asked(&mut self) {
        if self.verdict == Verdict::Inconclusive && self.evidence.attempts == 0 {
            (self.verdict, self.evidence) = (Verdict::Skipped, Evidence::known(INTERRUPTED));
        }
    }

    /// Whether asking again in the same way may tell more. Not so where the question takes a handshake that can't be
    /// completed: for want of a client certificate, or because the server speaks nothing that this tool completes.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.verdict {
            Verdict::Inconclusive => true,
            Verdict::Skipped => {
                ![NEEDS_CERTIFICATE, NEEDS_VERSION, NEEDS_SUITE].contains(&&*self.evidence.says)
            }
            Verdict::Yes | Verdict::No | Verdict::NotApplicable => false,
        }
    }

    /// Whether the answer is a plain yes.
    pub(super) fn is_yes(&self) -> bool {
        self.verdict == Verdict::Yes
    }
}

/// Names an item before it is answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject {
    pub(super) section: Section,
    pub(super) id: &'static str,
    pub(super) title: &'static str,
}

impl Subject {
    pub(super) fn item(self, verdict: Verdict, evidence: Evidence) -> Item {
        Item { section: self.section, id: self.id, title: self.title, verdict, value: None, evidence }
    }

    pub(super) fn with(self, verdict: Verdict, value: Value, evidence: Evidence) -> Item {
        Item { section: self.section, id: self.id, title: self.title, verdict, value: Some(value), evidence }
    }

    /// Not asked, and why.
    pub(super) fn skipped(self, why: &str) -> Item {
        self.item(Verdict::Skipped, Evidence::known(why))
    }

    /// Nothing to ask, and why.
    pub(super) fn moot(self, why: impl Into<String>) -> Item {
        self.item(Verdict::NotApplicable, Evidence::known(why))
    }
}

/// Why questions are skipped that nobody without a client certificate can ask.
pub(super) const NEEDS_CERTIFICATE: &str = "needs a client certificate: --client-cert and --client-key";
/// Why questions are skipped of a server of older versions.
pub(super) const NEEDS_VERSION: &str = "needs a completed handshake; this tool completes TLS 1.2 and 1.3";
/// Why questions are skipped of a server with other suites.
pub(super) const NEEDS_SUITE: &str =
    "needs a completed handshake; this tool completes TLS 1.2 by ECDHE with AES-GCM or ChaCha20";
/// Why questions are skipped in a run that was interrupted.
pub(super) const INTERRUPTED: &str = "interrupted";
