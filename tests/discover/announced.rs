//! What is announced, and how it is shown.

use serde_json::json;
use support::{
    certificates::Folder,
    network::{LAN, in_own_network},
    run::text,
};

use crate::bench::{announced_pin, discover, named, zeroconf};

const TXT: [&str; 4] = ["fw=0.1.0", "mac=24:0A:C4:12:34:56", "pin=00112233445566778899aabbccddeeff", "flag"];

#[test]
fn a_device_is_found_with_its_name_its_addresses_its_port_and_its_txt() {
    in_own_network(|| {
        let Some(_kitchen) = zeroconf("kitchen", "https", "443", &TXT) else { return };
        let run = discover(&[]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.result("/listened_us").as_u64().unwrap() >= 3_000_000);
        assert_eq!(run.result("/unresolved"), &json!([]));
        let expected = json!({
            "name": "kitchen", "service": "https", "host": "kitchen.local", "port": 443,
            "addresses": ["192.168.77.1", "fe80::77%lan0"], "target": "192.168.77.1:443",
            "firmware": "0.1.0", "mac": "24:0a:c4:12:34:56", "pin": "00112233445566778899aabbccddeeff",
            "txt": [
                {"key": "fw", "value": "0.1.0"}, {"key": "mac", "value": "24:0A:C4:12:34:56"},
                {"key": "pin", "value": "00112233445566778899aabbccddeeff"}, {"key": "flag", "value": null},
            ],
            "known": null, "probe": null,
        });
        assert_eq!(run.result("/devices"), &json!([expected]));
    });
}

#[test]
fn the_table_reads_like_this() {
    in_own_network(|| {
        let Some(_kitchen) = zeroconf("kitchen", "https", "443", &TXT) else { return };
        let Some(_printer) = zeroconf("A printer with a long name", "http", "80", &[]) else { return };
        let (code, shown, said) = text("discover", &["--interface", LAN]);
        assert_eq!((code, said.as_str()), (0, "listening on lan0 for 3s ..\n"));
        insta::assert_snapshot!(shown, @r"
        name                  address           firmware  MAC
        A printer with a l..  192.168.77.1:80
          service       _http._tcp
        kitchen               192.168.77.1:443  0.1.0     24:0a:c4:12:34:56
          pin           00112233445566778899aabbccddeeff

        next: esp-https probe 192.168.77.1:443
        ");
    });
}

#[test]
fn a_certificate_of_the_user_s_finds_its_board_by_the_pin_that_is_announced() {
    in_own_network(|| {
        let folder = Folder::new();
        folder.p256("mine");
        folder.p256("other");
        let Some(_board) = zeroconf("board", "https", "443", &[&announced_pin(&folder, "mine.pem")]) else {
            return;
        };
        let (mine, other) = (folder.arg("mine.pem"), folder.arg("other.pem"));
        let run = discover(&["--cert", &other, "--cert", &mine]);
        assert_eq!(
            (run.code, &named(&run, "board")["known"]),
            (0, &json!({"file": mine, "basis": "announced_pin"}))
        );
        let run = discover(&["--cert", &other]);
        let known = json!({"file": null, "basis": "none"});
        assert_eq!((run.code, &named(&run, "board")["known"]), (4, &known));
        assert_eq!(run.document["error"]["code"], "discover.unknown");
    });
}

#[test]
fn where_no_device_is_the_error_says_what_to_try() {
    in_own_network(|| {
        let (code, shown, said) = text("discover", &["--interface", LAN, "--for", "300ms"]);
        assert_eq!((code, shown.as_str()), (4, "no device was found\n"));
        insta::assert_snapshot!(said, @r"
        listening on lan0 for 300ms ..
        error: looking for devices on lan0
          no device answered
          try: listen longer: --for 10s
               check that this machine and the board are on the same network, and that it carries multicast: guest networks, VPNs and containers often do not
               a firewall has to let port 5353 of UDP in
               if you know the address, ask the board itself: esp-https probe 192.168.1.7
        ");
    });
}
