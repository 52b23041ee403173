//! What an honest client waits while others keep the board busy.

use std::{process::Command, sync::Arc};

use support::{from_root, require, require_python};
use tokio::task::JoinSet;

use crate::board::{Board, QEMU, raw};

/// A part of the table of `scripts/bench-fairness`, with twice the time that it allows: other programs run here as well. Before a
/// hello had to be whole and others' waiting counted, each of these took 9 s or more, or was never served.
#[test]
fn an_honest_client_is_served_while_others_drip_stop_and_hammer() {
    let (Some(python), Some(_)) = (require_python("ssl"), require("qemu-system-riscv32", QEMU)) else {
        return;
    };
    let mut command = Command::new(python);
    command.arg(from_root("scripts/lib/bench-fairness.py")).arg(support::esp_https());
    command.args(["--tries", "3", "--settle", "1.5", "--limit", "6"]);
    command.args(["--only", "10 drip|20 are|10 stop|10 slow|10 hammer"]);
    let output = command.output().unwrap();
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && table.lines().count() == 7, "{table}{output:?}");
}

/// More clients than there are sockets send 99 requests at once each. The board tells some of them to come again, while their other
/// requests are on the way or wait to be read; each answer before that arrives, and the end is in order.
#[tokio::test]
async fn a_long_pipeline_is_answered_as_far_as_the_board_says() {
    let Some(board) = Board::new(&[]).map(Arc::new) else { return };
    let mut clients = JoinSet::new();
    for _ in 0..14 {
        let board = Arc::clone(&board);
        let requests = "GET /light HTTP/1.1\r\nHost: x\r\n\r\n".repeat(99);
        clients.spawn(async move { raw::exchange(&board, &requests).await });
    }
    let mut cut = 0;
    for answers in clients.join_all().await {
        let count = answers.matches("HTTP/1.1 200 OK").count();
        let (_, last) = answers.rsplit_once("HTTP/1.1 200 OK").unwrap();
        assert!(answers.ends_with("{\"status\": true}"), "{last}");
        if count < 99 {
            assert!(last.contains("Connection: close"), "{count} answers, the last one: {last}");
            cut += 1;
        }
    }
    assert!(cut > 0, "nobody was told to come again");
}
