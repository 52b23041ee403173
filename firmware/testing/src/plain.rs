//! Sessions that do not encrypt, to try HTTP by itself.

use embedded_io_async::{ErrorType, Read, Write};
use esp_https_server::{Acceptor, HandshakeError, Resumption, TlsSession, Transport};

/// Accepts every connection at once.
pub struct Plain;

impl Acceptor for Plain {
    type Session<'t, T: Transport + 't> = PlainSession<'t, T>;

    async fn accept<'t, T: Transport + 't>(
        &'t self,
        transport: &'t mut T,
    ) -> Result<PlainSession<'t, T>, HandshakeError> {
        Ok(PlainSession(transport))
    }
}

/// A session that hands on what it gets.
pub struct PlainSession<'t, T>(&'t mut T);

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
