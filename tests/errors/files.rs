//! Certificates, keys and outputs that can't be used.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use esp_https::{
    cert,
    device::provisioning::{Inputs, ProvisioningError, ProvisioningImage},
    error::{Code, Error, Fault},
};
use serde_json::Value;
use serialport::{SerialPort as _, TTYPort};

use crate::ESP_HTTPS;

/// What a person is told of these two files, who wanted them on a board.
fn refusal(certificate: &Path, key: &Path) -> Error {
    let inputs = Inputs { certificate, key, client_ca: None, settings: None };
    Error::from(ProvisioningImage::build(&inputs).unwrap_err())
}

#[test]
fn a_certificate_and_a_key_that_can_t_be_used_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let pair =
        cert::generate(&cert::Request { key_type: cert::KeyType::P256, ..cert::Request::book() }).unwrap();
    let file = |name: &str, contents: &str| {
        let path = folder.path().join(name);
        fs::write(&path, contents).unwrap();
        path
    };
    let (good, key) = (file("cert.pem", &pair.certificate_pem), file("key.pem", &pair.private_key_pem));
    let encrypted = pair.private_key_pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let empty = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
    let damaged = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    let cases = [
        (file("damaged.pem", damaged), key.clone(), Code::CERT_DAMAGED),
        (file("large.pem", &"x".repeat(2 << 20)), key, Code::CERT_TOO_LARGE),
        (good.clone(), file("encrypted.pem", &encrypted), Code::CERT_KEY_ENCRYPTED),
        (good.clone(), file("empty.pem", empty), Code::PROVISIONING_KEY_KIND),
    ];
    // What only the library's own reader of pairs says: boards and clients name the kind of the key.
    let unread = cert::load::pair(&good, &folder.path().join("empty.pem"), &mut Vec::new()).unwrap_err();
    assert_eq!(Error::from(unread).code, Code::CERT_BAD_KEY);
    for (certificate, key, code) in cases {
        let error = refusal(&certificate, &key);
        assert_eq!((error.fault, error.code), (Fault::Usage, code), "{error}");
        assert!(error.hint.is_some(), "{error}");
    }
}

#[test]
fn a_folder_that_another_program_keeps_locked_is_explained() {
    let waited = Duration::from_secs(10);
    let error = Error::from(cert::StoreError::Locked { path: "/certs".into(), waited });
    assert_eq!((error.fault, error.code), (Fault::Environment, Code::CERT_LOCKED));
    assert!(error.to_string().ends_with("another program has kept the folder locked for 10 s"), "{error}");
    assert!(error.hint.is_some_and(|hint| hint.contains("--out-dir")));
}

#[test]
fn what_the_libraries_can_t_make_is_a_bug() {
    let made = Error::from(cert::Error::Crypto { doing: "generate a key" });
    assert_eq!((made.fault, made.code), (Fault::Bug, Code::CERT_GENERATE));
    assert_eq!(
        made.to_string(),
        "making the certificate: the cryptographic library failed to generate a key"
    );
    let short = pem_rfc7468::encode("CERTIFICATE", pem_rfc7468::LineEnding::LF, b"der", &mut []).unwrap_err();
    let encoded = Error::from(ProvisioningError::from(short));
    assert_eq!((encoded.fault, encoded.code), (Fault::Bug, Code::PROVISIONING_ENCODING));
}

/// A port at which nobody says anything.
fn port() -> (TTYPort, TTYPort, String) {
    let (master, slave) = TTYPort::pair().unwrap();
    let name = slave.name().unwrap();
    (master, slave, name)
}

fn code_in(document: &[u8]) -> String {
    let document: Value = serde_json::from_slice(document).unwrap();
    document["error"]["code"].as_str().unwrap().to_owned()
}

#[test]
fn a_wait_for_a_reader_that_a_signal_ends_is_an_interruption() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Command::new("mkfifo").arg(folder.path().join("log")).status().unwrap().success());
    let (_master, _slave, port) = port();
    let mut command = Command::new(ESP_HTTPS);
    command.args(["monitor", "--json", "--port", &port, "--serial-log", "log"]).current_dir(folder.path());
    let stderr = folder.path().join("stderr");
    let child = command.stdout(Stdio::piped()).stderr(File::create(&stderr).unwrap()).spawn().unwrap();
    let since = Instant::now();
    while !fs::read_to_string(&stderr).unwrap().starts_with("waiting for a reader of log") {
        assert!(since.elapsed() < LONGEST, "it does not wait");
        thread::sleep(Duration::from_millis(10));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), code_in(&output.stdout).as_str()), (Some(130), "output.interrupted"));
}

#[test]
fn a_log_is_not_shown_on_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let (_master, _slave, port) = port();
    let (_screen, terminal, name) = self::port();
    let screen = File::options().write(true).open(name).unwrap();
    let words = ["monitor", "--json", "-o", "result.json", "--port", &port, "--serial-log", "-"];
    let status =
        Command::new(ESP_HTTPS).args(words).current_dir(folder.path()).stdout(screen).status().unwrap();
    drop(terminal);
    let document = fs::read(folder.path().join("result.json")).unwrap();
    assert_eq!((status.code(), code_in(&document).as_str()), (Some(2), "output.terminal"));
}

const LONGEST: Duration = Duration::from_secs(60);
