//! Cipher suites, and what each of them is made of.

use std::fmt;

use super::{
    cipher::{Cipher, CipherAlgorithm, EXPORT_BITS},
    hash::Hash,
    scheme::SignatureAlgorithm,
};

/// A cipher suite on the wire. Prints, and serialises, as IANA's name, or as its number in hex where it has none here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Suite(
    /// The number, e.g. 0xc02f.
    pub u16,
);

/// A cipher suite of IANA's registry, and what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuiteParts {
    /// The suite.
    pub suite: Suite,
    /// IANA's name, e.g. `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`.
    pub name: &'static str,
    /// How the keys are agreed on.
    pub key_exchange: KeyExchange,
    /// How the server proves who it is.
    pub authentication: Authentication,
    /// What encrypts.
    pub cipher: Cipher,
    /// The hash.
    pub hash: Hash,
}

/// How the two sides agree on keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyExchange {
    /// Not at all: `TLS_NULL_WITH_NULL_NULL`, with which a connection begins.
    Null,
    /// The client encrypts a secret with the server's RSA key (RFC 5246, section 7.4.7.1): static RSA.
    Rsa,
    /// Diffie-Hellman in a finite field, with the key of the certificate; with a key for this connection in anonymous suites.
    Dh,
    /// Diffie-Hellman in a finite field, with a key for this connection.
    Dhe,
    /// Diffie-Hellman on a curve, with the key of the certificate; with a key for this connection in anonymous suites.
    Ecdh,
    /// Diffie-Hellman on a curve, with a key for this connection.
    Ecdhe,
    /// A key that both sides have.
    Psk,
    /// TLS 1.3: the suite leaves it to the group that is negotiated beside it (RFC 8446, appendix B.4).
    Group,
}

/// How a server proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authentication {
    /// Not at all: `TLS_NULL_WITH_NULL_NULL`.
    Null,
    /// Not at all: `DH_anon` and `ECDH_anon`.
    Anonymous,
    /// With an RSA key.
    Rsa,
    /// With a DSA key.
    Dss,
    /// With an ECDSA key.
    Ecdsa,
    /// With an Ed25519 or Ed448 key.
    EdDsa,
    /// With a key that both sides have.
    Psk,
    /// TLS 1.3: the suite leaves it to the certificate and its signature (RFC 8446, appendix B.4).
    Certificate,
}

/// Something in a suite that is broken today, and that the book's chapter lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Weakness {
    /// Keys of 40 bits.
    Export,
    /// The server does not prove who it is.
    NoAuthentication,
    /// A stolen key opens what was recorded before.
    StaticRsa,
    /// Nothing is encrypted.
    NoEncryption,
    /// RC4.
    Rc4,
    /// RC2.
    Rc2,
    /// DES.
    Des,
    /// Blocks of 64 bits.
    TripleDes,
    /// Blocks of 64 bits.
    Idea,
    /// MD5.
    Md5,
}

impl Suite {
    /// `TLS_EMPTY_RENEGOTIATION_INFO_SCSV` (RFC 5746, section 3.3): a signal in the shape of a suite.
    pub const RENEGOTIATION_SCSV: Self = Self(0x00ff);
    /// `TLS_FALLBACK_SCSV` (RFC 7507): a signal in the shape of a suite.
    pub const FALLBACK_SCSV: Self = Self(0x5600);
}

impl SuiteParts {
    /// Whether a server may choose it without a pre-shared key.
    #[must_use]
    pub fn needs_no_psk(&self) -> bool {
        self.key_exchange != KeyExchange::Psk && self.authentication != Authentication::Psk
    }

    /// Whether it is one of those with keys of 40 bits, which could once be exported from the United States.
    #[must_use]
    pub fn is_export(&self) -> bool {
        self.cipher.bits == EXPORT_BITS
    }

    /// What of it is broken; empty when nothing is.
    #[must_use]
    pub fn weaknesses(&self) -> Vec<Weakness> {
        let algorithm = match self.cipher.algorithm {
            CipherAlgorithm::Null => Some(Weakness::NoEncryption),
            CipherAlgorithm::Rc4 => Some(Weakness::Rc4),
            CipherAlgorithm::Rc2 => Some(Weakness::Rc2),
            CipherAlgorithm::Des => Some(Weakness::Des),
            CipherAlgorithm::TripleDes => Some(Weakness::TripleDes),
            CipherAlgorithm::Idea => Some(Weakness::Idea),
            _ => None,
        };
        let is_anonymous = self.authentication == Authentication::Anonymous;
        [
            self.is_export().then_some(Weakness::Export),
            is_anonymous.then_some(Weakness::NoAuthentication),
            (self.key_exchange == KeyExchange::Rsa).then_some(Weakness::StaticRsa),
            algorithm,
            (self.hash == Hash::Md5).then_some(Weakness::Md5),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl From<SignatureAlgorithm> for Authentication {
    fn from(algorithm: SignatureAlgorithm) -> Self {
        match algorithm {
            SignatureAlgorithm::RsaPkcs1 | SignatureAlgorithm::RsaPss => Self::Rsa,
            SignatureAlgorithm::Dsa => Self::Dss,
            SignatureAlgorithm::Ecdsa => Self::Ecdsa,
            SignatureAlgorithm::EdDsa => Self::EdDsa,
        }
    }
}

impl fmt::Display for KeyExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "NULL",
            Self::Rsa => "RSA",
            Self::Dh => "DH",
            Self::Dhe => "DHE",
            Self::Ecdh => "ECDH",
            // The book's chapter calls it so in TLS 1.3, too.
            Self::Ecdhe | Self::Group => "ECDHE",
            Self::Psk => "PSK",
        })
    }
}

impl fmt::Display for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null | Self::Anonymous => "none",
            Self::Rsa => "RSA",
            Self::Dss => "DSS",
            Self::Ecdsa => "ECDSA",
            Self::EdDsa => "EdDSA",
            Self::Psk => "PSK",
            Self::Certificate => "by certificate",
        })
    }
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Export => "EXPORT: keys of 40 bits",
            Self::NoAuthentication => "no authentication",
            Self::StaticRsa => "static RSA: no forward secrecy",
            Self::NoEncryption => "NULL: no encryption",
            Self::Rc4 => "RC4",
            Self::Rc2 => "RC2",
            Self::Des => "DES",
            Self::TripleDes => "3DES: blocks of 64 bits",
            Self::Idea => "IDEA: blocks of 64 bits",
            Self::Md5 => "MD5",
        })
    }
}
