//! The first flight of a server, sans I/O: bytes in, and what they amount to.

use super::key_shares::PrivateShare;
use crate::tls::{
    AlertDescription, AlertLevel, AlertMessage, ContentType, Deframer, Extension, HandshakeMessage,
    HandshakeType, Joiner, ProtocolVersion, Record, ServerHello, SignatureScheme,
    keys::Opener,
    message::{
        CertificateRequest, KeyExchangeGroup, ServerKeyExchange, SignatureForm, certificate_verify_scheme,
        certificates_tls12, certificates_tls13, encrypted_extensions,
    },
    suite::Authentication,
};

/// A server's acceptance: its hello, and what came with it in the clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flight {
    pub(crate) hello: ServerHello,
    /// The key exchange of TLS 1.2 and before; `None` with static RSA and in TLS 1.3.
    pub(crate) key_exchange: Option<ServerKeyExchange>,
    /// The request for a client certificate of TLS 1.2 and before.
    pub(crate) certificate_request: Option<CertificateRequest>,
    /// The extensions that TLS 1.3 encrypts; `None` where they were not read.
    pub(crate) encrypted_extensions: Option<Vec<Extension>>,
    /// The server's own certificate (DER); `None` where none came, or where TLS 1.3 encrypts it and it was not read.
    pub(crate) certificate: Option<Vec<u8>>,
    /// The scheme of the CertificateVerify of TLS 1.3; `None` where it was not read.
    pub(crate) certificate_verify: Option<SignatureScheme>,
    /// The size of the largest record, without its header and, where it is encrypted, its tag.
    pub(crate) largest_record: u16,
    /// The same of the encrypted records that were opened; 0 where there were none.
    pub(crate) largest_protected_record: u16,
}

impl Flight {
    /// A flight of which only the hello has come.
    fn new(hello: ServerHello) -> Self {
        Self {
            hello,
            key_exchange: None,
            certificate_request: None,
            encrypted_extensions: None,
            certificate: None,
            certificate_verify: None,
            largest_record: 0,
            largest_protected_record: 0,
        }
    }

    /// The scheme with which the server really signed; `None` before TLS 1.2, and where no signature was read.
    pub(crate) fn signature_scheme(&self) -> Option<SignatureScheme> {
        self.certificate_verify.or_else(|| self.key_exchange.as_ref()?.scheme)
    }

    /// Whether the server has used its private key for it: it signed its key exchange, or in TLS 1.3 all of the flight.
    pub(crate) fn cost_a_private_key_operation(&self) -> bool {
        let authentication = self.hello.suite.parts().map(|parts| parts.authentication);
        let is_anonymous = authentication == Some(Authentication::Anonymous);
        match self.hello.version() {
            ProtocolVersion::TLS_1_3 => !self.hello.is_retry(),
            _ => self.key_exchange.is_some() && !is_anonymous,
        }
    }
}

/// What the bytes of a server amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More may come.
    Unfinished,
    /// It accepted.
    Accepted(Box<Flight>),
    /// It refused.
    Alert(AlertDescription),
    /// It does not speak TLS, or breaks it.
    Broken(String),
}

/// Reads a first flight as it comes.
#[derive(Debug, Default)]
pub(crate) struct FlightReader {
    deframer: Deframer,
    joiner: Joiner,
    largest_record: u16,
    largest_protected_record: u16,
    flight: Option<Flight>,
    share: Option<PrivateShare>,
    opener: Option<Opener>,
}

impl FlightReader {
    /// With the private half of the hello's key share, what TLS 1.3 encrypts is read, too.
    pub(crate) fn new(share: Option<PrivateShare>) -> Self {
        Self { share, ..Self::default() }
    }

    /// Takes bytes as they came.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Progress {
        self.deframer.push(bytes);
        loop {
            match self.deframer.next_record() {
                Ok(Some(record)) => match self.record(&record) {
                    Progress::Unfinished => {}
                    done => return done,
                },
                Ok(None) => return Progress::Unfinished,
                Err(error) => return Progress::Broken(error.to_string()),
            }
        }
    }

    /// What had come of a flight that did not end: its hello is an acceptance all the same.
    pub(crate) fn unfinished(mut self) -> Option<Flight> {
        self.flight.take().map(|flight| self.with_sizes(flight))
    }

    fn with_sizes(&self, flight: Flight) -> Flight {
        let (largest_record, largest_protected_record) = (self.largest_record, self.largest_protected_record);
        Flight { largest_record, largest_protected_record, ..flight }
    }

    fn record(&mut self, record: &Record) -> Progress {
        match record.header.content_type {
            ContentType::ALERT => Self::alert(&record.payload),
            ContentType::HANDSHAKE => {
                self.largest_record = self.largest_record.max(record.header.length);
                self.joiner.push(&record.payload);
                self.messages()
            }
            ContentType::CHANGE_CIPHER_SPEC if self.opener.is_some() => Progress::Unfinished,
            // In TLS 1.3 all that follows the hello is encrypted.
            _ => self.encrypted(record),
        }
    }

    fn encrypted(&mut self, record: &Record) -> Progress {
        let opened = self.opener.as_mut().map(|opener| opener.open(record.header, &record.payload));
        let Some(Ok((content_type, content))) = opened else { return self.take_flight() };
        let size = record.header.length.saturating_sub(TAG);
        self.largest_record = self.largest_record.max(size);
        self.largest_protected_record = self.largest_protected_record.max(size);
        match content_type {
            ContentType::ALERT => Self::alert(&content),
            ContentType::HANDSHAKE => {
                self.joiner.push(&content);
                self.messages()
            }
            _ => Progress::Unfinished,
        }
    }

    /// A warning, such as that the name is not known, is no refusal.
    fn alert(payload: &[u8]) -> Progress {
        match AlertMessage::decode(payload) {
            Ok(AlertMessage { level: AlertLevel::WARNING, description })
                if description != AlertDescription::CLOSE_NOTIFY =>
            {
                Progress::Unfinished
            }
            Ok(alert) => Progress::Alert(alert.description),
            Err(error) => Progress::Broken(error.to_string()),
        }
    }

    fn messages(&mut self) -> Progress {
        loop {
            match self.joiner.next_message() {
                Ok(Some(message)) => match self.message(&message) {
                    Progress::Unfinished => {}
                    done => return done,
                },
                Ok(None) => return Progress::Unfinished,
                Err(error) => return Progress::Broken(error.to_string()),
            }
        }
    }

    fn message(&mut self, message: &HandshakeMessage) -> Progress {
        let (kind, body) = (message.kind, message.body.as_slice());
        let Some(flight) = &mut self.flight else {
            return match (kind, ServerHello::decode(body)) {
                (HandshakeType::SERVER_HELLO, Ok(hello)) => self.begin(hello, message),
                (HandshakeType::SERVER_HELLO, Err(error)) => Progress::Broken(error.to_string()),
                (kind, _) => Progress::Broken(format!("a {kind} came where a ServerHello should")),
            };
        };
        let signature = match flight.hello.version() {
            version if version >= ProtocolVersion::TLS_1_2 => SignatureForm::WithScheme,
            _ => SignatureForm::Bare,
        };
        match kind {
            HandshakeType::SERVER_KEY_EXCHANGE => {
                let undecoded = ServerKeyExchange { group: KeyExchangeGroup::Other, scheme: None };
                let read = ServerKeyExchange::decode(body, flight.hello.suite, signature);
                flight.key_exchange = Some(read.unwrap_or(undecoded));
            }
            HandshakeType::CERTIFICATE_REQUEST => {
                flight.certificate_request = Some(request(body, flight.hello.version()));
            }
            HandshakeType::ENCRYPTED_EXTENSIONS => {
                flight.encrypted_extensions = encrypted_extensions(body).ok();
            }
            HandshakeType::CERTIFICATE => flight.certificate = own_certificate(flight.hello.version(), body),
            HandshakeType::CERTIFICATE_VERIFY => {
                flight.certificate_verify = certificate_verify_scheme(body).ok();
            }
            HandshakeType::SERVER_HELLO_DONE | HandshakeType::FINISHED => return self.take_flight(),
            _ => {}
        }
        Progress::Unfinished
    }

    fn begin(&mut self, hello: ServerHello, message: &HandshakeMessage) -> Progress {
        let is_whole = hello.is_retry();
        if let Some(share) = self.share.take_if(|_| !is_whole) {
            self.opener = message.encode().ok().and_then(|message| share.opener(&hello, &message));
        }
        self.flight = Some(Flight::new(hello));
        if is_whole { self.take_flight() } else { Progress::Unfinished }
    }

    fn take_flight(&mut self) -> Progress {
        match self.flight.take() {
            Some(flight) => Progress::Accepted(Box::new(self.with_sizes(flight))),
            None if self.largest_record == 0 => Progress::Unfinished,
            None => Progress::Broken("encrypted records came before a ServerHello".to_owned()),
        }
    }
}

/// Every AEAD of TLS 1.3 has a tag of 16 bytes, but for `TLS_AES_128_CCM_8_SHA256`, which is not opened here.
const TAG: u16 = 16;

/// The first certificate of a Certificate message, which is the server's own.
fn own_certificate(version: ProtocolVersion, body: &[u8]) -> Option<Vec<u8>> {
    let certificates = match version {
        ProtocolVersion::TLS_1_3 => certificates_tls13(body),
        _ => certificates_tls12(body),
    };
    certificates.ok()?.first().map(|der| der.to_vec())
}

/// A request for a client certificate; one that can't be read is one all the same.
fn request(body: &[u8], version: ProtocolVersion) -> CertificateRequest {
    match version {
        ProtocolVersion::TLS_1_3 => CertificateRequest::decode_tls13(body),
        ProtocolVersion::TLS_1_2 => CertificateRequest::decode_tls12(body),
        _ => CertificateRequest::decode_tls10(body),
    }
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(names: &[&str]) -> Vec<u8> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls/corpus");
        let sample = |name: &&str| std::fs::read(folder.join(format!("{name}.bin"))).unwrap();
        let payloads = names.iter().map(sample);
        payloads
            .flat_map(|it| Record::encode(ContentType::HANDSHAKE, ProtocolVersion::TLS_1_2, &it).unwrap())
            .collect()
    }

    fn read(bytes: &[u8]) -> Progress {
        let mut reader = FlightReader::default();
        let mut last = Progress::Unfinished;
        for byte in bytes {
            last = reader.push(&[*byte]);
            if last != Progress::Unfinished {
                break;
            }
        }
        last
    }

    #[test]
    fn a_flight_of_openssl_ends_with_its_hello_done_and_tells_its_price() {
        let names = [
            "server_hello",
            "server.certificate",
            "server.server_key_exchange",
            "server.certificate_request",
        ];
        let mut names: Vec<_> = names.iter().map(|name| format!("tls12-ecdhe.{name}")).collect();
        let cut: Vec<_> = names.iter().map(String::as_str).collect();
        assert_eq!(read(&records(&cut)), Progress::Unfinished);
        names.push("tls12-ecdhe.server.server_hello_done".to_owned());
        let whole: Vec<_> = names.iter().map(String::as_str).collect();
        let Progress::Accepted(flight) = read(&records(&whole)) else { panic!() };
        assert!(flight.cost_a_private_key_operation());
        assert_eq!(flight.signature_scheme(), Some(SignatureScheme::RSA_PSS_RSAE_SHA256));
        assert!(flight.certificate.is_some_and(|der| der.starts_with(&[0x30, 0x82])));
        assert_eq!((flight.certificate_request.unwrap().ca_names.len(), flight.largest_record), (1, 795));
        assert_eq!(flight.largest_protected_record, 0, "nothing of it is encrypted");
    }

    #[test]
    fn a_retry_is_a_whole_flight_and_costs_nothing() {
        let Progress::Accepted(flight) = read(&records(&["tls13-retry.server_hello"])) else { panic!() };
        assert!(!flight.cost_a_private_key_operation() && flight.hello.is_retry());
    }

    #[test]
    fn a_warning_is_no_refusal_and_a_fatal_alert_is() {
        let warning = [21, 3, 3, 0, 2, 1, 112];
        assert_eq!(read(&warning), Progress::Unfinished);
        let fatal = [21, 3, 3, 0, 2, 2, 70];
        assert_eq!(read(&[warning, fatal].concat()), Progress::Alert(AlertDescription::PROTOCOL_VERSION));
    }

    #[test]
    fn what_is_no_flight_is_broken() {
        for bytes in [&b"HTTP/1.1 400"[..], &[22, 3, 3, 0, 4, 14, 0, 0, 0], &[22, 3, 3, 0, 5, 2, 0, 0, 1, 9]]
        {
            assert!(matches!(read(bytes), Progress::Broken(_)), "{bytes:?}");
        }
        let endless = [22, 3, 3, 0, 0].repeat(100);
        assert!(matches!(read(&endless), Progress::Broken(_)));
    }
}
