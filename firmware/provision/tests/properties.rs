//! What holds for every image and for every sequence of bytes.

#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::ffi::CString;

use esp_https_provision::{
    Contents, Image, LegacyClients, Limits, PARTITION_BYTES, Payload, Settings, Wifi, write_image,
};
use proptest::{collection::vec, option, prelude::*, sample::Index};

proptest! {
    #[test]
    fn what_is_written_is_read(
        certificate in material(),
        key in material(),
        client_ca in option::of(material()),
        settings in option::of(settings()),
    ) {
        let contents = Contents {
            certificate: certificate.payload(),
            key: key.payload(),
            client_ca: client_ca.as_ref().map(Material::payload),
            settings: settings.as_ref(),
        };
        let mut partition = [0; PARTITION_BYTES];
        let used = write_image(&contents, &mut partition).expect("it fits");
        prop_assert!(partition[used..].iter().all(|byte| *byte == 0xFF));
        let image = Image::parse(&partition).expect("what was written");
        prop_assert_eq!(image.certificate, contents.certificate);
        prop_assert_eq!(image.key, contents.key);
        prop_assert_eq!(image.client_ca, contents.client_ca);
        prop_assert_eq!(image.settings, settings.unwrap_or_default());
    }

    #[test]
    fn a_changed_image_is_refused(changes in vec((any::<Index>(), 1..=u8::MAX), 1..4)) {
        let mut partition = [0; PARTITION_BYTES];
        let contents = Contents {
            certificate: Payload::Der(&[0x30; 500]),
            key: Payload::Pem(c"-----BEGIN EC PRIVATE KEY-----"),
            client_ca: None,
            settings: Some(&Settings::default()),
        };
        let used = write_image(&contents, &mut partition).expect("it fits");
        let whole = partition;
        for (index, mask) in changes {
            partition[index.index(PARTITION_BYTES)] ^= mask;
        }
        // Espressif's end marker may follow the last entry.
        prop_assume!(partition != whole && partition[used..used + 4] != [0xFF, 0xFF, 0, 0]);
        prop_assert!(Image::parse(&partition).is_err());
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in vec(any::<u8>(), 0..600)) {
        let mut partition = [0xFF; PARTITION_BYTES];
        partition[..bytes.len()].copy_from_slice(&bytes);
        prop_assert!(Image::parse(&partition).is_err());
        prop_assert!(Image::parse(&bytes).is_err());
    }

    #[test]
    fn no_entries_make_the_parser_panic(entries in vec((any::<[u8; 8]>(), vec(any::<u8>(), 0..80)), 0..6)) {
        let mut partition = vec![];
        for ([flags, r0, r1, r2, tlv_type, subtype, low, high], data) in entries {
            let mut entry = vec![0x11, 0xBA, 0x5E, 0xBA, flags, r0, r1, r2, tlv_type % 60, subtype, low, high % 2];
            entry.extend(data);
            partition.extend(entry);
        }
        partition.resize(PARTITION_BYTES, 0xFF);
        prop_assert!(Image::parse(&partition).is_err());
    }
}

/// A certificate or key as far as the image looks at it.
#[derive(Debug)]
enum Material {
    Pem(CString),
    Der(Vec<u8>),
}

impl Material {
    fn payload(&self) -> Payload<'_> {
        match self {
            Self::Pem(pem) => Payload::Pem(pem),
            Self::Der(der) => Payload::Der(der),
        }
    }
}

/// At most 2000 bytes, so that three of them and the settings fit.
fn material() -> impl Strategy<Value = Material> {
    prop_oneof![
        vec(1..=u8::MAX, 0..1_988).prop_map(|rest| {
            let pem = [b"-----BEGIN ".as_slice(), &rest].concat();
            Material::Pem(CString::new(pem).expect("no NUL inside"))
        }),
        vec(any::<u8>(), 0..2_000).prop_map(|rest| Material::Der([[0x30].as_slice(), &rest].concat())),
    ]
}

fn settings() -> impl Strategy<Value = Settings> {
    let password = prop_oneof!["[ -~]{8,63}", "[0-9a-fA-F]{64}"];
    let wifi = ("[a-zA-Z0-9 äöü]{1,16}", option::of(password)).prop_map(|(ssid, password)| Wifi {
        ssid: ssid.parse().expect("a network name"),
        password: password.map(|password| password.parse().expect("a password")),
    });
    ("[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?", option::of(wifi), limits(), any::<bool>()).prop_map(
        |(hostname, wifi, limits, legacy)| Settings {
            hostname: hostname.parse().expect("a host name"),
            wifi,
            limits,
            legacy_clients: if legacy { LegacyClients::Served } else { LegacyClients::Refused },
        },
    )
}

fn limits() -> impl Strategy<Value = Limits> {
    let (min, max) = (Limits::MIN, Limits::MAX);
    (
        min.max_header..=max.max_header,
        min.max_uri..=max.max_uri,
        min.max_body..=max.max_body,
        min.handshake_timeout_ms..=max.handshake_timeout_ms,
        min.request_timeout_ms..=max.request_timeout_ms,
        min.idle_timeout_ms..=max.idle_timeout_ms,
    )
        .prop_map(|(max_header, max_uri, max_body, handshake, request, idle)| Limits {
            max_header,
            max_uri,
            max_body,
            handshake_timeout_ms: handshake,
            request_timeout_ms: request,
            idle_timeout_ms: idle,
        })
}
