//! A ServerKeyExchange's body, for the suite that the first two bytes name, with and without a scheme.
#![no_main]

use esp_https::tls::{
    Suite,
    message::{KeyExchangeGroup, ServerKeyExchange, SignatureForm},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((suite, body)) = bytes.split_first_chunk() else { return };
    let suite = Suite(u16::from_be_bytes(*suite));
    for form in [SignatureForm::WithScheme, SignatureForm::Bare] {
        if let Ok(ServerKeyExchange { group: KeyExchangeGroup::FiniteField { bits }, .. }) =
            ServerKeyExchange::decode(body, suite, form)
        {
            assert!(bits <= 8 * body.len());
        }
    }
});
