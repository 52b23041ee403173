//! The real client of one connection slot: TCP by tokio, TLS by rustls, prebuilt request bytes, buffers that are kept.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use rustls::client::UnbufferedClientConnection;
use tokio::{
    io::{AsyncRead as _, AsyncWrite as _, ReadBuf},
    net::TcpStream,
    time::Instant,
};

use super::{
    client::{Agreed, Answered, Client, HandshakeKind, Opened, Traffic},
    failure::{Class, Failure, Stage},
    link::{self, Buffers, LinkState},
    shortage::Shortage,
    step_failure::{StepFailure, unconnected},
    watchdog::Watchdog,
    wiring::Wiring,
};
use crate::client::{
    answer::{After, Method, Whole},
    http::Reader,
    request::Repetition,
    trusting::{Resume, Slot},
};
use crate::{client::connect::connect, device::ready::Stat};

/// The client of one connection slot.
pub struct Wire {
    wiring: Arc<Wiring>,
    tls: Slot,
    connection: Option<Connection>,
    buffers: Buffers,
    reader: Reader,
    watchdog: Watchdog,
    traffic: Traffic,
    ticket_patience: u8,
}

struct Connection {
    stream: TcpStream,
    tls: UnbufferedClientConnection,
    /// How many whole answers it has given.
    answers: u64,
    /// Whether a byte of an answer to the request that is under way has come.
    progress: AnswerProgress,
}

/// How far the answer to the request that is under way has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AnswerProgress {
    Nothing,
    Begun,
}

impl Wire {
    /// A slot without a connection. Must be made in the runtime that drives it.
    #[must_use]
    pub fn new(wiring: Arc<Wiring>, tls: Slot) -> Self {
        Self {
            wiring,
            tls,
            connection: None,
            buffers: Buffers::new(),
            reader: Reader::default(),
            watchdog: Watchdog::new(),
            traffic: Traffic::default(),
            ticket_patience: TICKET_ATTEMPTS,
        }
    }

    async fn handshake(&mut self) -> Result<Connected, StepFailure> {
        loop {
            let standing = self.advance(&mut |_| {});
            // The alert that says why goes out too.
            let flushed = self.flush().await;
            let standing = standing?;
            flushed?;
            if let (LinkState::Ready, Some(connection)) = (standing, &self.connection)
                && let Some(kind) = connection.tls.handshake_kind()
            {
                return Ok(connected(&connection.tls, kind));
            }
            if standing == LinkState::PeerClosed {
                return Err(StepFailure::Ended);
            }
            self.receive().await?;
        }
    }

    /// Sends `request` and reads its answer; `keep` sees the answer's bytes.
    async fn exchange(
        &mut self,
        request: &[u8],
        method: Method,
        keep: &mut impl FnMut(&[u8]),
    ) -> Result<(Whole, Answered), StepFailure> {
        let begun = Instant::now();
        self.watchdog.set(begun + self.wiring.timeouts.answer);
        self.reader.begin(method);
        let mut seen = Seen::default();
        let mut standing = self.step(Some(request), &mut seen, keep)?;
        if let Err(error) = self.flush().await {
            // A server that has refused may have reset before the request was out; its answer may still be there.
            standing = self.read_early_answer(error, &mut seen, keep).await?;
        }
        let mut first_byte = None;
        loop {
            if let (None, true) = (first_byte, seen.bytes > 0) {
                first_byte = Some(Instant::now());
            }
            match (seen.whole, standing) {
                // An end that came right behind the answer is known: the connection takes no other request.
                (Some(whole), LinkState::PeerClosed) => {
                    let whole = Whole { after: After::Close, ..whole };
                    return Ok((whole, answered(whole, begun, first_byte)));
                }
                (Some(whole), _) => return Ok((whole, answered(whole, begun, first_byte))),
                (None, LinkState::PeerClosed) => {
                    let whole = self.reader.end().ok_or(StepFailure::Ended)?;
                    return Ok((whole, answered(whole, begun, first_byte)));
                }
                (None, _) => {}
            }
            match self.receive().await {
                Ok(()) => standing = self.step(None, &mut seen, keep)?,
                Err(StepFailure::Ended) => standing = LinkState::PeerClosed,
                Err(stop) => return Err(stop),
            }
        }
    }

    /// Reads what came before the connection failed with `stop`.
    async fn read_early_answer(
        &mut self,
        stop: StepFailure,
        seen: &mut Seen,
        keep: &mut impl FnMut(&[u8]),
    ) -> Result<LinkState, StepFailure> {
        match self.receive().await {
            Ok(()) => self.step(None, seen, keep),
            Err(_) => Err(stop),
        }
    }

    /// Processes what came, sends `request` if there is one, and reads on in the answer.
    fn step(
        &mut self,
        request: Option<&[u8]>,
        seen: &mut Seen,
        keep: &mut impl FnMut(&[u8]),
    ) -> Result<LinkState, StepFailure> {
        let Some(Connection { tls, progress, .. }) = &mut self.connection else {
            return Err(StepFailure::Ended);
        };
        let (reader, mut is_http) = (&mut self.reader, true);
        if request.is_some() {
            *progress = AnswerProgress::Nothing;
        }
        let mut sink = |bytes: &[u8]| {
            *progress = AnswerProgress::Begun;
            keep(bytes);
            seen.bytes += bytes.len();
            match reader.feed(bytes) {
                Ok(whole) => seen.whole = seen.whole.or(whole),
                Err(_) => is_http = false,
            }
        };
        let standing = match request {
            Some(request) => link::send(tls, &mut self.buffers, request, &mut sink),
            None => link::advance(tls, &mut self.buffers, &mut sink),
        };
        if is_http { standing.map_err(StepFailure::Tls) } else { Err(StepFailure::Http) }
    }

    fn advance(&mut self, sink: &mut impl FnMut(&[u8])) -> Result<LinkState, StepFailure> {
        let Some(connection) = &mut self.connection else { return Err(StepFailure::Ended) };
        link::advance(&mut connection.tls, &mut self.buffers, sink).map_err(StepFailure::Tls)
    }

    async fn flush(&mut self) -> Result<(), StepFailure> {
        let Self { connection, buffers, watchdog, traffic, .. } = self;
        let Some(connection) = connection else { return Err(StepFailure::Ended) };
        let mut sent = 0;
        while let Some(rest) = buffers.to_send().get(sent..).filter(|rest| !rest.is_empty()) {
            let stream = &mut connection.stream;
            let count = std::future::poll_fn(|cx| match Pin::new(&mut *stream).poll_write(cx, rest) {
                Poll::Ready(written) => Poll::Ready(written.map_err(StepFailure::Io)),
                Poll::Pending => watchdog.poll(cx).map(|()| Err(StepFailure::Late)),
            });
            sent += count.await?;
        }
        traffic.sent += sent as u64;
        buffers.sent();
        Ok(())
    }

    /// Waits for bytes of the peer.
    async fn receive(&mut self) -> Result<(), StepFailure> {
        std::future::poll_fn(|cx| match self.poll_receive(cx) {
            Poll::Ready(received) => Poll::Ready(received),
            Poll::Pending => self.watchdog.poll(cx).map(|()| Err(StepFailure::Late)),
        })
        .await
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StepFailure>> {
        let Some(connection) = &mut self.connection else { return Poll::Ready(Err(StepFailure::Ended)) };
        let mut room = ReadBuf::new(self.buffers.room());
        let read = ready!(Pin::new(&mut connection.stream).poll_read(cx, &mut room));
        let count = room.filled().len();
        self.buffers.received(count);
        self.traffic.received += count as u64;
        Poll::Ready(match read {
            Ok(()) if count == 0 => Err(StepFailure::Ended),
            Ok(()) => Ok(()),
            Err(error) => Err(StepFailure::Io(error)),
        })
    }

    /// Takes what came since the last answer: tickets, or the end.
    fn catch_up(&mut self) -> Result<(), StepFailure> {
        let mut cx = Context::from_waker(Waker::noop());
        while let Poll::Ready(received) = self.poll_receive(&mut cx) {
            received?;
            if self.advance(&mut |_| {})? == LinkState::PeerClosed {
                return Err(StepFailure::Ended);
            }
        }
        Ok(())
    }

    /// Waits for a ticket, so that the next handshake can resume. A server that gives none is soon not waited for.
    async fn await_ticket(&mut self) {
        if self.wiring.resume != Resume::Always || self.ticket_patience == 0 {
            return;
        }
        self.watchdog.set(Instant::now() + TICKET_WAIT);
        while self.tls.sessions.is_empty() {
            let advanced = self.receive().await.and_then(|()| self.advance(&mut |_| {}));
            if !matches!(advanced, Ok(LinkState::Ready)) {
                break;
            }
        }
        let patience = if self.tls.sessions.is_empty() { self.ticket_patience - 1 } else { TICKET_ATTEMPTS };
        self.ticket_patience = patience;
    }

    fn fail(&mut self, stop: &StepFailure, stage: Stage) -> Failure {
        let connection = self.connection.take();
        let failure = stop.failure(stage);
        let was_kept = connection.is_some_and(|connection| {
            connection.answers > 0 && connection.progress == AnswerProgress::Nothing
        });
        if failure.class == Class::ClosedEarly && was_kept && self.wiring.repetition == Repetition::Harmless {
            return Failure::new(Class::ClosedKept, stage);
        }
        failure
    }

    /// A whole answer has come: the connection is kept, unless the server ends it.
    async fn keep(&mut self, whole: Whole) {
        if let Some(connection) = &mut self.connection {
            connection.answers += 1;
        }
        if whole.after == After::Close {
            self.close().await;
        }
    }
}

impl Client for Wire {
    async fn open(&mut self) -> Result<Opened, Failure> {
        let local = |_| Failure::of_this_machine(Shortage::Other, Stage::Handshake);
        // Made before the clock runs: our keys cost this machine time that is none of the device's.
        let tls =
            UnbufferedClientConnection::new(Arc::clone(&self.tls.config), self.wiring.server_name.clone());
        let tls = tls.map_err(local)?;
        let begun = Instant::now();
        let reached = connect(&self.wiring.addresses, self.wiring.timeouts.connect).await;
        let (stream, _) = reached.map_err(unconnected)?;
        let tcp_done = Instant::now();
        self.buffers.reset();
        self.connection = Some(Connection { stream, tls, answers: 0, progress: AnswerProgress::Nothing });
        self.watchdog.set(tcp_done + self.wiring.timeouts.handshake);
        let connected = self.handshake().await.map_err(|stop| self.fail(&stop, Stage::Handshake))?;
        let (tcp, tls) = (tcp_done - begun, tcp_done.elapsed());
        Ok(Opened { tcp, tls, kind: connected.kind, agreed: connected.agreed })
    }

    fn is_open(&mut self) -> bool {
        if self.connection.is_some() && self.catch_up().is_err() {
            self.connection = None;
        }
        self.connection.is_some()
    }

    async fn ask(&mut self) -> Result<Answered, Failure> {
        let wiring = Arc::clone(&self.wiring);
        match self.exchange(&wiring.request, wiring.method, &mut |_| {}).await {
            Ok((whole, answered)) => {
                self.keep(whole).await;
                Ok(answered)
            }
            Err(stop) => Err(self.fail(&stop, Stage::Request)),
        }
    }

    async fn stat(&mut self) -> Option<Stat> {
        let wiring = Arc::clone(&self.wiring);
        let mut bytes = Vec::new();
        let mut keep = |more: &[u8]| bytes.extend(more.iter().take(MOST_STAT - bytes.len().min(MOST_STAT)));
        let exchanged = self.exchange(&wiring.stat_request, Method::WithBody, &mut keep).await;
        match exchanged {
            Ok((whole, answered)) => {
                self.keep(whole).await;
                (answered.status == 200).then(|| figures(&bytes)).flatten()
            }
            Err(_) => {
                self.connection = None;
                None
            }
        }
    }

    async fn close(&mut self) {
        if self.connection.is_some() && self.tls.sessions.is_empty() {
            self.await_ticket().await;
        }
        if let Some(connection) = &mut self.connection {
            // A peer that is gone needs no close_notify.
            if link::queue_close_notify(&mut connection.tls, &mut self.buffers).is_ok() {
                self.watchdog.set(Instant::now() + CLOSE_WAIT);
                let _ = self.flush().await;
            }
        }
        self.connection = None;
    }

    fn traffic(&mut self) -> Traffic {
        std::mem::take(&mut self.traffic)
    }
}

/// What came of an answer so far.
#[derive(Default)]
struct Seen {
    bytes: usize,
    whole: Option<Whole>,
}

struct Connected {
    kind: HandshakeKind,
    agreed: Agreed,
}

fn connected(tls: &UnbufferedClientConnection, kind: rustls::HandshakeKind) -> Connected {
    let kind = match kind {
        rustls::HandshakeKind::Resumed => HandshakeKind::Resumed,
        rustls::HandshakeKind::FullWithHelloRetryRequest => HandshakeKind::FullRetried,
        _ => HandshakeKind::Full,
    };
    let agreed = Agreed::new(
        tls.protocol_version(),
        tls.negotiated_cipher_suite().map(|suite| suite.suite()),
        tls.negotiated_key_exchange_group().map(|group| group.name()),
    );
    Connected { kind, agreed }
}

fn answered(whole: Whole, begun: Instant, first_byte: Option<Instant>) -> Answered {
    let end = Instant::now();
    let first_byte = first_byte.unwrap_or(end);
    Answered { first_byte: first_byte - begun, total: end - begun, status: whole.status }
}

fn figures(answer: &[u8]) -> Option<Stat> {
    let body = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    serde_json::from_slice(answer.get(body + 4..)?).ok()
}

const MOST_STAT: usize = 4096;
const CLOSE_WAIT: Duration = Duration::from_secs(1);
/// Longer than any server takes to send a ticket after the handshake, a small one's included.
const TICKET_WAIT: Duration = Duration::from_secs(1);
const TICKET_ATTEMPTS: u8 = 3;
