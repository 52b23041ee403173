//! What a handshake message says, in a few words.

use crate::tls::{
    ClientHello, Extension, ExtensionType, HandshakeMessage, HandshakeType, NamedGroup, ProtocolVersion,
    Reader, ServerHello, Suite, Width,
    message::{
        CertificateRequest, NewSessionTicket, ServerKeyExchange, SignatureForm, certificate_verify_scheme,
        certificates_tls12, certificates_tls13, encrypted_extensions,
    },
};

/// In a few words; empty where there is nothing to say, and what is wrong where it can't be read.
pub(super) fn detail(
    message: &HandshakeMessage,
    version: Option<ProtocolVersion>,
    suite: Option<Suite>,
) -> String {
    let body = message.body.as_slice();
    let is_tls13 = version == Some(ProtocolVersion::TLS_1_3);
    let read = match message.kind {
        HandshakeType::CLIENT_HELLO => ClientHello::decode(body).map(|hello| client_hello(&hello)),
        HandshakeType::SERVER_HELLO => ServerHello::decode(body).map(|hello| server_hello(&hello)),
        HandshakeType::ENCRYPTED_EXTENSIONS => encrypted_extensions(body).map(|it| names(&it)),
        HandshakeType::CERTIFICATE => {
            let chain = if is_tls13 { certificates_tls13(body) } else { certificates_tls12(body) };
            chain.map(|chain| certificates(&chain))
        }
        HandshakeType::CERTIFICATE_REQUEST => {
            let request = if is_tls13 {
                CertificateRequest::decode_tls13(body)
            } else {
                CertificateRequest::decode_tls12(body)
            };
            request.map(|it| format!("{} schemes, {} CA names", it.schemes.len(), it.ca_names.len()))
        }
        HandshakeType::SERVER_KEY_EXCHANGE => key_exchange(body, suite),
        HandshakeType::CERTIFICATE_VERIFY => certificate_verify_scheme(body).map(|it| it.to_string()),
        HandshakeType::NEW_SESSION_TICKET => {
            let ticket = if is_tls13 {
                NewSessionTicket::decode_tls13(body)
            } else {
                NewSessionTicket::decode_tls12(body)
            };
            ticket.map(|it| format!("{} bytes, for {} s", it.size, it.lifetime_s))
        }
        _ => Ok(String::new()),
    };
    read.unwrap_or_else(|error| error.to_string())
}

fn client_hello(hello: &ClientHello) -> String {
    let versions =
        hello.extension(ExtensionType::SUPPORTED_VERSIONS).map(supported_versions).unwrap_or_default();
    let versions = if versions.is_empty() { hello.version.to_string() } else { versions };
    let shares = hello.extension(ExtensionType::KEY_SHARE).map(key_shares).unwrap_or_default();
    let shares = if shares.is_empty() { String::new() } else { format!(", key share of {shares}") };
    format!("{versions}; {} suites, {} extensions{shares}", hello.suites.len(), hello.extensions.len())
}

fn supported_versions(data: &[u8]) -> String {
    let list = Reader::new(data, "supported_versions").vector(Width::U8, "supported_versions");
    let versions = list.and_then(|mut list| list.u16s()).unwrap_or_default();
    let names: Vec<_> = versions.into_iter().map(|version| ProtocolVersion(version).to_string()).collect();
    names.join(", ")
}

fn key_shares(data: &[u8]) -> String {
    let mut names = Vec::new();
    if let Ok(mut list) = Reader::new(data, "key_share").vector(Width::U16, "key shares") {
        while let Ok(group) = list.u16() {
            names.push(NamedGroup(group).to_string());
            if list.vector(Width::U16, "key share").is_err() {
                break;
            }
        }
    }
    names.join(", ")
}

fn server_hello(hello: &ServerHello) -> String {
    let group = hello.group().map(|group| format!(", {group}")).unwrap_or_default();
    format!("{}, {}{group}", hello.version(), hello.suite)
}

fn certificates(chain: &[&[u8]]) -> String {
    match chain {
        [] => "none".to_owned(),
        [one] => format!("1 certificate of {} bytes", one.len()),
        more => {
            format!("{} certificates, {} bytes", more.len(), more.iter().map(|it| it.len()).sum::<usize>())
        }
    }
}

fn key_exchange(body: &[u8], suite: Option<Suite>) -> Result<String, crate::tls::DecodeError> {
    let read = ServerKeyExchange::decode(body, suite.unwrap_or(Suite(0)), SignatureForm::WithScheme)?;
    let group = read.group;
    Ok(read.scheme.map_or_else(|| group.to_string(), |scheme| format!("{group}, signed with {scheme}")))
}

fn names(extensions: &[Extension]) -> String {
    let names: Vec<_> = extensions.iter().map(|extension| extension.kind.to_string()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
