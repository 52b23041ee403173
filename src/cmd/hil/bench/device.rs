//! What a run has in its hands: an emulated board, a board at a port, or nothing but an address.

use std::path::PathBuf;

use super::{child, serial::PortReader};
use crate::{
    device::{
        guarded::Guarded,
        mac::Mac,
        serial::{lock::PortLock, ports::PortInfo},
    },
    hil::{outcome::TargetKind, scenario::Field},
};

/// A target of one run.
pub(in crate::cmd::hil) enum Device {
    /// An emulated board.
    Emulated(EmulatedDevice),
    /// A board at a port.
    Board(BoardDevice),
    /// A server at an address.
    Address {
        /// How it is trusted.
        fields: Vec<Field>,
    },
}

/// An emulated board.
#[derive(Default)]
pub(in crate::cmd::hil) struct EmulatedDevice {
    /// The flags of its target.
    pub(in crate::cmd::hil) fields: Vec<Field>,
    /// The process that emulates it.
    pub(super) running: Option<Guarded>,
    /// The port that leads to it, once it has one.
    pub(super) port: Option<u16>,
    /// The words that it was started with last.
    pub(super) words: Vec<String>,
}

/// A board at a port.
pub(in crate::cmd::hil) struct BoardDevice {
    pub(in crate::cmd::hil) port: PortInfo,
    pub(in crate::cmd::hil) mac: Option<Mac>,
    /// The flags of its target.
    pub(in crate::cmd::hil) fields: Vec<Field>,
    /// Its certificate, key and host name, by the manifest.
    pub(in crate::cmd::hil) row: Option<BoardRow>,
    /// Held for all of the run.
    pub(in crate::cmd::hil) _lock: PortLock,
    pub(super) reader: Option<PortReader>,
}

/// What a manifest says of a board.
#[derive(Debug, Clone)]
pub(in crate::cmd::hil) struct BoardRow {
    pub(in crate::cmd::hil) certificate: PathBuf,
    pub(in crate::cmd::hil) key: PathBuf,
    pub(in crate::cmd::hil) hostname: Option<String>,
}

impl BoardDevice {
    pub(in crate::cmd::hil) fn new(
        port: PortInfo,
        mac: Option<Mac>,
        fields: Vec<Field>,
        row: Option<BoardRow>,
        lock: PortLock,
    ) -> Self {
        Self { port, mac, fields, row, _lock: lock, reader: None }
    }
}

impl Device {
    pub(super) fn kind(&self) -> TargetKind {
        match self {
            Self::Emulated(_) => TargetKind::Emulated,
            Self::Board(_) => TargetKind::Board,
            Self::Address { .. } => TargetKind::Address,
        }
    }

    /// The flags of the target.
    pub(super) fn fields(&self) -> &[Field] {
        match self {
            Self::Emulated(device) => &device.fields,
            Self::Board(device) => &device.fields,
            Self::Address { fields } => fields,
        }
    }

    /// Ends what runs.
    pub(super) async fn close(&mut self) {
        match self {
            Self::Emulated(device) => device.switch_off().await,
            Self::Board(device) => device.reader = None,
            Self::Address { .. } => {}
        }
    }
}

impl EmulatedDevice {
    pub(in crate::cmd::hil) fn new(fields: Vec<Field>) -> Self {
        Self { fields, ..Self::default() }
    }

    pub(super) async fn switch_off(&mut self) {
        if let Some(mut running) = self.running.take() {
            child::end(&mut running).await;
        }
    }
}
