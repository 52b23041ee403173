//! Link-local addresses, which come with the interface behind which they are, for every command that takes a target.

use std::fs;

use serde_json::json;
use support::{
    document::Told,
    network::{LAN, LAN_IPV6, in_own_network},
    peer,
    run::{Run, text},
};

use crate::{
    bench::{Folder, probe},
    recorder::{JSON, Recorder},
};

/// Lets a server of 127.0.0.1 be reached by the link-local address; returns its port there.
fn reachable_by_link(upstream: &str) -> String {
    let upstream = upstream.to_owned();
    let address = peer::listen_at("[::]:0", move |stream, _| peer::forward(stream, &upstream));
    address.rsplit(':').next().unwrap().to_owned()
}

#[test]
fn a_zone_leads_to_the_server_in_every_spelling_and_is_not_sent() {
    in_own_network(|| {
        let recorder = Recorder::with(JSON);
        let port = reachable_by_link(&recorder.address);
        for target in [
            format!("[{LAN_IPV6}%{LAN}]:{port}"),
            format!("https://[{LAN_IPV6}%{LAN}]:{port}/light"),
            format!("https://[{LAN_IPV6}%25{LAN}]:{port}/light"),
        ] {
            let run = probe(&[target.as_str()]);
            assert_eq!(run.code, 0, "{target}: {}", run.stderr);
            assert_eq!(run.result("/target/host"), &json!("fe80::77%lan0"));
            assert_eq!(run.result("/target/server_name"), &json!(null));
            let run = probe(&[target.as_str(), "-d", "x", "--expect-status", "200"]);
            assert_eq!(run.code, 0, "{target}: {}", run.stderr);
        }
        let requests = recorder.requests();
        assert_eq!(requests.len(), 6, "{requests:?}");
        for request in requests {
            let host = format!("\r\nhost: [{LAN_IPV6}]:{port}\r\n");
            assert!(request.to_ascii_lowercase().contains(&host) && !request.contains('%'), "{request:?}");
        }
    });
}

#[test]
fn an_audit_a_load_and_a_scenario_take_it_too() {
    in_own_network(|| {
        let folder = Folder::new();
        folder.p256("board");
        let server = folder.serve_at("[::]:0", "board", &["-www"]);
        let (target, cert) = (format!("[{LAN_IPV6}%{LAN}]:{}", server.port()), folder.arg("board.pem"));
        let audit = probe(&[&target, "--cert", &cert, "--audit", "--max-connections", "5"]);
        assert_eq!(audit.result("/target"), &json!(target), "{}", audit.stderr);
        let load = Run::new("load", &[&target, "--cert", &cert, "-n", "2", "--no-stat"]);
        assert_eq!((load.code, load.result("/units/completed")), (0, &json!(2)), "{}", load.stderr);
        fs::write(
            folder.path("hil.toml"),
            "[[step]]\nprobe = {}\n\n[[step]]\nload = { requests = 2, no-stat = true, insecure = true }\n",
        )
        .unwrap();
        let words = [folder.arg("hil.toml"), "--target".into(), target, "--out".into(), folder.arg("out")];
        let hil = Run::new("hil", &words);
        assert_eq!(hil.code, 0, "{:#}\n{}", hil.document, hil.stderr);
    });
}

#[test]
fn the_address_of_a_name_has_a_zone_too_and_the_next_step_repeats_it() {
    in_own_network(|| {
        let folder = Folder::new();
        folder.p256("board");
        let server = folder.serve_at("[::]:0", "board", &["-www"]);
        let (target, address) = (format!("board.local:{}", server.port()), format!("{LAN_IPV6}%{LAN}"));
        let (code, shown, said) = text("probe", &[&target, "--address", &address]);
        assert_eq!(code, 0, "{said}");
        let next = shown.lines().last().unwrap();
        let words = next.split_once("esp-https probe ").unwrap().1.split(' ').map(str::to_owned);
        let again: Vec<String> =
            words.map(|word| if word == "cacert.pem" { folder.arg("board.pem") } else { word }).collect();
        assert_eq!(probe(&again).code, 0, "{next}");
        let load = Run::new("load", &[&target, "--address", &address, "--insecure", "-n", "1", "--no-stat"]);
        assert_eq!(load.code, 0, "{}", load.stderr);
    });
}

#[test]
fn an_unknown_zone_is_refused_with_the_interfaces_that_exist() {
    in_own_network(|| {
        let told = |words: &[&str]| {
            let output = support::command().args(words).arg("--json").output().unwrap();
            let hint = support::document::of(&output)["error"]["try"].as_str().unwrap().to_owned();
            let told = Told::by(&output);
            (told.exit, told.code, told.what, hint)
        };
        let expected =
            |what: &str, hint: &str| (4, "client.no_interface".to_owned(), what.to_owned(), hint.to_owned());
        let unknown = expected(
            "this machine has no network interface `wlan9`",
            "use one that this machine has: lan0, lo",
        );
        assert_eq!(told(&["probe", "[fe80::1%wlan9]"]), unknown);
        assert_eq!(told(&["probe", "[fe80::1%wlan9]", "--audit"]), unknown);
        assert_eq!(told(&["load", "[fe80::1%wlan9]", "--insecure"]), unknown);
        assert_eq!(told(&["probe", "board.local", "--address", "fe80::1%wlan9"]), unknown);
        assert_eq!(told(&["load", "board.local", "--address", "fe80::1%wlan9", "--insecure"]), unknown);
        let without = expected(
            "fe80::1 is a link-local address, and nothing says behind which interface of this machine it is",
            "write it with its interface: fe80::1%lan0",
        );
        assert_eq!(told(&["probe", "fe80::1"]), without);
        assert_eq!(told(&["load", "https://[fe80::1]/", "--insecure"]), without);
        assert_eq!(told(&["probe", "board.local", "--address", "fe80::1"]), without);
    });
}
