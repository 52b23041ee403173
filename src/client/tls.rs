//! The TLS set-up that all our clients share: what they offer, and their own certificate.

use std::sync::Arc;

use rustls::{
    CipherSuite, ClientConfig, Error, InconsistentKeys, NamedGroup, SupportedProtocolVersion,
    client::{ResolvesClientCert, Resumption, danger::ServerCertVerifier},
    crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer},
    sign::CertifiedKey,
};

use crate::{
    cert,
    tls::{self, Suite},
};

/// A client's own certificate and the key that belongs to it.
#[derive(Clone)]
pub struct ClientIdentity(Arc<CertifiedKey>);

impl ClientIdentity {
    /// A certificate chain, the client's own first, with its key.
    ///
    /// # Errors
    /// When the key can't be used, or is not the certificate's.
    pub fn new(chain: Vec<CertificateDer<'static>>, key: &PrivateKeyDer<'_>) -> Result<Self, Error> {
        let key = aws_lc_rs::sign::any_supported_type(key)?;
        // Not by `CertifiedKey::keys_match`: it refuses certificates of X.509 version 1, which servers take all the same.
        if chain.first().is_none_or(|own| !cert::load::is_key_of(&*key, own)) {
            return Err(InconsistentKeys::KeyMismatch.into());
        }
        Ok(Self(Arc::new(CertifiedKey::new(chain, key))))
    }

    /// As rustls takes it.
    pub(crate) fn certified(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0)
    }
}

impl std::fmt::Debug for ClientIdentity {
    /// Says nothing about the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientIdentity")
    }
}

/// The library has no such cipher suite or group.
#[derive(Debug, thiserror::Error)]
pub enum NotOffered {
    /// The cipher suite.
    #[error("the cipher suite is not supported: {0:?}")]
    Suite(CipherSuite),
    /// The named group.
    #[error("the group is not supported: {0:?}")]
    Group(NamedGroup),
}

/// The cipher suites that a client of ours can offer.
#[must_use]
pub fn suites() -> Vec<Suite> {
    aws_lc_rs::ALL_CIPHER_SUITES.iter().map(|suite| Suite(suite.suite().into())).collect()
}

/// The groups that a client of ours can offer.
#[must_use]
pub fn groups() -> Vec<tls::NamedGroup> {
    aws_lc_rs::ALL_KX_GROUPS.iter().map(|group| tls::NamedGroup(group.name().into())).collect()
}

/// What a client offers. All suites unless one is wanted. Of the groups no hybrid one unless it is wanted: its share alone has
/// 1216 bytes, and without it the hello fits one TCP segment.
pub(crate) fn provider(
    suite: Option<CipherSuite>,
    group: Option<NamedGroup>,
) -> Result<CryptoProvider, NotOffered> {
    use aws_lc_rs::kx_group::{SECP256R1, SECP384R1, X25519};
    let mut provider = aws_lc_rs::default_provider();
    if let Some(wanted) = suite {
        provider.cipher_suites.retain(|suite| suite.suite() == wanted);
        if provider.cipher_suites.is_empty() {
            return Err(NotOffered::Suite(wanted));
        }
    }
    let all: Vec<&'static dyn SupportedKxGroup> = aws_lc_rs::ALL_KX_GROUPS.to_vec();
    provider.kx_groups = match group {
        None => vec![X25519, SECP256R1, SECP384R1],
        Some(wanted) => all.into_iter().filter(|group| group.name() == wanted).collect(),
    };
    match (provider.kx_groups.is_empty(), group) {
        (true, Some(wanted)) => Err(NotOffered::Group(wanted)),
        _ => Ok(provider),
    }
}

/// A configuration that offers what `provider` has, judges the server by `verifier`, and speaks HTTP/1.1.
pub(crate) fn client_config(
    provider: Arc<CryptoProvider>,
    versions: &[&'static SupportedProtocolVersion],
    verifier: Arc<dyn ServerCertVerifier>,
    certificates: Option<Arc<dyn ResolvesClientCert>>,
    resumption: Resumption,
) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match certificates {
        Some(certificates) => builder.with_client_cert_resolver(certificates),
        None => builder.with_no_client_auth(),
    };
    config.resumption = resumption;
    config.alpn_protocols = vec![HTTP_1_1.to_vec()];
    Ok(config)
}

/// The name that ALPN has for it (RFC 7301, section 6).
const HTTP_1_1: &[u8] = b"http/1.1";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::{
        cipher::{AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305},
        suite::KeyExchange,
    };

    /// Messages say: TLS 1.2 by ECDHE with AES-GCM or ChaCha20, and TLS 1.3; X25519, P-256 and P-384.
    #[test]
    fn what_a_client_offers_is_what_messages_say_that_it_does() {
        for suite in suites() {
            let parts = suite.parts().unwrap();
            assert!(matches!(parts.key_exchange, KeyExchange::Ecdhe | KeyExchange::Group), "{suite}");
            assert!(matches!(parts.cipher, AES_128_GCM | AES_256_GCM | CHACHA20_POLY1305), "{suite}");
        }
        let offered = provider(None, None).unwrap().kx_groups;
        let offered: Vec<_> = offered.iter().map(|group| tls::NamedGroup(group.name().into())).collect();
        assert_eq!(
            offered,
            [tls::NamedGroup::X25519, tls::NamedGroup::SECP256R1, tls::NamedGroup::SECP384R1]
        );
        assert!(groups().iter().all(|group| group.known_name().is_some()), "{:?}", groups());
    }
}
