//! The network interfaces of this machine: what the zone of a link-local address names (RFC 4007, section 11).

use std::{io, net::IpAddr};

/// The interfaces that have an address, each once, by name.
#[derive(Debug, Clone, Default)]
pub struct Interfaces(Vec<Interface>);

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name, as in `eth0`.
    pub name: String,
    /// Its number, which link-local addresses carry as their scope.
    pub index: u32,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
}

impl Interfaces {
    /// Those of this machine.
    ///
    /// # Errors
    /// The system does not list them.
    pub fn here() -> io::Result<Self> {
        let mut interfaces: Vec<Interface> = Vec::new();
        for found in if_addrs::get_if_addrs()? {
            let Some(index) = found.index else { continue };
            let ip = found.ip();
            match interfaces.iter_mut().find(|interface| interface.name == found.name) {
                Some(interface) => interface.addresses.push(ip),
                None => interfaces.push(Interface { name: found.name, index, addresses: vec![ip] }),
            }
        }
        interfaces.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self(interfaces))
    }

    /// The number of the interface that a zone names, by its name or its number.
    #[must_use]
    pub fn index_of(&self, zone: &str) -> Option<u32> {
        let named = self.0.iter().find(|interface| interface.name == zone);
        let numbered = || self.0.iter().find(|interface| zone.parse() == Ok(interface.index));
        named.or_else(numbered).map(|interface| interface.index)
    }

    /// All names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|interface| interface.name.clone()).collect()
    }

    /// Those that lead to other machines.
    pub fn outward(&self) -> impl Iterator<Item = &Interface> {
        self.0.iter().filter(|interface| !interface.addresses.iter().all(IpAddr::is_loopback))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_names_an_interface_by_its_name_or_its_number() {
        let interface = |name: &str, index, address: &str| Interface {
            name: name.to_owned(),
            index,
            addresses: vec![address.parse().unwrap()],
        };
        let all = Interfaces(vec![interface("7", 3, "fe80::1"), interface("lo", 1, "127.0.0.1")]);
        assert_eq!(all.index_of("lo"), Some(1));
        assert_eq!(all.index_of("1"), Some(1));
        assert_eq!(all.index_of("7"), Some(3), "a name comes first");
        assert_eq!((all.index_of("2"), all.index_of("")), (None, None));
        assert_eq!(all.outward().map(|interface| interface.index).collect::<Vec<_>>(), [3]);
    }
}
