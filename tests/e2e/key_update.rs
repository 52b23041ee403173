//! New keys within a session of TLS 1.3, with openssl as the client: `K` asks the board for its keys, too, and `k` does not.

use std::{
    io::{BufRead, BufReader, Write as _},
    process::{Command, Stdio},
};

use crate::board::Board;

/// Reads until `mark` has come, and returns what came until then. An answer's body has no line break behind it.
fn read_until(output: &mut impl BufRead, mark: &str) -> String {
    let mut said = String::new();
    while !said.contains(mark) {
        let new = output.fill_buf().unwrap();
        assert!(!new.is_empty(), "openssl ended before {mark}: {said}");
        said += &String::from_utf8_lossy(new);
        let read = new.len();
        output.consume(read);
    }
    said
}

#[test]
fn the_keys_of_a_session_are_changed_as_often_as_the_client_asks() {
    let Some(board) = Board::new(&[]) else { return };
    let address = format!("127.0.0.1:{}", board.port());
    for suite in ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"] {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-connect", &address, "-tls1_3", "-ciphersuites", suite, "-msg"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut client = command.spawn().unwrap();
        let (mut input, mut output) =
            (client.stdin.take().unwrap(), BufReader::new(client.stdout.take().unwrap()));
        let mut answers = 0;
        for letter in ["", "K\n", "k\n", "K\n", "K\n"] {
            input.write_all(letter.as_bytes()).unwrap();
            if !letter.is_empty() {
                read_until(&mut output, ">>> TLS 1.3, Handshake [length 0005], KeyUpdate");
            }
            input.write_all(b"GET /light HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            let said = read_until(&mut output, "\"status\"");
            answers += said.matches("<<< TLS 1.3, Handshake [length 0005], KeyUpdate").count();
        }
        assert_eq!(answers, 3, "{suite}: each K is answered, and k is not");
        drop(input);
        client.wait().unwrap();
    }
}
