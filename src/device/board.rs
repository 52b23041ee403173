//! An emulated board that serves, as data.

use std::path::PathBuf;

use serde::Serialize;

use crate::site::SiteContents;

use super::{firmware::Origin, machine::Clock, ready::Ready};

/// An emulated board that serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Board {
    /// Where its page is, from this machine.
    pub url: String,
    /// Host and port of that, as `probe` takes them.
    pub target: String,
    /// The loopback port that leads to the board.
    pub port: u16,
    /// The board's certificate, as given or made.
    #[serde(serialize_with = "crate::text::path")]
    pub certificate: PathBuf,
    /// SHA-256 of its DER encoding, 64 lower-case hex digits: the pin. The board says the same.
    pub cert_sha256: String,
    /// Whether clients must show a certificate.
    pub client_authentication: ClientAuthentication,
    /// What drives the board's clock.
    pub clock: Clock,
    /// What is in the site that it serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteContents>,
    /// The firmware it runs.
    pub firmware: FirmwareUsed,
    /// Process id of QEMU.
    pub qemu_pid: Option<u32>,
    /// Where what the board says is saved.
    #[serde(serialize_with = "crate::text::path_if_any")]
    pub serial_log: Option<PathBuf>,
    /// What it said when it was ready; `ip` and `port` are its own, behind QEMU's address translation.
    pub ready: Ready,
    /// From the start of QEMU to that, in microseconds.
    pub ready_us: u64,
    /// How the command ended that ran with it, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandEnd>,
}

/// How a command of the user's ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommandEnd {
    /// Its program as given. Its other words may hold secrets, and are not kept.
    pub program: String,
    /// Its exit code; 128 and the signal's number when a signal ended it.
    pub exit_code: u8,
    /// From its start to its end, in microseconds.
    pub took_us: u64,
}

/// The firmware that a board runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FirmwareUsed {
    /// The ELF file.
    #[serde(serialize_with = "crate::text::path")]
    pub elf: PathBuf,
    /// How it came about.
    pub origin: FirmwareOrigin,
    /// How long it took to have it, in microseconds: minutes when it is built the first time, nothing when kept.
    pub build_us: u64,
    /// SHA-256 of the ELF file as `--version --verbose` shows it; null when it is not a prebuilt one.
    pub sha256: Option<&'static str>,
}

/// How a firmware came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FirmwareOrigin {
    /// Built in this run.
    Built,
    /// Built from the same sources before.
    Cached,
    /// Named on the command line.
    Given,
    /// An image that is inside this esp-https.
    Prebuilt,
}

impl FirmwareOrigin {
    /// For a person, after the firmware's name and version.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Built => "built now",
            Self::Cached => "built before",
            Self::Given => "from --image",
            Self::Prebuilt => "prebuilt",
        }
    }
}

/// Whether clients must show a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// Anyone may connect.
    None,
    /// Mutual TLS: only clients with a certificate that the given CA issued.
    Required,
}

impl From<Origin> for FirmwareOrigin {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Built => Self::Built,
            Origin::Cached => Self::Cached,
        }
    }
}
