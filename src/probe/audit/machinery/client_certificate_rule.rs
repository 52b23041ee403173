//! Whether a server wants a client certificate for a handshake, or for all of them.

use crate::client::{handshake::ClientCertificateWish, observing::Settings};
use crate::{
    client::page::PageOutcome,
    probe::{Observation, Unobserved},
};

/// Whether a server needs a client certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ClientCertificateRule {
    /// It does not ask for one, or is given one.
    #[default]
    NotNeeded,
    /// It asks for one, and completes handshakes without it.
    Requested,
    /// It completes no handshake without one, so its CertificateRequest is all that can be reached.
    Required,
}

impl ClientCertificateRule {
    /// From the first look: a handshake that ended after the CertificateRequest, in TLS 1.3 in place of the page.
    pub(crate) fn seen(client: &Settings, look: &Result<Observation, Unobserved>) -> Self {
        if client.identity.is_some() {
            return Self::NotNeeded;
        }
        match look {
            Ok(seen) if seen.handshake.client_certificate.wish == ClientCertificateWish::NotRequested => {
                Self::NotNeeded
            }
            Ok(seen) => match seen.page.outcome {
                PageOutcome::Alert | PageOutcome::Closed | PageOutcome::Reset => Self::Required,
                _ => Self::Requested,
            },
            Err(Unobserved::Handshake { error, .. })
                if error.client_certificate == ClientCertificateWish::Requested =>
            {
                Self::Required
            }
            Err(_) => Self::NotNeeded,
        }
    }
}
