//! A server that answers hellos as it is told, byte by byte, and completes no handshake: for what no TLS library of today can be
//! configured to do.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use esp_https::tls::{
    AlertDescription, ClientHello, ContentType, Deframer, Extension, ExtensionType, HandshakeMessage,
    HandshakeType, Joiner, NamedGroup, ProtocolVersion, Record, ServerHello, SignatureScheme, Suite, Width,
    Writer,
    suite::{Authentication, KeyExchange},
};
use support::peer;

/// What the server does.
#[derive(Debug, Clone)]
pub(crate) struct RawServer {
    /// The versions that it accepts, the newest first, each with its suites in its order of preference.
    pub(crate) accepts: Vec<(ProtocolVersion, Vec<u16>)>,
    /// Its certificate (DER).
    pub(crate) certificate: Vec<u8>,
    /// A hello with more suites is answered by decode_error.
    pub(crate) most_suites: usize,
    /// The bytes of the prime of its own field.
    pub(crate) field_bytes: usize,
    /// The protocol that it chooses by ALPN, whatever is offered.
    pub(crate) protocol: Option<&'static str>,
}

impl RawServer {
    /// Accepts just this, with the certificate of that name in the folder.
    pub(crate) fn new(accepts: &[(ProtocolVersion, &[u16])], certificate: &[u8]) -> Self {
        Self {
            accepts: accepts.iter().map(|(version, suites)| (*version, suites.to_vec())).collect(),
            certificate: certificate.to_vec(),
            most_suites: usize::MAX,
            field_bytes: 256,
            protocol: None,
        }
    }

    /// Listens on a free port, and returns the address.
    pub(crate) fn start(self) -> String {
        peer::listen(move |mut stream, _| {
            if let Some(hello) = read_hello(&mut stream) {
                let _ = stream.write_all(&self.answer(&hello));
                // The client ends the connection.
                let _ = stream.read(&mut [0; 1024]);
            }
        })
    }

    fn answer(&self, hello: &ClientHello) -> Vec<u8> {
        if hello.suites.len() > self.most_suites {
            return alert(AlertDescription::DECODE_ERROR);
        }
        let offers_tls13 = hello.extension(ExtensionType::SUPPORTED_VERSIONS).is_some();
        let is_offered = |version: &ProtocolVersion| match *version {
            ProtocolVersion::TLS_1_3 => offers_tls13,
            version => version <= hello.version,
        };
        let Some((version, suites)) = self.accepts.iter().find(|(version, _)| is_offered(version)) else {
            return alert(AlertDescription::PROTOCOL_VERSION);
        };
        let mut suites = suites.iter().map(|number| Suite(*number));
        let suite = suites.find(|suite| hello.suites.contains(suite) && can_serve(hello, *version, *suite));
        match suite {
            None => alert(AlertDescription::HANDSHAKE_FAILURE),
            Some(suite) if *version == ProtocolVersion::TLS_1_3 => retry(hello, suite),
            Some(suite) => self.flight(hello, *version, suite),
        }
    }

    fn flight(&self, hello: &ClientHello, version: ProtocolVersion, suite: Suite) -> Vec<u8> {
        let alpn = self.protocol.map(|protocol| Extension::alpn(&[protocol]).unwrap());
        let server_hello = ServerHello {
            legacy_version: version,
            random: [7; 32],
            session_id: Vec::new(),
            suite,
            compression: 0,
            extensions: alpn.into_iter().collect(),
        };
        let parts = suite.parts().unwrap();
        let mut messages = server_hello.encode().unwrap();
        if parts.authentication != Authentication::Anonymous {
            messages.extend(message(HandshakeType::CERTIFICATE, |writer| {
                writer.vector(Width::U24).vector(Width::U24).raw(&self.certificate);
            }));
        }
        if let Some(parameters) = self.parameters(hello, parts.key_exchange) {
            messages.extend(message(HandshakeType::SERVER_KEY_EXCHANGE, |writer| {
                writer.raw(&parameters);
                if version == ProtocolVersion::TLS_1_2 {
                    writer.u16(SignatureScheme::RSA_PKCS1_SHA256.0);
                }
                writer.vector(Width::U16).raw(&[9; 64]);
            }));
        }
        messages.extend(message(HandshakeType::SERVER_HELLO_DONE, |_| ()));
        Record::encode(ContentType::HANDSHAKE, version, &messages).unwrap()
    }

    /// The parameters of an ephemeral key exchange. Named fields are used where they are offered (RFC 7919, section 4).
    fn parameters(&self, hello: &ClientHello, key_exchange: KeyExchange) -> Option<Vec<u8>> {
        let mut writer = Writer::default();
        match key_exchange {
            KeyExchange::Ecdhe => {
                writer.u8(3);
                writer.u16(NamedGroup::X25519.0);
                writer.vector(Width::U8).raw(&[5; 32]);
            }
            KeyExchange::Dhe => {
                let names_fields = lists(hello, ExtensionType::SUPPORTED_GROUPS, NamedGroup::FFDHE2048.0);
                let size = if names_fields { 256 } else { self.field_bytes };
                writer.vector(Width::U16).raw(&vec![0xff; size]);
                writer.vector(Width::U16).raw(&[2]);
                writer.vector(Width::U16).raw(&vec![3; size]);
            }
            _ => return None,
        }
        Some(writer.finish().unwrap())
    }
}

/// Whether it can serve with a suite: it has one curve and one signature scheme.
fn can_serve(hello: &ClientHello, version: ProtocolVersion, suite: Suite) -> bool {
    let (group, scheme) = (NamedGroup::X25519.0, SignatureScheme::RSA_PKCS1_SHA256.0);
    let has_group = || lists(hello, ExtensionType::SUPPORTED_GROUPS, group);
    let has_scheme = || lists(hello, ExtensionType::SIGNATURE_ALGORITHMS, scheme);
    let is_tls12 = version == ProtocolVersion::TLS_1_2;
    match suite.parts().unwrap().key_exchange {
        KeyExchange::Ecdhe => has_group() && (!is_tls12 || has_scheme()),
        KeyExchange::Dhe => !is_tls12 || has_scheme(),
        _ => true,
    }
}

/// Whether an extension with a list of numbers has that one.
fn lists(hello: &ClientHello, kind: ExtensionType, number: u16) -> bool {
    let data = hello.extension(kind).unwrap_or_default();
    data[2.min(data.len())..].chunks(2).any(|listed| listed == number.to_be_bytes())
}

/// A HelloRetryRequest for x25519; a hello that has a share of it is refused, because no more is made here.
fn retry(hello: &ClientHello, suite: Suite) -> Vec<u8> {
    if hello.extension(ExtensionType::KEY_SHARE).is_some_and(|shares| shares.len() > 2) {
        return alert(AlertDescription::HANDSHAKE_FAILURE);
    }
    if !lists(hello, ExtensionType::SUPPORTED_GROUPS, NamedGroup::X25519.0) {
        return alert(AlertDescription::HANDSHAKE_FAILURE);
    }
    let extension = |kind, data: &[u8]| Extension { kind, data: data.to_vec() };
    let retry = ServerHello {
        legacy_version: ProtocolVersion::TLS_1_2,
        random: crate::faults::RETRY_RANDOM,
        session_id: hello.session_id.clone(),
        suite,
        compression: 0,
        extensions: vec![
            extension(ExtensionType::SUPPORTED_VERSIONS, &[3, 4]),
            extension(ExtensionType::KEY_SHARE, &[0, 0x1d]),
        ],
    };
    Record::encode(ContentType::HANDSHAKE, ProtocolVersion::TLS_1_2, &retry.encode().unwrap()).unwrap()
}

fn alert(description: AlertDescription) -> Vec<u8> {
    Record::encode(ContentType::ALERT, ProtocolVersion::TLS_1_2, &[2, description.0]).unwrap()
}

fn message(kind: HandshakeType, body: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::default();
    body(&mut writer);
    HandshakeMessage { kind, body: writer.finish().unwrap() }.encode().unwrap()
}

/// Reads records until they hold a whole ClientHello.
fn read_hello(stream: &mut TcpStream) -> Option<ClientHello> {
    let (mut deframer, mut joiner, mut buffer) = (Deframer::default(), Joiner::default(), [0; 4096]);
    loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        deframer.push(&buffer[..count]);
        while let Some(record) = deframer.next_record().ok()? {
            joiner.push(&record.payload);
        }
        if let Some(message) = joiner.next_message().ok()? {
            return ClientHello::decode(&message.body).ok();
        }
    }
}
