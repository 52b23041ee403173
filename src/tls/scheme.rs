//! What a signature scheme is made of (RFC 8446, section 4.2.3; RFC 5246, section 7.4.1.4.1).

use super::{SignatureScheme, hash::Hash};

/// The algorithm of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSA with the padding of PKCS #1 version 1.5.
    RsaPkcs1,
    /// RSASSA-PSS.
    RsaPss,
    /// DSA.
    Dsa,
    /// ECDSA.
    Ecdsa,
    /// Ed25519 or Ed448.
    EdDsa,
}

impl SignatureScheme {
    /// The algorithm; `None` for a scheme that is not known.
    #[must_use]
    pub fn algorithm(self) -> Option<SignatureAlgorithm> {
        match self {
            Self::RSA_PSS_RSAE_SHA256
            | Self::RSA_PSS_RSAE_SHA384
            | Self::RSA_PSS_RSAE_SHA512
            | Self::RSA_PSS_PSS_SHA256
            | Self::RSA_PSS_PSS_SHA384
            | Self::RSA_PSS_PSS_SHA512 => Some(SignatureAlgorithm::RsaPss),
            Self::ECDSA_BRAINPOOL_P256R1_SHA256
            | Self::ECDSA_BRAINPOOL_P384R1_SHA384
            | Self::ECDSA_BRAINPOOL_P512R1_SHA512 => Some(SignatureAlgorithm::Ecdsa),
            Self::ED25519 | Self::ED448 => Some(SignatureAlgorithm::EdDsa),
            _ => self.pair().map(|(_, algorithm)| algorithm),
        }
    }

    /// The hash; `None` for a scheme that is not known, and for Ed25519 and Ed448, which have it built in.
    #[must_use]
    pub fn hash(self) -> Option<Hash> {
        match self {
            Self::RSA_PSS_RSAE_SHA256 | Self::RSA_PSS_PSS_SHA256 | Self::ECDSA_BRAINPOOL_P256R1_SHA256 => {
                Some(Hash::Sha256)
            }
            Self::RSA_PSS_RSAE_SHA384 | Self::RSA_PSS_PSS_SHA384 | Self::ECDSA_BRAINPOOL_P384R1_SHA384 => {
                Some(Hash::Sha384)
            }
            Self::RSA_PSS_RSAE_SHA512 | Self::RSA_PSS_PSS_SHA512 | Self::ECDSA_BRAINPOOL_P512R1_SHA512 => {
                Some(Hash::Sha512)
            }
            _ => self.pair().map(|(hash, _)| hash),
        }
    }

    /// Whether a handshake of TLS 1.3 may be signed by it: not by PKCS #1 version 1.5, by DSA, or over a hash weaker than
    /// SHA-256 (RFC 8446, section 4.2.3).
    #[must_use]
    pub fn may_sign_tls13(self) -> bool {
        let is_sound = !matches!(self.hash(), Some(Hash::Md5 | Hash::Sha1 | Hash::Sha224));
        let is_of_tls13 =
            !matches!(self.algorithm(), None | Some(SignatureAlgorithm::RsaPkcs1 | SignatureAlgorithm::Dsa));
        is_sound && is_of_tls13
    }

    /// In TLS 1.2, the first byte is the hash and the second the algorithm.
    fn pair(self) -> Option<(Hash, SignatureAlgorithm)> {
        let [hash, algorithm] = self.0.to_be_bytes();
        let hash = match hash {
            1 => Hash::Md5,
            2 => Hash::Sha1,
            3 => Hash::Sha224,
            4 => Hash::Sha256,
            5 => Hash::Sha384,
            6 => Hash::Sha512,
            _ => return None,
        };
        let algorithm = match algorithm {
            1 => SignatureAlgorithm::RsaPkcs1,
            2 => SignatureAlgorithm::Dsa,
            3 => SignatureAlgorithm::Ecdsa,
            _ => return None,
        };
        Some((hash, algorithm))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the registry say the same; only this test reads them.
    #[test]
    fn each_scheme_is_made_of_what_its_name_says() {
        for scheme in SignatureScheme::KNOWN {
            let name = scheme.to_string();
            let algorithm = match name.split('_').next().unwrap() {
                "rsa" if name.starts_with("rsa_pss") => SignatureAlgorithm::RsaPss,
                "rsa" => SignatureAlgorithm::RsaPkcs1,
                "dsa" => SignatureAlgorithm::Dsa,
                "ecdsa" => SignatureAlgorithm::Ecdsa,
                _ => SignatureAlgorithm::EdDsa,
            };
            assert_eq!(scheme.algorithm(), Some(algorithm), "{name}");
            let hash =
                scheme.hash().map(|hash| format!("_{}", hash.to_string().to_lowercase().replace('-', "")));
            match hash {
                Some(hash) => assert!(name.ends_with(&hash), "{name}: {hash}"),
                None => assert_eq!(algorithm, SignatureAlgorithm::EdDsa, "{name}"),
            }
        }
        assert_eq!((SignatureScheme(0x0708).algorithm(), SignatureScheme(0x0708).hash()), (None, None));
    }

    #[test]
    fn fourteen_schemes_sign_tls_1_3() {
        let names: Vec<_> = SignatureScheme::KNOWN
            .iter()
            .filter(|scheme| scheme.may_sign_tls13())
            .map(ToString::to_string)
            .collect();
        assert_eq!(names.len(), 14, "{names:?}");
        assert!(names.iter().all(|name| !name.contains("pkcs1") && !name.contains("sha1")), "{names:?}");
    }
}
