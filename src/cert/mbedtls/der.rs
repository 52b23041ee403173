//! DER as Mbed TLS reads it (`asn1parse.c`): one tag byte, lengths of up to four bytes, which need not be the shortest.

use x509_parser::asn1_rs::Oid;

use super::Refusal;

/// What is not read yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Der<'a>(pub(super) &'a [u8]);

/// Bytes that are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotDer;

impl<'a> Der<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Nothing follows.
    pub(super) fn end(&self) -> Result<(), NotDer> {
        if self.is_empty() { Ok(()) } else { Err(NotDer) }
    }

    /// The next value, whatever its tag.
    pub(super) fn any(&mut self) -> Result<(u8, &'a [u8]), NotDer> {
        let (&tag, rest) = self.0.split_first().ok_or(NotDer)?;
        let (&first, rest) = rest.split_first().ok_or(NotDer)?;
        let (length, rest) = match first {
            ..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f)).ok_or(NotDer)?;
                (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
            }
            _ => return Err(NotDer),
        };
        let (value, rest) = rest.split_at_checked(length).ok_or(NotDer)?;
        self.0 = rest;
        Ok((tag, value))
    }

    /// The next value, if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, NotDer> {
        if self.0.first() == Some(&tag) { self.any().map(|(_, value)| Some(value)) } else { Ok(None) }
    }

    /// The next value, which has this tag.
    pub(super) fn value(&mut self, tag: u8) -> Result<&'a [u8], NotDer> {
        self.optional(tag)?.ok_or(NotDer)
    }

    /// The same for a part of a certificate that has a name.
    pub(super) fn part(&mut self, tag: u8, what: &'static str) -> Result<&'a [u8], Refusal> {
        self.value(tag).map_err(|_| Refusal::Damaged { what })
    }

    /// An INTEGER from 0 to the largest of 32 bits with a sign.
    pub(super) fn integer(&mut self) -> Result<u32, NotDer> {
        let bytes = self.value(INTEGER)?;
        let first = *bytes.first().ok_or(NotDer)?;
        let digits = significant(bytes);
        let number = digits.iter().try_fold(0_u32, |number, digit| {
            number.checked_mul(1 << 8).map(|number| number | u32::from(*digit))
        });
        number.filter(|number| first < 0x80 && i32::try_from(*number).is_ok()).ok_or(NotDer)
    }

    /// A BOOLEAN, if one comes; anything but zero is true.
    pub(super) fn boolean(&mut self) -> Result<Option<bool>, NotDer> {
        match self.optional(0x01)? {
            None => Ok(None),
            Some([byte]) => Ok(Some(*byte != 0)),
            Some(_) => Err(NotDer),
        }
    }

    /// An OBJECT IDENTIFIER in dots.
    pub(super) fn oid(&mut self) -> Result<String, NotDer> {
        self.value(OID).map(dotted)
    }
}

/// An OBJECT IDENTIFIER's bytes in dots.
pub(super) fn dotted(bytes: &[u8]) -> String {
    Oid::new(bytes.into()).to_id_string()
}

/// The digits of a number without the zeros before them.
pub(super) fn significant(bytes: &[u8]) -> &[u8] {
    bytes.iter().position(|byte| *byte != 0).and_then(|first| bytes.get(first..)).unwrap_or(&[])
}

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
