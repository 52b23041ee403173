//! Names in a certificate: the common name, and the subject alternative names that clients compare.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Serialize, Serializer};

/// A subject alternative name, written `dns:NAME` or `ip:ADDRESS`. Where neither is in front, an address is an address and anything
/// else a host name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum San {
    /// A host name, e.g. `esp32.local`.
    Dns(HostName),
    /// An IPv4 or IPv6 address.
    Ip(IpAddr),
}

impl San {
    /// The name without its kind: `esp32.local`, `192.168.1.7`.
    #[must_use]
    pub fn bare(&self) -> String {
        match self {
            Self::Dns(name) => name.to_string(),
            Self::Ip(address) => address.to_string(),
        }
    }
}

impl FromStr for San {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let (kind, name) = text.split_once(':').unwrap_or(("", text));
        match kind.to_ascii_lowercase().as_str() {
            "dns" => name.parse().map(Self::Dns),
            "ip" => address(name).map(Self::Ip),
            _ => plain(text),
        }
    }
}

impl fmt::Display for San {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "dns:{name}"),
            Self::Ip(address) => write!(f, "ip:{address}"),
        }
    }
}

impl Serialize for San {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A host name: labels of letters, digits and hyphens (RFC 1123, section 2.1), with at most a `*` as the whole first
/// label of three or more. No trailing dot: RFC 5280, section 4.2.1.6, has names in their preferred syntax.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostName(String);

impl HostName {
    /// The name as it goes into the certificate.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.parse::<IpAddr>().is_ok() {
            return Err(NameError::IsAddress);
        }
        if text.len() > MAX_HOST_NAME {
            return Err(NameError::HostTooLong { length: text.len() });
        }
        let labels = match text.strip_prefix("*.") {
            Some(rest) if rest.contains('.') => rest,
            Some(_) => return Err(NameError::WideWildcard),
            None => text,
        };
        labels.split('.').try_for_each(check_label)?;
        // A name whose last label is a number is read as an IPv4 address by browsers (WHATWG URL, section 3.5).
        let last = labels.rsplit('.').next().unwrap_or(labels);
        if last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NameError::NumericEnd);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A subject common name: 1 to 64 characters (`ub-common-name`, RFC 5280, appendix A.1), none of them a control
/// character, not blank.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct CommonName(String);

impl CommonName {
    /// The name, UTF-8.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The book's: `ESP32 HTTPS server example`.
    #[must_use]
    pub fn book() -> Self {
        Self(BOOK_COMMON_NAME.to_owned())
    }
}

impl FromStr for CommonName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.trim().is_empty() {
            return Err(NameError::Empty);
        }
        if text.chars().any(char::is_control) {
            return Err(NameError::ControlCharacter);
        }
        match text.chars().count() {
            length if length > MAX_COMMON_NAME => Err(NameError::CommonNameTooLong { length }),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

fn check_label(label: &str) -> Result<(), NameError> {
    let ldh = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if label.is_empty() {
        return Err(NameError::EmptyLabel);
    }
    if let Some(bad) = label.chars().find(|c| !u8::try_from(*c).is_ok_and(ldh)) {
        return Err(NameError::BadCharacter { bad });
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err(NameError::EdgeHyphen);
    }
    if label.len() > MAX_LABEL {
        return Err(NameError::LabelTooLong { length: label.len() });
    }
    Ok(())
}

fn address(text: &str) -> Result<IpAddr, NameError> {
    match text.parse::<IpAddr>() {
        Ok(address) if address.is_unspecified() => Err(NameError::Unspecified),
        Ok(address) => Ok(address),
        Err(_) if text.contains('%') => Err(NameError::Zone),
        Err(_) => Err(NameError::NotAnAddress),
    }
}

/// A name without its kind. A colon is in addresses of IPv6 only.
fn plain(text: &str) -> Result<San, NameError> {
    match address(text) {
        Ok(address) => Ok(San::Ip(address)),
        Err(NameError::NotAnAddress) if text.contains(':') => Err(NameError::UnknownKind),
        Err(NameError::NotAnAddress) => text.parse().map(San::Dns),
        Err(error) => Err(error),
    }
}

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing, or blanks only.
    #[error("it is empty")]
    Empty,
    /// Neither `dns:` nor `ip:` in front of a colon, and no address of IPv6.
    #[error("it is no address of IPv6, and only dns: and ip: can be in front of a name")]
    UnknownKind,
    /// An address where a host name belongs: clients compare addresses with `ip:` entries only (RFC 9110, 4.3.5).
    #[error("it is an address, and clients look for an address only among the ip: names")]
    IsAddress,
    /// Longer than DNS can carry.
    #[error("it has {length} characters; a host name has at most {MAX_HOST_NAME}")]
    HostTooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// `*.local` and the like.
    #[error("a wildcard needs two labels after it, as in *.home.arpa; clients refuse it otherwise")]
    WideWildcard,
    /// Two dots in a row, or one at an end.
    #[error("it has an empty label: a dot at its start or end, or two dots in a row")]
    EmptyLabel,
    /// Not a letter, digit or hyphen.
    #[error(
        "{bad:?} can't be in a host name: letters, digits, hyphens and dots only (punycode for other scripts)"
    )]
    BadCharacter {
        /// The first such character.
        bad: char,
    },
    /// A label that starts or ends with a hyphen.
    #[error("a label can't start or end with a hyphen")]
    EdgeHyphen,
    /// A label longer than DNS can carry.
    #[error("one label has {length} characters; the most is {MAX_LABEL}")]
    LabelTooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// A last label of digits only.
    #[error("it ends with a number, so clients treat it as an address")]
    NumericEnd,
    /// Not an IPv4 or IPv6 address.
    #[error("it is not an IPv4 or IPv6 address")]
    NotAnAddress,
    /// `fe80::1%eth0`.
    #[error("a certificate can't contain a zone: leave out the % and what follows")]
    Zone,
    /// `0.0.0.0` or `::`.
    #[error("no client connects to the unspecified address")]
    Unspecified,
    /// A control character in a common name.
    #[error("it has a control character")]
    ControlCharacter,
    /// More than X.520 allows.
    #[error("it has {length} characters; X.509 allows {MAX_COMMON_NAME}")]
    CommonNameTooLong {
        /// Its length in characters.
        length: usize,
    },
}

const BOOK_COMMON_NAME: &str = "ESP32 HTTPS server example";
/// Without the trailing dot (RFC 1035, section 2.3.4, less the root label and the first length byte).
const MAX_HOST_NAME: usize = 253;
const MAX_LABEL: usize = 63;
const MAX_COMMON_NAME: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_clients_can_compare_are_taken_as_they_are() {
        for good in [
            "dns:esp32.local",
            "dns:localhost",
            "dns:Board-7.lan",
            "dns:*.home.arpa",
            "dns:xn--bcher-kva.local",
        ] {
            assert_eq!(good.parse::<San>().map(|san| san.to_string()), Ok(good.to_owned()));
        }
        assert_eq!("IP:192.168.1.7".parse::<San>().unwrap().to_string(), "ip:192.168.1.7");
        assert_eq!("ip:2001:DB8:0::1".parse::<San>().unwrap().to_string(), "ip:2001:db8::1");
        assert_eq!("DNS:a".parse::<San>().unwrap().bare(), "a");
        for (plain, kind) in
            [("kitchen.local", "dns"), ("esp32", "dns"), ("192.168.1.7", "ip"), ("::1", "ip")]
        {
            assert_eq!(plain.parse::<San>().map(|san| san.to_string()), Ok(format!("{kind}:{plain}")));
        }
    }

    #[test]
    fn each_bad_san_is_told_what_is_wrong_with_it() {
        let label = "a".repeat(64);
        let long = ["abcdefg"; 32].join(".");
        let cases = [
            ("dns:".to_owned(), NameError::Empty),
            ("dns:10.0.0.1".to_owned(), NameError::IsAddress),
            ("dns:1.2.3".to_owned(), NameError::NumericEnd),
            ("dns:a..b".to_owned(), NameError::EmptyLabel),
            ("dns:esp32.local.".to_owned(), NameError::EmptyLabel),
            ("dns:my_board".to_owned(), NameError::BadCharacter { bad: '_' }),
            ("dns:bücher.local".to_owned(), NameError::BadCharacter { bad: 'ü' }),
            ("dns:a.*.local".to_owned(), NameError::BadCharacter { bad: '*' }),
            ("dns:*.local".to_owned(), NameError::WideWildcard),
            ("dns:-a".to_owned(), NameError::EdgeHyphen),
            (format!("dns:{label}"), NameError::LabelTooLong { length: 64 }),
            (format!("dns:{long}"), NameError::HostTooLong { length: 255 }),
            ("ip:esp32".to_owned(), NameError::NotAnAddress),
            ("ip:1.2.3.256".to_owned(), NameError::NotAnAddress),
            ("ip:fe80::1%eth0".to_owned(), NameError::Zone),
            ("ip:0.0.0.0".to_owned(), NameError::Unspecified),
            ("".to_owned(), NameError::Empty),
            ("uri:https://x".to_owned(), NameError::UnknownKind),
            ("esp32:8443".to_owned(), NameError::UnknownKind),
            ("192.168.1".to_owned(), NameError::NumericEnd),
            ("my_board".to_owned(), NameError::BadCharacter { bad: '_' }),
            ("::".to_owned(), NameError::Unspecified),
            ("fe80::1%eth0".to_owned(), NameError::Zone),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<San>(), Err(error), "{text}");
        }
    }

    #[test]
    fn a_common_name_has_1_to_64_characters_and_no_control_characters() {
        assert!("é".repeat(64).parse::<CommonName>().is_ok());
        assert_eq!("é".repeat(65).parse::<CommonName>(), Err(NameError::CommonNameTooLong { length: 65 }));
        assert_eq!(" ".parse::<CommonName>(), Err(NameError::Empty));
        assert_eq!("a\nb".parse::<CommonName>(), Err(NameError::ControlCharacter));
        assert_eq!("a\u{85}b".parse::<CommonName>(), Err(NameError::ControlCharacter));
    }
}
