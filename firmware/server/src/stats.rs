//! The figures that STAT lines and `GET /stat` show.

use core::cell::Cell;
use core::fmt;

/// What the heap has left, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeapFigures {
    /// Free now.
    pub free: usize,
    /// Free at the worst moment since the start.
    pub min: usize,
}

/// The STAT object. `Display` writes it as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Seconds since the board started.
    pub uptime_s: u64,
    /// Free heap, in bytes.
    pub heap_free: usize,
    /// The least heap that was ever free, in bytes.
    pub heap_min: usize,
    /// TLS sessions that hold memory now, handshakes included.
    pub sessions: usize,
    /// Handshakes completed.
    pub handshakes: u32,
    /// Those among them that resumed an earlier session.
    pub resumed: u32,
    /// Time that the last completed handshake kept the processor busy, in microseconds.
    pub handshake_us: u64,
    /// Handshakes that failed, or were not complete in time after the ClientHello.
    pub failed: u32,
    /// Requests answered, whatever the status.
    pub requests: u32,
    /// Frames that came and were dropped, for want of a place in the receive queue; not there when the network driver does not tell.
    pub frames_dropped: Option<u32>,
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            uptime_s,
            heap_free,
            heap_min,
            sessions,
            handshakes,
            resumed,
            handshake_us,
            failed,
            requests,
            frames_dropped,
        } = self;
        write!(
            f,
            "{{\"uptime_s\":{uptime_s},\"heap_free\":{heap_free},\"heap_min\":{heap_min},\"sessions\":{sessions},\
             \"handshakes\":{handshakes},\"resumed\":{resumed},\"handshake_us\":{handshake_us},\"failed\":{failed},\"requests\":{requests}"
        )?;
        if let Some(frames) = frames_dropped {
            write!(f, ",\"frames_dropped\":{frames}")?;
        }
        f.write_str("}")
    }
}

/// What is counted since the start.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) handshakes: Cell<u32>,
    pub(crate) resumed: Cell<u32>,
    pub(crate) handshake_us: Cell<u64>,
    pub(crate) failed: Cell<u32>,
    pub(crate) requests: Cell<u32>,
}

/// Adds one.
pub(crate) fn count(counter: &Cell<u32>) {
    counter.set(counter.get().wrapping_add(1));
}
