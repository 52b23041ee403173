//! RSA keys longer than 2048 bits: their private operations are put in pieces for the chip's accelerator
//! (`firmware/tls-limits/src/exp_mod.rs`), and take seconds where there is none.

use std::{sync::Arc, time::Duration};

use rustls::{
    pki_types::ServerName,
    version::{TLS12, TLS13},
};
use tokio::{net::TcpStream, time::sleep};
use tokio_rustls::TlsConnector;

use crate::board::{Board, client_with, tls_config};

/// The emulated board computes the same pieces, and the client checks the signature that comes of them.
#[tokio::test]
async fn signatures_with_rsa_3072_and_4096_are_right() {
    for key in ["rsa3072", "rsa4096"] {
        let Some(board) = Board::with_key(key, &[]) else { return };
        for version in [&TLS13, &TLS12] {
            let stat = board.stat(&client_with(&board, &[version], None)).await;
            assert_eq!(stat.failed, 0, "{key}, {version:?}: {stat:?}");
        }
    }
}

/// Two handshakes take longer together than one may (10 s), but the time for which the board computes counts against nobody.
#[tokio::test]
async fn two_clients_at_once_of_an_rsa_4096_key_are_both_served() {
    let Some(board) = Board::with_key("rsa4096", &["--deterministic"]) else { return };
    let clients = [client_with(&board, &[&TLS13], None), client_with(&board, &[&TLS13], None)];
    let (first, second) = tokio::join!(board.stat(&clients[0]), board.stat(&clients[1]));
    assert!(2 * first.handshake_us > 10_000_000, "{first:?}");
    assert_eq!((first.failed, second.failed), (0, 0), "{first:?}, {second:?}");
    assert_eq!(first.handshakes.max(second.handshakes), 2, "{first:?}, {second:?}");
}

/// Neither does the network stack count it, which has a clock of its own for silent peers.
#[tokio::test]
async fn a_client_that_is_silent_while_the_board_computes_for_another_is_served_afterwards() {
    let Some(board) = Board::with_key("rsa4096", &["--deterministic"]) else { return };
    let silent = TcpStream::connect(("127.0.0.1", board.port())).await.unwrap();
    // The board has accepted it before it begins to compute.
    sleep(Duration::from_millis(500)).await;
    let other = board.stat(&client_with(&board, &[&TLS13], None)).await;
    assert!(other.handshake_us > 10_000_000, "longer than a client may be silent: {other:?}");
    let connector = TlsConnector::from(Arc::new(tls_config(&board, &[&TLS13], None)));
    connector.connect(ServerName::try_from("127.0.0.1").unwrap(), silent).await.unwrap();
}
