//! The files: their modes, and that they come together or not at all.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    process::{Command, Output, Stdio},
};

use support::{Running, document, esp_https, stderr, stdout};

use crate::workspace::Workspace;

const BOTH: [&str; 2] = ["cacert.pem", "prvtkey.pem"];

#[test]
fn the_key_is_its_owners_alone_whatever_the_umask() {
    for (umask, certificate) in [("022", 0o644), ("000", 0o644), ("077", 0o600), ("777", 0o000)] {
        let workspace = Workspace::new();
        let output = sh_certgen(&workspace, &format!("umask {umask}"), "--key p256");
        assert!(output.status.success(), "{}", stderr(&output));
        let modes =
            BOTH.map(|name| fs::metadata(workspace.path(name)).unwrap().permissions().mode() & 0o7777);
        assert_eq!(modes, [certificate, 0o600], "umask {umask}");
        assert_eq!(workspace.names(), BOTH);
    }
}

#[test]
fn force_replaces_both_files_and_leaves_nothing_else() {
    let workspace = Workspace::new();
    workspace.certgen(&["--key", "p256"]);
    let before = BOTH.map(|name| fs::read(workspace.path(name)).unwrap());
    workspace.certgen(&["--key", "p256", "--force"]);
    let after = BOTH.map(|name| fs::read(workspace.path(name)).unwrap());
    assert!(before[0] != after[0] && before[1] != after[1]);
    assert_eq!(workspace.names(), BOTH);
}

#[test]
fn a_full_disk_leaves_an_old_pair_as_it_was_and_no_new_one() {
    let workspace = Workspace::new();
    // No file may be written, and a write says so rather than kills.
    let full = "trap '' XFSZ; ulimit -f 0";
    let output = sh_certgen(&workspace, full, "--key p256 --out-dir board");
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert_eq!(workspace.names(), [""; 0]);

    workspace.certgen(&["--key", "p256"]);
    let before = BOTH.map(|name| fs::read(workspace.path(name)).unwrap());
    let output = sh_certgen(&workspace, full, "--key p256 --force");
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(stderr(&output).contains("prvtkey.pem"), "{}", stderr(&output));
    assert_eq!(BOTH.map(|name| fs::read(workspace.path(name)).unwrap()), before);
    assert_eq!(workspace.names(), BOTH);
}

#[test]
fn ctrl_c_ends_a_long_generation_with_a_whole_document_and_no_file() {
    for signal in ["INT", "TERM"] {
        let workspace = Workspace::new();
        // A 4096-bit key takes far longer than the signal, but it may be found by luck: try again then.
        let output =
            (0..20).map(|_| interrupted(&workspace, signal)).find(|output| !output.status.success()).unwrap();
        assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
        assert_eq!(document::of(&output)["error"]["code"], "cert.interrupted");
        assert_eq!(workspace.names(), [""; 0]);
    }
}

#[test]
fn what_it_prints_says_where_and_what_and_what_next() {
    let workspace = Workspace::new();
    let output = workspace.certgen(&[]);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("[0-9a-f]{64}", "<sha256>");
    settings.add_filter(r"\d{4}-\d\d-\d\d", "<date>");
    settings.bind(|| {
        insta::assert_snapshot!(stdout(&output), @r#"
        certificate  cacert.pem  (ESP32 HTTPS server example, RSA-2048, self-signed CA, as in the book)
        private key  prvtkey.pem  (keep it secret)
        expires      <date>  (in 3650 days)
        SHA-256      <sha256>

        note: browsers do not trust this certificate; --profile server makes one that they accept once it is trusted
        next: esp-https emulate
        "#);
        let server =
            workspace.certgen(&["--profile", "server", "--key", "p256", "--out-dir", "board-7", "--days", "900"]);
        insta::assert_snapshot!(stdout(&server), @r#"
        certificate  board-7/cacert.pem  (esp-https.local, P-256, self-signed server)
        private key  board-7/prvtkey.pem  (keep it secret)
        valid for    esp-https.local, localhost, 127.0.0.1
        expires      <date>  (in 900 days)
        SHA-256      <sha256>

        note: these names are a guess; add the name or address of your board, as in --san ip:192.168.1.7
        note: Apple's systems refuse server certificates of more than 825 days
        next: esp-https emulate --cert board-7/cacert.pem --key board-7/prvtkey.pem
        "#);
    });
    assert!(stdout(&output).lines().all(|line| line.chars().count() <= 110));
}

#[test]
fn json_tells_the_same_and_nothing_secret() {
    let workspace = Workspace::new();
    for profile in ["book", "server"] {
        let document = workspace.json(&["--profile", profile, "--force"]);
        assert_eq!(document["result"]["profile"], profile);
        let pem = fs::read_to_string(workspace.path("prvtkey.pem")).unwrap();
        let text = document.to_string();
        assert!(pem.lines().all(|line| !text.contains(line)));
    }
    assert!(
        workspace.json(&["--print-openssl"])["result"]["openssl"]
            .as_str()
            .unwrap()
            .starts_with("openssl req")
    );
}

#[test]
fn several_processes_at_once_leave_a_certificate_and_its_key() {
    let workspace = Workspace::new();
    fs::create_dir(workspace.path("board")).unwrap();
    fs::create_dir(workspace.path("links")).unwrap();
    for name in BOTH {
        std::os::unix::fs::symlink(format!("../board/{name}"), workspace.path("links").join(name)).unwrap();
    }
    for round in 0..10 {
        // Half of them by links from another folder.
        let children: Vec<_> = (0..8)
            .map(|number| {
                let folder = if number % 2 == 0 { "board" } else { "links" };
                let mut command = workspace.command();
                command.args(["--key", "p256", "--force", "--quiet", "--out-dir", folder]);
                command.stdout(Stdio::null()).spawn().unwrap()
            })
            .collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        let public_key = |args: &[&str]| {
            let output =
                Command::new("openssl").args(args).current_dir(workspace.path("board")).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            output.stdout
        };
        assert_eq!(
            public_key(&["x509", "-in", "cacert.pem", "-noout", "-pubkey"]),
            public_key(&["pkey", "-in", "prvtkey.pem", "-pubout"]),
            "round {round}"
        );
        assert_eq!(support::names(workspace.path("board")), BOTH, "round {round}");
    }
}

#[test]
fn a_pair_that_no_board_has_room_for_gets_a_note_with_what_makes_it_smaller() {
    let workspace = Workspace::new();
    let names: Vec<String> =
        (0..100).map(|n| format!("dns:a-rather-long-name-of-a-board-{n}.example.com")).collect();
    let sans: Vec<&str> = names.iter().flat_map(|name| ["--san", name]).collect();
    let note = |key: &str, sans: &[&str]| {
        let document = workspace.json(&[&["--profile", "server", "--force", "--key", key], sans].concat());
        let notes = document["result"]["notes"].as_array().unwrap().clone();
        let note = notes.iter().find(|note| note["code"] == "too_large");
        note.map(|note| note["text"].as_str().unwrap().to_owned())
    };
    let large = note("rsa3072", &sans).unwrap();
    assert!(large.starts_with("flash can't write this pair to a board: it takes "), "{large}");
    let advice: Vec<&str> = large.lines().skip(1).collect();
    assert_eq!(
        advice,
        [
            "take a P-256 key, which is much smaller: esp-https certgen --key p256",
            "or take a certificate with fewer names"
        ]
    );
    // What flash says of it.
    let flash = ["flash", "--ssid", "home", "--open-wifi", "--config-only", "--port", "/dev/null", "--json"];
    let output = Command::new(esp_https()).args(flash).current_dir(&workspace.folder).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["error"]["code"], "provisioning.too_large");
    assert_eq!(document["error"]["try"], advice.join("\n"));
    assert_eq!(note("p256", &sans), None, "the advice helps");
    assert_eq!(note("rsa3072", &sans[..2]), None, "so does the other");
}

fn sh_certgen(workspace: &Workspace, before: &str, args: &str) -> Output {
    Command::new("sh")
        .args(["-c", &format!("{before}; exec \"$0\" certgen {args}"), esp_https()])
        .current_dir(&workspace.folder)
        .output()
        .unwrap()
}

fn interrupted(workspace: &Workspace, signal: &str) -> Output {
    for name in BOTH {
        let _ = fs::remove_file(workspace.path(name));
    }
    let mut command = workspace.command();
    command.args(["--key", "rsa4096", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let certgen = Running::start(&mut command);
    certgen.wait_for_handlers();
    certgen.signal(signal);
    certgen.output()
}
