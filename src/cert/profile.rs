//! What is asked for: the kind of certificate, its names, how long it is valid, and the type of its key.

use std::fmt;

use serde::Serialize;

use super::{CommonName, HostName, KeyType, San};

/// A kind of certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Profile {
    /// As the book's openssl command makes it: a CA certificate, no key usage, no names but the common name.
    Book,
    /// A TLS server's: not a CA, key usage, extended key usage `serverAuth`, subject alternative names.
    Server,
    /// A TLS client's (mutual TLS): not a CA, key usage, extended key usage `clientAuth`.
    Client,
    /// A CA's that issues certificates of servers and clients, and no other CA: path length 0.
    Ca,
}

impl Profile {
    /// The validity when none is asked for. Apple's systems refuse server certificates of more than 825 days, also
    /// those that the user trusts; 820 leaves room for clocks and time zones.
    #[must_use]
    pub fn default_validity(self) -> Validity {
        match self {
            Self::Book | Self::Ca => Validity { days: 3650 },
            Self::Server | Self::Client => Validity { days: 820 },
        }
    }
}

/// A certificate and key to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The kind of certificate.
    pub profile: Profile,
    /// The subject's, and so the issuer's, only attribute.
    pub common_name: CommonName,
    /// The names to be compared by clients; the server profile has at least one.
    pub names: Vec<San>,
    /// How long the certificate is valid.
    pub validity: Validity,
    /// The key to generate.
    pub key_type: KeyType,
}

impl Request {
    /// The book's: `CN=ESP32 HTTPS server example`, 3650 days, RSA-2048.
    #[must_use]
    pub fn book() -> Self {
        Self {
            profile: Profile::Book,
            common_name: CommonName::book(),
            names: Vec::new(),
            validity: Profile::Book.default_validity(),
            key_type: KeyType::Rsa2048,
        }
    }

    /// A server certificate for these names, 820 days, RSA-2048.
    ///
    /// Without names, it is for the common name if that is a host name or an address. Otherwise it is for
    /// `esp-https.local` (the default host name by mDNS), and for `localhost` and `127.0.0.1`, where the emulated board serves: the address a real
    /// board gets from DHCP can't be known here. Without a common name, the first name that fits is used.
    #[must_use]
    pub fn server(common_name: Option<CommonName>, names: Vec<San>) -> Self {
        let names = match (&common_name, names.is_empty()) {
            (_, false) => names,
            (Some(name), true) => named_by(name).map_or_else(default_names, |san| vec![san]),
            (None, true) => default_names(),
        };
        let fitting = || names.iter().find_map(|san| san.bare().parse().ok());
        Self {
            profile: Profile::Server,
            common_name: common_name.or_else(fitting).unwrap_or_else(CommonName::book),
            names,
            validity: Profile::Server.default_validity(),
            key_type: KeyType::Rsa2048,
        }
    }

    /// A client's certificate for mutual TLS with this common name, 820 days.
    #[must_use]
    pub fn client(common_name: CommonName, names: Vec<San>) -> Self {
        let validity = Profile::Client.default_validity();
        Self { profile: Profile::Client, common_name, names, validity, key_type: KeyType::Rsa2048 }
    }

    /// The certificate of a CA with this common name, 3650 days.
    #[must_use]
    pub fn ca(common_name: CommonName) -> Self {
        let validity = Profile::Ca.default_validity();
        Self { profile: Profile::Ca, common_name, names: Vec::new(), validity, key_type: KeyType::P256 }
    }
}

/// How long a certificate is valid: 1 to 36500 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Validity {
    days: u32,
}

impl Validity {
    /// The longest.
    pub const LONGEST: Self = Self { days: MAX_DAYS };

    /// A validity of so many days of 86400 seconds.
    ///
    /// # Errors
    /// [`BadValidity`] for 0 days, and for more than a century.
    pub fn days(days: u32) -> Result<Self, BadValidity> {
        if (1..=MAX_DAYS).contains(&days) { Ok(Self { days }) } else { Err(BadValidity) }
    }

    /// The number of days.
    #[must_use]
    pub fn in_days(self) -> u32 {
        self.days
    }

    /// The same as a duration.
    #[must_use]
    pub fn duration(self) -> time::Duration {
        time::Duration::days(i64::from(self.days))
    }
}

impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.days, if self.days == 1 { "day" } else { "days" })
    }
}

/// A number of days that no certificate should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a certificate is valid for 1 to {MAX_DAYS} days")]
pub struct BadValidity;

fn named_by(common_name: &CommonName) -> Option<San> {
    let text = common_name.as_str();
    let address = || format!("ip:{text}").parse().ok();
    text.parse::<HostName>().ok().map(San::Dns).or_else(address)
}

fn default_names() -> Vec<San> {
    DEFAULT_NAMES.iter().filter_map(|name| name.parse().ok()).collect()
}

const DEFAULT_NAMES: [&str; 3] = ["dns:esp-https.local", "dns:localhost", "ip:127.0.0.1"];
/// A century: long after any board, and dates stay in the four-digit years of X.509.
const MAX_DAYS: u32 = 36_500;

#[cfg(test)]
mod tests {
    use super::*;

    fn names(request: &Request) -> Vec<String> {
        request.names.iter().map(San::to_string).collect()
    }

    #[test]
    fn a_server_is_named_by_its_common_name_where_that_is_a_name() {
        let named = |name: &str| names(&Request::server(name.parse().ok(), Vec::new()));
        assert_eq!(named("kitchen.local"), ["dns:kitchen.local"]);
        assert_eq!(named("192.168.1.7"), ["ip:192.168.1.7"]);
        assert_eq!(named("Kitchen light"), DEFAULT_NAMES);
    }

    #[test]
    fn without_a_common_name_the_first_name_that_fits_is_used() {
        let long = format!("dns:{}.local", "a".repeat(63));
        let sans = [long.as_str(), "ip:10.0.0.7"].map(|san| san.parse().unwrap());
        assert_eq!(Request::server(None, sans.to_vec()).common_name.as_str(), "10.0.0.7");
        assert_eq!(Request::server(None, sans[..1].to_vec()).common_name, CommonName::book());
        assert_eq!(Request::server(None, Vec::new()).common_name.as_str(), "esp-https.local");
    }

    #[test]
    fn a_validity_is_1_day_to_a_century() {
        assert_eq!(Validity::days(0), Err(BadValidity));
        assert_eq!(Validity::days(100_000), Err(BadValidity));
        assert_eq!(Validity::days(1).map(|days| days.to_string()), Ok("1 day".to_owned()));
        assert!(Validity::days(36_500).is_ok());
    }
}
