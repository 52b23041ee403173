//! The emulated board under `esp-https probe --audit`.

use serde_json::{Value, json};
use support::{document, proxy::faulty, seeds};

use crate::board::{Board, client};

pub(crate) fn probe(board: &Board, flags: &[&str]) -> Value {
    probe_at(&format!("127.0.0.1:{}", board.port()), flags)
}

fn probe_at(target: &str, flags: &[&str]) -> Value {
    let mut command = support::command();
    let output = command.args(["probe", "--json", "--quiet", target]).args(flags).output().unwrap();
    let document = document::of(&output);
    assert_eq!(output.status.code(), Some(0), "{:#}", document["error"]);
    document["result"].clone()
}

pub(crate) fn item<'a>(result: &'a Value, id: &str) -> &'a Value {
    result["items"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap()
}

#[tokio::test]
async fn the_board_is_audited_whole_and_stays_unharmed() {
    let Some(board) = Board::with_key("rsa2048", &[]) else { return };
    let before = board.stat(&client(&board)).await;
    let result = probe(&board, &["--audit"]);
    let ledger = &result["ledger"];
    assert!(ledger["connections"].as_u64().unwrap() <= 60, "{ledger:#}");
    assert!(ledger["private_key_operations"].as_u64().unwrap() <= 20, "{ledger:#}");
    assert_eq!(result["health"]["state"], "unharmed", "{:#}", result["health"]);
    for (id, verdict) in [
        ("version.tls1_3", "yes"),
        ("version.tls1_2", "yes"),
        ("version.tls1_1", "no"),
        ("version.ssl3", "no"),
        ("tls1_2.ecdhe_aead", "yes"),
        ("tls1_2.static_rsa", "no"),
        ("tls1_2.dhe", "no"),
        ("tls1_2.cbc", "no"),
        ("tls1_2.ccm", "no"),
        ("tls1_2.aria", "no"),
        ("tls1_2.camellia", "no"),
        ("tls1_2.rc4", "no"),
        ("max_fragment_length", "no"),
        ("fallback_scsv", "yes"),
        ("resumption.psk", "yes"),
        ("early_data", "no"),
        ("resumption.ticket", "yes"),
        ("resumption.session_id", "no"),
        ("request.too_large", "yes"),
    ] {
        assert_eq!(item(&result, id)["verdict"], verdict, "{id}: {:#}", item(&result, id));
    }
    assert_eq!(result["findings"], json!([]), "the certificate is a good one, and so has to be all else");
    assert_eq!(item(&result, "request.largest_header")["value"], 2048);
    let after = board.stat(&client(&board)).await;
    assert!(after.heap_free + 1024 >= before.heap_free, "{before:?}\n{after:?}");
}

#[test]
fn every_suite_of_the_board_is_found() {
    let Some(board) = Board::new(&[]) else { return };
    let result = probe(&board, &["--all"]);
    let offers = result["offers"].as_array().unwrap();
    assert_eq!(
        offers.iter().map(|it| it["version"].as_str().unwrap()).collect::<Vec<_>>(),
        ["TLS 1.3", "TLS 1.2"]
    );
    assert!(offers.iter().all(|offer| offer["extent"] == "complete"), "{offers:#?}");
    let names = |offer: &Value| -> Vec<String> {
        offer["suites"]
            .as_array()
            .unwrap()
            .iter()
            .map(|suite| suite["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names(&offers[0]),
        ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
    );
    assert_eq!(
        names(&offers[1]),
        [
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
        ],
        "its key is of P-256"
    );
    assert_eq!(
        offers[0]["groups"],
        json!(["secp256r1", "x25519", "secp384r1", "secp521r1", "x448"]),
        "P-256 for each client that supports it"
    );
}

#[test]
fn the_board_behind_a_proxy_that_breaks_30_of_100_connections_gives_the_same_report() {
    let Some(board) = Board::new(&[]) else { return };
    let answers = |result: Value| -> Vec<_> {
        let items = result["items"].as_array().unwrap().iter();
        items.map(|item| [&item["id"], &item["verdict"], &item["value"]].map(Value::to_string)).collect()
    };
    let clean = answers(probe(&board, &["--audit"]));
    for seed in seeds(0..16, 4) {
        let proxy = faulty(format!("127.0.0.1:{}", board.port()), 30, seed);
        assert_eq!(answers(probe_at(&proxy, &["--audit"])), clean, "seed {seed}");
    }
}

#[test]
fn a_limit_on_headers_below_2_kilobytes_is_a_finding() {
    let Some(board) = Board::new(&["--max-header", "1024"]) else { return };
    let result = probe(&board, &["--audit"]);
    assert_eq!(item(&result, "request.largest_header")["value"], 1024);
    let findings = result["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["id"] == "request.small_header"), "{findings:#?}");
}
