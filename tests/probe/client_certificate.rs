//! A client's own certificate, as a server that asks for one judges it.

use std::process::Command;

use support::run;

use crate::bench::{Folder, probe};

/// `openssl x509 -req` without extensions still makes certificates of X.509 version 1, and servers take them.
#[test]
fn a_certificate_of_version_1_is_shown_to_a_server_that_asks() {
    let folder = Folder::new();
    folder.book("ca");
    folder.p256("server");
    folder.issued("client", "ca", "");
    let described = Command::new("openssl")
        .args(["x509", "-noout", "-text", "-in", &folder.arg("client.pem")])
        .output()
        .expect("openssl runs");
    let described = String::from_utf8_lossy(&described.stdout).into_owned();
    assert!(described.contains("Version: 1 (0x0)"), "{described}");
    let ca = folder.arg("ca.pem");
    let server = folder.serve("server", &["-Verify", "1", "-CAfile", &ca, "-verify_return_error"]);

    let refused = probe(&[&server.address]);
    assert_eq!(refused.error().1, "client.client_certificate", "the server asks");

    let (pin, own, key) = (folder.arg("server.pem"), folder.arg("client.pem"), folder.arg("client.key"));
    let options = ["--cert", &pin, "--client-cert", &own, "--client-key", &key];
    let probed = probe(&[&[server.address.as_str()], &options[..]].concat());
    assert_eq!(
        (probed.code, probed.result("/page/answer/status")),
        (0, &200.into()),
        "{:#}",
        probed.document
    );
    let (code, _, said) = run::text("load", &[&[server.address.as_str(), "-n", "3"], &options[..]].concat());
    assert_eq!(code, 0, "{said}");
}
