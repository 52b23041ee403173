//! What `openssl` makes is held against the emulated board in `tests/e2e/certificates.rs`; here is what needs no board.

use crate::cert::{self, KeyType, Profile, Request};

use super::*;

#[test]
fn a_board_takes_what_certgen_makes() {
    for profile in [Profile::Book, Profile::Server] {
        for key_type in [KeyType::Rsa2048, KeyType::P256, KeyType::P384] {
            let request = Request { profile, key_type, ..Request::book() };
            let made = cert::generate(&request).unwrap().certificate;
            assert_eq!(check(&made, Purpose::Serving), Ok(()), "{profile:?} {key_type}");
            assert_eq!(check(&made, Purpose::Issuing), Ok(()), "{profile:?} {key_type}");
        }
    }
}

#[test]
fn a_certificate_that_is_cut_off_is_refused_wherever_it_is_cut() {
    let made = cert::generate(&Request { key_type: KeyType::P256, ..Request::book() }).unwrap().certificate;
    for length in 0..made.len() {
        assert_eq!(
            check(&made[..length], Purpose::Serving),
            Err(Refusal::Damaged { what: "outermost sequence" }),
            "{length} bytes"
        );
    }
    // With all the lengths above it made to fit, the cut shows in each part.
    let mut inner = made.to_vec();
    while inner.len() > 10 {
        inner.pop();
        let [high, low] = u16::try_from(inner.len() - 4).unwrap().to_be_bytes();
        inner[2..4].copy_from_slice(&[high, low]);
        assert!(check(&inner, Purpose::Serving).is_err(), "{} bytes", inner.len());
    }
}

#[test]
fn dates_exist_and_have_seconds() {
    for (tag, text, expected) in [
        (0x17, "250101000000Z", true),
        (0x17, "250101000000", true),
        (0x17, "2501010000Z", false),
        (0x17, "250101000000+0100", false),
        (0x17, "250229000000Z", false),
        (0x17, "240229235959Z", true),
        (0x17, "250101240000Z", false),
        (0x17, "250101000060Z", false),
        (0x17, "25010100000xZ", false),
        (0x18, "20500101000000Z", true),
        (0x18, "99991231235959Z", true),
        (0x18, "500101000000Z", false),
        (0x18, "20501301000000Z", false),
        (0x18, "20500100000000Z", false),
        (0x19, "250101000000Z", false),
    ] {
        assert_eq!(is_date(tag, text.as_bytes()), expected, "{text}");
    }
}

#[test]
fn a_refusal_names_what_it_is_about() {
    let told = |refusal: Refusal| refusal.to_string();
    let oid = |oid: &str| oid.to_owned();
    assert_eq!(
        told(Refusal::CriticalExtension { oid: oid("2.5.29.30") }),
        "it has the extension nameConstraints (2.5.29.30), marked as critical, which the board's TLS library does not know"
    );
    assert_eq!(
        told(Refusal::SignatureAlgorithm { oid: oid("1.3.101.112") }),
        "it is signed by Ed25519 (1.3.101.112), which the board's TLS library does not know"
    );
    assert_eq!(
        told(Refusal::NameType { place: NamePlace::Subject, tag: 0x1a }),
        "the name of its subject has text of the ASN.1 type VisibleString, which the board's TLS library does not know"
    );
    assert_eq!(told(Refusal::Extension { oid: oid("1.2.3") }), "its extension 1.2.3 can't be read");
}
