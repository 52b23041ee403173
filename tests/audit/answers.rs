//! What an audit says of an ordinary server, and how.

use std::process::Command;

use esp_https::probe::audit::{item::Measure, subjects};

use super::bench::{Server, probe};

#[test]
fn an_audit_costs_at_most_45_connections_and_15_private_key_operations() {
    let run = probe(&[&Server::openssl("rsa", &[]).address(), "--audit"]);
    assert_eq!(run.code, 0, "{:#}", run.document["error"]);
    assert!(run.ledger("connections") <= 45, "{:#}", run.result()["ledger"]);
    assert!(run.ledger("private_key_operations") <= 15, "{:#}", run.result()["ledger"]);
    assert_eq!(run.result()["health"]["state"], "unharmed");
    let checks = run.result()["health"]["checks"].as_array().unwrap();
    let gaps = checks.windows(2).map(|pair| {
        pair[1]["after_questions"].as_u64().unwrap() - pair[0]["after_questions"].as_u64().unwrap()
    });
    assert!(gaps.max().unwrap() <= 17, "a check at least every 16 questions: {checks:?}");
}

#[test]
fn every_question_is_answered_once_by_a_stable_id() {
    let run = probe(&[&Server::openssl("rsa", &[]).address(), "--audit"]);
    let ids: Vec<_> =
        run.result()["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    let expected = [
        "version.tls1_3",
        "version.tls1_2",
        "version.tls1_1",
        "version.tls1_0",
        "version.ssl3",
        "tls1_3.suites",
        "tls1_3.groups",
        "tls1_3.suite_order",
        "tls1_3.group_order",
        "tls1_2.ecdhe_aead",
        "tls1_2.static_rsa",
        "tls1_2.cbc",
        "tls1_2.dhe",
        "tls1_2.ccm",
        "tls1_2.camellia",
        "tls1_2.aria",
        "tls1_2.3des",
        "tls1_2.rc4",
        "tls1_2.null",
        "tls1_2.export",
        "tls1_2.anonymous",
        "compression",
        "secure_renegotiation",
        "extended_master_secret",
        "heartbeat",
        "tls1_2.session_ticket",
        "max_fragment_length",
        "max_fragment_length.obeyed",
        "encrypt_then_mac",
        "record_size_limit",
        "record_size_limit.obeyed",
        "client_certificate",
        "alpn",
        "fallback_scsv",
        "sni.none",
        "sni.unknown",
        "hello.split",
        "hello.largest",
        "resumption.psk",
        "early_data",
        "resumption.ticket",
        "resumption.session_id",
        "request.largest_header",
        "request.too_large",
    ];
    assert_eq!(ids, expected);
    for (item, subject) in run.result()["items"].as_array().unwrap().iter().zip(subjects()) {
        let is_number = item["value"].is_u64();
        assert!(!is_number || subject.measure == Measure::Bytes, "{item:#}");
    }
    let registered: Vec<_> = subjects().iter().map(|subject| subject.id.text()).collect();
    assert_eq!(ids, registered, "what is reported is what is registered, and the other way round");
}

#[test]
fn the_text_names_versions_findings_health_and_cost() {
    let server = Server::openssl("rsa", &[]);
    let output = Command::new(env!("CARGO_BIN_EXE_esp-https"))
        .args(["probe", "--quiet", "--all", &server.address()])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "TLS 1.3                               yes (HelloRetryRequest)",
        "TLS 1.0                               no (alert ",
        "static RSA: no forward secrecy",
        "medium suite.static_rsa",
        "the server                            unharmed: ",
        "private key                           used ",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 140), "{text}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn ctrl_c_ends_an_audit_with_a_document() {
    use std::{io::Read as _, process::Stdio, thread::sleep, time::Duration};
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_esp-https"))
        .args(["probe", "--json", "--audit", &silent.local_addr().unwrap().to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It listens for signals before it connects.
    let _connection = silent.accept().unwrap();
    sleep(Duration::from_millis(50));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let mut stdout = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut stdout).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let document = super::bench::parse_valid(&stdout);
    assert_eq!(document["error"]["code"], "probe.interrupted");
    let items = document["result"]["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["verdict"] == "skipped"), "{items:#?}");
}

/// The first question that is not answered before the signal, and what is said of it and of all others.
#[test]
fn a_signal_in_the_middle_gives_what_was_answered_and_skips_the_rest() {
    for (signal, passed, answered, skipped) in [
        ("-INT", 12, "version.tls1_3", "version.tls1_0"),
        ("-TERM", 34, "hello.split", "request.largest_header"),
    ] {
        let server = Server::openssl("rsa", &[]);
        let (address, turned) = super::faults::falling_silent(server.address(), passed);
        let mut child = Command::new(env!("CARGO_BIN_EXE_esp-https"))
            .args(["probe", "--json", "--all", &address])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        turned.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
        let since = std::time::Instant::now();
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let mut stdout = Vec::new();
        std::io::Read::read_to_end(&mut child.stdout.take().unwrap(), &mut stdout).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert!(since.elapsed() < std::time::Duration::from_secs(3), "{:?}", since.elapsed());
        let document = super::bench::parse_valid(&stdout);
        let run = super::bench::Run { code: 130, document };
        assert_eq!(run.document["error"]["code"], "probe.interrupted");
        assert_eq!(run.result()["ended"], "interrupted");
        assert_eq!(run.verdict(answered), "yes");
        for id in [skipped, "resumption.session_id", "resumption.psk"] {
            assert_eq!(run.item(id)["verdict"], "skipped", "{:#}", run.item(id));
            assert_eq!(run.item(id)["evidence"]["says"], "interrupted");
        }
        assert_eq!(run.ids("inconclusive"), [""; 0], "{:#}", run.document);
        assert!(run.ledger("connections") >= passed as u64, "{:#}", run.result()["ledger"]);
    }
}

/// Certificates that are not fine, and one that is.
#[test]
fn findings_tell_a_bad_certificate_from_one_that_is_self_signed_and_fine() {
    let own = tempfile::tempdir().unwrap();
    let at = |name: &str| own.path().join(name).display().to_string();
    let make = |name: &str, days: i32| {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["esp32.local".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(days, 1, 1);
        std::fs::write(at(&format!("{name}.pem")), params.self_signed(&key).unwrap().pem()).unwrap();
        std::fs::write(at(&format!("{name}.key")), key.serialize_pem()).unwrap();
    };
    make("expired", 2021);
    make("good", 2120);
    let small = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-nodes",
            "-newkey",
            "rsa:1024",
            "-subj",
            "/CN=small",
            "-keyout",
            &at("small.key"),
            "-out",
            &at("small.pem"),
        ])
        .output()
        .unwrap();
    assert!(small.status.success(), "{small:?}");
    let findings = |name: &str, more: &[&str]| {
        let run = probe(&[&Server::openssl(&at(name), more).address(), "--audit"]);
        run.findings()
            .into_iter()
            .filter(|id| id.starts_with("certificate."))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(findings("good", &[]), [""; 0], "self-signed is no finding");
    assert_eq!(findings("expired", &[]), ["certificate.expired"]);
    assert_eq!(findings("small", &["-cipher", "DEFAULT:@SECLEVEL=0"]), ["certificate.small_key"]);
}
