//! A device that announces nonsense: it neither steers the terminal, nor hides others, nor ends the command.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use esp_https_server::mdns::{GROUP, PORT};
use serde_json::json;
use support::{
    network::{LAN, in_own_network},
    run::{Run, text},
};

use crate::{
    bench::{discover, named},
    firmware::socket,
};

/// What a record is called, and what is in it (RFC 1035, section 3.2.1).
type Record<'r> = (Vec<u8>, u16, Vec<u8>);

const PTR: u16 = 12;
const TXT: u16 = 16;
const SRV: u16 = 33;
const A: u16 = 1;

fn name(labels: &[&[u8]]) -> Vec<u8> {
    let mut name: Vec<u8> =
        labels.iter().flat_map(|label| [&[u8::try_from(label.len()).unwrap()][..], label].concat()).collect();
    name.push(0);
    name
}

/// A response with these records (RFC 6762, section 18).
fn response(records: &[Record<'_>]) -> Vec<u8> {
    let mut message = vec![0, 0, 0x84, 0, 0, 0];
    message.extend(u16::try_from(records.len()).unwrap().to_be_bytes());
    message.extend([0; 4]);
    for (name, kind, data) in records {
        message.extend(name);
        message.extend(kind.to_be_bytes());
        message.extend([0, 1, 0, 0, 0, 120]);
        message.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        message.extend(data);
    }
    message
}

/// All of a service whose instance has this label.
fn service(label: &[u8], port: u16, txt: &[&[u8]]) -> Vec<u8> {
    let instance = name(&[label, b"_https", b"_tcp", b"local"]);
    let host = name(&[b"evil", b"local"]);
    let location = [&[0, 0, 0, 0][..], &port.to_be_bytes(), &host].concat();
    let text =
        txt.iter().flat_map(|entry| [&[u8::try_from(entry.len()).unwrap()][..], entry].concat()).collect();
    response(&[
        (name(&[b"_https", b"_tcp", b"local"]), PTR, instance.clone()),
        (instance.clone(), SRV, location),
        (instance, TXT, text),
        (host, A, vec![192, 168, 77, 1]),
    ])
}

/// Sends the messages again and again while `look` runs.
fn while_announced<T>(messages: &[Vec<u8>], look: impl FnOnce() -> T) -> T {
    let (socket, stop) = (socket(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                for message in messages {
                    socket.send_to(message, (GROUP, PORT)).unwrap();
                }
                thread::sleep(Duration::from_millis(100));
            }
        });
        let looked = look();
        stop.store(true, Ordering::Relaxed);
        looked
    })
}

#[test]
fn what_a_device_says_does_not_steer_the_terminal() {
    in_own_network(|| {
        let label = "\u{1b}[2J\u{1b}]0;x\u{7}\u{202e}evil.name\r\n";
        let txt: [&[u8]; 6] = [b"fw=\x1b[31m\xff", b"mac=\x1b", b"pin=\x1b", b"\x1b=\x1b", b"=", b"fw=2"];
        let whole = service(label.as_bytes(), 443, &txt);
        // Damage of every kind goes along, and must not end the thread that listens.
        let mut messages: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
        messages.push(service(b"no port", 0, &[]));
        messages.push(service(&[0xff; 63], 443, &[]));
        // First too: the end of so many messages may find the buffer of a busy listener full.
        messages.insert(0, whole.clone());
        messages.push(whole);
        let (run, shown, said) = while_announced(&messages, || {
            let run = discover(&[]);
            let (_, shown, said) = text("discover", &["--interface", LAN]);
            (run, shown, said)
        });
        assert_eq!(run.code, 0, "{}", run.stderr);
        let device = named(&run, label);
        assert_eq!(
            (&device["firmware"], &device["mac"], &device["pin"]),
            (&json!("\u{1b}[31m\u{fffd}"), &json!(null), &json!(null))
        );
        assert_eq!(run.result("/devices").as_array().unwrap().len(), 1, "{:#}", run.document);
        for text in [&shown, &said] {
            let steers = |letter: char| letter.is_control() && letter != '\n' || letter == '\u{202e}';
            assert!(!text.contains(steers), "{text:?}");
        }
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
        assert!(shown.contains("\\u{1b}[2J"), "{shown}");
    });
}

#[test]
fn a_flood_of_services_ends_the_listening_and_not_the_command() {
    in_own_network(|| {
        let messages: Vec<Vec<u8>> =
            (0..3000).map(|number| service(format!("board {number}").as_bytes(), 443, &[])).collect();
        let run = while_announced(&messages, || Run::new("discover", &["--interface", LAN, "--for", "150s"]));
        assert_eq!(run.code, 0, "{}", run.stderr);
        let devices = run.result("/devices").as_array().unwrap().len();
        assert!((100..=1000).contains(&devices), "{devices}");
        assert!(run.result("/listened_us").as_u64().unwrap() < 150_000_000, "it ends early");
    });
}
