//! Servers that let nobody in without a client certificate, audited without one and with one.

use crate::bench::{Run, Server, folder, probe};

const NEEDS: &str = "needs a client certificate: --client-cert and --client-key";

/// What must hold of every such server: little cost, good health, all answered that can be, and for whose it asks.
fn audited(server: &Server, skipped: &[&str]) -> Run {
    let run = probe(&[&server.address(), "--audit"]);
    assert_eq!(run.code, 0, "{:#}", run.document["error"]);
    assert!(run.ledger("connections") <= 60, "{:#}", run.result()["ledger"]);
    assert!(run.ledger("private_key_operations") <= 20, "{:#}", run.result()["ledger"]);
    assert_eq!(run.result()["health"]["state"], "unharmed", "{:#}", run.result()["health"]);
    assert_eq!(run.list("client_certificate"), ["CN=bench ca"]);
    assert_eq!(run.ids("skipped"), skipped, "{:#}", run.document);
    assert_eq!(run.ids("inconclusive"), [""; 0], "{:#}", run.document);
    for id in skipped {
        assert_eq!(run.item(id)["evidence"]["says"], NEEDS, "{id}");
    }
    run
}

#[test]
fn openssl_that_requires_a_certificate() {
    let server = Server::openssl("rsa", &["-Verify", "1", "-CAfile", "ca.pem"]);
    let run = audited(
        &server,
        &[
            "resumption.psk",
            "early_data",
            "resumption.ticket",
            "resumption.session_id",
            "request.largest_header",
            "request.too_large",
        ],
    );
    assert_eq!((run.list("tls1_3.suites").len(), run.list("tls1_3.groups").len()), (3, 10));
    assert_eq!((run.verdict("tls1_2.static_rsa"), run.verdict("version.tls1_0")), ("yes", "no"));
}

#[test]
fn openssl_that_requires_a_certificate_in_tls_1_2() {
    let server = Server::openssl("rsa", &["-tls1_2", "-Verify", "1", "-CAfile", "ca.pem"]);
    let run = audited(
        &server,
        &["resumption.ticket", "resumption.session_id", "request.largest_header", "request.too_large"],
    );
    assert_eq!(run.verdict("alpn"), "no");
    let checks = run.result()["health"]["checks"].as_array().unwrap();
    assert!(checks.len() > 1, "{checks:#?}");
    assert!(
        checks.iter().all(|it| it["outcome"] == "came as far as its request for a client certificate"),
        "{checks:#?}"
    );
}

#[test]
fn openssl_that_requires_a_certificate_in_tls_1_0_says_for_whose() {
    let old = ["-tls1", "-cipher", "DEFAULT:@SECLEVEL=0", "-Verify", "1", "-CAfile", "ca.pem"];
    let run = probe(&[&Server::openssl("rsa", &old).address(), "--audit"]);
    assert_eq!(run.list("client_certificate"), ["CN=bench ca"]);
}

#[test]
fn nginx_that_requires_a_certificate() {
    let ca = folder().join("ca.pem");
    let both = "ssl_protocols TLSv1.2 TLSv1.3; ssl_verify_client on; ssl_client_certificate";
    let Some(server) = Server::nginx("rsa", &format!("{both} {};", ca.display())) else { return };
    let run = audited(&server, &["request.largest_header", "request.too_large"]);
    assert_eq!(run.verdict("resumption.ticket"), "yes", "it refuses in HTTP, not in TLS");
}

#[test]
fn gnutls_that_requires_a_certificate() {
    let more = ["--require-client-cert", "--x509cafile", "ca.pem"];
    let Some(server) = Server::gnutls("rsa", "NORMAL", &more) else { return };
    let run = probe(&[&server.address(), "--audit"]);
    assert!(run.ledger("connections") <= 60, "{:#}", run.result()["ledger"]);
    assert!(run.ledger("private_key_operations") <= 20, "{:#}", run.result()["ledger"]);
    assert_eq!(run.list("client_certificate"), ["CN=bench ca"]);
    assert_eq!(run.result()["health"]["state"], "unharmed", "{:#}", run.result()["health"]);
}

#[test]
fn with_a_certificate_it_is_audited_as_any_other() {
    let server = Server::openssl("rsa", &["-Verify", "1", "-CAfile", "ca.pem"]);
    let at = |name: &str| folder().join(name).display().to_string();
    let own = ["--client-cert", &at("ca.pem"), "--client-key", &at("ca.key")];
    let run = probe(&[&[&*server.address(), "--audit"], &own[..]].concat());
    assert_eq!((run.code, run.ids("skipped").len()), (0, 0), "{:#}", run.document["error"]);
    assert_eq!(run.verdict("resumption.psk"), "yes");
}
