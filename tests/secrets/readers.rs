//! Every option that names a file to be read, given a damaged key.

use std::fs;

use esp_https::cert::KeyType;
use support::{board, document};

use crate::{damage::forms, marked::Marked};

/// A command line that reads `FILE`, and then ends with the error `ends` when nothing was wrong with it.
struct Reader {
    words: &'static str,
    ends: &'static str,
}

/// Runs each of the commands with each form, for its text and its document, and searches all that they write.
fn assert_silent(marked: &Marked, readers: &[Reader]) {
    let mut taken = 0;
    for (form, content) in forms(&marked.pair.private_key_pem, &marked.pair.certificate_pem) {
        fs::write(marked.path("FILE"), content).unwrap();
        for Reader { words, ends } in readers {
            let what = format!("esp-https {words}, {form}");
            let words: Vec<&str> = words.split(' ').collect();
            let text = marked.command(&words).output().unwrap();
            let json = marked.command(&[&words[..], &["--json"]].concat()).output().unwrap();
            for output in [&text, &json] {
                marked.secret.assert_not_in(output, &what);
                let code = output.status.code();
                assert!(code.is_some_and(|code| [1, 2, 4].contains(&code)), "{what}: {output:?}");
            }
            let document = document::of(&json);
            let code = document["error"]["code"].as_str().unwrap_or_default().to_owned();
            taken += usize::from(code == *ends);
            if form == "intact" {
                assert_eq!(code, *ends, "{what} is read to its end: {document:#}");
            }
        }
    }
    assert!(taken >= readers.len(), "{taken}");
}

#[test]
fn probe_shows_nothing_of_a_key() {
    let marked = Marked::new(KeyType::Rsa2048);
    assert_silent(
        &marked,
        &[
            // Files are read in this order, and a policy that is not there ends the run before anything is asked.
            Reader {
                words: "probe 127.0.0.1:1 --client-cert cacert.pem --client-key FILE --policy none",
                ends: "probe.gate_file",
            },
            Reader { words: "probe 127.0.0.1:1 --cert FILE --policy none", ends: "client.certificate_file" },
            Reader {
                words: "probe 127.0.0.1:1 --cacert FILE --policy none",
                ends: "client.certificate_file",
            },
            Reader {
                words: "probe 127.0.0.1:1 --client-cert FILE --client-key prvtkey.pem --policy none",
                ends: "client.certificate_file",
            },
            Reader {
                words: "probe 127.0.0.1:1 --expect-body-exactly @FILE --policy none",
                ends: "client.body",
            },
            Reader { words: "probe 127.0.0.1:1 -d @FILE --policy none", ends: "client.body" },
            Reader { words: "probe --targets FILE", ends: "probe.targets" },
            Reader { words: "probe 127.0.0.1:1 --policy FILE", ends: "probe.gate_file" },
            Reader { words: "probe 127.0.0.1:1 --baseline FILE", ends: "probe.gate_file" },
        ],
    );
}

#[test]
fn discover_shows_nothing_of_a_key() {
    let marked = Marked::new(KeyType::P256);
    // The interface is looked up first.
    assert_silent(
        &marked,
        &[Reader { words: "discover --interface lo --for 1ms --cert FILE", ends: "client.certificate_file" }],
    );
}

#[test]
fn load_shows_nothing_of_a_key() {
    let marked = Marked::new(KeyType::P256);
    assert_silent(
        &marked,
        &[
            // The suite is looked up after the files are read.
            Reader {
                words: "load 127.0.0.1:1 --client-cert cacert.pem --client-key FILE --suite NONE",
                ends: "load.unknown_name",
            },
            Reader { words: "load 127.0.0.1:1 --suite NONE --cert FILE", ends: "client.certificate_file" },
            Reader { words: "load 127.0.0.1:1 --suite NONE --cacert FILE", ends: "client.certificate_file" },
            Reader { words: "load merge FILE", ends: "load.not_a_result" },
            Reader { words: "load merge prvtkey.pem FILE", ends: "load.not_a_result" },
        ],
    );
}

#[test]
fn hil_shows_nothing_of_a_key() {
    let marked = Marked::new(KeyType::P256);
    fs::write(marked.path("hil.toml"), "[[step]]\nrun = \"true\"\n").unwrap();
    assert_silent(
        &marked,
        &[
            Reader { words: "hil FILE --out out", ends: "hil.scenario" },
            Reader { words: "hil check FILE", ends: "hil.scenario" },
            Reader { words: "hil plan FILE", ends: "hil.scenario" },
            Reader { words: "hil --baseline FILE --out out", ends: "hil.baseline" },
        ],
    );
}

#[test]
fn emulate_shows_nothing_of_a_key() {
    let marked = Marked::new(KeyType::P256);
    board::write_program(&marked.path("qemu-system-riscv32"), "exit 1");
    fs::write(marked.path("board.elf"), board::elf()).unwrap();
    for words in [
        "emulate --port 0 --image board.elf --cert cacert.pem --key FILE",
        "emulate --port 0 --image board.elf --cert FILE --key prvtkey.pem",
        "emulate --port 0 --image board.elf --cert cacert.pem --key prvtkey.pem --client-ca FILE",
        "emulate --port 0 --image FILE --cert cacert.pem --key prvtkey.pem",
        "emulate --port 0 --firmware-dir FILE --cert cacert.pem --key prvtkey.pem",
    ] {
        for (form, content) in forms(&marked.pair.private_key_pem, &marked.pair.certificate_pem) {
            fs::write(marked.path("FILE"), content).unwrap();
            for more in [&[][..], &["--json"]] {
                let words: Vec<&str> = words.split(' ').chain(more.iter().copied()).collect();
                let path = format!("{}:{}", marked.path("").display(), std::env::var("PATH").unwrap());
                let output = marked.command(&words).env("PATH", path).output().unwrap();
                marked.secret.assert_not_in(&output, &format!("{words:?}, {form}"));
                assert!(matches!(output.status.code(), Some(2 | 4)), "{words:?}, {form}: {output:?}");
            }
        }
    }
}

#[test]
fn flash_shows_nothing_of_a_key() {
    let marked = Marked::new(KeyType::P256);
    let (_board, port) = board::port();
    fs::write(marked.path("key.csv"), "mac,cert,key\n24:0a:c4:00:00:01,cacert.pem,FILE\n").unwrap();
    fs::write(marked.path("cert.csv"), "mac,cert,key\n24:0a:c4:00:00:01,FILE,prvtkey.pem\n").unwrap();
    let given = format!("flash --ssid home --non-interactive --config-only --port {port}");
    // The password is looked for once the files are read, and there is none.
    let reader = |more: &str, ends| Reader { words: String::leak(format!("{given} {more}")), ends };
    assert_silent(
        &marked,
        &[
            reader("--cert cacert.pem --key FILE", "provisioning.no_password"),
            reader("--cert FILE --key prvtkey.pem", "cert.no_certificate"),
            reader("--client-ca FILE", "cert.no_certificate"),
            reader("--manifest key.csv", "provisioning.no_password"),
            reader("--manifest cert.csv", "cert.no_certificate"),
            reader("--manifest FILE", "flash.manifest"),
            Reader {
                words: "flash --ssid home --config-only --port /dev/null --wifi-password-file FILE",
                ends: "provisioning.password",
            },
            Reader {
                words: "flash --ssid home --non-interactive --save-image x --image FILE",
                ends: "firmware.image",
            },
            Reader {
                words: "flash --ssid home --non-interactive --save-image x --firmware-dir FILE",
                ends: "firmware.folder",
            },
        ],
    );
}

/// What was odd about a file that could be read is said, by each verb that reads one.
#[test]
fn a_file_that_can_be_read_all_the_same_is_noted() {
    let marked = Marked::new(KeyType::P256);
    fs::write(marked.path("FILE"), marked.pair.private_key_pem.replace('\n', "\\n")).unwrap();
    let (_board, port) = board::port();
    for words in [
        "probe 127.0.0.1:1 --client-cert cacert.pem --client-key FILE --policy none",
        "load 127.0.0.1:1 -n 1 --client-cert cacert.pem --client-key FILE --connect-timeout 1",
        &format!(
            "flash --ssid home --non-interactive --config-only --cert cacert.pem --key FILE --port {port}"
        ),
    ] {
        let mut command = marked.command(&words.split(' ').collect::<Vec<_>>());
        if words.starts_with("flash") {
            command.args(["--open-wifi", "--before", "no-reset-no-sync", "--no-wait"]);
        }
        let stderr = String::from_utf8(command.output().unwrap().stderr).unwrap();
        let note =
            "note: FILE was read although its line breaks are written as \\n; other programs may refuse it\n";
        assert!(stderr.contains(note), "{words}: {stderr}");
        assert_eq!(stderr.matches("note: FILE").count(), 1, "{words}: {stderr}");
    }
}
