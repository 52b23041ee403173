//! The numbers of Mbed TLS's errors. One number may hold two: a module's own, which is a multiple of 128, and beside it that of a
//! module below (`mbedtls/error.h`).

use std::fmt;

/// An error of Mbed TLS by its number; `Display` says what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorNumber(i32);

impl ErrorNumber {
    /// The first in a text of the firmware, such as `the certificate can't be parsed (Mbed TLS -9570)`.
    #[must_use]
    pub fn in_text(text: &str) -> Option<Self> {
        let (_, after) = text.split_once(MARK)?;
        let end = after.find(|letter: char| !letter.is_ascii_digit() && letter != '-').unwrap_or(after.len());
        after.get(..end)?.parse().ok().map(Self)
    }

    /// The names of the errors in it, such as `X509_INVALID_EXTENSIONS`, the module's own first.
    fn names(self) -> impl Iterator<Item = &'static str> {
        let number = self.0.unsigned_abs();
        [number & !LOW, number & LOW].into_iter().filter(|part| *part != 0).map(|part| {
            TABLE
                .lines()
                .filter_map(|line| line.split_once(' '))
                .find(|(known, _)| u32::from_str_radix(known, 16) == Ok(part))
                .map_or("UNKNOWN_ERROR", |(_, name)| name)
        })
    }
}

impl fmt::Display for ErrorNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mbed TLS -{:#06x} means", self.0.unsigned_abs())?;
        for (index, name) in self.names().enumerate() {
            let (module, rest) = name.split_once('_').unwrap_or((name, ""));
            let module = MODULES.iter().find(|(short, _)| *short == module).map_or(module, |(_, long)| long);
            let and = if index == 0 { "" } else { " and" };
            write!(f, "{and} {} ({module})", rest.to_ascii_lowercase().replace('_', " "))?;
        }
        Ok(())
    }
}

/// What the firmware puts before a number.
const MARK: &str = "(Mbed TLS ";

/// The bits of the lower module's number.
const LOW: u32 = 0x7f;

const TABLE: &str = include_str!("error_numbers.txt");

/// What the modules that read certificates and keys, and those of a handshake, are about.
const MODULES: [(&str, &str); 10] = [
    ("X509", "certificates"),
    ("PK", "keys"),
    ("PEM", "PEM"),
    ("ASN1", "ASN.1"),
    ("OID", "object identifiers"),
    ("RSA", "RSA"),
    ("ECP", "elliptic curves"),
    ("MPI", "large numbers"),
    ("SSL", "TLS"),
    ("BASE64", "base64"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_number_is_said_in_words_with_both_of_its_parts() {
        let told = |number: i32| ErrorNumber(number).to_string();
        assert_eq!(
            told(-9570),
            "Mbed TLS -0x2562 means invalid extensions (certificates) and unexpected tag (ASN.1)"
        );
        assert_eq!(told(-8320), "Mbed TLS -0x2080 means feature unavailable (certificates)");
        assert_eq!(told(-0x2e), "Mbed TLS -0x002e means not found (object identifiers)");
        assert_eq!(told(-0x7f), "Mbed TLS -0x007f means error (UNKNOWN)");
        assert_eq!(told(i32::MIN), "Mbed TLS -0x80000000 means error (UNKNOWN)");
    }

    #[test]
    fn the_number_of_a_fault_is_found() {
        let in_text = |text| ErrorNumber::in_text(text).map(|number| number.0);
        assert_eq!(in_text("the certificate can't be parsed (Mbed TLS -9570)"), Some(-9570));
        for none in
            ["", "no network", "(Mbed TLS ", "(Mbed TLS x)", "(Mbed TLS --1)", "(Mbed TLS -99999999999)"]
        {
            assert_eq!(in_text(none), None, "{none}");
        }
    }

    #[test]
    fn each_line_of_the_table_is_an_error_of_its_own_in_one_of_the_two_parts() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() > 200, "{}", lines.len());
        let mut seen = BTreeSet::new();
        for line in lines {
            let (number, name) = line.split_once(' ').unwrap();
            let number = u32::from_str_radix(number, 16).unwrap();
            assert!(number & LOW == 0 || number & !LOW == 0, "{line}");
            assert!(seen.insert(number), "{line} is there twice");
            assert!(
                name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
            );
        }
    }
}
