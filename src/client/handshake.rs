//! What is negotiated? One TLS handshake with a small hello, and what both sides agreed on.

use std::{io, sync::Arc, time::Duration};

use rustls::{CertificateError, ClientConnection, HandshakeKind, pki_types::CertificateDer};
use serde::{Serialize, Serializer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout, timeout_at},
};

use crate::tls::{AlertDescription, NamedGroup, ProtocolVersion, SignatureScheme, Suite};

use super::{
    connection::{Link, LinkError, PeerSide},
    not_tls::{Foreign, foreign},
    suite::CipherSuite,
    transcript::Transcript,
    verification::observing::ObservingVerifier,
};
use crate::os_error::in_words;

/// What one handshake negotiated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Handshake {
    /// The protocol version.
    pub version: ProtocolVersion,
    /// The cipher suite and its parts.
    pub cipher_suite: CipherSuite,
    /// The named group of the key exchange; `None`, and empty in JSON, where none was agreed on.
    #[serde(serialize_with = "or_empty")]
    pub group: Option<NamedGroup>,
    /// How many hellos it took.
    pub hello: Hello,
    /// The signature scheme with which the server signed the handshake; the signature was verified. `None`, and empty in
    /// JSON, where nothing was signed.
    #[serde(serialize_with = "or_empty")]
    pub signature_scheme: Option<SignatureScheme>,
    /// The application protocol agreed on by ALPN; null when the server chose none.
    pub alpn: Option<String>,
    /// Whether the server asked for a client certificate, and for whose.
    pub client_certificate: ClientCertificate,
    /// TCP payload that the client sent until the handshake was done.
    pub bytes_sent: u64,
    /// TCP payload that the server sent until the handshake was done.
    pub bytes_received: u64,
}

/// How many ClientHellos a handshake took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hello {
    /// The first one was accepted.
    Accepted,
    /// The server asked for another group by HelloRetryRequest (RFC 8446, section 4.1.4): a round trip more.
    Retried,
}

/// Whether a server asked for a client certificate, and for whose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientCertificate {
    /// Whether one was asked for.
    pub wish: ClientCertificateWish,
    /// The subjects of the CAs whose certificates it takes; empty when it named none.
    pub ca_names: Vec<String>,
}

/// Whether a server asked for a client certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientCertificateWish {
    /// No CertificateRequest came.
    NotRequested,
    /// A CertificateRequest came and was answered with an empty list.
    Requested,
}

/// A handshake that did not come about.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct HandshakeError {
    /// Why.
    pub reason: Broken,
    /// Bytes received until then.
    pub received: u64,
    /// Whether the server had asked for a client certificate by then.
    pub client_certificate: ClientCertificateWish,
}

/// Why a handshake broke off.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Broken {
    /// The peer sent a fatal alert.
    #[error("the device sent the alert {} ({})", .0.name(), .0.0)]
    Alert(AlertDescription),
    /// The peer answered with something that is not TLS.
    #[error("the answer is not TLS: {0}")]
    NotTls(Foreign),
    /// The peer chose a version or a parameter that was not offered because it is obsolete.
    #[error("the device and this client have nothing in common: {0}")]
    Incompatible(rustls::Error),
    /// The certificate does not parse.
    #[error("the certificate can't be read")]
    UnreadableCertificate,
    /// The handshake signature does not verify with the certificate's key.
    #[error("the handshake signature does not verify with the key of the certificate")]
    BadSignature,
    /// The certificate's key is too small for its signature to be verified.
    #[error("the certificate's RSA key has only {0} bits; signatures are verified from 2048 bits on")]
    SmallKey(usize),
    /// The peer broke the protocol in another way.
    #[error("the device broke the protocol: {0}")]
    Protocol(rustls::Error),
    /// The peer closed the connection.
    #[error("the device closed the connection")]
    Closed,
    /// The peer reset the connection.
    #[error("the device reset the connection")]
    Reset,
    /// The handshake was not done in time.
    #[error("the handshake was not done within {0:?}")]
    TimedOut(Duration),
    /// The connection failed in another way.
    #[error("the connection failed: {}", in_words(.0))]
    Io(io::Error),
}

/// A client that is ready to say hello. Made before the connection is opened: keys and the seeding of the random
/// numbers cost this machine time that is none of the device's.
pub(crate) struct PreparedHandshake {
    tls: ClientConnection,
    verifier: Arc<ObservingVerifier>,
    transcript: Option<Arc<Transcript>>,
}

/// A finished handshake: the connection, the certificates as received (the server's own first), what was agreed, and
/// how long it took.
#[derive(Debug)]
pub(crate) struct CompletedHandshake<S> {
    pub(crate) link: Link<S>,
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) handshake: Handshake,
    pub(crate) took: Duration,
}

impl PreparedHandshake {
    pub(crate) fn new(
        tls: ClientConnection,
        verifier: Arc<ObservingVerifier>,
        transcript: Option<Arc<Transcript>>,
    ) -> Self {
        Self { tls, verifier, transcript }
    }

    /// Where this connection is recorded, if it is.
    pub(crate) fn transcript(&self) -> Option<&Transcript> {
        self.transcript.as_deref()
    }

    /// Makes the handshake on `stream`.
    ///
    /// # Errors
    /// Why the handshake broke off, at the latest after `limit` and the second that a silent peer is given.
    pub(crate) async fn perform<S: AsyncRead + AsyncWrite + Unpin>(
        self,
        stream: S,
        limit: Duration,
    ) -> Result<CompletedHandshake<S>, HandshakeError> {
        let Self { tls, verifier, transcript } = self;
        let mut link = Link::new(stream, tls, transcript);
        let since = Instant::now();
        match run(&mut link, &verifier, limit).await {
            Ok(()) => {
                let took = since.elapsed();
                let chain = link.tls().peer_certificates().unwrap_or_default();
                let chain = chain.iter().map(|cert| cert.clone().into_owned()).collect();
                let handshake = agreed(&link, &verifier);
                Ok(CompletedHandshake { link, chain, handshake, took })
            }
            Err(reason) => Err(HandshakeError {
                reason,
                received: link.traffic().1,
                client_certificate: client_certificate(&verifier).wish,
            }),
        }
    }
}

async fn run<S: AsyncRead + AsyncWrite + Unpin>(
    link: &mut Link<S>,
    verifier: &ObservingVerifier,
    limit: Duration,
) -> Result<(), Broken> {
    match timeout_at(Instant::now() + limit, exchange(link)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(broken)) => Err(diagnose(broken, link.opening(), verifier)),
        Err(_) if link.traffic().1 == 0 => Err(provoke_plain_text(link, limit).await),
        Err(_) => Err(diagnose(Broken::TimedOut(limit), link.opening(), verifier)),
    }
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(link: &mut Link<S>) -> Result<(), Broken> {
    link.flush().await?;
    while link.tls().is_handshaking() {
        if link.peer() != PeerSide::Open {
            return Err(Broken::Closed);
        }
        link.receive().await?;
    }
    Ok(())
}

impl From<LinkError> for Broken {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Tls(error) => error.into(),
            LinkError::Io(error) => match error.kind() {
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Self::Reset,
                _ => Self::Io(error),
            },
        }
    }
}

impl From<rustls::Error> for Broken {
    fn from(error: rustls::Error) -> Self {
        match error {
            rustls::Error::AlertReceived(description) => Self::Alert(description.into()),
            rustls::Error::PeerIncompatible(_) => Self::Incompatible(error),
            rustls::Error::InvalidCertificate(CertificateError::BadEncoding) => Self::UnreadableCertificate,
            // The certificate's own signature is not looked at during the handshake, so this is the handshake's.
            rustls::Error::InvalidCertificate(_) => Self::BadSignature,
            error => Self::Protocol(error),
        }
    }
}

/// Finds the cause behind an error: bytes that never were TLS, or a key too small for its signature to be verified.
fn diagnose(broken: Broken, opening: &[u8], verifier: &ObservingVerifier) -> Broken {
    let small_key = verifier.seen().small_rsa_key;
    match (broken, small_key) {
        (Broken::BadSignature, Some(bits)) => Broken::SmallKey(bits),
        (broken @ (Broken::Protocol(_) | Broken::Closed | Broken::TimedOut(_) | Broken::Reset), _) => {
            foreign(opening).map_or(broken, Broken::NotTls)
        }
        (broken, _) => broken,
    }
}

/// A server that has said nothing may be waiting for the end of a line: one without TLS then answers. For a TLS
/// server this is no more harm than the end of the connection, which comes next anyway.
async fn provoke_plain_text<S: AsyncRead + AsyncWrite + Unpin>(
    link: &mut Link<S>,
    limit: Duration,
) -> Broken {
    let answer = timeout(PLAIN_TEXT_LIMIT, link.ask_in_the_clear(b"\r\n\r\n")).await;
    match answer {
        Ok(Ok(answer)) => foreign(&answer).map_or(Broken::TimedOut(limit), Broken::NotTls),
        Ok(Err(_)) | Err(_) => Broken::TimedOut(limit),
    }
}

fn agreed<S: AsyncRead + AsyncWrite + Unpin>(link: &Link<S>, verifier: &ObservingVerifier) -> Handshake {
    let tls = link.tls();
    let signature_scheme = verifier.seen().scheme.map(|scheme| SignatureScheme(scheme.into()));
    let suite = tls.negotiated_cipher_suite().map_or(0, |suite| suite.suite().into());
    let group = tls.negotiated_key_exchange_group();
    let (bytes_sent, bytes_received) = link.traffic();
    Handshake {
        version: ProtocolVersion(tls.protocol_version().map_or(0, u16::from)),
        cipher_suite: CipherSuite::of_handshake(Suite(suite), signature_scheme),
        group: group.map(|group| NamedGroup(group.name().into())),
        hello: match tls.handshake_kind() {
            Some(HandshakeKind::FullWithHelloRetryRequest) => Hello::Retried,
            _ => Hello::Accepted,
        },
        signature_scheme,
        alpn: tls.alpn_protocol().map(|protocol| String::from_utf8_lossy(protocol).into_owned()),
        client_certificate: client_certificate(verifier),
        bytes_sent,
        bytes_received,
    }
}

/// What was agreed on as it prints, or an empty text.
fn or_empty<T: Serialize, S: Serializer>(agreed: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    match agreed {
        Some(agreed) => agreed.serialize(serializer),
        None => serializer.serialize_str(""),
    }
}

fn client_certificate(verifier: &ObservingVerifier) -> ClientCertificate {
    match verifier.seen().client_cas {
        Some(ca_names) => ClientCertificate { wish: ClientCertificateWish::Requested, ca_names },
        None => ClientCertificate { wish: ClientCertificateWish::NotRequested, ca_names: Vec::new() },
    }
}

const PLAIN_TEXT_LIMIT: Duration = Duration::from_secs(1);
