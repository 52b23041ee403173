//! Makes devices of announcements, sans I/O. What comes from the network is foreign: any name, any number of services.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    Discovery,
    device::{Device, HostAddress, ServiceKind, TxtEntry},
};

/// What was announced of one service.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// Which service it is.
    pub service: ServiceKind,
    /// Its full name, as in `board._https._tcp.local.`.
    pub full_name: String,
    /// The name of the host, as in `board.local.`.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// The addresses of the host.
    pub addresses: Vec<HostAddress>,
    /// The strings of TXT.
    pub txt: Vec<TxtEntry>,
}

/// A service of which only the name is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unresolved {
    /// The name of the instance.
    pub name: String,
    /// What is announced.
    pub service: ServiceKind,
}

/// Whether there is room for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Room {
    /// There is.
    Left,
    /// As many services are known as a network of devices has not got: somebody floods it.
    Full,
}

/// The services that are known so far.
#[derive(Debug, Default)]
pub struct Gathering {
    named: BTreeSet<Unresolved>,
    resolved: BTreeMap<Unresolved, Announcement>,
}

impl Gathering {
    /// A service has this full name; nothing else is known of it yet.
    pub fn name(&mut self, service: ServiceKind, full_name: &str) -> Room {
        self.named.insert(identity(service, full_name));
        self.room()
    }

    /// A service is there, or something about it has changed: what was announced last counts.
    pub fn announce(&mut self, announcement: Announcement) -> Room {
        let identity = identity(announcement.service, &announcement.full_name);
        self.named.insert(identity.clone());
        // Port 0 says that the service is not there (RFC 6763, section 8).
        if announcement.port == 0 {
            self.remove_identity(&identity);
        } else if !announcement.addresses.is_empty() {
            self.resolved.insert(identity, announcement);
        }
        self.room()
    }

    /// A service is gone: it said goodbye, or its time is over.
    pub fn remove(&mut self, service: ServiceKind, full_name: &str) {
        self.remove_identity(&identity(service, full_name));
    }

    /// How many services are known.
    #[must_use]
    pub fn count(&self) -> usize {
        self.resolved.len()
    }

    /// What was found.
    #[must_use]
    pub fn finish(self, listened_us: u64) -> Discovery {
        let unresolved = self.named.into_iter().filter(|named| !self.resolved.contains_key(named)).collect();
        let devices =
            self.resolved.into_iter().map(|(identity, announcement)| device(identity, announcement));
        Discovery { listened_us, devices: devices.collect(), unresolved }
    }

    fn remove_identity(&mut self, identity: &Unresolved) {
        self.named.remove(identity);
        self.resolved.remove(identity);
    }

    fn room(&self) -> Room {
        if self.named.len() < MOST_SERVICES { Room::Left } else { Room::Full }
    }
}

fn device(identity: Unresolved, announcement: Announcement) -> Device {
    let Announcement { service, host, port, mut addresses, mut txt, .. } = announcement;
    addresses.sort();
    addresses.dedup();
    addresses.truncate(MOST_ADDRESSES);
    txt.truncate(MOST_ENTRIES);
    let host = host.strip_suffix('.').unwrap_or(&host).to_owned();
    Device::new(service, identity.name, (host, port), addresses, txt)
}

fn identity(service: ServiceKind, full_name: &str) -> Unresolved {
    let at = full_name.len().saturating_sub(service.domain().len());
    let name = match (full_name.get(..at), full_name.get(at..)) {
        (Some(name), Some(domain)) if domain.eq_ignore_ascii_case(service.domain()) => name,
        _ => full_name,
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    Unresolved { name: name.to_owned(), service }
}

/// More than any network of devices has; an attacker can announce without end.
const MOST_SERVICES: usize = 1000;
/// More than a host has; a message of 9000 bytes has room for many.
const MOST_ADDRESSES: usize = 16;
/// RFC 6763, section 6.2 wants TXT below 1300 bytes.
const MOST_ENTRIES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn announcement(name: &str, service: ServiceKind, port: u16, addresses: &[&str]) -> Announcement {
        let address = |ip: &&str| HostAddress::new(ip.parse().unwrap(), Some(("eth0".to_owned(), 2)));
        Announcement {
            service,
            full_name: format!("{name}.{}", service.domain()),
            host: "board.local.".to_owned(),
            port,
            addresses: addresses.iter().filter_map(address).collect(),
            txt: Vec::new(),
        }
    }

    fn entry(key: &str, value: Option<&str>) -> TxtEntry {
        TxtEntry { key: key.to_owned(), value: value.map(str::to_owned) }
    }

    fn found(announcements: Vec<Announcement>) -> Discovery {
        let mut gathering = Gathering::default();
        for announcement in announcements {
            assert_eq!(gathering.announce(announcement), Room::Left);
        }
        gathering.finish(1)
    }

    #[test]
    fn what_was_announced_last_counts_and_services_are_sorted_by_name() {
        let https = |name, ip| announcement(name, ServiceKind::Https, 443, &[ip]);
        let http = announcement("a", ServiceKind::Http, 80, &["10.0.0.1"]);
        let found = found(vec![https("b", "10.0.0.1"), http, https("a", "10.0.0.1"), https("b", "10.0.0.2")]);
        let told: Vec<_> =
            found.devices.iter().map(|device| (device.name.as_str(), device.target.as_str())).collect();
        assert_eq!(told, [("a", "10.0.0.1:443"), ("a", "10.0.0.1:80"), ("b", "10.0.0.2:443")]);
        assert_eq!(found.devices[0].host, "board.local");
    }

    #[test]
    fn the_keys_of_our_firmware_are_read_and_all_others_kept() {
        let mut announced = announcement("a", ServiceKind::Https, 443, &["fe80::1"]);
        let pin = "ab".repeat(16);
        announced.txt = vec![
            entry("FW", Some("0.1.0")),
            entry("fw", Some("9")),
            entry("mac", Some("24:0A:C4:12:34:56")),
            entry("pin", Some(&pin)),
            entry("flag", None),
        ];
        let device = &found(vec![announced.clone()]).devices[0];
        assert_eq!(device.firmware.as_deref(), Some("0.1.0"));
        assert_eq!(device.mac.unwrap().to_string(), "24:0a:c4:12:34:56");
        assert_eq!(device.pin.as_ref().unwrap().to_string(), pin);
        assert_eq!((device.txt.len(), device.target.as_str()), (5, "[fe80::1%eth0]:443"));
        announced.txt = vec![entry("fw", Some("")), entry("mac", Some("x")), entry("pin", Some("ab"))];
        let device = &found(vec![announced]).devices[0];
        assert!(device.firmware.is_none() && device.mac.is_none() && device.pin.is_none());
    }

    #[test]
    fn a_service_without_an_address_is_named_and_one_without_a_port_is_not_there() {
        let mut gathering = Gathering::default();
        assert_eq!(gathering.name(ServiceKind::Https, "lost._HTTPS._tcp.local."), Room::Left);
        assert_eq!(gathering.announce(announcement("far", ServiceKind::Https, 443, &[])), Room::Left);
        assert_eq!(
            gathering.announce(announcement("none", ServiceKind::Https, 0, &["10.0.0.1"])),
            Room::Left
        );
        assert_eq!(
            gathering.announce(announcement("gone", ServiceKind::Http, 80, &["10.0.0.1"])),
            Room::Left
        );
        gathering.remove(ServiceKind::Http, "gone._http._tcp.local.");
        let found = gathering.finish(1);
        let names: Vec<_> = found.unresolved.iter().map(|service| service.name.as_str()).collect();
        assert_eq!((names, found.devices.len()), (vec!["far", "lost"], 0));
    }

    #[test]
    fn a_flood_of_services_and_of_addresses_is_bounded() {
        let mut gathering = Gathering::default();
        let full = (0..).find(|number| gathering.name(ServiceKind::Http, &number.to_string()) == Room::Full);
        assert_eq!(full, Some(MOST_SERVICES - 1));
        let addresses: Vec<String> = (1..200).map(|number| format!("10.0.0.{number}")).collect();
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let mut announced = announcement("a", ServiceKind::Https, 443, &addresses);
        announced.txt = vec![entry("k", None); 200];
        let device = &found(vec![announced]).devices[0];
        assert_eq!((device.addresses.len(), device.txt.len()), (MOST_ADDRESSES, MOST_ENTRIES));
    }

    #[test]
    fn a_name_is_what_stands_before_the_service_at_every_length() {
        let whole = "a.b._https._tcp.local.";
        for length in 0..whole.len() {
            assert_eq!(
                identity(ServiceKind::Https, &whole[..length]).name,
                whole[..length].trim_end_matches('.')
            );
        }
        assert_eq!(identity(ServiceKind::Https, whole).name, "a.b");
        assert_eq!(identity(ServiceKind::Https, "é._https._tcp.local.").name, "é");
        assert_eq!(identity(ServiceKind::Https, "ééééééééééé").name, "ééééééééééé");
    }
}
