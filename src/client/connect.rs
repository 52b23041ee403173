//! Does it take a TCP connection? Looks the host up and tries each of its addresses in turn.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6},
    time::Duration,
};

use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, timeout},
};

use super::{
    interface::Interfaces,
    target::{Host, Target},
};
use crate::os_error::in_words;

/// How the addresses of a target were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// The target is an address, or one was given for it.
    Literal,
    /// A name was looked up, and that took this long.
    Resolved(Duration),
}

/// Why there is no address to connect to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The name service knows no such name, or can't be asked.
    #[error("the name can't be found: {}", name_service_words(source))]
    NotFound {
        /// What the name service said.
        source: io::Error,
    },
    /// The name service gave an empty answer.
    #[error("the name has no address")]
    NoAddress,
    /// The name service did not answer in time.
    #[error("the name service did not answer within {timeout:?}")]
    TimedOut {
        /// How long it was waited for.
        timeout: Duration,
    },
    /// The zone of a link-local address is not an interface of this machine.
    #[error(transparent)]
    NoInterface(#[from] NoInterface),
    /// A link-local address without a zone: it may be on any of the networks (RFC 4007, section 6).
    #[error("{ip} is a link-local address, and nothing says behind which interface of this machine it is")]
    NoZone {
        /// The address.
        ip: IpAddr,
        /// The interfaces that could be meant.
        interfaces: Vec<String>,
    },
}

/// A zone that is not an interface of this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this machine has no network interface `{}`", zone.escape_debug())]
pub struct NoInterface {
    /// The zone as given.
    pub zone: String,
    /// The interfaces that have an address.
    pub interfaces: Vec<String>,
}

/// An address to connect to instead of looking a host up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownAddress {
    /// The address itself.
    pub ip: IpAddr,
    /// The number of the interface behind which it is; 0 where the system chooses one.
    pub scope_id: u32,
}

impl KnownAddress {
    /// An address with its zone, if it has one.
    ///
    /// # Errors
    /// [`LookupError::NoInterface`] and [`LookupError::NoZone`].
    pub fn new(ip: IpAddr, zone: Option<&str>) -> Result<Self, LookupError> {
        let scope_id = match zone {
            Some(zone) => interface_index(zone)?,
            None if is_link_local(ip) => {
                return Err(LookupError::NoZone { ip, interfaces: outward_names() });
            }
            None => 0,
        };
        Ok(Self { ip, scope_id })
    }

    fn at(self, port: u16) -> SocketAddr {
        match self.ip {
            IpAddr::V4(_) => SocketAddr::new(self.ip, port),
            IpAddr::V6(ip) => SocketAddrV6::new(ip, port, 0, self.scope_id).into(),
        }
    }
}

fn outward_names() -> Vec<String> {
    let interfaces = Interfaces::here().unwrap_or_default();
    interfaces.outward().map(|interface| interface.name.clone()).collect()
}

/// The number of the interface of this name or number. Where the system lists no interfaces, there is none.
///
/// # Errors
/// There is none.
pub fn interface_index(zone: &str) -> Result<u32, NoInterface> {
    let interfaces = Interfaces::here().unwrap_or_default();
    let none = || NoInterface { zone: zone.to_owned(), interfaces: interfaces.names() };
    interfaces.index_of(zone).ok_or_else(none)
}

fn is_link_local(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}

/// Why no address took the connection: what the most telling one said.
#[derive(Debug, thiserror::Error)]
#[error("{address}: {reason}")]
pub struct ConnectError {
    /// The address that said it.
    pub address: SocketAddr,
    /// What it said.
    pub reason: Unconnected,
}

/// Why one address did not take the connection, the most telling last.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unconnected {
    /// Something else, such as a local firewall.
    #[error("{}", in_words(.0))]
    Other(io::Error),
    /// No route to the host or its network, or no answer to ARP or neighbour discovery.
    #[error("there is no route to it: {}", in_words(.0))]
    NoRoute(io::Error),
    /// No answer at all.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The host is there, but no socket accepts the connection.
    #[error("connection refused")]
    Refused,
}

/// What the name service answered, without what the standard library puts before every such answer.
fn name_service_words(error: &io::Error) -> String {
    let words = in_words(error);
    words.strip_prefix("failed to lookup address information: ").unwrap_or(&words).to_owned()
}

/// Finds the addresses of `target`; with `instead`, that address and no look-up.
///
/// # Errors
/// [`LookupError`]: no such name, or none within `limit`.
pub async fn addresses(
    target: &Target,
    instead: Option<KnownAddress>,
    limit: Duration,
) -> Result<(Vec<SocketAddr>, Lookup), LookupError> {
    let port = target.port();
    match (instead, target.host()) {
        (Some(address), _) => Ok((vec![address.at(port)], Lookup::Literal)),
        (None, Host::Address { ip, zone }) => {
            Ok((vec![KnownAddress::new(*ip, zone.as_deref())?.at(port)], Lookup::Literal))
        }
        (None, Host::Name(name)) => {
            let since = Instant::now();
            let found = ask(name, port, limit).await.or_else(|error| loopback(name, port).ok_or(error))?;
            Ok((found, Lookup::Resolved(since.elapsed())))
        }
    }
}

/// The addresses of `localhost` and the names below it, which are this machine's own whatever the name service knows
/// (RFC 6761, section 6.3): a container may have neither `/etc/hosts` nor a resolver that says so.
fn loopback(name: &str, port: u16) -> Option<Vec<SocketAddr>> {
    let own = name == "localhost" || name.ends_with(".localhost");
    own.then(|| vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()])
}

async fn ask(host: &str, port: u16, limit: Duration) -> Result<Vec<SocketAddr>, LookupError> {
    let answer = timeout(limit, lookup_host((host, port))).await;
    let found = answer.map_err(|_| LookupError::TimedOut { timeout: limit })?;
    let mut addresses: Vec<_> = found.map_err(|source| LookupError::NotFound { source })?.collect();
    addresses.dedup();
    if addresses.is_empty() { Err(LookupError::NoAddress) } else { Ok(addresses) }
}

/// Connects to the first of `addresses` that takes the connection. Each gets an even share of what is left of
/// `limit`, so that one that never answers does not use up the time of the others.
///
/// # Errors
/// What the most telling address said, when none took it.
pub async fn connect(
    addresses: &[SocketAddr],
    limit: Duration,
) -> Result<(TcpStream, SocketAddr), ConnectError> {
    let deadline = Instant::now() + limit;
    let mut told: Option<ConnectError> = None;
    for (index, &address) in addresses.iter().enumerate() {
        let others = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        let share = deadline.saturating_duration_since(Instant::now()) / others;
        match connect_one(address, share).await {
            Ok(stream) => return Ok((stream, address)),
            Err(reason) if told.as_ref().is_none_or(|told| reason.weight() > told.reason.weight()) => {
                told = Some(ConnectError { address, reason });
            }
            Err(_) => {}
        }
    }
    Err(told.unwrap_or_else(|| ConnectError {
        address: SocketAddr::from(([0, 0, 0, 0], 0)),
        reason: Unconnected::Other(io::ErrorKind::AddrNotAvailable.into()),
    }))
}

async fn connect_one(address: SocketAddr, limit: Duration) -> Result<TcpStream, Unconnected> {
    let connected = timeout(limit, TcpStream::connect(address)).await;
    let stream = connected.map_err(|_| Unconnected::TimedOut(limit))?.map_err(Unconnected::from_io)?;
    // A probe measures the device's answer, not Nagle's delay; without the option it would only be slower.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

impl Unconnected {
    pub(super) fn from_io(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Self::NoRoute(error),
            _ => Self::Other(error),
        }
    }

    fn weight(&self) -> u8 {
        match self {
            Self::Other(_) => 0,
            Self::NoRoute(_) => 1,
            Self::TimedOut(_) => 2,
            Self::Refused => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn all_addresses_are_tried_in_turn() {
        let open = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let open = open.local_addr().map(|address| (open, address)).unwrap();
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let (_, reached) = connect(&[closed, open.1], Duration::from_secs(5)).await.unwrap();
        assert_eq!(reached, open.1);
        let refused = connect(&[closed], Duration::from_secs(5)).await.unwrap_err();
        assert!(matches!(refused.reason, Unconnected::Refused), "{refused}");
    }

    #[test]
    fn localhost_needs_no_name_service() {
        let expected = ["127.0.0.1:443".parse().unwrap(), "[::1]:443".parse().unwrap()];
        for name in ["localhost", "board.localhost"] {
            assert_eq!(loopback(name, 443).unwrap(), expected, "{name}");
        }
        for name in ["local", "notlocalhost", "localhost.example", "board.local"] {
            assert_eq!(loopback(name, 443), None, "{name}");
        }
    }

    async fn refused(target: &str) -> LookupError {
        addresses(&target.parse().unwrap(), None, Duration::from_secs(5)).await.unwrap_err()
    }

    #[tokio::test]
    async fn an_unknown_zone_is_named_with_the_interfaces_that_exist() {
        let LookupError::NoInterface(error) = refused("[fe80::1%nosuch0]:443").await else { panic!() };
        assert_eq!(error.to_string(), "this machine has no network interface `nosuch0`");
        assert_eq!(error.interfaces, Interfaces::here().unwrap().names());
        assert!(matches!(refused("fe80::1%4294967295").await, LookupError::NoInterface(_)));
    }

    #[tokio::test]
    async fn a_link_local_address_needs_a_zone_and_others_do_not() {
        assert!(matches!(refused("[fe80::1]:443").await, LookupError::NoZone { .. }));
        for (text, reached) in [("[::1]:1", "[::1]:1"), ("[2001:db8::1]:1", "[2001:db8::1]:1")] {
            let (found, _) = addresses(&text.parse().unwrap(), None, Duration::from_secs(5)).await.unwrap();
            assert_eq!(found, [reached.parse().unwrap()]);
        }
    }

    #[tokio::test]
    async fn the_number_of_the_zone_s_interface_goes_with_the_address() {
        let lo = interface_index("lo").unwrap();
        for target in ["[fe80::1%lo]:443".to_owned(), format!("[fe80::1%{lo}]:443")] {
            let (found, _) = addresses(&target.parse().unwrap(), None, Duration::from_secs(5)).await.unwrap();
            let [SocketAddr::V6(found)] = found[..] else { panic!("{found:?}") };
            assert_eq!((found.port(), found.scope_id()), (443, lo));
        }
    }
}
