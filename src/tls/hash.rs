//! The hashes of cipher suites and signatures.

use std::fmt;

/// The hash of a suite or of a signature. In a suite it makes the MAC of a CBC or stream cipher, and is that of the key
/// derivation otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hash {
    /// None: `TLS_NULL_WITH_NULL_NULL`.
    Null,
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-224; of no suite, but of signatures.
    Sha224,
    /// SHA-256; also of the CCM suites of RFC 6655 and RFC 7251, whose names leave it out.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512; of no suite, but of signatures.
    Sha512,
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "NULL",
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}
