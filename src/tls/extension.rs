//! Extensions of the hellos: made for a ClientHello, read from an answer (RFC 8446, section 4.2; RFC 6066).

use super::{
    DecodeError, ExtensionType, NamedGroup, ProtocolVersion, Reader, SignatureScheme, TooLong, Width, Writer,
};

/// An extension with its content as on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Which one.
    pub kind: ExtensionType,
    /// Its content.
    pub data: Vec<u8>,
}

impl Extension {
    /// An extension without content.
    #[must_use]
    pub fn empty(kind: ExtensionType) -> Self {
        Self { kind, data: Vec::new() }
    }

    /// `server_name` with one DNS name (RFC 6066, section 3).
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn server_name(name: &str) -> Result<Self, TooLong> {
        build(ExtensionType::SERVER_NAME, |writer| {
            let mut list = writer.vector(Width::U16);
            list.u8(HOST_NAME);
            list.vector(Width::U16).raw(name.as_bytes());
        })
    }

    /// `supported_groups`.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn supported_groups(groups: &[NamedGroup]) -> Result<Self, TooLong> {
        build(ExtensionType::SUPPORTED_GROUPS, |writer| numbers(writer, groups.iter().map(|group| group.0)))
    }

    /// `signature_algorithms`.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn signature_algorithms(schemes: &[SignatureScheme]) -> Result<Self, TooLong> {
        build(ExtensionType::SIGNATURE_ALGORITHMS, |writer| {
            numbers(writer, schemes.iter().map(|scheme| scheme.0));
        })
    }

    /// `signature_algorithms_cert`: the schemes for the signatures of certificates (RFC 8446, section 4.2.3).
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn signature_algorithms_cert(schemes: &[SignatureScheme]) -> Result<Self, TooLong> {
        build(ExtensionType::SIGNATURE_ALGORITHMS_CERT, |writer| {
            numbers(writer, schemes.iter().map(|scheme| scheme.0));
        })
    }

    /// `supported_versions` as a client sends it.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn supported_versions(versions: &[ProtocolVersion]) -> Result<Self, TooLong> {
        build(ExtensionType::SUPPORTED_VERSIONS, |writer| {
            let mut list = writer.vector(Width::U8);
            versions.iter().for_each(|version| list.u16(version.0));
        })
    }

    /// `key_share` as a client sends it; without a share it asks for a HelloRetryRequest (RFC 8446, section 4.2.8).
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn key_share(shares: &[(NamedGroup, &[u8])]) -> Result<Self, TooLong> {
        build(ExtensionType::KEY_SHARE, |writer| {
            let mut list = writer.vector(Width::U16);
            for (group, share) in shares {
                list.u16(group.0);
                list.vector(Width::U16).raw(share);
            }
        })
    }

    /// `application_layer_protocol_negotiation` (RFC 7301).
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn alpn(protocols: &[&str]) -> Result<Self, TooLong> {
        build(ExtensionType::ALPN, |writer| {
            let mut list = writer.vector(Width::U16);
            protocols.iter().for_each(|protocol| list.vector(Width::U8).raw(protocol.as_bytes()));
        })
    }

    /// `ec_point_formats` with the uncompressed one (RFC 8422, section 5.1.2).
    #[must_use]
    pub fn ec_point_formats() -> Self {
        Self { kind: ExtensionType::EC_POINT_FORMATS, data: vec![1, 0] }
    }

    /// `psk_key_exchange_modes` with `psk_dhe_ke` (RFC 8446, section 4.2.9).
    #[must_use]
    pub fn psk_key_exchange_modes() -> Self {
        Self { kind: ExtensionType::PSK_KEY_EXCHANGE_MODES, data: vec![1, 1] }
    }

    /// An empty `renegotiation_info` (RFC 5746, section 3.4).
    #[must_use]
    pub fn renegotiation_info() -> Self {
        Self { kind: ExtensionType::RENEGOTIATION_INFO, data: vec![0] }
    }

    /// `heartbeat` in the mode "peer allowed to send" (RFC 6520, section 2).
    #[must_use]
    pub fn heartbeat() -> Self {
        Self { kind: ExtensionType::HEARTBEAT, data: vec![1] }
    }

    /// `max_fragment_length` by its code: 1 to 4 for 512 to 4096 bytes (RFC 6066, section 4).
    #[must_use]
    pub fn max_fragment_length(code: u8) -> Self {
        Self { kind: ExtensionType::MAX_FRAGMENT_LENGTH, data: vec![code] }
    }

    /// `record_size_limit` in bytes (RFC 8449, section 4).
    #[must_use]
    pub fn record_size_limit(limit: u16) -> Self {
        Self { kind: ExtensionType::RECORD_SIZE_LIMIT, data: limit.to_be_bytes().to_vec() }
    }

    /// `padding` of `size` zeros (RFC 7685).
    #[must_use]
    pub fn padding(size: usize) -> Self {
        Self { kind: ExtensionType::PADDING, data: vec![0; size] }
    }

    /// Writes a list of extensions behind its length.
    pub(super) fn encode_all(writer: &mut Writer, extensions: &[Self]) {
        let mut list = writer.vector(Width::U16);
        for extension in extensions {
            list.u16(extension.kind.0);
            list.vector(Width::U16).raw(&extension.data);
        }
    }

    /// Reads the extensions at the end of a hello, which may have none at all, as before TLS 1.2.
    pub(super) fn decode_optional(reader: &mut Reader<'_>) -> Result<Vec<Self>, DecodeError> {
        if reader.is_empty() { Ok(Vec::new()) } else { Self::decode_all(reader) }
    }

    /// Reads a list of extensions behind its length.
    pub(super) fn decode_all(reader: &mut Reader<'_>) -> Result<Vec<Self>, DecodeError> {
        let mut extensions = Vec::new();
        let mut list = reader.vector(Width::U16, "extensions")?;
        while !list.is_empty() {
            let kind = ExtensionType(list.u16()?);
            let data = list.vector(Width::U16, "extension")?.rest().to_vec();
            extensions.push(Self { kind, data });
        }
        Ok(extensions)
    }
}

/// The protocol that an ALPN extension of a server names (RFC 7301, section 3.1).
///
/// # Errors
/// [`DecodeError`] unless it is exactly one.
pub fn alpn_choice(data: &[u8]) -> Result<&[u8], DecodeError> {
    let mut reader = Reader::new(data, "application_layer_protocol_negotiation");
    let mut list = reader.vector(Width::U16, "application_layer_protocol_negotiation")?;
    reader.end()?;
    let protocol = list.vector(Width::U8, "ProtocolName")?.rest();
    list.end()?;
    Ok(protocol)
}

fn build(kind: ExtensionType, content: impl FnOnce(&mut Writer)) -> Result<Extension, TooLong> {
    let mut writer = Writer::default();
    content(&mut writer);
    Ok(Extension { kind, data: writer.finish()? })
}

fn numbers(writer: &mut Writer, numbers: impl Iterator<Item = u16>) {
    let mut list = writer.vector(Width::U16);
    numbers.for_each(|number| list.u16(number));
}

const HOST_NAME: u8 = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_have_the_bytes_of_the_standards() {
        let sni = Extension::server_name("ab").unwrap();
        assert_eq!(sni.data, [0, 5, 0, 0, 2, b'a', b'b']);
        assert_eq!(Extension::key_share(&[]).unwrap().data, [0, 0]);
        let share = Extension::key_share(&[(NamedGroup::X25519, &[7, 8])]).unwrap();
        assert_eq!(share.data, [0, 6, 0, 29, 0, 2, 7, 8]);
        let versions = Extension::supported_versions(&[ProtocolVersion::TLS_1_3]).unwrap();
        assert_eq!(versions.data, [2, 3, 4]);
        let alpn = Extension::alpn(&["h2"]).unwrap();
        assert_eq!(
            (alpn.data.as_slice(), alpn_choice(&alpn.data).unwrap()),
            (&[0, 3, 2, b'h', b'2'][..], &b"h2"[..])
        );
    }

    #[test]
    fn a_server_that_names_two_protocols_is_refused() {
        assert!(alpn_choice(&Extension::alpn(&["h2", "http/1.1"]).unwrap().data).is_err());
    }
}
