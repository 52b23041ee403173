//! TCP by embassy-net: the byte stream below TLS, and the loop that keeps one socket answering. Both boards use it.

use core::future::{Future, poll_fn};
use core::net::Ipv4Addr;
use core::pin::{Pin, pin};
use core::task::Poll;

use embassy_futures::select::{Either, select};
use embassy_net::Stack;
use embassy_net::tcp::{Error, State, TcpSocket};
use embassy_time::{Duration, Timer};
use embedded_io_async::{ErrorType, Read, Write};

use crate::backlog::{Backlog, Leaving};
use crate::budget::{SOCKET_RX_BYTES, SOCKET_TX_BYTES};
use crate::timeouts::within;
use crate::{Acceptor, Handler, Readiness, Server, Transport, hello};

pub use crate::transport::PORT;

/// Receive and transmit buffer of one socket. A board keeps [`crate::budget::SOCKETS`] of them in static memory.
pub struct SocketBuffers {
    rx: [u8; SOCKET_RX_BYTES],
    tx: [u8; SOCKET_TX_BYTES],
}

impl SocketBuffers {
    /// Empty buffers.
    #[must_use]
    pub const fn new() -> Self {
        Self { rx: [0; SOCKET_RX_BYTES], tx: [0; SOCKET_TX_BYTES] }
    }
}

impl Default for SocketBuffers {
    fn default() -> Self {
        Self::new()
    }
}

/// The address that the network gave us, once it has.
pub async fn address(stack: Stack<'_>) -> Ipv4Addr {
    loop {
        stack.wait_config_up().await;
        if let Some(config) = stack.config_v4() {
            return config.address.address();
        }
    }
}

/// Accepts one connection after the other on one socket, and serves each. embassy-net has no backlog: a port answers
/// as many connections at once as there are tasks that run this.
pub async fn listen<A: Acceptor, H: Handler>(
    stack: Stack<'_>,
    server: &Server<A, H>,
    backlog: &Backlog,
    buffers: &mut SocketBuffers,
) -> ! {
    let socket = TcpSocket::new(stack, &mut buffers.rx, &mut buffers.tx);
    let mut transport = TcpTransport { socket, backlog, leaving: None };
    transport.socket.set_nagle_enabled(false);
    transport.socket.set_keep_alive(Some(KEEP_ALIVE));
    loop {
        transport.leaving = None;
        transport.socket.set_timeout(Some(HALF_OPEN));
        let accepted = {
            // The socket listens once this has been polled, and the network task, which this wakes, runs after it.
            let mut accept = pin!(transport.socket.accept(PORT));
            let first = poll_once(accept.as_mut()).await;
            backlog.listens();
            match first {
                Poll::Ready(accepted) => accepted,
                Poll::Pending => accept.await,
            }
        };
        // From here on the server's own limits judge the client. They leave out the time for which the board computes, of which the
        // stack would take a long one, such as a neighbour's RSA key of 4096 bits, for the client's silence.
        transport.socket.set_timeout(None);
        if accepted.is_ok() {
            server.connection(&mut transport).await;
        }
        transport.release().await;
    }
}

/// A TCP connection of embassy-net.
pub struct TcpTransport<'a> {
    socket: TcpSocket<'a>,
    backlog: &'a Backlog,
    /// There while the connection makes room for another.
    leaving: Option<Leaving<'a>>,
}

impl TcpTransport<'_> {
    /// Makes the socket ready to listen again: lets the peer close when our FIN is acknowledged, and resets it otherwise.
    async fn release(&mut self) {
        if self.socket.state() == State::FinWait2
            && let Some(patience) = self.patience()
        {
            let _ = within(patience, pin!(drop_input(&mut self.socket))).await;
        }
        // smoltcp listens again from TIME-WAIT at once, which spares a reset to a peer that did nothing wrong.
        if self.socket.state() != State::TimeWait {
            self.socket.abort();
            let _ = within(LINGER, pin!(self.socket.flush())).await;
        }
    }

    /// Waits until the first record is whole, or so long that it nearly fills the window, or the peer has closed.
    async fn said_enough(&mut self) -> Result<(), Error> {
        loop {
            // embassy-net's own wait never ends on a connection that the peer closes without a byte.
            poll_fn(|cx| {
                if self.socket.can_recv() || !self.socket.may_recv() {
                    return Poll::Ready(());
                }
                pin!(self.socket.wait_read_ready()).poll(cx)
            })
            .await;
            match self.socket.state() {
                State::Closed if !self.socket.can_recv() => return Err(Error::ConnectionReset),
                State::Established if self.socket.can_recv() => {}
                _ => return Ok(()),
            }
            let is_whole = self.socket.read_with(|bytes| (0, hello::is_whole(bytes))).await?;
            if is_whole || self.socket.recv_queue() >= LONG_HELLO {
                return Ok(());
            }
            // There is no waiting for more bytes than there are already.
            Timer::after(REST_OF_HELLO).await;
        }
    }

    /// How long the peer may take to answer our FIN with its own. Until then what it sends is read: a reset for it could reach the
    /// peer before it has read our answers, and would take them away from it (RFC 9112 section 9.6).
    fn patience(&self) -> Option<Duration> {
        match (&self.leaving, self.backlog.wanted()) {
            // It has said nothing that was answered.
            (Some(_), _) => None,
            (None, 0) => Some(LINGER),
            (None, _) => Some(LINGER_WHILE_WANTED),
        }
    }
}

/// Reads and drops what comes, until the peer's FIN.
async fn drop_input(input: &mut impl Read) {
    let mut scrap = [0; 64];
    while let Ok(1..) = input.read(&mut scrap).await {}
}

impl ErrorType for TcpTransport<'_> {
    type Error = Error;
}

impl Read for TcpTransport<'_> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.socket.read(buf).await
    }
}

impl Write for TcpTransport<'_> {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Error> {
        self.socket.write(buf).await
    }

    async fn flush(&mut self) -> Result<(), Error> {
        // What is queued goes out by itself. embassy-net's own flush waits for the peer's acknowledgement: a round
        // trip, plus a delayed acknowledgement, for every record.
        Ok(())
    }
}

impl Transport for TcpTransport<'_> {
    async fn readable(&mut self) -> Result<Readiness, Error> {
        let silence = self.backlog.falls_silent();
        let first = select(pin!(self.said_enough()), pin!(silence.overstayed())).await;
        match first {
            Either::First(said) => said.map(|()| Readiness::Ready),
            Either::Second(leaving) => {
                self.leaving = Some(leaving);
                Ok(Readiness::GiveWay)
            }
        }
    }

    async fn finish(&mut self) -> Result<(), Error> {
        self.socket.close();
        let (mut reader, mut writer) = self.socket.split();
        let mut flushed = pin!(writer.flush());
        // A client that sends all its requests before it reads an answer takes none while its requests are not read.
        match select(flushed.as_mut(), pin!(drop_input(&mut reader))).await {
            Either::First(flushed) => flushed,
            Either::Second(()) => flushed.await,
        }
    }

    fn abort(&mut self) {
        self.socket.abort();
    }
}

/// Polls a future once.
async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

/// A hello of so many bytes gets its session before it is whole: a longer one, as browsers with post-quantum key shares send it,
/// would not fit the window of [`SOCKET_RX_BYTES`].
const LONG_HELLO: usize = 1024;

const _: () = assert!(LONG_HELLO <= SOCKET_RX_BYTES);

/// How often a hello that has begun is looked at.
const REST_OF_HELLO: Duration = Duration::from_millis(20);

/// Silence after which the peer is probed (RFC 9293 section 3.8.4): one that has forgotten the connection answers with a reset.
const KEEP_ALIVE: Duration = Duration::from_secs(4);

/// How long a peer may take to acknowledge our answer to its SYN.
const HALF_OPEN: Duration = Duration::from_secs(10);

/// How long a peer may take to answer our FIN with its own.
const LINGER: Duration = Duration::from_millis(500);

/// The same while others wait for a socket: a round trip, which on Wi-Fi with power save is up to two beacon intervals of 102.4 ms.
const LINGER_WHILE_WANTED: Duration = Duration::from_millis(250);
