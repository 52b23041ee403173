//! TLS over bytes, sans I/O: a rustls client without buffers of its own, and the buffers of one connection slot, which
//! are kept from connection to connection.

use rustls::{
    Error,
    client::UnbufferedClientConnection,
    unbuffered::{
        ConnectionState, EncodeError, EncodeTlsData, EncryptError, InsufficientSizeError, UnbufferedStatus,
        WriteTraffic,
    },
};

/// Bytes on their way in and out of one connection.
#[derive(Debug)]
pub(super) struct Buffers {
    incoming: Vec<u8>,
    start: usize,
    end: usize,
    outgoing: Vec<u8>,
    filled: usize,
}

/// Where a connection stands once it has digested what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The handshake waits for the peer.
    Handshaking,
    /// Data can be sent.
    Ready,
    /// The peer has said `close_notify`.
    PeerClosed,
}

impl Buffers {
    pub(super) fn new() -> Self {
        Self {
            incoming: vec![0; INCOMING_SIZE],
            start: 0,
            end: 0,
            outgoing: vec![0; OUTGOING_SIZE],
            filled: 0,
        }
    }

    /// Forgets what an earlier connection left.
    pub(super) fn reset(&mut self) {
        (self.start, self.end, self.filled) = (0, 0, 0);
    }

    /// Room for bytes of the peer; say with [`Buffers::received`] how many came.
    pub(super) fn room(&mut self) -> &mut [u8] {
        if self.start > 0 && self.end + LEAST_ROOM > self.incoming.len() {
            self.incoming.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        self.incoming.get_mut(self.end..).unwrap_or_default()
    }

    pub(super) fn received(&mut self, count: usize) {
        self.end = (self.end + count).min(self.incoming.len());
    }

    /// Bytes for the peer; say with [`Buffers::sent`] that they were sent.
    pub(super) fn to_send(&self) -> &[u8] {
        self.outgoing.get(..self.filled).unwrap_or_default()
    }

    pub(super) fn sent(&mut self) {
        self.filled = 0;
    }

    fn discard(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }
}

/// Digests what came; passes decrypted data to `sink`, and queues what TLS wants to send.
///
/// # Errors
/// What rustls says; the alert that tells the peer is queued.
pub(super) fn advance(
    tls: &mut UnbufferedClientConnection,
    buffers: &mut Buffers,
    sink: &mut impl FnMut(&[u8]),
) -> Result<Standing, Error> {
    drive(tls, buffers, sink, &mut |_, _| Ok(0))
}

/// Encrypts and queues `data`, once the handshake is done.
pub(super) fn send(
    tls: &mut UnbufferedClientConnection,
    buffers: &mut Buffers,
    data: &[u8],
    sink: &mut impl FnMut(&[u8]),
) -> Result<Standing, Error> {
    drive(tls, buffers, sink, &mut |traffic, room| traffic.encrypt(data, room))
}

/// Queues a `close_notify` alert (RFC 8446, section 6.1).
pub(super) fn say_goodbye(tls: &mut UnbufferedClientConnection, buffers: &mut Buffers) -> Result<Standing, Error> {
    drive(tls, buffers, &mut |_| {}, &mut |traffic, room| traffic.queue_close_notify(room))
}

type Writer<'a> = dyn FnMut(&mut WriteTraffic<'_, rustls::client::ClientConnectionData>, &mut [u8]) -> Result<usize, EncryptError>
    + 'a;

fn drive(
    tls: &mut UnbufferedClientConnection,
    buffers: &mut Buffers,
    sink: &mut impl FnMut(&[u8]),
    write: &mut Writer<'_>,
) -> Result<Standing, Error> {
    let mut peer_closed = false;
    loop {
        let Buffers { incoming, start, end, outgoing, filled } = buffers;
        let unread = incoming.get_mut(*start..*end).unwrap_or_default();
        let UnbufferedStatus { discard, state } = tls.process_tls_records(unread);
        let standing = match state {
            Err(error) => {
                buffers.discard(discard);
                queue_alert(tls, buffers);
                return Err(error);
            }
            Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                while let Some(record) = traffic.next_record() {
                    sink(record?.payload);
                }
                None
            }
            Ok(ConnectionState::EncodeTlsData(mut data)) => {
                encode(&mut data, outgoing, filled)?;
                None
            }
            Ok(ConnectionState::TransmitTlsData(data)) => {
                data.done();
                None
            }
            Ok(ConnectionState::WriteTraffic(mut traffic)) => {
                encrypt(&mut traffic, outgoing, filled, write)?;
                Some(Standing::Ready)
            }
            Ok(ConnectionState::PeerClosed) => {
                peer_closed = true;
                None
            }
            Ok(ConnectionState::Closed) => Some(Standing::PeerClosed),
            Ok(_) => Some(Standing::Handshaking),
        };
        buffers.discard(discard);
        if let Some(standing) = standing {
            return Ok(if peer_closed { Standing::PeerClosed } else { standing });
        }
    }
}

fn encode(
    data: &mut EncodeTlsData<'_, rustls::client::ClientConnectionData>,
    outgoing: &mut Vec<u8>,
    filled: &mut usize,
) -> Result<(), Error> {
    loop {
        match data.encode(outgoing.get_mut(*filled..).unwrap_or_default()) {
            Ok(count) => {
                *filled += count;
                return Ok(());
            }
            Err(EncodeError::InsufficientSize(InsufficientSizeError { required_size })) => {
                outgoing.resize(*filled + required_size, 0);
            }
            Err(error) => return Err(Error::General(error.to_string())),
        }
    }
}

fn encrypt(
    traffic: &mut WriteTraffic<'_, rustls::client::ClientConnectionData>,
    outgoing: &mut Vec<u8>,
    filled: &mut usize,
    write: &mut Writer<'_>,
) -> Result<(), Error> {
    loop {
        match write(traffic, outgoing.get_mut(*filled..).unwrap_or_default()) {
            Ok(count) => {
                *filled += count;
                return Ok(());
            }
            Err(EncryptError::InsufficientSize(InsufficientSizeError { required_size })) => {
                outgoing.resize(*filled + required_size, 0);
            }
            Err(error) => return Err(Error::General(error.to_string())),
        }
    }
}

/// After an error rustls hands out the alert for the peer, and then the error again.
fn queue_alert(tls: &mut UnbufferedClientConnection, buffers: &mut Buffers) {
    for _ in 0..MOST_ALERT_STEPS {
        let Buffers { outgoing, filled, .. } = buffers;
        match tls.process_tls_records(&mut []).state {
            Ok(ConnectionState::EncodeTlsData(mut data)) => {
                // The peer learns less if this fails, and nothing else is lost.
                let _ = encode(&mut data, outgoing, filled);
            }
            Ok(ConnectionState::TransmitTlsData(data)) => data.done(),
            _ => return,
        }
    }
}

/// A TLS record has at most 16 KiB and some (RFC 8446, section 5.2); two fit.
const INCOMING_SIZE: usize = 36 * 1024;
const LEAST_ROOM: usize = 17 * 1024;
const OUTGOING_SIZE: usize = 4 * 1024;
const MOST_ALERT_STEPS: usize = 4;
