//! An address on the command line.

use std::{fmt, net::IpAddr, str::FromStr};

/// An IP address, with its zone where it is link-local: `192.168.1.7`, `fe80::1%eth0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZonedAddress {
    /// The address itself.
    pub ip: IpAddr,
    /// The interface behind which it is.
    pub zone: Option<String>,
}

/// A text that is no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnAddress;

impl std::error::Error for NotAnAddress {}

impl fmt::Display for NotAnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected an IP address, as in 192.168.1.7 or fe80::1%eth0")
    }
}

impl FromStr for ZonedAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let (address, zone) = match text.split_once('%') {
            Some((_, "")) => return Err(NotAnAddress),
            Some((address, zone)) => (address, Some(zone.to_owned())),
            None => (text, None),
        };
        match address.parse().map_err(|_| NotAnAddress)? {
            IpAddr::V4(_) if zone.is_some() => Err(NotAnAddress),
            ip => Ok(Self { ip, zone }),
        }
    }
}

impl fmt::Display for ZonedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.zone {
            Some(zone) => write!(f, "{}%{zone}", self.ip),
            None => write!(f, "{}", self.ip),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_ipv6_address_has_a_zone() {
        let zone = |text: &str| text.parse::<ZonedAddress>().map(|address| address.zone);
        assert_eq!(zone("192.168.1.7"), Ok(None));
        assert_eq!(zone("fe80::1"), Ok(None));
        assert_eq!(zone("fe80::1%eth0"), Ok(Some("eth0".to_owned())));
        for bad in ["", "x", "192.168.1.7%eth0", "fe80::1%", "%eth0", "[fe80::1]", "fe80::1:443x"] {
            assert_eq!(zone(bad), Err(NotAnAddress), "{bad}");
        }
    }
}
