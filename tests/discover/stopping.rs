//! How it ends: by a signal, and where it can't listen.

use std::{fs, net::UdpSocket, process::Stdio};

use support::{
    Running, document,
    document::Told,
    network::{LAN, in_own_network},
};

use crate::bench::zeroconf;

#[test]
fn ctrl_c_ends_it_with_what_was_found_and_leaves_nothing_behind() {
    in_own_network(|| {
        let Some(_board) = zeroconf("board", "https", "443", &[]) else { return };
        let before = groups();
        let mut command = support::command();
        command.args(["discover", "--interface", LAN, "--for", "60s", "--json"]);
        let mut run = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
        run.wait_for_line("listening on lan0 for 60s ..");
        // The line about what was found comes after five seconds.
        run.wait_for_line("1 service so far");
        run.signal("INT");
        let output = run.output();
        let told = document::of(&output);
        assert_eq!(
            (output.status.code(), &told["error"]["code"]),
            (Some(130), &"discover.interrupted".into())
        );
        assert_eq!(told["error"]["what"], "by Ctrl-C after 1 device");
        assert_eq!(told["result"]["devices"][0]["name"], "board");
        assert_eq!(groups(), before);
    });
}

/// The multicast groups of this network, and how many sockets are in each.
fn groups() -> Vec<String> {
    let table = fs::read_to_string("/proc/net/igmp").unwrap();
    // What follows in a line changes by itself: it is when a report is due.
    let group = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    table.lines().filter(|line| line.starts_with('\t')).map(group).collect()
}

#[test]
fn a_port_that_another_program_has_for_itself_is_an_error() {
    in_own_network(|| {
        let _alone = UdpSocket::bind("[::]:5353").unwrap();
        let output = support::command().args(["discover", "--json"]).output().unwrap();
        let what = "port 5353 of UDP can't be used: another program uses this address and port";
        assert_eq!(Told::by(&output).all(), (4, "discover.socket", what));
    });
}

#[test]
fn an_interface_that_does_not_exist_is_named_with_those_that_do() {
    in_own_network(|| {
        let output =
            support::command().args(["discover", "--interface", "wlan9", "--json"]).output().unwrap();
        let told = document::of(&output);
        let error = &told["error"];
        assert_eq!((output.status.code(), error["code"].as_str()), (Some(4), Some("client.no_interface")));
        assert_eq!(error["doing"], "reading --interface wlan9");
        assert_eq!(error["try"], "use one that this machine has: lan0, lo");
        // With loopback alone there is nobody to ask.
        for down in [["link", "set", "lan0", "down"], ["link", "del", "lan0", ""]] {
            let words = down.iter().filter(|word| !word.is_empty());
            assert!(std::process::Command::new("ip").args(words).status().unwrap().success());
        }
        let output = support::command().args(["discover", "--json"]).output().unwrap();
        assert_eq!(Told::by(&output).pair(), (4, "discover.no_network"));
    });
}
