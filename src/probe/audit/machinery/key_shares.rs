//! A key share of our own, for the few questions of TLS 1.3 that need a server to go on (RFC 8446, section 4.2.8). With its
//! private half, what the server then encrypts can be read; the handshake is never finished.

use aws_lc_rs::{
    agreement::{self, Algorithm, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    error::Unspecified,
    rand::SystemRandom,
};

use super::offer::Offer;
use crate::tls::{
    ExtensionType, NamedGroup, Reader, ServerHello, TooLong, Width,
    keys::{KeyError, Opener},
};

/// A hello as it goes out.
#[derive(Debug)]
pub(crate) struct OutgoingHello {
    /// The bytes, in as many writes.
    pub(crate) pieces: Vec<Vec<u8>>,
    /// The private half of its key share, to read what the server encrypts.
    pub(crate) key: Option<PrivateShare>,
}

/// The private half of a key share, and the message in which the public half went out.
#[derive(Debug)]
pub(crate) struct PrivateShare {
    private: EphemeralPrivateKey,
    algorithm: &'static Algorithm,
    message: Vec<u8>,
}

impl OutgoingHello {
    /// Without a share, or with one that nobody keeps the private half of.
    pub(crate) fn bare(pieces: Vec<Vec<u8>>) -> Self {
        Self { pieces, key: None }
    }

    /// The offer with a fresh share of `group`; where none can be made, without.
    pub(crate) fn with_share(
        offer: &Offer,
        group: NamedGroup,
        random: [[u8; 32]; 2],
    ) -> Result<Self, TooLong> {
        let Some((private, algorithm, public)) = algorithm(group).and_then(|it| generate(it).ok()) else {
            return Ok(Self::bare(vec![offer.hello(random)?.to_record()?]));
        };
        let offer = Offer { shares: vec![(group, public)], groups: vec![group], ..offer.clone() };
        let hello = offer.hello(random)?;
        let key = PrivateShare { private, algorithm, message: hello.encode()? };
        Ok(Self { pieces: vec![hello.to_record()?], key: Some(key) })
    }
}

impl PrivateShare {
    /// Opens what the server encrypts after this hello of its, whose whole message is `message`; `None` when the two do not
    /// go together.
    pub(crate) fn opener(self, hello: &ServerHello, message: &[u8]) -> Option<Opener> {
        let mut share = Reader::new(hello.extension(ExtensionType::KEY_SHARE)?, "key_share");
        share.u16().ok()?;
        let public = share.vector(Width::U16, "key share").ok()?.rest();
        let peer = UnparsedPublicKey::new(self.algorithm, public);
        let (suite, client) = (hello.suite, self.message);
        agree_ephemeral(self.private, peer, KeyError::Length, |shared| {
            Opener::server_handshake(suite, shared, &[&client, message])
        })
        .ok()
    }
}

/// Whether a share of that group can be made.
pub(crate) fn can_share(group: NamedGroup) -> bool {
    algorithm(group).is_some()
}

fn algorithm(group: NamedGroup) -> Option<&'static Algorithm> {
    match group {
        NamedGroup::X25519 => Some(&agreement::X25519),
        NamedGroup::SECP256R1 => Some(&agreement::ECDH_P256),
        NamedGroup::SECP384R1 => Some(&agreement::ECDH_P384),
        NamedGroup::SECP521R1 => Some(&agreement::ECDH_P521),
        _ => None,
    }
}

type Pair = (EphemeralPrivateKey, &'static Algorithm, Vec<u8>);

fn generate(algorithm: &'static Algorithm) -> Result<Pair, Unspecified> {
    let private = EphemeralPrivateKey::generate(algorithm, &SystemRandom::new())?;
    let public = private.compute_public_key()?.as_ref().to_vec();
    Ok((private, algorithm, public))
}
