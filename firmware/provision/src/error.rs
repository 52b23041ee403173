//! Why an image can't be read or written. On the device the text of a [`ParseError`] is the FAULT line's reason.

use thiserror::Error;

use crate::{PARTITION_BYTES, tlv_type::TlvType};

/// Why a partition holds no valid image. Offsets are bytes from the start of the partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseError {
    /// Not the size of the partition; holds the size found, in bytes.
    #[error("the image has {0} bytes, the partition {PARTITION_BYTES}")]
    Size(usize),
    /// Erased flash: nothing was ever provisioned.
    #[error("the provisioning partition is empty")]
    Empty,
    /// Neither an entry nor erased flash.
    #[error("no entry begins at {0:#06x}: the magic number is wrong")]
    Magic(usize),
    /// An entry that would end outside the partition.
    #[error("the entry at {0:#06x} runs past the end of the partition")]
    Length(usize),
    /// An entry whose CRC-32 does not match.
    #[error("the entry at {0:#06x} is damaged: its checksum does not match")]
    Checksum(usize),
    /// An entry with reserved or padding bytes that are not zero.
    #[error("the entry at {0:#06x} has reserved or padding bytes that are not zero")]
    Reserved(usize),
    /// A type that the format does not define.
    #[error("the entry at {offset:#06x} has the unknown type {tlv_type}")]
    Type {
        /// Where the entry begins.
        offset: usize,
        /// The type found.
        tlv_type: u8,
    },
    /// A second certificate, key or the like: there would be two answers.
    #[error("there is more than one {0}")]
    Duplicate(TlvType),
    /// A certificate or key that is not there.
    #[error("there is no {0}")]
    Missing(TlvType),
    /// A key that is encrypted or held by the DS peripheral, which this firmware does not use; holds the flags.
    #[error("the {tlv_type} has the flags {flags:#04x}: only plain entries are supported")]
    Flags {
        /// Which entry.
        tlv_type: TlvType,
        /// The flags found.
        flags: u8,
    },
    /// A payload that is neither PEM with its one NUL at the end nor DER.
    #[error("the {0} is neither PEM ending in NUL nor DER")]
    Encoding(TlvType),
    /// The SHA-256 of everything before the integrity entry is another one.
    #[error("the image is damaged: the SHA-256 of its integrity entry does not match")]
    Integrity,
    /// No integrity entry at the end, as in an image of a tool older than it.
    #[error("the last entry is no integrity entry, so nothing vouches for the image")]
    NoIntegrity,
    /// Something other than erased flash behind the last entry.
    #[error("the bytes from {0:#06x} on are not erased")]
    Tail(usize),
    /// Settings that can't be used.
    #[error("the settings can't be used: {0}")]
    Settings(#[from] SettingsError),
}

/// Why settings are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Another layout than this firmware's; holds the version found.
    #[error("they have version {0}, which this firmware does not know")]
    Version(u8),
    /// Not what the version promises.
    #[error("they are malformed")]
    Malformed,
    /// A network name of no byte, or of more than 32; holds its length in bytes.
    #[error("a Wi-Fi network's name has 1 to 32 bytes, this one has {0}")]
    Ssid(usize),
    /// No WPA passphrase and no WPA key.
    #[error("a Wi-Fi password has 8 to 63 printable ASCII characters, or 64 hexadecimal digits")]
    Password,
    /// A limit below [`Limits::MIN`](crate::Limits::MIN) or above [`Limits::MAX`](crate::Limits::MAX).
    #[error("{name} is {value}, and has to be {min} to {max}")]
    Limit {
        /// The field of [`Limits`](crate::Limits).
        name: &'static str,
        /// Its value.
        value: u32,
        /// The least that is allowed.
        min: u32,
        /// The most that is allowed.
        max: u32,
    },
}

/// Why an image could not be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// It does not fit the partition. All sizes are payload bytes, except for the two totals.
    #[error(
        "it takes {needed} bytes and the partition holds {PARTITION_BYTES}: certificate {certificate}, key {key}, \
         client CA {client_ca}, settings {settings}, the rest headers and checksums"
    )]
    TooLarge {
        /// The whole image.
        needed: usize,
        /// The device certificate.
        certificate: usize,
        /// The private key.
        key: usize,
        /// The client CA; 0 without one.
        client_ca: usize,
        /// The settings; 0 without any.
        settings: usize,
    },
    /// Contents that the device would refuse.
    #[error(transparent)]
    Refused(#[from] ParseError),
}
