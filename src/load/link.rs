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

/// The state of a connection once it has processed what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkState {
    /// The handshake waits for the peer.
    Handshaking,
    /// Data can be sent.
    Ready,
    /// The peer has sent `close_notify`.
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

    /// Room for bytes of the peer; [`Buffers::received`] takes how many came.
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

    /// Bytes for the peer; [`Buffers::sent`] marks them as sent.
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

/// Processes what came; passes decrypted data to `sink`, and queues what TLS wants to send.
///
/// # Errors
/// The error of rustls; the alert that tells the peer is queued.
pub(super) fn advance(
    tls: &mut UnbufferedClientConnection,
    buffers: &mut Buffers,
    sink: &mut impl FnMut(&[u8]),
) -> Result<LinkState, Error> {
    drive(tls, buffers, sink, &mut |_, _| Ok(0))
}

/// Encrypts and queues `data`, once the handshake is done.
pub(super) fn send(
    tls: &mut UnbufferedClientConnection,
    buffers: &mut Buffers,
    data: &[u8],
    sink: &mut impl FnMut(&[u8]),
) -> Result<LinkState, Error> {
    drive(tls, buffers, sink, &mut |traffic, room| traffic.encrypt(data, room))
}

/// Queues a `close_notify` alert (RFC 8446, section 6.1).
pub(super) fn queue_close_notify(
    tls: &mut UnbufferedClientConnection,
    buffers: &mut Buffers,
) -> Result<LinkState, Error> {
    drive(tls, buffers, &mut |_| {}, &mut |traffic, room| traffic.queue_close_notify(room))
}

type Writer<'a> = dyn FnMut(
        &mut WriteTraffic<'_, rustls::client::ClientConnectionData>,
        &mut [u8],
    ) -> Result<usize, EncryptError>
    + 'a;

fn drive(
    tls: &mut UnbufferedClientConnection,
    buffers: &mut Buffers,
    sink: &mut impl FnMut(&[u8]),
    write: &mut Writer<'_>,
) -> Result<LinkState, Error> {
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
                Some(LinkState::Ready)
            }
            Ok(ConnectionState::PeerClosed) => {
                peer_closed = true;
                None
            }
            Ok(ConnectionState::Closed) => Some(LinkState::PeerClosed),
            Ok(_) => Some(LinkState::Handshaking),
        };
        buffers.discard(discard);
        if let Some(standing) = standing {
            return Ok(if peer_closed { LinkState::PeerClosed } else { standing });
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

/// Takes the alert for the peer, if rustls has queued one. After an error it must not see the peer's bytes again, which
/// it would judge a second time (0.23.46 panics); what is queued it hands out before it looks at any.
fn queue_alert(tls: &mut UnbufferedClientConnection, buffers: &mut Buffers) {
    while tls.wants_write() {
        let Buffers { outgoing, filled, .. } = buffers;
        match tls.process_tls_records(&mut []).state {
            Ok(ConnectionState::EncodeTlsData(mut data)) => {
                // The peer learns less if this fails, and nothing else is lost.
                let _ = encode(&mut data, outgoing, filled);
            }
            Ok(ConnectionState::ReadTraffic(mut traffic)) => while traffic.next_record().is_some() {},
            _ => return,
        }
    }
}

/// Room for two TLS records, each of at most 16 KiB and its overhead (RFC 8446, section 5.2).
const INCOMING_SIZE: usize = 36 * 1024;
const LEAST_ROOM: usize = 17 * 1024;
const OUTGOING_SIZE: usize = 4 * 1024;

#[cfg(test)]
mod tests {
    use std::{io::Write as _, sync::Arc};

    use rustls::{
        ServerConfig, ServerConnection,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName},
    };

    use super::*;
    use crate::client::trusting::{Factory, Resume, Settings, Trust, Version};

    fn client(trust: Trust, version: Version) -> UnbufferedClientConnection {
        let (identity, suite, group) = (None, None, None);
        let settings =
            Settings { trust, identity, resume: Resume::Never, version: Some(version), suite, group };
        let slot = Factory::new(settings).unwrap().slot().unwrap();
        let name = ServerName::try_from("board.local").unwrap();
        UnbufferedClientConnection::new(slot.config, name).unwrap()
    }

    fn server() -> (Arc<ServerConfig>, CertificateDer<'static>) {
        let key = rcgen::KeyPair::generate().unwrap();
        let own =
            rcgen::CertificateParams::new(vec!["board.local".to_owned()]).unwrap().self_signed(&key).unwrap();
        let own = CertificateDer::from(own.der().to_vec());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder =
            ServerConfig::builder_with_provider(provider).with_protocol_versions(rustls::ALL_VERSIONS);
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = builder.unwrap().with_no_client_auth().with_single_cert(vec![own.clone()], key).unwrap();
        (Arc::new(config), own)
    }

    /// Passes bytes between both sides until neither sends any; `tamper` may change what the server sends. Returns the
    /// client's last state and the data that came.
    fn talk(
        client: &mut UnbufferedClientConnection,
        server: &mut ServerConnection,
        piece: usize,
        tamper: &mut dyn FnMut(&mut Vec<u8>),
    ) -> Result<(LinkState, Vec<u8>), Error> {
        let (mut buffers, mut data) = (Buffers::new(), Vec::new());
        let mut standing = advance(client, &mut buffers, &mut |bytes| data.extend_from_slice(bytes))?;
        for _ in 0..8 {
            let _ = server.read_tls(&mut buffers.to_send());
            buffers.sent();
            let _ = server.process_new_packets();
            let mut said = Vec::new();
            while server.wants_write() {
                server.write_tls(&mut said).unwrap();
            }
            tamper(&mut said);
            for piece in said.chunks(piece) {
                buffers.room()[..piece.len()].copy_from_slice(piece);
                buffers.received(piece.len());
                standing = advance(client, &mut buffers, &mut |bytes| data.extend_from_slice(bytes))?;
            }
        }
        Ok((standing, data))
    }

    #[test]
    fn a_handshake_and_its_data_come_through_in_pieces_of_any_size() {
        let (config, own) = server();
        for version in [Version::Tls12, Version::Tls13] {
            for piece in [1, 7, 400, 16_000] {
                let mut client = client(Trust::Pin(own.clone()), version);
                let mut server = ServerConnection::new(Arc::clone(&config)).unwrap();
                server.writer().write_all(b"hello").unwrap();
                let (standing, data) = talk(&mut client, &mut server, piece, &mut |_| {}).unwrap();
                assert_eq!(
                    (standing, data.as_slice()),
                    (LinkState::Ready, &b"hello"[..]),
                    "{version:?} {piece}"
                );
            }
        }
    }

    #[test]
    fn a_refused_certificate_is_told_to_the_peer() {
        let ((config, _), (_, other)) = (server(), server());
        for version in [Version::Tls12, Version::Tls13] {
            let mut client = client(Trust::Pin(other.clone()), version);
            let mut server = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut buffers = Buffers::new();
            advance(&mut client, &mut buffers, &mut |_| {}).unwrap();
            server.read_tls(&mut buffers.to_send()).unwrap();
            buffers.sent();
            server.process_new_packets().unwrap();
            let mut said = Vec::new();
            while server.wants_write() {
                server.write_tls(&mut said).unwrap();
            }
            buffers.room()[..said.len()].copy_from_slice(&said);
            buffers.received(said.len());
            let refused = advance(&mut client, &mut buffers, &mut |_| {}).unwrap_err();
            assert!(matches!(refused, Error::InvalidCertificate(_)), "{refused}");
            server.read_tls(&mut buffers.to_send()).unwrap();
            let told = server.process_new_packets().unwrap_err();
            assert!(matches!(told, Error::AlertReceived(_)), "{version:?}: {told}");
        }
    }

    #[test]
    fn no_bytes_of_a_server_make_it_panic() {
        let (config, own) = server();
        for version in [Version::Tls12, Version::Tls13] {
            for at in (0..1000).step_by(9) {
                for piece in [5, 16_000] {
                    let mut client = client(Trust::Pin(own.clone()), version);
                    let mut server = ServerConnection::new(Arc::clone(&config)).unwrap();
                    let mut tamper = |said: &mut Vec<u8>| {
                        if let Some(byte) = said.get_mut(at) {
                            *byte ^= 0x55;
                        }
                    };
                    let _ = talk(&mut client, &mut server, piece, &mut tamper);
                }
            }
        }
    }
}
