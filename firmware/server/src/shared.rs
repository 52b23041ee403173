//! What all connections of a server share.

use core::cell::Cell;

use embassy_time::Instant;
use esp_https_provision::Limits;

use crate::budget::{HANDSHAKES, SESSIONS, SOCKETS};
use crate::handler::conversation::Conversation;
use crate::slots::Slots;
use crate::stats::{Counters, HeapFigures, Stats};
use crate::trouble::TroubleLog;

/// What all connections share, whatever TLS library makes their sessions, and whatever pages they ask for.
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) counters: Counters,
    pub(crate) sessions: Slots<Conversation, SESSIONS, SOCKETS>,
    pub(crate) handshakes: Slots<(), HANDSHAKES, SESSIONS>,
    /// The heap's figures, asked whenever they are shown.
    pub(crate) heap: fn() -> HeapFigures,
    /// The frames that the network driver has dropped, if it tells.
    pub(crate) frames_dropped: Cell<Option<fn() -> u32>>,
    pub(crate) troubles: TroubleLog,
}

impl Shared {
    pub(crate) fn stats(&self) -> Stats {
        let HeapFigures { free, min } = (self.heap)();
        let Counters { handshakes, resumed, handshake_us, failed, requests } = &self.counters;
        Stats {
            uptime_s: Instant::now().as_secs(),
            heap_free: free,
            heap_min: min,
            sessions: self.sessions.taken(),
            handshakes: handshakes.get(),
            resumed: resumed.get(),
            handshake_us: handshake_us.get(),
            failed: failed.get(),
            requests: requests.get(),
            frames_dropped: self.frames_dropped.get().map(|count| count()),
        }
    }
}
