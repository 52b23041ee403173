//! The header of an HTTP/1 answer (RFC 9112, sections 4 and 5), sans I/O and without allocation. It reads what curl and
//! browsers read, and notes what is not as the RFC asks. (httparse was used before: it refuses many fields and a line without
//! a colon, and does not say which of its leniencies an answer needed.)

use crate::client::oddity::{Oddities, Oddity};

/// Finds the end of a header in bytes that come in pieces. No byte is looked at twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct EndFinder {
    line: Line,
}

/// How much of the line under way has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Line {
    /// Something of the status line, or nothing at all.
    #[default]
    Status,
    /// Nothing.
    Empty,
    /// A CR.
    Cr,
    /// Something else.
    Filled,
}

impl EndFinder {
    /// Looks at more bytes; returns how many of them belong to the header once its empty line has come.
    pub(super) fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        for (index, &byte) in bytes.iter().enumerate() {
            self.line = match (self.line, byte) {
                (Line::Empty | Line::Cr, b'\n') => return Some(index + 1),
                (_, b'\n') => Line::Empty,
                (Line::Status, _) => Line::Status,
                (Line::Empty, b'\r') => Line::Cr,
                _ => Line::Filled,
            };
        }
        None
    }

    /// Whether the line break after the status line has come.
    pub(super) fn is_past_status_line(self) -> bool {
        self.line != Line::Status
    }
}

/// Whether bytes can be the beginning of an HTTP/1 answer.
pub(super) fn may_begin(bytes: &[u8]) -> bool {
    let length = bytes.len().min(PROTOCOL.len());
    bytes.iter().zip(PROTOCOL).take(length).all(|(byte, expected)| byte.eq_ignore_ascii_case(expected))
}

/// The status line (RFC 9112, section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StatusLine<'a> {
    /// The minor version of HTTP/1.
    pub(super) minor: u8,
    /// The status code, 100 to 999.
    pub(super) status: u16,
    /// The reason phrase; may be empty.
    pub(super) reason: &'a [u8],
}

/// Splits a whole header into its status line and the lines after it; `None` when it has no status line.
pub(super) fn split<'a>(head: &'a [u8], oddities: &mut Oddities) -> Option<(StatusLine<'a>, FieldLines<'a>)> {
    let (line, rest) = cut_line(head);
    let line = line.get(PROTOCOL.len()..).filter(|_| may_begin(line))?;
    oddities.note_if(!head.starts_with(PROTOCOL), Oddity::StatusLine);
    let (version, rest_of_line) = cut_word(line);
    let minor = match version {
        b"1.1" => 1,
        b"1.0" => 0,
        [b'1', b'.', b'2'..=b'9'] | b"1" | b"2" | b"3" => {
            oddities.note(Oddity::StatusLine);
            1
        }
        _ => return None,
    };
    let spaces = rest_of_line.iter().take_while(|&&byte| is_blank(byte)).count();
    let (digits, reason) = rest_of_line.get(spaces..)?.split_at_checked(3)?;
    let status = status(digits)?;
    if reason.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let is_regular =
        spaces == 1 && reason.first() == Some(&b' ') && !reason.iter().any(|&byte| is_control(byte));
    oddities.note_if(!is_regular, Oddity::StatusLine);
    Some((StatusLine { minor, status, reason: reason.trim_ascii() }, FieldLines { rest }))
}

fn status(digits: &[u8]) -> Option<u16> {
    let mut status = 0;
    for digit in digits {
        status = status * 10 + u16::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    (status >= 100).then_some(status)
}

/// A header field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field<'a> {
    /// Its name, without the blanks that some servers put before the colon.
    pub(super) name: &'a [u8],
    /// Its value without the blanks around it. A folded one still has its line breaks.
    pub(super) value: &'a [u8],
}

impl Field<'_> {
    /// Whether it has this name, which is compared without regard to case.
    pub(super) fn is(&self, name: &[u8]) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value as text, a folded one in one line.
    pub(super) fn text(&self) -> String {
        let text = String::from_utf8_lossy(self.value);
        if text.contains('\n') {
            text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
        } else {
            text.into_owned()
        }
    }

    /// The elements of a list (RFC 9110, section 5.6.1), each without the blanks around it.
    pub(super) fn elements(&self) -> impl Iterator<Item = &[u8]> {
        self.value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
    }
}

/// The lines of a header after its status line.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldLines<'a> {
    rest: &'a [u8],
}

impl<'a> FieldLines<'a> {
    /// The next field; `None` at the end of the header. Lines that are no fields are noted and left out.
    pub(super) fn next(&mut self, oddities: &mut Oddities) -> Option<Field<'a>> {
        loop {
            let line = self.logical_line(oddities)?;
            match line.iter().position(|&byte| byte == b':') {
                Some(colon) if !line.first().copied().is_some_and(is_blank) => {
                    let (name, value) = line.split_at(colon);
                    return Some(field(name, value.get(1..).unwrap_or_default(), oddities));
                }
                Some(_) => {}
                None => oddities.note(Oddity::NoColon),
            }
        }
    }

    /// The next line with those that continue it (RFC 9112, section 5.2); `None` at the empty line.
    fn logical_line(&mut self, oddities: &mut Oddities) -> Option<&'a [u8]> {
        let whole = self.rest;
        let (first, mut rest) = cut_line(whole);
        if first.is_empty() {
            return None;
        }
        let mut line = first;
        oddities.note_if(first.first().copied().is_some_and(is_blank), Oddity::FoldedLine);
        while rest.first().copied().is_some_and(is_blank) {
            oddities.note(Oddity::FoldedLine);
            rest = cut_line(rest).1;
            line = whole.get(..whole.len() - rest.len()).unwrap_or_default();
        }
        self.rest = rest;
        Some(line)
    }
}

fn field<'a>(name: &'a [u8], value: &'a [u8], oddities: &mut Oddities) -> Field<'a> {
    let trimmed = name.trim_ascii_end();
    oddities.note_if(trimmed.len() != name.len(), Oddity::SpaceBeforeColon);
    oddities.note_if(trimmed.is_empty() || !trimmed.iter().all(|&byte| is_token(byte)), Oddity::Name);
    let value = value.trim_ascii();
    let is_folded = value.contains(&b'\n');
    let odd = value.iter().any(|&byte| is_control(byte) && !(is_folded && matches!(byte, b'\r' | b'\n')));
    oddities.note_if(odd, Oddity::ControlByte);
    Field { name: trimmed, value }
}

/// Cuts off a line; returns it without its line break, CR LF or a bare LF, and what follows.
fn cut_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|&byte| byte == b'\n');
    let (line, rest) = end.map_or((bytes, &[][..]), |end| (&bytes[..end], &bytes[end + 1..]));
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

fn cut_word(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|&byte| is_blank(byte)).unwrap_or(bytes.len());
    bytes.split_at(end)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// What no value may hold (RFC 9110, section 5.5).
fn is_control(byte: u8) -> bool {
    byte != b'\t' && byte.is_ascii_control()
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

const PROTOCOL: &[u8] = b"HTTP/";
