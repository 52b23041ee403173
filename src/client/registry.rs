//! The names that IANA's TLS registries give to numbers on the wire. A number without a name prints as hex.

use crate::tls::{NamedGroup, SignatureScheme};

/// The name of a named group, e.g. `secp256r1` (RFC 8446, section 4.2.7).
#[must_use]
pub fn named_group(id: u16) -> String {
    NamedGroup(id).to_string()
}

/// The name of a signature scheme, e.g. `rsa_pss_rsae_sha256` (RFC 8446, section 4.2.3).
#[must_use]
pub fn signature_scheme(id: u16) -> String {
    SignatureScheme(id).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_have_their_registered_names_and_others_print_as_hex() {
        assert_eq!(named_group(0x1d), "x25519");
        assert_eq!(named_group(0x4242), "0x4242");
        assert_eq!(signature_scheme(0x0804), "rsa_pss_rsae_sha256");
        assert_eq!(signature_scheme(0), "0x0000");
    }
}
