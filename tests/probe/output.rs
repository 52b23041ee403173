//! How it is shown: text without colours in a pipe, a valid document on every exit.

use std::process::Stdio;

use support::{Running, document, peer};

use crate::bench::{Folder, parse_valid, probe_text};

#[test]
fn the_report_reads_like_this() {
    let folder = Folder::new();
    folder.book("board");
    let options = ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256", "-curves", "P-256"];
    let server = folder.serve("board", &options);
    let (code, text, progress) = probe_text(&[&server.address]);
    assert_eq!((code, progress), (0, format!("probing {} ..\n", server.address)));
    assert!(!text.contains('\u{1b}'), "no escape codes in a pipe");
    assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
    insta::with_settings!({filters => vec![
        (r"127\.0\.0\.1:\d+", "[address]"),
        // openssl's serial number is 20 random bytes, of which DER leaves out a leading zero.
        (r"(serial +)[0-9a-f]+", "${1}[hex]"),
        (r"81\d bytes, sent alone", "[n] bytes, sent alone"),
        (r"[0-9a-f]{64}", "[hex]"),
        (r"\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d, \d+ days", "[dates], [n] days"),
        (r" +\d+\.\d ms", " [time]"),
        (r"\d+ sent, \d+ received", "[n] sent, [n] received"),
        (r"\d+ bytes, header", "[n] bytes, header"),
    ]}, {
        insta::assert_snapshot!(text, @r"
        [address]
        TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, certificate not checked, HTTP 200, [time]

        handshake
          version           TLS 1.2
          cipher suite      TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 (0xc02f)
            key exchange    ECDHE on P-256 (secp256r1)
            authentication  RSA, signed with rsa_pss_rsae_sha512
            cipher          AES-128-GCM
            hash            SHA-256
          ALPN              none chosen
          client cert       not requested
          bytes             [n] sent, [n] received

        certificate
          subject           CN=ESP32 HTTPS server example
          issuer            itself (self-signed)
          names             none (no SAN: browsers and --cacert need one)
          key               RSA, 2048 bits
          valid             [dates], [n] days left
          signed with       sha256WithRSAEncryption
          serial            [hex]
          SHA-256           [hex]
          key SHA-256       [hex]
          kind              X.509 v3, a CA's (CA:TRUE), [n] bytes, sent alone

        trust
          not checked: give --cert (pin) or --cacert

        page
          GET /             200 ok
          type              text/html
          size              [n] bytes, header 44 bytes
          server            not said
          closed            with close_notify

        time
          TCP connect [time]
          handshake [time]
          first byte [time]
          all of it [time]

        next: is it your board? esp-https probe [address] --cert cacert.pem
        ");
    });
}

#[test]
fn the_last_line_is_the_next_step() {
    let folder = Folder::new();
    folder.p256("board");
    folder.p256("other");
    let server = folder.serve("board", &[]);
    let address = server.address.as_str();
    let last = |args: &[&str]| {
        let (_, text, _) = probe_text(args);
        text.lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(
        last(&[&format!("https://board.local:{}/?a&b", server.port()), "--address", "127.0.0.1"]),
        format!(
            "next: is it your board? esp-https probe 'https://board.local:{}/?a&b' --address 127.0.0.1 --cert cacert.pem",
            server.port()
        )
    );
    assert_eq!(
        last(&[address, "--server-name", "board.local"]),
        format!(
            "next: is it your board? esp-https probe {address} --server-name board.local --cert cacert.pem"
        )
    );
    assert_eq!(
        last(&[address, "--cert", &folder.arg("board.pem")]),
        format!("next: open https://{address}/ in a browser (expect its warning: self-signed)")
    );
    // Refused: the error says what to try.
    assert!(last(&[address, "--cert", &folder.arg("other.pem")]).starts_with("  all of it"));
}

#[test]
fn an_expired_certificate_is_said_to_be_so_at_the_top_though_it_is_pinned() {
    let folder = Folder::new();
    folder.expired("board");
    let server = folder.serve("board", &[]);
    let (code, text, _) = probe_text(&[&server.address, "--cert", &folder.arg("board.pem")]);
    assert_eq!(code, 0);
    assert!(text.lines().nth(1).unwrap().contains(", certificate pinned (expired), HTTP 200, "), "{text}");
}

#[test]
fn colours_come_only_when_they_are_forced_or_wanted() {
    let folder = Folder::new();
    folder.p256("board");
    let server = folder.serve("board", &[]);
    let run = |variable: &str| {
        let output = support::command().args(["probe", &server.address]).env(variable, "1").output().unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(!run("NO_COLOR"));
    assert!(run("CLICOLOR_FORCE"));
}

#[test]
fn the_result_goes_to_a_file_when_asked() {
    let folder = Folder::new();
    folder.p256("board");
    let server = folder.serve("board", &[]);
    let file = folder.arg("probe.json");
    let (code, text, _) = probe_text(&[&server.address, "--json", "-o", &file]);
    assert_eq!((code, text.as_str()), (0, ""));
    parse_valid(&std::fs::read(file).unwrap());
}

#[test]
fn an_interrupted_probe_exits_130_with_a_valid_document() {
    for signal in ["INT", "TERM"] {
        let (sender, asked) = std::sync::mpsc::sync_channel(1);
        let address = peer::listen(move |stream, _| {
            let _ = sender.try_send(());
            peer::silence(stream);
        });
        let mut command = support::command();
        command.args(["probe", "--json", &address]).stdout(Stdio::piped()).stderr(Stdio::null());
        let probe = Running::start(&mut command);
        // It listens for signals before it connects.
        asked.recv_timeout(support::LONGEST).expect("it connects");
        probe.signal(signal);
        let output = probe.output();
        assert_eq!(output.status.code(), Some(130));
        assert_eq!(document::of(&output)["error"]["code"], "probe.interrupted");
    }
}
