//! Asks by mDNS and listens for answers, by the crate mdns-sd. It asks at once, and again after one second, two, four and so on
//! (RFC 6762, section 5.2).

use std::{io, net::Ipv4Addr, net::Ipv6Addr, net::SocketAddr, time::Duration};

use mdns_sd::{IfKind, Receiver, ResolvedService, ScopedIp, ServiceDaemon, ServiceEvent};
use socket2::{Domain, Socket, Type};
use tokio::{
    select,
    time::{interval, timeout},
};

use super::{
    device::{HostAddress, ServiceKind, TxtEntry},
    gathering::{Announcement, Gathering, Room},
};
use crate::{os_error::in_words, system::sockets};

/// Sockets that listen for mDNS, and a thread at them, until this is shut down.
pub struct Listener {
    daemon: ServiceDaemon,
    events: [Receiver<ServiceEvent>; 2],
}

/// Why it can't be listened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The port of mDNS is neither to be had for IPv4 nor for IPv6.
    #[error("port 5353 of UDP can't be used: {}", in_words(.0))]
    Port(io::Error),
    /// The library's thread can't be started, or has ended.
    #[error("{0}")]
    Library(String),
}

impl Listener {
    /// Begins to ask on these interfaces, by name.
    ///
    /// # Errors
    /// [`ListenError`].
    pub fn start(interfaces: &[String]) -> Result<Self, ListenError> {
        // The library does not say when it has no socket.
        port_is_there(Ipv4Addr::UNSPECIFIED.into())
            .or_else(|error| port_is_there(Ipv6Addr::UNSPECIFIED.into()).map_err(|_| error))
            .map_err(ListenError::Port)?;
        let library = |error: mdns_sd::Error| ListenError::Library(error.to_string());
        let daemon = ServiceDaemon::new().map_err(library)?;
        daemon.disable_interface(IfKind::All).map_err(library)?;
        daemon.enable_interface(interfaces.iter().map(IfKind::from).collect::<Vec<_>>()).map_err(library)?;
        let [https, http] = ServiceKind::ALL.map(|service| daemon.browse(service.domain()));
        Ok(Self { events: [https.map_err(library)?, http.map_err(library)?], daemon })
    }

    /// Adds what comes to `gathering`, and tells `watch` each second, until the network is flooded or the library's thread ends. It can be
    /// given up at any time.
    pub async fn follow(&self, gathering: &mut Gathering, watch: &dyn Fn(&Gathering)) {
        let [https, http] = &self.events;
        let mut seconds = interval(EACH_SECOND);
        loop {
            let (service, event) = select! {
                event = https.recv_async() => (ServiceKind::Https, event),
                event = http.recv_async() => (ServiceKind::Http, event),
                _ = seconds.tick() => {
                    watch(gathering);
                    continue;
                }
            };
            let Ok(event) = event else { return };
            if take(gathering, service, event) == Room::Full {
                return;
            }
        }
    }

    /// Leaves the multicast groups and closes the sockets.
    pub async fn shut_down(self) {
        if let Ok(ended) = self.daemon.shutdown() {
            // A thread that does not end has nothing to clean up: the system closes its sockets.
            let _ = timeout(SHUT_DOWN_WITHIN, ended.recv_async()).await;
        }
    }
}

/// Binds the port as the library does, beside other programs that share it.
fn port_is_there(address: std::net::IpAddr) -> io::Result<()> {
    let address = SocketAddr::new(address, mdns_sd::MDNS_PORT);
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)?;
    socket.set_reuse_address(true)?;
    sockets::share_port(&socket)?;
    socket.bind(&address.into())
}

fn take(gathering: &mut Gathering, service: ServiceKind, event: ServiceEvent) -> Room {
    match event {
        ServiceEvent::ServiceFound(_, full_name) => gathering.name(service, &full_name),
        ServiceEvent::ServiceResolved(resolved) => gathering.announce(announcement(service, &resolved)),
        ServiceEvent::ServiceRemoved(_, full_name) => {
            gathering.remove(service, &full_name);
            Room::Left
        }
        _ => Room::Left,
    }
}

fn announcement(service: ServiceKind, resolved: &ResolvedService) -> Announcement {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let entry =
        |(key, value): (&str, Option<&[u8]>)| TxtEntry { key: key.to_owned(), value: value.map(text) };
    let txt = resolved.txt_properties.iter().map(|property| entry((property.key(), property.val())));
    Announcement {
        service,
        full_name: resolved.fullname.clone(),
        host: resolved.host.clone(),
        port: resolved.port,
        addresses: resolved.addresses.iter().filter_map(address).collect(),
        txt: txt.collect(),
    }
}

fn address(scoped: &ScopedIp) -> Option<HostAddress> {
    let zone = match scoped {
        ScopedIp::V6(v6) => Some((v6.scope_id().name.clone(), v6.scope_id().index)),
        _ => None,
    };
    HostAddress::new(scoped.to_ip_addr(), zone)
}

const EACH_SECOND: Duration = Duration::from_secs(1);
/// It takes milliseconds.
const SHUT_DOWN_WITHIN: Duration = Duration::from_secs(1);
