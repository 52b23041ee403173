//! What `certgen fleet` did, as data.

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    cert::{Fingerprint, made::MadeIssuer},
    device::mac::Mac,
};

/// A fleet whose boards all have what they need.
#[derive(Debug, Serialize)]
pub struct FleetResult {
    /// The list, as it was named; `flash --manifest` takes it.
    #[serde(serialize_with = "crate::text::path")]
    pub manifest: PathBuf,
    /// Whether gaps in it were filled in.
    pub filled_in: bool,
    /// How many boards got a key and a certificate.
    pub made: usize,
    /// How many got a new certificate for the key that they had.
    pub renewed: usize,
    /// How many were in order.
    pub kept: usize,
    /// The CA that issued the certificates.
    pub issuer: MadeIssuer,
    /// All boards, in the order of the rows.
    pub boards: Vec<FleetEntry>,
    /// The command to run next.
    pub next: String,
    /// How long it took, in microseconds.
    pub took_us: u64,
}

impl FleetResult {
    /// Counts the states.
    pub fn count(&mut self) {
        let of = |state| self.boards.iter().filter(|board| board.state == state).count();
        (self.made, self.renewed, self.kept) =
            (of(FleetState::Made), of(FleetState::Renewed), of(FleetState::Kept));
    }
}

/// A board of the fleet.
#[derive(Debug, Serialize)]
pub struct FleetEntry {
    /// Line of its row, from 1.
    pub line: u64,
    /// Which board it is.
    pub mac: Mac,
    /// Its host name.
    pub hostname: String,
    /// What was done for it.
    pub state: FleetState,
    /// The PEM file of its certificate.
    #[serde(serialize_with = "crate::text::path")]
    pub certificate: PathBuf,
    /// The PEM file of its key.
    #[serde(serialize_with = "crate::text::path")]
    pub key: PathBuf,
    /// SHA-256 of its certificate (DER): the pin.
    pub sha256: Fingerprint,
    /// When it expires: UTC, RFC 3339.
    pub not_after: String,
}

/// What was done for a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FleetState {
    /// It got a key and a certificate.
    Made,
    /// It got a new certificate for its key: the old one was due, or lacked a name.
    Renewed,
    /// It was in order.
    Kept,
}
