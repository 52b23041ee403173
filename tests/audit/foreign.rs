//! What servers of other libraries do, and the audit has to know. Where a real one can be configured to do it, it is a real one.

use std::{
    fs,
    io::Read as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use esp_https::tls::ProtocolVersion;
use support::{certificates::Folder, peer};

use crate::{
    bench::{Run, Server, folder, probe, strings},
    raw::RawServer,
};

/// The certificate of that name, in DER.
fn der(folder: impl AsRef<std::path::Path>, name: &str) -> Vec<u8> {
    let pem = fs::read(folder.as_ref().join(format!("{name}.pem"))).unwrap();
    pem_rfc7468::decode_vec(&pem).unwrap().1
}

fn offer<'a>(run: &'a Run, version: &str) -> &'a serde_json::Value {
    run.result()["offers"].as_array().unwrap().iter().find(|offer| offer["version"] == version).unwrap()
}

fn suites(run: &Run, version: &str) -> Vec<String> {
    let suites = offer(run, version)["suites"].as_array().unwrap().iter();
    suites.map(|suite| suite["id"].as_str().unwrap().to_owned()).collect()
}

const ECDHE: u16 = 0xc02f;
const STATIC_RSA: u16 = 0x002f;

#[test]
fn obsolete_suites_that_live_in_old_versions_only_are_items_and_findings() {
    let old = [0x0003, 0x0002, 0x0009, 0xc00e, 0x0005, 0x000a, 0x0018, STATIC_RSA];
    let accepts = [
        (ProtocolVersion::TLS_1_2, &[ECDHE][..]),
        (ProtocolVersion::TLS_1_0, &old),
        (ProtocolVersion::SSL_3, &[STATIC_RSA, 0x0003]),
    ];
    let run = probe(&[&RawServer::new(&accepts, &der(folder(), "rsa")).start(), "--audit"]);
    for (family, finding) in [
        ("export", "suite.export"),
        ("null", "suite.null"),
        ("des", "suite.des"),
        ("static_ecdh", "suite.static_ecdh"),
        ("rc4", "suite.rc4"),
        ("3des", "suite.3des"),
        ("anonymous", "suite.anonymous"),
    ] {
        let id = format!("before_tls1_2.{family}");
        assert_eq!(run.verdict(&id), "yes", "{:#}", run.item(&id));
        assert_eq!(run.verdict(&format!("tls1_2.{family}")), "no");
        assert!(run.findings().contains(&finding), "{finding} in {:?}", run.findings());
    }
    let export = run.list("before_tls1_2.export");
    assert_eq!(
        export,
        ["TLS_RSA_EXPORT_WITH_RC4_40_MD5 in TLS 1.0", "TLS_RSA_EXPORT_WITH_RC4_40_MD5 in SSL 3.0"]
    );
    assert_eq!(run.verdict("before_tls1_2.newer_suites"), "no");
}

#[test]
fn suites_of_tls_1_2_in_an_older_version_are_a_finding() {
    let accepts =
        [(ProtocolVersion::TLS_1_2, &[ECDHE][..]), (ProtocolVersion::TLS_1_0, &[STATIC_RSA, 0x009c])];
    let run = probe(&[&RawServer::new(&accepts, &der(folder(), "rsa")).start(), "--audit"]);
    assert_eq!(run.list("before_tls1_2.newer_suites"), ["TLS_RSA_WITH_AES_128_GCM_SHA256 in TLS 1.0"]);
    assert!(run.findings().contains(&"suite.newer_than_version"), "{:?}", run.findings());
    assert_eq!(run.verdict("before_tls1_2.null"), "no");
}

#[test]
fn a_server_without_room_for_many_suites_is_asked_in_pieces_until_its_list_is_whole() {
    let accepted = [ECDHE, 0x009c, STATIC_RSA, 0x0034, 0x00a4];
    let accepts = [(ProtocolVersion::TLS_1_2, &accepted[..]), (ProtocolVersion::TLS_1_0, &[STATIC_RSA])];
    for most_suites in [150, 40] {
        let raw = RawServer { most_suites, ..RawServer::new(&accepts, &der(folder(), "rsa")) };
        let run = probe(&[&raw.start(), "--all"]);
        let mut found = suites(&run, "TLS 1.2");
        assert_eq!(offer(&run, "TLS 1.2")["suite_order"], "server", "{most_suites}");
        assert_eq!(found, ["0xc02f", "0x009c", "0x002f", "0x0034", "0x00a4"], "{most_suites}: its order");
        found = suites(&run, "TLS 1.0");
        assert_eq!(found, ["0x002f"], "{most_suites}");
        assert_eq!(offer(&run, "TLS 1.2")["extent"], "complete", "{most_suites}");
        for id in ["version.tls1_2", "version.tls1_0", "tls1_2.anonymous"] {
            assert_eq!(run.verdict(id), "yes", "{most_suites}: {id}");
        }
    }
}

#[test]
fn weak_keys_are_found_where_no_handshake_completes() {
    let own = Folder::new();
    own.self_signed("small", "rsa:1024", &[]);
    let accepts = [(ProtocolVersion::TLS_1_2, &[0x0033][..])];
    let raw = RawServer { field_bytes: 128, ..RawServer::new(&accepts, &der(&own, "small")) };
    let run = probe(&[&raw.start(), "--audit"]);
    assert_eq!(run.result()["observation"], serde_json::Value::Null);
    assert_eq!(run.item("key.dh")["value"], "finite field of 1024 bits", "and not a named one");
    assert_eq!(run.item("key.certificate")["value"], "RSA of 1024 bits");
    for finding in ["key.small_field", "certificate.small_key"] {
        assert!(run.findings().contains(&finding), "{finding} in {:?}", run.findings());
    }
}

#[test]
fn suites_of_tls_1_3_that_do_not_encrypt_are_a_finding() {
    let accepts = [(ProtocolVersion::TLS_1_3, &[0xc0b4, 0xc0b5, 0x1301][..])];
    let run = probe(&[&RawServer::new(&accepts, &der(folder(), "rsa")).start(), "--audit"]);
    assert_eq!(run.list("tls1_3.null"), ["TLS_SHA256_SHA256", "TLS_SHA384_SHA384"]);
    assert_eq!(run.list("tls1_3.suites").len(), 3);
    assert_eq!(run.item("tls1_3.suite_order")["value"], "server");
    assert!(run.findings().contains(&"suite.null"), "{:?}", run.findings());
}

#[test]
fn a_protocol_that_was_not_offered_is_a_finding_and_no_end() {
    let accepts = [(ProtocolVersion::TLS_1_2, &[ECDHE, STATIC_RSA][..])];
    let raw = RawServer { protocol: Some("spdy/3"), ..RawServer::new(&accepts, &der(folder(), "rsa")) };
    let run = probe(&[&raw.start(), "--audit"]);
    assert_eq!(run.item("alpn.not_offered")["value"], "spdy/3");
    assert!(run.findings().contains(&"alpn.not_offered"), "{:?}", run.findings());
    assert_eq!((run.verdict("tls1_2.static_rsa"), run.verdict("version.tls1_2")), ("yes", "yes"));
    assert_eq!(run.code, 0, "another run would tell no more: {:#}", run.document["error"]);
    let says = run.item("resumption.session_id")["evidence"]["says"].as_str().unwrap();
    assert!(says.starts_with("needs a completed handshake; with this tool it ends: "), "{says}");
    let run = probe(&[&Server::openssl("rsa", &[]).address(), "--audit"]);
    assert_eq!(run.verdict("alpn.not_offered"), "no");
}

#[test]
fn all_groups_of_a_server_with_a_p_256_key_are_found_in_tls_1_2() {
    let run = probe(&[&Server::openssl("ecdsa", &["-tls1_2"]).address(), "--all"]);
    let groups = strings(&offer(&run, "TLS 1.2")["groups"]);
    for group in ["x25519", "secp256r1", "x448", "secp521r1", "secp384r1"] {
        assert!(groups.iter().any(|it| it == group), "{group} in {groups:?}");
    }
    assert_eq!(offer(&run, "TLS 1.2")["extent"], "complete");
}

#[test]
fn a_server_that_prefers_chacha20_of_clients_that_do_keeps_its_own_order() {
    let suites = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305";
    let more = ["-tls1_2", "-serverpref", "-prioritize_chacha", "-cipher", suites];
    let run = probe(&[&Server::openssl("rsa", &more).address(), "--all"]);
    assert_eq!(offer(&run, "TLS 1.2")["suite_order"], "server");
    assert_eq!(self::suites(&run, "TLS 1.2"), ["0xc030", "0xc02f", "0xcca8"]);
    let suites = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";
    let more = ["-tls1_3", "-serverpref", "-prioritize_chacha", "-ciphersuites", suites];
    let run = probe(&[&Server::openssl("rsa", &more).address(), "--audit"]);
    assert_eq!(run.item("tls1_3.suite_order")["value"], "server");
}

#[test]
fn schemes_are_those_that_were_signed_with_whoever_signed_the_certificate() {
    let own = Folder::new();
    own.named("ca", "a CA", "rsa:2048", &[]);
    own.issued("leaf", "ca", "");
    let run = probe(&[&Server::openssl(&own.arg("leaf"), &[]).address(), "--all"]);
    assert_eq!(strings(&offer(&run, "TLS 1.3")["schemes"]), ["ecdsa_secp256r1_sha256"]);
    let schemes = strings(&offer(&run, "TLS 1.2")["schemes"]);
    assert!(schemes.iter().all(|scheme| scheme.starts_with("ecdsa_")), "{schemes:?}");
}

#[test]
fn what_no_handshake_of_ours_can_complete_is_skipped_with_its_reason() {
    let own = Folder::new();
    own.self_signed("small", "rsa:1024", &[]);
    let small = Server::openssl(&own.arg("small"), &["-cipher", "DEFAULT:@SECLEVEL=0"]);
    let p521 = Server::openssl("rsa", &["-tls1_3", "-groups", "P-521"]);
    for (server, reason) in [(small, "1024 bits"), (p521, "handshake_failure")] {
        let run = probe(&[&server.address(), "--audit"]);
        assert_eq!(run.code, 0, "nothing to ask again: {:#}", run.document["error"]);
        assert_eq!(run.ids("inconclusive"), [""; 0], "{:#}", run.document);
        let says = run.item("resumption.psk")["evidence"]["says"].as_str().unwrap();
        assert!(says.contains(reason), "{says}");
        assert_eq!((run.verdict("version.tls1_3"), run.verdict("sni.unknown")), ("yes", "yes"));
    }
}

/// Passes on hellos with that name, and those that a HelloRetryRequest answers before the name counts; answers all others by an
/// alert.
fn strict_about_names(upstream: String, name: &'static str, alert: u8) -> String {
    peer::listen(move |mut client, _| {
        let mut hello = vec![0; 20_000];
        let count = client.read(&mut hello).unwrap_or_default();
        let hello = &hello[..count];
        let is_named = hello.windows(name.len()).any(|part| part == name.as_bytes());
        let asks_for_a_retry = hello.windows(6).any(|part| part == [0, 0x33, 0, 2, 0, 0]);
        if is_named || asks_for_a_retry {
            peer::forward_after(client, hello, &upstream);
        } else {
            peer::answer_now(client, &[21, 3, 3, 0, 2, 2, alert]);
        }
    })
}

const INTERNAL_ERROR: u8 = 80;
const UNRECOGNIZED_NAME: u8 = 112;

#[test]
fn a_server_that_needs_a_name_is_no_server_without_versions() {
    let server = Server::openssl("rsa", &[]);
    for alert in [INTERNAL_ERROR, UNRECOGNIZED_NAME] {
        let address = strict_about_names(server.address(), "board.test", alert);
        let run = probe(&[&address, "--audit"]);
        assert_eq!((run.code, run.document["error"]["code"].as_str()), (3, Some("probe.inconclusive")));
        let hint = run.document["error"]["try"].as_str().unwrap();
        assert!(hint.contains("--server-name NAME"), "{hint}");
        assert_eq!(run.verdict("version.tls1_3"), "yes");
        for id in ["version.tls1_2", "version.tls1_0", "tls1_2.ecdhe_aead"] {
            assert_eq!(run.verdict(id), "inconclusive", "{:#}", run.item(id));
            let says = run.item(id)["evidence"]["says"].as_str().unwrap();
            assert!(says.contains("--server-name NAME"), "{says}");
        }
        assert_eq!(run.result()["health"]["state"], "unharmed", "{:#}", run.result()["health"]);
        let expected = if alert == UNRECOGNIZED_NAME { "no" } else { "inconclusive" };
        assert_eq!(run.verdict("sni.none"), expected, "{:#}", run.item("sni.none"));
    }
}

#[test]
fn a_retry_does_not_prove_that_a_hello_without_a_name_is_accepted() {
    let server = Server::openssl("rsa", &["-tls1_3"]);
    for alert in [INTERNAL_ERROR, UNRECOGNIZED_NAME] {
        let address = strict_about_names(server.address(), "board.test", alert);
        let run = probe(&[&address, "--audit", "--server-name", "board.test"]);
        assert_eq!(run.code, 0, "{:#}", run.document["error"]);
        assert_eq!((run.verdict("sni.none"), run.verdict("sni.unknown")), ("no", "no"));
        assert_eq!(run.verdict("resumption.psk"), "yes");
    }
}

#[test]
fn nginx_that_rejects_other_names_is_asked_by_its_own() {
    let other = "server_name board.test; return 200 'page'; }\n\
                 server { listen 127.0.0.1:@PORT@ ssl default_server; ssl_reject_handshake on;";
    let Some(server) = Server::nginx("rsa", other) else { return };
    let run = probe(&[&server.address(), "--audit"]);
    let hint = run.document["error"]["try"].as_str().unwrap();
    assert!(hint.contains("--server-name NAME"), "{hint}");
    assert_ne!(run.verdict("version.tls1_2"), "no");
    let run = probe(&[&server.address(), "--audit", "--server-name", "board.test"]);
    assert_eq!(run.code, 0, "{:#}", run.document["error"]);
    assert_eq!((run.verdict("version.tls1_2"), run.verdict("sni.none")), ("yes", "no"));
}

#[test]
fn an_answer_in_plain_text_is_a_finding_and_no_end() {
    let server = Server::openssl("rsa", &[]);
    let clean = probe(&[&server.address(), "--audit"]);
    assert_eq!((clean.verdict("plain_text"), clean.ledger("plain_text")), ("no", 0));
    let (upstream, busy) = (server.address(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&busy);
    let address = peer::listen(move |stream, number| {
        if number % 5 == 0 {
            count.fetch_add(1, Ordering::Relaxed);
            return peer::answer(stream, b"HTTP/1.1 503 Service Unavailable\r\n\r\n");
        }
        peer::forward(stream, &upstream);
    });
    let run = probe(&[&address, "--audit"]);
    assert_eq!(run.code, 0, "{:#}", run.document["error"]);
    assert_eq!(run.ledger("plain_text"), busy.load(Ordering::Relaxed) as u64);
    assert_eq!(run.verdict("plain_text"), "yes");
    assert!(run.findings().contains(&"plain_text"), "{:?}", run.findings());
    let answers = |run: &Run| {
        let items =
            run.result()["items"].as_array().unwrap().iter().filter(|item| item["id"] != "plain_text");
        items.map(|item| (item["id"].to_string(), item["verdict"].to_string())).collect::<Vec<_>>()
    };
    assert_eq!(answers(&run), answers(&clean));
}

#[test]
fn a_record_size_limit_is_judged_by_encrypted_records() {
    let tls12 = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
    let Some(server) = Server::gnutls("rsa", tls12, &[]) else { return };
    let run = probe(&[&server.address(), "--audit"]);
    assert_eq!(run.verdict("record_size_limit"), "yes", "{:#}", run.item("record_size_limit"));
    let obeyed = run.item("record_size_limit.obeyed");
    assert_eq!(obeyed["verdict"], "skipped", "{obeyed:#}");
    assert!(!run.findings().contains(&"record_size_limit.ignored"), "{:?}", run.findings());
    assert_eq!(run.code, 0, "{:#}", run.document["error"]);
    let Some(both) = Server::gnutls("rsa", "NORMAL", &[]) else { return };
    let run = probe(&[&both.address(), "--audit"]);
    assert_eq!((run.verdict("record_size_limit"), run.verdict("record_size_limit.obeyed")), ("yes", "yes"));
}

/// Passes on whole handshakes, and hellos of ours once so many were refused by handshake_failure.
fn two_faced(upstream: String, refused: usize) -> String {
    let count = Arc::new(AtomicUsize::new(0));
    peer::listen(move |mut client, _| {
        let mut hello = vec![0; 20_000];
        let length = client.read(&mut hello).unwrap_or_default();
        let hello = &hello[..length];
        // supported_versions with two versions: no hello of an audit has that.
        let is_whole_handshake = hello.windows(9).any(|part| part == [0, 0x2b, 0, 5, 4, 3, 4, 3, 3]);
        let offers_tls13 = hello.windows(4).any(|part| part == [0, 0x2b, 0, 3]);
        if is_whole_handshake || offers_tls13 || count.fetch_add(1, Ordering::Relaxed) >= refused {
            peer::forward_after(client, hello, &upstream);
        } else {
            peer::answer_now(client, &[21, 3, 3, 0, 2, 2, 40]);
        }
    })
}

#[test]
fn a_contradiction_is_asked_again_and_then_withdrawn() {
    let server = Server::openssl("rsa", &["-tls1_2"]);
    let healed = probe(&[&two_faced(server.address(), 8), "--audit"]);
    assert_eq!(healed.code, 0, "{:#}", healed.document["error"]);
    assert_eq!(healed.result()["contradictions"], serde_json::json!([]));
    for id in ["version.tls1_2", "tls1_2.ecdhe_aead", "secure_renegotiation"] {
        assert_eq!(healed.verdict(id), "yes", "{:#}", healed.item(id));
    }
    let kept = probe(&[&two_faced(server.address(), usize::MAX), "--audit"]);
    assert_eq!((kept.code, kept.document["error"]["code"].as_str()), (3, Some("probe.inconclusive")));
    let told = strings(&kept.result()["contradictions"]);
    assert!(
        told.contains(&"version.tls1_2: not accepted, and the first handshake negotiated it".to_owned()),
        "{told:?}"
    );
    assert_eq!(kept.verdict("version.tls1_2"), "inconclusive");
    assert!(kept.document["error"]["try"].as_str().unwrap().contains("please report this"));
}
