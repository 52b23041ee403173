//! The TLS set-up that all our clients share: what they offer, and their own certificate.

use std::sync::Arc;

use rustls::{
    CipherSuite, ClientConfig, Error, InconsistentKeys, NamedGroup, SupportedProtocolVersion,
    client::{ResolvesClientCert, Resumption, danger::ServerCertVerifier},
    crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer},
    sign::CertifiedKey,
};

use crate::cert;

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
