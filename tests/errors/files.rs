//! Certificates, keys and outputs that can't be used.

use std::{
    fs::{self, File},
    path::Path,
    process::Stdio,
    time::Duration,
};

use esp_https::{
    cert,
    device::provisioning::{Inputs, ProvisioningError, ProvisioningImage},
    error::{Code, Error, Fault},
};
use support::{
    Running,
    board::port,
    command_in,
    document::{Told, parse_valid},
    make_fifo,
};

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

#[test]
fn a_wait_for_a_reader_that_a_signal_ends_is_an_interruption() {
    let folder = tempfile::tempdir().unwrap();
    make_fifo(folder.path().join("log"));
    let (_board, port) = port();
    let mut command = command_in(folder.path());
    command.args(["monitor", "--json", "--port", &port, "--serial-log", "log"]);
    let mut child = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    child.wait_for_line("waiting for a reader of log");
    child.signal("INT");
    assert_eq!(Told::by(&child.output()).pair(), (130, "output.interrupted"));
}

#[test]
fn a_log_is_not_shown_on_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let (_board, board_port) = port();
    let (_screen, terminal) = port();
    let screen = File::options().write(true).open(terminal).unwrap();
    let words = ["monitor", "--json", "-o", "result.json", "--port", &board_port, "--serial-log", "-"];
    let status = command_in(folder.path()).args(words).stdout(screen).status().unwrap();
    let document = parse_valid(&fs::read(folder.path().join("result.json")).unwrap());
    assert_eq!((status.code(), document["error"]["code"].as_str()), (Some(2), Some("output.terminal")));
}
