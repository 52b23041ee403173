//! A CertificateRequest's body, of TLS 1.0, of 1.2 and of 1.3: no more names are read than bytes came.
#![no_main]

use esp_https::tls::message::CertificateRequest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for read in [
        CertificateRequest::decode_tls10(bytes),
        CertificateRequest::decode_tls12(bytes),
        CertificateRequest::decode_tls13(bytes),
    ]
    .into_iter()
    .flatten()
    {
        let names: usize = read.ca_names.iter().map(|name| name.len() + 2).sum();
        assert!(names + 2 * read.schemes.len() <= bytes.len());
    }
});
