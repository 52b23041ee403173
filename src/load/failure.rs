//! Why a unit of load failed: a closed list without an entry for "other".

use std::{fmt, io, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::shortage::Shortage;
use crate::tls::AlertDescription;

/// The class of a failure. Prints, and serialises, as one word: `refused`, `alert:internal_error`, `http_503`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Class {
    /// The name has no address.
    Dns,
    /// The host is there, but no socket accepts the connection.
    Refused,
    /// No route to the host or its network.
    Unreachable,
    /// No answer to the SYN in time.
    ConnectTimeout,
    /// The handshake was not done in time, however slowly its bytes came.
    HandshakeTimeout,
    /// The connection was reset before the handshake was done.
    ResetInHandshake,
    /// The peer sent a fatal alert (RFC 8446, section 6).
    Alert(AlertDescription),
    /// The certificate is not the expected one, or its key did not sign the handshake.
    Certificate,
    /// The peer broke TLS or HTTP, or speaks neither.
    Protocol,
    /// The connection ended, in whichever way, before the handshake was done or the answer was whole.
    ClosedEarly,
    /// The answer was not whole in time, however slowly its bytes came.
    ReadTimeout,
    /// A whole answer with a status of 400 or more.
    Http(u16),
    /// Still under way when the run's time and the grace after it were over.
    Deadline,
    /// This machine could not: out of ports, of file descriptors, of memory.
    Local,
}

/// What was under way when a unit failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The name was looked up.
    Lookup,
    /// The TCP connection was opened.
    Connect,
    /// The TLS handshake ran.
    Handshake,
    /// The request was sent and its answer awaited.
    Request,
}

/// A failed unit of load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{class}")]
pub struct Failure {
    /// Why.
    pub class: Class,
    /// What was under way.
    pub stage: Stage,
    /// What this machine lacked, where the class is [`Class::Local`].
    pub shortage: Option<Shortage>,
}

impl Class {
    /// What a failed system call on the way to `stage` says.
    #[must_use]
    pub fn of_io(error: &io::Error, stage: Stage) -> Self {
        use io::ErrorKind as Kind;
        match (error.kind(), stage) {
            (Kind::ConnectionRefused, _) => Self::Refused,
            (Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown, _) => Self::Unreachable,
            (Kind::TimedOut, Stage::Connect) => Self::ConnectTimeout,
            (Kind::TimedOut, Stage::Handshake) => Self::HandshakeTimeout,
            (Kind::TimedOut, _) => Self::ReadTimeout,
            (Kind::ConnectionReset | Kind::BrokenPipe, Stage::Connect | Stage::Handshake) => {
                Self::ResetInHandshake
            }
            (Kind::ConnectionReset | Kind::BrokenPipe | Kind::ConnectionAborted, _) => Self::ClosedEarly,
            _ => Self::Local,
        }
    }

    /// What a TLS error says.
    #[must_use]
    pub fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::AlertReceived(description) => Self::Alert((*description).into()),
            rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
                Self::Certificate
            }
            _ => Self::Protocol,
        }
    }

    /// Whether it is about reaching the device at all, about the device's answers, or about this machine.
    #[must_use]
    pub fn blame(self) -> Blame {
        match self {
            Self::Dns | Self::Refused | Self::Unreachable | Self::ConnectTimeout => Blame::Reach,
            Self::HandshakeTimeout
            | Self::ResetInHandshake
            | Self::ClosedEarly
            | Self::ReadTimeout
            | Self::Deadline => Blame::Device,
            Self::Alert(_) | Self::Protocol => Blame::Peer,
            Self::Certificate | Self::Http(_) => Blame::Answer,
            Self::Local => Blame::Machine,
        }
    }
}

/// Who has to do something about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The device was not reached.
    Reach,
    /// The device was reached and did not keep up.
    Device,
    /// The device broke the protocol, or says that we did.
    Peer,
    /// The device answered, and the answer is bad.
    Answer,
    /// This machine.
    Machine,
}

impl Failure {
    /// A failure of `class` while `stage` was under way.
    #[must_use]
    pub fn new(class: Class, stage: Stage) -> Self {
        Self { class, stage, shortage: None }
    }

    /// What a failed system call on the way to `stage` says.
    #[must_use]
    pub fn of_io(error: &io::Error, stage: Stage) -> Self {
        match Class::of_io(error, stage) {
            Class::Local => Self::of_this_machine(Shortage::of_io(error), stage),
            class => Self::new(class, stage),
        }
    }

    /// This machine could not.
    #[must_use]
    pub fn of_this_machine(shortage: Shortage, stage: Stage) -> Self {
        Self { class: Class::Local, stage, shortage: Some(shortage) }
    }

    /// Whether it is this machine's, and says nothing about the server.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.class == Class::Local
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alert(alert) => match alert.known_name() {
                Some(name) => write!(f, "{ALERT}{name}"),
                None => write!(f, "{ALERT}{}", alert.0),
            },
            Self::Http(status) => write!(f, "{HTTP}{status}"),
            plain => f.write_str(NAMES.iter().find(|(class, _)| class == plain).map_or("", |(_, name)| name)),
        }
    }
}

/// A word that is no class of failures.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no class of errors")]
pub struct UnknownClass {
    /// The word.
    pub word: String,
}

impl FromStr for Class {
    type Err = UnknownClass;

    fn from_str(word: &str) -> Result<Self, UnknownClass> {
        let unknown = || UnknownClass { word: word.chars().take(40).collect() };
        if let Some(name) = word.strip_prefix(ALERT) {
            let by_number = || name.parse().ok().map(AlertDescription);
            return AlertDescription::named(name).or_else(by_number).map(Self::Alert).ok_or_else(unknown);
        }
        if let Some(status) = word.strip_prefix(HTTP) {
            return status.parse().map(Self::Http).map_err(|_| unknown());
        }
        NAMES.iter().find(|(_, name)| *name == word).map(|(class, _)| *class).ok_or_else(unknown)
    }
}

impl Serialize for Class {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Class {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The word of each class, in the order of the list.
#[must_use]
pub fn class_words() -> Vec<String> {
    let plain = NAMES.iter().map(|(_, name)| (*name).to_owned());
    plain.chain([format!("{ALERT}NAME"), format!("{HTTP}STATUS")]).collect()
}

/// What stands before the name, or the number, of an alert.
const ALERT: &str = "alert:";
/// What stands before the status of an answer.
const HTTP: &str = "http_";

const NAMES: [(Class, &str); 12] = [
    (Class::Dns, "dns"),
    (Class::Refused, "refused"),
    (Class::Unreachable, "unreachable"),
    (Class::ConnectTimeout, "connect_timeout"),
    (Class::HandshakeTimeout, "handshake_timeout"),
    (Class::ResetInHandshake, "reset_in_handshake"),
    (Class::Certificate, "certificate"),
    (Class::Protocol, "protocol"),
    (Class::ClosedEarly, "closed_early"),
    (Class::ReadTimeout, "read_timeout"),
    (Class::Deadline, "deadline"),
    (Class::Local, "local"),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_class_has_a_word_that_reads_back() {
        let more = [40, 80, 199]
            .map(|code| Class::Alert(AlertDescription(code)))
            .into_iter()
            .chain([Class::Http(431)]);
        let words: Vec<_> = NAMES
            .iter()
            .map(|(class, _)| *class)
            .chain(more)
            .map(|class| (class, class.to_string()))
            .collect();
        for (class, word) in &words {
            assert_eq!(word.parse::<Class>().as_ref(), Ok(class), "{word}");
        }
        assert_eq!(words[12].1, "alert:handshake_failure");
        assert_eq!(words[14].1, "alert:199");
    }

    #[test]
    fn a_reset_is_told_apart_by_when_it_came() {
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        assert_eq!(Class::of_io(&reset, Stage::Handshake), Class::ResetInHandshake);
        assert_eq!(Class::of_io(&reset, Stage::Request), Class::ClosedEarly);
        assert_eq!(Class::of_io(&io::Error::from_raw_os_error(24), Stage::Connect), Class::Local);
    }

    proptest! {
        #[test]
        fn no_word_makes_it_panic(word in "\\PC*|alert:\\PC*|http_[0-9]{0,9}") {
            if let Ok(class) = word.parse::<Class>() {
                prop_assert_eq!(class.to_string().parse::<Class>(), Ok(class));
            }
        }
    }
}
