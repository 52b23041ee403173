//! What several fuzz targets need: a connection in memory, without TLS.

use std::convert::Infallible;

use embedded_io_async::{ErrorType, Read, Write};
use esp_https_server::{Acceptor, HandshakeError, Readiness, Resumption, TlsSession, Transport};

/// Bytes in pieces, then the end.
pub struct Stream<'d> {
    left: &'d [u8],
    piece: usize,
    /// What was written to it.
    pub out: Vec<u8>,
}

impl<'d> Stream<'d> {
    /// A stream of these bytes, in pieces of this size.
    pub fn new(bytes: &'d [u8], piece: usize) -> Self {
        Self { left: bytes, piece, out: Vec::new() }
    }
}

impl ErrorType for Stream<'_> {
    type Error = Infallible;
}

impl Read for Stream<'_> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Infallible> {
        assert!(!buf.is_empty(), "a read into nothing looks like the end of the stream");
        let (now, later) = self.left.split_at(self.left.len().min(self.piece).min(buf.len()));
        buf[..now.len()].copy_from_slice(now);
        self.left = later;
        Ok(now.len())
    }
}

impl Write for Stream<'_> {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Infallible> {
        self.out.extend(buf);
        Ok(buf.len())
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Transport for Stream<'_> {
    async fn readable(&mut self) -> Result<Readiness, Infallible> {
        Ok(Readiness::Ready)
    }

    async fn finish(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn abort(&mut self) {}
}

/// Sessions that do not encrypt.
pub struct Plain;

/// One of them.
pub struct PlainSession<'t, T>(&'t mut T);

impl Acceptor for Plain {
    type Session<'t, T: Transport + 't> = PlainSession<'t, T>;

    async fn accept<'t, T: Transport + 't>(
        &'t self,
        transport: &'t mut T,
    ) -> Result<PlainSession<'t, T>, HandshakeError> {
        Ok(PlainSession(transport))
    }
}

impl<T: Transport> ErrorType for PlainSession<'_, T> {
    type Error = T::Error;
}

impl<T: Transport> Read for PlainSession<'_, T> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, T::Error> {
        self.0.read(buf).await
    }
}

impl<T: Transport> Write for PlainSession<'_, T> {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, T::Error> {
        self.0.write(buf).await
    }

    async fn flush(&mut self) -> Result<(), T::Error> {
        self.0.flush().await
    }
}

impl<T: Transport> TlsSession for PlainSession<'_, T> {
    fn resumption(&self) -> Resumption {
        Resumption::Full
    }

    async fn close_notify(&mut self) -> Result<(), T::Error> {
        Ok(())
    }
}
