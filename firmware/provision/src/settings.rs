//! The board's settings: host name, Wi-Fi and limits, carried in user data entry 51.

use core::{fmt, str::FromStr};

use heapless::String;
use serde::{Deserialize, Serialize, Serializer};
use zeroize::ZeroizeOnDrop;

use crate::{error::SettingsError, name::Hostname};

/// What the board needs to know beside its certificate and key. The default serves without Wi-Fi.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The name for DHCP and mDNS; `esp-https` by default.
    pub hostname: Hostname,
    /// The network to join; `None` on a board without Wi-Fi.
    pub wifi: Option<Wifi>,
    /// What the server puts up with.
    pub limits: Limits,
    /// Whether clients are served that know no suite of today.
    #[serde(skip)]
    pub legacy_clients: LegacyClients,
}

impl Settings {
    /// Decodes the payload of entry 51: the version byte, then postcard, and nothing after it.
    pub(crate) fn decode(data: &[u8]) -> Result<Self, SettingsError> {
        let (&version, encoded) = data.split_first().ok_or(SettingsError::Malformed)?;
        if !matches!(version, VERSION_1 | VERSION_2) {
            return Err(SettingsError::Version(version));
        }
        let (mut settings, mut rest) = take::<Self>(encoded)?;
        if version == VERSION_2 {
            (settings.legacy_clients, rest) = take(rest)?;
        }
        match rest {
            [] => settings.limits.check().map(|()| settings),
            _ => Err(SettingsError::Malformed),
        }
    }

    /// Encodes what [`Settings::decode`] reads into `out` and returns the part written.
    pub(crate) fn encode<'o>(&self, out: &'o mut [u8; SETTINGS_BYTES]) -> Result<&'o [u8], SettingsError> {
        self.limits.check()?;
        let [version, encoded @ ..] = out;
        let mut length = put(self, encoded)?;
        *version = VERSION_1;
        if self.legacy_clients != LegacyClients::Refused {
            length += put(&self.legacy_clients, encoded.get_mut(length..).unwrap_or_default())?;
            *version = VERSION_2;
        }
        out.get(..length + 1).ok_or(SettingsError::Malformed)
    }
}

fn take<'d, T: Deserialize<'d>>(data: &'d [u8]) -> Result<(T, &'d [u8]), SettingsError> {
    postcard::take_from_bytes(data).map_err(|_| SettingsError::Malformed)
}

fn put<T: Serialize>(value: &T, out: &mut [u8]) -> Result<usize, SettingsError> {
    postcard::to_slice(value, out).map(|encoded| encoded.len()).map_err(|_| SettingsError::Malformed)
}

/// What becomes of clients that have TLS 1.2 without authenticated encryption: CBC with HMAC-SHA1 is the best that they know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LegacyClients {
    /// They are refused, as RFC 9325 section 4.2 has it.
    #[default]
    Refused,
    /// They are served by ECDHE with CBC and HMAC-SHA1, which everybody else is not offered first.
    Served,
}

/// The Wi-Fi network to join as a station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wifi {
    /// The network's name.
    pub ssid: Ssid,
    /// Its password; `None` on an open network.
    pub password: Option<Password>,
}

/// A network name: 1 to 32 bytes (IEEE 802.11-2020 section 9.4.2.2), here UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String<SSID_BYTES>", into = "String<SSID_BYTES>")]
pub struct Ssid(String<SSID_BYTES>);

impl Ssid {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Ssid {
    type Err = SettingsError;

    fn from_str(ssid: &str) -> Result<Self, SettingsError> {
        String::try_from(ssid).map_err(|_| SettingsError::Ssid(ssid.len()))?.try_into()
    }
}

impl TryFrom<String<SSID_BYTES>> for Ssid {
    type Error = SettingsError;

    fn try_from(ssid: String<SSID_BYTES>) -> Result<Self, SettingsError> {
        if ssid.is_empty() { Err(SettingsError::Ssid(0)) } else { Ok(Self(ssid)) }
    }
}

impl From<Ssid> for String<SSID_BYTES> {
    fn from(ssid: Ssid) -> Self {
        ssid.0
    }
}

/// A WPA passphrase of 8 to 63 printable ASCII characters, or a key of 64 hexadecimal digits (IEEE 802.11-2020
/// annex J.4). Never printed, and erased when dropped.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Password(String<PASSWORD_BYTES>);

impl Password {
    /// The secret itself, for the Wi-Fi driver.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Password {
    type Err = SettingsError;

    fn from_str(password: &str) -> Result<Self, SettingsError> {
        Unchecked(String::try_from(password).map_err(|_| SettingsError::Password)?).try_into()
    }
}

impl TryFrom<Unchecked> for Password {
    type Error = SettingsError;

    fn try_from(mut unchecked: Unchecked) -> Result<Self, SettingsError> {
        let bytes = unchecked.0.as_bytes();
        let valid = match bytes.len() {
            8..=63 => bytes.iter().all(|byte| (b' '..=b'~').contains(byte)),
            PASSWORD_BYTES => bytes.iter().all(u8::is_ascii_hexdigit),
            _ => false,
        };
        if valid { Ok(Self(core::mem::take(&mut unchecked.0))) } else { Err(SettingsError::Password) }
    }
}

/// The secret in the image's binary format only: a report in JSON that shows settings shows none.
impl Serialize for Password {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = if serializer.is_human_readable() { "(hidden)" } else { self.expose() };
        serializer.serialize_str(text)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// A password as read, erased when it turns out not to be one.
#[derive(ZeroizeOnDrop, Deserialize)]
#[serde(transparent)]
struct Unchecked(String<PASSWORD_BYTES>);

/// What the server puts up with from a client. Bounded by [`Limits::MAX`], so that no image can ask for more memory
/// than the firmware has set aside; sizes are bytes, times milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Request line and header fields together; beyond it 431. The book's project sets 2048, where ESP-IDF's default
    /// is 512 and refuses an ordinary browser.
    pub max_header: u16,
    /// The request target; beyond it 414. ESP-IDF's default.
    pub max_uri: u16,
    /// The body of a request; beyond it 413.
    pub max_body: u16,
    /// From the connection to a whole ClientHello, and from there to the end of the handshake. ESP-IDF's default.
    pub handshake_timeout_ms: u32,
    /// From a request's first byte to its last; beyond it 408. ESP-IDF's `recv_wait_timeout`.
    pub request_timeout_ms: u32,
    /// Between two requests of one connection.
    pub idle_timeout_ms: u32,
}

impl Limits {
    /// The least that still serves a page.
    pub const MIN: Self = Self {
        max_header: 256,
        max_uri: 32,
        max_body: 32,
        handshake_timeout_ms: 1_000,
        request_timeout_ms: 100,
        idle_timeout_ms: 100,
    };

    /// The most that the firmware's buffers hold, and the longest that a client may take.
    pub const MAX: Self = Self {
        max_header: 4096,
        max_uri: 2048,
        max_body: 2048,
        handshake_timeout_ms: 60_000,
        request_timeout_ms: 60_000,
        idle_timeout_ms: 600_000,
    };

    /// Checks every limit against [`Limits::MIN`] and [`Limits::MAX`].
    ///
    /// # Errors
    /// [`SettingsError::Limit`] names the first limit that is out of bounds.
    pub fn check(&self) -> Result<(), SettingsError> {
        for (((name, value), (_, min)), (_, max)) in
            self.named().into_iter().zip(Self::MIN.named()).zip(Self::MAX.named())
        {
            if !(min..=max).contains(&value) {
                return Err(SettingsError::Limit { name, value, min, max });
            }
        }
        Ok(())
    }

    fn named(&self) -> [(&'static str, u32); 6] {
        [
            ("max_header", self.max_header.into()),
            ("max_uri", self.max_uri.into()),
            ("max_body", self.max_body.into()),
            ("handshake_timeout_ms", self.handshake_timeout_ms),
            ("request_timeout_ms", self.request_timeout_ms),
            ("idle_timeout_ms", self.idle_timeout_ms),
        ]
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_header: 2048,
            max_uri: 512,
            max_body: 1024,
            handshake_timeout_ms: 10_000,
            request_timeout_ms: 5_000,
            idle_timeout_ms: 30_000,
        }
    }
}

/// Room for any settings in bytes: the version, three texts of up to 32, 32 and 64 bytes with their lengths, six
/// varints of up to 5 bytes, and a choice.
pub(crate) const SETTINGS_BYTES: usize = 192;

/// Host name, Wi-Fi and limits. Still written where it says everything: a firmware that knows no other version reads it, too.
const VERSION_1: u8 = 1;

/// The same, and then [`LegacyClients`].
const VERSION_2: u8 = 2;
const SSID_BYTES: usize = 32;
const PASSWORD_BYTES: usize = 64;
