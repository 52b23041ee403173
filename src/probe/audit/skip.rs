//! Why a question is not asked.

use std::{fmt, time::Duration};

use crate::tls::TooLong;

/// Why a question is not asked, or not asked to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// The server completes no handshake without a client certificate, and none was given.
    NeedsClientCertificate,
    /// It takes a whole handshake, and the server speaks no version that this tool completes.
    NeedsOtherVersion,
    /// It takes a whole handshake, and the server accepts no suite that this tool completes.
    NeedsOtherSuite,
    /// It takes a whole handshake, and this server and this tool complete none: how it ends.
    HandshakeFails(String),
    /// It takes encrypted records that this tool reads.
    NeedsEncryptedRecords,
    /// The run was interrupted.
    Interrupted,
    /// The server had stopped answering before.
    ServerGone,
    /// The time for the whole audit was over.
    Deadline(Duration),
    /// As many connections had been made as are allowed.
    ConnectionLimit(u32),
    /// Our own settings make no handshake.
    NotPrepared,
    /// Our own hello can't be written.
    HelloTooLong(TooLong),
}

impl SkipReason {
    /// Whether asking again in the same way leads to the same: what is missing is a property of the server, or a certificate.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        matches!(
            self,
            Self::NeedsClientCertificate
                | Self::NeedsOtherVersion
                | Self::NeedsOtherSuite
                | Self::HandshakeFails(_)
                | Self::NeedsEncryptedRecords
        )
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeedsClientCertificate => {
                f.write_str("needs a client certificate: --client-cert and --client-key")
            }
            Self::NeedsOtherVersion => {
                f.write_str("needs a completed handshake; this tool completes TLS 1.2 and 1.3")
            }
            Self::NeedsOtherSuite => f.write_str(
                "needs a completed handshake; this tool completes TLS 1.2 by ECDHE with AES-GCM or ChaCha20",
            ),
            Self::HandshakeFails(how) => {
                write!(f, "needs a completed handshake; with this tool it ends: {how}")
            }
            Self::NeedsEncryptedRecords => f.write_str(
                "it holds for encrypted records (RFC 8449); this tool reads those of TLS 1.3 only",
            ),
            Self::Interrupted => f.write_str("interrupted"),
            Self::ServerGone => f.write_str("the server had stopped answering"),
            Self::Deadline(deadline) => write!(f, "the deadline of {deadline:?} was reached"),
            Self::ConnectionLimit(most) => write!(f, "the limit of {most} connections was reached"),
            Self::NotPrepared => f.write_str("the handshake can't be prepared"),
            Self::HelloTooLong(error) => error.fmt(f),
        }
    }
}
