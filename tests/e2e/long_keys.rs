//! RSA keys longer than 2048 bits: their private operations are put in pieces for the chip's accelerator
//! (`firmware/tls-limits/src/exp_mod.rs`), and take seconds where there is none.

use rustls::version::{TLS12, TLS13};

use crate::board::{Board, client_with};

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
