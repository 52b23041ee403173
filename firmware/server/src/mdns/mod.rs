//! Multicast DNS (RFC 6762): the device answers as `<hostname>.local`. edge-mdns does the messages, embassy-net UDP.
//!
//! It does not probe for its name (section 8.1): of two boards with one name, both answer.

use core::net::{Ipv4Addr, Ipv6Addr};

use edge_mdns::domain::base::Ttl;
use edge_mdns::host::Host;
use edge_mdns::{HostAnswersMdnsHandler, MdnsHandler, MdnsRequest, MdnsResponse};
use embassy_futures::select::select;
use embassy_net::udp::{PacketMetadata, UdpMetadata, UdpSocket};
use embassy_net::{IpAddress, Ipv4Cidr, Stack};
use embassy_time::{Duration, Instant, Timer, with_timeout};

/// What the responder receives into and composes in. A board keeps one in static memory.
pub struct MdnsBuffers {
    rx_metadata: [PacketMetadata; 4],
    rx: [u8; QUERY_BYTES],
    tx_metadata: [PacketMetadata; 2],
    tx: [u8; ANSWER_BYTES],
    answer: [u8; ANSWER_BYTES],
}

impl MdnsBuffers {
    /// Empty buffers.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            rx_metadata: [PacketMetadata::EMPTY; 4],
            rx: [0; QUERY_BYTES],
            tx_metadata: [PacketMetadata::EMPTY; 2],
            tx: [0; ANSWER_BYTES],
            answer: [0; ANSWER_BYTES],
        }
    }
}

impl Default for MdnsBuffers {
    fn default() -> Self {
        Self::new()
    }
}

/// Answers for `<hostname>.local` whenever the stack has an address. Needs one socket of the stack, and one multicast
/// group.
pub async fn respond(stack: Stack<'_>, hostname: &str, buffers: &mut MdnsBuffers) -> ! {
    let MdnsBuffers { rx_metadata, rx, tx_metadata, tx, answer } = buffers;
    let mut socket = UdpSocket::new(stack, rx_metadata, rx, tx_metadata, tx);
    // RFC 6762 section 11: messages should be sent with an IP TTL of 255.
    socket.set_hop_limit(Some(255));
    loop {
        stack.wait_config_up().await;
        if let Some(config) = stack.config_v4() {
            select(serve(stack, &mut socket, hostname, config.address, answer), stack.wait_config_down())
                .await;
        }
        socket.close();
        // Joining anew tells the next network's switches (IGMP) that we listen.
        let _ = stack.leave_multicast_group(GROUP);
        Timer::after(PAUSE).await;
    }
}

/// Serves one address, until it can't.
async fn serve(
    stack: Stack<'_>,
    socket: &mut UdpSocket<'_>,
    hostname: &str,
    address: Ipv4Cidr,
    buffer: &mut [u8],
) {
    let name = &host(hostname, address.address());
    if stack.join_multicast_group(GROUP).is_err() || socket.bind(PORT).is_err() {
        return;
    }
    // Section 8.3: at least two unsolicited announcements, a second apart.
    for _ in 0..2 {
        if let Some(announcement) = answer(name, MdnsRequest::None, buffer) {
            send(socket, announcement, everyone()).await;
        }
        Timer::after(Duration::from_secs(1)).await;
    }
    let mut last: Option<Instant> = None;
    loop {
        let (len, from) = socket
            .recv_from_with(|data, meta| {
                let legacy = meta.endpoint.port != PORT;
                let request = MdnsRequest::Request { legacy, multicast: true, data };
                (answer(name, request, buffer).map_or(0, <[u8]>::len), meta)
            })
            .await;
        // Section 11: what does not come from the local link is ignored.
        if len == 0 || !is_local(address, from) {
            continue;
        }
        if from.endpoint.port != PORT {
            // Section 6.7: a plain DNS resolver wants its answer for itself.
            send(socket, &buffer[..len], from).await;
        } else if last.is_none_or(|at| at.elapsed() >= LEAST_INTERVAL) {
            last = Some(Instant::now());
            send(socket, &buffer[..len], everyone()).await;
        }
    }
}

/// The answer to a request, if it asks for us and is sound.
fn answer<'a>(name: &Host<'_>, request: MdnsRequest<'_>, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    match HostAnswersMdnsHandler::new(name).handle(request, buffer) {
        Ok(MdnsResponse::Reply { data, .. }) => Some(data),
        Ok(MdnsResponse::None) | Err(_) => None,
    }
}

/// A message that doesn't go out is lost, as any datagram may be: the querier asks again.
async fn send(socket: &UdpSocket<'_>, message: &[u8], to: UdpMetadata) {
    let _ = with_timeout(SEND_WITHIN, socket.send_to(message, to)).await;
}

fn host(hostname: &str, ipv4: Ipv4Addr) -> Host<'_> {
    Host { hostname, ipv4, ipv6: Ipv6Addr::UNSPECIFIED, ttl: Ttl::from_secs(TTL_S) }
}

fn is_local(address: Ipv4Cidr, from: UdpMetadata) -> bool {
    let IpAddress::Ipv4(source) = from.endpoint.addr;
    address.contains_addr(&source)
}

fn everyone() -> UdpMetadata {
    UdpMetadata::from((IpAddress::Ipv4(GROUP), PORT))
}

/// Section 3.
const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const PORT: u16 = 5353;

/// Section 10: 120 s for records that name a host.
const TTL_S: u32 = 120;

/// Section 6: a record is multicast at most once a second.
const LEAST_INTERVAL: Duration = Duration::from_secs(1);

/// A query that fills an Ethernet frame (section 17); a longer one is dropped.
const QUERY_BYTES: usize = 1472;

/// A header, the questions of a legacy query, and one address of a name of 63 + 5 bytes.
const ANSWER_BYTES: usize = 256;

/// Sending waits for ARP at most.
const SEND_WITHIN: Duration = Duration::from_secs(2);

/// Before another try with the same address, should a first one fail.
const PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: &[u8] = b"\x12\x34\0\0\0\x01\0\0\0\0\0\0\x05Board\x05local\0\0\x01\0\x01";

    fn ask<'a>(data: &[u8], port: u16, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
        let name = host("board", Ipv4Addr::new(192, 168, 1, 7));
        answer(&name, MdnsRequest::Request { legacy: port != PORT, multicast: true, data }, buffer)
    }

    #[test]
    fn a_query_for_our_name_in_any_case_gets_our_address() {
        let mut buffer = [0; ANSWER_BYTES];
        let answer = ask(QUERY, PORT, &mut buffer).unwrap();
        // No id and no question (section 18.1, 6), response and authoritative, one answer.
        assert_eq!(&answer[..12], b"\0\0\x84\0\0\0\0\x01\0\0\0\0");
        // A, IN, 120 s, 4 bytes.
        assert_eq!(&answer[12..], b"\x05board\x05local\0\0\x01\0\x01\0\0\0\x78\0\x04\xc0\xa8\x01\x07");
    }

    #[test]
    fn a_plain_resolver_gets_its_id_and_question_back() {
        let mut buffer = [0; ANSWER_BYTES];
        let answer = ask(QUERY, 40_000, &mut buffer).unwrap();
        assert_eq!(&answer[..12], b"\x12\x34\x84\0\0\x01\0\x01\0\0\0\0");
        assert_eq!(&answer[12..29], &QUERY[12..29]);
    }

    #[test]
    fn other_names_and_answers_of_others_get_nothing() {
        let mut other = QUERY.to_vec();
        other[13] = b'X';
        assert_eq!(ask(&other, PORT, &mut [0; ANSWER_BYTES]), None);
        let mut response = QUERY.to_vec();
        response[2] = 0x84;
        assert_eq!(ask(&response, PORT, &mut [0; ANSWER_BYTES]), None);
    }

    #[test]
    fn no_truncated_query_gets_an_answer() {
        for len in 0..QUERY.len() {
            assert_eq!(ask(&QUERY[..len], PORT, &mut [0; ANSWER_BYTES]), None, "{len} bytes");
        }
    }

    #[test]
    fn no_damaged_query_panics() {
        for at in 0..QUERY.len() {
            for byte in 0..=255 {
                let mut query = QUERY.to_vec();
                query[at] = byte;
                let _ = ask(&query, PORT, &mut [0; ANSWER_BYTES]);
                let _ = ask(&query, 40_000, &mut [0; ANSWER_BYTES]);
            }
        }
    }

    #[test]
    fn an_answer_that_does_not_fit_is_none() {
        for len in 0..39 {
            assert_eq!(ask(QUERY, PORT, &mut [0; 64][..len]), None, "{len} bytes");
        }
    }

    #[test]
    fn the_longest_name_fits() {
        let label = "a".repeat(63);
        let name = host(&label, Ipv4Addr::LOCALHOST);
        assert!(answer(&name, MdnsRequest::None, &mut [0; ANSWER_BYTES]).is_some());
    }
}
