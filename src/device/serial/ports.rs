//! Which serial ports there are, and which of them a board is likely at.

use std::{fmt, path::Path};

use serde::Serialize;
use serialport::{SerialPortType, UsbPortInfo, available_ports};

use crate::{
    device::chip::{ESPRESSIF_USB_VENDOR, UsbId, is_own_usb},
    system::serial::are_listed_in,
};

/// A serial port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PortInfo {
    /// What to open, e.g. `/dev/ttyACM0`.
    pub path: String,
    /// The USB device behind it; `None` for a port that is not on USB, or that the system does not list.
    pub usb: Option<UsbDevice>,
}

/// The USB device behind a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UsbDevice {
    /// Vendor id, from the USB-IF.
    pub vendor_id: u16,
    /// Product id, from the vendor.
    pub product_id: u16,
    /// Its serial number, which for the chip's own USB is the MAC address.
    pub serial: Option<String>,
    /// What it calls itself.
    pub product: Option<String>,
}

/// Which port to use, where none is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SerialPortChoice {
    /// There is no port on USB.
    None,
    /// There is one that a board is likely at.
    One(PortInfo),
    /// There are several; a person has to say which.
    Several(Vec<PortInfo>),
}

impl PortInfo {
    /// The port at `path`, with what the system knows of it; any path is taken, pseudo-terminals included.
    #[must_use]
    pub fn at(path: &str) -> Self {
        let same = |port: &Self| port.path == path || same_file(&port.path, path);
        let usb = list().into_iter().find(same).and_then(|port| port.usb);
        Self { path: path.to_owned(), usb }
    }

    /// Whether the port is the chip's own USB, without a bridge chip between: it may vanish when the board restarts.
    #[must_use]
    pub fn is_in_the_chip(&self) -> bool {
        self.usb
            .as_ref()
            .is_some_and(|usb| is_own_usb(UsbId { vendor: usb.vendor_id, product: usb.product_id }))
    }

    /// The same for espflash, which resets a board by how it is connected.
    pub(crate) fn as_espflash(&self) -> UsbPortInfo {
        let usb = self.usb.as_ref();
        UsbPortInfo {
            vid: usb.map_or(0, |usb| usb.vendor_id),
            pid: usb.map_or(0, |usb| usb.product_id),
            serial_number: usb.and_then(|usb| usb.serial.clone()),
            manufacturer: None,
            product: usb.and_then(|usb| usb.product.clone()),
        }
    }

    /// Whether boards come with this kind of port.
    fn is_likely(&self) -> bool {
        self.usb.as_ref().is_some_and(|usb| bridge(usb.vendor_id).is_some())
    }
}

/// The path, and what is known to be behind it.
impl fmt::Display for PortInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        let Some(usb) = &self.usb else { return Ok(()) };
        let name = if self.is_in_the_chip() { Some("the chip's own USB") } else { usb.product.as_deref() };
        write!(f, "  {}", name.or(bridge(usb.vendor_id)).unwrap_or("USB"))?;
        usb.serial.as_ref().map_or(Ok(()), |serial| write!(f, ", {serial}"))
    }
}

/// What a USB device of this vendor is, if boards come with such devices: `CP210x bridge`.
#[must_use]
pub fn bridge(vendor: u16) -> Option<&'static str> {
    BRIDGES.iter().find(|(known, _)| *known == vendor).map(|(_, name)| *name)
}

/// The serial ports that the system lists, in the order of their paths. Empty when it can't be asked.
#[must_use]
pub fn list() -> Vec<PortInfo> {
    listed_in(Path::new(LINUX_PORTS))
}

/// On Linux the crate panics where `folder` is missing, as it is in a container without `/sys`: nothing is listed then.
fn listed_in(folder: &Path) -> Vec<PortInfo> {
    if !are_listed_in(folder) {
        return Vec::new();
    }
    let mut ports: Vec<PortInfo> = available_ports().unwrap_or_default().into_iter().map(known).collect();
    // macOS lists each port twice; opening the `tty.` one waits for a carrier that never comes.
    ports.retain(|port| !port.path.starts_with("/dev/tty."));
    ports.sort_by(|one, other| one.path.cmp(&other.path));
    ports
}

/// Chooses among `ports`: USB ports of kinds that boards come with, else any USB port. A port of the mainboard is only
/// taken by its name: there may be anything at it.
#[must_use]
pub fn choose(ports: &[PortInfo]) -> SerialPortChoice {
    match likely(ports).as_slice() {
        [] => SerialPortChoice::None,
        [one] => SerialPortChoice::One(one.clone()),
        several => SerialPortChoice::Several(several.to_vec()),
    }
}

/// The ports that a board is likely at: the best kind that there is of [`choose`]'s.
#[must_use]
pub fn likely(ports: &[PortInfo]) -> Vec<PortInfo> {
    let kinds: [fn(&PortInfo) -> bool; 2] = [PortInfo::is_likely, |port| port.usb.is_some()];
    let of_kind = |kind: fn(&PortInfo) -> bool| -> Vec<PortInfo> {
        ports.iter().filter(|port| kind(port)).cloned().collect()
    };
    kinds.into_iter().map(of_kind).find(|found| !found.is_empty()).unwrap_or_default()
}

fn known(port: serialport::SerialPortInfo) -> PortInfo {
    let usb = match port.port_type {
        SerialPortType::UsbPort(usb) => Some(UsbDevice {
            vendor_id: usb.vid,
            product_id: usb.pid,
            serial: usb.serial_number,
            product: usb.product,
        }),
        _ => None,
    };
    PortInfo { path: port.port_name, usb }
}

/// Whether two paths lead to the same file, as those in `/dev/serial/by-id` do.
fn same_file(one: &str, other: &str) -> bool {
    let real = |path: &str| Path::new(path).canonicalize().ok();
    real(one).is_some_and(|one| Some(one) == real(other))
}

/// Where Linux lists serial ports, with the USB devices behind them.
const LINUX_PORTS: &str = "/sys/class/tty";
/// USB vendors of what is on boards.
const BRIDGES: [(u16, &str); 5] = [
    (ESPRESSIF_USB_VENDOR, "Espressif"),
    (0x10c4, "CP210x bridge"),
    (0x1a86, "CH34x bridge"),
    (0x0403, "FTDI bridge"),
    (0x067b, "PL2303 bridge"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn port(path: &str, usb: Option<(u16, u16)>) -> PortInfo {
        let usb = usb.map(|(vendor_id, product_id)| UsbDevice {
            vendor_id,
            product_id,
            serial: Some("24:0A:C4:00:00:01".to_owned()),
            product: None,
        });
        PortInfo { path: path.to_owned(), usb }
    }

    #[test]
    fn one_likely_port_is_taken_whatever_else_there_is() {
        let board = port("/dev/ttyACM0", Some((0x303a, 0x1001)));
        let ports = [port("/dev/ttyS0", None), board.clone(), port("/dev/ttyACM1", Some((0x1234, 1)))];
        assert_eq!(choose(&ports), SerialPortChoice::One(board));
    }

    #[test]
    fn several_likely_ports_are_a_persons_choice() {
        let ports =
            [port("/dev/ttyUSB0", Some((0x10c4, 0xea60))), port("/dev/ttyUSB1", Some((0x1a86, 0x7523)))];
        assert_eq!(choose(&ports), SerialPortChoice::Several(ports.to_vec()));
        assert_eq!(choose(&[]), SerialPortChoice::None);
    }

    #[test]
    fn an_unknown_bridge_is_better_than_a_port_of_the_mainboard() {
        let bridge = port("/dev/ttyACM0", Some((0x1234, 1)));
        let mainboard = port("/dev/ttyS0", None);
        assert_eq!(choose(&[mainboard.clone(), bridge.clone()]), SerialPortChoice::One(bridge));
        assert_eq!(choose(&[mainboard]), SerialPortChoice::None);
    }

    #[test]
    fn a_port_is_told_with_what_is_behind_it() {
        let shown = |usb| port("/dev/x", usb).to_string();
        assert_eq!(shown(Some((0x303a, 0x1001))), "/dev/x  the chip's own USB, 24:0A:C4:00:00:01");
        assert_eq!(shown(Some((0x10c4, 0xea60))), "/dev/x  CP210x bridge, 24:0A:C4:00:00:01");
        assert_eq!(shown(None), "/dev/x");
    }

    #[test]
    fn without_the_folder_of_ports_nothing_is_listed() {
        assert_eq!(listed_in(Path::new("/nonexistent/class/tty")), []);
    }

    #[test]
    fn a_port_that_the_system_does_not_list_is_taken_too() {
        assert_eq!(PortInfo::at("/dev/null"), port("/dev/null", None));
    }
}
