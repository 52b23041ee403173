//! Each captured message is read, is refused when cut short at any length, and with any byte changed is either refused or
//! read as exactly what it then says.

use std::{fs, path::Path, sync::LazyLock};

use esp_https::tls::{
    AlertMessage, ClientHello, DecodeError, ExtensionType, HandshakeMessage, HandshakeType, Joiner,
    NamedGroup, ProtocolVersion, ServerHello, SignatureScheme, Suite,
    message::{
        CertificateRequest, KeyExchangeGroup, NewSessionTicket, ServerKeyExchange, SignatureForm,
        certificate_verify_scheme, certificates_tls12, certificates_tls13, encrypted_extensions,
    },
};

struct Sample {
    name: String,
    bytes: Vec<u8>,
}

fn corpus() -> &'static [Sample] {
    static CORPUS: LazyLock<Vec<Sample>> = LazyLock::new(load);
    &CORPUS
}

fn load() -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls/corpus");
    let mut samples: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "bin"))
        .map(|path| Sample {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            bytes: fs::read(path).unwrap(),
        })
        .collect();
    samples.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(samples.len() > 80, "{}", samples.len());
    samples
}

fn sample(name: &str) -> &'static [u8] {
    &corpus().iter().find(|sample| sample.name == name).unwrap_or_else(|| panic!("no {name}")).bytes
}

fn body(name: &str) -> Vec<u8> {
    HandshakeMessage::decode(sample(name)).unwrap().body
}

/// Reads a sample by the decoder of its kind; what can be written again comes back as bytes.
fn read(name: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, DecodeError> {
    if name.ends_with(".alert") {
        return AlertMessage::decode(bytes).map(|alert| Some(alert.encode().to_vec()));
    }
    let message = HandshakeMessage::decode(bytes)?;
    let (body, tls13) = (message.body.as_slice(), name.contains("tls13"));
    match message.kind {
        HandshakeType::CLIENT_HELLO => return ClientHello::decode(body).map(|it| it.encode().ok()),
        HandshakeType::SERVER_HELLO => return ServerHello::decode(body).map(|it| it.encode().ok()),
        HandshakeType::CERTIFICATE if tls13 => drop(certificates_tls13(body)?),
        HandshakeType::CERTIFICATE => drop(certificates_tls12(body)?),
        HandshakeType::CERTIFICATE_REQUEST if tls13 => drop(CertificateRequest::decode_tls13(body)?),
        HandshakeType::CERTIFICATE_REQUEST => drop(CertificateRequest::decode_tls12(body)?),
        HandshakeType::SERVER_KEY_EXCHANGE => {
            ServerKeyExchange::decode(body, suite(name), form(name))?;
        }
        HandshakeType::CERTIFICATE_VERIFY => drop(certificate_verify_scheme(body)?),
        HandshakeType::ENCRYPTED_EXTENSIONS => drop(encrypted_extensions(body)?),
        HandshakeType::NEW_SESSION_TICKET if tls13 => {
            NewSessionTicket::decode_tls13(body)?;
        }
        HandshakeType::NEW_SESSION_TICKET => {
            NewSessionTicket::decode_tls12(body)?;
        }
        // ServerHelloDone, ClientKeyExchange and Finished are not looked into.
        _ => {}
    }
    message.encode().map(Some).map_err(|_| unreachable!("it was read from three bytes of length"))
}

fn suite(name: &str) -> Suite {
    let session = name.split('.').next().unwrap();
    ServerHello::decode(&body(&format!("{session}.server_hello"))).unwrap().suite
}

fn form(name: &str) -> SignatureForm {
    if name.starts_with("tls10") { SignatureForm::Bare } else { SignatureForm::WithScheme }
}

#[test]
fn every_sample_is_read_and_what_is_written_is_the_same_bytes() {
    for Sample { name, bytes } in corpus() {
        let written = read(name, bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(written.as_deref(), Some(bytes.as_slice()), "{name}");
    }
}

#[test]
fn every_sample_is_refused_when_cut_short() {
    for Sample { name, bytes } in corpus() {
        for length in 0..bytes.len() {
            assert!(read(name, &bytes[..length]).is_err(), "{name} at {length}");
        }
    }
}

/// The header's length cut to fit, so that the message itself ends too early.
#[test]
fn every_message_is_refused_when_its_body_ends_early() {
    for Sample { name, bytes } in corpus().iter().filter(|sample| !sample.name.ends_with(".alert")) {
        let whole = HandshakeMessage::decode(bytes).unwrap();
        let is_hello = [HandshakeType::CLIENT_HELLO, HandshakeType::SERVER_HELLO].contains(&whole.kind);
        let is_looked_into =
            ![HandshakeType::SERVER_HELLO_DONE, HandshakeType::CLIENT_KEY_EXCHANGE, HandshakeType::FINISHED]
                .contains(&whole.kind);
        for length in (0..whole.body.len()).filter(|_| is_looked_into) {
            let cut = HandshakeMessage { kind: whole.kind, body: whole.body[..length].to_vec() };
            match read(name, &cut.encode().unwrap()) {
                Err(_) => {}
                // A hello without extensions is one of TLS 1.0.
                Ok(_) if is_hello => assert!(without_extensions(&cut), "{name} at {length}"),
                Ok(_) => panic!("{name} was read though it ends at {length}"),
            }
        }
    }
}

fn without_extensions(message: &HandshakeMessage) -> bool {
    if message.kind == HandshakeType::CLIENT_HELLO {
        ClientHello::decode(&message.body).unwrap().extensions.is_empty()
    } else {
        ServerHello::decode(&message.body).unwrap().extensions.is_empty()
    }
}

#[test]
fn every_sample_with_any_byte_changed_is_refused_or_read_as_what_it_says() {
    let mut refused = 0;
    for Sample { name, bytes } in corpus() {
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                match read(name, &changed) {
                    Ok(written) => assert_eq!(written.as_deref(), Some(&changed[..]), "{name} at {at}"),
                    Err(_) => refused += 1,
                }
            }
        }
    }
    assert!(refused > 1000, "lengths are checked: {refused}");
}

#[test]
fn a_message_is_joined_from_records_of_any_size() {
    for Sample { name, bytes } in corpus().iter().filter(|sample| !sample.name.ends_with(".alert")) {
        for size in [1, 2, 3, 5, 100] {
            let mut joiner = Joiner::default();
            let mut messages = Vec::new();
            for piece in bytes.repeat(2).chunks(size) {
                joiner.push(piece);
                messages.extend(joiner.next_message().unwrap());
            }
            messages.extend(joiner.next_message().unwrap());
            assert!(messages.iter().all(|message| message.encode().unwrap() == *bytes), "{name} by {size}");
            assert_eq!((messages.len(), joiner.is_amid_message()), (2, false), "{name} by {size}");
        }
    }
}

#[test]
fn openssls_answers_say_what_openssl_chose() {
    let chosen = ServerHello::decode(&body("tls13.server_hello")).unwrap();
    assert_eq!(
        (chosen.version(), chosen.suite.to_string()),
        (ProtocolVersion::TLS_1_3, "TLS_AES_256_GCM_SHA384".into())
    );
    assert_eq!((chosen.group(), chosen.is_retry()), (Some(NamedGroup::X25519), false));
    let retry = ServerHello::decode(&body("tls13-retry.server_hello")).unwrap();
    assert_eq!((retry.group(), retry.is_retry()), (Some(NamedGroup::SECP384R1), true));
    let old = ServerHello::decode(&body("tls10-ecdhe.server_hello")).unwrap();
    assert_eq!(old.version(), ProtocolVersion::TLS_1_0);
    let kept = [ExtensionType::EXTENDED_MASTER_SECRET, ExtensionType::RENEGOTIATION_INFO];
    assert!(kept.iter().all(|kind| old.extension(*kind).is_some()), "{:?}", old.extensions);
}

#[test]
fn openssls_key_exchanges_say_group_and_scheme() {
    let read = |name| ServerKeyExchange::decode(&body(name), suite(name), form(name)).unwrap();
    let ecdhe = read("tls12-ecdhe.server.server_key_exchange");
    assert_eq!(ecdhe.group, KeyExchangeGroup::Named(NamedGroup::X25519));
    assert_eq!(ecdhe.scheme, Some(SignatureScheme::RSA_PSS_RSAE_SHA256));
    assert_eq!(read("tls10-ecdhe.server.server_key_exchange").scheme, None);
    let dhe = read("tls12-dhe.server.server_key_exchange");
    assert_eq!(dhe.group, KeyExchangeGroup::FiniteField { bits: 2048 });
    let anonymous = read("tls12-anon.server.server_key_exchange");
    assert_eq!(anonymous.scheme, None);
}

#[test]
fn openssls_certificate_requests_name_the_ca() {
    let requests = [
        CertificateRequest::decode_tls12(&body("tls12-ecdhe.server.certificate_request")).unwrap(),
        CertificateRequest::decode_tls13(&body("tls13.server.certificate_request")).unwrap(),
    ];
    for request in requests {
        assert_eq!(request.ca_names.len(), 1, "{request:?}");
        assert!(request.ca_names[0].windows(9).any(|part| part == b"client CA"));
        assert!(request.schemes.contains(&SignatureScheme::RSA_PSS_RSAE_SHA256), "{:?}", request.schemes);
    }
}

#[test]
fn a_certificate_request_before_tls_1_2_is_one_of_tls_1_2_without_its_schemes() {
    let newer = body("tls12-ecdhe.server.certificate_request");
    let types = 1 + usize::from(newer[0]);
    let schemes = 2 + usize::from(u16::from_be_bytes([newer[types], newer[types + 1]]));
    let older = [&newer[..types], &newer[types + schemes..]].concat();
    let read = CertificateRequest::decode_tls10(&older).unwrap();
    assert_eq!(read.ca_names, CertificateRequest::decode_tls12(&newer).unwrap().ca_names);
    assert!(read.schemes.is_empty());
    assert!((0..older.len()).all(|length| CertificateRequest::decode_tls10(&older[..length]).is_err()));
}

#[test]
fn openssls_tickets_say_how_long_and_how_much_early_data() {
    let early = NewSessionTicket::decode_tls13(&body("tls13-early.server.new_session_ticket")).unwrap();
    assert_eq!((early.lifetime_s, early.max_early_data), (7200, 16384));
    let plain = NewSessionTicket::decode_tls12(&body("tls12-ecdhe.server.new_session_ticket")).unwrap();
    assert_eq!((plain.lifetime_s, plain.max_early_data), (7200, 0));
}
