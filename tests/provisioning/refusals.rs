//! Files that no provisioning image can be made from: what a person is told, and that nothing else happens.
use std::{
    fs,
    path::{Path, PathBuf},
};

use esp_https::{
    cert::{self, Generated, KeyType, Request},
    device::provisioning::{Inputs, ProvisioningImage},
    error::Error,
};
use esp_https_provision::{Image, Limits, Settings, Wifi};
use tempfile::TempDir;

#[test]
fn a_chain_and_a_bundle_of_client_cas_are_kept_whole() {
    let folder = Folder::new();
    let (pair, other) = (pair(KeyType::P256), pair(KeyType::P256));
    let both = [pair.certificate_pem.as_str(), &other.certificate_pem].concat();
    let (chain, key) = (folder.file("chain.pem", &both), folder.file("key.pem", &*pair.private_key_pem));
    let inputs = Inputs { certificate: &chain, key: &key, client_ca: Some(&chain), settings: None };

    let built = ProvisioningImage::build(&inputs).expect("an image");

    assert_eq!(built.certificate(), &*pair.certificate);
    let image = Image::parse(built.bytes()).expect("an image");
    assert_eq!(image.certificate.to_bytes(), [both.as_bytes(), b"\0"].concat());
    assert_eq!(image.client_ca, Some(image.certificate));
}

#[test]
fn text_around_the_pem_and_windows_line_ends_do_not_get_into_the_image() {
    let folder = Folder::new();
    let pair = pair(KeyType::P256);
    let noisy = format!("Subject: CN = x\n{}Bag Attributes\n", pair.certificate_pem).replace('\n', "\r\n");
    let key = folder.file("key.pem", pair.private_key_pem.replace('\n', "\r\n"));
    let (plain, noisy) = (folder.file("plain.pem", &pair.certificate_pem), folder.file("noisy.pem", noisy));
    let image = |certificate: &Path| {
        let inputs = Inputs { certificate, key: &key, client_ca: None, settings: None };
        *ProvisioningImage::build(&inputs).expect("an image").bytes()
    };
    assert!(image(&noisy) == image(&plain));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = Folder::new();
    let (certificate, key) = (folder.path("no.pem"), folder.path("no.key"));
    let refusal =
        folder.refusal(&Inputs { certificate: &certificate, key: &key, client_ca: None, settings: None });
    assert_eq!(refusal, "cert.unreadable: reading DIR/no.pem: there is no such file or folder");
}

#[test]
fn files_that_hold_something_else_are_named() {
    let folder = Folder::new();
    let pair = pair(KeyType::P256);
    let certificate = folder.file("cert.pem", &pair.certificate_pem);
    let key = folder.file("key.pem", &*pair.private_key_pem);
    let ed25519 = folder.file("ed25519.pem", ED25519_KEY);
    let trailing = folder.file("trailing.der", [&*pair.certificate, b"\0"].concat());
    let garbage = folder.file("garbage", [0x30, 0x82, 0xFF, 0xFF, 0x00]);
    let cases = [
        (
            &key,
            &key,
            "cert.no_certificate: reading the certificate in DIR/key.pem: there is no PEM certificate in it; it is a private key",
        ),
        (
            &trailing,
            &key,
            "cert.not_pem: reading the certificate in DIR/trailing.der: there is no PEM certificate in it; it is a certificate in DER, which is binary",
        ),
        (
            &certificate,
            &certificate,
            "cert.no_key: reading the private key in DIR/cert.pem: there is no usable private key in it; it is a certificate",
        ),
        (
            &certificate,
            &ed25519,
            "provisioning.key_kind: reading the private key in DIR/ed25519.pem: its key is Ed25519, which the firmware's TLS is built without; a board takes RSA from 2048 bits, and ECDSA on P-256 or P-384",
        ),
        (
            &certificate,
            &garbage,
            "cert.damaged: reading the private key in DIR/garbage: there is no usable private key in it; it is cut off: DER (binary) of which 5 of 65539 bytes are there",
        ),
    ];
    for (certificate, key, expected) in cases {
        let inputs = Inputs { certificate, key, client_ca: None, settings: None };
        assert_eq!(folder.refusal(&inputs), expected);
    }
}

#[test]
fn a_key_of_another_certificate_is_refused_in_pem_and_der() {
    let folder = Folder::new();
    let (pair, other) = (pair(KeyType::P256), pair(KeyType::P256));
    let (pem, der) =
        (folder.file("cert.pem", &pair.certificate_pem), folder.file("cert.der", &pair.certificate));
    let key = folder.file("key.pem", &*other.private_key_pem);
    for (certificate, name) in [(&pem, "cert.pem"), (&der, "cert.der")] {
        let inputs = Inputs { certificate, key: &key, client_ca: None, settings: None };
        let expected = format!(
            "cert.key_mismatch: checking that the key and the certificate belong together: the key in DIR/key.pem \
             does not belong to the certificate in DIR/{name}"
        );
        assert_eq!(folder.refusal(&inputs), expected);
    }
}

#[test]
fn what_a_board_refuses_is_named_with_the_reason_and_the_place() {
    let folder = Folder::new();
    let pair = pair(KeyType::P256);
    let certificate = folder.file("cert.pem", &pair.certificate_pem);
    let key = folder.file("key.pem", &*pair.private_key_pem);
    let (refused, _) = support::certificates::refused_by_boards();
    let chain = folder.file("chain.pem", format!("{}{refused}", pair.certificate_pem));
    let ca = folder.file("ca.pem", &refused);
    let why = "it has the extension 1.2.3.4, marked as critical, which the board's TLS library does not know";
    let inputs = Inputs { certificate: &chain, key: &key, client_ca: None, settings: None };
    assert_eq!(
        folder.refusal(&inputs),
        format!(
            "provisioning.certificate: checking the certificate in DIR/chain.pem: a board refuses the certificate number 2 of 2 in it: {why}"
        )
    );
    let inputs = Inputs { certificate: &certificate, key: &key, client_ca: Some(&ca), settings: None };
    assert_eq!(
        folder.refusal(&inputs),
        format!(
            "provisioning.certificate: checking the certificate in DIR/ca.pem: a board refuses it: {why}"
        )
    );
    let error = Error::from(ProvisioningImage::build(&inputs).expect_err("a refusal"));
    let hint = error.hint.expect("advice");
    assert!(hint.contains("not marked as critical"), "{hint}");
}

#[test]
fn what_does_not_fit_is_refused_with_its_sizes() {
    let folder = Folder::new();
    let pair = pair(KeyType::P256);
    let chain = folder.file("chain.pem", pair.certificate_pem.repeat(20));
    let key = folder.file("key.pem", &*pair.private_key_pem);
    let refusal = folder.refusal(&Inputs { certificate: &chain, key: &key, client_ca: None, settings: None });
    let sizes =
        format!("certificate {}, key 228, client CA 0, settings 0", pair.certificate_pem.len() * 20 + 1);
    assert!(
        refusal.starts_with("provisioning.too_large: making the provisioning image: it takes "),
        "{refusal}"
    );
    assert!(refusal.contains(&sizes), "{refusal}");
}

#[test]
fn settings_out_of_bounds_are_refused() {
    let folder = Folder::new();
    let pair = pair(KeyType::P256);
    let certificate = folder.file("cert.pem", &pair.certificate_pem);
    let key = folder.file("key.pem", &*pair.private_key_pem);
    let limits = Limits { max_uri: 0, ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let inputs = Inputs { certificate: &certificate, key: &key, client_ca: None, settings: Some(&settings) };
    assert_eq!(
        folder.refusal(&inputs),
        "provisioning.refused: making the provisioning image: the settings can't be used: max_uri is 0, and has to be \
         32 to 2048"
    );
}

#[test]
fn a_wi_fi_password_does_not_get_into_json() {
    let password = Some("correct horse".parse().expect("a password"));
    let wifi = Some(Wifi { ssid: "attic".parse().expect("a network name"), password });
    let json = serde_json::to_string(&Settings { wifi, ..Settings::default() }).expect("JSON");
    assert!(json.contains(r#""wifi":{"ssid":"attic","password":"(hidden)"}"#), "{json}");
}

fn pair(key_type: KeyType) -> Generated {
    cert::generate(&Request { key_type, ..Request::book() }).expect("a pair")
}

/// A folder for inputs.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, contents).expect("a file");
        path
    }

    /// What the user is told: code and message, with this folder's name as `DIR`. Always a usage error.
    fn refusal(&self, inputs: &Inputs<'_>) -> String {
        let error = Error::from(ProvisioningImage::build(inputs).expect_err("a refusal"));
        assert_eq!(error.fault.exit_code(), 2, "{error}");
        format!("{}: {error}", error.code).replace(&self.0.path().display().to_string(), "DIR")
    }
}

/// The test key of RFC 8410 section 10.3.
const ED25519_KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
    -----END PRIVATE KEY-----\n";
