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

use super::target::{Host, Target};
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
    #[error("this machine has no network interface `{zone}`")]
    NoInterface {
        /// The zone as given.
        zone: String,
    },
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
    instead: Option<IpAddr>,
    limit: Duration,
) -> Result<(Vec<SocketAddr>, Lookup), LookupError> {
    let port = target.port();
    match (instead, target.host()) {
        (Some(ip), _) | (None, &Host::Address { ip, zone: None }) => {
            Ok((vec![SocketAddr::new(ip, port)], Lookup::Literal))
        }
        (None, Host::Address { ip, zone: Some(zone) }) => {
            Ok((vec![in_zone(*ip, zone, port, limit).await?], Lookup::Literal))
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

/// An address with its zone's interface number. The system's resolver knows that number, but only tells it for
/// link-local addresses, so it is asked for one.
async fn in_zone(ip: IpAddr, zone: &str, port: u16, limit: Duration) -> Result<SocketAddr, LookupError> {
    let no_interface = || LookupError::NoInterface { zone: zone.to_owned() };
    let found = ask(&format!("fe80::1%{zone}"), port, limit).await.map_err(|_| no_interface())?;
    match (ip, found.first()) {
        (IpAddr::V6(ip), Some(SocketAddr::V6(found))) => {
            Ok(SocketAddrV6::new(ip, port, 0, found.scope_id()).into())
        }
        _ => Err(no_interface()),
    }
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

    #[tokio::test]
    async fn an_unknown_zone_is_named() {
        let target: Target = "[fe80::1%nosuch0]:443".parse().unwrap();
        let error = addresses(&target, None, Duration::from_secs(5)).await.unwrap_err();
        assert_eq!(error.to_string(), "this machine has no network interface `nosuch0`");
    }
}
