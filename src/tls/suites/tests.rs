//! The registered names say what each suite is made of; only these tests read them.

use super::{super::cipher::Cipher, *};

#[test]
fn each_number_and_each_name_is_listed_once_in_order() {
    assert!(CIPHER_SUITES.windows(2).all(|pair| pair[0].suite < pair[1].suite));
    let mut names: Vec<_> = CIPHER_SUITES.iter().map(|parts| parts.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn each_row_is_what_its_registered_name_says() {
    for row in CIPHER_SUITES {
        let SuiteParts { name, key_exchange, authentication, cipher, hash, .. } = *row;
        let body = name.strip_prefix("TLS_").unwrap();
        let (agreement, rest) = body.split_once("_WITH_").unwrap_or(("", body));
        let bare = agreement.strip_suffix("_EXPORT").unwrap_or(agreement);
        assert_eq!(row.is_export(), bare != agreement, "{name}");
        assert_eq!(parties(bare), (key_exchange, authentication), "{name}");
        // RFC 9150 names the hash of the MAC where the others name the cipher.
        let rest = match name {
            "TLS_SHA256_SHA256" => "NULL_SHA256",
            "TLS_SHA384_SHA384" => "NULL_SHA384",
            _ => rest,
        };
        assert_eq!(format!("{}{}", spelt(cipher), ending(hash, cipher, rest)), rest, "{name}");
        assert_eq!(
            row.suite.is_tls13(),
            row.suite.0 >> 8 == 0x13 || matches!(row.suite.0, 0xc0b4 | 0xc0b5),
            "{name}"
        );
        assert_eq!(row.needs_no_psk(), !name.contains("PSK"), "{name}");
    }
}

/// Key exchange and authentication as the words before `_WITH_` say them.
fn parties(words: &str) -> (K, A) {
    match words {
        "" => return (Group, A::Certificate),
        "NULL" => return (K::Null, A::Null),
        "RSA" => return (K::Rsa, A::Rsa),
        "PSK" => return (K::Psk, A::Psk),
        // RFC 6655 has these two the wrong way round.
        "PSK_DHE" => return (Dhe, A::Psk),
        _ => {}
    }
    let (key_exchange, authentication) = words.split_once('_').unwrap();
    let key_exchange = match key_exchange {
        "RSA" => K::Rsa,
        "DH" => Dh,
        "DHE" => Dhe,
        "ECDH" => Ecdh,
        "ECDHE" => Ecdhe,
        other => panic!("{other}"),
    };
    let authentication = match authentication {
        "RSA" => A::Rsa,
        "DSS" => A::Dss,
        "ECDSA" => A::Ecdsa,
        "PSK" => A::Psk,
        "anon" => A::Anonymous,
        other => panic!("{other}"),
    };
    (key_exchange, authentication)
}

/// A cipher as the registry writes it; the size of its keys is compared, too.
fn spelt(cipher: Cipher) -> String {
    let text = cipher.to_string().replace('-', "_");
    let bits: u16 = match text.split(['_', 'S']).find_map(|word| word.parse().ok()) {
        Some(bits) if bits > 8 => bits,
        _ if text == "NULL" => 0,
        _ if text.starts_with("DES") => 56,
        _ if text.starts_with("3DES") => 168,
        _ if text.starts_with("CHACHA20") => 256,
        _ => 128,
    };
    assert_eq!(bits, cipher.bits, "{text}");
    text
}

fn ending(hash: Hash, cipher: Cipher, rest: &str) -> &'static str {
    match hash {
        Hash::Null => "_NULL",
        Md5 => "_MD5",
        Sha1 => "_SHA",
        Sha384 => "_SHA384",
        // RFC 6655 and RFC 7251 leave it out.
        Sha256 if spelt(cipher) == rest && rest.contains("_CCM") => "",
        Sha256 => "_SHA256",
        Hash::Sha224 | Hash::Sha512 => panic!("{rest}"),
    }
}

#[test]
fn suites_have_the_names_of_the_registry_and_others_their_number() {
    assert_eq!(Suite(0xc02f).to_string(), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    assert_eq!(Suite(0x2a2a).to_string(), "0x2a2a");
    assert_eq!(Suite::all().filter(|suite| suite.is_tls13()).count(), 7);
    assert_eq!(CIPHER_SUITES.len(), 313);
}

#[test]
fn what_is_broken_is_marked() {
    let broken = |number: u16| {
        let weaknesses = Suite(number).parts().unwrap().weaknesses();
        weaknesses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(
        broken(0x0003),
        "EXPORT: keys of 40 bits, static RSA: no forward secrecy, RC4, MD5",
        "TLS_RSA_EXPORT_WITH_RC4_40_MD5"
    );
    assert_eq!(broken(0xc012), "3DES: blocks of 64 bits", "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA");
    assert_eq!(broken(0x0018), "no authentication, RC4, MD5", "TLS_DH_anon_WITH_RC4_128_MD5");
    assert_eq!(broken(0xc02f), "");
}
