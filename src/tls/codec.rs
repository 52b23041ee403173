//! Reading and writing bytes: a reader that says what it was reading when the bytes ran out, and a writer whose length
//! prefixes are filled in when their content is complete.

/// Bytes that are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reading}: {reason}")]
pub struct DecodeError {
    /// What was being read, e.g. `ServerHello`.
    pub reading: &'static str,
    /// What is wrong with it.
    pub reason: DecodeReason,
}

/// What is wrong with some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeReason {
    /// The bytes end too early.
    #[error("it ends too early")]
    Truncated,
    /// Bytes follow where none may.
    #[error("bytes follow its end")]
    Trailing,
    /// A length or a value that the standard forbids.
    #[error("a field is out of range")]
    OutOfRange,
}

/// A position in bytes that are being read.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    reading: &'static str,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`, which should be a `reading`.
    #[must_use]
    pub fn new(bytes: &'a [u8], reading: &'static str) -> Self {
        Self { bytes, reading }
    }

    /// Whether all bytes have been read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// [`DecodeReason::Truncated`] when there are fewer.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        match self.bytes.split_at_checked(count) {
            Some((taken, rest)) => {
                self.bytes = rest;
                Ok(taken)
            }
            None => Err(self.error(DecodeReason::Truncated)),
        }
    }

    /// All bytes that are left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.bytes)
    }

    /// The next byte.
    ///
    /// # Errors
    /// [`DecodeReason::Truncated`].
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        Ok(self.array::<1>()?[0])
    }

    /// The next two bytes as a number, most significant byte first.
    ///
    /// # Errors
    /// [`DecodeReason::Truncated`].
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    /// The next three bytes as a number.
    ///
    /// # Errors
    /// [`DecodeReason::Truncated`].
    pub fn u24(&mut self) -> Result<usize, DecodeError> {
        let [high, middle, low] = self.array()?;
        Ok(usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low))
    }

    /// The next four bytes as a number.
    ///
    /// # Errors
    /// [`DecodeReason::Truncated`].
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`DecodeReason::Truncated`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let error = self.error(DecodeReason::Truncated);
        self.take(N)?.try_into().map_err(|_| error)
    }

    /// A vector behind a length of `width` (RFC 8446, section 3.4), as a reader of its content, called `reading`.
    ///
    /// # Errors
    /// [`DecodeReason::Truncated`].
    pub fn vector(&mut self, width: Width, reading: &'static str) -> Result<Self, DecodeError> {
        let length = match width {
            Width::U8 => usize::from(self.u8()?),
            Width::U16 => usize::from(self.u16()?),
            Width::U24 => self.u24()?,
        };
        Ok(Self { bytes: self.take(length)?, reading })
    }

    /// All two-byte numbers that are left.
    ///
    /// # Errors
    /// [`DecodeReason::Truncated`] when the last one is half a number.
    pub fn u16s(&mut self) -> Result<Vec<u16>, DecodeError> {
        let mut numbers = Vec::with_capacity(self.bytes.len() / 2);
        while !self.is_empty() {
            numbers.push(self.u16()?);
        }
        Ok(numbers)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`DecodeReason::Trailing`] when bytes are left.
    pub fn end(self) -> Result<(), DecodeError> {
        if self.is_empty() { Ok(()) } else { Err(self.error(DecodeReason::Trailing)) }
    }

    /// The error of what is being read here.
    #[must_use]
    pub fn error(&self, reason: DecodeReason) -> DecodeError {
        DecodeError { reading: self.reading, reason }
    }
}

/// The size of a length prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// One byte.
    U8,
    /// Two bytes.
    U16,
    /// Three bytes.
    U24,
}

impl Width {
    fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::U24 => 3,
        }
    }

    /// The greatest length that fits.
    fn limit(self) -> usize {
        (1 << (8 * self.bytes())) - 1
    }
}

/// A vector that is longer than its length prefix can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a field of {length} bytes does not fit its length prefix, which goes to {limit}")]
pub struct TooLong {
    /// The vector's length in bytes.
    pub length: usize,
    /// The greatest length that fits.
    pub limit: usize,
}

/// Bytes that are being written.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    too_long: Option<TooLong>,
}

impl Writer {
    /// Appends one byte.
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// Appends a number in two bytes, most significant byte first.
    pub fn u16(&mut self, value: u16) {
        self.bytes.extend(value.to_be_bytes());
    }

    /// Appends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Begins a vector: what is written through the guard is its content, and its length is put before it when the
    /// guard is dropped.
    pub fn vector(&mut self, width: Width) -> Vector<'_> {
        let start = self.bytes.len();
        self.bytes.resize(start + width.bytes(), 0);
        Vector { writer: self, width, start }
    }

    /// The bytes.
    ///
    /// # Errors
    /// [`TooLong`] when a vector did not fit its length prefix.
    pub fn finish(self) -> Result<Vec<u8>, TooLong> {
        self.too_long.map_or(Ok(self.bytes), Err)
    }
}

/// A vector that is being written; see [`Writer::vector`].
#[derive(Debug)]
pub struct Vector<'a> {
    writer: &'a mut Writer,
    width: Width,
    start: usize,
}

impl std::ops::Deref for Vector<'_> {
    type Target = Writer;

    fn deref(&self) -> &Writer {
        self.writer
    }
}

impl std::ops::DerefMut for Vector<'_> {
    fn deref_mut(&mut self) -> &mut Writer {
        self.writer
    }
}

impl Drop for Vector<'_> {
    fn drop(&mut self) {
        let (width, writer) = (self.width.bytes(), &mut *self.writer);
        let length = writer.bytes.len() - self.start - width;
        if length > self.width.limit() {
            writer.too_long = Some(TooLong { length, limit: self.width.limit() });
        }
        let prefix = &length.to_be_bytes()[size_of::<usize>() - width..];
        writer.bytes[self.start..self.start + width].copy_from_slice(prefix);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_vectors_get_the_lengths_of_their_contents() {
        let mut writer = Writer::default();
        {
            let mut outer = writer.vector(Width::U24);
            outer.u16(0xabcd);
            outer.vector(Width::U8).raw(b"xyz");
            drop(outer.vector(Width::U16));
        }
        let bytes = writer.finish().unwrap();
        assert_eq!(bytes, [0, 0, 8, 0xab, 0xcd, 3, b'x', b'y', b'z', 0, 0]);
        let mut reader = Reader::new(&bytes, "outer");
        let mut outer = reader.vector(Width::U24, "content").unwrap();
        reader.end().unwrap();
        assert_eq!(outer.u16().unwrap(), 0xabcd);
        assert_eq!(outer.vector(Width::U8, "letters").unwrap().rest(), b"xyz");
        assert!(outer.vector(Width::U16, "nothing").unwrap().is_empty());
    }

    #[test]
    fn a_vector_that_does_not_fit_is_an_error_and_not_a_wrong_length() {
        let mut writer = Writer::default();
        writer.vector(Width::U8).raw(&[0; 256]);
        assert_eq!(writer.finish(), Err(TooLong { length: 256, limit: 255 }));
    }

    #[test]
    fn an_error_names_what_was_being_read() {
        let error = Reader::new(&[0], "ServerHello").u16().unwrap_err();
        assert_eq!(error.to_string(), "ServerHello: it ends too early");
        let error = Reader::new(&[0], "Alert").end().unwrap_err();
        assert_eq!(error.to_string(), "Alert: bytes follow its end");
        assert!(Reader::new(&[1, 2, 3], "suites").u16s().is_err(), "half a number");
    }
}
