//! Reads what a board prints line by line, across the moments in which its port is not there.

use std::time::Duration;

use super::{
    line::{LineSplitter, SerialLine},
    link::{Link, PortRead, Reopened},
};

/// Listens to one port.
#[derive(Debug)]
pub struct Listener<L> {
    link: L,
    splitter: LineSplitter,
    presence: Presence,
}

/// What a port gave in a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SerialInput {
    /// The board printed something.
    Bytes {
        /// Every byte of it.
        bytes: Vec<u8>,
        /// The lines that these completed.
        lines: Vec<SerialLine>,
    },
    /// Nothing, or the port is still gone.
    Nothing,
    /// The port has just gone.
    PortGone,
    /// The port has just come back.
    PortBack,
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

    /// Waits for the next input, at most for `limit`.
    pub fn next(&mut self, limit: Duration) -> SerialInput {
        match self.presence {
            Presence::Here => self.read(limit),
            Presence::Gone => match self.link.reopen(limit) {
                Reopened::NotYet => SerialInput::Nothing,
                Reopened::Yes => {
                    self.presence = Presence::Here;
                    SerialInput::PortBack
                }
            },
        }
    }

    /// The line that has begun and not ended, if there is one: a board may stop in the middle of a word.
    pub fn rest(&mut self) -> Option<SerialLine> {
        self.splitter.finish()
    }

    /// The same, and it goes on.
    #[must_use]
    pub fn begun(&self) -> Option<SerialLine> {
        self.splitter.begun()
    }

    fn read(&mut self, limit: Duration) -> SerialInput {
        let mut bytes = [0; 4096];
        match self.link.read(&mut bytes, limit) {
            PortRead::Nothing => SerialInput::Nothing,
            PortRead::Gone => {
                self.presence = Presence::Gone;
                SerialInput::PortGone
            }
            PortRead::Bytes(count) => {
                let bytes = bytes.get(..count).unwrap_or_default().to_vec();
                let lines = self.splitter.push(&bytes);
                SerialInput::Bytes { bytes, lines }
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
        fn read(&mut self, bytes: &mut [u8], _: Duration) -> PortRead {
            match self.0.pop() {
                Some(Some([])) => PortRead::Nothing,
                Some(Some(said)) => {
                    bytes[..said.len()].copy_from_slice(said);
                    PortRead::Bytes(said.len())
                }
                Some(None) | None => PortRead::Gone,
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

    fn bytes_and_lines(bytes: &[u8], lines: &[&str]) -> SerialInput {
        SerialInput::Bytes {
            bytes: bytes.to_vec(),
            lines: lines.iter().map(|line| SerialLine::new(line.as_bytes())).collect(),
        }
    }

    #[test]
    fn lines_are_whole_and_a_port_that_vanishes_is_waited_for() {
        let script =
            [Some(&b"one\ntw"[..]), Some(b""), Some(b"o\n"), None, Some(b"x"), Some(b"three\r\nfo"), None];
        let mut listener = Listener::new(Script(script.into_iter().rev().collect()));
        let inputs: Vec<_> = (0..8).map(|_| listener.next(Duration::ZERO)).collect();
        assert_eq!(
            inputs,
            [
                bytes_and_lines(b"one\ntw", &["one"]),
                SerialInput::Nothing,
                bytes_and_lines(b"o\n", &["two"]),
                SerialInput::PortGone,
                SerialInput::Nothing,
                SerialInput::PortBack,
                bytes_and_lines(b"three\r\nfo", &["three"]),
                SerialInput::PortGone,
            ]
        );
        assert_eq!(listener.begun(), Some(SerialLine::new(b"fo")));
        assert_eq!(listener.rest(), Some(SerialLine::new(b"fo")));
    }
}
