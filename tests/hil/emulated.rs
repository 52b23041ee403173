//! Runs on real QEMU.

use std::{fs, process::Stdio};

use support::{Running, wait_until};

use crate::bench::{Bench, states, steps};

const QEMU: &str = "apt-get install qemu-system-misc";

const STEPS: &str = r#"
[[step]]
certgen = { key = "p256" }
[[step]]
flash = {}
[[step]]
name = "handshake"
probe = { expect-version = "1.3", pcap = "handshake.pcapng" }
[[step]]
http = { path = "/light", data = "{\"status\": true}", expect-status = 200 }
[[step]]
load = { requests = 5, fail-if = "error_rate>0" }
[[step]]
soak = { rounds = 2, requests = 3, max-heap-loss = 20000 }
[[step]]
restart = true
[[step]]
serial = { expect = "ESP-HTTPS READY", reject = "PANIC" }
[[step]]
run = "test $ESP_HTTPS_CERT_SHA256 = ${certgen.cert_sha256} && test -f $ESP_HTTPS_CERT && echo $ESP_HTTPS_URL"
"#;

#[test]
fn the_emulated_board_runs_every_kind_of_step_and_leaves_no_key() {
    if support::require("qemu-system-riscv32", QEMU).is_none() {
        return;
    }
    let bench = Bench::new(STEPS);
    let (output, document) = bench.run(&[]);
    assert_eq!(states(&document), ["passed"; 9], "{document:#}");
    assert!(steps(&document)[2]["figures"]["handshake_us"].as_u64().is_some_and(|us| us > 0));
    assert!(steps(&document)[5]["figures"]["heap_free"].as_u64().is_some(), "{document:#}");
    assert_eq!(document["result"]["target_kind"], "emulated");
    assert_eq!(bench.kept().unwrap(), document, "the same is kept in the folder");
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        assert!(line.starts_with('['), "one line a step and nothing else: {line}");
    }
    let mut found = Vec::new();
    for file in fs::read_dir(bench.path("hil-out")).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        assert!(!has(&bytes, b"PRIVATE KEY"), "{}", path.display());
        // The labels of the key log, draft-ietf-tls-keylogfile.
        assert!(!has(&bytes, b"TRAFFIC_SECRET"), "{}", path.display());
        found.push(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    for name in ["cacert.pem", "serial.log", "handshake.pcapng", "03-handshake.json", "06-soak-2.json"] {
        assert!(found.contains(&name.to_owned()), "{name} is not among {found:?}");
    }
}

#[test]
fn an_emulated_board_with_another_certificate_fails_the_pin_and_secrets_are_recorded_when_asked_for() {
    if support::require("qemu-system-riscv32", QEMU).is_none() {
        return;
    }
    let scenario = "[[step]]\ncertgen = { key = \"p256\" }\n[[step]]\nflash = {}\n\
        [[step]]\nname = \"other\"\ncertgen = { key = \"p256\" }\n\
        [[step]]\nname = \"recorded\"\nprobe = { cert = \"${certgen.cert}\", pcap = \"all.pcapng\", pcap-secrets = true }\n\
        [[step]]\nprobe = { cert = \"${other.cert}\" }\n[[step]]\nname = \"never\"\nrun = \"true\"\n";
    let (_, document) = Bench::new(scenario).run(&[]);
    assert_eq!(
        states(&document),
        ["passed", "passed", "passed", "passed", "regression", "not_run"],
        "{document:#}"
    );
    assert_eq!(document["exit_code"], 1);
    assert_eq!(steps(&document)[4]["error"]["code"], "probe.pin_mismatch");
}

#[test]
fn the_emulated_board_serves_the_site_of_its_step_again_after_a_restart() {
    if support::require("qemu-system-riscv32", QEMU).is_none() {
        return;
    }
    let bench = Bench::new(
        "[[step]]\ncertgen = { key = \"p256\" }\n[[step]]\nflash = { site = \"pages\" }\n\
        [[step]]\nname = \"page\"\nhttp = { path = \"/a.txt\", expect-body-exactly = \"a page\" }\n\
        [[step]]\nrestart = true\n[[step]]\nname = \"again\"\nhttp = { path = \"/a.txt\", expect-body-exactly = \"a page\" }\n",
    );
    fs::create_dir(bench.path("pages")).unwrap();
    fs::write(bench.path("pages/a.txt"), "a page").unwrap();
    let (_, document) = bench.run(&[]);
    assert_eq!(states(&document), ["passed"; 5], "{document:#}");
}

/// After SIGKILL the document ends with the last step that was complete, and neither QEMU nor a key stays.
#[test]
fn an_emulated_board_is_gone_after_kill_and_the_document_is_whole() {
    if support::require("qemu-system-riscv32", QEMU).is_none() {
        return;
    }
    let bench = Bench::new(
        "[[step]]\ncertgen = { key = \"p256\" }\n[[step]]\nflash = {}\n[[step]]\nrun = \"touch begun; sleep 600\"\n",
    );
    fs::create_dir(bench.path("tmp")).unwrap();
    let mut command = bench.command(&[]);
    command.env("TMPDIR", bench.path("tmp")).stdout(Stdio::null()).stderr(Stdio::null());
    let mut run = Running::start(&mut command);
    wait_until("the third step runs", || bench.path("begun").exists());
    let board = fs::read(bench.path("hil-out/02-flash.json")).unwrap();
    let board: serde_json::Value = serde_json::from_slice(&board).unwrap();
    let qemu = board["result"]["qemu_pid"].as_u64().unwrap();
    run.kill();
    let kept = bench.kept().unwrap();
    assert_eq!(states(&kept), ["passed", "passed", "not_run"]);
    assert_eq!(
        (&kept["result"]["progress"], &kept["error"]["code"]),
        (&"running".into(), &"hil.unfinished".into())
    );
    wait_until("QEMU is gone", || {
        fs::read_to_string(format!("/proc/{qemu}/stat"))
            .is_ok_and(|stat| stat.contains(") Z "))
            .then_some(())
            .is_some()
            || !std::path::Path::new(&format!("/proc/{qemu}")).exists()
    });
    wait_until("no key stays", || fs::read_dir(bench.path("tmp")).unwrap().next().is_none());
}

fn has(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}
