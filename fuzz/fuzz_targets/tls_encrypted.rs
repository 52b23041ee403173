//! What TLS 1.3 sends encrypted: EncryptedExtensions, CertificateVerify, NewSessionTicket (of 1.2 too), alerts, ALPN.
#![no_main]

use esp_https::tls::{
    AlertMessage,
    extension::alpn_choice,
    message::{NewSessionTicket, certificate_verify_scheme, encrypted_extensions},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(extensions) = encrypted_extensions(bytes) {
        assert!(
            extensions.iter().map(|extension| extension.data.len() + 4).sum::<usize>() + 2 == bytes.len()
        );
    }
    for ticket in
        [NewSessionTicket::decode_tls12(bytes), NewSessionTicket::decode_tls13(bytes)].into_iter().flatten()
    {
        assert!(ticket.size <= bytes.len());
    }
    let _ = certificate_verify_scheme(bytes);
    let _ = alpn_choice(bytes);
    if let Ok(alert) = AlertMessage::decode(bytes) {
        assert_eq!(alert.encode(), bytes);
    }
});
