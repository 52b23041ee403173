//! ServerHello, and HelloRetryRequest, which has its form (RFC 8446, sections 4.1.3 and 4.1.4; RFC 5246, section 7.4.1.3).

use super::{
    DecodeError, Extension, ExtensionType, NamedGroup, ProtocolVersion, Reader, Suite, Width, Writer,
    client_hello::session_id, codec::TooLong, handshake::HandshakeMessage,
};

/// A server's answer to a ClientHello.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerHello {
    /// The version field; see [`ServerHello::version`] for the version that was chosen.
    pub legacy_version: ProtocolVersion,
    /// 32 random bytes, or [`RETRY_RANDOM`].
    pub random: [u8; 32],
    /// The session's id; empty when it can't be resumed by one. In TLS 1.3 an echo.
    pub session_id: Vec<u8>,
    /// The suite that was chosen.
    pub suite: Suite,
    /// The compression method that was chosen; 0 is none.
    pub compression: u8,
    /// The extensions in their order.
    pub extensions: Vec<Extension>,
}

impl ServerHello {
    /// Reads the body of a ServerHello or a HelloRetryRequest.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are not exactly one.
    pub fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(body, "ServerHello");
        let hello = Self {
            legacy_version: ProtocolVersion(reader.u16()?),
            random: reader.array()?,
            session_id: session_id(&mut reader)?,
            suite: Suite(reader.u16()?),
            compression: reader.u8()?,
            extensions: Extension::decode_optional(&mut reader)?,
        };
        reader.end()?;
        Ok(hello)
    }

    /// The whole message with its handshake header.
    ///
    /// # Errors
    /// [`TooLong`] when a field does not fit its length prefix.
    pub fn encode(&self) -> Result<Vec<u8>, TooLong> {
        let mut writer = Writer::default();
        writer.u16(self.legacy_version.0);
        writer.raw(&self.random);
        writer.vector(Width::U8).raw(&self.session_id);
        writer.u16(self.suite.0);
        writer.u8(self.compression);
        if !self.extensions.is_empty() {
            Extension::encode_all(&mut writer, &self.extensions);
        }
        HandshakeMessage { kind: super::HandshakeType::SERVER_HELLO, body: writer.finish()? }.encode()
    }

    /// Whether it is a HelloRetryRequest: the client shall say hello again (RFC 8446, section 4.1.3).
    #[must_use]
    pub fn is_retry(&self) -> bool {
        self.random == RETRY_RANDOM
    }

    /// The version that was chosen: `supported_versions` says, or the version field where it is absent.
    #[must_use]
    pub fn version(&self) -> ProtocolVersion {
        let chosen = self.extension(ExtensionType::SUPPORTED_VERSIONS).and_then(number);
        chosen.map_or(self.legacy_version, ProtocolVersion)
    }

    /// The group of the key share, or that a HelloRetryRequest asks for; `None` without a `key_share`.
    #[must_use]
    pub fn group(&self) -> Option<NamedGroup> {
        self.extension(ExtensionType::KEY_SHARE).and_then(number).map(NamedGroup)
    }

    /// The content of an extension; `None` when it is not there.
    #[must_use]
    pub fn extension(&self, kind: ExtensionType) -> Option<&[u8]> {
        self.extensions.iter().find(|extension| extension.kind == kind).map(|it| it.data.as_slice())
    }
}

fn number(data: &[u8]) -> Option<u16> {
    data.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

/// The random of a HelloRetryRequest: SHA-256 of "HelloRetryRequest" (RFC 8446, section 4.1.3).
pub const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_retry_random_is_the_hash_that_the_standard_says() {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"HelloRetryRequest");
        assert_eq!(hash.as_ref(), RETRY_RANDOM);
    }

    #[test]
    fn a_retry_tells_version_and_group() {
        let retry = ServerHello {
            legacy_version: ProtocolVersion::TLS_1_2,
            random: RETRY_RANDOM,
            session_id: vec![],
            suite: Suite(0x1302),
            compression: 0,
            extensions: vec![
                Extension { kind: ExtensionType::SUPPORTED_VERSIONS, data: vec![3, 4] },
                Extension { kind: ExtensionType::KEY_SHARE, data: vec![0, 29] },
            ],
        };
        let read = ServerHello::decode(&retry.encode().unwrap()[4..]).unwrap();
        assert_eq!(read, retry);
        assert!(read.is_retry());
        assert_eq!((read.version(), read.group()), (ProtocolVersion::TLS_1_3, Some(NamedGroup::X25519)));
    }
}
