//! The same certificate as openssl's, byte for byte, but for what is random or the time.

use std::{
    collections::HashSet,
    process::{Command, Stdio},
};

use support::{names, stderr, stdout};

use crate::{
    der,
    workspace::{Workspace, certificate_in},
};

/// The book's command, as printed there.
const BOOK: &str = "openssl req -newkey rsa:2048 -nodes -keyout prvtkey.pem -x509 -days 3650 -out cacert.pem \
                    -subj \"/CN=ESP32 HTTPS server example\"";

#[test]
fn the_default_is_the_books_certificate_byte_for_byte() {
    let (ours, theirs) = (Workspace::new(), Workspace::new());
    ours.certgen(&[]);
    sh(&theirs, BOOK);
    assert_eq!(der::masked(&ours.certificate()), der::masked(&theirs.certificate()));
    assert_eq!(ours.certificate().len(), 815);
    assert_same_validity(&ours, &theirs);
    assert_eq!(text_of_key(&ours, "-text"), text_of_key(&theirs, "-text"), "the keys' fields differ");
}

#[test]
fn the_printed_command_makes_the_same_certificate_for_every_combination_of_flags() {
    let matrix: &[&[&str]] = &[
        &[],
        &["--key", "p256"],
        &["--key", "p384", "--days", "1"],
        &["--key", "p256", "--cn", r#"it's "5$" \ a/b+c=d;`x`!"#],
        &["--key", "p256", "--cn", " Küche 台所 "],
        &["--key", "p256", "--cn", "."],
        &["--key", "p256", "--cn", "#CN=a,O=b"],
        &["--key", "p256", "--days", "36500"],
        &["--key", "p256", "--san", "dns:esp32.local", "--san", "ip:fe80::1"],
        &["--profile", "server"],
        &["--profile", "server", "--key", "rsa3072"],
        &["--profile", "server", "--key", "p256"],
        &["--profile", "server", "--key", "p384", "--days", "825", "--cn", "Küche's $HOME"],
        &[
            "--profile",
            "server",
            "--key",
            "p256",
            "--san",
            "dns:*.home.arpa",
            "--san",
            "ip:10.0.0.7",
            "--san",
            "ip:::1",
        ],
        &["--profile", "server", "--key", "p256", "--out-dir", "it's a $folder"],
    ];
    for args in matrix {
        let (ours, theirs) = (Workspace::new(), Workspace::new());
        ours.certgen(args);
        let command = stdout(&theirs.certgen(&[*args, &["--print-openssl"]].concat()));
        assert_eq!(theirs.names(), [""; 0], "printing made something");
        sh(&theirs, &command);
        let folder = args.iter().position(|arg| *arg == "--out-dir").map_or(".", |index| args[index + 1]);
        let [a, b] =
            [&ours, &theirs].map(|workspace| certificate_in(&workspace.path(folder).join("cacert.pem")));
        assert_eq!(der::masked(&a), der::masked(&b), "{args:?}\n{command}");
        assert_eq!(names(ours.path(folder)), names(theirs.path(folder)), "{args:?}\n{command}");
    }
}

#[test]
fn the_printed_default_is_the_books_command_to_the_letter() {
    assert_eq!(stdout(&Workspace::new().certgen(&["--print-openssl"])).trim_end(), BOOK);
}

#[test]
fn twenty_runs_give_twenty_serial_numbers_of_twenty_bytes() {
    let workspace = Workspace::new();
    let mut serials = HashSet::new();
    for _ in 0..20 {
        workspace.certgen(&["--force"]);
        let serial = der::serial(&workspace.certificate());
        assert_eq!(serial.len(), 20);
        assert!((0x01..=0x7f).contains(&serial[0]), "{serial:x?}");
        serials.insert(serial);
    }
    assert_eq!(serials.len(), 20);
}

#[test]
fn dates_from_2050_on_are_generalized_times() {
    let workspace = Workspace::new();
    workspace.certgen(&["--key", "p256", "--days", "36500"]);
    let times = der::times(&workspace.certificate());
    assert_eq!((times[0].0, times[1].0), (0x17, 0x18), "{times:?}");
}

#[test]
fn openssl_confirms_fingerprint_dates_and_that_the_key_belongs() {
    let workspace = Workspace::new();
    for key in ["rsa2048", "rsa4096", "p256", "p384"] {
        let made = &workspace.json(&["--key", key, "--force"])["result"]["certificate"];
        let sha256 = made["sha256"].as_str().unwrap().to_uppercase();
        let printed =
            sh(&workspace, "openssl x509 -in cacert.pem -noout -fingerprint -sha256").replace(':', "");
        assert_eq!(printed.trim_end().rsplit('=').next(), Some(sha256.as_str()), "{key}");
        let end = sh(
            &workspace,
            "date -u -d \"$(openssl x509 -in cacert.pem -noout -enddate | cut -d= -f2)\" +%FT%TZ",
        );
        assert_eq!(Some(end.trim_end()), made["not_after"].as_str(), "{key}");
        let spki =
            sh(&workspace, "openssl pkey -in prvtkey.pem -pubout -outform DER | openssl dgst -sha256 -r");
        assert_eq!(spki.split(' ').next(), made["spki_sha256"].as_str(), "{key}");
    }
}

fn assert_same_validity(ours: &Workspace, theirs: &Workspace) {
    let seconds = "echo $(( $(date -d \"$(openssl x509 -in cacert.pem -noout -enddate | cut -d= -f2)\" +%s) \
                   - $(date -d \"$(openssl x509 -in cacert.pem -noout -startdate | cut -d= -f2)\" +%s) ))";
    assert_eq!(sh(ours, seconds), sh(theirs, seconds));
    assert_eq!(sh(ours, seconds).trim_end(), (3650 * 86_400).to_string());
}

/// The structure of the key without its numbers: labels, sizes, exponent.
fn text_of_key(workspace: &Workspace, format: &str) -> Vec<String> {
    let head = sh(workspace, "head -1 prvtkey.pem; wc -l < prvtkey.pem");
    let text = sh(workspace, &format!("openssl pkey -in prvtkey.pem -noout {format}"));
    let labels = text.lines().filter(|line| !line.starts_with(' ')).map(str::to_owned);
    head.lines().take(1).map(str::to_owned).chain(labels).collect()
}

fn sh(workspace: &Workspace, script: &str) -> String {
    let output = Command::new("sh")
        .args(["-c", script])
        .current_dir(&workspace.folder)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{script}\n{}", stderr(&output));
    stdout(&output)
}
