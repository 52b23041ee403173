//! What `flash` did, as data.

use std::{path::PathBuf, time::Duration};

use serde::Serialize;

use super::{
    chip_facts::ChipFacts,
    error::FlashError,
    job::{Event, LeftAlone, Provision},
    layout::{Descriptor, RegionKind},
    loader::Write,
    options::ResetLines,
};
use crate::{
    cert::Fingerprint,
    device::{
        board::FirmwareUsed, chip::Chip, mac::Mac, ready::Ready, serial::ports::PortInfo, watch::StartFailure,
    },
    duration::micros,
    error::Error,
    note::Note,
    site::SiteContents,
};

/// What one run of `flash` did.
#[derive(Debug, Serialize)]
pub struct Flashed {
    /// The firmware that was written; null when only the provisioning partition was.
    pub firmware: Option<FirmwareUsed>,
    /// What the firmware says of itself.
    pub application: Option<Descriptor>,
    /// What is in the site that they get.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteContents>,
    /// The boards, in the order of the ports.
    pub boards: Vec<FlashedBoard>,
    /// The image that was made instead; null when boards were written.
    pub image: Option<SavedImage>,
    /// Boards of the manifest that were not seen: not connected, or they did not say who they are.
    pub not_seen: Vec<Mac>,
    /// What is good to know.
    pub notes: Vec<Note<FlashNoteCode>>,
}

/// What happened to one board.
#[derive(Debug, Serialize)]
pub struct FlashedBoard {
    /// The port it is at.
    pub port: PortInfo,
    /// What its bootloader told; null when it did not get that far.
    pub chip: Option<ChipFacts>,
    /// Why nothing was done to it, where that is no error.
    pub left_alone: Option<LeftAlone>,
    /// The certificate it was given; null when it did not get that far.
    #[serde(serialize_with = "crate::text::path_if_any")]
    pub certificate: Option<PathBuf>,
    /// SHA-256 of that: the pin.
    pub cert_sha256: Option<Fingerprint>,
    /// The host name it was given.
    pub hostname: Option<String>,
    /// The regions of its flash, in their order.
    pub regions: Vec<RegionOutcome>,
    /// Whether all of its flash was erased first.
    pub erase: Erasure,
    /// Bytes that were written to its flash.
    pub bytes_written: usize,
    /// From the first region to the last, in microseconds; null when not all were written.
    pub write_us: Option<u64>,
    /// Whether it was restarted, and how.
    pub restart: Restart,
    /// Where its page is; null when it did not say.
    pub url: Option<String>,
    /// Host and port of that, as `probe` takes them.
    pub target: Option<String>,
    /// What it said when it was ready.
    pub ready: Option<Ready>,
    /// From the restart to that, in microseconds.
    pub ready_us: Option<u64>,
    /// Why it does not serve, where that is known.
    pub trouble: Option<StartFailure>,
    /// The file that takes what it says.
    #[serde(serialize_with = "crate::text::path_if_any")]
    pub serial_log: Option<PathBuf>,
    /// What went wrong.
    pub error: Option<Error>,
}

/// What happened to one region.
#[derive(Debug, Clone, Serialize)]
pub struct RegionOutcome {
    /// What it is.
    pub kind: RegionKind,
    /// Where it starts in the flash, in bytes.
    pub offset: u32,
    /// Its size in bytes.
    pub size: usize,
    /// What happened to it.
    pub state: RegionState,
}

/// What happened to a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionState {
    /// Nothing yet.
    Pending,
    /// It was there already.
    Unchanged,
    /// Writing it has begun, and has not ended.
    Begun,
    /// It was written, and as far as asked for, read back.
    Written,
}

/// Whether a board's flash was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Erasure {
    /// Not all of it.
    No,
    /// Erasing it has begun, and has not ended.
    Begun,
    /// All of it was.
    Done,
}

/// How far a board's flash got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashState {
    /// It is as it was before.
    Untouched,
    /// Erasing it has begun, and nothing is written.
    Erased,
    /// Some of it is written.
    HalfWritten {
        /// The first that is not.
        region: RegionKind,
    },
    /// All of it is written, or was there before.
    Written,
}

/// How a board was restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Restart {
    /// Not at all.
    No,
    /// By its port's lines.
    Done,
    /// The port has no such lines: its bootloader was asked to.
    Asked,
}

/// All of a board's flash in one file.
#[derive(Debug, Serialize)]
pub struct SavedImage {
    /// The chip that it is for.
    #[serde(skip)]
    pub chip: &'static Chip,
    /// The file. It holds the private key.
    #[serde(serialize_with = "crate::text::path")]
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: usize,
    /// What is where in it, in bytes from its start.
    pub regions: Vec<SavedRegion>,
    /// The certificate in it.
    #[serde(serialize_with = "crate::text::path")]
    pub certificate: PathBuf,
    /// SHA-256 of that: the pin.
    pub cert_sha256: Fingerprint,
}

/// A region of a saved image.
#[derive(Debug, Serialize)]
pub struct SavedRegion {
    /// What it is.
    pub kind: RegionKind,
    /// Where it starts, in bytes.
    pub offset: u32,
    /// Its size in bytes.
    pub size: usize,
}
/// Names of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlashNoteCode {
    /// The board computes with this key in software, which is slow.
    SoftwareKey,
    /// The certificate expires soon.
    ExpiresSoon,
    /// The certificate is not valid now, and was taken all the same.
    NotValid,
    /// The file holds the private key.
    HoldsKey,
    /// A certificate or key could be read though something about its file was odd.
    OddFile,
    /// A board had the partition table of an earlier version, and gets the present one.
    EarlierTable,
    /// An earlier run began to write a board and did not end: what is on it is written again now.
    HalfWritten,
    /// Several rows of the manifest have the same host name.
    SharedHostname,
    /// Several boards get the same key and the same host name.
    SameForAll,
}

impl FlashedBoard {
    /// A board that nothing has happened to.
    #[must_use]
    pub fn new(port: PortInfo, serial_log: Option<PathBuf>) -> Self {
        Self {
            port,
            chip: None,
            left_alone: None,
            certificate: None,
            cert_sha256: None,
            hostname: None,
            regions: Vec::new(),
            erase: Erasure::No,
            bytes_written: 0,
            write_us: None,
            restart: Restart::No,
            url: None,
            target: None,
            ready: None,
            ready_us: None,
            trouble: None,
            serial_log,
            error: None,
        }
    }

    /// Records what happened.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Identified(chip) => self.chip = Some(chip.clone()),
            Event::Supplied(provision) => self.supplied(provision),
            Event::LeftAlone(why) => self.left_alone = Some(*why),
            Event::Planned(regions) => self.planned(regions),
            Event::Erasing => self.erase = Erasure::Begun,
            Event::Erased => self.erase = Erasure::Done,
            Event::Unchanged(kind) => self.set(*kind, RegionState::Unchanged),
            Event::Writing(kind, Write::Finished) => self.set(*kind, RegionState::Written),
            Event::Writing(kind, _) => self.set(*kind, RegionState::Begun),
            Event::Written(lasted) => self.write_us = Some(micros(*lasted)),
            Event::Restarted(ResetLines::Present) => self.restart = Restart::Done,
            Event::Restarted(ResetLines::Absent) => self.restart = Restart::Asked,
            Event::Ready(ready, after) => self.ready(ready, *after),
            _ => {}
        }
    }

    /// Records what ended the work on it, where the result has a place for that.
    pub fn ended_by(&mut self, error: &FlashError) {
        match error {
            FlashError::NotServing { trouble, .. } => self.trouble = Some(trouble.clone()),
            // A log that is not whole is not claimed to be.
            FlashError::SerialLog(_) => self.serial_log = None,
            _ => {}
        }
    }

    /// How far its flash got.
    #[must_use]
    pub fn flash_state(&self) -> FlashState {
        let missing =
            |region: &&RegionOutcome| !matches!(region.state, RegionState::Unchanged | RegionState::Written);
        let begun =
            |region: &RegionOutcome| matches!(region.state, RegionState::Begun | RegionState::Written);
        let is_begun = self.regions.iter().any(begun);
        match self.regions.iter().find(missing) {
            _ if self.write_us.is_some() => FlashState::Written,
            Some(region) if is_begun => FlashState::HalfWritten { region: region.kind },
            None if is_begun => FlashState::Written,
            _ if self.erase != Erasure::No => FlashState::Erased,
            _ => FlashState::Untouched,
        }
    }

    /// Whether there is more to do before all of it is written.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        self.write_us.is_none() && self.error.is_none() && self.left_alone.is_none()
    }

    fn supplied(&mut self, provision: &Provision) {
        self.certificate = Some(provision.certificate.clone());
        self.cert_sha256 = Some(provision.fingerprint);
        self.hostname = Some(provision.hostname.clone());
    }

    fn planned(&mut self, regions: &[(RegionKind, u32, usize)]) {
        let pending = |&(kind, offset, size): &(RegionKind, u32, usize)| RegionOutcome {
            kind,
            offset,
            size,
            state: RegionState::Pending,
        };
        self.regions = regions.iter().map(pending).collect();
    }

    fn set(&mut self, kind: RegionKind, state: RegionState) {
        if let Some(region) = self.regions.iter_mut().find(|region| region.kind == kind) {
            if state == RegionState::Written && region.state != RegionState::Written {
                self.bytes_written += region.size;
            }
            region.state = state;
        }
    }

    fn ready(&mut self, ready: &Ready, after: Duration) {
        let target = ready.authority();
        self.url = Some(format!("https://{target}/"));
        self.target = Some(target);
        self.ready = Some(ready.clone());
        self.ready_us = Some(micros(after));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> FlashedBoard {
        FlashedBoard::new(PortInfo { path: "/dev/x".to_owned(), usb: None }, None)
    }

    #[test]
    fn bytes_count_once_they_are_all_there() {
        let mut board = board();
        board.apply(&Event::Planned(vec![
            (RegionKind::Bootloader, 0, 100),
            (RegionKind::Provisioning, 0xD000, 8192),
        ]));
        board.apply(&Event::Unchanged(RegionKind::Bootloader));
        board.apply(&Event::Writing(RegionKind::Provisioning, Write::Done(4096)));
        assert_eq!((board.bytes_written, board.regions[1].state), (0, RegionState::Begun));
        board.apply(&Event::Writing(RegionKind::Provisioning, Write::Finished));
        assert_eq!((board.bytes_written, board.regions[1].state), (8192, RegionState::Written));
        assert_eq!(board.regions[0].state, RegionState::Unchanged);
    }

    #[test]
    fn a_board_is_reached_at_what_it_says() {
        let ready = |ip: &str, port| Ready {
            ip: ip.parse().unwrap(),
            port,
            mac: String::new(),
            fw: String::new(),
            cert_sha256: String::new(),
        };
        for (ip, port, target) in [
            ("192.168.1.7", 443, "192.168.1.7"),
            ("192.168.1.7", 8443, "192.168.1.7:8443"),
            ("fd00::7", 443, "[fd00::7]"),
        ] {
            let mut board = board();
            board.apply(&Event::Ready(ready(ip, port), Duration::from_millis(3)));
            assert_eq!(board.target.as_deref(), Some(target));
            assert_eq!(board.url, Some(format!("https://{target}/")));
            assert_eq!(board.ready_us, Some(3000));
        }
    }
}
