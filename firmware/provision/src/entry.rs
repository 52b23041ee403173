//! One TLV entry: header, data, padding and checksum.
//!
//! All integers are little endian: magic u32, flags u8, three reserved bytes, type u8, subtype u8, length u16, the
//! data, zeros up to a multiple of 16, CRC-32 u32.

use crate::{crc32::crc32, error::ParseError, tlv_type::TlvType};

/// An entry whose bytes all are as they should be.
pub(crate) struct Entry<'a> {
    pub(crate) offset: usize,
    pub(crate) tlv_type: TlvType,
    pub(crate) flags: u8,
    pub(crate) data: &'a [u8],
}

/// The entries of a partition in their order; ends after the first error, and checks what follows the last entry.
pub(crate) struct Entries<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(partition: &'a [u8]) -> Self {
        Self { rest: partition, offset: 0 }
    }

    fn entry(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        let Some((magic, _)) = self.rest.split_first_chunk() else { return self.tail(0) };
        match *magic {
            MAGIC => {}
            END_MARKER => return self.tail(END_MARKER.len()),
            ERASED => return self.tail(0),
            _ => return Err(ParseError::Magic(self.offset)),
        }
        let offset = self.offset;
        let (header, padded, crc, rest) = split(self.rest).ok_or(ParseError::Length(offset))?;
        if crc32(&[header, padded]) != u32::from_le_bytes(*crc) {
            return Err(ParseError::Checksum(offset));
        }
        let [_, _, _, _, flags, reserved @ .., number, _subtype, _, _] = *header;
        let (data, padding) =
            padded.split_at_checked(data_length(header)).ok_or(ParseError::Length(offset))?;
        if reserved != [0; 3] || padding.iter().any(|byte| *byte != 0) {
            return Err(ParseError::Reserved(offset));
        }
        let tlv_type = TlvType::from_number(number).ok_or(ParseError::Type { offset, tlv_type: number })?;
        self.offset += self.rest.len() - rest.len();
        self.rest = rest;
        Ok(Some(Entry { offset, tlv_type, flags, data }))
    }

    /// Nothing but erased flash may follow the last entry and its `marker` bytes.
    fn tail(&mut self, marker: usize) -> Result<Option<Entry<'a>>, ParseError> {
        let tail = core::mem::take(&mut self.rest);
        match tail.iter().skip(marker).position(|byte| *byte != 0xFF) {
            Some(position) => Err(ParseError::Tail(self.offset + marker + position)),
            None => Ok(None),
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.entry().transpose();
        if !matches!(entry, Some(Ok(_))) {
            self.rest = &[];
        }
        entry
    }
}

/// Writes one entry with subtype and flags 0 to the start of `out`; returns what is left of `out`, or `None` when the
/// entry does not fit.
pub(crate) fn write<'o>(tlv_type: TlvType, data: &[u8], out: &'o mut [u8]) -> Option<&'o mut [u8]> {
    let [low, high] = u16::try_from(data.len()).ok()?.to_le_bytes();
    let (header, out) = out.split_first_chunk_mut::<HEADER_BYTES>()?;
    let (padded, out) = out.split_at_mut_checked(data.len().next_multiple_of(ALIGNMENT))?;
    let (crc, out) = out.split_first_chunk_mut::<CRC_BYTES>()?;
    let [m0, m1, m2, m3] = MAGIC;
    *header = [m0, m1, m2, m3, 0, 0, 0, 0, tlv_type.number(), 0, low, high];
    padded.fill(0);
    padded.iter_mut().zip(data).for_each(|(to, from)| *to = *from);
    *crc = crc32(&[header, padded]).to_le_bytes();
    Some(out)
}

/// Size of an entry with `data` bytes of data: header, data, padding and checksum.
pub(crate) fn entry_bytes(data: usize) -> usize {
    HEADER_BYTES + data.next_multiple_of(ALIGNMENT) + CRC_BYTES
}

type Parts<'a> = (&'a [u8; HEADER_BYTES], &'a [u8], &'a [u8; CRC_BYTES], &'a [u8]);

/// Header, padded data, checksum, and what comes after the entry; `None` when there is less than that.
fn split(bytes: &[u8]) -> Option<Parts<'_>> {
    let (header, rest) = bytes.split_first_chunk()?;
    let (padded, rest) = rest.split_at_checked(data_length(header).next_multiple_of(ALIGNMENT))?;
    let (crc, rest) = rest.split_first_chunk()?;
    Some((header, padded, crc, rest))
}

fn data_length(header: &[u8; HEADER_BYTES]) -> usize {
    let [.., low, high] = *header;
    u16::from_le_bytes([low, high]).into()
}

const MAGIC: [u8; 4] = 0xBA5E_BA11_u32.to_le_bytes();
/// What `configure_esp_secure_cert.py --append-integrity` leaves behind the last entry.
const END_MARKER: [u8; 4] = 0xFFFF_u32.to_le_bytes();
const ERASED: [u8; 4] = [0xFF; 4];
const HEADER_BYTES: usize = 12;
const CRC_BYTES: usize = 4;
/// The flash encryption block: Espressif pads data to it, which keeps every entry on it.
const ALIGNMENT: usize = 16;
