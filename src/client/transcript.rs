//! A recording of one connection: the bytes of both sides and the secrets that open them.

use std::{
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use rustls::KeyLog;

use crate::duration::micros;
use crate::tls::{
    keys::Side,
    trace::{Secret, Segment},
};

/// Records what a client and its server say to each other; of several attempts, the last.
#[derive(Debug, Default)]
pub struct Transcript(Mutex<Recording>);

/// What a [`Transcript`] has recorded.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// Our address and the server's; `None` while no connection was opened.
    pub ends: Option<(SocketAddr, SocketAddr)>,
    /// When the connection was opened.
    pub opened: Option<SystemTime>,
    /// The bytes in their order.
    pub segments: Vec<Segment>,
    /// The secrets.
    pub secrets: Vec<Secret>,
    since: Option<Instant>,
}

impl Transcript {
    /// What was recorded so far.
    #[must_use]
    pub fn recording(&self) -> Recording {
        self.lock().clone()
    }

    /// Begins anew, with a connection between these two. What the key log said before, it said of an earlier one.
    pub(crate) fn begin(&self, client: SocketAddr, server: SocketAddr) {
        *self.lock() = Recording {
            ends: Some((client, server)),
            opened: Some(SystemTime::now()),
            since: Some(Instant::now()),
            ..Recording::default()
        };
    }

    /// Records bytes that one side sent; none for the end of its half of the connection.
    pub(crate) fn record(&self, side: Side, bytes: &[u8]) {
        let mut recording = self.lock();
        let at_us = recording.since.map_or(0, |since| micros(since.elapsed()));
        recording.segments.push(Segment { side, at_us, bytes: bytes.to_vec() });
    }

    fn lock(&self) -> MutexGuard<'_, Recording> {
        // Each change is one assignment, so what a panic left behind is still true.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyLog for Transcript {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let secret =
            Secret { label: label.into(), client_random: client_random.to_vec(), secret: secret.to_vec() };
        self.lock().secrets.push(secret);
    }
}
