//! What the questions that were asked have told of a server, for those that follow.

use crate::client::observing::Client;
use crate::probe::{
    Observation, Unobserved,
    audit::{
        Scope,
        item::{Item, Subject, Verdict},
        machinery::flight::Flight,
        questions::{everything::VersionOffer, hello_retry::Retries},
    },
};
use crate::tls::{ProtocolVersion, Suite};

/// What is known so far.
pub(crate) struct Known<'a> {
    /// How much is asked.
    pub(crate) scope: Scope,
    /// The first whole handshake, if there was one.
    pub(crate) seen: Option<&'a Observation>,
    /// Why there was no first whole handshake.
    pub(crate) refused: Option<&'a Unobserved>,
    /// The client of that handshake, which may remember a session.
    pub(crate) client: &'a Client,
    /// The questions that were answered.
    pub(crate) items: Vec<Item>,
    /// With `--all`: what it accepts by version.
    pub(crate) offers: Vec<VersionOffer>,
    /// What it does in TLS 1.3.
    pub(crate) tls13: Retries,
    /// The versions before TLS 1.3 that it accepts.
    pub(crate) older_versions: Vec<ProtocolVersion>,
    /// A suite that it accepts in TLS 1.2, one that costs it nothing if there is any.
    pub(crate) cheapest: Option<Suite>,
    /// The client certificate request of TLS 1.2: the names of the CAs.
    pub(crate) certificate_request: Option<Vec<Vec<u8>>>,
    /// The first flight of TLS 1.2 that answers a hello with all extensions.
    pub(crate) with_extensions: Option<Flight>,
    /// The flight of TLS 1.2 that answers the suites in CBC mode.
    pub(crate) cbc: Option<Flight>,
}

impl<'a> Known<'a> {
    /// Nothing but the first handshake.
    pub(crate) fn new(
        scope: Scope,
        seen: Option<&'a Observation>,
        refused: Option<&'a Unobserved>,
        client: &'a Client,
    ) -> Self {
        Self {
            scope,
            seen,
            refused,
            client,
            items: Vec::new(),
            offers: Vec::new(),
            tls13: Retries::default(),
            older_versions: Vec::new(),
            cheapest: None,
            certificate_request: None,
            with_extensions: None,
            cbc: None,
        }
    }

    /// The answer to a question; `None` while it was not asked.
    pub(crate) fn item(&self, subject: Subject) -> Option<&Item> {
        self.items.iter().find(|item| item.subject == subject)
    }

    /// The verdict on a question; inconclusive while it was not asked.
    pub(crate) fn verdict(&self, subject: Subject) -> Verdict {
        self.item(subject).map_or(Verdict::Inconclusive, |item| item.verdict)
    }
}
