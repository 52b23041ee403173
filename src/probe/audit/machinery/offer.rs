//! What a hello of ours offers. Each fits one record and one TCP segment, unless its size is the question.

use crate::tls::{
    ClientHello, Extension, ExtensionType, NamedGroup, ProtocolVersion, SignatureScheme, Suite, SuiteParts,
    TooLong, hash::Hash, suite::KeyExchange,
};

/// An offer, before it is written down with fresh random bytes.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub(crate) version: ProtocolVersion,
    pub(crate) suites: Vec<Suite>,
    pub(crate) groups: Vec<NamedGroup>,
    pub(crate) schemes: Vec<SignatureScheme>,
    pub(crate) compression: Vec<u8>,
    pub(crate) name: Option<String>,
    pub(crate) shares: Vec<(NamedGroup, Vec<u8>)>,
    pub(crate) more: Vec<Extension>,
    pub(crate) size: Size,
}

/// How large a hello is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// As it comes.
    Natural,
    /// Padded to this many bytes, handshake header included (RFC 7685).
    Padded(usize),
}

impl Offer {
    /// TLS 1.3 without a key share: the server answers with a HelloRetryRequest, before it has computed anything.
    pub(crate) fn tls13(name: Option<&str>) -> Self {
        let suites = Suite::all().filter(|suite| suite.is_tls13()).collect();
        Self { groups: GROUPS_TLS13.to_vec(), ..Self::of(ProtocolVersion::TLS_1_3, suites, name) }
    }

    /// TLS 1.2 with these suites.
    pub(crate) fn tls12(suites: Vec<Suite>, name: Option<&str>) -> Self {
        Self::of(ProtocolVersion::TLS_1_2, suites, name)
    }

    /// SSL 3.0 to TLS 1.1, with every suite that they could use. Those whose acceptance costs the server nothing, key
    /// exchange by static RSA, come first.
    pub(crate) fn old(version: ProtocolVersion, name: Option<&str>) -> Self {
        let name = name.filter(|_| version > ProtocolVersion::SSL_3);
        Self::of(version, suites_before_tls12(), name)
    }

    fn of(version: ProtocolVersion, suites: Vec<Suite>, name: Option<&str>) -> Self {
        Self {
            version,
            suites,
            groups: GROUPS_TLS12.to_vec(),
            schemes: SCHEMES.to_vec(),
            compression: vec![NO_COMPRESSION],
            name: name.map(str::to_owned),
            shares: Vec::new(),
            more: Vec::new(),
            size: Size::Natural,
        }
    }

    /// Writes the hello down. `random` is for the random and, in TLS 1.3, the session id.
    pub(crate) fn hello(&self, random: [[u8; 32]; 2]) -> Result<ClientHello, TooLong> {
        let is_tls13 = self.version >= ProtocolVersion::TLS_1_3;
        let mut hello = ClientHello {
            version: self.version.min(ProtocolVersion::TLS_1_2),
            random: random[0],
            session_id: if is_tls13 { random[1].to_vec() } else { Vec::new() },
            suites: self.suites.clone(),
            compression: self.compression.clone(),
            extensions: self.extensions()?,
        };
        if self.version <= ProtocolVersion::TLS_1_2 && hello.extensions.is_empty() {
            hello.suites.push(Suite::RENEGOTIATION_SCSV);
        }
        if let Size::Padded(size) = self.size {
            let missing = size.saturating_sub(hello.encode()?.len() + EXTENSION_HEADER);
            hello.extensions.push(Extension::padding(missing));
        }
        Ok(hello)
    }

    fn extensions(&self) -> Result<Vec<Extension>, TooLong> {
        let mut extensions = Vec::new();
        if self.version == ProtocolVersion::SSL_3 {
            return Ok(extensions);
        }
        if let Some(name) = &self.name {
            extensions.push(Extension::server_name(name)?);
        }
        extensions.push(Extension::supported_groups(&self.groups)?);
        if self.version >= ProtocolVersion::TLS_1_2 {
            extensions.push(Extension::signature_algorithms(&self.schemes)?);
        }
        if self.version >= ProtocolVersion::TLS_1_3 {
            let shares: Vec<_> =
                self.shares.iter().map(|(group, share)| (*group, share.as_slice())).collect();
            extensions.push(Extension::supported_versions(&[self.version])?);
            extensions.push(Extension::psk_key_exchange_modes());
            extensions.push(Extension::key_share(&shares)?);
        } else {
            extensions.push(Extension::ec_point_formats());
            extensions.push(Extension::renegotiation_info());
            extensions.push(Extension::empty(ExtensionType::EXTENDED_MASTER_SECRET));
            extensions.push(Extension::empty(ExtensionType::ENCRYPT_THEN_MAC));
        }
        extensions.extend(self.more.iter().cloned());
        Ok(extensions)
    }
}

/// Suites in the order of what their acceptance costs a server: nothing with static RSA, then elliptic curves, then the rest.
pub(crate) fn cheapest_first(suites: impl Iterator<Item = &'static SuiteParts>) -> Vec<Suite> {
    let mut suites: Vec<_> = suites.collect();
    suites.sort_by_key(|parts| match parts.key_exchange {
        KeyExchange::Rsa => 0,
        KeyExchange::Ecdh | KeyExchange::Ecdhe => 1,
        _ => 2,
    });
    suites.into_iter().map(|parts| parts.suite).collect()
}

/// The suites of all versions before TLS 1.3 that a server may choose without a pre-shared key, the cheapest first.
pub(crate) fn suites_before_tls13() -> Vec<Suite> {
    cheapest_first(SuiteParts::all().filter(|parts| parts.needs_no_psk() && !parts.suite.is_tls13()))
}

/// The suites that versions before TLS 1.2 can use: without the AEADs and hashes that TLS 1.2 brought.
fn suites_before_tls12() -> Vec<Suite> {
    let is_old = |parts: &&SuiteParts| !matches!(parts.hash, Hash::Sha256 | Hash::Sha384);
    cheapest_first(SuiteParts::all().filter(|parts| parts.needs_no_psk()).filter(is_old))
}

const NO_COMPRESSION: u8 = 0;
const EXTENSION_HEADER: usize = 4;

/// All groups that TLS 1.3 can ask for, the hybrid ones too: without a share of ours they cost nothing.
pub(crate) const GROUPS_TLS13: &[NamedGroup] = &[
    NamedGroup::X25519,
    NamedGroup::SECP256R1,
    NamedGroup::SECP384R1,
    NamedGroup::SECP521R1,
    NamedGroup::X448,
    NamedGroup::FFDHE2048,
    NamedGroup::FFDHE3072,
    NamedGroup::FFDHE4096,
    NamedGroup::FFDHE6144,
    NamedGroup::FFDHE8192,
    NamedGroup::BRAINPOOL_P256R1_TLS13,
    NamedGroup::BRAINPOOL_P384R1_TLS13,
    NamedGroup::BRAINPOOL_P512R1_TLS13,
    // What brainpool had in TLS 1.2; Mbed TLS takes these numbers in 1.3 as well.
    NamedGroup::BRAINPOOL_P256R1,
    NamedGroup::BRAINPOOL_P384R1,
    NamedGroup::BRAINPOOL_P512R1,
    NamedGroup::X25519_MLKEM768,
    NamedGroup::SECP256R1_MLKEM768,
    NamedGroup::SECP384R1_MLKEM1024,
    NamedGroup::MLKEM512,
    NamedGroup::MLKEM768,
    NamedGroup::MLKEM1024,
];

/// The groups of TLS 1.2, the cheap ones first: a server that follows our order has the least work.
pub(crate) const GROUPS_TLS12: &[NamedGroup] = &[
    NamedGroup::X25519,
    NamedGroup::SECP256R1,
    NamedGroup::SECP384R1,
    NamedGroup::SECP521R1,
    NamedGroup::X448,
    NamedGroup::BRAINPOOL_P256R1,
    NamedGroup::BRAINPOOL_P384R1,
    NamedGroup::BRAINPOOL_P512R1,
    NamedGroup::SECP256K1,
    NamedGroup::SECP224R1,
    NamedGroup::SECP192R1,
    NamedGroup::FFDHE2048,
    NamedGroup::FFDHE3072,
    NamedGroup::FFDHE4096,
    NamedGroup::FFDHE6144,
    NamedGroup::FFDHE8192,
];

/// All signature schemes, the sound ones first.
pub(crate) const SCHEMES: &[SignatureScheme] = &[
    SignatureScheme::ECDSA_SECP256R1_SHA256,
    SignatureScheme::RSA_PSS_RSAE_SHA256,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::ED25519,
    SignatureScheme::ECDSA_SECP384R1_SHA384,
    SignatureScheme::ECDSA_SECP521R1_SHA512,
    SignatureScheme::RSA_PSS_RSAE_SHA384,
    SignatureScheme::RSA_PSS_RSAE_SHA512,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
    SignatureScheme::ED448,
    SignatureScheme::RSA_PSS_PSS_SHA256,
    SignatureScheme::RSA_PSS_PSS_SHA384,
    SignatureScheme::RSA_PSS_PSS_SHA512,
    SignatureScheme::ECDSA_BRAINPOOL_P256R1_SHA256,
    SignatureScheme::ECDSA_BRAINPOOL_P384R1_SHA384,
    SignatureScheme::ECDSA_BRAINPOOL_P512R1_SHA512,
    SignatureScheme::ECDSA_SHA224,
    SignatureScheme::RSA_PKCS1_SHA224,
    SignatureScheme::ECDSA_SHA1,
    SignatureScheme::RSA_PKCS1_SHA1,
    SignatureScheme::DSA_SHA256,
    SignatureScheme::DSA_SHA1,
    SignatureScheme::RSA_PKCS1_MD5,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn size(offer: &Offer) -> usize {
        offer.hello([[1; 32], [2; 32]]).unwrap().to_record().unwrap().len()
    }

    #[test]
    fn every_hello_fits_one_segment_of_1200_bytes() {
        let name = format!("{}.local", "a".repeat(63));
        let all: Vec<_> = SuiteParts::all().filter(|it| it.needs_no_psk()).map(|it| it.suite).collect();
        let offers = [
            Offer::tls13(Some(&name)),
            Offer::tls12(all, Some(&name)),
            Offer::old(ProtocolVersion::TLS_1_1, Some(&name)),
            Offer::old(ProtocolVersion::SSL_3, Some(&name)),
        ];
        for offer in offers {
            assert!(size(&offer) <= 1200, "{}: {}", offer.version, size(&offer));
        }
    }

    #[test]
    fn a_padded_hello_has_the_size_that_was_asked_for() {
        let offer = Offer { size: Size::Padded(4096), ..Offer::tls13(None) };
        assert_eq!(offer.hello([[1; 32], [2; 32]]).unwrap().encode().unwrap().len(), 4096);
    }

    #[test]
    fn tls_1_3_is_asked_without_a_share_and_ssl_3_without_extensions() {
        let hello = Offer::tls13(None).hello([[1; 32], [2; 32]]).unwrap();
        assert_eq!(hello.extension(ExtensionType::KEY_SHARE), Some(&[0, 0][..]));
        assert_eq!(hello.suites.len(), 5);
        let hello = Offer::old(ProtocolVersion::SSL_3, Some("x")).hello([[1; 32], [2; 32]]).unwrap();
        assert!(hello.extensions.is_empty() && hello.suites.contains(&Suite::RENEGOTIATION_SCSV));
    }
}
