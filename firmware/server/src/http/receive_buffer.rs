//! The bytes that have come in and not been used yet.

use embedded_io_async::Read;

use crate::budget::REQUEST_BYTES;

/// A fixed buffer and the part of it that is unread: what came after the last request stays for the next.
pub(crate) struct ReceiveBuffer {
    buffer: [u8; REQUEST_BYTES],
    start: usize,
    end: usize,
}

impl ReceiveBuffer {
    pub(crate) const fn new() -> Self {
        Self { buffer: [0; REQUEST_BYTES], start: 0, end: 0 }
    }

    /// Forgets everything, for another connection.
    pub(crate) fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// Whether there is room for more bytes.
    pub(crate) fn has_room(&self) -> bool {
        self.end - self.start < self.buffer.len()
    }

    pub(crate) fn unread(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    pub(crate) fn unread_mut(&mut self) -> &mut [u8] {
        self.buffer.get_mut(self.start..self.end).unwrap_or_default()
    }

    /// Forgets the first `count` unread bytes.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
    }

    /// Forgets the unread bytes from `from` to `to`, and keeps those around them.
    pub(crate) fn cut(&mut self, from: usize, to: usize) {
        let unread = self.unread_mut();
        if from < to && to <= unread.len() {
            unread.copy_within(to.., from);
            self.end -= to - from;
        }
    }

    /// Forgets empty lines before a request, which old clients send after a body (RFC 9112 section 2.2).
    pub(crate) fn skip_blank_lines(&mut self) {
        let blank = self.unread().iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.consume(blank);
    }

    /// Reads more bytes behind the unread ones. Gives their number: 0 is the end of the stream.
    pub(crate) async fn fill<R: Read>(&mut self, from: &mut R) -> Result<usize, R::Error> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let count = from.read(self.buffer.get_mut(self.end..).unwrap_or_default()).await?;
        self.end = self.buffer.len().min(self.end + count);
        Ok(count)
    }
}
