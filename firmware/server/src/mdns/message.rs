//! Messages of multicast DNS (RFC 6762 section 18, RFC 1035 section 4), as they come and as they go.

use core::fmt;

/// A message whose every question and record lies within it.
#[derive(Debug, Clone, Copy)]
pub struct Message<'m> {
    bytes: &'m [u8],
    /// Where the records begin.
    records_at: usize,
    records_end: usize,
}

impl<'m> Message<'m> {
    /// Reads a message; `None` when it is cut short, leads outside, or is no standard one without an error, which
    /// section 18 wants to be ignored.
    #[must_use]
    pub fn parse(bytes: &'m [u8]) -> Option<Self> {
        let message = Self { bytes, records_at: HEADER_BYTES, records_end: HEADER_BYTES };
        if message.word(2)? & (OPCODE | RESPONSE_CODE) != 0 {
            return None;
        }
        let mut at = HEADER_BYTES;
        for _ in 0..message.word(4)? {
            (_, at) = message.question(at)?;
        }
        let records_at = at;
        for _ in 0..message.records_count()? {
            (_, at) = message.record(at)?;
        }
        Some(Self { bytes, records_at, records_end: at })
    }

    /// What a querier gets back when it is no multicast one.
    #[must_use]
    pub fn id(&self) -> u16 {
        self.word(0).unwrap_or_default()
    }

    /// Whether it answers, rather than asks.
    #[must_use]
    pub fn is_response(&self) -> bool {
        self.word(2).is_some_and(|flags| flags & RESPONSE != 0)
    }

    /// Whether it asks for a name that its sender wants to take (section 8.1).
    #[must_use]
    pub fn is_probe(&self) -> bool {
        !self.is_response() && self.word(8).is_some_and(|authorities| authorities > 0)
    }

    /// How many questions there are, and their bytes.
    #[must_use]
    pub fn question_section(&self) -> (u16, &'m [u8]) {
        (self.word(4).unwrap_or_default(), self.bytes.get(HEADER_BYTES..self.records_at).unwrap_or_default())
    }

    /// What is asked.
    pub fn questions(self) -> impl Iterator<Item = Question<'m>> {
        let mut at = HEADER_BYTES;
        core::iter::from_fn(move || {
            if at >= self.records_at {
                return None;
            }
            let (question, next) = self.question(at)?;
            at = next;
            Some(question)
        })
    }

    /// The records of all sections.
    pub fn records(self) -> impl Iterator<Item = Record<'m>> {
        let mut at = self.records_at;
        core::iter::from_fn(move || {
            if at >= self.records_end {
                return None;
            }
            let (record, next) = self.record(at)?;
            at = next;
            Some(record)
        })
    }

    /// The records of the answer section: in a query, what the querier knows already (section 7.1).
    pub fn answers(self) -> impl Iterator<Item = Record<'m>> {
        self.records().take(self.word(6).unwrap_or_default().into())
    }

    /// The records of the authority section: in a query, those that a prober wants to have.
    pub fn authorities(self) -> impl Iterator<Item = Record<'m>> {
        let (before, count) = (self.word(6).unwrap_or_default(), self.word(8).unwrap_or_default());
        self.records().skip(before.into()).take(count.into())
    }

    fn records_count(&self) -> Option<usize> {
        [6, 8, 10].into_iter().try_fold(0, |sum, at| Some(sum + usize::from(self.word(at)?)))
    }

    fn question(&self, at: usize) -> Option<(Question<'m>, usize)> {
        let name = Name { message: self.bytes, at };
        let at = name.end()?;
        Some((Question { name, kind: self.word(at)?, class: self.word(at + 2)? }, at + 4))
    }

    fn record(&self, at: usize) -> Option<(Record<'m>, usize)> {
        let name = Name { message: self.bytes, at };
        let at = name.end()?;
        let ttl = u32::from(self.word(at + 4)?) << 16 | u32::from(self.word(at + 6)?);
        let data_at = at + 10;
        let end = data_at + usize::from(self.word(at + 8)?);
        let data = self.bytes.get(data_at..end)?;
        let (kind, class) = (self.word(at)?, self.word(at + 2)? & !TOP_BIT);
        Some((Record { name, kind, class, ttl, data, message: self.bytes, data_at }, end))
    }

    fn word(&self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..at.checked_add(2)?)?;
        Some(u16::from_be_bytes(bytes.try_into().ok()?))
    }
}

/// One question.
#[derive(Debug, Clone, Copy)]
pub struct Question<'m> {
    /// Whose records are asked for.
    pub name: Name<'m>,
    kind: u16,
    class: u16,
}

impl Question<'_> {
    /// Whether records of this type are asked for, and of the Internet's class.
    #[must_use]
    pub fn asks_for(&self, kind: u16) -> bool {
        matches!(self.class & !TOP_BIT, IN | ANY) && (self.kind == kind || self.kind == ANY)
    }

    /// Whether the class is one of the Internet's.
    #[must_use]
    pub fn is_internet(&self) -> bool {
        matches!(self.class & !TOP_BIT, IN | ANY)
    }

    /// Whether the querier wants the answer for itself (section 5.4).
    #[must_use]
    pub fn wants_unicast(&self) -> bool {
        self.class & TOP_BIT != 0
    }
}

/// One resource record.
#[derive(Debug, Clone, Copy)]
pub struct Record<'m> {
    /// Whose it is.
    pub name: Name<'m>,
    /// Its type.
    pub kind: u16,
    /// Its class, without the cache-flush bit.
    pub class: u16,
    /// How long it is good for, in seconds.
    pub ttl: u32,
    /// Its data, in which names may be compressed.
    pub data: &'m [u8],
    message: &'m [u8],
    data_at: usize,
}

impl<'m> Record<'m> {
    /// The name behind the first `skip` bytes of the data.
    #[must_use]
    pub fn name_in_data(&self, skip: usize) -> Name<'m> {
        Name { message: self.message, at: self.data_at + skip }
    }
}

/// A name somewhere in a message.
#[derive(Debug, Clone, Copy)]
pub struct Name<'m> {
    message: &'m [u8],
    at: usize,
}

impl<'m> Name<'m> {
    /// Whether it consists of these labels, in any case (section 16).
    #[must_use]
    pub fn is(&self, labels: &[&[u8]]) -> bool {
        let mut walk = self.walk();
        let same =
            |label: &&[u8]| matches!(walk.next(), Some(Some(found)) if found.eq_ignore_ascii_case(label));
        labels.iter().all(same) && walk.next() == Some(None)
    }

    /// Where it ends; `None` when it leads outside or is too long.
    fn end(&self) -> Option<usize> {
        let mut walk = self.walk();
        while walk.next()?.is_some() {}
        Some(walk.after.unwrap_or(walk.at))
    }

    fn walk(&self) -> Walk<'m> {
        Walk { message: self.message, at: self.at, floor: self.at, after: None, bytes: 0 }
    }
}

/// The way through the labels of a name.
struct Walk<'m> {
    message: &'m [u8],
    at: usize,
    /// A pointer leads before this: each to an earlier place than the last, and so none in a circle.
    floor: usize,
    /// Where the first pointer ends.
    after: Option<usize>,
    bytes: usize,
}

impl<'m> Walk<'m> {
    /// The next label, or that there is none; `None` when the name is malformed.
    fn next(&mut self) -> Option<Option<&'m [u8]>> {
        loop {
            let first = *self.message.get(self.at)?;
            match first {
                0 => {
                    self.at += 1;
                    return Some(None);
                }
                1..=LABEL_BYTES => {
                    let from = self.at + 1;
                    self.at = from + usize::from(first);
                    self.bytes += 1 + usize::from(first);
                    let label = self.message.get(from..self.at)?;
                    return (self.bytes < NAME_BYTES).then_some(Some(label));
                }
                POINTER.. => self.follow(first)?,
                _ => return None,
            }
        }
    }

    fn follow(&mut self, first: u8) -> Option<()> {
        let second = *self.message.get(self.at + 1)?;
        let target = usize::from(first & !POINTER) << 8 | usize::from(second);
        self.after.get_or_insert(self.at + 2);
        (target >= HEADER_BYTES && target < self.floor).then(|| {
            self.at = target;
            self.floor = target;
        })
    }
}

/// Writes a message into a buffer, and notices when it does not fit.
pub(super) struct Writer<'b> {
    buffer: &'b mut [u8],
    written: usize,
    fits: bool,
}

impl<'b> Writer<'b> {
    /// Begins with the header; the counts of records come last.
    pub(super) fn new(buffer: &'b mut [u8], id: u16, flags: u16, questions: u16) -> Self {
        let mut writer = Self::bare(buffer);
        for word in [id, flags, questions, 0, 0, 0] {
            writer.word(word);
        }
        writer
    }

    /// Begins without a header.
    pub(super) fn bare(buffer: &'b mut [u8]) -> Self {
        Self { buffer, written: 0, fits: true }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        let end = self.written + bytes.len();
        match self.buffer.get_mut(self.written..end) {
            Some(place) => place.copy_from_slice(bytes),
            None => self.fits = false,
        }
        self.written = end;
    }

    pub(super) fn word(&mut self, word: u16) {
        self.bytes(&word.to_be_bytes());
    }

    pub(super) fn name(&mut self, labels: &[&[u8]]) {
        for label in labels {
            match u8::try_from(label.len()) {
                Ok(length @ 1..=LABEL_BYTES) => self.bytes(&[length]),
                _ => self.fits = false,
            }
            self.bytes(label);
        }
        self.bytes(&[0]);
    }

    /// Writes bytes of a TXT record with their number before them (RFC 1035 section 3.3.14).
    pub(super) fn item(&mut self, write: impl FnOnce(&mut Self)) {
        let at = self.written;
        self.bytes(&[0]);
        write(self);
        match (u8::try_from(self.written - at - 1), self.buffer.get_mut(at)) {
            (Ok(length), Some(place)) => *place = length,
            _ => self.fits = false,
        }
    }

    /// Writes a record's data with its length before it.
    pub(super) fn data(&mut self, write: impl FnOnce(&mut Self)) {
        let at = self.written;
        self.word(0);
        write(self);
        let length = self.written - at - 2;
        self.patch(at, u16::try_from(length).unwrap_or(u16::MAX));
    }

    /// The message, with the number of records of each section; `None` when it did not fit.
    pub(super) fn finish(mut self, answers: u16, authorities: u16, additional: u16) -> Option<usize> {
        for (at, count) in [(6, answers), (8, authorities), (10, additional)] {
            self.patch(at, count);
        }
        self.end()
    }

    /// How much was written; `None` when it did not fit.
    pub(super) fn end(self) -> Option<usize> {
        self.fits.then_some(self.written)
    }

    fn patch(&mut self, at: usize, word: u16) {
        if let Some(place) = self.buffer.get_mut(at..at + 2) {
            place.copy_from_slice(&word.to_be_bytes());
        }
    }
}

impl fmt::Write for Writer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes(text.as_bytes());
        Ok(())
    }
}

/// RFC 1035 section 4.1.1.
pub(super) const HEADER_BYTES: usize = 12;
pub(super) const RESPONSE: u16 = 0x8000;
const OPCODE: u16 = 0x7800;
const RESPONSE_CODE: u16 = 0x000F;

/// Of a question's class: the answer is wanted by unicast. Of a record's: it replaces those that are cached.
pub(super) const TOP_BIT: u16 = 0x8000;

/// The Internet's class.
pub(super) const IN: u16 = 1;

/// All classes, or all types.
pub(super) const ANY: u16 = 255;

/// RFC 1035 section 3.1.
const LABEL_BYTES: u8 = 63;
const NAME_BYTES: usize = 255;

/// RFC 1035 section 4.1.4.
const POINTER: u8 = 0xC0;

#[cfg(test)]
mod tests {
    use super::*;

    /// A probe for `board.local`: a question, and an A record whose name points to it.
    const PROBE: &[u8] = b"\0\0\0\0\0\x01\0\0\0\x01\0\0\x05board\x05local\0\0\xFF\x80\x01\
        \xC0\x0C\0\x01\0\x01\0\0\0\x78\0\x04\xC0\xA8\x01\x07";

    #[test]
    fn a_probe_is_read() {
        let message = Message::parse(PROBE).unwrap();
        assert!(message.is_probe() && !message.is_response());
        let question = message.questions().next().unwrap();
        assert!(question.name.is(&[b"BOARD", b"local"]) && question.wants_unicast() && question.asks_for(1));
        assert!(!question.name.is(&[b"board"]) && !question.name.is(&[b"board", b"local", b"x"]));
        let record = message.authorities().next().unwrap();
        assert!(record.name.is(&[b"board", b"local"]));
        assert_eq!((record.kind, record.class, record.ttl), (1, IN, 120));
        assert_eq!(record.data, [192, 168, 1, 7]);
        assert_eq!(
            (message.questions().count(), message.records().count(), message.answers().count()),
            (1, 1, 0)
        );
    }

    #[test]
    fn a_message_cut_short_anywhere_is_none() {
        for end in 0..PROBE.len() {
            assert!(Message::parse(&PROBE[..end]).is_none(), "{end}");
        }
    }

    #[test]
    fn a_pointer_forward_or_in_a_circle_is_followed_nowhere() {
        for target in [0, 11, 29, 30, 31, 255] {
            let mut message = PROBE.to_vec();
            message[30] = target;
            assert!(Message::parse(&message).is_none(), "{target}");
        }
    }

    #[test]
    fn a_name_of_more_than_255_bytes_is_none() {
        let mut message = b"\0\0\0\0\0\x01\0\0\0\0\0\0".to_vec();
        for _ in 0..4 {
            message.push(63);
            message.extend([b'a'; 63]);
        }
        message.extend([0, 0, 1, 0, 1]);
        assert!(Message::parse(&message).is_none());
    }
}
