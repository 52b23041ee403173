//! The board's host name.

use core::{fmt, str::FromStr};

use heapless::String;
use serde::{Deserialize, Serialize};

/// One label of a host name: 1 to 32 letters, digits and hyphens, no hyphen at either end (RFC 1123 section 2.1).
///
/// A DHCP server and mDNS get it as it is. RFC 1123 allows 63 bytes; embassy-net's DHCP client holds 32.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String<HOSTNAME_BYTES>", into = "String<HOSTNAME_BYTES>")]
pub struct Hostname(String<HOSTNAME_BYTES>);

impl Hostname {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Hostname {
    fn default() -> Self {
        Self(DEFAULT_HOSTNAME.chars().collect())
    }
}

impl TryFrom<String<HOSTNAME_BYTES>> for Hostname {
    type Error = HostnameError;

    fn try_from(name: String<HOSTNAME_BYTES>) -> Result<Self, HostnameError> {
        match name.as_bytes() {
            [] => Err(HostnameError::Empty),
            [b'-', ..] | [.., b'-'] => Err(HostnameError::Hyphen),
            bytes if bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') => Ok(Self(name)),
            _ => Err(HostnameError::Character),
        }
    }
}

impl FromStr for Hostname {
    type Err = HostnameError;

    fn from_str(name: &str) -> Result<Self, HostnameError> {
        String::try_from(name).map_err(|_| HostnameError::Length(name.len()))?.try_into()
    }
}

impl From<Hostname> for String<HOSTNAME_BYTES> {
    fn from(name: Hostname) -> Self {
        name.0
    }
}

impl fmt::Display for Hostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no [`Hostname`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostnameError {
    /// There is no text.
    #[error("a host name can't be empty")]
    Empty,
    /// The text is longer than 32 bytes; holds its length.
    #[error("a host name has at most {HOSTNAME_BYTES} bytes, this one has {0}")]
    Length(usize),
    /// It begins or ends with a hyphen.
    #[error("a host name can't begin or end with a hyphen")]
    Hyphen,
    /// A character that a host name can't have; a dot is one, since this is a single label.
    #[error("a host name has only letters, digits and hyphens")]
    Character,
}

const HOSTNAME_BYTES: usize = 32;
const DEFAULT_HOSTNAME: &str = "esp-https";
