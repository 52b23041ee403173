//! Recordings of connections: the bytes of both sides and the secrets that open them.

use std::{
    mem,
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

/// Records what a client and its server say to each other.
#[derive(Debug, Default)]
pub struct Transcript(Mutex<Recordings>);

/// Which of several connections a transcript keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keeps {
    /// The last attempt.
    #[default]
    Last,
    /// All of them.
    All,
}

#[derive(Debug, Default)]
struct Recordings {
    keeps: Keeps,
    purpose: Option<&'static str>,
    earlier: Vec<Recording>,
    last: Recording,
}

/// What a [`Transcript`] has recorded.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// Our address and the server's; `None` while no connection was opened.
    pub ends: Option<(SocketAddr, SocketAddr)>,
    /// What it was made for, where that was said: the id of a question.
    pub purpose: Option<&'static str>,
    /// When the connection was opened.
    pub opened: Option<SystemTime>,
    /// The bytes in their order.
    pub segments: Vec<Segment>,
    /// The secrets.
    pub secrets: Vec<Secret>,
    since: Option<Instant>,
}

impl Transcript {
    /// One that keeps these connections.
    #[must_use]
    pub fn new(keeps: Keeps) -> Self {
        Self(Mutex::new(Recordings { keeps, ..Recordings::default() }))
    }

    /// What was recorded so far of each connection that is kept, in their order.
    #[must_use]
    pub fn recordings(&self) -> Vec<Recording> {
        let recorded = self.lock();
        let last = Some(&recorded.last).filter(|last| last.ends.is_some());
        recorded.earlier.iter().chain(last).cloned().collect()
    }

    /// Notes what the connections from now on are made for.
    pub(crate) fn note_purpose(&self, purpose: &'static str) {
        self.lock().purpose = Some(purpose);
    }

    /// Begins anew, with a connection between these two. What the key log said before, it said of an earlier one.
    pub(crate) fn begin(&self, client: SocketAddr, server: SocketAddr) {
        let mut recorded = self.lock();
        let begun = Recording {
            ends: Some((client, server)),
            purpose: recorded.purpose,
            opened: Some(SystemTime::now()),
            since: Some(Instant::now()),
            ..Recording::default()
        };
        let before = mem::replace(&mut recorded.last, begun);
        if recorded.keeps == Keeps::All && before.ends.is_some() {
            recorded.earlier.push(before);
        }
    }

    /// Records bytes that one side sent; none for the end of its half of the connection.
    pub(crate) fn record(&self, side: Side, bytes: &[u8]) {
        let recording = &mut self.lock().last;
        let at_us = recording.since.map_or(0, |since| micros(since.elapsed()));
        recording.segments.push(Segment { side, at_us, bytes: bytes.to_vec() });
    }

    fn lock(&self) -> MutexGuard<'_, Recordings> {
        // Each change is one assignment, so what a panic left behind is still true.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyLog for Transcript {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let secret =
            Secret { label: label.into(), client_random: client_random.to_vec(), secret: secret.to_vec() };
        self.lock().last.secrets.push(secret);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(keeps: Keeps) -> Vec<(Option<&'static str>, usize)> {
        let (transcript, end) = (Transcript::new(keeps), SocketAddr::from(([127, 0, 0, 1], 443)));
        for (purpose, bytes) in [("version.tls1_3", &b"abc"[..]), ("early_data", b"de")] {
            transcript.note_purpose(purpose);
            transcript.begin(end, end);
            transcript.record(Side::Client, bytes);
            transcript.log("CLIENT_RANDOM", &[1], &[2]);
        }
        let recordings = transcript.recordings();
        assert!(recordings.iter().all(|it| it.secrets.len() == 1));
        recordings.iter().map(|it| (it.purpose, it.segments[0].bytes.len())).collect()
    }

    #[test]
    fn the_last_connection_is_kept_or_all_of_them_with_their_purpose() {
        assert_eq!(recorded(Keeps::Last), [(Some("early_data"), 2)]);
        assert_eq!(recorded(Keeps::All), [(Some("version.tls1_3"), 3), (Some("early_data"), 2)]);
        assert!(Transcript::default().recordings().is_empty());
    }
}
