//! Damaged, truncated and foreign partitions: each is refused, with the reason that the FAULT line will show.

#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use esp_https_provision::{
    Contents, Hostname, Image, LegacyClients, Limits, PARTITION_BYTES, ParseError, Password, Payload,
    Settings, SettingsError, Wifi, WriteError, write_image,
};

#[test]
fn every_truncation_is_refused() {
    let (image, _) = sample();
    for length in 0..image.len() {
        assert_eq!(Image::parse(&image[..length]), Err(ParseError::Size(length)));
    }
    let longer = [image.as_slice(), &[0xFF]].concat();
    assert_eq!(Image::parse(&longer), Err(ParseError::Size(PARTITION_BYTES + 1)));
}

#[test]
fn every_interrupted_write_is_refused() {
    let (image, used) = sample();
    for length in 0..used {
        let mut partition = [0xFF; PARTITION_BYTES];
        partition[..length].copy_from_slice(&image[..length]);
        assert!(Image::parse(&partition).is_err(), "written up to {length}");
    }
}

#[test]
fn every_flipped_bit_and_every_inverted_byte_is_refused() {
    let (mut image, _) = sample();
    for offset in 0..image.len() {
        for mask in [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF] {
            image[offset] ^= mask;
            assert!(Image::parse(&image).is_err(), "byte {offset:#x} xor {mask:#04x}");
            image[offset] ^= mask;
        }
    }
    assert!(Image::parse(&image).is_ok(), "the sample itself");
}

#[test]
fn every_damaged_byte_of_a_partition_without_a_tail_is_refused() {
    let filler = vec![0x30; 7_744];
    let contents = Contents { certificate: Payload::Der(&filler), ..contents() };
    let mut image = [0; PARTITION_BYTES];
    let used = write_image(&contents, &mut image).expect("an image");
    assert_eq!(used, PARTITION_BYTES);
    for offset in 0..image.len() {
        image[offset] ^= 0x01;
        assert!(Image::parse(&image).is_err(), "byte {offset:#x}");
        image[offset] ^= 0x01;
    }
}

#[test]
fn foreign_images_are_refused_with_their_reason() {
    let cert = entry(0, 1, b"0cert");
    let key = entry(0, 2, b"0key");
    let cases = [
        (vec![], "the provisioning partition is empty"),
        (vec![b"nvs data".to_vec()], "no entry begins at 0x0000: the magic number is wrong"),
        (
            vec![cert.clone(), key.clone()],
            "the last entry is no integrity entry, so nothing vouches for the image",
        ),
        (
            vec![cert.clone(), vouched(&[&cert]), vouched(&[])],
            "the image is damaged: the SHA-256 of its integrity entry does not match",
        ),
        (vec![key.clone(), vouched(&[&key])], "there is no device certificate"),
        (vec![cert.clone(), vouched(&[&cert])], "there is no private key"),
        (vec![cert.clone(), cert.clone(), key.clone()], "there is more than one device certificate"),
        (vec![entry(0, 10, b"0")], "the entry at 0x0000 has the unknown type 10"),
        (
            vec![entry(0x80, 2, b"0key")],
            "the private key has the flags 0x80: only plain entries are supported",
        ),
        (vec![cert.clone(), b"\xFF\xFF\0\0\xFFx".to_vec()], "the bytes from 0x0025 on are not erased"),
    ];
    for (entries, reason) in cases {
        let refusal = Image::parse(&partition(&entries)).expect_err(reason);
        assert_eq!(refusal.to_string(), reason);
    }
}

#[test]
fn payloads_are_refused_unless_pem_with_one_nul_at_its_end_or_der() {
    for bad in
        [b"".as_slice(), b"\0", b"text", b"-----BEGIN X", b"-----BEGIN X\0\0", b"-----BEGIN \0X\0", b"\xFF"]
    {
        let (cert, key) = (entry(0, 1, bad), entry(0, 2, b"0key"));
        let vouched = vouched(&[&cert, &key]);
        let refusal = Image::parse(&partition(&[cert, key, vouched])).expect_err("no payload");
        assert_eq!(
            refusal.to_string(),
            "the device certificate is neither PEM ending in NUL nor DER",
            "{bad:?}"
        );
    }
}

#[test]
fn an_entry_that_runs_past_the_end_is_refused() {
    let mut image = partition(&[entry(0, 1, b"0cert")]);
    image[10..12].copy_from_slice(&[0xFF, 0x1F]);
    let reason = "the entry at 0x0000 runs past the end of the partition";
    assert_eq!(Image::parse(&image).map_err(|error| error.to_string()), Err(reason.to_owned()));
}

#[test]
fn reserved_and_padding_bytes_have_to_be_zero_even_under_a_good_checksum() {
    for offset in [5, 6, 7, 12 + 5, 12 + 15] {
        let mut cert = entry(0, 1, b"0cert");
        cert[offset] = 1;
        reseal(&mut cert);
        let refusal = Image::parse(&partition(&[cert])).expect_err("reserved");
        assert_eq!(refusal, ParseError::Reserved(0), "byte {offset}");
    }
}

#[test]
fn settings_that_can_not_be_used_are_refused() {
    let encoded = |settings: &[u8]| {
        let entries = [entry(0, 1, b"0cert"), entry(0, 2, b"0key"), entry(0, 51, settings)];
        let vouched = vouched(&[&entries[0], &entries[1], &entries[2]]);
        Image::parse(&partition(&[entries.concat(), vouched])).map(|image| image.settings)
    };
    // Version, host name "a", no Wi-Fi, then the six limits as varints: 256, 32, 32, 1000, 100, 100.
    let good = b"\x01\x01a\0\x80\x02\x20\x20\xE8\x07\x64\x64";
    assert_eq!(encoded(good).map(|settings| settings.limits), Ok(Limits::MIN));
    let refused = |settings: &[u8]| match encoded(settings) {
        Err(ParseError::Settings(reason)) => reason,
        other => panic!("{settings:x?}: {other:?}"),
    };
    for length in 0..good.len() {
        assert_eq!(refused(&good[..length]), SettingsError::Malformed, "{length}");
    }
    assert_eq!(refused(b"\x03"), SettingsError::Version(3));
    assert_eq!(refused(&[good.as_slice(), b"\0"].concat()), SettingsError::Malformed);
    assert_eq!(refused(b"\x01\x01-\0\x80\x02\x20\x20\xE8\x07\x64\x64"), SettingsError::Malformed);
    let limit = SettingsError::Limit { name: "max_header", value: 4097, min: 256, max: 4096 };
    assert_eq!(refused(b"\x01\x01a\0\x81\x20\x20\x20\xE8\x07\x64\x64"), limit);
}

/// Version 2 has a choice behind what version 1 has. Boards with an earlier firmware read version 1 only, so it is still written.
#[test]
fn settings_of_both_versions_are_read_and_the_older_is_written_where_it_says_all() {
    let read = |settings: &[u8]| {
        let entries = [entry(0, 1, b"0cert"), entry(0, 2, b"0key"), entry(0, 51, settings)];
        let vouched = vouched(&[&entries[0], &entries[1], &entries[2]]);
        Image::parse(&partition(&[entries.concat(), vouched])).map(|image| image.settings)
    };
    for (encoded, legacy_clients) in [
        (b"\x01\x01a\0\x80\x02\x20\x20\xE8\x07\x64\x64".as_slice(), LegacyClients::Refused),
        (b"\x02\x01a\0\x80\x02\x20\x20\xE8\x07\x64\x64\x01", LegacyClients::Served),
    ] {
        let hostname = "a".parse().expect("a name");
        let settings = Settings { hostname, wifi: None, limits: Limits::MIN, legacy_clients };
        assert_eq!(read(encoded).as_ref(), Ok(&settings));
        let contents = Contents { settings: Some(&settings), ..contents() };
        let mut image = [0; PARTITION_BYTES];
        write_image(&contents, &mut image).expect("an image");
        assert!(image.windows(encoded.len()).any(|bytes| bytes == encoded), "{encoded:x?}");
        let cut = encoded.len() - 1;
        assert_eq!(read(&encoded[..cut]), Err(ParseError::Settings(SettingsError::Malformed)));
        let longer = [encoded, b"\0"].concat();
        assert_eq!(read(&longer), Err(ParseError::Settings(SettingsError::Malformed)));
    }
    let unknown = b"\x02\x01a\0\x80\x02\x20\x20\xE8\x07\x64\x64\x02";
    assert_eq!(read(unknown), Err(ParseError::Settings(SettingsError::Malformed)));
}

#[test]
fn what_does_not_fit_is_refused_with_every_size_and_leaves_nothing_behind() {
    let large = vec![0x30; 8_000];
    let contents = Contents { certificate: Payload::Der(&large), ..contents() };
    let mut image = [0; PARTITION_BYTES];
    let refusal = write_image(&contents, &mut image).expect_err("too large");
    assert_eq!(
        refusal.to_string(),
        "it takes 8448 bytes and the partition holds 8192: certificate 8000, key 36, client CA 302, settings 0, the \
         rest headers and checksums"
    );
    assert!(image.iter().all(|byte| *byte == 0xFF));
    // More than an entry's 16-bit length can say.
    let larger = vec![0x30; 70_000];
    let contents = Contents { certificate: Payload::Der(&larger), ..contents };
    assert!(matches!(write_image(&contents, &mut image), Err(WriteError::TooLarge { needed: 70_448, .. })));
}

#[test]
fn what_the_device_would_refuse_is_not_written() {
    let mut image = [0; PARTITION_BYTES];
    let contents = Contents { key: Payload::Der(b"text"), ..contents() };
    let refusal = write_image(&contents, &mut image).expect_err("no DER");
    assert_eq!(refusal.to_string(), "the private key is neither PEM ending in NUL nor DER");
    assert!(image.iter().all(|byte| *byte == 0xFF));

    let settings = Settings { limits: Limits { max_body: 2049, ..Limits::MAX }, ..Settings::default() };
    let contents = Contents { settings: Some(&settings), ..self::contents() };
    let refusal = write_image(&contents, &mut image).expect_err("too much");
    assert_eq!(refusal.to_string(), "the settings can't be used: max_body is 2049, and has to be 32 to 2048");
}

#[test]
fn every_text_of_settings_is_checked() {
    for name in ["", "-a", "a-", "a.b", "a_b", "ü", "a b", "123456789012345678901234567890123"] {
        assert!(name.parse::<Hostname>().is_err(), "{name}");
    }
    for name in ["a", "7", "A-1", "12345678901234567890123456789012"] {
        assert_eq!(name.parse::<Hostname>().map(|name| name.to_string()), Ok(name.to_owned()));
    }
    let wifi = |ssid: &str, password: &str| -> Result<Wifi, SettingsError> {
        Ok(Wifi { ssid: ssid.parse()?, password: Some(password.parse()?) })
    };
    let hex = "0123456789abcdefABCDEF0123456789".repeat(2);
    assert!(wifi("attic", "12345678").is_ok() && wifi(&"s".repeat(32), &hex).is_ok());
    assert_eq!(wifi("", "12345678"), Err(SettingsError::Ssid(0)));
    assert_eq!(wifi(&"s".repeat(33), "12345678"), Err(SettingsError::Ssid(33)));
    for password in ["", "1234567", "pässword", "line\nbreak", &"x".repeat(64), &"a".repeat(65)] {
        assert_eq!(wifi("attic", password), Err(SettingsError::Password), "{password}");
    }
}

#[test]
fn neither_key_nor_password_is_in_debug_output() {
    let wifi = Wifi { ssid: "attic".parse().expect("a name"), password: "sesame-1".parse().ok() };
    let settings = Settings { wifi: Some(wifi), ..Settings::default() };
    let contents = Contents { key: Payload::Der(b"0sesame-1"), settings: Some(&settings), ..contents() };
    let shown = format!("{contents:?}");
    assert!(shown.contains("attic") && !shown.contains("sesame"), "{shown}");
    let key_bytes = format!("{:?}", b"0sesame-1".as_slice());
    assert!(!shown.contains(&key_bytes), "{shown}");
}

#[test]
fn a_password_is_erased_when_it_is_dropped() {
    fn erased<T: zeroize::ZeroizeOnDrop>() {}
    erased::<Password>();
}

/// An image of the usual make-up, and how much of it is used.
fn sample() -> ([u8; PARTITION_BYTES], usize) {
    let wifi = Wifi { ssid: "attic".parse().expect("a name"), password: "sesame-1".parse().ok() };
    let settings = Settings { wifi: Some(wifi), ..Settings::default() };
    let mut image = [0; PARTITION_BYTES];
    let used =
        write_image(&Contents { settings: Some(&settings), ..contents() }, &mut image).expect("an image");
    (image, used)
}

fn contents() -> Contents<'static> {
    Contents {
        certificate: Payload::Pem(c"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
        key: Payload::Pem(c"-----BEGIN EC PRIVATE KEY-----\nMHc\n"),
        client_ca: Some(Payload::Der(&[0x30; 302])),
        settings: None,
    }
}

fn partition(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut partition = entries.concat();
    partition.resize(PARTITION_BYTES, 0xFF);
    partition
}

/// One entry, put together here and not by the crate.
fn entry(flags: u8, tlv_type: u8, data: &[u8]) -> Vec<u8> {
    let mut entry = vec![0x11, 0xBA, 0x5E, 0xBA, flags, 0, 0, 0, tlv_type, 0];
    entry.extend(u16::try_from(data.len()).expect("a short payload").to_le_bytes());
    entry.extend(data);
    entry.resize(12 + data.len().div_ceil(16) * 16 + 4, 0);
    reseal(&mut entry);
    entry
}

fn vouched(entries: &[&Vec<u8>]) -> Vec<u8> {
    use sha2::Digest as _;
    let mut sha256 = sha2::Sha256::new();
    entries.iter().for_each(|entry| sha256.update(entry));
    entry(0, 9, &sha256.finalize())
}

/// Puts the right checksum at an entry's end: CRC-32 bit by bit, from a register of zeros.
fn reseal(entry: &mut [u8]) {
    let (covered, checksum) = entry.split_at_mut(entry.len() - 4);
    let crc = covered.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    });
    checksum.copy_from_slice(&(!crc).to_le_bytes());
}
