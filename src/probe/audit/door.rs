//! Does it let us in? Some servers ask for a client certificate, and some of them complete no handshake without one.

use super::{
    item::{NEEDS_CERTIFICATE, NEEDS_SUITE, NEEDS_VERSION, Verdict},
    old::Old,
};
use crate::client::{handshake::ClientCertificateWish, observing::Settings};
use crate::probe::{Observation, Unobserved, page::Outcome};

/// How a server stands to a client without a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Door {
    /// It does not ask for one, or gets one.
    #[default]
    Open,
    /// It asks for one; what comes of it is HTTP's.
    Asks,
    /// It completes no handshake without one: reaching its CertificateRequest is all that it can show.
    Locked,
}

impl Door {
    /// From the first look: a handshake that ended after the CertificateRequest, in TLS 1.3 in place of the page.
    pub(super) fn seen(client: &Settings, look: &Result<Observation, Unobserved>) -> Self {
        if client.identity.is_some() {
            return Self::Open;
        }
        match look {
            Ok(seen) if seen.handshake.client_certificate.wish == ClientCertificateWish::NotRequested => {
                Self::Open
            }
            Ok(seen) => match seen.page.outcome {
                Outcome::Alert | Outcome::Closed | Outcome::Reset => Self::Locked,
                _ => Self::Asks,
            },
            Err(Unobserved::Handshake { error, .. })
                if error.client_certificate == ClientCertificateWish::Requested =>
            {
                Self::Locked
            }
            Err(_) => Self::Open,
        }
    }

    /// Why no handshake can be completed, if none can; `tls13` is what is known of TLS 1.3.
    pub(super) fn bar(self, tls13: Verdict, old: &Old) -> Option<&'static str> {
        if self == Self::Locked {
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
