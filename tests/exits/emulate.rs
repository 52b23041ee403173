//! `emulate`, with scripts in QEMU's place.

use std::{net::TcpListener, process::Command};

use crate::bench::{Exits, make_fifo, wait_for_reader};

fn ready(pin: &str) -> String {
    let json = r#"{"ip":"10.0.2.15","port":443,"mac":"52:54:00:12:34:56","fw":"0.1.0","cert_sha256":"%s"}"#;
    format!("printf 'ESP-HTTPS READY {json}\\r\\n' {pin}; exec sleep 600")
}

fn pin(exits: &Exits) -> String {
    use rustls::pki_types::{CertificateDer, pem::PemObject as _};
    let der = CertificateDer::from_pem_file(exits.path("cacert.pem")).unwrap();
    esp_https::cert::Fingerprint::of_certificate(&der).to_string()
}

#[test]
fn every_exit_of_emulate_has_a_valid_document() {
    let mut exits = Exits::of("emulate");
    let run = "--port 0 --image board.elf";
    exits.program("qemu-system-riscv32", &ready(&pin(&exits)));
    exits.goes_on(run);
    exits.goes_on(&format!("{run} --serial-log l?g"));
    exits.ends(4, "serial.log", &format!("{run} --serial-log /dev/full"));
    exits.program("qemu-system-riscv32", &ready(&"0".repeat(64)));
    exits.ends(4, "emulate.other_certificate", run);
    exits.program("qemu-system-riscv32", "exec sleep 600");
    exits.ends(4, "emulate.not_ready", &format!("{run} --ready-timeout 200ms"));
    for (script, code) in [
        ("kill -KILL $$", "emulate.qemu_ended"),
        ("exit 3", "emulate.qemu_ended"),
        ("echo 'ESP-HTTPS PANIC x'", "emulate.panicked"),
        (r#"echo 'ESP-HTTPS FAULT {"reason":"x"}'"#, "emulate.fault"),
        ("echo 'Could not set up host forwarding rule' >&2; exit 1", "emulate.port_taken"),
    ] {
        exits.program("qemu-system-riscv32", script);
        exits.ends(4, code, run);
    }
    for image in ["absent", "chip.elf", "cacert.pem"] {
        exits.ends(2, "firmware.image", &format!("--port 0 --image {image}"));
    }
    // What stands behind `--` is the command's.
    let mixed = exits.command(&format!("emulate --json {run} -- true"));
    exits.ends_with(2, "output.same_file", "-- true", mixed);
    exits.ends(2, "firmware.folder", "--port 0 --firmware-dir absent");
    exits.ends(2, "site.file", &format!("{run} --site absent"));
    std::fs::create_dir(exits.path("site")).unwrap();
    std::fs::copy(exits.path("prvtkey.pem"), exits.path("site/notes.txt")).unwrap();
    exits.ends(2, "site.private_key", &format!("{run} --site site"));
    exits.ends(2, "provisioning.max_header", &format!("{run} --max-header 1"));
    exits.ends(2, "cert.unreadable", &format!("{run} --cert absent --key prvtkey.pem"));
    let (refused, key) = support::certificates::refused_by_boards();
    std::fs::write(exits.path("refused.pem"), &refused).unwrap();
    std::fs::write(exits.path("refused.key"), key).unwrap();
    exits.ends(2, "provisioning.certificate", &format!("{run} --cert refused.pem --key refused.key"));
    exits.ends(2, "provisioning.certificate", &format!("{run} --client-ca refused.pem"));
    exits.ends(2, "output.unwritable", &format!("{run} --serial-log nowhere/log"));
    std::fs::create_dir(exits.path("empty")).unwrap();
    let mut unwritable = exits.command("emulate --json --port 0 --image ../board.elf");
    unwritable.current_dir(exits.path("empty"));
    std::os::unix::fs::symlink("/nonexistent/folder/x", exits.path("empty/cacert.pem")).unwrap();
    exits.ends_with(4, "cert.unwritable", "(a pair that can't be made)", unwritable);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    exits.ends(4, "emulate.port_taken", &format!("--port {port} --image board.elf"));
    let mut without: Command = exits.command(&format!("emulate --json {run}"));
    without.env("PATH", "/nonexistent");
    exits.ends_with(4, "emulate.no_qemu", run, without);
    make_fifo(exits.path("fifo"));
    let fifo = exits.path("fifo");
    let mut reader = None;
    exits.is_interrupted(130, "emulate.interrupted", &format!("{run} --cert cacert.pem --key fifo"), || {
        reader = Some(wait_for_reader(&fifo));
    });
    exits.are_all_valid(18);
}

#[test]
fn a_log_that_can_t_be_written_is_not_said_to_hold_anything() {
    let exits = Exits::of("emulate");
    exits.program("qemu-system-riscv32", &ready(&pin(&exits)));
    let output = exits.command("emulate --port 0 --image board.elf --serial-log /dev/full").output().unwrap();
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!((output.status.code(), stdout.as_str()), (Some(4), ""));
    insta::assert_snapshot!(stderr, @r"
    starting the emulated board ..
    error: saving what the board prints
      /dev/full: there is no space left
      try: make room there, or name another file with --serial-log
    ");
}

#[test]
fn an_emulator_that_was_killed_is_told_by_the_signal_with_what_helps() {
    let exits = Exits::of("emulate");
    for (script, what, hint) in [
        ("kill -KILL $$", "QEMU was killed by signal 9 (SIGKILL)", "run out of memory?"),
        ("kill -TERM $$", "QEMU was killed by signal 15 (SIGTERM)", "run the same command again"),
        ("kill -SEGV $$", "QEMU was killed by signal 11 (SIGSEGV)", "install a newer one"),
        (
            "echo 'terminating on signal 15 from pid 1' >&2",
            "QEMU ended with exit status: 0",
            "run the same command",
        ),
        ("exit 3", "QEMU ended with exit status: 3", "7.2 or newer"),
    ] {
        exits.program("qemu-system-riscv32", script);
        let output = exits.command("emulate --json --port 0 --image board.elf").output().unwrap();
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let (told, advice) = (&document["error"]["what"], document["error"]["try"].as_str().unwrap());
        assert!(told.as_str().unwrap().starts_with(what), "{script}: {told}");
        assert!(advice.contains(hint), "{script}: {advice}");
    }
}
