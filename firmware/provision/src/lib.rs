//! The provisioning image: certificate, key, client CA and settings in Espressif's `esp_secure_cert` TLV format.
//!
//! One partition of 8 KiB holds what makes a board that board, so a new certificate needs no new application. The
//! host tool writes the image with [`write_image`], the firmware reads it with [`Image::parse`], and Espressif's
//! `esp-secure-cert-tool` reads and writes the same bytes. All of it works without a heap.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod crc32;
mod entry;
mod error;
mod image;
mod name;
mod payload;
mod settings;
pub mod site;
mod tlv_type;
mod write;

pub use crc32::crc32;
pub use error::{ParseError, SettingsError, WriteError};
pub use image::Image;
pub use name::{Hostname, HostnameError};
pub use payload::Payload;
pub use settings::{LegacyClients, Limits, Password, Settings, Ssid, Wifi};
pub use tlv_type::TlvType;
pub use write::{Contents, write_image};

/// Where the partition starts in the flash, in bytes: the `esp_secure_cert` row of `firmware/partitions.csv`.
pub const PARTITION_OFFSET: u32 = 0xD000;

/// Size of the partition and of every image, in bytes.
pub const PARTITION_BYTES: usize = 0x2000;

/// Where QEMU's `virt` machine has the image in memory: 8 MiB above the start of RAM, above all that the firmware uses
/// and below the device tree that QEMU 7.2 puts at 16 MiB with `-m 32`. It is put there with
/// `-device loader,file=F,addr=A,force-raw=on`.
pub const EMULATED_ADDRESS: usize = 0x8080_0000;

/// Where the `site` partition starts in the flash, in bytes: the row of `firmware/partitions.csv`.
pub const SITE_OFFSET: u32 = 0x32_0000;

/// Size of the `site` partition in bytes: the row of `firmware/partitions.csv`.
pub const SITE_BYTES: usize = 0xE_0000;

/// Where QEMU's `virt` machine has the image of a site in memory, put there in the same way: 64 KiB above the provisioning image, and
/// its [`SITE_BYTES`] end below the device tree, too.
pub const EMULATED_SITE_ADDRESS: usize = EMULATED_ADDRESS + 0x1_0000;
