//! What a hello of ours offers. Each fits one record and one TCP segment, unless its size is the question.

use crate::tls::{
    ClientHello, Extension, ExtensionType, NamedGroup, ProtocolVersion, SignatureScheme, Suite, SuiteParts,
    TooLong,
    cipher::CipherAlgorithm,
    hash::Hash,
    suite::{Authentication, KeyExchange},
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
        let suites = cheapest_first(SuiteParts::all().filter(|parts| parts.suite.is_tls13()));
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

    /// Whether it offers that application protocol by ALPN.
    pub(crate) fn offers_protocol(&self, protocol: &[u8]) -> bool {
        let mut offered = self.more.iter().filter(|it| it.kind == ExtensionType::ALPN);
        // A list of names, each behind its length (RFC 7301, section 3.1).
        let is_in = |data: &[u8]| {
            let named = [&[u8::try_from(protocol.len()).unwrap_or_default()][..], protocol].concat();
            !protocol.is_empty() && data.windows(named.len()).any(|part| part == named)
        };
        offered.any(|it| is_in(&it.data))
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
            if self.schemes != SCHEMES {
                // Without it, the narrowed list would hold for the certificate's own signature as well.
                extensions.push(Extension::signature_algorithms_cert(SCHEMES)?);
            }
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
/// ChaCha20 comes behind them: some servers choose it, against their own order, whenever a client lists it first. The last are
/// those of TLS 1.3 that do not encrypt.
pub(crate) fn cheapest_first(suites: impl Iterator<Item = &'static SuiteParts>) -> Vec<Suite> {
    let mut suites: Vec<_> = suites.collect();
    suites.sort_by_key(|parts| (cost(parts), parts.suite));
    suites.dedup_by_key(|parts| parts.suite);
    suites.into_iter().map(|parts| parts.suite).collect()
}

/// The place of a suite among others.
fn cost(parts: &SuiteParts) -> u8 {
    match (parts.cipher.algorithm, parts.key_exchange) {
        (CipherAlgorithm::Null, KeyExchange::Group) => 4,
        (CipherAlgorithm::ChaCha20, _) => 3,
        (_, KeyExchange::Rsa) => 0,
        (_, KeyExchange::Ecdh | KeyExchange::Ecdhe) => 1,
        (_, _) => 2,
    }
}

/// The suites of all versions before TLS 1.3 that a server may choose without a pre-shared key, in pieces of at most
/// [`MOST_SUITES`], the cheapest first in each. What most servers have is in the first piece.
pub(crate) fn suites_before_tls13() -> Vec<Vec<Suite>> {
    let before_tls13 = SuiteParts::all().filter(|parts| parts.needs_no_psk() && !parts.suite.is_tls13());
    let (common, rare): (Vec<_>, Vec<_>) = before_tls13.partition(|parts| is_common(parts));
    let mut pieces = in_pieces(&cheapest_first(common.into_iter()), MOST_SUITES);
    pieces.extend(in_pieces(&cheapest_first(rare.into_iter()), MOST_SUITES));
    pieces
}

/// Whether it has a key exchange and an authentication that servers of today have.
pub(crate) fn is_common(parts: &SuiteParts) -> bool {
    matches!(parts.key_exchange, KeyExchange::Rsa | KeyExchange::Ecdhe | KeyExchange::Dhe)
        && matches!(parts.authentication, Authentication::Rsa | Authentication::Ecdsa)
}

/// A list of suites in pieces of about the same size, each of at most `most`; in their order.
pub(crate) fn in_pieces(suites: &[Suite], most: usize) -> Vec<Vec<Suite>> {
    let pieces = suites.len().div_ceil(most).max(1);
    suites.chunks(suites.len().div_ceil(pieces).max(1)).map(<[Suite]>::to_vec).collect()
}

/// The suites that versions before TLS 1.2 can use: without the AEADs and hashes that TLS 1.2 brought.
fn suites_before_tls12() -> Vec<Suite> {
    cheapest_first(SuiteParts::all().filter(|parts| parts.needs_no_psk() && is_before_tls12(parts)))
}

/// Whether versions before TLS 1.2 can use a suite: those with AEADs and SHA-2 are of TLS 1.2 only (RFC 5246, section 5; RFC
/// 5289, section 3).
pub(crate) fn is_before_tls12(parts: &SuiteParts) -> bool {
    !matches!(parts.hash, Hash::Sha256 | Hash::Sha384)
}

/// A server may refuse a hello with more suites than it has room for by decode_error; one is known that has room for 150.
pub(crate) const MOST_SUITES: usize = 100;
/// A server that refuses a hello as one that it can't read is asked again with so many suites at a time.
pub(crate) const FEW_SUITES: usize = 32;
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
        let one_scheme = vec![SignatureScheme::ED25519];
        let mut offers = vec![
            Offer::tls13(Some(&name)),
            Offer { schemes: one_scheme, ..Offer::tls13(Some(&name)) },
            Offer::old(ProtocolVersion::TLS_1_1, Some(&name)),
            Offer::old(ProtocolVersion::SSL_3, Some(&name)),
        ];
        offers.extend(suites_before_tls13().into_iter().map(|piece| Offer::tls12(piece, Some(&name))));
        for offer in offers {
            assert!(size(&offer) <= 1200, "{}: {}", offer.version, size(&offer));
            assert!(offer.suites.len() <= MOST_SUITES, "{}: {}", offer.version, offer.suites.len());
        }
    }

    #[test]
    fn the_pieces_have_every_suite_once() {
        let mut pieces: Vec<_> = suites_before_tls13().concat();
        pieces.sort_unstable();
        let all = SuiteParts::all().filter(|it| it.needs_no_psk() && !it.suite.is_tls13());
        assert_eq!(pieces, all.map(|it| it.suite).collect::<Vec<_>>());
        assert_eq!(in_pieces(&pieces[..7], 3), [&pieces[..3], &pieces[3..6], &pieces[6..7]]);
        assert_eq!(in_pieces(&[], 3), [[]; 0]);
    }

    #[test]
    fn a_narrowed_list_of_schemes_does_not_narrow_those_of_certificates() {
        let whole = Offer::tls13(None).hello([[1; 32], [2; 32]]).unwrap();
        assert_eq!(whole.extension(ExtensionType::SIGNATURE_ALGORITHMS_CERT), None);
        let narrow = Offer { schemes: vec![SignatureScheme::ED25519], ..Offer::tls12(vec![], None) };
        let hello = narrow.hello([[1; 32], [2; 32]]).unwrap();
        assert_eq!(hello.extension(ExtensionType::SIGNATURE_ALGORITHMS), Some(&[0, 2, 8, 7][..]));
        let certificates = hello.extension(ExtensionType::SIGNATURE_ALGORITHMS_CERT).unwrap();
        assert_eq!(certificates.len(), 2 + 2 * SCHEMES.len());
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
        assert_eq!(hello.suites.len(), 7);
        let hello = Offer::old(ProtocolVersion::SSL_3, Some("x")).hello([[1; 32], [2; 32]]).unwrap();
        assert!(hello.extensions.is_empty() && hello.suites.contains(&Suite::RENEGOTIATION_SCSV));
    }
}
