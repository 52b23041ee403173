//! Which certificate a device has: as it announces, and as a handshake shows.

use std::{net::SocketAddr, path::PathBuf};

use serde::Serialize;

use super::device::Device;
use crate::{
    cert::{Fingerprint, facts::Certificate},
    error::Error,
    probe::Observation,
    tls::{ProtocolVersion, Suite},
};

/// What came of a handshake with a device.
#[derive(Debug, Serialize)]
pub struct DeviceProbe {
    /// What it showed; null when no handshake came about.
    pub result: Option<DeviceLook>,
    /// Why none did; null when one did.
    pub error: Option<Error>,
}

/// What one handshake showed.
#[derive(Debug, Serialize)]
pub struct DeviceLook {
    /// The address and port that took the connection.
    pub address: SocketAddr,
    /// The protocol version.
    pub version: ProtocolVersion,
    /// The cipher suite.
    pub cipher_suite: Suite,
    /// How long the handshake took, in microseconds.
    pub handshake_us: u64,
    /// The certificate.
    pub certificate: Certificate,
    /// Whether the certificate is the one whose pin is announced.
    pub announced: AnnouncedMatch,
}

/// Whether a device shows the certificate whose pin it announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnnouncedMatch {
    /// It does.
    Same,
    /// It shows another one.
    Different,
    /// It announces no pin.
    NoPin,
}

/// A certificate of the user's.
#[derive(Debug, Clone)]
pub struct KnownCertificate {
    /// The file that has it.
    pub file: PathBuf,
    /// Its SHA-256.
    pub sha256: Fingerprint,
    /// The SHA-256 of its public key.
    pub spki_sha256: Fingerprint,
}

/// Which of the user's certificates a device has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Known {
    /// The file; null when it has none of them, or it can't be told.
    pub file: Option<PathBuf>,
    /// By what it is known.
    pub basis: KnownBasis,
}

/// By what a device is known, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownBasis {
    /// The handshake showed exactly this certificate, and proved that the device has its key.
    Certificate,
    /// The handshake showed another certificate with the same key: a renewed one.
    Key,
    /// The pin that it announces, which proves nothing.
    AnnouncedPin,
    /// It has none of the certificates.
    None,
    /// Neither a handshake nor a pin tells.
    Unknown,
}

impl DeviceLook {
    /// What an observation of the device showed.
    #[must_use]
    pub fn new(seen: &Observation, device: &Device) -> Self {
        let certificate = seen.certificate.clone();
        let announced = match &device.pin {
            Some(pin) if pin.matches(&certificate.sha256) => AnnouncedMatch::Same,
            Some(_) => AnnouncedMatch::Different,
            None => AnnouncedMatch::NoPin,
        };
        Self {
            address: seen.target.address,
            version: seen.handshake.version,
            cipher_suite: seen.handshake.cipher_suite.suite,
            handshake_us: seen.timing.handshake_us,
            certificate,
            announced,
        }
    }
}

impl Known {
    /// Compares a device with the user's certificates: by the certificate that it showed, else by the pin that it announces.
    #[must_use]
    pub fn of(device: &Device, known: &[KnownCertificate]) -> Self {
        let found = |basis, is_it: &dyn Fn(&KnownCertificate) -> bool| {
            let one = known.iter().find(|one| is_it(one))?;
            Some(Self { file: Some(one.file.clone()), basis })
        };
        let shown = device.probe.as_ref().and_then(|probe| probe.result.as_ref());
        let none = Self { file: None, basis: KnownBasis::None };
        match (shown, &device.pin) {
            (Some(DeviceLook { certificate, .. }), _) => {
                let same = |one: &KnownCertificate| one.sha256 == certificate.sha256;
                let same_key = |one: &KnownCertificate| one.spki_sha256 == certificate.spki_sha256;
                let by_key = || found(KnownBasis::Key, &same_key);
                found(KnownBasis::Certificate, &same).or_else(by_key).unwrap_or(none)
            }
            (None, Some(pin)) => {
                found(KnownBasis::AnnouncedPin, &|one| pin.matches(&one.sha256)).unwrap_or(none)
            }
            (None, None) => Self { file: None, basis: KnownBasis::Unknown },
        }
    }
}
