//! Three TLS libraries that nobody here wrote, in many configurations: versions, suites and order as nmap finds them on the
//! same server, groups as configured.
//!
//! Known disagreements with nmap 7.93, which the comparison allows for: of TLS 1.3 it lists only what it offered first, so its
//! list is a part of ours.

use std::collections::BTreeSet;

use crate::{
    bench::{Run, Server, probe, strings},
    nmap,
};

/// Audits, compares with nmap, and returns the run for more.
fn compare(server: &Server, versions: &[&str]) -> Option<Run> {
    let run = probe(&[&server.address(), "--all"]);
    assert_eq!(run.code, 0, "{:#}", run.document["error"]);
    let offers = run.result()["offers"].as_array().unwrap();
    let ours: Vec<_> = offers.iter().map(|offer| offer["version"].as_str().unwrap()).collect();
    assert_eq!(ours, versions, "the newest first");
    for (id, version) in VERSIONS {
        assert_eq!(run.verdict(id) == "yes", versions.contains(version), "{id}");
    }
    let theirs = nmap::enumerate(server.port())?;
    for offer in offers {
        let version = offer["version"].as_str().unwrap();
        let suites: Vec<_> = offer["suites"]
            .as_array()
            .unwrap()
            .iter()
            .map(|suite| suite["name"].as_str().unwrap().to_owned())
            .collect();
        let named = theirs.suites.get(version).cloned().unwrap_or_default();
        let (ours, nmaps) = (BTreeSet::from_iter(&suites), BTreeSet::from_iter(&named));
        if version == "TLS 1.3" {
            assert!(ours.is_superset(&nmaps), "{version}: {suites:?}, nmap: {named:?}");
            continue;
        }
        assert_eq!(ours, nmaps, "{version}");
        if offer["suite_order"] == "server" && theirs.ordered.iter().any(|it| it == version) {
            assert_eq!(suites, named, "{version}: the order");
        }
    }
    for version in theirs.suites.keys() {
        assert!(versions.contains(&version.as_str()), "nmap found {version}");
    }
    Some(run)
}

fn offer<'a>(run: &'a Run, version: &str) -> &'a serde_json::Value {
    let offers = run.result()["offers"].as_array().unwrap();
    offers.iter().find(|offer| offer["version"] == version).unwrap()
}

const VERSIONS: &[(&str, &str)] = &[
    ("version.tls1_3", "TLS 1.3"),
    ("version.tls1_2", "TLS 1.2"),
    ("version.tls1_1", "TLS 1.1"),
    ("version.tls1_0", "TLS 1.0"),
    ("version.ssl3", "SSL 3.0"),
];
const BOTH: &str = "ssl_protocols TLSv1.2 TLSv1.3;";
const OLD_TOO: &[&str] = &["TLS 1.3", "TLS 1.2", "TLS 1.1", "TLS 1.0"];
const MODERN: &[&str] = &["TLS 1.3", "TLS 1.2"];

#[test]
fn openssl_with_rsa() {
    let Some(run) = compare(&Server::openssl("rsa", &[]), MODERN) else { return };
    assert_eq!(run.list("tls1_3.groups").len(), 10);
    assert!(run.findings().contains(&"suite.static_rsa"));
    assert_eq!(
        strings(&offer(&run, "TLS 1.3")["schemes"]),
        ["rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512"]
    );
}

#[test]
fn openssl_with_ecdsa() {
    let Some(run) = compare(&Server::openssl("ecdsa", &[]), MODERN) else { return };
    assert_eq!(strings(&offer(&run, "TLS 1.3")["schemes"]), ["ecdsa_secp256r1_sha256"]);
    assert_eq!(run.verdict("tls1_2.static_rsa"), "no");
}

#[test]
fn openssl_with_tls_1_3_only() {
    let Some(run) = compare(&Server::openssl("rsa", &["-tls1_3"]), &["TLS 1.3"]) else { return };
    assert_eq!(run.verdict("secure_renegotiation"), "not_applicable");
    assert_eq!(
        (run.verdict("max_fragment_length"), run.verdict("max_fragment_length.obeyed")),
        ("yes", "yes")
    );
    assert_eq!(run.verdict("record_size_limit"), "no");
    assert_eq!(run.item("version.tls1_2")["evidence"]["alert"], "protocol_version");
}

#[test]
fn openssl_with_tls_1_2_only() {
    let Some(run) = compare(&Server::openssl("rsa", &["-tls1_2"]), &["TLS 1.2"]) else { return };
    assert_eq!(run.verdict("tls1_3.suites"), "not_applicable");
}

#[test]
fn openssl_with_old_versions() {
    let server = Server::openssl("rsa", &["-cipher", "ALL:@SECLEVEL=0"]);
    let Some(run) = compare(&server, &["TLS 1.3", "TLS 1.2", "TLS 1.1", "TLS 1.0"]) else { return };
    assert!(
        ["version.tls1_0", "version.tls1_1", "suite.anonymous"].iter().all(|id| run.findings().contains(id))
    );
}

#[test]
fn openssl_with_tls_1_0_only() {
    let server = Server::openssl("rsa", &["-tls1", "-cipher", "DEFAULT:@SECLEVEL=0"]);
    compare_without_a_look(&server, &["TLS 1.0"]);
}

#[test]
fn openssl_with_tls_1_1_only() {
    let server = Server::openssl("rsa", &["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"]);
    compare_without_a_look(&server, &["TLS 1.1"]);
}

/// Versions that a whole handshake of ours does not reach: what takes one is skipped, and all else is answered.
fn compare_without_a_look(server: &Server, versions: &[&str]) {
    let run = probe(&[&server.address(), "--all"]);
    assert_eq!(run.code, 0, "{:#}", run.document["error"]);
    assert_eq!(run.ids("skipped"), ["alpn", "request.largest_header", "request.too_large"]);
    assert_eq!(
        run.item("request.largest_header")["evidence"]["says"],
        "needs a completed handshake; this tool completes TLS 1.2 and 1.3"
    );
    let offers = run.result()["offers"].as_array().unwrap();
    assert_eq!(offers.iter().map(|offer| offer["version"].as_str().unwrap()).collect::<Vec<_>>(), versions);
    let Some(theirs) = nmap::enumerate(server.port()) else { return };
    let ours = offers[0]["suites"].as_array().unwrap().iter().map(|suite| suite["name"].as_str().unwrap());
    assert_eq!((run.verdict("hello.split"), run.verdict("sni.unknown")), ("yes", "yes"));
    let groups = strings(&offers[0]["groups"]);
    assert!(groups.contains(&"secp256r1".to_owned()) && groups.contains(&"x25519".to_owned()), "{groups:?}");
    let theirs = theirs.suites[versions[0]].iter().map(String::as_str);
    assert_eq!(ours.collect::<BTreeSet<_>>(), theirs.collect::<BTreeSet<_>>());
}

#[test]
fn openssl_with_an_order_of_its_own() {
    let ciphers = "ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256";
    let server = Server::openssl("rsa", &["-tls1_2", "-serverpref", "-cipher", ciphers]);
    let Some(run) = compare(&server, &["TLS 1.2"]) else { return };
    let offer = offer(&run, "TLS 1.2");
    let names: Vec<_> =
        offer["suites"].as_array().unwrap().iter().map(|suite| suite["id"].as_str().unwrap()).collect();
    assert_eq!((names, offer["suite_order"].as_str()), (vec!["0xcca8", "0x009f", "0xc02f"], Some("server")));
}

#[test]
fn openssl_with_an_order_of_its_own_in_tls_1_3() {
    let suites = "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
    let server = Server::openssl("rsa", &["-tls1_3", "-serverpref", "-ciphersuites", suites]);
    let Some(run) = compare(&server, &["TLS 1.3"]) else { return };
    assert_eq!(run.list("tls1_3.suites"), ["TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"]);
    assert_eq!(run.item("tls1_3.suite_order")["value"], "server");
}

#[test]
fn openssl_with_one_suite() {
    let server = Server::openssl("rsa", &["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"]);
    let Some(run) = compare(&server, &["TLS 1.2"]) else { return };
    assert_eq!(
        run.ids("yes").iter().filter(|id| id.starts_with("tls1_2.")).count(),
        2,
        "{:?}",
        run.ids("yes")
    );
}

#[test]
fn openssl_with_static_rsa_only() {
    let server = Server::openssl("rsa", &["-tls1_2", "-cipher", "AES128-SHA:AES256-SHA"]);
    let run = probe(&[&server.address(), "--all"]);
    assert_eq!(run.code, 0, "{:#}", run.document["error"]);
    assert_eq!(
        run.item("resumption.session_id")["evidence"]["says"],
        "needs a completed handshake; this tool completes TLS 1.2 by ECDHE with AES-GCM or ChaCha20"
    );
    assert_eq!((run.verdict("tls1_2.static_rsa"), run.verdict("tls1_2.ecdhe_aead")), ("yes", "no"));
    assert_eq!(run.verdict("encrypt_then_mac"), "yes");
    assert_eq!(
        run.ledger("private_key_operations"),
        0,
        "its acceptance costs nothing until the key exchange"
    );
}

#[test]
fn openssl_with_ccm_camellia_and_aria() {
    let ciphers = "ECDHE-RSA-AES128-GCM-SHA256:AESCCM:CAMELLIA:ARIAGCM:@SECLEVEL=0";
    let Some(run) = compare(&Server::openssl("rsa", &["-tls1_2", "-cipher", ciphers]), &["TLS 1.2"]) else {
        return;
    };
    for id in ["tls1_2.ccm", "tls1_2.camellia", "tls1_2.aria"] {
        assert_eq!(run.verdict(id), "yes", "{id}");
    }
}

#[test]
fn openssl_with_null_and_anonymous() {
    let ciphers = "ECDHE-RSA-AES128-GCM-SHA256:eNULL:aNULL:@SECLEVEL=0";
    let Some(run) = compare(&Server::openssl("rsa", &["-tls1_2", "-cipher", ciphers]), &["TLS 1.2"]) else {
        return;
    };
    assert!(
        ["suite.null", "suite.anonymous"].iter().all(|id| run.findings().contains(id)),
        "{:?}",
        run.findings()
    );
}

#[test]
fn openssl_with_groups_of_its_own() {
    let Some(run) = compare(&Server::openssl("rsa", &["-groups", "P-384:P-256"]), MODERN) else { return };
    let mut groups = run.list("tls1_3.groups");
    groups.sort();
    assert_eq!(groups, ["secp256r1", "secp384r1"]);
}

#[test]
fn openssl_with_client_certificates() {
    let server = Server::openssl("rsa", &["-verify", "1", "-CAfile", "ca.pem"]);
    let Some(run) = compare(&server, MODERN) else { return };
    assert_eq!(run.list("client_certificate"), ["CN=bench ca"]);
}

#[test]
fn openssl_without_tickets() {
    let Some(run) =
        compare(&Server::openssl("rsa", &["-no_ticket", "-no_cache", "-num_tickets", "0"]), MODERN)
    else {
        return;
    };
    for id in ["resumption.psk", "resumption.ticket", "resumption.session_id", "early_data"] {
        assert_eq!(run.verdict(id), "no", "{id}");
    }
}

#[test]
fn nginx_with_tls_1_2_and_1_3() {
    let Some(server) = Server::nginx("rsa", BOTH) else { return };
    let Some(run) = compare(&server, MODERN) else { return };
    assert_eq!(run.item("request.largest_header")["value"], 8192, "its large_client_header_buffers");
    assert_eq!(run.item("request.too_large")["value"], "400");
}

#[test]
fn nginx_with_early_data() {
    let Some(server) = Server::nginx("rsa", &format!("{BOTH} ssl_early_data on;")) else { return };
    let Some(run) = compare(&server, MODERN) else { return };
    assert_eq!((run.verdict("resumption.psk"), run.verdict("early_data")), ("yes", "yes"));
    assert!(run.findings().contains(&"early_data"));
}

#[test]
fn nginx_with_an_order_of_its_own() {
    let lines = "ssl_protocols TLSv1.2; ssl_prefer_server_ciphers on; \
                 ssl_ciphers ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256;";
    let Some(server) = Server::nginx("rsa", lines) else { return };
    let Some(run) = compare(&server, &["TLS 1.2"]) else { return };
    assert_eq!(offer(&run, "TLS 1.2")["suite_order"], "server");
}

#[test]
fn nginx_with_one_group_and_ecdsa() {
    let Some(server) = Server::nginx("ecdsa", &format!("{BOTH} ssl_ecdh_curve secp384r1;")) else { return };
    let Some(run) = compare(&server, MODERN) else { return };
    assert_eq!(run.list("tls1_3.groups"), ["secp384r1"]);
}

#[test]
fn nginx_with_optional_client_certificates_and_no_tickets() {
    let ca = crate::bench::folder().join("ca.pem");
    let lines = format!(
        "{BOTH} ssl_session_tickets off; ssl_verify_client optional; ssl_client_certificate {};",
        ca.display()
    );
    let Some(server) = Server::nginx("rsa", &lines) else { return };
    let Some(run) = compare(&server, MODERN) else { return };
    assert_eq!(run.list("client_certificate"), ["CN=bench ca"]);
    assert_eq!(run.verdict("resumption.ticket"), "no");
}

#[test]
fn gnutls_as_it_comes() {
    let Some(server) = Server::gnutls("rsa", "NORMAL", &[]) else { return };
    let Some(run) = compare(&server, OLD_TOO) else { return };
    assert_eq!(run.verdict("max_fragment_length.obeyed"), "yes");
}

#[test]
fn gnutls_with_tls_1_2_only() {
    let Some(server) = Server::gnutls("rsa", "NORMAL:-VERS-ALL:+VERS-TLS1.2", &[]) else { return };
    compare(&server, &["TLS 1.2"]);
}

#[test]
fn gnutls_with_tls_1_3_only() {
    let Some(server) = Server::gnutls("rsa", "NORMAL:-VERS-ALL:+VERS-TLS1.3", &[]) else { return };
    let Some(run) = compare(&server, &["TLS 1.3"]) else { return };
    assert_eq!(run.item("tls1_3.suite_order")["verdict"], "yes");
    for id in
        ["max_fragment_length", "max_fragment_length.obeyed", "record_size_limit", "record_size_limit.obeyed"]
    {
        assert_eq!(run.verdict(id), "yes", "{id}: {:#}", run.item(id));
    }
}

#[test]
fn gnutls_with_an_order_of_its_own_and_without_tls_1_1() {
    let Some(server) = Server::gnutls("rsa", "NORMAL:-VERS-TLS1.1:%SERVER_PRECEDENCE", &[]) else { return };
    compare(&server, &["TLS 1.3", "TLS 1.2", "TLS 1.0"]);
}

#[test]
fn gnutls_with_ecdsa_and_strong_groups() {
    let Some(server) = Server::gnutls(
        "ecdsa",
        "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1:-GROUP-ALL:+GROUP-SECP384R1:+GROUP-SECP256R1",
        &[],
    ) else {
        return;
    };
    let Some(run) = compare(&server, MODERN) else { return };
    let mut groups = run.list("tls1_3.groups");
    groups.sort();
    assert_eq!(groups, ["secp256r1", "secp384r1"]);
}
