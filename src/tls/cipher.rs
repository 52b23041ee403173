//! The ciphers of cipher suites.

use std::fmt;

use self::{CipherAlgorithm as A, CipherMode as M};

/// What encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cipher {
    /// The algorithm.
    pub algorithm: CipherAlgorithm,
    /// The size of its key in bits; without the parity bits of DES.
    pub bits: u16,
    /// How it is applied to more than one block.
    pub mode: CipherMode,
}

/// A symmetric cipher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CipherAlgorithm {
    /// Nothing is encrypted.
    Null,
    /// RC4, forbidden by RFC 7465.
    Rc4,
    /// RC2.
    Rc2,
    /// DES.
    Des,
    /// DES, three times.
    TripleDes,
    /// IDEA.
    Idea,
    /// SEED.
    Seed,
    /// AES.
    Aes,
    /// Camellia.
    Camellia,
    /// ARIA.
    Aria,
    /// ChaCha20.
    ChaCha20,
}

/// How a cipher is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CipherMode {
    /// As a stream, or not at all; the hash makes the MAC.
    Stream,
    /// Cipher block chaining; the hash makes the MAC.
    Cbc,
    /// Galois/counter mode.
    Gcm,
    /// Counter with CBC-MAC.
    Ccm,
    /// Counter with CBC-MAC, with a tag of 8 bytes (RFC 6655).
    Ccm8,
    /// With Poly1305 (RFC 7905).
    Poly1305,
}

impl Cipher {
    const fn new(algorithm: CipherAlgorithm, bits: u16, mode: CipherMode) -> Self {
        Self { algorithm, bits, mode }
    }
}

impl fmt::Display for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { algorithm, bits, mode } = self;
        match algorithm {
            CipherAlgorithm::Null => f.write_str("NULL"),
            CipherAlgorithm::Rc4 => write!(f, "RC4-{bits}"),
            CipherAlgorithm::Rc2 => write!(f, "RC2-{mode}-{bits}"),
            CipherAlgorithm::Des if *bits == EXPORT_BITS => write!(f, "DES{bits}-{mode}"),
            CipherAlgorithm::Des => write!(f, "DES-{mode}"),
            CipherAlgorithm::TripleDes => write!(f, "3DES-EDE-{mode}"),
            CipherAlgorithm::Idea => write!(f, "IDEA-{mode}"),
            CipherAlgorithm::Seed => write!(f, "SEED-{mode}"),
            CipherAlgorithm::Aes => write!(f, "AES-{bits}-{mode}"),
            CipherAlgorithm::Camellia => write!(f, "CAMELLIA-{bits}-{mode}"),
            CipherAlgorithm::Aria => write!(f, "ARIA-{bits}-{mode}"),
            CipherAlgorithm::ChaCha20 => write!(f, "CHACHA20-{mode}"),
        }
    }
}

impl fmt::Display for CipherMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stream => "stream",
            Self::Cbc => "CBC",
            Self::Gcm => "GCM",
            Self::Ccm => "CCM",
            Self::Ccm8 => "CCM-8",
            Self::Poly1305 => "POLY1305",
        })
    }
}

/// No encryption.
pub const NULL: Cipher = Cipher::new(A::Null, 0, M::Stream);
/// RC4 with 40 bits.
pub const RC4_40: Cipher = Cipher::new(A::Rc4, EXPORT_BITS, M::Stream);
/// RC4.
pub const RC4_128: Cipher = Cipher::new(A::Rc4, 128, M::Stream);
/// RC2 with 40 bits.
pub const RC2_40_CBC: Cipher = Cipher::new(A::Rc2, EXPORT_BITS, M::Cbc);
/// DES with 40 bits.
pub const DES_40_CBC: Cipher = Cipher::new(A::Des, EXPORT_BITS, M::Cbc);
/// DES.
pub const DES_CBC: Cipher = Cipher::new(A::Des, 56, M::Cbc);
/// 3DES.
pub const TRIPLE_DES_CBC: Cipher = Cipher::new(A::TripleDes, 168, M::Cbc);
/// IDEA.
pub const IDEA_CBC: Cipher = Cipher::new(A::Idea, 128, M::Cbc);
/// SEED.
pub const SEED_CBC: Cipher = Cipher::new(A::Seed, 128, M::Cbc);
/// AES-128-CBC.
pub const AES_128_CBC: Cipher = Cipher::new(A::Aes, 128, M::Cbc);
/// AES-256-CBC.
pub const AES_256_CBC: Cipher = Cipher::new(A::Aes, 256, M::Cbc);
/// AES-128-GCM.
pub const AES_128_GCM: Cipher = Cipher::new(A::Aes, 128, M::Gcm);
/// AES-256-GCM.
pub const AES_256_GCM: Cipher = Cipher::new(A::Aes, 256, M::Gcm);
/// AES-128-CCM.
pub const AES_128_CCM: Cipher = Cipher::new(A::Aes, 128, M::Ccm);
/// AES-256-CCM.
pub const AES_256_CCM: Cipher = Cipher::new(A::Aes, 256, M::Ccm);
/// AES-128-CCM-8.
pub const AES_128_CCM_8: Cipher = Cipher::new(A::Aes, 128, M::Ccm8);
/// AES-256-CCM-8.
pub const AES_256_CCM_8: Cipher = Cipher::new(A::Aes, 256, M::Ccm8);
/// CAMELLIA-128-CBC.
pub const CAMELLIA_128_CBC: Cipher = Cipher::new(A::Camellia, 128, M::Cbc);
/// CAMELLIA-256-CBC.
pub const CAMELLIA_256_CBC: Cipher = Cipher::new(A::Camellia, 256, M::Cbc);
/// CAMELLIA-128-GCM.
pub const CAMELLIA_128_GCM: Cipher = Cipher::new(A::Camellia, 128, M::Gcm);
/// CAMELLIA-256-GCM.
pub const CAMELLIA_256_GCM: Cipher = Cipher::new(A::Camellia, 256, M::Gcm);
/// ARIA-128-CBC.
pub const ARIA_128_CBC: Cipher = Cipher::new(A::Aria, 128, M::Cbc);
/// ARIA-256-CBC.
pub const ARIA_256_CBC: Cipher = Cipher::new(A::Aria, 256, M::Cbc);
/// ARIA-128-GCM.
pub const ARIA_128_GCM: Cipher = Cipher::new(A::Aria, 128, M::Gcm);
/// ARIA-256-GCM.
pub const ARIA_256_GCM: Cipher = Cipher::new(A::Aria, 256, M::Gcm);
/// ChaCha20-Poly1305.
pub const CHACHA20_POLY1305: Cipher = Cipher::new(A::ChaCha20, 256, M::Poly1305);
/// The size of the keys of the suites with EXPORT in their names; no other suite has it.
pub(super) const EXPORT_BITS: u16 = 40;
