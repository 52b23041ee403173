//! The responder of our own firmware, on a socket of this machine.

use std::{
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use embassy_time::Instant;
use esp_https_server::mdns::{
    ANSWER_BYTES, Destination, GROUP, Identity, Label, Message, PORT, QUERY_BYTES, Responder, Sender,
};
use serde_json::json;
use socket2::{Domain, Socket, Type};
use support::network::{LAN_IPV4, in_own_network};

use crate::bench::{discover, named};

const IDENTITY: Identity<'static> = Identity {
    hostname: "esp-https-1f677d",
    fw: "0.1.0",
    mac: [0x24, 0x0a, 0xc4, 0x1f, 0x67, 0x7d],
    cert_sha256: [0xab; 32],
};

#[test]
fn a_board_is_found_as_it_announces_itself() {
    in_own_network(|| {
        let (socket, stop) = (socket(), AtomicBool::new(false));
        let run = thread::scope(|scope| {
            scope.spawn(|| respond(&socket, &stop));
            let run = discover(&["--for", "5s"]);
            stop.store(true, Ordering::Relaxed);
            run
        });
        assert_eq!(run.code, 0, "{}", run.stderr);
        let expected = json!({
            "name": "esp-https-1f677d", "service": "https", "host": "esp-https-1f677d.local", "port": 443,
            "addresses": [LAN_IPV4], "target": "192.168.77.1:443", "firmware": "0.1.0",
            "mac": "24:0a:c4:1f:67:7d", "pin": "ab".repeat(16),
            "txt": [
                {"key": "fw", "value": "0.1.0"}, {"key": "mac", "value": "24:0a:c4:1f:67:7d"},
                {"key": "pin", "value": "ab".repeat(16)},
            ],
            "known": null, "probe": null,
        });
        assert_eq!(named(&run, "esp-https-1f677d"), &expected);
    });
}

/// As the board does it (`firmware/server/src/mdns/socket.rs`), with sockets of the system.
fn respond(socket: &UdpSocket, stop: &AtomicBool) {
    let address = LAN_IPV4.parse().unwrap();
    let mut responder = Responder::new(&IDENTITY, Label::first(&IDENTITY), address, Instant::now());
    let (mut query, mut answer) = ([0; QUERY_BYTES], [0; ANSWER_BYTES]);
    let everyone = SocketAddr::from((GROUP, PORT));
    while !stop.load(Ordering::Relaxed) {
        if let Some(bytes) = responder.tick(Instant::now(), &mut answer) {
            socket.send_to(&answer[..bytes], everyone).unwrap();
        }
        let Ok((bytes, from)) = socket.recv_from(&mut query) else { continue };
        let Some(message) = Message::parse(&query[..bytes]) else { continue };
        let sender = if from.port() == PORT { Sender::Multicast } else { Sender::Plain };
        if let Some(reply) = responder.receive(&message, sender, Instant::now(), &mut answer) {
            thread::sleep(Duration::from_micros(reply.delay.as_micros()));
            let to = if reply.to == Destination::Everyone { everyone } else { from };
            socket.send_to(&answer[..reply.bytes], to).unwrap();
        }
    }
}

/// Shares the port with `discover`, as two programs of one machine do.
pub(crate) fn socket() -> UdpSocket {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.set_reuse_port(true).unwrap();
    socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, PORT).into()).unwrap();
    let lan: Ipv4Addr = LAN_IPV4.parse().unwrap();
    socket.join_multicast_v4(&GROUP, &lan).unwrap();
    socket.set_multicast_if_v4(&lan).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    socket.into()
}
