//! Records: the header of the book's figure 8.14 and what it carries (RFC 8446, section 5.1).

use super::{ContentType, DecodeError, ProtocolVersion, Reader, TooLong, Width, Writer};

/// The header of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordHeader {
    /// What the record carries.
    pub content_type: ContentType,
    /// The version field; in TLS 1.3 frozen at TLS 1.2, or TLS 1.0 in a first hello.
    pub version: ProtocolVersion,
    /// The size of what follows, in bytes.
    pub length: u16,
}

/// A record as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its header.
    pub header: RecordHeader,
    /// What it carries, encrypted or not.
    pub payload: Vec<u8>,
}

/// Bytes that are no sequence of records.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The first bytes are not those of a record.
    #[error("the bytes {found:02x?} are not the start of a TLS record")]
    NotTls {
        /// The first bytes, at most five.
        found: Vec<u8>,
    },
    /// A length beyond what any version allows.
    #[error("a record of {length} bytes is longer than any may be")]
    TooLarge {
        /// The length field.
        length: u16,
    },
    /// One empty record after the other.
    #[error("{MAX_EMPTY_RECORDS} empty records came in a row")]
    Empty,
}

impl Record {
    /// A record to be sent.
    ///
    /// # Errors
    /// [`TooLong`] when the payload does not fit the length field.
    pub fn encode(
        content_type: ContentType,
        version: ProtocolVersion,
        payload: &[u8],
    ) -> Result<Vec<u8>, TooLong> {
        let mut writer = Writer::default();
        writer.u8(content_type.0);
        writer.u16(version.0);
        writer.vector(Width::U16).raw(payload);
        writer.finish()
    }
}

impl RecordHeader {
    /// The size of a header in bytes.
    pub const SIZE: usize = 5;

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes, "record header");
        Ok(Self {
            content_type: ContentType(reader.u8()?),
            version: ProtocolVersion(reader.u16()?),
            length: reader.u16()?,
        })
    }

    /// Whether it is that of an alert as it is before any keys. Some servers write a version into it that is none, 0.0 for
    /// example, when they refuse the version that was offered.
    fn is_plain_alert(&self) -> bool {
        self.content_type == ContentType::ALERT && self.length == ALERT_LENGTH
    }

    fn check(self, bytes: &[u8]) -> Result<Self, RecordError> {
        let is_tls = self.content_type.known_name().is_some() && self.version.0 >> 8 == TLS_MAJOR_VERSION;
        if !is_tls && !self.is_plain_alert() {
            return Err(RecordError::NotTls { found: bytes.iter().take(Self::SIZE).copied().collect() });
        }
        if self.length > MAX_LENGTH {
            return Err(RecordError::TooLarge { length: self.length });
        }
        Ok(self)
    }
}

/// Cuts a stream of bytes into records. Keeps at most one unfinished record and what was pushed with it.
#[derive(Debug, Default)]
pub struct Deframer {
    bytes: Vec<u8>,
    empty: usize,
}

impl Deframer {
    /// Takes bytes as they came; call [`Deframer::next_record`] until it has no more.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole record; `None` until more bytes come.
    ///
    /// # Errors
    /// [`RecordError`]; the stream is then of no more use.
    pub fn next_record(&mut self) -> Result<Option<Record>, RecordError> {
        let Ok(header) = RecordHeader::decode(&self.bytes) else {
            return self.check_start().map(|()| None);
        };
        let header = header.check(&self.bytes)?;
        let end = RecordHeader::SIZE + usize::from(header.length);
        if self.bytes.len() < end {
            return Ok(None);
        }
        self.empty = if header.length == 0 { self.empty + 1 } else { 0 };
        if self.empty > MAX_EMPTY_RECORDS {
            return Err(RecordError::Empty);
        }
        let payload = self.bytes[RecordHeader::SIZE..end].to_vec();
        self.bytes.drain(..end);
        Ok(Some(Record { header, payload }))
    }

    /// How many bytes wait for the rest of their record.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.bytes.len()
    }

    /// Less than a header has come: is it at least the start of one?
    fn check_start(&self) -> Result<(), RecordError> {
        let content_type = self.bytes.first().is_none_or(|first| ContentType(*first).known_name().is_some());
        let is_alert = self.bytes.first() == Some(&ContentType::ALERT.0);
        let version = self.bytes.get(1).is_none_or(|major| u16::from(*major) == TLS_MAJOR_VERSION);
        if content_type && (version || is_alert) {
            Ok(())
        } else {
            Err(RecordError::NotTls { found: self.bytes.clone() })
        }
    }
}

const TLS_MAJOR_VERSION: u16 = 3;
/// The level and the description of an alert (RFC 5246, section 7.2).
const ALERT_LENGTH: u16 = 2;
/// The plaintext of 2^14 bytes and what TLS 1.2 allows encryption to add (RFC 5246, section 6.2.3).
const MAX_LENGTH: u16 = (1 << 14) + 2048;
/// Empty records are allowed (as a countermeasure of old), endless ones are an attack.
const MAX_EMPTY_RECORDS: usize = 32;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];

    #[test]
    fn a_record_comes_out_when_its_last_byte_has_come() {
        let mut deframer = Deframer::default();
        for byte in &ALERT[..6] {
            deframer.push(&[*byte]);
            assert_eq!(deframer.next_record(), Ok(None));
        }
        deframer.push(&[40, 22, 3]);
        let record = deframer.next_record().unwrap().unwrap();
        assert_eq!((record.header.content_type, record.payload), (ContentType::ALERT, vec![2, 40]));
        assert_eq!((deframer.next_record(), deframer.pending()), (Ok(None), 2));
    }

    #[test]
    fn what_is_no_record_is_refused_with_its_first_byte() {
        let mut deframer = Deframer::default();
        deframer.push(b"H");
        assert_eq!(deframer.next_record(), Err(RecordError::NotTls { found: vec![b'H'] }));
        let mut deframer = Deframer::default();
        deframer.push(&[22, 3, 3, 0x48, 1]);
        assert_eq!(deframer.next_record(), Err(RecordError::TooLarge { length: 0x4801 }));
    }

    #[test]
    fn a_plain_alert_is_read_whatever_its_version() {
        let mut deframer = Deframer::default();
        for byte in [21, 0, 0, 0, 2, 2] {
            deframer.push(&[byte]);
            assert_eq!(deframer.next_record(), Ok(None));
        }
        deframer.push(&[70]);
        let record = deframer.next_record().unwrap().unwrap();
        assert_eq!((record.header.content_type, record.payload), (ContentType::ALERT, vec![2, 70]));
        for other in [[21, 0, 0, 0, 3], [22, 0, 0, 0, 2]] {
            let mut deframer = Deframer::default();
            deframer.push(&other);
            assert_eq!(deframer.next_record(), Err(RecordError::NotTls { found: other.to_vec() }));
        }
    }

    #[test]
    fn endless_empty_records_are_refused() {
        let mut deframer = Deframer::default();
        deframer.push(&[22, 3, 3, 0, 0].repeat(MAX_EMPTY_RECORDS + 1));
        for _ in 0..MAX_EMPTY_RECORDS {
            assert!(deframer.next_record().unwrap().unwrap().payload.is_empty());
        }
        assert_eq!(deframer.next_record(), Err(RecordError::Empty));
    }

    #[test]
    fn what_is_encoded_is_read_again() {
        let bytes = Record::encode(ContentType::ALERT, ProtocolVersion::TLS_1_2, &[2, 40]).unwrap();
        assert_eq!(bytes, ALERT);
        assert!(Record::encode(ContentType::ALERT, ProtocolVersion::TLS_1_2, &[0; 70_000]).is_err());
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_same_records(sizes in proptest::collection::vec(1_usize..9, 1..40)) {
            let stream = ALERT.repeat(5);
            let mut whole = Deframer::default();
            whole.push(&stream);
            let (mut pieces, mut rest) = (Deframer::default(), &stream[..]);
            for size in sizes {
                let (piece, left) = rest.split_at(size.min(rest.len()));
                pieces.push(piece);
                rest = left;
                while let Some(record) = pieces.next_record().unwrap() {
                    prop_assert_eq!(Some(record), whole.next_record().unwrap());
                }
            }
        }
    }
}
