//! `--probe`: one handshake with each device, and whose certificate it shows.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::json;
use support::{
    certificates::Folder,
    network::{LAN, LAN_IPV6, in_own_network},
    run::{Run, text},
};

use crate::bench::{announced_pin, discover, named, zeroconf};

#[test]
fn the_certificate_is_compared_with_the_announced_pin_and_with_those_of_the_user() {
    in_own_network(|| {
        let folder = Folder::new();
        folder.p256("mine");
        folder.renewed("renewed", "mine");
        folder.p256("other");
        let pin = announced_pin(&folder, "mine.pem");
        let server = folder.serve_at("0.0.0.0:0", "mine", &["-www"]);
        let Some(_board) = zeroconf("board", "https", server.port(), &[&pin]) else { return };
        let mine = folder.arg("mine.pem");
        let run = discover(&["--probe", "--cert", &mine]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let look = &named(&run, "board")["probe"]["result"];
        assert_eq!((&look["announced"], &look["version"]), (&json!("same"), &json!("TLS 1.3")));
        assert_eq!(look["certificate"]["sha256"], support::board::pin(&folder.path("mine.pem")).as_str());
        assert_eq!(named(&run, "board")["known"], json!({"file": mine, "basis": "certificate"}));
        let renewed = folder.arg("renewed.pem");
        let run = discover(&["--probe", "--cert", &renewed]);
        assert_eq!(
            (run.code, &named(&run, "board")["known"]),
            (0, &json!({"file": renewed, "basis": "key"}))
        );
        let run = discover(&["--probe", "--cert", &folder.arg("other.pem")]);
        assert_eq!((run.code, &run.document["error"]["code"]), (4, &json!("discover.unknown")));
    });
}

#[test]
fn a_device_that_shows_another_certificate_than_it_announces_is_a_finding() {
    in_own_network(|| {
        let folder = Folder::new();
        folder.p256("shown");
        folder.p256("announced");
        let server = folder.serve_at("0.0.0.0:0", "shown", &["-www"]);
        let pin = announced_pin(&folder, "announced.pem");
        let Some(_board) = zeroconf("board", "https", server.port(), &[&pin]) else { return };
        let run = discover(&["--probe"]);
        assert_eq!((run.code, &run.document["error"]["code"]), (1, &json!("discover.pin_differs")));
        assert_eq!(named(&run, "board")["probe"]["result"]["announced"], "different");
        let (_, shown, _) = text("discover", &["--interface", LAN, "--probe"]);
        let line =
            |label: &str| shown.lines().find_map(|line| line.trim().strip_prefix(label).map(str::trim));
        assert_eq!(line("announced"), Some("it announces the pin of another certificate"), "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    });
}

/// With a name strict server, so that the name is known to be the announced one.
#[test]
fn each_device_gets_one_connection_with_the_name_that_it_announces() {
    in_own_network(|| {
        let folder = Folder::new();
        folder.p256("board");
        let strict = [
            "-www",
            "-servername",
            "board.local",
            "-servername_fatal",
            "-cert2",
            "board.pem",
            "-key2",
            "board.key",
        ];
        let server = folder.serve_at("0.0.0.0:0", "board", &strict);
        let connections = Arc::new(AtomicUsize::new(0));
        let (counted, upstream) = (Arc::clone(&connections), format!("127.0.0.1:{}", server.port()));
        let proxy = support::peer::listen_at("192.168.77.1:0", move |stream, _| {
            counted.fetch_add(1, Ordering::Relaxed);
            support::peer::forward(stream, &upstream);
        });
        let port = proxy.rsplit(':').next().unwrap();
        let Some(_board) = zeroconf("board", "https", port, &[]) else { return };
        let run = discover(&["--probe"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let look = &named(&run, "board")["probe"]["result"];
        assert_eq!((&look["announced"], &look["address"]), (&json!("no_pin"), &json!(proxy)));
        assert_eq!(connections.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_handshake_that_fails_is_told_with_the_device_and_counts_for_https_only() {
    in_own_network(|| {
        let plain = support::peer::listen_at("192.168.77.1:0", |stream, _| {
            support::peer::answer(stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        });
        let port = plain.rsplit(':').next().unwrap();
        let Some(_printer) = zeroconf("printer", "http", port, &[]) else { return };
        let run = discover(&["--probe"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let error = &named(&run, "printer")["probe"]["error"];
        assert_eq!((&error["code"], &error["fault"]), (&json!("probe.not_tls"), &json!("peer")));
        let advice = format!("`esp-https probe {plain}` tells more");
        assert_eq!(error["try"], advice.as_str());
        let Some(_board) = zeroconf("board", "https", "9", &[]) else { return };
        let run = discover(&["--probe"]);
        let told = &run.document["error"];
        assert_eq!((run.code, &told["code"]), (4, &json!("client.refused")));
        assert_eq!(told["doing"], "making a TLS handshake with 2 devices");
        assert_eq!(
            told["what"],
            "1 failed; the worst is 192.168.77.1:9: it refused the connection; this was the last of 3 attempts"
        );
    });
}

/// The service is on a link-local address alone: what is found is what `probe` takes.
#[test]
fn a_target_that_is_found_can_be_probed() {
    in_own_network(|| {
        let folder = Folder::new();
        folder.p256("board");
        let server = folder.serve_at(&format!("[{LAN_IPV6}%{LAN}]:0"), "board", &["-www"]);
        let Some(_board) = zeroconf("board", "https", server.port(), &[]) else { return };
        let run = discover(&[]);
        let addresses = named(&run, "board")["addresses"].as_array().unwrap();
        let link_local = addresses.last().unwrap().as_str().unwrap();
        let target = format!("[{link_local}]:{}", server.port());
        let probed = Run::new("probe", &[target.as_str(), "--cert", &folder.arg("board.pem")]);
        assert_eq!(
            (probed.code, probed.result("/target/host")),
            (0, &json!("fe80::77%lan0")),
            "{}",
            probed.stderr
        );
    });
}
