//! ClientHello (RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2).

use super::{
    ContentType, DecodeError, DecodeReason, Extension, ExtensionType, HandshakeMessage, HandshakeType,
    ProtocolVersion, Reader, Record, Suite, TooLong, Width, Writer,
};

/// A client's first message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientHello {
    /// The version field: the highest version for TLS 1.2 and before, TLS 1.2 for TLS 1.3.
    pub version: ProtocolVersion,
    /// 32 random bytes.
    pub random: [u8; 32],
    /// The session to resume, or in TLS 1.3 anything; at most 32 bytes.
    pub session_id: Vec<u8>,
    /// The suites in order of preference.
    pub suites: Vec<Suite>,
    /// The compression methods; 0 is none, 1 is DEFLATE (RFC 3749).
    pub compression: Vec<u8>,
    /// The extensions in their order.
    pub extensions: Vec<Extension>,
}

impl ClientHello {
    /// Reads the body of a ClientHello.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are not exactly one.
    pub fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(body, "ClientHello");
        let version = ProtocolVersion(reader.u16()?);
        let random = reader.array()?;
        let session_id = session_id(&mut reader)?;
        let suites = reader.vector(Width::U16, "cipher suites")?.u16s()?.into_iter().map(Suite).collect();
        let compression = reader.vector(Width::U8, "compression methods")?.rest().to_vec();
        let extensions = Extension::decode_optional(&mut reader)?;
        reader.end()?;
        Ok(Self { version, random, session_id, suites, compression, extensions })
    }

    /// The whole message with its handshake header.
    ///
    /// # Errors
    /// [`TooLong`] when a field does not fit its length prefix.
    pub fn encode(&self) -> Result<Vec<u8>, TooLong> {
        let mut writer = Writer::default();
        writer.u16(self.version.0);
        writer.raw(&self.random);
        writer.vector(Width::U8).raw(&self.session_id);
        {
            let mut list = writer.vector(Width::U16);
            self.suites.iter().for_each(|suite| list.u16(suite.0));
        }
        writer.vector(Width::U8).raw(&self.compression);
        if !self.extensions.is_empty() {
            Extension::encode_all(&mut writer, &self.extensions);
        }
        HandshakeMessage { kind: HandshakeType::CLIENT_HELLO, body: writer.finish()? }.encode()
    }

    /// The message in one record, as it goes out.
    ///
    /// # Errors
    /// [`TooLong`] when a field does not fit its length prefix.
    pub fn to_record(&self) -> Result<Vec<u8>, TooLong> {
        Record::encode(ContentType::HANDSHAKE, self.record_version(), &self.encode()?)
    }

    /// The version for the record header: TLS 1.0 for whatever is newer, as old servers want it (RFC 8446, section 5.1).
    #[must_use]
    pub fn record_version(&self) -> ProtocolVersion {
        self.version.min(ProtocolVersion::TLS_1_0)
    }

    /// The content of an extension; `None` when it is not there.
    #[must_use]
    pub fn extension(&self, kind: ExtensionType) -> Option<&[u8]> {
        self.extensions.iter().find(|extension| extension.kind == kind).map(|it| it.data.as_slice())
    }
}

/// A session id, of at most 32 bytes.
pub(super) fn session_id(reader: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    let id = reader.vector(Width::U8, "session id")?.rest();
    if id.len() > MAX_SESSION_ID { Err(reader.error(DecodeReason::OutOfRange)) } else { Ok(id.to_vec()) }
}

const MAX_SESSION_ID: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn hello() -> ClientHello {
        ClientHello {
            version: ProtocolVersion::TLS_1_2,
            random: [7; 32],
            session_id: vec![1, 2],
            suites: vec![Suite(0xc02f), Suite(0x1301)],
            compression: vec![0],
            extensions: vec![Extension::empty(ExtensionType::EXTENDED_MASTER_SECRET)],
        }
    }

    #[test]
    fn what_is_encoded_is_read_again() {
        let message = HandshakeMessage::decode(&hello().encode().unwrap()).unwrap();
        assert_eq!(message.kind, HandshakeType::CLIENT_HELLO);
        assert_eq!(ClientHello::decode(&message.body).unwrap(), hello());
    }

    #[test]
    fn a_hello_without_extensions_ends_with_its_compression_methods() {
        let bare = ClientHello { extensions: vec![], version: ProtocolVersion::SSL_3, ..hello() };
        let bytes = bare.encode().unwrap();
        assert_eq!(bytes.last_chunk(), Some(&[1, 0]));
        assert_eq!(ClientHello::decode(&bytes[4..]).unwrap(), bare);
        assert_eq!(bare.to_record().unwrap()[..3], [22, 3, 0]);
    }
}
