//! A service that a device announces, as data.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

use serde::{Serialize, Serializer};

use super::{
    announced_pin::AnnouncedPin,
    identity::{DeviceProbe, Known},
};
use crate::{authority::host_and_port, device::mac::Mac};

/// One service of a device.
#[derive(Debug, Serialize)]
pub struct Device {
    /// The name of the service's instance, as the device wrote it.
    pub name: String,
    /// What is announced.
    pub service: ServiceKind,
    /// The host's name, as in `board.local`.
    pub host: String,
    /// The TCP port, never 0.
    pub port: u16,
    /// The addresses of the host, the one to try first at the beginning. There is at least one.
    pub addresses: Vec<HostAddress>,
    /// The first address and the port, as `probe` and `load` take them.
    pub target: String,
    /// The version of the firmware, where TXT has `fw`.
    pub firmware: Option<String>,
    /// The hardware address, where TXT has `mac`.
    pub mac: Option<Mac>,
    /// The pin of the certificate, where TXT has `pin`.
    pub pin: Option<AnnouncedPin>,
    /// All of TXT, in its order (RFC 6763, section 6).
    pub txt: Vec<TxtEntry>,
    /// Which of the certificates that were given it has; null when none was given.
    pub known: Option<Known>,
    /// What one handshake showed; null without `--probe`.
    pub probe: Option<DeviceProbe>,
}

/// A service of DNS-SD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceKind {
    /// `_https._tcp`.
    Https,
    /// `_http._tcp`, under which many devices announce their HTTPS server as well.
    Http,
}

/// An address, with its interface where it is link-local.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostAddress {
    /// Which kind comes first.
    rank: u8,
    /// The address itself.
    pub ip: IpAddr,
    /// The interface of a link-local address, by name and number.
    pub zone: Option<(String, u32)>,
}

/// A string of TXT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TxtEntry {
    /// What stands before the first `=`.
    pub key: String,
    /// What stands behind it; null where there is no `=`. Bytes that are not UTF-8 are shown as U+FFFD.
    pub value: Option<String>,
}

impl ServiceKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Https, Self::Http];

    /// The domain under which its instances are (RFC 6763, section 4.1).
    #[must_use]
    pub fn domain(self) -> &'static str {
        match self {
            Self::Https => "_https._tcp.local.",
            Self::Http => "_http._tcp.local.",
        }
    }
}

impl HostAddress {
    /// An address that was announced by way of the interface `zone`; `None` where it can't be a host's.
    #[must_use]
    pub fn new(ip: IpAddr, zone: Option<(String, u32)>) -> Option<Self> {
        if ip.is_unspecified() || ip.is_multicast() {
            return None;
        }
        Some(match ip {
            IpAddr::V4(_) => Self { rank: 0, ip, zone: None },
            IpAddr::V6(v6) if !v6.is_unicast_link_local() => Self { rank: global_rank(v6), ip, zone: None },
            IpAddr::V6(_) => Self { rank: 3, ip, zone: Some(zone.filter(|(_, index)| *index != 0)?) },
        })
    }
}

/// Addresses that are the network's own stay when the provider's change.
fn global_rank(ip: Ipv6Addr) -> u8 {
    if ip.is_unique_local() { 1 } else { 2 }
}

impl fmt::Display for HostAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.zone {
            Some((name, _)) => write!(f, "{}%{name}", self.ip),
            None => write!(f, "{}", self.ip),
        }
    }
}

impl Serialize for HostAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Device {
    /// What an announcement says. Its addresses are sorted, and there is at least one.
    pub(super) fn new(
        service: ServiceKind,
        name: String,
        (host, port): (String, u16),
        addresses: Vec<HostAddress>,
        txt: Vec<TxtEntry>,
    ) -> Self {
        let value = |key: &str| {
            // Keys are compared without regard to case, and the first one counts (RFC 6763, section 6.4).
            let entry = txt.iter().find(|entry| entry.key.eq_ignore_ascii_case(key));
            entry.and_then(|entry| entry.value.clone()).filter(|value| !value.is_empty())
        };
        let target = addresses.first().map(|address| host_and_port(&address.to_string(), port));
        Self {
            firmware: value("fw"),
            mac: value("mac").and_then(|mac| mac.parse().ok()),
            pin: value("pin").and_then(|pin| pin.parse().ok()),
            target: target.unwrap_or_default(),
            name,
            service,
            host,
            port,
            addresses,
            txt,
            known: None,
            probe: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(ip: &str, zone: Option<(&str, u32)>) -> Option<HostAddress> {
        HostAddress::new(ip.parse().unwrap(), zone.map(|(name, index)| (name.to_owned(), index)))
    }

    #[test]
    fn addresses_that_can_be_reached_from_everywhere_come_before_link_local_ones() {
        let zone = Some(("wlan0", 3));
        let mut all: Vec<_> = ["fe80::1", "2001:db8::1", "fd00::1", "192.168.1.7", "10.0.0.1"]
            .map(|ip| address(ip, zone).unwrap())
            .into();
        all.sort();
        let all: Vec<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(all, ["10.0.0.1", "192.168.1.7", "fd00::1", "2001:db8::1", "fe80::1%wlan0"]);
    }

    #[test]
    fn what_is_no_address_of_a_host_is_left_out() {
        for ip in ["0.0.0.0", "::", "224.0.0.251", "ff02::fb"] {
            assert_eq!(address(ip, Some(("wlan0", 3))), None, "{ip}");
        }
        assert_eq!(address("fe80::1", None), None, "nobody could reach it");
        assert_eq!(address("fe80::1", Some(("", 0))), None);
    }
}
