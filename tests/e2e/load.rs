//! `esp-https load` on the emulated board: what the acceptance asks for, and the search for its limits.
//!
//! The board has a P-256 key: an emulated RSA-2048 handshake takes 0.2 s or more, and there are 500 of them.

use std::{cell::Cell, process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{net::TcpStream, process::Command, time::sleep};

use crate::board::{Board, client, raw};

/// Runs `esp-https load --json` on the board; returns the exit code and the document.
async fn load(board: &Board, args: &[&str]) -> (i32, Value) {
    let target = format!("127.0.0.1:{}", board.port());
    let output = Command::new(support::esp_https())
        .args(["load", "--json", &target, "--cert", board.certificate().to_str().unwrap()])
        .args(args)
        .stderr(Stdio::inherit())
        .output()
        .await
        .unwrap();
    let document = support::document::of(&output);
    (output.status.code().unwrap(), document)
}

/// Aborted handshakes at several points, and connections that are opened and say nothing, until told to stop.
async fn mischief(board: &Board, stop: &Cell<bool>) -> u32 {
    let mut done = 0;
    while !stop.get() {
        for at in [20, 200, 1000] {
            raw::abort_handshake(board, at).await;
            done += 1;
        }
        let half_open = TcpStream::connect(("127.0.0.1", board.port())).await;
        sleep(Duration::from_millis(300)).await;
        drop(half_open);
        done += 1;
        // Longer than the load's pause between two readings of the heap: one of them finds the device at rest.
        sleep(Duration::from_secs(1)).await;
    }
    done
}

#[tokio::test]
async fn five_hundred_handshakes_and_two_thousand_requests_among_aborts_cost_no_heap() {
    let Some(board) = Board::new(&[]) else { return };
    let before = board.stat(&client(&board)).await;
    let stop = Cell::new(false);
    let work = async {
        let handshakes = load(&board, &["--mode", "handshake", "-n", "500", "-c", "2"]).await;
        let requests = load(&board, &["-n", "2000", "-c", "2"]).await;
        stop.set(true);
        (handshakes, requests)
    };
    let (((code, handshakes), (request_code, requests)), aborted) =
        tokio::join!(work, mischief(&board, &stop));
    assert_eq!((code, request_code), (0, 0), "{handshakes:#} {requests:#}");
    // A handshake that stalls gives way to who waits, and on a busy machine that may be one of ours.
    let completed = |document: &Value| document["result"]["units"]["completed"].as_u64().unwrap();
    assert!(completed(&handshakes) >= 490, "{handshakes:#}");
    assert!(completed(&requests) >= 1990, "{requests:#}");
    assert_eq!(handshakes["result"]["handshakes"]["full"], completed(&handshakes));
    assert!(aborted >= 4, "{aborted}");
    // The load waits until the device has cleared up, and would call a leak or a restart a finding.
    for document in [&handshakes, &requests] {
        assert_eq!(document["result"]["findings"], serde_json::json!([]), "{document:#}");
        assert!(document["result"]["device"]["readings"].is_u64());
    }
    let after = support::eventually("the heap is given back", async || {
        let after = board.stat(&client(&board)).await;
        if after.heap_free >= before.heap_free { Ok(after) } else { Err(format!("{before:?}\n{after:?}")) }
    });
    let after = after.await;
    assert!(after.uptime_s >= before.uptime_s && after.handshakes >= before.handshakes + 490, "{after:?}");
    assert!(after.requests >= before.requests + 1990, "no restart: {after:?}");
}

#[tokio::test]
async fn its_limit_is_four_sessions_and_it_recovers() {
    let Some(board) = Board::new(&[]) else { return };
    let (code, document) = load(&board, &["--find-limit", "-z", "300ms"]).await;
    // Where other work keeps the machine busy, it says that it can't tell; what it found is there all the same.
    let is_busy = code == 3 && document["error"]["code"] == "load.generator_starved";
    assert!(code == 0 || is_busy, "{document:#}");
    let limits = &document["result"]["limits"];
    assert_eq!(limits["sessions"]["most"], 4, "{document:#}");
    assert_eq!(limits["first_failure"]["connections"], 5);
    assert!(limits["handshakes"]["per_s"].as_f64().unwrap() > 0.5, "{limits:#}");
    assert!(limits["requests"]["per_s"].as_f64().unwrap() > limits["handshakes"]["per_s"].as_f64().unwrap());
    assert!(limits["recovery"]["after_us"].is_u64());
    assert_eq!(document["result"]["device"]["leak"], 0);
}

#[tokio::test]
async fn all_but_the_first_handshake_of_a_connection_resume() {
    let Some(board) = Board::new(&[]) else { return };
    for version in ["1.2", "1.3"] {
        let flags = ["--mode", "handshake", "-n", "12", "-c", "2", "--resume", "always", "--tls", version];
        let (code, document) = load(&board, &flags).await;
        assert_eq!(code, 0, "{document:#}");
        let handshakes = &document["result"]["handshakes"];
        assert_eq!((&handshakes["full"], &handshakes["resumed"]), (&2.into(), &10.into()), "{document:#}");
    }
}
