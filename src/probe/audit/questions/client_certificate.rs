//! Does the server need a client certificate? Some ask for one, and some of those complete no handshake without it.

use super::older_versions::Old;
use crate::client::{handshake::ClientCertificateWish, observing::Settings};
use crate::probe::audit::item::{NEEDS_CERTIFICATE, NEEDS_SUITE, NEEDS_VERSION, Verdict};
use crate::probe::{Observation, Unobserved, page::Outcome};

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
                Outcome::Alert | Outcome::Closed | Outcome::Reset => Self::Required,
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

    /// Why no handshake can be completed, if none can; `tls13` is what is known of TLS 1.3.
    pub(crate) fn obstacle(self, tls13: Verdict, old: &Old) -> Option<&'static str> {
        if self == Self::Required {
            return Some(NEEDS_CERTIFICATE);
        }
        let refuses = |id| old.items.iter().any(|item| item.id == id && item.verdict == Verdict::No);
        match tls13 {
            Verdict::No if old.versions.is_empty() => None,
            Verdict::No if refuses("version.tls1_2") => Some(NEEDS_VERSION),
            Verdict::No if refuses("tls1_2.ecdhe_aead") => Some(NEEDS_SUITE),
            _ => None,
        }
    }
}
