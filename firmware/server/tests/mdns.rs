//! The mDNS responder on a real embassy-net stack, from Ethernet frame to Ethernet frame.
#![cfg(feature = "mdns")]

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt::Display;
use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use embassy_futures::join::join;
use embassy_net::driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_net::{Config, Ipv4Cidr, StackResources, StaticConfigV4};
use embassy_time::{Duration, MockDriver};
use esp_https_server::mdns::{Identity, MdnsBuffers, respond};

const US: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 7);
const NEIGHBOUR: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 9);
const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const QUERY: &[u8] = b"\0\0\0\0\0\x01\0\0\0\0\0\0\x05board\x05local\0\0\x01\0\x01";

const QUERY_V6: &[u8] = b"\0\0\0\0\0\x01\0\0\0\0\0\0\x05board\x05local\0\0\x1C\0\x01";

const IDENTITY: Identity<'static> =
    Identity { hostname: "board", fw: "1.2.3", mac: [2, 0, 0, 0, 0, 0], cert_sha256: [0xAB; 32] };

/// Runs `steps` on a board whose responder was started at this moment.
fn with_board(steps: impl FnOnce(&Wire, &mut dyn FnMut(Duration), &RefCell<Vec<String>>)) {
    let wire = Wire::default();
    let mut resources = StackResources::<2>::new();
    let address =
        StaticConfigV4 { address: Ipv4Cidr::new(US, 24), gateway: None, dns_servers: Default::default() };
    let (stack, mut runner) = embassy_net::new(wire.clone(), Config::ipv4_static(address), &mut resources, 1);
    let mut buffers = MdnsBuffers::new();
    let names = RefCell::new(Vec::new());
    let renamed = |name: &dyn Display| names.borrow_mut().push(name.to_string());
    let mut board = pin!(join(runner.run(), respond(stack, &IDENTITY, &mut buffers, renamed)));
    steps(&wire, &mut |time| run(&mut board, time), &names);
}

#[test]
fn the_name_is_probed_announced_twice_and_then_answered() {
    with_board(|wire, run, names| {
        run(Duration::from_millis(3_000));
        let messages = wire.messages();
        assert_eq!(messages.len(), 5);
        for message in &messages {
            assert_eq!((message.source, message.destination), (US, GROUP));
            assert_eq!((message.source_port, message.destination_port), (5353, 5353));
            assert_eq!(message.ttl, 255);
        }
        // Queries with a record in the authority section, then responses.
        assert!(messages[..3].iter().all(|probe| probe.data[2] == 0 && probe.data[9] == 3));
        assert!(messages[3..].iter().all(|announcement| announcement.data[2] == 0x84));

        wire.deliver(NEIGHBOUR, 5353, QUERY);
        wire.deliver(NEIGHBOUR, 5353, QUERY);
        run(Duration::from_millis(500));
        let answers = wire.messages();
        assert_eq!(answers.len(), 1, "a record goes out once a second at most");
        assert_eq!(answers[0].destination, GROUP);
        assert!(answers[0].data.ends_with(&US.octets()));

        run(Duration::from_secs(1));
        wire.deliver(NEIGHBOUR, 5353, &QUERY[..QUERY.len() - 1]);
        wire.deliver(Ipv4Addr::new(10, 0, 0, 1), 5353, QUERY);
        run(Duration::from_secs(1));
        assert_eq!(wire.messages().len(), 0, "neither damage nor other networks get an answer");
        assert!(names.borrow().is_empty());
    });
}

/// A host drops what comes from a group's address, and so the answer has to come from ours.
#[test]
fn a_query_from_another_port_is_answered_from_our_own_address() {
    with_board(|wire, run, _| {
        run(Duration::from_millis(3_000));
        wire.messages();
        for query in [QUERY, QUERY_V6] {
            wire.deliver(NEIGHBOUR, 40_000, query);
            run(Duration::from_millis(500));
            let answers = wire.messages();
            assert_eq!(answers.len(), 1);
            assert_eq!((answers[0].source, answers[0].source_port), (US, 5353));
            assert_eq!((answers[0].destination, answers[0].destination_port), (NEIGHBOUR, 40_000));
            let kind = answers[0].data[QUERY.len() + 14];
            assert_eq!(kind, if query == QUERY { 1 } else { 47 }, "an NSEC tells that there is no AAAA");
        }
    });
}

#[test]
fn a_name_that_a_neighbour_has_is_changed_and_the_board_is_told() {
    with_board(|wire, run, names| {
        let mut taken = b"\0\0\x84\0\0\0\0\x01\0\0\0\0".to_vec();
        taken.extend(b"\x05board\x05local\0\0\x01\x80\x01\0\0\0\x78\0\x04\xC0\xA8\x01\x09");
        run(Duration::from_millis(100));
        wire.deliver(NEIGHBOUR, 5353, &taken);
        run(Duration::from_secs(4));
        assert_eq!(*names.borrow(), ["board-2"]);
        let last = wire.messages().pop().unwrap();
        assert_eq!(&last.data[12..26], b"\x07board-2\x05local");
    });
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
        let mut frames = self.0.borrow_mut();
        frames.to_us.extend(arp_reply(&frame));
        frames.from_us.push(frame);
        result
    }
}

/// What the neighbour says to the question for its hardware address (RFC 826).
fn arp_reply(request: &[u8]) -> Option<Vec<u8>> {
    let is_request = request.get(12..22)? == b"\x08\x06\0\x01\x08\0\x06\x04\0\x01";
    (is_request && request.get(38..42)? == NEIGHBOUR.octets()).then(|| {
        let mut reply = request.get(6..12).unwrap_or_default().to_vec();
        reply.extend(b"\x02\0\0\0\0\x09\x08\x06\0\x01\x08\0\x06\x04\0\x02\x02\0\0\0\0\x09");
        reply.extend(NEIGHBOUR.octets());
        reply.extend(request.get(22..32).unwrap_or_default());
        reply
    })
}
