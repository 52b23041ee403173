//! One TLS connection, driven by hand: every byte that travels passes through here, so that bytes can be counted,
//! the first ones looked at, and all of them recorded.

use std::{
    io::{self, Read as _},
    sync::Arc,
};

use rustls::ClientConnection;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::transcript::Transcript;
use crate::tls::keys::Side;

/// A TLS client over any byte stream.
#[derive(Debug)]
pub(crate) struct Link<S> {
    stream: S,
    tls: ClientConnection,
    sent: u64,
    received: u64,
    opening: Vec<u8>,
    plaintext: Vec<u8>,
    peer: PeerSide,
    transcript: Option<Arc<Transcript>>,
}

/// The state of the other side's half of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerSide {
    /// It can still send.
    Open,
    /// It said `close_notify` (RFC 8446, section 6.1).
    CloseNotify,
    /// It closed the TCP connection without a `close_notify`.
    Fin,
    /// It reset the TCP connection.
    Reset,
}

/// Why a link can't go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    /// TCP failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// TLS failed; an alert that says so has been sent where the protocol asks for one.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Link<S> {
    pub(crate) fn new(stream: S, tls: ClientConnection, transcript: Option<Arc<Transcript>>) -> Self {
        let (opening, plaintext) = (Vec::new(), Vec::new());
        Self { stream, tls, sent: 0, received: 0, opening, plaintext, peer: PeerSide::Open, transcript }
    }

    pub(crate) fn tls(&self) -> &ClientConnection {
        &self.tls
    }

    /// TCP payload bytes sent and received so far.
    pub(crate) fn traffic(&self) -> (u64, u64) {
        (self.sent, self.received)
    }

    /// The first bytes the peer sent, as they came off the wire.
    pub(crate) fn opening(&self) -> &[u8] {
        &self.opening
    }

    /// Decrypted bytes that arrived and were not discarded.
    pub(crate) fn plaintext(&self) -> &[u8] {
        &self.plaintext
    }

    pub(crate) fn peer(&self) -> PeerSide {
        self.peer
    }

    /// Encrypts and sends `data`.
    pub(crate) async fn send(&mut self, data: &[u8]) -> Result<(), LinkError> {
        io::Write::write_all(&mut self.tls.writer(), data)?;
        self.flush().await
    }

    /// Sends what TLS wants to send.
    pub(crate) async fn flush(&mut self) -> Result<(), LinkError> {
        let mut records = Vec::new();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut records)?;
        }
        let written = self.stream.write_all(&records).await;
        if let Err(error) = written {
            self.note_reset(&error);
            return Err(error.into());
        }
        self.sent += records.len() as u64;
        if !records.is_empty() {
            self.record(Side::Client, &records);
        }
        Ok(())
    }

    /// Waits for bytes of the peer and lets TLS digest them; afterwards [`Link::plaintext`] or [`Link::peer`] may
    /// have changed. Cancel-safe: bytes that were read have been digested.
    pub(crate) async fn receive(&mut self) -> Result<(), LinkError> {
        let mut buffer = [0; READ_SIZE];
        let count = match self.stream.read(&mut buffer).await {
            Ok(count) => count,
            Err(error) => {
                self.note_reset(&error);
                return Err(error.into());
            }
        };
        self.received += count as u64;
        self.record(Side::Server, &buffer[..count]);
        let room = OPENING_SIZE.saturating_sub(self.opening.len()).min(count);
        self.opening.extend_from_slice(&buffer[..room]);
        if count == 0 && self.peer == PeerSide::Open {
            self.peer = PeerSide::Fin;
        }
        let digested = self.digest(&buffer[..count]);
        let flushed = self.flush().await;
        digested?;
        flushed
    }

    fn digest(&mut self, mut bytes: &[u8]) -> Result<(), LinkError> {
        loop {
            let taken = self.tls.read_tls(&mut bytes)?;
            let state = self.tls.process_new_packets();
            self.drain();
            if state?.peer_has_closed() {
                self.peer = PeerSide::CloseNotify;
            }
            // After close_notify nothing more is taken.
            if bytes.is_empty() || taken == 0 {
                return Ok(());
            }
        }
    }

    fn drain(&mut self) {
        // Nothing to read is not an error here, and neither is an end without close_notify: `peer` tells.
        let _ = self.tls.reader().read_to_end(&mut self.plaintext);
    }

    /// Sends `close_notify` and ends our half of the connection.
    pub(crate) async fn close(&mut self) -> Result<(), LinkError> {
        self.tls.send_close_notify();
        self.flush().await?;
        self.stream.shutdown().await?;
        self.record(Side::Client, &[]);
        Ok(())
    }

    /// Sends bytes past TLS and returns what is answered: how a server that does not speak TLS is told apart.
    pub(crate) async fn ask_in_the_clear(&mut self, question: &[u8]) -> io::Result<Vec<u8>> {
        self.stream.write_all(question).await?;
        let mut answer = vec![0; OPENING_SIZE];
        let count = self.stream.read(&mut answer).await?;
        answer.truncate(count);
        Ok(answer)
    }

    fn record(&self, side: Side, bytes: &[u8]) {
        if let Some(transcript) = &self.transcript {
            transcript.record(side, bytes);
        }
    }

    fn note_reset(&mut self, error: &io::Error) {
        if matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) {
            self.peer = PeerSide::Reset;
        }
    }
}

const READ_SIZE: usize = 4096;
/// Enough for the banner or the first line of any protocol.
const OPENING_SIZE: usize = 256;
