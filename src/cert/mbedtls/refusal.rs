//! Why a board refuses a certificate.

use std::fmt;

use thiserror::Error;
use x509_parser::{der_parser::Oid, objects::oid_registry, objects::oid2sn};

/// The first thing for which the firmware's TLS library refuses a certificate, in words.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A part is not encoded as RFC 5280 prescribes.
    #[error("its {what} can't be read")]
    Damaged {
        /// The part.
        what: &'static str,
    },
    /// A version that does not exist.
    #[error("it says that it is X.509 version {version}, and there are versions 1 to 3")]
    Version {
        /// The version.
        version: u32,
    },
    /// Extensions in an old version.
    #[error("it says that it is X.509 version {version}, and has parts that only version 3 has")]
    OldVersion {
        /// The version.
        version: u32,
    },
    /// A signature by an algorithm that is not built in.
    #[error("it is signed by {}, which the board's TLS library does not know", Named(oid))]
    SignatureAlgorithm {
        /// The algorithm's object identifier.
        oid: String,
    },
    /// A signature with parameters that are not built in.
    #[error("its signature's algorithm has parameters that the board's TLS library does not know")]
    SignatureParameters,
    /// The algorithm is named twice, and not the same.
    #[error("it names two algorithms for its one signature")]
    AlgorithmsDiffer,
    /// A name that must not be empty is.
    #[error("{place} is empty")]
    EmptyName {
        /// Whose name.
        place: NamePlace,
    },
    /// A name can't be read.
    #[error("{place} can't be read")]
    Name {
        /// Whose name.
        place: NamePlace,
    },
    /// A name has text of a type that is not built in.
    #[error("{place} has text of the ASN.1 type {}, which the board's TLS library does not know", TextType(*tag))]
    NameType {
        /// Whose name.
        place: NamePlace,
        /// The type's tag.
        tag: u8,
    },
    /// A date does not exist or is written in an odd way.
    #[error("its validity has a date that can't be read")]
    Date,
    /// A key of an algorithm that is not built in.
    #[error(
        "its key is of the algorithm {}, and the board's TLS library knows RSA and elliptic curves",
        Named(oid)
    )]
    KeyAlgorithm {
        /// The algorithm's object identifier.
        oid: String,
    },
    /// An RSA key of a size that is not computed with.
    #[error("its RSA key has {bits} bits, and the board's TLS library takes up to 8192")]
    RsaSize {
        /// The size of the modulus.
        bits: usize,
    },
    /// A curve that is not built in.
    #[error("its key is on the curve {}, which the board's TLS library does not know", Named(oid))]
    Curve {
        /// The curve's object identifier.
        oid: String,
    },
    /// A curve by its parameters.
    #[error("its key gives its curve by parameters, and the board's TLS library knows curves by their names")]
    ExplicitCurve,
    /// A compressed point on a curve for which it can't be computed.
    #[error("its key is a compressed point, which the board's TLS library can't compute on this curve")]
    CompressedPoint,
    /// A critical extension that is not built in.
    #[error(
        "it has the extension {}, marked as critical, which the board's TLS library does not know",
        Named(oid)
    )]
    CriticalExtension {
        /// The extension's object identifier.
        oid: String,
    },
    /// Critical policies with another than anyPolicy.
    #[error(
        "its certificate policies are marked as critical, and the board's TLS library does not know {oid}"
    )]
    CriticalPolicy {
        /// The policy's object identifier.
        oid: String,
    },
    /// An extension twice.
    #[error("it has the extension {} twice", Named(oid))]
    RepeatedExtension {
        /// The extension's object identifier.
        oid: String,
    },
    /// An extension can't be read.
    #[error("its extension {} can't be read", Named(oid))]
    Extension {
        /// The extension's object identifier.
        oid: String,
    },
    /// An alternative name that is no address.
    #[error("an alternative name is an IP address of {bytes} bytes, and there are those of 4 and of 16")]
    AddressLength {
        /// Its length.
        bytes: usize,
    },
    /// The key may not sign handshakes.
    #[error("its key usage does not allow digital signatures, and a handshake needs one")]
    KeyUsage,
    /// It is not for servers.
    #[error("its extended key usage does not allow servers (serverAuth)")]
    ExtendedKeyUsage,
}

/// Whose name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NamePlace {
    /// The one that issued the certificate; in a self-signed one also its subject.
    Issuer,
    /// The one that it was issued to.
    Subject,
    /// A directory name among the alternative names.
    AlternativeName,
}

impl fmt::Display for NamePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Issuer => "the name of its issuer",
            Self::Subject => "the name of its subject",
            Self::AlternativeName => "a directory name among its alternative names",
        })
    }
}

/// An object identifier, with its name where it has one.
struct Named<'a>(&'a str);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(dotted) = self;
        let own = NAMES.iter().find(|(oid, _)| oid == dotted).map(|(_, name)| (*name).to_owned());
        match own.or_else(|| registered(dotted)) {
            Some(name) => write!(f, "{name} ({dotted})"),
            None => f.write_str(dotted),
        }
    }
}

/// The name in x509-parser's registry.
fn registered(dotted: &str) -> Option<String> {
    let numbers: Option<Vec<u64>> = dotted.split('.').map(|number| number.parse().ok()).collect();
    let oid = Oid::from(&numbers?).ok()?;
    oid2sn(&oid, oid_registry()).ok().map(str::to_owned)
}

/// The name of a type of text (X.680 section 8.4).
struct TextType(u8);

impl fmt::Display for TextType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0x12 => f.write_str("NumericString"),
            0x15 => f.write_str("VideotexString"),
            0x19 => f.write_str("GraphicString"),
            0x1a => f.write_str("VisibleString"),
            0x1b => f.write_str("GeneralString"),
            tag => write!(f, "{tag:#04x}"),
        }
    }
}

/// What x509-parser's registry leaves out, or calls otherwise than openssl does.
const NAMES: [(&str, &str); 14] = [
    ("1.3.101.110", "X25519"),
    ("1.3.101.111", "X448"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.10040.4.3", "DSA with SHA-1"),
    ("2.16.840.1.101.3.4.3.2", "DSA with SHA-256"),
    ("1.2.840.113549.1.1.10", "RSA-PSS"),
    ("1.2.840.113549.1.1.16", "RSA with SHA-512/256"),
    ("2.16.840.1.101.3.4.3.10", "ECDSA with SHA3-256"),
    ("2.16.840.1.101.3.4.3.14", "RSA with SHA3-256"),
    ("2.5.29.30", "nameConstraints"),
    ("2.5.29.36", "policyConstraints"),
    ("1.3.6.1.5.5.7.1.24", "tlsfeature"),
];
