//! Connections over the boards' own TCP: two network stacks, with a cable between them in memory.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Waker};

use embassy_net::driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_net::tcp::{State, TcpSocket};
use embassy_net::{Config, Ipv4Address, Ipv4Cidr, Stack, StackResources, StaticConfigV4};
use embedded_io_async::Write;
use esp_https_server::backlog::Backlog;
use esp_https_server::net::{PORT, SocketBuffers, listen};
use esp_https_server::refusal_filter::RefusalFilter;

use crate::plain::Plain;
use crate::sim::Sim;

/// It takes its answers when it has sent all its requests, and has no room for them until then. The server has closed by that
/// time, with answers that are still to be sent, and requests that nobody reads.
#[test]
fn a_client_that_sends_all_its_requests_first_gets_all_its_answers() {
    let mut sim = Sim::plain();
    let network = Network::new(&sim, 1);
    let client = network.client();
    let one = sim.run(async move { ask(client, 1, 0).await });
    assert!(one.ends_with("\"status\": true}"), "{one}");
    // More than the client has room for, and less than both have together.
    let answers = (CLIENT_BYTES + SERVER_BYTES / 2) / one.len();
    let received = sim.run(async move { ask(client, answers, 300).await });
    assert_eq!(received.matches("HTTP/1.1 200 OK").count(), answers, "{received}");
    assert!(received.ends_with("\"status\": true}"), "{received}");
}

#[test]
fn a_client_gets_its_answers_while_others_wait_for_its_socket_and_they_get_it_soon() {
    let mut sim = Sim::plain();
    let network = Network::new(&sim, 1);
    let (client, another) = (network.client(), network.client());
    let received = sim.run(async move {
        let mut socket = connect(client).await;
        let waiting = connect(another);
        let asked = async {
            // Its socket stays open: what the other one waits for is not that this one closes.
            exchange(&mut socket, &requests(1, 100)).await
        };
        let served = async { exchange(&mut waiting.await, &requests(1, 0)).await };
        embassy_futures::join::join(asked, served).await
    });
    for answers in [&received.0, &received.1] {
        assert!(answers.ends_with("\"status\": true}"), "{received:?}");
    }
}

#[test]
fn a_client_that_never_stops_sending_is_cut_off() {
    let mut sim = Sim::plain();
    let network = Network::new(&sim, 1);
    let client = network.client();
    let (state, waited) = sim.run(async move {
        let mut socket = connect(client).await;
        let start = embassy_time::Instant::now();
        while socket.write_all(&requests(1, 10)).await.is_ok() {
            // Nothing else in this test takes time.
            embassy_time::Timer::after_millis(1).await;
        }
        (socket.state(), start.elapsed())
    });
    assert_eq!(state, State::Closed);
    assert!(waited.as_millis() < 3000, "{waited:?}");
}

/// So many requests, of which the last one asks for the end of the connection, and more behind them.
fn requests(answered: usize, more: usize) -> Vec<u8> {
    let request = |fields: &str| format!("GET /light HTTP/1.1\r\nHost: b\r\n{fields}\r\n");
    let before = request("").repeat(answered - 1);
    [before, request("Connection: close\r\n"), request("").repeat(more)].concat().into_bytes()
}

async fn ask(stack: Stack<'static>, answered: usize, more: usize) -> String {
    let mut socket = connect(stack).await;
    exchange(&mut socket, &requests(answered, more)).await
}

async fn connect(stack: Stack<'static>) -> TcpSocket<'static> {
    let buffers = || Box::leak(Box::new([0; CLIENT_BYTES]));
    let mut socket = TcpSocket::new(stack, buffers(), buffers());
    socket.connect((SERVER, PORT)).await.unwrap();
    socket
}

/// Sends all of `requests`, and then receives until the server ends the connection in order.
async fn exchange(socket: &mut TcpSocket<'_>, requests: &[u8]) -> String {
    socket.write_all(requests).await.unwrap();
    let (mut received, mut buf) = (Vec::new(), [0; 256]);
    loop {
        match socket.read(&mut buf).await.unwrap() {
            0 => return String::from_utf8(received).unwrap(),
            count => received.extend_from_slice(&buf[..count]),
        }
    }
}

/// A server at one end of a cable, and its clients at the other.
struct Network {
    clients: Stack<'static>,
}

impl Network {
    /// With so many sockets at the server.
    fn new(sim: &Sim<Plain>, sockets: usize) -> Self {
        let cable = Rc::new(Cable::default());
        let backlog: &'static Backlog = Box::leak(Box::new(Backlog::new()));
        let server = RefusalFilter::new(CableEnd { cable: cable.clone(), side: 0 }, backlog);
        let server = start(sim, server, SERVER);
        for _ in 0..sockets {
            let served = sim.server.clone();
            sim.spawn(async move {
                listen(server, &served, backlog, &mut SocketBuffers::new()).await;
            });
        }
        Self { clients: start(sim, CableEnd { cable, side: 1 }, CLIENTS) }
    }

    fn client(&self) -> Stack<'static> {
        self.clients
    }
}

fn start<D: Driver + 'static>(sim: &Sim<Plain>, driver: D, address: Ipv4Address) -> Stack<'static> {
    let address = StaticConfigV4 {
        address: Ipv4Cidr::new(address, 24),
        gateway: None,
        dns_servers: Default::default(),
    };
    let resources: &'static mut StackResources<4> = Box::leak(Box::new(StackResources::new()));
    let (stack, mut runner) = embassy_net::new(driver, Config::ipv4_static(address), resources, 7);
    sim.spawn(async move { runner.run().await });
    stack
}

/// Frames that are on their way to each side.
#[derive(Default)]
struct Cable {
    frames: [RefCell<VecDeque<Vec<u8>>>; 2],
    wakers: [RefCell<Option<Waker>>; 2],
}

struct CableEnd {
    cable: Rc<Cable>,
    side: usize,
}

struct Arrived(Vec<u8>);

struct Leaving<'a>(&'a Cable, usize);

impl Driver for CableEnd {
    type RxToken<'a> = Arrived;
    type TxToken<'a> = Leaving<'a>;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Arrived, Leaving<'_>)> {
        *self.cable.wakers[self.side].borrow_mut() = Some(cx.waker().clone());
        let frame = self.cable.frames[self.side].borrow_mut().pop_front()?;
        Some((Arrived(frame), Leaving(&self.cable, 1 - self.side)))
    }

    fn transmit(&mut self, _: &mut Context<'_>) -> Option<Leaving<'_>> {
        Some(Leaving(&self.cable, 1 - self.side))
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
        HardwareAddress::Ethernet([2, 0, 0, 0, 0, self.side as u8])
    }
}

impl RxToken for Arrived {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(mut self, look: F) -> R {
        look(&mut self.0)
    }
}

impl TxToken for Leaving<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, fill: F) -> R {
        let Self(cable, side) = self;
        let mut frame = vec![0; length];
        let result = fill(&mut frame);
        cable.frames[side].borrow_mut().push_back(frame);
        if let Some(waker) = cable.wakers[side].borrow_mut().take() {
            waker.wake();
        }
        result
    }
}

const SERVER: Ipv4Address = Ipv4Address::new(10, 0, 0, 1);
const CLIENTS: Ipv4Address = Ipv4Address::new(10, 0, 0, 2);

/// What a client has room for, each way.
const CLIENT_BYTES: usize = 1024;

/// What the server's socket has room for to be sent.
const SERVER_BYTES: usize = esp_https_server::budget::SOCKET_TX_BYTES;
