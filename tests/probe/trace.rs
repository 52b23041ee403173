//! `--trace` and `--pcap`: the conversation with openssl, message by message, and what Wireshark makes of the file.

use std::{os::unix::fs::PermissionsExt as _, process::Command};

use serde_json::Value;

use support::peer;

use crate::bench::{Folder, Run, probe, probe_text};

/// `> 1 ClientHello`: direction, step, name, of every message.
fn messages(run: &Run) -> Vec<String> {
    let records = run.result("/trace/records").as_array().unwrap();
    let of_record = |record: &Value| {
        let arrow = if record["from"] == "client" { ">" } else { "<" };
        let messages = record["messages"].as_array().unwrap().clone();
        let lock = if record["protection"] == "opened" { "*" } else { "" };
        messages
            .into_iter()
            .map(move |it| format!("{arrow} {}{lock} {}", it["step"], it["name"].as_str().unwrap()))
    };
    records.iter().flat_map(of_record).collect()
}

#[test]
fn tls_1_3_is_traced_and_opened_and_its_steps_are_explained() {
    let folder = Folder::new();
    folder.book("a");
    let server = folder.serve("a", &["-tls1_3"]);
    let run = probe(&[&server.address, "--trace"]);
    assert_eq!(run.code, 0, "{:#}", run.document);
    let expected = [
        "> 1 ClientHello",
        "< 2 ServerHello",
        "< null change_cipher_spec",
        "< null* EncryptedExtensions",
        "< 3* Certificate",
        "< null* CertificateVerify",
        "< 13* Finished",
        "> null change_cipher_spec",
        "> 11* Finished",
        "> 14* application_data",
        "< null* NewSessionTicket",
        "< null* NewSessionTicket",
        "< 14* application_data",
    ];
    let found = messages(&run);
    assert_eq!(found[..expected.len()], expected, "{found:#?}");
    assert!(found.contains(&"> 15* alert".to_owned()), "{found:#?}");
    assert!(!run.result("/trace/differences").as_array().unwrap().is_empty());
    let hello = run.result("/trace/records/0");
    assert_eq!((&hello["content_type"], &hello["version"]), (&"handshake".into(), &"TLS 1.0".into()));
    assert_eq!(
        hello["length"], hello["messages"][0]["size"],
        "figure 8.14: the length is that of the message"
    );
}

#[test]
fn tls_1_2_is_traced_in_the_books_fifteen_steps() {
    let folder = Folder::new();
    folder.book("a");
    let server = folder.serve("a", &["-tls1_2"]);
    for suite in ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305"] {
        let server = folder.serve("a", &["-tls1_2", "-cipher", suite]);
        let run = probe(&[&server.address, "--trace"]);
        let expected = [
            "> 1 ClientHello",
            "< 2 ServerHello",
            "< 3 Certificate",
            "< null ServerKeyExchange",
            "< 5 ServerHelloDone",
            "> 7 ClientKeyExchange",
            "> 10 change_cipher_spec",
            "> 11* Finished",
            "< 12 change_cipher_spec",
            "< 13* Finished",
            "> 14* application_data",
            "< 14* application_data",
        ];
        let found = messages(&run);
        assert_eq!(found[..expected.len()], expected, "{suite}: {found:#?}");
        assert!(run.result("/trace/differences").as_array().unwrap().is_empty());
    }
    let (code, text, _) = probe_text(&[&server.address, "--trace"]);
    assert_eq!(code, 0);
    assert!(text.contains("  -> handshake, TLS 1.0, "), "{text}");
    assert!(
        text.contains("  7  ClientKeyExchange (Client Key Exchange; now both can make the keys"),
        "{text}"
    );
}

#[test]
fn the_steps_of_mutual_tls_are_named() {
    let folder = Folder::new();
    folder.book("a");
    let server = folder.serve("a", &["-tls1_2", "-verify", "1"]);
    let found = messages(&probe(&[&server.address, "--trace"]));
    assert!(found.contains(&"< 4 CertificateRequest".to_owned()), "{found:#?}");
    assert!(found.contains(&"> 6 Certificate".to_owned()), "{found:#?}");
}

#[test]
fn a_hello_retry_request_is_named() {
    let folder = Folder::new();
    folder.book("a");
    let server = folder.serve("a", &["-tls1_3", "-groups", "P-384"]);
    let found = messages(&probe(&[&server.address, "--trace"]));
    let hellos = found.iter().filter(|message| message.contains("ello")).collect::<Vec<_>>();
    assert_eq!(hellos, ["> 1 ClientHello", "< null HelloRetryRequest", "> 1 ClientHello", "< 2 ServerHello"]);
}

#[test]
fn a_handshake_that_fails_is_traced_too() {
    let alert = |stream| peer::answer(stream, &[21, 3, 3, 0, 2, 2, 40]);
    let run = probe(&[&peer::listen(move |stream, _| alert(stream)), "--trace"]);
    assert_eq!(run.error().0, 4);
    assert_eq!(messages(&run), ["> 1 ClientHello", "< null alert"]);
    assert_eq!(run.result("/trace/records/1/messages/0/detail"), "fatal handshake_failure");
}

#[test]
fn what_is_no_tls_ends_the_trace_with_the_reason() {
    let run = probe(&[
        &peer::listen(|stream, _| peer::answer(stream, b"HTTP/1.1 400 Bad Request\r\n\r\n")),
        "--trace",
    ]);
    assert_eq!(run.code, 5);
    assert!(run.result("/trace/broken").as_str().unwrap().contains("not the start of a TLS record"));
}

#[test]
fn no_secret_is_in_the_document() {
    let folder = Folder::new();
    folder.p256("a");
    let server = folder.serve("a", &[]);
    let run = probe(&[&server.address, "--trace"]);
    assert!(!run.document.to_string().contains("SECRET"), "{:#}", run.document);
}

#[test]
fn wireshark_opens_the_file_decrypted() {
    let Some(tshark) = support::require("tshark", "apt-get install tshark") else { return };
    let folder = Folder::new();
    folder.p256("a");
    for version in ["-tls1_2", "-tls1_3"] {
        let server = folder.serve("a", &[version]);
        let file = folder.arg("look.pcapng");
        let run = probe(&[&server.address, "--pcap", &file]);
        assert_eq!(run.code, 0, "{:#}", run.document);
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it holds the secrets of the connection");
        let tls = format!("tcp.port=={},tls", server.port());
        let shown = Command::new(&tshark)
            .args(["-r", &file, "-d", &tls, "-o", "tcp.check_checksum:TRUE", "-V"])
            .output()
            .unwrap();
        let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
        for part in ["GET / HTTP/1.1", "Description: Close Notify", "Handshake Type: Finished"] {
            assert!(shown.contains(part), "{version}: no {part} in\n{shown}");
        }
        assert!(!shown.contains("[incorrect"), "checksums: {shown}");
    }
}

#[test]
fn a_file_that_cant_be_written_is_an_error_that_names_it() {
    let folder = Folder::new();
    folder.p256("a");
    let server = folder.serve("a", &[]);
    let file = folder.arg("nosuch/look.pcapng");
    let run = probe(&[&server.address, "--pcap", &file]);
    assert_eq!((run.error().0, run.error().1), (2, "output.unwritable"));
    assert!(run.document["error"]["doing"].as_str().unwrap().contains(&file));
}
