//! The names that IANA's TLS registries give to numbers on the wire. A number without a name prints as hex.

/// The name of a named group, e.g. `secp256r1` (RFC 8446, section 4.2.7).
#[must_use]
pub fn named_group(id: u16) -> String {
    name(NAMED_GROUPS, id)
}

/// The name of a signature scheme, e.g. `rsa_pss_rsae_sha256` (RFC 8446, section 4.2.3).
#[must_use]
pub fn signature_scheme(id: u16) -> String {
    name(SIGNATURE_SCHEMES, id)
}

fn name(registry: &[(u16, &str)], id: u16) -> String {
    let known = registry.iter().find(|(known, _)| *known == id);
    known.map_or_else(|| format!("0x{id:04x}"), |(_, name)| (*name).to_owned())
}

const NAMED_GROUPS: &[(u16, &str)] = &[
    (0x0017, "secp256r1"),
    (0x0018, "secp384r1"),
    (0x0019, "secp521r1"),
    (0x001d, "x25519"),
    (0x001e, "x448"),
    (0x0100, "ffdhe2048"),
    (0x0101, "ffdhe3072"),
    (0x0102, "ffdhe4096"),
    (0x0103, "ffdhe6144"),
    (0x0104, "ffdhe8192"),
];

const SIGNATURE_SCHEMES: &[(u16, &str)] = &[
    (0x0201, "rsa_pkcs1_sha1"),
    (0x0203, "ecdsa_sha1"),
    (0x0401, "rsa_pkcs1_sha256"),
    (0x0403, "ecdsa_secp256r1_sha256"),
    (0x0501, "rsa_pkcs1_sha384"),
    (0x0503, "ecdsa_secp384r1_sha384"),
    (0x0601, "rsa_pkcs1_sha512"),
    (0x0603, "ecdsa_secp521r1_sha512"),
    (0x0804, "rsa_pss_rsae_sha256"),
    (0x0805, "rsa_pss_rsae_sha384"),
    (0x0806, "rsa_pss_rsae_sha512"),
    (0x0807, "ed25519"),
    (0x0808, "ed448"),
];

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
