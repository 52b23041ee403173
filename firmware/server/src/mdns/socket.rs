//! The responder on a UDP socket of embassy-net.

use core::fmt::Display;

use embassy_futures::select::select;
use embassy_net::udp::{PacketMetadata, UdpMetadata, UdpSocket};
use embassy_net::{IpAddress, Ipv4Cidr, Stack};
use embassy_time::{Duration, Instant, Timer, with_timeout};

use super::{
    ANSWER_BYTES, Destination, GROUP, Identity, Label, Message, PORT, QUERY_BYTES, Responder, Sender,
};

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

/// Answers for the device's name whenever the stack has an address. Needs one socket of the stack, and one multicast
/// group. When another device has the name, it takes the next one, and tells `renamed`.
pub async fn respond(
    stack: Stack<'_>,
    identity: &Identity<'_>,
    buffers: &mut MdnsBuffers,
    renamed: impl Fn(&dyn Display),
) -> ! {
    let MdnsBuffers { rx_metadata, rx, tx_metadata, tx, answer } = buffers;
    let mut socket = UdpSocket::new(stack, rx_metadata, rx, tx_metadata, tx);
    // RFC 6762 section 11: messages should be sent with an IP TTL of 255.
    socket.set_hop_limit(Some(255));
    loop {
        stack.wait_config_up().await;
        if let Some(config) = stack.config_v4() {
            select(
                serve(stack, &mut socket, identity, config.address, answer, &renamed),
                stack.wait_config_down(),
            )
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
    identity: &Identity<'_>,
    address: Ipv4Cidr,
    buffer: &mut [u8],
    renamed: &impl Fn(&dyn Display),
) {
    if stack.join_multicast_group(GROUP).is_err() || socket.bind(PORT).is_err() {
        return;
    }
    let mut told = Label::first(identity);
    let mut responder = Responder::new(identity, told, address.address(), Instant::now());
    loop {
        if let Some(bytes) = responder.tick(Instant::now(), buffer) {
            send(socket, buffer.get(..bytes).unwrap_or_default(), everyone()).await;
        }
        if responder.has_its_name() && told != responder.label() {
            told = responder.label();
            renamed(&told);
        }
        answer_one(socket, &mut responder, address, buffer).await;
    }
}

/// Waits for a message until the responder has something to say by itself, and answers it.
async fn answer_one(
    socket: &mut UdpSocket<'_>,
    responder: &mut Responder<'_>,
    address: Ipv4Cidr,
    buffer: &mut [u8],
) {
    let wait = responder.due().map_or(LOOK_AGAIN, |due| due.saturating_duration_since(Instant::now()));
    let received = socket.recv_from_with(|data, from| {
        // Section 11: what does not come from the local link is ignored.
        let message = if is_local(address, from) { Message::parse(data) } else { None };
        let sender = if from.endpoint.port == PORT { Sender::Multicast } else { Sender::Plain };
        (message.and_then(|message| responder.receive(&message, sender, Instant::now(), buffer)), from)
    });
    let Ok((Some(reply), from)) = with_timeout(wait, received).await else { return };
    let to = match reply.to {
        Destination::Everyone => everyone(),
        // Without the address that the query went to: that may be the group's, from which nothing may be sent.
        Destination::Sender => UdpMetadata::from(from.endpoint),
    };
    Timer::after(reply.delay).await;
    send(socket, buffer.get(..reply.bytes).unwrap_or_default(), to).await;
}

/// A message that doesn't go out is lost, as any datagram may be: the querier asks again.
async fn send(socket: &UdpSocket<'_>, message: &[u8], to: UdpMetadata) {
    let _ = with_timeout(SEND_WITHIN, socket.send_to(message, to)).await;
}

fn is_local(address: Ipv4Cidr, from: UdpMetadata) -> bool {
    let IpAddress::Ipv4(source) = from.endpoint.addr;
    address.contains_addr(&source)
}

fn everyone() -> UdpMetadata {
    UdpMetadata::from((IpAddress::Ipv4(GROUP), PORT))
}

/// Sending waits for ARP at most.
const SEND_WITHIN: Duration = Duration::from_secs(2);

/// Before another try with the same address, should a first one fail.
const PAUSE: Duration = Duration::from_secs(1);

/// While nothing is due.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
