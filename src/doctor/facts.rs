//! What the checks found as values, for scripts.

use std::path::PathBuf;

use serde::Serialize;

use crate::device::{cache_files::CacheFile, mac::Mac, serial::ports::UsbDevice};

/// The values of one check, under the name of what they describe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Facts {
    /// A serial port.
    Port(PortFacts),
    /// A program.
    Program(ProgramFacts),
    /// A folder that is written to.
    Folder(FolderFacts),
    /// Files in the cache.
    Files(Vec<CacheFile>),
    /// A limit of this machine.
    Limit(LimitFacts),
}

/// A serial port, as far as it can be known without opening it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PortFacts {
    /// What to open, e.g. `/dev/ttyACM0`.
    pub path: String,
    /// The USB device behind it; null for a port that is not on USB, or that the system does not list.
    pub usb: Option<UsbDevice>,
    /// What is between the computer and the chip.
    pub kind: PortKind,
    /// The chip's MAC address. Its own USB tells it; behind another adapter only `--connect` finds it out.
    pub mac: Option<Mac>,
    /// Whether this user may open it.
    pub access: PortAccess,
    /// The processes that have it open, as far as this user may know.
    pub used_by: Vec<PortUser>,
}

/// What is between the computer and the chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PortKind {
    /// Nothing: it is the chip's own USB.
    ChipUsb,
    /// An adapter of a kind that boards have.
    Bridge,
    /// Another USB device.
    OtherUsb,
    /// It is not on USB, or the system does not say.
    NotUsb,
}

/// Whether this user may open a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PortAccess {
    /// Yes.
    Allowed,
    /// The members of this group may, and this user is not one.
    NotInGroup(String),
    /// The members of this group may. This user is one, but was not yet when this session began.
    NotInSession(String),
    /// Only its owner may.
    OwnerOnly,
    /// There is no such file.
    Absent,
}

/// A process that has a port open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PortUser {
    /// Its process id.
    pub pid: u32,
    /// Its name.
    pub name: String,
}

/// A program that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProgramFacts {
    /// Where it is.
    #[serde(serialize_with = "crate::text::path")]
    pub path: PathBuf,
    /// Its version, e.g. `7.2.22`; null when it did not say.
    pub version: Option<String>,
}

/// A folder that is written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FolderFacts {
    /// Its path.
    #[serde(serialize_with = "crate::text::path")]
    pub path: PathBuf,
    /// What all that is in it takes, in bytes; null where that was not counted.
    pub used_bytes: Option<u64>,
    /// What is free for this user on its disk, in bytes; null when the system does not say.
    pub free_bytes: Option<u64>,
}

/// A limit of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitFacts {
    /// What is allowed; null when there is no limit.
    pub allowed: Option<u64>,
    /// What is needed at most, unless a command is asked for more.
    pub needed: u64,
}
