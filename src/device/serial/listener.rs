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
    answers: Answers,
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

/// A bootloader's answers in front of what a board prints. Each is a SLIP frame (RFC 1055): END, content, END.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    /// One may come next.
    Expected,
    /// In the middle of one, after so many bytes.
    Within(usize),
    /// None comes any more.
    Over,
}

impl Answers {
    /// What follows the answers in these bytes.
    fn skip<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let mut rest = bytes;
        while let Some((&byte, behind)) = rest.split_first() {
            *self = match (*self, byte) {
                (Self::Expected, SLIP_END) => Self::Within(0),
                (Self::Within(_), SLIP_END) => Self::Expected,
                (Self::Within(length), _) if length < LONGEST_ANSWER => Self::Within(length + 1),
                _ => Self::Over,
            };
            if *self == Self::Over {
                break;
            }
            rest = behind;
        }
        rest
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Here,
    Gone,
}

impl<L: Link> Listener<L> {
    /// Listens to an open port.
    pub fn new(link: L) -> Self {
        Self { link, splitter: LineSplitter::default(), presence: Presence::Here, answers: Answers::Over }
    }

    /// What comes next may begin with answers of a bootloader that has just been left: they are no words of the board, and
    /// would spoil the first line.
    pub fn skip_answers(&mut self) {
        self.answers = Answers::Expected;
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
                let bytes = self.answers.skip(bytes.get(..count).unwrap_or_default()).to_vec();
                if bytes.is_empty() {
                    return SerialInput::Nothing;
                }
                let lines = self.splitter.push(&bytes);
                SerialInput::Bytes { bytes, lines }
            }
        }
    }
}

const SLIP_END: u8 = 0xC0;
/// An answer to a command that ends the bootloader has at most 12 bytes, of which some are escaped.
const LONGEST_ANSWER: usize = 64;

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
    fn answers_of_a_bootloader_are_no_words_of_the_board() {
        for (input, rest) in [
            (&b"ESP-ROM\n"[..], &b"ESP-ROM\n"[..]),
            (b"\xc0\x01\x04\x02\0\0\xc0ESP-ROM\n", b"ESP-ROM\n"),
            (b"\xc0\x01\xc0\xc0\x01\xc0x\xc0y\xc0", b"x\xc0y\xc0"),
            (b"\xc0\x01", b""),
            (b"", b""),
        ] {
            let mut answers = Answers::Expected;
            assert_eq!(answers.skip(input), rest, "{input:?}");
            for cut in 0..input.len() {
                let mut answers = Answers::Expected;
                let pieces = [answers.skip(&input[..cut]), answers.skip(&input[cut..])].concat();
                assert_eq!(pieces, rest, "{input:?} at {cut}");
            }
        }
        let mut endless = Answers::Expected;
        assert!(endless.skip(&[&[SLIP_END][..], &[b'x'; 1000]].concat()).len() > 900);
        assert_eq!(Answers::Over.skip(b"\xc0x"), b"\xc0x");
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
