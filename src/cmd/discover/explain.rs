//! What was not found and what is wrong with what was, for the person who looked for it.

use std::{io, path::Path};

use super::plan::{DiscoverPlan, Handshakes};
use crate::{
    cert::fingerprint::NotACertificate,
    client::target::Target,
    cmd::probe::explain as probe,
    counted::counted,
    discover::{
        Discovery,
        device::{Device, ServiceKind},
        identity::{AnnouncedMatch, KnownBasis},
        listening::ListenError,
    },
    error::{Code, Error, Fault},
    interrupt::Signal,
    os_error::in_words,
    probe::Unobserved,
};

/// The error, if there is one: what is wrong with a device, then what was not found.
pub(super) fn shortcoming(found: &Discovery, plan: &DiscoverPlan) -> Option<Error> {
    if found.devices.is_empty() {
        return Some(nothing(found, plan));
    }
    let differs = found.devices.iter().find(|device| is_another_than_announced(device));
    let by_handshake = unreachable(found);
    let unknown = || (!plan.known.is_empty()).then(|| unknown(found, plan)).flatten();
    differs.map(pin_differs).or(by_handshake).or_else(unknown)
}

fn nothing(found: &Discovery, plan: &DiscoverPlan) -> Error {
    let what = match found.unresolved.len() {
        0 => "no device answered".to_owned(),
        count => format!("{} answered, and told no address", devices(count)),
    };
    Error::new(Fault::Device, Code::DISCOVER_NOTHING, looking(plan), what).hint(NOTHING)
}

fn is_another_than_announced(device: &Device) -> bool {
    let look = device.probe.as_ref().and_then(|probe| probe.result.as_ref());
    look.is_some_and(|look| look.announced == AnnouncedMatch::Different)
}

fn pin_differs(device: &Device) -> Error {
    let what = "it shows another certificate than the one whose pin it announces";
    let doing = format!("checking the certificate of {}", device.target);
    Error::new(Fault::Finding, Code::DISCOVER_PIN_DIFFERS, doing, what).hint(
        "another device may use its name, or its certificate was changed and the old announcement is still around\nits READY line \
         on the serial port has the SHA-256 of the certificate that it serves with",
    )
}

/// The gravest of the errors of handshakes. That a device has no TLS at its HTTP port is none.
fn unreachable(found: &Discovery) -> Option<Error> {
    let errors = found.devices.iter().filter_map(|device| {
        let error = device.probe.as_ref()?.error.as_ref()?;
        (device.service == ServiceKind::Https).then_some((device, error))
    });
    let (device, gravest) = errors.clone().max_by_key(|(_, error)| probe::gravity(error.fault))?;
    let doing = format!("making a TLS handshake with {}", devices(found.devices.len()));
    let what = format!("{} failed; the worst is {}: {}", errors.count(), device.target, gravest.what);
    let hint = format!("`esp-https probe {}` tells more", device.target);
    Some(Error::new(gravest.fault, gravest.code, doing, what).hint(hint))
}

/// None of the devices has one of the certificates.
fn unknown(found: &Discovery, plan: &DiscoverPlan) -> Option<Error> {
    let known = found.devices.iter().filter_map(|device| device.known.as_ref());
    if known.clone().any(|known| known.file.is_some()) {
        return None;
    }
    let cannot_tell = known.filter(|known| known.basis == KnownBasis::Unknown).count();
    let all = devices(found.devices.len());
    let what = match cannot_tell {
        0 => format!("{all} found, and none has the certificate of --cert"),
        some => format!(
            "{all} found, and none is known to have the certificate of --cert; {some} announced no pin"
        ),
    };
    let hint = match (cannot_tell, plan.handshakes) {
        (1.., Handshakes::None) => "ask each for its certificate: --probe",
        _ => "listen longer: --for 10s\ncheck that the board has power and is on this network",
    };
    Some(Error::new(Fault::Device, Code::DISCOVER_UNKNOWN, looking(plan), what).hint(hint))
}

/// What kept a handshake from coming about. What its own hint says is for `probe`.
pub(super) fn unobserved(target: &Target, device: &Device, error: Unobserved) -> Error {
    let error = probe::unobserved(target, error);
    Error { hint: Some(format!("`esp-https probe {}` tells more", device.target)), ..error }
}

pub(super) fn stopped(signal: Signal, found: &Discovery) -> Error {
    let what = format!("by {} after {}", signal.name(), devices(found.devices.len()));
    Error::new(Fault::Interrupted, Code::DISCOVER_INTERRUPTED, "looking for devices", what)
}

/// It can't be listened.
pub(super) fn deaf(error: ListenError) -> Error {
    let hint = match &error {
        ListenError::Port(_) => Code::DISCOVER_SOCKET.hint(),
        _ => "check what the system allows this program: sockets and threads".to_owned(),
    };
    let doing = "listening for mDNS";
    Error::new(Fault::Environment, Code::DISCOVER_SOCKET, doing, error.to_string()).hint(hint).source(error)
}

pub(super) fn no_network() -> Error {
    let what = "this machine has no network interface with an address, besides loopback";
    Error::new(Fault::Environment, Code::DISCOVER_NO_NETWORK, "looking for the network", what)
        .hint("connect this machine to the network of the devices\nfor services of this machine itself: --interface lo")
}

/// The system does not list its interfaces.
pub(super) fn no_list(error: &io::Error) -> Error {
    let doing = "listing the network interfaces of this machine";
    Error::new(Fault::Environment, Code::DISCOVER_NO_NETWORK, doing, in_words(error))
        .hint("name one: --interface eth0")
}

/// A file whose certificate has been read has a key that can't be.
pub(super) fn no_certificate(path: &Path, error: NotACertificate) -> Error {
    let doing = format!("reading --cert {}", path.display());
    Error::new(Fault::Usage, Code::CLIENT_CERTIFICATE_FILE, doing, error.to_string())
        .hint("give a PEM file with a certificate, e.g. the cacert.pem that `esp-https certgen` makes")
}

fn looking(plan: &DiscoverPlan) -> String {
    format!("looking for devices on {}", plan.interfaces.join(", "))
}

fn devices(count: usize) -> String {
    counted(count as u64, "device")
}

const NOTHING: &str = "listen longer: --for 10s\n\
                       check that this machine and the board are on the same network, and that it carries multicast: guest \
                       networks, VPNs and containers often do not\n\
                       a firewall has to let port 5353 of UDP in\n\
                       if you know the address, ask the board itself: esp-https probe 192.168.1.7";
