//! Each way in which no handshake comes about has its own error, exit code and advice.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    time::Instant,
};

use support::peer;

use crate::bench::{Folder, probe, probe_text};

/// A TLS 1.2 record header of a handshake message that claims 200 bytes, and the beginning of a ServerHello.
const CUT_SERVER_HELLO: &[u8] = &[22, 3, 3, 0, 200, 2, 0, 0, 196, 3, 3, 1, 2, 3, 4];

#[test]
fn bad_targets_are_usage_errors() {
    for target in
        ["host:0", "host:70000", "http://host/", "bücher.local", "", "[::1", "a b", "https://me:pw@host/"]
    {
        let run = probe(&[target]);
        assert_eq!((run.code, run.error().1), (2, "client.target"), "{target}");
        assert!(!run.stderr.contains("pw"), "a password is not repeated: {}", run.stderr);
    }
    assert_eq!(probe(&["host", "--server-name", "a b"]).error().1, "client.server_name");
}

#[test]
fn bad_certificate_files_are_usage_errors_and_name_the_file() {
    let folder = Folder::new();
    folder.p256("ec");
    for (file, what) in [
        ("absent.pem", "there is no such file or folder"),
        ("ec.key", "there is no PEM certificate in it; it is a private key"),
    ] {
        for option in ["--cert", "--cacert"] {
            let run = probe(&["127.0.0.1:1", option, &folder.arg(file)]);
            assert_eq!(run.error(), (2, "client.certificate_file", what));
            assert!(run.stderr.contains(&folder.arg(file)), "{}", run.stderr);
        }
    }
}

#[test]
fn a_refused_connection_was_tried_three_times() {
    let run = probe(&[peer::nobody()]);
    assert_eq!(
        run.error(),
        (4, "client.refused", "it refused the connection; this was the last of 3 attempts")
    );
}

#[test]
fn a_name_that_does_not_exist_is_named() {
    let run = probe(&["no-such-board.invalid"]);
    assert_eq!((run.code, run.error().1), (4, "client.name_not_found"));
    assert!(run.stderr.contains("looking up no-such-board.invalid"), "{}", run.stderr);
    assert_eq!(probe(&["[fe80::1%nosuch0]:443"]).error().1, "client.no_interface");
}

#[test]
fn a_busy_device_is_asked_again_and_the_attempts_are_counted() {
    let folder = Folder::new();
    folder.p256("ec");
    let server = folder.serve("ec", &[]);
    let upstream = server.address.clone();
    let address = peer::listen(move |stream, number| match number {
        1 => peer::reset(stream),
        2 => peer::answer(stream, b""),
        _ => peer::forward(stream, &upstream),
    });
    let run = probe(&[address]);
    assert_eq!((run.code, run.result("/attempts")), (0, &3.into()), "{}", run.stderr);
    assert!(run.result("/timing/retry_us").as_u64().unwrap() >= 2_000_000);
}

#[test]
fn what_is_not_tls_is_named() {
    for (answer, what) in [
        (
            &b"HTTP/1.0 400 Bad Request\r\n\r\n"[..],
            "the answer is not TLS: this port serves HTTP without TLS",
        ),
        (b"SSH-2.0-dropbear_2022.83\r\n", "the answer is not TLS: this port belongs to an SSH server"),
        (b"220 mail ESMTP\r\n", "the answer is not TLS: it begins with the line `220 mail ESMTP`"),
        (&[0, 1, 2, 0xff], "the answer is not TLS: it begins with the bytes 00 01 02 ff"),
    ] {
        let run = probe(&[peer::listen(move |stream, _| peer::answer(stream, answer))]);
        assert_eq!(run.error(), (5, "probe.not_tls", what));
    }
}

#[test]
fn a_plain_http_server_that_waits_for_an_empty_line_is_found_out() {
    let address = peer::listen(|mut stream, _| {
        let (mut lines, mut line) = (BufReader::new(stream.try_clone().unwrap()), Vec::new());
        while line != b"\r\n" {
            line.clear();
            if lines.read_until(b'\n', &mut line).unwrap_or(0) == 0 {
                return;
            }
        }
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let run = probe(&[address.as_str(), "--timeout", "500ms"]);
    assert_eq!((run.code, run.error().1), (5, "probe.not_tls"), "{}", run.stderr);
}

#[test]
fn a_refusal_by_alert_is_named_with_its_code() {
    let folder = Folder::new();
    folder.book("rsa");
    let server = folder.serve("rsa", &["-tls1_2", "-cipher", "AES128-SHA"]);
    let what = "the device sent the alert handshake_failure (40): it accepts nothing of what was offered";
    assert_eq!(probe(&[&server.address]).error(), (4, "client.alert", what));
    let alert = |code: u8| peer::listen(move |stream, _| peer::answer(stream, &[21, 3, 3, 0, 2, 2, code]));
    assert_eq!(probe(&[alert(70)]).error().0, 4);
    assert_eq!(probe(&[alert(80)]).error().0, 4);
    let what = "the device sent the alert decode_error (50): it could not read a message";
    assert_eq!(probe(&[alert(50)]).error(), (5, "client.alert", what));
    assert_eq!(probe(&[alert(200)]).error().0, 5);
}

#[test]
fn a_device_that_answers_with_tls_1_0_is_too_old_and_no_breaker_of_the_protocol() {
    let hello = [&[22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1][..], &[7; 32], &[0, 0xc0, 0x13, 0]].concat();
    let run = probe(&[peer::listen(move |stream, _| peer::answer(stream, &hello))]);
    assert_eq!((run.code, run.error().1), (4, "probe.incompatible"), "{}", run.stderr);
}

#[test]
fn an_end_of_the_connection_in_the_handshake_is_told_with_how_far_it_came() {
    let closed = peer::listen(|stream, _| peer::answer(stream, b""));
    let reset = peer::listen(|stream, _| peer::reset(stream));
    let cut = peer::listen(|stream, _| peer::answer(stream, CUT_SERVER_HELLO));
    let what = "the device closed the connection without a byte; this was the last of 3 attempts";
    assert_eq!(probe(&[closed]).error(), (4, "client.closed", what));
    let what = "the device reset the connection without a byte; this was the last of 3 attempts";
    assert_eq!(probe(&[reset]).error(), (4, "client.reset", what));
    assert_eq!(
        probe(&[cut]).error(),
        (4, "client.closed", "the device closed the connection after 15 bytes")
    );
}

#[test]
fn garbage_inside_tls_records_is_a_broken_protocol() {
    for garbage in [&[22, 3, 3, 0, 4, 99, 0, 0, 0][..], &[22, 3, 3, 0xff, 0xff, 1], &[23, 3, 3, 0, 1, 0]] {
        let run = probe(&[peer::listen(move |stream, _| peer::answer(stream, garbage))]);
        assert_eq!((run.code, run.error().1), (5, "probe.protocol"), "{garbage:?}: {}", run.stderr);
    }
}

#[test]
fn silence_and_endless_slow_answers_end_at_the_deadline() {
    let silent = peer::listen(|stream, _| peer::silence(stream));
    let slow = peer::listen(|stream, _| peer::trickle(stream, CUT_SERVER_HELLO, 0));
    let empty_records = peer::listen(|stream, _| peer::trickle(stream, &[22, 3, 3, 0x40, 0], 11));
    for (address, received) in [(silent, ": not a byte came"), (slow, " after "), (empty_records, " after ")]
    {
        let since = Instant::now();
        let run = probe(&[address.as_str(), "--timeout", "700ms"]);
        let (exit, code, what) = run.error();
        assert_eq!((exit, code), (4, "client.handshake_timeout"), "{what}");
        assert!(what.starts_with(&format!("the handshake was not done within 700ms{received}")), "{what}");
        // The bytes have no end: without the deadline of 0.7 s the run would not end at all.
        assert!(since.elapsed() < support::LONGEST, "{:?}", since.elapsed());
    }
}

#[test]
fn the_person_reads_what_was_done_what_happened_and_what_to_try() {
    let address = peer::listen(|stream, _| peer::answer(stream, b"HTTP/1.0 400 Bad Request\r\n\r\n"));
    let (code, stdout, stderr) = probe_text(&[&address, "--quiet"]);
    assert_eq!((code, stdout.as_str()), (5, ""));
    assert_eq!(
        stderr,
        format!(
            "error: making the TLS handshake with {address}\n  the answer is not TLS: this port serves HTTP without TLS\n  \
             try: use the device's HTTPS port, usually 443; or the firmware serves HTTP without TLS\n"
        )
    );
}
