//! What an audit says of an ordinary server, and how.

use std::process::Stdio;

use esp_https::probe::audit::{item::Measure, subjects};
use support::{LONGEST, Running, certificates::Folder};

use crate::bench::{Run, Server, probe};

#[test]
fn an_audit_costs_at_most_60_connections_and_20_private_key_operations() {
    let run = probe(&[&Server::openssl("rsa", &[]).address(), "--audit"]);
    assert_eq!(run.code, 0, "{:#}", run.document["error"]);
    assert!(run.ledger("connections") <= 60, "{:#}", run.result()["ledger"]);
    assert!(run.ledger("private_key_operations") <= 20, "{:#}", run.result()["ledger"]);
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
        "tls1_3.null",
        "tls1_2.ecdhe_aead",
        "tls1_2.static_rsa",
        "tls1_2.cbc",
        "tls1_2.dhe",
        "tls1_2.ccm",
        "tls1_2.camellia",
        "tls1_2.aria",
        "tls1_2.3des",
        "tls1_2.rc4",
        "tls1_2.des",
        "tls1_2.static_ecdh",
        "tls1_2.null",
        "tls1_2.export",
        "tls1_2.anonymous",
        "before_tls1_2.3des",
        "before_tls1_2.rc4",
        "before_tls1_2.des",
        "before_tls1_2.static_ecdh",
        "before_tls1_2.null",
        "before_tls1_2.export",
        "before_tls1_2.anonymous",
        "before_tls1_2.newer_suites",
        "key.certificate",
        "key.dh",
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
        "alpn.not_offered",
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
        "plain_text",
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
    let output = support::command().args(["probe", "--quiet", "--all", &server.address()]).output().unwrap();
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
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let audit = start(&["--audit", &silent.local_addr().unwrap().to_string()]);
    // It listens for signals before it connects.
    let _connection = silent.accept().unwrap();
    audit.signal("INT");
    let run = Run::of(&audit.output());
    assert_eq!(run.code, 130);
    let document = &run.document;
    assert_eq!(document["error"]["code"], "probe.interrupted");
    let items = document["result"]["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["verdict"] == "skipped"), "{items:#?}");
}

/// Starts `esp-https probe --json`.
fn start(args: &[&str]) -> Running {
    let mut command = support::command();
    command.args(["probe", "--json"]).args(args);
    Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))
}

/// The first question that is not answered before the signal, and what is said of it and of all others.
#[test]
fn a_signal_in_the_middle_gives_what_was_answered_and_skips_the_rest() {
    for (signal, passed, answered, skipped) in [
        ("INT", 12, "version.tls1_3", "version.tls1_0"),
        ("TERM", 40, "hello.split", "request.largest_header"),
    ] {
        let server = Server::openssl("rsa", &[]);
        let (address, turned) = crate::faults::falling_silent(server.address(), passed);
        let audit = start(&["--all", &address]);
        turned.recv_timeout(LONGEST).unwrap();
        audit.signal(signal);
        // The peer is silent, and the audit would ask it for a while yet: it is the signal that ends it.
        let run = Run::of(&audit.output());
        assert_eq!(run.code, 130);
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
    let own = Folder::new();
    own.expired("expired");
    own.valid_until("good", (2120, 1, 1));
    own.self_signed("small", "rsa:1024", &[]);
    let findings = |name: &str, more: &[&str]| {
        let run = probe(&[&Server::openssl(&own.arg(name), more).address(), "--audit"]);
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

/// Each connection is in the trace, and in Wireshark's file, with the question that it was made for.
#[test]
fn an_audit_is_traced_and_recorded_connection_by_connection() {
    let own = Folder::new();
    let (server, file) = (Server::openssl("rsa", &[]), own.arg("audit.pcapng"));
    let run = probe(&[&server.address(), "--audit", "--trace", "--pcap", &file]);
    assert_eq!(run.code, 0, "{:#}", run.document["error"]);
    let connections = run.result()["connections"].as_array().unwrap();
    assert_eq!(connections.len() as u64, run.ledger("connections"));
    let questions: Vec<_> = connections.iter().map(|it| it["question"].as_str().unwrap()).collect();
    assert_eq!(questions[0], "health.before");
    for question in ["version.tls1_3", "tls1_2.cbc", "health.check", "hello.split", "resumption.psk"] {
        assert!(questions.contains(&question), "{question} in {questions:?}");
    }
    let resumed = connections.iter().rfind(|it| it["question"] == "resumption.psk").unwrap();
    let has_certificate =
        |connection: &serde_json::Value| connection.to_string().contains("CertificateVerify");
    assert!(has_certificate(&connections[0]) && !has_certificate(resumed), "it was resumed: {resumed:#}");
    assert!(!run.document.to_string().contains("_SECRET"), "no secret is in the document");
    let Some(tshark) = support::require("tshark", "apt-get install tshark") else { return };
    let shown = std::process::Command::new(tshark)
        .args(["-r", &file, "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment"])
        .output()
        .unwrap();
    let comments = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert_eq!(comments.lines().collect::<Vec<_>>(), questions);
}
