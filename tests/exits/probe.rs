//! `probe`.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

use crate::{bench::Exits, load::server};

#[test]
fn every_exit_of_probe_has_a_valid_document() {
    let mut exits = Exits::of("probe");
    let (_server, at) = server(&exits);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_at = silent.local_addr().unwrap();
    let no_tls = TcpListener::bind("127.0.0.1:0").unwrap();
    let no_tls_at = no_tls.local_addr().unwrap();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = no_tls.accept() {
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\n");
        }
    });
    fs::write(exits.path("targets"), format!("{at}\n{nobody}\n")).unwrap();
    fs::write(exits.path("policy"), "nonsense = 1\n").unwrap();
    exits.ends(0, "-", &format!("{at} --cert cacert.pem"));
    exits.ends(0, "-", &format!("{at} --cert cacert.pem --trace"));
    exits.ends(2, "client.target", "http://host/");
    exits.ends(2, "client.certificate_file", &format!("{at} --cert absent"));
    exits.ends(2, "client.certificate_file", &format!("{at} --cert a?sent"));
    exits.ends(2, "probe.gate_file", &format!("{at} --policy absent"));
    exits.ends(2, "probe.gate_file", &format!("{at} --policy policy"));
    exits.ends(2, "probe.targets", "--targets absent");
    exits.ends(2, "output.unwritable", &format!("{at} --pcap nowhere/x"));
    exits.ends(2, "probe.expectation", &format!("{at} --cert cacert.pem --expect-group nonsense"));
    exits.ends(1, "probe.check_failed", &format!("{at} --cert cacert.pem --expect-version 1.2"));
    exits.ends(0, "-", &format!("{at} --cert cacert.pem -H X:y --expect-status 2xx"));
    exits.ends(1, "probe.check_failed", &format!("{at} --expect-status 404 --junit report.xml"));
    exits.ends(2, "client.method", &format!("{at} -m G/T"));
    exits.ends(2, "client.header", &format!("{at} -H X"));
    exits.ends(2, "client.body", &format!("{at} -d @absent"));
    exits.ends(2, "client.path", &format!("{at}/a/../b --follow"));
    exits.ends(2, "probe.expectation", &format!("{at} --expect-json on"));
    exits.ends(4, "client.refused", &nobody.to_string());
    exits.ends(5, "probe.not_tls", &no_tls_at.to_string());
    exits.ends(4, "client.handshake_timeout", &format!("{silent_at} --timeout 300ms"));
    exits.ends(4, "client.refused", "--targets targets --cert cacert.pem");
    exits.ends(3, "probe.inconclusive", &format!("{at} --audit --max-connections 2"));
    // The connections that were given up wait at the other one.
    let fresh = TcpListener::bind("127.0.0.1:0").unwrap();
    let fresh_at = fresh.local_addr().unwrap();
    let mut held = None;
    exits.is_interrupted(130, "probe.interrupted", &format!("{fresh_at} --timeout 1m"), || {
        held = Some(fresh.accept().unwrap());
    });
    exits.are_all_valid(21);
}
