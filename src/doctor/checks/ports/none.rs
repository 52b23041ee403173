//! Why there is no port, as far as the system shows it.

use std::{fs, path::Path};

use crate::{
    device::serial::ports::{UsbDevice, bridge},
    doctor::{
        check::{Finding, Remedy},
        surroundings::{Host, System},
    },
};

/// What there is in place of a port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// USB devices of kinds that boards come with.
    pub(super) devices: Vec<UsbDevice>,
    /// Ports that the system knows, and that have no file in `/dev`.
    pub(super) without_file: Vec<String>,
    /// Whether brltty is there, which takes some adapters for braille displays.
    pub(super) brltty: Brltty,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Brltty {
    Installed,
    #[default]
    Absent,
}

impl Seen {
    pub(super) fn look() -> Self {
        let is_installed = BRLTTY.iter().any(|path| Path::new(path).exists());
        Self {
            devices: devices_in(Path::new("/sys/bus/usb/devices")),
            without_file: without_file(Path::new("/sys/class/tty"), Path::new("/dev")),
            brltty: if is_installed { Brltty::Installed } else { Brltty::Absent },
        }
    }
}

/// The USB devices of kinds that boards come with (Linux, `Documentation/ABI/testing/sysfs-bus-usb`).
fn devices_in(folder: &Path) -> Vec<UsbDevice> {
    let device = |folder: &Path| {
        let text = |name: &str| fs::read_to_string(folder.join(name)).ok().map(|text| text.trim().to_owned());
        let id = |name: &str| u16::from_str_radix(&text(name)?, 16).ok();
        let (vendor_id, product_id) = (id("idVendor")?, id("idProduct")?);
        bridge(vendor_id)?;
        Some(UsbDevice { vendor_id, product_id, serial: text("serial"), product: text("product") })
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| device(&entry.path())).collect()
}

/// Ports on USB that the kernel knows, and that have no file: as in a container that was not given the device.
fn without_file(ports: &Path, files: &Path) -> Vec<String> {
    let entries = fs::read_dir(ports).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let is_usb = |name: &String| ["ttyACM", "ttyUSB"].iter().any(|prefix| name.starts_with(prefix));
    let mut names: Vec<String> = names.filter(is_usb).filter(|name| !files.join(name).exists()).collect();
    names.sort();
    names
}

pub(super) fn judge(seen: &Seen, system: &System) -> Finding {
    if let Some(name) = seen.without_file.first() {
        let what = format!("a board may be at {name}, but there is no file /dev/{name}");
        return Finding::problem(what).remedy(match system.host {
            Host::Container => Remedy::advice(format!("start the container with --device=/dev/{name}")),
            Host::Plain | Host::Wsl => Remedy::run(system.as_root("udevadm trigger --subsystem-match=tty")),
        });
    }
    if let Some(device) = seen.devices.first() {
        return without_port(device, seen.brltty, system);
    }
    let none = Finding::missing("there is no serial port on USB, and no board that could have one");
    none.remedy(match system.host {
        Host::Wsl => Remedy::run("usbipd.exe attach --wsl --busid BUSID")
            .and("in Windows; `usbipd.exe list` shows the BUSID of the board"),
        Host::Container => {
            Remedy::advice("start the container with the device of the board, as in --device=/dev/ttyACM0")
        }
        Host::Plain => Remedy::advice(
            "connect the board by a USB cable that carries data: a cable for charging has no data lines, and the board's light is on all the same",
        ),
    })
}

/// A device is there, and no port came of it.
fn without_port(device: &UsbDevice, brltty: Brltty, system: &System) -> Finding {
    let name = bridge(device.vendor_id).unwrap_or("USB device");
    let what = format!(
        "{name} ({:04x}:{:04x}) is connected, but has no serial port",
        device.vendor_id, device.product_id
    );
    match (brltty, module(device.vendor_id)) {
        (Brltty::Installed, _) if TAKEN_BY_BRLTTY.contains(&device.vendor_id) => {
            Finding::problem(format!("{what}: brltty, a program for braille displays, takes such adapters"))
                .remedy(
                    Remedy::run(system.as_root("apt-get remove brltty")).and("then connect the board again"),
                )
        }
        (_, Some(module)) => Finding::problem(format!("{what}: its driver {module} is not loaded"))
            .remedy(Remedy::run(system.as_root(&format!("modprobe {module}")))),
        (_, None) => Finding::problem(what).remedy(Remedy::advice("connect the board again")),
    }
}

/// The kernel's driver for the devices of a vendor.
fn module(vendor: u16) -> Option<&'static str> {
    MODULES.iter().find(|(known, _)| *known == vendor).map(|(_, module)| *module)
}

/// Linux, `drivers/usb/serial/` and `drivers/usb/class/`.
const MODULES: [(u16, &str); 5] =
    [(0x303a, "cdc_acm"), (0x10c4, "cp210x"), (0x1a86, "ch341"), (0x0403, "ftdi_sio"), (0x067b, "pl2303")];
/// brltty, `Documents/README.USB`: generic adapters that some displays have inside.
const TAKEN_BY_BRLTTY: [u16; 3] = [0x10c4, 0x1a86, 0x0403];
const BRLTTY: [&str; 2] = ["/usr/bin/brltty", "/sbin/brltty"];

#[cfg(test)]
mod tests {
    use super::*;

    fn device(vendor_id: u16, product_id: u16) -> UsbDevice {
        UsbDevice { vendor_id, product_id, serial: None, product: None }
    }

    #[test]
    fn why_there_is_no_port_is_told_as_far_as_it_shows() {
        let on = |host| System { host, ..System::debian() };
        let nothing = Seen::default();
        let with = |vendor, brltty| Seen { devices: vec![device(vendor, 0x7523)], brltty, ..Seen::default() };
        let no_file = Seen { without_file: vec!["ttyACM0".to_owned()], ..Seen::default() };
        let all = judge(&nothing, &on(Host::Plain)).told()
            + &judge(&nothing, &on(Host::Wsl)).told()
            + &judge(&nothing, &on(Host::Container)).told()
            + &judge(&with(0x1a86, Brltty::Installed), &on(Host::Plain)).told()
            + &judge(&with(0x1a86, Brltty::Absent), &on(Host::Plain)).told()
            + &judge(&with(0x303a, Brltty::Installed), &on(Host::Plain)).told()
            + &judge(&no_file, &on(Host::Container)).told()
            + &judge(&no_file, &on(Host::Plain)).told();
        insta::assert_snapshot!(all, @r"
        Missing: there is no serial port on USB, and no board that could have one
          connect the board by a USB cable that carries data: a cable for charging has no data lines, and the board's light is on all the same
        Missing: there is no serial port on USB, and no board that could have one
          usbipd.exe attach --wsl --busid BUSID
          in Windows; `usbipd.exe list` shows the BUSID of the board
        Missing: there is no serial port on USB, and no board that could have one
          start the container with the device of the board, as in --device=/dev/ttyACM0
        Problem: CH34x bridge (1a86:7523) is connected, but has no serial port: brltty, a program for braille displays, takes such adapters
          sudo apt-get remove brltty
          then connect the board again
        Problem: CH34x bridge (1a86:7523) is connected, but has no serial port: its driver ch341 is not loaded
          sudo modprobe ch341
        Problem: Espressif (303a:7523) is connected, but has no serial port: its driver cdc_acm is not loaded
          sudo modprobe cdc_acm
        Problem: a board may be at ttyACM0, but there is no file /dev/ttyACM0
          start the container with --device=/dev/ttyACM0
        Problem: a board may be at ttyACM0, but there is no file /dev/ttyACM0
          sudo udevadm trigger --subsystem-match=tty
        ");
    }

    #[test]
    fn devices_and_ports_are_read_from_the_system_s_folders() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        for (file, text) in [("idVendor", "1a86\n"), ("idProduct", "7523\n"), ("product", "USB Serial\n")] {
            write(&format!("usb/1-1/{file}"), text);
        }
        write("usb/1-2/idVendor", "046d\n");
        write("usb/1-2/idProduct", "c31c\n");
        write("usb/1-1:1.0/bInterfaceClass", "ff\n");
        let found = devices_in(&folder.path().join("usb"));
        let product = Some("USB Serial".to_owned());
        assert_eq!(found, [UsbDevice { product, ..device(0x1a86, 0x7523) }], "not the keyboard");
        for port in ["tty/ttyACM0/dev", "tty/ttyUSB1/dev", "tty/ttyS0/dev", "dev/ttyUSB1"] {
            write(port, "");
        }
        assert_eq!(without_file(&folder.path().join("tty"), &folder.path().join("dev")), ["ttyACM0"]);
        assert_eq!(devices_in(Path::new("/nonexistent")), []);
    }
}
