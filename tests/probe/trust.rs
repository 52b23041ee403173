//! Whom the probe trusts: pins, CAs, and what it says when it doesn't.

use std::{fs, net::TcpStream, sync::Arc, thread};

use rustls::{
    ServerConfig, ServerConnection, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::{CertifiedKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};

use support::{make_fifo, peer};

use crate::bench::{Folder, Run, probe, probe_text};

fn verdict(run: &Run) -> (i32, [&str; 3]) {
    let field = |name: &str| run.result(&format!("/trust/{name}")).as_str().unwrap_or("none");
    (run.code, [field("verdict"), field("basis"), field("refusal")])
}

#[test]
fn a_pin_is_the_certificate_or_its_key_and_nothing_else() {
    let folder = Folder::new();
    folder.p256("board");
    folder.p256("other");
    folder.renewed("renewed", "board");
    let server = folder.serve("board", &[]);
    let with = |pin: &str| probe(&[&server.address, "--cert", &folder.arg(pin)]);
    assert_eq!(verdict(&with("board.pem")), (0, ["trusted", "pinned_certificate", "none"]));
    assert_eq!(verdict(&with("renewed.pem")), (0, ["trusted", "pinned_key", "none"]));
    let wrong = with("other.pem");
    assert_eq!(verdict(&wrong), (1, ["refused", "pinned_certificate", "other_key"]));
    assert_eq!(wrong.error().1, "probe.pin_mismatch");
    assert_eq!(wrong.result("/page/answer/status"), 200, "the full report is there all the same");
}

#[test]
fn the_expected_certificate_is_read_once_for_all_servers() {
    let folder = Folder::new();
    folder.p256("board");
    let servers = [folder.serve("board", &[]), folder.serve("board", &[]), folder.serve("board", &[])];
    let addresses: Vec<&str> = servers.iter().map(|server| server.address.as_str()).collect();
    let pem = fs::read(folder.path("board.pem")).unwrap();
    // It can be read once only, as what a shell's <(..) gives.
    for flag in ["--cert", "--cacert"] {
        let fifo = folder.path("fifo");
        let _ = fs::remove_file(&fifo);
        make_fifo(&fifo);
        let (name, pem) = (fifo.display().to_string(), pem.clone());
        let writer = thread::spawn(move || fs::write(fifo, pem).unwrap());
        let run = probe(&[&addresses[..], &[flag, &name, "--server-name", "board"]].concat());
        writer.join().unwrap();
        let hosts = run.result("/hosts").as_array().unwrap();
        let verdicts: Vec<_> = hosts.iter().map(|host| &host["result"]["trust"]["verdict"]).collect();
        let expected = if flag == "--cert" { "trusted" } else { "refused" };
        assert_eq!(verdicts, [expected; 3], "{flag}: {:#}", run.document);
    }
    fs::write(folder.path("odd.pem"), [b"\xef\xbb\xbf", &pem[..]].concat()).unwrap();
    let (_, _, error) = probe_text(&[&addresses[..], &["--cert", &folder.arg("odd.pem")]].concat());
    assert_eq!(error.matches("note: ").count(), 1, "{error}");
}

#[test]
fn without_a_pin_or_a_ca_nothing_is_claimed() {
    let folder = Folder::new();
    folder.p256("board");
    let run = probe(&[&folder.serve("board", &[]).address]);
    assert_eq!(verdict(&run), (0, ["not_checked", "nothing", "none"]));
    assert_eq!(run.result("/trust/explanation"), "not checked: give --cert (pin) or --cacert");
}

#[test]
fn a_ca_is_trusted_for_what_it_issued_and_only_for_its_names() {
    let folder = Folder::new();
    folder.p256("ca");
    folder.p256("namesake");
    folder.self_signed("other", "ec", &["-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=another CA"]);
    folder.issued("board", "ca", "subjectAltName=DNS:esp32.local,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
    let server = folder.serve("board", &[]);
    let with = |ca: &str, more: &[&str]| {
        probe(&[&[server.address.as_str(), "--cacert", &folder.arg(ca)], more].concat())
    };
    let run = with("ca.pem", &[]);
    assert_eq!(verdict(&run), (0, ["trusted", "ca", "none"]));
    assert_eq!(run.result("/certificate/names"), &serde_json::json!(["dns:esp32.local", "ip:127.0.0.1"]));
    assert_eq!(run.result("/certificate/self_signed"), "no");
    assert_eq!(verdict(&with("ca.pem", &["--server-name", "esp32.local"])).0, 0);
    let run = with("ca.pem", &["--server-name", "evil.local"]);
    assert_eq!(verdict(&run), (1, ["refused", "ca", "other_name"]));
    assert_eq!(run.error().2, "it is not for evil.local, but for dns:esp32.local, ip:127.0.0.1");
    let run = with("other.pem", &[]);
    assert_eq!(verdict(&run), (1, ["refused", "ca", "unknown_issuer"]));
    assert_eq!(run.error().1, "probe.not_trusted");
    assert_eq!(verdict(&with("namesake.pem", &[])), (1, ["refused", "ca", "bad_signature"]));
}

#[test]
fn what_a_ca_check_refuses_is_said_in_plain_words() {
    let folder = Folder::new();
    folder.p256("ca");
    folder.issued("cn-only", "ca", "basicConstraints=CA:FALSE\n");
    folder.issued("v1", "ca", "");
    folder.issued("client", "ca", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=clientAuth\n");
    for (server, ca, refusal, words) in [
        ("ca", "ca.pem", "ca_as_server", "it is a CA certificate (CA:TRUE), as the book's command makes it"),
        (
            "cn-only",
            "ca.pem",
            "no_names",
            "it has no subject alternative name; the common name does not count",
        ),
        ("v1", "ca.pem", "old_version", "it is an X.509 version 1 certificate; 3 is required"),
        ("client", "ca.pem", "wrong_purpose", "its extended key usage does not allow servers"),
    ] {
        let server = folder.serve(server, &[]);
        let run = probe(&[&server.address, "--cacert", &folder.arg(ca)]);
        assert_eq!(verdict(&run), (1, ["refused", "ca", refusal]));
        assert!(run.error().2.starts_with(words), "{}", run.error().2);
    }
}

#[test]
fn an_expired_certificate_is_told_and_still_can_be_pinned() {
    let folder = Folder::new();
    folder.expired("old");
    let server = folder.serve("old", &[]);
    let run = probe(&[&server.address, "--cert", &folder.arg("old.pem")]);
    assert_eq!((run.code, run.result("/certificate/validity")), (0, &"expired".into()));
    assert!(run.result("/certificate/days_left").as_i64().unwrap() < 0);
    let run = probe(&[&server.address, "--cacert", &folder.arg("old.pem"), "--server-name", "esp32.local"]);
    assert_eq!(verdict(&run), (1, ["refused", "ca", "expired"]));
    assert_eq!(run.error().2, "it expired at 2020-12-31T00:00:00Z");
}

#[test]
fn fingerprints_are_those_that_openssl_prints() {
    let folder = Folder::new();
    folder.book("board");
    let run = probe(&[&folder.serve("board", &[]).address]);
    let output = support::openssl(
        folder.as_ref(),
        &["x509", "-noout", "-fingerprint", "-sha256", "-serial", "-in", "board.pem"],
    );
    let printed = String::from_utf8(output.stdout).unwrap().replace(':', "").to_lowercase();
    assert!(printed.contains(run.result("/certificate/sha256").as_str().unwrap()), "{printed}");
    assert!(printed.contains(run.result("/certificate/serial").as_str().unwrap()), "{printed}");
    let kind = ["self_signed", "role", "validity"]
        .map(|field| run.result(&format!("/certificate/{field}")).as_str());
    assert_eq!(kind, [Some("yes"), Some("ca"), Some("valid")]);
}

#[test]
fn a_device_without_the_certificates_key_is_refused_pin_or_not() {
    let folder = Folder::new();
    folder.p256("shown");
    folder.p256("held");
    for version in VERSIONS {
        let address = serve_pair(&folder, &certificate(&folder, "shown.pem"), "held.key", version);
        for more in [vec![], vec!["--cert".to_owned(), folder.arg("shown.pem")]] {
            assert_bad_signature(&probe(&[vec![address.clone()], more].concat()));
        }
    }
}

#[test]
fn a_key_counts_only_as_the_kind_that_its_certificate_says() {
    let folder = Folder::new();
    folder.p256("board");
    let mut mislabelled = certificate(&folder, "board.pem").to_vec();
    let at = mislabelled.windows(EC_PUBLIC_KEY.len()).position(|bytes| bytes == EC_PUBLIC_KEY).unwrap();
    mislabelled[at + EC_PUBLIC_KEY.len() - 1] = 0x7f;
    for version in VERSIONS {
        let honest = serve_pair(&folder, &certificate(&folder, "board.pem"), "board.key", version);
        assert_eq!(probe(&[honest]).result("/trust/verdict"), "not_checked");
        let address = serve_pair(&folder, &mislabelled.clone().into(), "board.key", version);
        assert_bad_signature(&probe(&[address]));
    }
}

fn assert_bad_signature(run: &Run) {
    let what = "the handshake signature does not verify with the key of the certificate";
    assert_eq!(run.error(), (5, "probe.bad_signature", what));
    assert!(run.document["result"].is_null());
}

#[test]
fn a_certificate_that_cannot_be_read_is_the_devices_fault() {
    let folder = Folder::new();
    folder.p256("held");
    let garbage = CertificateDer::from(vec![0, 1, 2, 3, 4, 5]);
    for version in VERSIONS {
        let run = probe(&[serve_pair(&folder, &garbage, "held.key", version)]);
        assert_eq!(run.error(), (5, "probe.certificate", "the certificate can't be read"));
    }
}

#[test]
fn a_key_too_small_to_verify_is_told_from_a_bad_signature() {
    let folder = Folder::new();
    folder.self_signed("small", "rsa:1024", &[]);
    let server = folder.serve("small", &["-cipher", "DEFAULT@SECLEVEL=0"]);
    let what = "the certificate's RSA key has only 1024 bits; signatures are verified from 2048 bits on";
    assert_eq!(probe(&[&server.address]).error(), (4, "probe.small_key", what));
}

/// A server of one protocol version that shows `certificate`, signs with the key of the file `key`, and closes after
/// one read.
fn serve_pair(
    folder: &Folder,
    certificate: &CertificateDer<'static>,
    key: &str,
    version: &'static SupportedProtocolVersion,
) -> String {
    let held = PrivateKeyDer::from_pem_file(folder.path(key)).unwrap();
    let key = aws_lc_rs::sign::any_supported_type(&held).unwrap();
    let pair = SingleCertAndKey::from(CertifiedKey::new(vec![certificate.clone()], key));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(pair));
    let config = Arc::new(config);
    peer::listen(move |mut stream: TcpStream, _| {
        let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
        let _ = tls.complete_io(&mut stream);
    })
}

fn certificate(folder: &Folder, name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(folder.path(name)).unwrap()
}

const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];
/// The OID id-ecPublicKey (RFC 5480, section 2.1.1), DER.
const EC_PUBLIC_KEY: [u8; 9] = [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
