//! The types of entries.

use core::fmt;

/// What an entry holds; the values are those of `esp_secure_cert_tlv_type_t`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlvType {
    /// Type 0, `ESP_SECURE_CERT_CA_CERT_TLV`: here the CA that client certificates have to come from.
    ClientCa,
    /// Type 1, `ESP_SECURE_CERT_DEV_CERT_TLV`.
    Certificate,
    /// Type 2, `ESP_SECURE_CERT_PRIV_KEY_TLV`.
    PrivateKey,
    /// Type 9, `ESP_SECURE_CERT_INTEGRITY_TLV`: the SHA-256 of everything before it.
    Integrity,
    /// Type 51, `ESP_SECURE_CERT_USER_DATA_1_TLV`: this project's settings.
    Settings,
    /// Another type that the format defines and this firmware has no use for: 3 to 8 and 52 to 55.
    Other(u8),
}

impl TlvType {
    /// The type of this number, if the format defines it.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::ClientCa),
            1 => Some(Self::Certificate),
            2 => Some(Self::PrivateKey),
            3..=8 | 52..=55 => Some(Self::Other(number)),
            9 => Some(Self::Integrity),
            51 => Some(Self::Settings),
            _ => None,
        }
    }

    /// The number of this type.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::ClientCa => 0,
            Self::Certificate => 1,
            Self::PrivateKey => 2,
            Self::Integrity => 9,
            Self::Settings => 51,
            Self::Other(number) => number,
        }
    }
}

impl fmt::Display for TlvType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientCa => f.write_str("client CA"),
            Self::Certificate => f.write_str("device certificate"),
            Self::PrivateKey => f.write_str("private key"),
            Self::Integrity => f.write_str("integrity entry"),
            Self::Settings => f.write_str("settings entry"),
            Self::Other(number) => write!(f, "entry of type {number}"),
        }
    }
}
