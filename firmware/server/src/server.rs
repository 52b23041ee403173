//! The life of a connection, from its first byte to its last.

use core::pin::pin;

use embassy_futures::select::{Either, select};
use embassy_time::{Duration, Instant, with_timeout};
use esp_https_provision::Limits;

use crate::activity::{Activity, Watched};
use crate::budget::{Buffers, HANDSHAKES, SESSIONS, SOCKETS};
use crate::exchange::{Ending, Exchange, ms};
use crate::gate::{Gate, Slot};
use crate::meter::metered;
use crate::routes::Site;
use crate::stats::{Counters, HeapFigures, Stats, count};
use crate::timeouts::within;
use crate::{Acceptor, HandshakeError, Resumption, TlsSession, Transport};

/// The server. Holds the request buffers of all sessions, see [`crate::budget`]: build it in place, with
/// `StaticCell::init_with`, not on a small stack.
pub struct Server<A> {
    acceptor: A,
    core: Core,
}

/// What all connections share, whatever makes their sessions.
pub(crate) struct Core {
    pub(crate) limits: Limits,
    pub(crate) site: Site,
    pub(crate) counters: Counters,
    gate: Gate<Buffers, SESSIONS, SOCKETS>,
    handshakes: Gate<(), HANDSHAKES, SESSIONS>,
    heap: fn() -> HeapFigures,
}

impl<A: Acceptor> Server<A> {
    /// A server that nobody has connected to. `heap` is asked whenever the figures are.
    pub fn new(acceptor: A, limits: Limits, heap: fn() -> HeapFigures) -> Self {
        // The image's parser has checked the limits already; this keeps the buffers safe from any other caller.
        let limits = Limits { max_header: limits.max_header.min(Limits::MAX.max_header), ..limits };
        let limits = Limits { max_body: limits.max_body.min(Limits::MAX.max_body), ..limits };
        let gate = Gate::new(Buffers::new);
        let handshakes = Gate::new(|| ());
        Self {
            acceptor,
            core: Core { limits, site: Site::new(), counters: Counters::default(), gate, handshakes, heap },
        }
    }

    /// Serves one accepted TCP connection until it ends: waits for the first byte, then for a session, shakes hands,
    /// answers requests, and closes. Whatever the client does, this ends within the limits' timeouts. The transport is
    /// closed or aborted afterwards.
    ///
    /// At most [`SOCKETS`] of these may run at once; those beyond are turned away when they have to wait.
    pub async fn connection<T: Transport>(&self, transport: &mut T) {
        let finished = match self.serve(transport).await {
            Ending::Orderly | Ending::Fin => {
                matches!(with_timeout(SHUTDOWN, transport.finish()).await, Ok(Ok(())))
            }
            Ending::Reset => false,
        };
        if !finished {
            transport.abort();
        }
    }

    /// The STAT object.
    pub fn stats(&self) -> Stats {
        self.core.stats()
    }

    /// Connections that have said something and wait for a session.
    pub fn waiting(&self) -> usize {
        self.core.gate.waiting()
    }

    async fn serve<T: Transport>(&self, transport: &mut T) -> Ending {
        let patience = ms(self.core.limits.handshake_timeout_ms);
        match within(patience, transport.readable()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Ending::Reset,
            Err(_) => return Ending::Orderly,
        }
        let Ok(Ok(mut permit)) = with_timeout(MAX_WAIT, self.core.gate.enter()).await else {
            return Ending::Orderly;
        };
        let activity = Activity::new();
        let mut watched = Watched::new(transport, &activity);
        let mut session = match self.shake_hands(&mut watched, &activity, &permit.slot).await {
            Ok(session) => session,
            Err(ending) => return ending,
        };
        let ending = Exchange::new(&mut session, &self.core, &permit.slot, &mut permit.resource).run().await;
        permit.slot.leaving();
        match ending {
            Ending::Orderly => match with_timeout(SHUTDOWN, session.close_notify()).await {
                Ok(Ok(())) => Ending::Orderly,
                Ok(Err(_)) | Err(_) => Ending::Reset,
            },
            Ending::Fin | Ending::Reset => ending,
        }
    }

    async fn shake_hands<'t, T: Transport>(
        &'t self,
        transport: &'t mut T,
        activity: &Activity,
        slot: &Slot<'_>,
    ) -> Result<A::Session<'t, T>, Ending> {
        let Ok(Ok(turn)) = with_timeout(MAX_WAIT, self.core.handshakes.enter()).await else {
            return Err(Ending::Orderly);
        };
        activity.note();
        // Pinned here, since each async function that takes a future by value has room for it twice.
        let accept = pin!(self.acceptor.accept(transport));
        let stalled = pin!(activity.stalled([slot, &turn.slot]));
        let patience = ms(self.core.limits.handshake_timeout_ms);
        let (session, busy) = match within(patience, select(metered(accept), stalled)).await {
            Ok(Either::First((Ok(session), busy))) => (session, busy),
            Ok(Either::First((Err(error), _))) => return Err(self.failed(error)),
            Ok(Either::Second(())) | Err(_) => return Err(self.failed(HandshakeError::Transport)),
        };
        slot.busy();
        count(&self.core.counters.handshakes);
        self.core.counters.handshake_us.set(busy.as_micros());
        if session.resumption() == Resumption::Resumed {
            count(&self.core.counters.resumed);
        }
        Ok(session)
    }

    fn failed(&self, error: HandshakeError) -> Ending {
        count(&self.core.counters.failed);
        match error {
            HandshakeError::Tls(_) => Ending::Fin,
            HandshakeError::Transport | HandshakeError::OutOfMemory => Ending::Reset,
        }
    }
}

impl Core {
    pub(crate) fn stats(&self) -> Stats {
        let HeapFigures { free, min } = (self.heap)();
        let Counters { handshakes, resumed, handshake_us, failed, requests } = &self.counters;
        Stats {
            uptime_s: Instant::now().as_secs(),
            heap_free: free,
            heap_min: min,
            sessions: self.gate.taken(),
            handshakes: handshakes.get(),
            resumed: resumed.get(),
            handshake_us: handshake_us.get(),
            failed: failed.get(),
            requests: requests.get(),
        }
    }
}

/// How long a connection waits for a session before it is closed in order. Past this a browser has shown its user a
/// blank page for half a minute; an end lets it say so, and frees the socket for somebody else.
pub(crate) const MAX_WAIT: Duration = Duration::from_secs(30);

/// How long the end of a session, and then that of its connection, may take before it is a reset: a lost segment and
/// its retransmission fit (RFC 6298 starts at 1 s).
const SHUTDOWN: Duration = Duration::from_secs(2);
