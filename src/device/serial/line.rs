//! Cuts what a board prints into lines that are safe to show, sans I/O: bytes in, lines out. What a board says is foreign:
//! any length, any bytes.

/// A line that a board printed. The only control characters in it are tabs and, where they are asked for, the sequences that
/// choose colours (ECMA-48, "SGR"), with which ESP-IDF marks errors and warnings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialLine {
    plain: String,
    coloured: String,
}

impl SerialLine {
    /// Makes a line of its bytes. Those that are not UTF-8 become U+FFFD, control characters too.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (mut plain, mut coloured) = (String::new(), String::new());
        let mut rest = text.as_ref();
        while let Some(character) = rest.chars().next() {
            let (colour, behind) = rest.split_at(colour_length(rest));
            coloured.push_str(colour);
            rest = behind;
            if colour.is_empty() {
                let shown = harmless(character);
                plain.push(shown);
                coloured.push(shown);
                rest = behind.get(character.len_utf8()..).unwrap_or_default();
            }
        }
        Self { plain, coloured }
    }

    /// The text without colours.
    #[must_use]
    pub fn plain(&self) -> &str {
        &self.plain
    }

    /// The text with the colours that the board chose, for a terminal. The last one holds on: see [`NO_COLOUR`].
    #[must_use]
    pub fn coloured(&self) -> &str {
        &self.coloured
    }

    /// The text without colours, owned.
    #[must_use]
    pub fn into_plain(self) -> String {
        self.plain
    }
}

/// What a terminal is shown behind a line with colours, so that the next line begins without.
pub const NO_COLOUR: &str = "\u{1b}[0m";

/// Cuts a byte stream into lines.
///
/// A line ends with LF or CR LF. Of a line longer than [`LineSplitter::LONGEST`] bytes the rest is dropped.
#[derive(Debug, Default)]
pub struct LineSplitter {
    line: Vec<u8>,
}

impl LineSplitter {
    /// The longest line that is kept whole, in bytes.
    pub const LONGEST: usize = 4096;

    /// Takes bytes as they arrive; returns the lines that they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<SerialLine> {
        let mut lines = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let text = piece.strip_suffix(b"\n");
            let room = Self::LONGEST - self.line.len();
            self.line.extend(text.unwrap_or(piece).iter().take(room));
            if text.is_some() {
                lines.push(self.take());
            }
        }
        lines
    }

    /// The stream has ended; returns the line that had no end, if there is one.
    pub fn finish(&mut self) -> Option<SerialLine> {
        (!self.line.is_empty()).then(|| self.take())
    }

    /// The line that has begun and not ended, if there is one; it stays. The whole line will begin with this text: a
    /// character or a colour of which only the first bytes have come is left out.
    #[must_use]
    pub fn begun(&self) -> Option<SerialLine> {
        let line = whole_characters(&self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let escape = line.iter().rposition(|byte| *byte == ESCAPE);
        let line = match escape.and_then(|at| line.split_at_checked(at)) {
            Some((before, colour)) if is_beginning_of_colour(colour) => before,
            _ => line,
        };
        (!line.is_empty()).then(|| SerialLine::new(line))
    }

    fn take(&mut self) -> SerialLine {
        let line = std::mem::take(&mut self.line);
        SerialLine::new(line.strip_suffix(b"\r").unwrap_or(&line))
    }
}

/// A character of a text that may reach a terminal, which control characters would command.
#[must_use]
pub(crate) fn harmless(character: char) -> char {
    if character.is_control() && character != '\t' { char::REPLACEMENT_CHARACTER } else { character }
}

/// How many bytes a colour takes at the start of a text; none if there is none.
fn colour_length(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix(COLOUR_BEGINS) else { return 0 };
    let length = parameters.bytes().take_while(|byte| is_parameter(*byte)).count();
    let ends = parameters.as_bytes().get(length) == Some(&COLOUR_ENDS);
    if ends && length <= LONGEST_PARAMETERS { COLOUR_BEGINS.len() + length + 1 } else { 0 }
}

/// Whether a colour may still come of these bytes, the first of which is an escape.
fn is_beginning_of_colour(bytes: &[u8]) -> bool {
    match bytes {
        [_] => true,
        [_, b'[', parameters @ ..] => {
            parameters.len() <= LONGEST_PARAMETERS && parameters.iter().all(|byte| is_parameter(*byte))
        }
        _ => false,
    }
}

fn is_parameter(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b';' | b':')
}

/// The bytes without a last character that is not whole.
fn whole_characters(bytes: &[u8]) -> &[u8] {
    let cut = bytes.utf8_chunks().last().map_or(&[][..], |chunk| chunk.invalid());
    // Anything but the beginning of a character is U+FFFD, whatever comes next.
    let is_beginning = matches!(std::str::from_utf8(cut), Err(error) if error.error_len().is_none());
    if is_beginning { &bytes[..bytes.len() - cut.len()] } else { bytes }
}

const ESCAPE: u8 = 0x1b;
/// ECMA-48, section 8.3.117: CSI, parameters, `m`.
const COLOUR_BEGINS: &str = "\u{1b}[";
const COLOUR_ENDS: u8 = b'm';
const LONGEST_PARAMETERS: usize = 32;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(lines: Vec<SerialLine>) -> Vec<String> {
        lines.into_iter().map(SerialLine::into_plain).collect()
    }

    #[test]
    fn colours_are_kept_apart_and_everything_else_that_steers_a_terminal_is_made_harmless() {
        for (text, without, with) in [
            ("\u{1b}[0;32mI (31) boot: x\u{1b}[0m", "I (31) boot: x", "\u{1b}[0;32mI (31) boot: x\u{1b}[0m"),
            ("a\tb", "a\tb", "a\tb"),
            ("\u{1b}[2J", "\u{fffd}[2J", "\u{fffd}[2J"),
            ("\u{1b}[1;", "\u{fffd}[1;", "\u{fffd}[1;"),
            ("\u{1b}]0;title\u{7}", "\u{fffd}]0;title\u{fffd}", "\u{fffd}]0;title\u{fffd}"),
            ("\u{1b}[?25m", "\u{fffd}[?25m", "\u{fffd}[?25m"),
            ("\u{9b}31m", "\u{fffd}31m", "\u{fffd}31m"),
            ("a\rb\u{8}", "a\u{fffd}b\u{fffd}", "a\u{fffd}b\u{fffd}"),
            ("\u{1b}\u{1b}[31mx", "\u{fffd}x", "\u{fffd}\u{1b}[31mx"),
        ] {
            let line = SerialLine::new(text.as_bytes());
            assert_eq!((line.plain(), line.coloured()), (without, with), "{text:?}");
        }
        let endless = format!("\u{1b}[{}m", "1;".repeat(100));
        assert!(SerialLine::new(endless.as_bytes()).coloured().starts_with('\u{fffd}'));
    }

    #[test]
    fn a_line_that_has_begun_is_shown_up_to_what_is_whole() {
        let line = "name\u{1b}[33m: é\r";
        for (length, begun) in [
            (0, None),
            (4, Some("name")),
            (5, Some("name")),
            (8, Some("name")),
            (9, Some("name")),
            (11, Some("name: ")),
            (12, Some("name: ")),
            (13, Some("name: é")),
            (14, Some("name: é")),
        ] {
            let mut splitter = LineSplitter::default();
            assert_eq!(splitter.push(&line.as_bytes()[..length]), []);
            let shown = splitter.begun().map(SerialLine::into_plain);
            assert_eq!(shown.as_deref(), begun, "{length}");
        }
    }

    #[test]
    fn lines_end_with_lf_or_crlf_wherever_the_bytes_are_cut() {
        let stream = b"one\r\ntwo\n\nthr\xffee\x1b[2Jx\nrest";
        for cut in 0..=stream.len() {
            let mut splitter = LineSplitter::default();
            let mut lines = splitter.push(&stream[..cut]);
            lines.extend(splitter.push(&stream[cut..]));
            lines.extend(splitter.finish());
            assert_eq!(plain(lines), ["one", "two", "", "thr\u{fffd}ee\u{fffd}[2Jx", "rest"]);
            assert_eq!(splitter.finish(), None);
        }
    }

    #[test]
    fn an_endless_line_takes_no_more_memory_than_the_longest() {
        let mut splitter = LineSplitter::default();
        for _ in 0..1000 {
            assert!(splitter.push(&[b'x'; 1000]).is_empty());
            assert!(splitter.line.capacity() <= 2 * LineSplitter::LONGEST);
        }
        let lines = plain(splitter.push(b"\nnext\n"));
        assert_eq!(lines[0].len(), LineSplitter::LONGEST);
        assert_eq!(lines[1], "next");
    }

    proptest! {
        #[test]
        fn any_line_begins_with_what_was_shown_of_it(bytes: Vec<u8>, cut: usize) {
            let cut = cut.checked_rem(bytes.len()).unwrap_or(0);
            let mut splitter = LineSplitter::default();
            splitter.push(&bytes[..cut]);
            if let Some(begun) = splitter.begun() {
                let mut lines = splitter.push(&bytes[cut..]);
                lines.extend(splitter.finish());
                prop_assert!(lines[0].plain().starts_with(begun.plain()), "{lines:?} {begun:?}");
                prop_assert!(lines[0].coloured().starts_with(begun.coloured()), "{lines:?} {begun:?}");
            }
        }

        #[test]
        fn any_bytes_in_any_pieces_give_the_same_lines(bytes: Vec<u8>, cut: usize) {
            let cut = cut.checked_rem(bytes.len()).unwrap_or(0);
            let mut whole = LineSplitter::default();
            let mut pieces = LineSplitter::default();
            let expected = whole.push(&bytes);
            let mut lines = pieces.push(&bytes[..cut]);
            lines.extend(pieces.push(&bytes[cut..]));
            prop_assert_eq!(&lines, &expected);
            for line in lines {
                prop_assert!(!line.plain().chars().any(|c| c.is_control() && c != '\t'));
            }
        }
    }
}
