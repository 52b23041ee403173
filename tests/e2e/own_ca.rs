//! A CA of one's own: the board serves what it issues, and curl opens the page by the CA alone; with mutual TLS only the clients
//! of the CA get in.

use std::{fs, process::Output};

use support::{stderr, stdout};
use tempfile::TempDir;

use crate::{board::QEMU, serving::CHROMIUM};

#[test]
fn curl_opens_the_page_by_the_ca_alone_and_only_clients_of_the_ca_get_in() {
    if support::require("qemu-system-riscv32", QEMU).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    certgen(&folder, &["ca", "--dir", "ca", "--name", "Workshop"]);
    certgen(&folder, &["--ca", "ca", "--key", "p256", "--san", "kitchen.local", "--san", "127.0.0.1"]);
    certgen(&folder, &["--ca", "ca", "--key", "p256", "--client", "tablet"]);
    let curl = "curl --silent --show-error --fail --noproxy '*' --max-time 60 --cacert ca/ca.pem";
    let board = "https://$ESP_HTTPS_TARGET/";
    let open = format!(
        "{curl} --output page {board} && openssl s_client -connect $ESP_HTTPS_TARGET -showcerts </dev/null"
    );
    let output = emulate(&folder, &[], &open);
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    assert_eq!(stdout(&output).matches("BEGIN CERTIFICATE").count(), 1, "the board sends no root");
    assert!(folder.path().join("page").metadata().unwrap().len() > 0);
    let with = format!("{curl} --cert client-cert.pem --key client-key.pem --output page {board}");
    let without = format!("{curl} --output page {board}");
    let script = format!("{with} || exit 9; if {without}; then exit 8; fi");
    let output = emulate(&folder, &["--client-ca", "ca/ca.pem"], &script);
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
}

/// In a fresh home whose NSS database (which Chromium reads on Linux) has the CA; in one without it there is the warning.
#[test]
fn chromium_opens_the_page_without_a_warning_once_it_trusts_the_ca() {
    if support::require("qemu-system-riscv32", QEMU).is_none()
        || support::require("chromium", CHROMIUM).is_none()
        || support::require("certutil", "apt-get install libnss3-tools").is_none()
    {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    certgen(&folder, &["ca", "--dir", "ca"]);
    certgen(&folder, &["--ca", "ca", "--key", "p256", "--san", "127.0.0.1"]);
    let script = "set -e; mkdir -p trusting/.pki/nssdb other; \
        certutil -d sql:trusting/.pki/nssdb -N --empty-password; \
        certutil -d sql:trusting/.pki/nssdb -A -t C,, -n own -i ca/ca.pem; \
        for home in trusting other; do \
            HOME=$PWD/$home chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
                --disable-background-networking --disable-component-update --disable-sync \
                --user-data-dir=$PWD/profile-$home --timeout=20000 --dump-dom https://$ESP_HTTPS_TARGET/ >$home.html; \
        done";
    let output = emulate(&folder, &[], script);
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    let shown = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(shown("trusting.html").contains("Hello Secure World!"), "{}", shown("trusting.html"));
    assert!(!shown("other.html").contains("Hello Secure World!"), "{}", shown("other.html"));
}

fn certgen(folder: &TempDir, args: &[&str]) {
    let output = support::command_in(folder).arg("certgen").args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", stderr(&output));
}

fn emulate(folder: &TempDir, more: &[&str], script: &str) -> Output {
    let fixed =
        ["emulate", "--port", "0", "--ready-timeout", "2m", "--cert", "cacert.pem", "--key", "prvtkey.pem"];
    let words = [&fixed[..], more, &["--", "sh", "-c", script]].concat();
    support::command_in(folder).args(words).output().unwrap()
}
