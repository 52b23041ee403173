//! The elliptic curves that certificates and private keys name: one table, for all that is said of them. Which of them a chip
//! accelerates is in its row (`device/chip.rs`).

use super::NamedGroup;

/// An elliptic curve. Two are the same when their object identifiers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Curve {
    /// Its object identifier, as it stands in certificates and keys.
    pub oid: &'static str,
    /// Its name in the TLS registry.
    pub name: &'static str,
    /// The name by which people know it: NIST's, where it has one (FIPS 186-4, appendix D.1.2).
    pub common_name: &'static str,
    /// The size of its field in bits, which is the size of its keys.
    pub bits: usize,
    /// Its group in TLS; `None` where this program knows none.
    pub group: Option<NamedGroup>,
}

impl Curve {
    /// P-256.
    pub const P256: Self =
        Self::nist("1.2.840.10045.3.1.7", "secp256r1", "P-256", 256, NamedGroup::SECP256R1);
    /// P-384.
    pub const P384: Self = Self::nist("1.3.132.0.34", "secp384r1", "P-384", 384, NamedGroup::SECP384R1);
    /// P-521.
    pub const P521: Self = Self::nist("1.3.132.0.35", "secp521r1", "P-521", 521, NamedGroup::SECP521R1);

    const fn nist(
        oid: &'static str,
        name: &'static str,
        common_name: &'static str,
        bits: usize,
        group: NamedGroup,
    ) -> Self {
        Self { oid, name, common_name, bits, group: Some(group) }
    }

    const fn other(oid: &'static str, name: &'static str, bits: usize, group: NamedGroup) -> Self {
        Self { oid, name, common_name: name, bits, group: Some(group) }
    }

    /// The curve with this object identifier.
    #[must_use]
    pub fn of_oid(oid: &str) -> Option<&'static Self> {
        CURVES.iter().find(|curve| curve.oid == oid)
    }

    /// The curve that a group of TLS is, and nothing more than it.
    #[must_use]
    pub fn of_group(group: NamedGroup) -> Option<&'static Self> {
        CURVES.iter().find(|curve| curve.group == Some(group))
    }

    /// The curve of either of these names, in letters of any case.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        let is_named = |curve: &&Self| {
            curve.name.eq_ignore_ascii_case(name) || curve.common_name.eq_ignore_ascii_case(name)
        };
        CURVES.iter().find(is_named)
    }
}

/// RFC 5480 section 2.1.1.1, SEC 2, RFC 5639, GB/T 32918.
const CURVES: [Curve; 12] = [
    Curve::P256,
    Curve::P384,
    Curve::P521,
    Curve::nist("1.2.840.10045.3.1.1", "secp192r1", "P-192", 192, NamedGroup::SECP192R1),
    Curve::nist("1.3.132.0.33", "secp224r1", "P-224", 224, NamedGroup::SECP224R1),
    Curve::other("1.3.132.0.10", "secp256k1", 256, NamedGroup::SECP256K1),
    Curve::other("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1", 256, NamedGroup::BRAINPOOL_P256R1),
    Curve::other("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1", 384, NamedGroup::BRAINPOOL_P384R1),
    Curve::other("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1", 512, NamedGroup::BRAINPOOL_P512R1),
    // Groups of TLS, too (RFC 8422), but of none that this program asks for.
    Curve { oid: "1.3.132.0.31", name: "secp192k1", common_name: "secp192k1", bits: 192, group: None },
    Curve { oid: "1.3.132.0.32", name: "secp224k1", common_name: "secp224k1", bits: 224, group: None },
    Curve { oid: "1.2.156.10197.1.301", name: "curveSM2", common_name: "SM2", bits: 256, group: None },
];

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn a_curve_is_found_by_each_of_its_names_and_has_the_name_of_its_group() {
        for curve in &CURVES {
            assert_eq!(Curve::of_oid(curve.oid), Some(curve));
            assert_eq!(Curve::named(&curve.name.to_uppercase()), Some(curve));
            assert_eq!(Curve::named(curve.common_name), Some(curve));
            if let Some(group) = curve.group {
                assert_eq!((group.to_string().as_str(), Curve::of_group(group)), (curve.name, Some(curve)));
                assert_eq!(curve.common_name.parse(), Ok(group), "as people write it on the command line");
            }
            let digits: String = curve.name.chars().filter(char::is_ascii_digit).collect();
            assert!(curve.group.is_none() || digits.starts_with(&curve.bits.to_string()), "{}", curve.name);
        }
        assert_eq!(Curve::of_group(NamedGroup::X25519), None);
    }

    #[test]
    fn no_other_file_has_an_object_identifier_of_a_curve() {
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("src/tls/curve.rs") {
                    let text = fs::read_to_string(&path).unwrap();
                    let found = CURVES.iter().find(|curve| text.contains(&format!("\"{}\"", curve.oid)));
                    assert_eq!(found, None, "{}", path.display());
                }
            }
        }
    }
}
