//! What an audit reports of each question: yes, no or inconclusive, and on what evidence.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::skip::SkipReason;
use crate::cert::facts::PublicKeyInfo;
use crate::tls::{AlertDescription, NamedGroup, Suite, message::KeyExchangeGroup};

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What was asked.
    #[serde(flatten)]
    pub subject: Subject,
    /// The answer.
    pub verdict: Verdict,
    /// More than yes or no, where there is more: a size in bytes, a protocol, names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// What the answer rests on.
    pub evidence: Evidence,
}

/// What is asked. Each file of `questions` lists its own in `SUBJECTS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// What it belongs to, and where it stands in a report.
    #[serde(skip)]
    pub section: Section,
    /// A stable name for scripts.
    pub id: ItemId,
    /// What is asked, for a person.
    pub title: &'static str,
    /// Whether the answer has a number.
    #[serde(skip)]
    pub measure: Measure,
}

/// Whether the answer to a question has a number, which a policy can set a limit to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// It has none.
    None,
    /// A number of bytes.
    Bytes,
}

/// The stable name of a question, e.g. `version.tls1_2`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ItemId(&'static str);

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
    /// SSL 3.0 to TLS 1.1: obsolete families of cipher suites.
    BeforeTls12,
    /// The keys of the server: of its certificate, and of its key exchange.
    Keys,
    /// Extensions, and what is negotiated like one.
    Extensions,
    /// Resumption and early data.
    Sessions,
    /// Unusual hellos, and large requests.
    HellosAndRequests,
    /// What `--all` adds; it is reported by version.
    Everything,
}

impl Section {
    /// All of them, in the order of a report.
    pub const ALL: [Self; 9] = [
        Self::Versions,
        Self::Tls13,
        Self::Tls12,
        Self::BeforeTls12,
        Self::Keys,
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
            Self::BeforeTls12 => "before TLS 1.2",
            Self::Keys => "keys",
            Self::Extensions => "extensions",
            Self::Sessions => "sessions",
            Self::HellosAndRequests => "hellos and requests",
            Self::Everything => "all of it",
        }
    }
}

/// The answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Whose order counts.
    Order(Order),
    /// Cipher suites.
    Suites(Vec<Suite>),
    /// Named groups.
    Groups(Vec<NamedGroup>),
    /// A public key; serialised as it prints.
    #[serde(serialize_with = "as_printed")]
    Key(PublicKeyInfo),
    /// The group of a key exchange.
    Group(KeyExchangeGroup),
    /// Names of the server's.
    Names(Vec<String>),
}

fn as_printed<S: Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// What an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// In a few words, e.g. `alert protocol_version`.
    pub says: Grounds,
    /// The alert; null when there was none.
    pub alert: Option<AlertDescription>,
    /// How many connections it took; 0 when other questions' answers tell.
    pub attempts: u32,
}

/// What an answer rests on, in a few words. Prints, and serialises, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grounds {
    /// What the server did, or did not do.
    Seen(String),
    /// Why the server was not asked.
    NotAsked(SkipReason),
}

impl Evidence {
    /// What other answers tell, at no connection of its own.
    pub(super) fn known(says: impl Into<Grounds>) -> Self {
        Self { says: says.into(), alert: None, attempts: 0 }
    }

    pub(super) fn seen(says: impl Into<Grounds>, attempts: u32) -> Self {
        Self { says: says.into(), alert: None, attempts }
    }

    pub(super) fn alert(alert: AlertDescription, attempts: u32) -> Self {
        let says = match alert.known_name() {
            Some(name) => format!("alert {name}"),
            None => format!("alert {}", alert.0),
        };
        Self { alert: Some(alert), ..Self::seen(says, attempts) }
    }
}

impl Item {
    /// In a run that was interrupted: what is open and no connection was spent on has not been asked.
    pub(super) fn skip_unless_asked(&mut self) {
        if self.verdict == Verdict::Inconclusive && self.evidence.attempts == 0 {
            (self.verdict, self.evidence) = (Verdict::Skipped, Evidence::known(SkipReason::Interrupted));
        }
    }

    /// Whether asking again in the same way may tell more. Not so where the question takes a handshake that can't be
    /// completed: for want of a client certificate, or because the server speaks nothing that this tool completes.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match (self.verdict, &self.evidence.says) {
            (Verdict::Inconclusive, _) => true,
            (Verdict::Skipped, Grounds::NotAsked(reason)) => !reason.is_lasting(),
            (Verdict::Skipped, Grounds::Seen(_)) => true,
            (Verdict::Yes | Verdict::No | Verdict::NotApplicable, _) => false,
        }
    }

    /// Whether the answer is a plain yes.
    pub(super) fn is_yes(&self) -> bool {
        self.verdict == Verdict::Yes
    }
}

impl Subject {
    /// Names a question.
    pub(super) const fn new(section: Section, id: &'static str, title: &'static str) -> Self {
        Self { section, id: ItemId(id), title, measure: Measure::None }
    }

    /// Names a question whose answer has a number of bytes.
    pub(super) const fn in_bytes(section: Section, id: &'static str, title: &'static str) -> Self {
        Self { measure: Measure::Bytes, ..Self::new(section, id, title) }
    }

    pub(super) fn item(self, verdict: Verdict, evidence: Evidence) -> Item {
        Item { subject: self, verdict, value: None, evidence }
    }

    pub(super) fn with(self, verdict: Verdict, value: Value, evidence: Evidence) -> Item {
        Item { value: Some(value), ..self.item(verdict, evidence) }
    }

    /// Not asked, and why.
    pub(super) fn skipped(self, why: SkipReason) -> Item {
        self.item(Verdict::Skipped, Evidence::known(why))
    }

    /// Nothing to ask, and why.
    pub(super) fn not_applicable(self, why: impl Into<Grounds>) -> Item {
        self.item(Verdict::NotApplicable, Evidence::known(why))
    }
}

impl ItemId {
    /// Of the handshake before the questions, which may be the last thing that a server answers.
    pub(super) const FIRST_CHECK: Self = Self("health.before");

    /// Of the handshakes between the questions.
    pub(super) const CHECK: Self = Self("health.check");

    /// The text.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.0
    }
}

/// Whose order of preference counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The server's.
    Server,
    /// The client's: what is listed follows our offer.
    Client,
    /// It can't be told, or there is one only.
    Unknown,
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl From<String> for Grounds {
    fn from(seen: String) -> Self {
        Self::Seen(seen)
    }
}

impl From<&str> for Grounds {
    fn from(seen: &str) -> Self {
        Self::Seen(seen.to_owned())
    }
}

impl From<SkipReason> for Grounds {
    fn from(reason: SkipReason) -> Self {
        Self::NotAsked(reason)
    }
}

impl fmt::Display for Grounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seen(text) => f.pad(text),
            Self::NotAsked(reason) => reason.fmt(f),
        }
    }
}

impl Serialize for Grounds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
