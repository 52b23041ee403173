//! `--legacy-clients`: who is served with it that is refused without, and that nobody else is served worse.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::{
    audit::{item, probe},
    board::Board,
};

/// What openssl says of a connection by TLS 1.2 with these cipher suites.
fn connect(board: &Board, ciphers: &str) -> String {
    let address = format!("127.0.0.1:{}", board.port());
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &address, "-tls1_2", "-cipher", ciphers, "-CAfile"]);
    let output = command.arg(board.certificate()).stdin(Stdio::null()).output().unwrap();
    [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat()
}

#[test]
fn an_old_client_is_refused_with_an_alert_unless_it_is_asked_for() {
    let old = ["ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA"];
    let Some(board) = Board::with_key("rsa2048", &[]) else { return };
    for suite in old {
        let said = connect(&board, suite);
        assert!(said.contains("alert handshake failure"), "{said}");
    }
    drop(board);
    let Some(board) = Board::with_key("rsa2048", &["--legacy-clients"]) else { return };
    for suite in old {
        let said = connect(&board, suite);
        for expected in [&format!("Cipher is {suite}"), "Protocol  : TLSv1.2", "Verify return code: 0"] {
            assert!(said.contains(expected), "{expected}: {said}");
        }
    }
    // What is older still stays refused, and whoever knows something better gets it.
    for never in ["AES128-SHA", "DHE-RSA-AES128-SHA", "ECDHE-RSA-AES128-SHA256", "AES128-GCM-SHA256"] {
        let said = connect(&board, never);
        assert!(said.contains("alert handshake failure"), "{said}");
    }
    let said = connect(&board, "ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384");
    assert!(said.contains("Cipher is ECDHE-RSA-AES256-GCM-SHA384"), "{said}");
}

#[test]
fn the_audit_reports_the_suites_of_old_clients() {
    let Some(board) = Board::new(&["--legacy-clients"]) else { return };
    let result = probe(&board, &["--all"]);
    let findings: Vec<_> = result["findings"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(findings, [&json!("suite.cbc")]);
    assert_eq!(item(&result, "tls1_2.cbc")["verdict"], "yes");
    assert_eq!(item(&result, "encrypt_then_mac")["verdict"], "yes");
    let suites = result["offers"][1]["suites"].as_array().unwrap();
    let names: Vec<_> = suites.iter().map(|suite| suite["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"
        ],
        "those of old clients come last"
    );
}
