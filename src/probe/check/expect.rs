//! `--expect-version`, `--expect-suite`, `--expect-group`: what a handshake should negotiate; `--expect-days`: how long the
//! certificate should be valid.

use super::{Check, Facts};
use crate::tls::{NamedGroup, ProtocolVersion, Suite};

/// What a handshake should negotiate and show; `None` for whatever comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expectations {
    /// The version.
    pub version: Option<ProtocolVersion>,
    /// The cipher suite.
    pub suite: Option<Suite>,
    /// The group of the key exchange.
    pub group: Option<NamedGroup>,
    /// The days that the certificate should be valid from now on, at least.
    pub days: Option<u32>,
}

impl Expectations {
    /// Compares them with what was negotiated.
    #[must_use]
    pub fn checks(&self, facts: Facts<'_>) -> Vec<Check> {
        let completed = facts.look.map(|look| &look.handshake);
        let version = completed.map(|it| it.version);
        let suite = completed.map(|it| it.cipher_suite.suite);
        let group = completed.and_then(|it| it.group);
        let days = facts.look.map(|look| look.certificate.days_left);
        [
            self.version.map(|wanted| Check::new("expect.version", wanted, version, |it| *it == wanted)),
            self.suite.map(|wanted| Check::new("expect.suite", wanted, suite, |it| *it == wanted)),
            self.group.map(|wanted| Check::new("expect.group", wanted, group, |it| *it == wanted)),
            self.days.map(|least| {
                Check::new("expect.days", format!("at least {least}"), days, |it| *it >= i64::from(least))
            }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
