//! A key share of our own, for the few questions of TLS 1.3 that need a server to go on (RFC 8446, section 4.2.8).

use aws_lc_rs::{
    agreement::{self, EphemeralPrivateKey},
    error::Unspecified,
    rand::SystemRandom,
};

use crate::tls::NamedGroup;

/// A public key share. Its private half is thrown away: the handshake is never finished.
#[derive(Debug, Clone)]
pub(super) struct Share {
    pub(super) group: NamedGroup,
    public: Vec<u8>,
}

impl Share {
    /// A fresh share of `group`; `None` where none can be made.
    pub(super) fn of(group: NamedGroup) -> Result<Option<Self>, Unspecified> {
        let algorithm = match group {
            NamedGroup::X25519 => &agreement::X25519,
            NamedGroup::SECP256R1 => &agreement::ECDH_P256,
            NamedGroup::SECP384R1 => &agreement::ECDH_P384,
            NamedGroup::SECP521R1 => &agreement::ECDH_P521,
            _ => return Ok(None),
        };
        let private = EphemeralPrivateKey::generate(algorithm, &SystemRandom::new())?;
        Ok(Some(Self { group, public: private.compute_public_key()?.as_ref().to_vec() }))
    }

    /// As [`super::offer::Offer`] takes it.
    pub(super) fn entry(&self) -> (NamedGroup, Vec<u8>) {
        (self.group, self.public.clone())
    }
}
