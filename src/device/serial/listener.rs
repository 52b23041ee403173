//! Listening to a board line by line, across the moments in which its port is not there.

use std::time::Duration;

use super::link::{Heard, Link, Reopened};
use crate::device::ready::LineSplitter;

/// Listens to one port.
#[derive(Debug)]
pub struct Listener<L> {
    link: L,
    splitter: LineSplitter,
    presence: Presence,
}

/// What was to be heard in a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sound {
    /// The board spoke.
    Speech {
        /// Every byte of it.
        bytes: Vec<u8>,
        /// The lines that these completed.
        lines: Vec<String>,
    },
    /// Nothing, or the port is still gone.
    Silence,
    /// The port has just gone.
    Gone,
    /// The port has just come back.
    Back,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Here,
    Gone,
}

impl<L: Link> Listener<L> {
    /// Listens to an open port.
    pub fn new(link: L) -> Self {
        Self { link, splitter: LineSplitter::default(), presence: Presence::Here }
    }

    /// Waits for the next sound, at most for `limit`.
    pub fn listen(&mut self, limit: Duration) -> Sound {
        match self.presence {
            Presence::Here => self.hear(limit),
            Presence::Gone => match self.link.reopen(limit) {
                Reopened::NotYet => Sound::Silence,
                Reopened::Yes => {
                    self.presence = Presence::Here;
                    Sound::Back
                }
            },
        }
    }

    /// The line that has begun and not ended, if there is one: a board may die in the middle of a word.
    pub fn rest(&mut self) -> Option<String> {
        self.splitter.finish()
    }

    fn hear(&mut self, limit: Duration) -> Sound {
        let mut bytes = [0; 4096];
        match self.link.hear(&mut bytes, limit) {
            Heard::Nothing => Sound::Silence,
            Heard::Gone => {
                self.presence = Presence::Gone;
                Sound::Gone
            }
            Heard::Bytes(count) => {
                let bytes = bytes.get(..count).unwrap_or_default().to_vec();
                let lines = self.splitter.push(&bytes);
                Sound::Speech { bytes, lines }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A port that does what its script says.
    struct Script(Vec<Option<&'static [u8]>>);

    impl Link for Script {
        fn hear(&mut self, bytes: &mut [u8], _: Duration) -> Heard {
            match self.0.pop() {
                Some(Some([])) => Heard::Nothing,
                Some(Some(said)) => {
                    bytes[..said.len()].copy_from_slice(said);
                    Heard::Bytes(said.len())
                }
                Some(None) | None => Heard::Gone,
            }
        }

        fn reopen(&mut self, _: Duration) -> Reopened {
            if self.0.len().is_multiple_of(2) { Reopened::Yes } else { self.reopened_later() }
        }
    }

    impl Script {
        fn reopened_later(&mut self) -> Reopened {
            self.0.pop();
            Reopened::NotYet
        }
    }

    fn speech(bytes: &[u8], lines: &[&str]) -> Sound {
        Sound::Speech { bytes: bytes.to_vec(), lines: lines.iter().map(|&line| line.to_owned()).collect() }
    }

    #[test]
    fn lines_are_whole_and_a_port_that_vanishes_is_waited_for() {
        let script =
            [Some(&b"one\ntw"[..]), Some(b""), Some(b"o\n"), None, Some(b"x"), Some(b"three\r\nfo"), None];
        let mut listener = Listener::new(Script(script.into_iter().rev().collect()));
        let sounds: Vec<_> = (0..8).map(|_| listener.listen(Duration::ZERO)).collect();
        assert_eq!(
            sounds,
            [
                speech(b"one\ntw", &["one"]),
                Sound::Silence,
                speech(b"o\n", &["two"]),
                Sound::Gone,
                Sound::Silence,
                Sound::Back,
                speech(b"three\r\nfo", &["three"]),
                Sound::Gone,
            ]
        );
        assert_eq!(listener.rest().as_deref(), Some("fo"));
    }
}
