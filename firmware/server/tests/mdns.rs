//! The mDNS responder on a real embassy-net stack, from Ethernet frame to Ethernet frame.
#![cfg(feature = "mdns")]

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use embassy_futures::join::join;
use embassy_net::driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_net::{Config, Ipv4Cidr, StackResources, StaticConfigV4};
use embassy_time::{Duration, MockDriver};
use esp_https_server::mdns::{MdnsBuffers, respond};

const US: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 7);
const NEIGHBOUR: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 9);
const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const QUERY: &[u8] = b"\0\0\0\0\0\x01\0\0\0\0\0\0\x05board\x05local\0\0\x01\0\x01";

#[test]
fn the_name_is_announced_twice_and_then_answered() {
    let wire = Wire::default();
    let mut resources = StackResources::<2>::new();
    let address =
        StaticConfigV4 { address: Ipv4Cidr::new(US, 24), gateway: None, dns_servers: Default::default() };
    let (stack, mut runner) = embassy_net::new(wire.clone(), Config::ipv4_static(address), &mut resources, 1);
    let mut buffers = MdnsBuffers::new();
    let mut board = pin!(join(runner.run(), respond(stack, "board", &mut buffers)));

    run(&mut board, Duration::from_millis(2_500));
    let announcements = wire.messages();
    assert_eq!(announcements.len(), 2);
    for message in announcements {
        assert_eq!((message.source, message.destination), (US, GROUP));
        assert_eq!((message.source_port, message.destination_port), (5353, 5353));
        assert_eq!(message.ttl, 255);
        assert!(message.data.ends_with(&US.octets()));
    }

    wire.deliver(NEIGHBOUR, 5353, QUERY);
    wire.deliver(NEIGHBOUR, 5353, QUERY);
    run(&mut board, Duration::from_millis(500));
    let answers = wire.messages();
    assert_eq!(answers.len(), 1, "a record goes out once a second at most");
    assert_eq!(answers[0].destination, GROUP);
    assert!(answers[0].data.ends_with(&US.octets()));

    run(&mut board, Duration::from_secs(1));
    wire.deliver(NEIGHBOUR, 5353, &QUERY[..QUERY.len() - 1]);
    wire.deliver(Ipv4Addr::new(10, 0, 0, 1), 5353, QUERY);
    run(&mut board, Duration::from_secs(1));
    assert_eq!(wire.messages().len(), 0, "neither damage nor other networks get an answer");
}

/// Polls `future` while the mock clock runs for `time`.
fn run(future: &mut std::pin::Pin<&mut impl Future>, time: Duration) {
    const STEP: Duration = Duration::from_millis(10);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..time.as_millis() / STEP.as_millis() {
        // Once for the stack to take what there is, once for what comes of it.
        for _ in 0..4 {
            assert!(future.as_mut().poll(&mut context).is_pending());
        }
        MockDriver::get().advance(STEP);
    }
}

/// A network card whose frames the test writes and reads.
#[derive(Clone, Default)]
struct Wire(Rc<RefCell<Frames>>);

#[derive(Default)]
struct Frames {
    to_us: VecDeque<Vec<u8>>,
    from_us: Vec<Vec<u8>>,
}

/// A UDP datagram that we sent.
struct Message {
    source: Ipv4Addr,
    destination: Ipv4Addr,
    ttl: u8,
    source_port: u16,
    destination_port: u16,
    data: Vec<u8>,
}

impl Wire {
    /// Takes the UDP datagrams sent so far; ARP and IGMP are dropped.
    fn messages(&self) -> Vec<Message> {
        self.0.borrow_mut().from_us.drain(..).filter_map(|frame| Message::parse(&frame)).collect()
    }

    /// Puts a datagram to the mDNS group on the wire.
    fn deliver(&self, source: Ipv4Addr, source_port: u16, data: &[u8]) {
        let mut frame = vec![0x01, 0, 0x5E, 0, 0, 0xFB, 2, 0, 0, 0, 0, 9, 0x08, 0x00];
        let length = (28 + data.len()) as u16;
        let mut ip = vec![0x45, 0];
        ip.extend(length.to_be_bytes());
        ip.extend([0, 0, 0, 0, 255, 17, 0, 0]);
        ip.extend(source.octets());
        ip.extend(GROUP.octets());
        let sum: u32 = ip.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
        let folded = (sum & 0xFFFF) + (sum >> 16);
        let checksum = !((folded + (folded >> 16)) as u16);
        ip[10..12].copy_from_slice(&checksum.to_be_bytes());
        frame.extend(ip);
        frame.extend(source_port.to_be_bytes());
        frame.extend(5353u16.to_be_bytes());
        frame.extend((length - 20).to_be_bytes());
        // No checksum (RFC 768).
        frame.extend([0, 0]);
        frame.extend(data);
        self.0.borrow_mut().to_us.push_back(frame);
    }
}

impl Message {
    fn parse(frame: &[u8]) -> Option<Self> {
        let ip = frame.strip_prefix(&frame[..12])?.strip_prefix(&[0x08, 0x00])?;
        let udp = ip.get(usize::from(ip[0] & 0x0F) * 4..)?;
        let word = |bytes: &[u8], at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
        let quad = |at: usize| Ipv4Addr::new(ip[at], ip[at + 1], ip[at + 2], ip[at + 3]);
        (ip[9] == 17).then(|| Self {
            source: quad(12),
            destination: quad(16),
            ttl: ip[8],
            source_port: word(udp, 0),
            destination_port: word(udp, 2),
            data: udp[8..usize::from(word(udp, 4))].to_vec(),
        })
    }
}

impl Driver for Wire {
    type RxToken<'a> = Received;
    type TxToken<'a> = Self;

    fn receive(&mut self, _: &mut Context<'_>) -> Option<(Received, Self)> {
        let frame = self.0.borrow_mut().to_us.pop_front()?;
        Some((Received(frame), self.clone()))
    }

    fn transmit(&mut self, _: &mut Context<'_>) -> Option<Self> {
        Some(self.clone())
    }

    fn link_state(&mut self, _: &mut Context<'_>) -> LinkState {
        LinkState::Up
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = 1514;
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet([2, 0, 0, 0, 0, 7])
    }
}

struct Received(Vec<u8>);

impl RxToken for Received {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(mut self, f: F) -> R {
        f(&mut self.0)
    }
}

impl TxToken for Wire {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut frame = vec![0; len];
        let result = f(&mut frame);
        self.0.borrow_mut().from_us.push(frame);
        result
    }
}
