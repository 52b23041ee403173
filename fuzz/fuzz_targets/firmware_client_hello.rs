//! A ClientHello as the firmware reads it before Mbed TLS does, compared with what the host's reader makes of the same bytes. The input
//! is the message without its header, whose length is put right.
#![no_main]

use esp_https::tls::{ClientHello, ExtensionType, Suite};
use esp_https_tls_limits::client_hello::ClientHello as FirmwareClientHello;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let _ = FirmwareClientHello::parse(body);
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
    let message = [&[1], &length[1..], body].concat();
    let read = FirmwareClientHello::parse(&message);
    if let Some(hello) = read {
        assert!(hello.longest_psk_identity() <= message.len());
    }
    let Ok(expected) = ClientHello::decode(body) else { return };
    let hello = read.expect("the host's reader is the stricter one");
    for suite in [0x1301, 0xc02b, 0x5600].into_iter().chain(expected.suites.iter().map(|suite| suite.0)) {
        assert_eq!(hello.offers_suite(suite), expected.suites.contains(&Suite(suite)));
    }
    let extended = expected.extension(ExtensionType::EXTENDED_MASTER_SECRET).is_some();
    assert_eq!(hello.has_extended_master_secret(), extended);
    let groups = expected.extension(ExtensionType::SUPPORTED_GROUPS).unwrap_or_default();
    for group in [23, 29, 0x11ec] {
        assert_eq!(hello.supports_group(group), lists(groups, group));
    }
});

/// Whether a list of numbers of two bytes, behind its length in bytes, has this one; what is behind the list does not count.
fn lists(data: &[u8], number: u16) -> bool {
    let Some((length, rest)) = data.split_first_chunk() else { return false };
    let list = rest.get(..u16::from_be_bytes(*length).into());
    list.is_some_and(|list| list.chunks_exact(2).any(|entry| entry == number.to_be_bytes()))
}
