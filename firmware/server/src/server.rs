//! The life of a connection, from its first byte to its last.

use core::cell::Cell;
use core::fmt::Display;
use core::pin::pin;

use embassy_futures::select::{Either, select};
use embassy_time::{Duration, with_timeout};
use esp_https_provision::Limits;

use crate::budget;
use crate::busy_time::with_busy_time;
use crate::exchange::{ConnectionEnd, Exchange};
use crate::fairness::{overstayed, share};
use crate::handler::conversation::Conversation;
use crate::shared::Shared;
use crate::slots::{Slot, Slots};
use crate::stats::{Counters, HeapFigures, Stats, count};
use crate::timeouts::{LimitPassed, ms, within};
use crate::tls::INTERNAL_ERROR_ALERT;
use crate::trouble::TroubleLog;
use crate::{Acceptor, Handler, HandshakeError, Readiness, Resumption, TlsSession, Transport};

/// The server. Holds the request buffers of all sessions, see [`crate::budget`]: build it in place, with
/// `StaticCell::init_with`, not on a small stack.
pub struct Server<A, H> {
    acceptor: A,
    handler: H,
    shared: Shared,
}

/// What the server asks of the board.
#[derive(Clone, Copy)]
pub struct Board {
    /// What the heap has left. Asked whenever the figures are.
    pub heap: fn() -> HeapFigures,
    /// Prints a line on the serial port.
    pub say: fn(&dyn Display),
}

impl<A: Acceptor, H: Handler> Server<A, H> {
    /// A server that nobody has connected to, with the pages of `handler`.
    pub fn new(acceptor: A, limits: Limits, board: Board, handler: H) -> Self {
        // The image's parser has checked the limits already; this keeps the buffers safe from any other caller.
        let limits = Limits { max_header: limits.max_header.min(Limits::MAX.max_header), ..limits };
        let limits = Limits { max_body: limits.max_body.min(Limits::MAX.max_body), ..limits };
        let sessions = Slots::new(Conversation::new, budget::SESSIONS);
        let handshakes = Slots::new(|| (), budget::handshakes(acceptor.client_certificates()));
        Self {
            acceptor,
            handler,
            shared: Shared {
                limits,
                counters: Counters::default(),
                sessions,
                handshakes,
                heap: board.heap,
                frames_dropped: Cell::new(None),
                troubles: TroubleLog::new(board.say),
            },
        }
    }

    /// Shows in its figures how many frames the network driver has dropped, which `count` says.
    pub fn show_dropped_frames(&self, count: fn() -> u32) {
        self.shared.frames_dropped.set(Some(count));
    }

    /// Serves one accepted TCP connection until it ends: waits for the first byte, then for a session, shakes hands,
    /// answers requests, and closes. Whatever the client does, this ends within the limits' timeouts. The transport is
    /// closed or aborted afterwards.
    ///
    /// At most [`SOCKETS`](crate::budget::SOCKETS) of these may run at once; more are closed when they have to wait.
    pub async fn connection<T: Transport>(&self, transport: &mut T) {
        let end = self.serve(transport).await;
        if matches!(end, ConnectionEnd::Unserved) {
            let _ = within(SHUTDOWN, pin!(transport.write_all(&INTERNAL_ERROR_ALERT))).await;
        }
        let finished = match end {
            ConnectionEnd::Orderly | ConnectionEnd::Fin | ConnectionEnd::Unserved => {
                matches!(within(SHUTDOWN, pin!(transport.finish())).await, Ok(Ok(())))
            }
            ConnectionEnd::Reset => false,
        };
        if !finished {
            transport.abort();
        }
    }

    /// The pages.
    pub fn handler(&self) -> &H {
        &self.handler
    }

    /// The STAT object.
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// Connections that have sent something and wait for a session.
    pub fn waiting(&self) -> usize {
        self.shared.sessions.waiting()
    }

    async fn serve<T: Transport>(&self, transport: &mut T) -> ConnectionEnd {
        let limit = ms(self.shared.limits.handshake_timeout_ms);
        match within(limit, pin!(transport.readable())).await {
            Ok(Ok(Readiness::Ready)) => {}
            Ok(Err(_)) => return ConnectionEnd::Reset,
            Ok(Ok(Readiness::GiveWay)) | Err(_) => return ConnectionEnd::Orderly,
        }
        let Ok(Ok(permit)) = with_timeout(MAX_WAIT, self.shared.sessions.acquire()).await else {
            return ConnectionEnd::Orderly;
        };
        let mut session = match self.shake_hands(transport, &permit.slot).await {
            Ok(session) => session,
            Err(ending) => return ending,
        };
        let mut exchange =
            Exchange::new(&mut session, &self.shared, &self.handler, &permit.slot, &permit.resource);
        let ending = exchange.run().await;
        permit.slot.leaving();
        match ending {
            ConnectionEnd::Orderly => match within(SHUTDOWN, pin!(session.close_notify())).await {
                Ok(Ok(())) => ConnectionEnd::Orderly,
                Ok(Err(_)) => ConnectionEnd::Reset,
                // The client takes no answer as long as it sends requests; the rest of both is for `finish`.
                Err(LimitPassed) => ConnectionEnd::Fin,
            },
            ConnectionEnd::Fin | ConnectionEnd::Unserved | ConnectionEnd::Reset => ending,
        }
    }

    async fn shake_hands<'t, T: Transport>(
        &'t self,
        transport: &'t mut T,
        slot: &Slot<'_>,
    ) -> Result<A::Session<'t, T>, ConnectionEnd> {
        let Ok(Ok(turn)) = with_timeout(MAX_WAIT, self.shared.handshakes.acquire()).await else {
            return Err(ConnectionEnd::Orderly);
        };
        let accept = pin!(self.acceptor.accept(transport));
        let accept = pin!(with_busy_time(accept));
        let overstayed = pin!(overstayed(NONE, [slot, &turn.slot], share));
        let limit = ms(self.shared.limits.handshake_timeout_ms);
        let (session, busy) = match within(limit, select(accept, overstayed)).await {
            Ok(Either::First((Ok(session), busy))) => (session, busy),
            Ok(Either::First((Err(error), _))) => return Err(self.failed(error)),
            Ok(Either::Second(())) | Err(_) => return Err(self.failed(HandshakeError::Transport)),
        };
        slot.busy();
        count(&self.shared.counters.handshakes);
        self.shared.counters.handshake_us.set(busy.as_micros());
        if session.resumption() == Resumption::Resumed {
            count(&self.shared.counters.resumed);
        }
        Ok(session)
    }

    fn failed(&self, error: HandshakeError) -> ConnectionEnd {
        count(&self.shared.counters.failed);
        match error {
            // An alert has been sent, and should arrive.
            HandshakeError::Tls(_) | HandshakeError::OutOfMemory => ConnectionEnd::Fin,
            HandshakeError::NotBegun => ConnectionEnd::Unserved,
            HandshakeError::Transport => ConnectionEnd::Reset,
        }
    }
}

const NONE: Duration = Duration::from_ticks(0);

/// How long a connection waits for a session before it is closed in order. A browser has shown a blank page for half a
/// minute by then. When the connection ends, it can tell its user, and the socket is free for another connection.
/// This judges nobody, so it is plain time.
pub(crate) const MAX_WAIT: Duration = Duration::from_secs(30);

/// How long the end of a session, and then that of its connection, may take before it is a reset: a lost segment and
/// its retransmission fit (RFC 6298 starts at 1 s).
const SHUTDOWN: Duration = Duration::from_secs(2);
