//! `--expect-version`, `--expect-suite`, `--expect-group`: what a handshake should negotiate.

use super::{Check, Facts};
use crate::tls::{NamedGroup, ProtocolVersion, Suite};

/// What a handshake should negotiate; `None` for whatever comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expectations {
    /// The version.
    pub version: Option<ProtocolVersion>,
    /// The cipher suite.
    pub suite: Option<Suite>,
    /// The group of the key exchange.
    pub group: Option<NamedGroup>,
}

impl Expectations {
    /// Compares them with what was negotiated.
    #[must_use]
    pub fn checks(&self, facts: Facts<'_>) -> Vec<Check> {
        let completed = facts.look.map(|look| &look.handshake);
        let version = completed.map(|it| it.version);
        let suite = completed.map(|it| it.cipher_suite.suite);
        let group = completed.and_then(|it| it.group);
        [
            self.version.map(|wanted| Check::new("expect.version", wanted, version, |it| *it == wanted)),
            self.suite.map(|wanted| Check::new("expect.suite", wanted, suite, |it| *it == wanted)),
            self.group.map(|wanted| Check::new("expect.group", wanted, group, |it| *it == wanted)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
