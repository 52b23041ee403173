//! A board from its start to its end: what is said when it serves, when it does not, and what is left behind.

use std::{fs, net::TcpListener};

use serde_json::json;
use support::{make_fifo, open_fifo, wait_until};

use crate::workspace::{Workspace, document, port_in, without_paths};

#[test]
fn a_missing_emulator_is_named_with_the_command_that_installs_it() {
    let workspace = Workspace::without_qemu();
    let output = workspace.emulate(&["--port", "0"]).env("PATH", workspace.bin()).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr), @r"
    error: looking for the emulator
      qemu-system-riscv32 is not on the PATH
      try: install it: apt-get install qemu-system-misc   (Debian, Ubuntu)
                       brew install qemu                   (macOS)
           to check everything that the commands need: esp-https doctor
    ");
    let told = workspace.emulate(&["--port", "0", "--json"]).env("PATH", workspace.bin()).output().unwrap();
    assert_eq!(document(&told)["error"]["code"], "emulate.no_qemu");
    workspace.assert_nothing_left();
}

#[test]
fn a_silent_board_is_given_up_with_its_last_lines() {
    let workspace = Workspace::with_qemu("for n in $(seq 20); do echo line $n; done; sleep 600");
    // The emulator would sleep for ten minutes.
    let output = workspace.run(&["--ready-timeout", "2s"]);
    assert_eq!(output.status.code(), Some(4));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr), @r"
    starting the emulated board ..
    error: running the emulated board
      the board was not ready after 2000 ms
        | line 9
        | line 10
        | line 11
        | line 12
        | line 13
        | line 14
        | line 15
        | line 16
        | line 17
        | line 18
        | line 19
        | line 20
      try: allow more time with --ready-timeout
           --serial-log FILE saves everything that the board prints
    ");
    workspace.assert_nothing_left();
}

#[test]
fn garbage_is_not_ready() {
    let workspace = Workspace::with_qemu("head -c 300000 /dev/urandom; echo 'ESP-HTTPS READY {}'; sleep 600");
    let output = workspace.run(&["--ready-timeout", "1s", "--json"]);
    assert_eq!(document(&output)["error"]["code"], "emulate.not_ready");
    workspace.assert_nothing_left();
}

#[test]
fn a_board_that_can_t_serve_says_why() {
    let workspace =
        Workspace::with_qemu(r#"echo 'ESP-HTTPS FAULT {"reason":"no provisioning image"}'; sleep 600"#);
    let output = workspace.run(&[]);
    assert_eq!(output.status.code(), Some(4));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr), @r#"
    starting the emulated board ..
    error: running the emulated board
      no provisioning image
        | ESP-HTTPS FAULT {"reason":"no provisioning image"}
      try: --serial-log FILE saves everything that the board prints
    "#);
    workspace.assert_nothing_left();
}

#[test]
fn an_emulator_that_ends_is_quoted() {
    let workspace =
        Workspace::with_qemu("echo booting; echo 'qemu: -device loader: no such thing' >&2; exit 3");
    let output = workspace.run(&[]);
    assert_eq!(output.status.code(), Some(4));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr), @r"
    starting the emulated board ..
    error: running the emulated board
      QEMU ended with exit status: 3
        | booting
        | qemu: -device loader: no such thing
      try: check that qemu-system-riscv32 --version prints 7.2 or newer
           to check everything that the commands need: esp-https doctor
    ");
    workspace.assert_nothing_left();
}

#[test]
fn a_panic_is_told_with_its_message() {
    let workspace = Workspace::with_qemu(
        "echo 'ESP-HTTPS PANIC panicked at src/main.rs:7:9:'; echo 'out of bounds'; exit 1",
    );
    let output = workspace.run(&["--json"]);
    let error = &document(&output)["error"];
    assert_eq!((output.status.code(), &error["code"]), (Some(4), &json!("emulate.panicked")));
    assert_eq!(error["what"], "the firmware panicked: panicked at src/main.rs:7:9: out of bounds");
    workspace.assert_nothing_left();
}

#[test]
fn a_board_that_hangs_in_its_panic_is_given_up() {
    let workspace = Workspace::with_qemu("echo 'ESP-HTTPS PANIC panicked'; echo why; sleep 600");
    let output = workspace.run(&["--json"]);
    assert_eq!(document(&output)["error"]["what"], "the firmware panicked: panicked why");
    workspace.assert_nothing_left();
}

#[test]
fn another_certificate_than_the_one_given_is_refused() {
    let workspace = Workspace::with_qemu(&Workspace::ready(&"0".repeat(64)));
    let output = workspace.run(&["--json"]);
    let error = &document(&output)["error"];
    assert_eq!((output.status.code(), &error["code"]), (Some(4), &json!("emulate.other_certificate")));
    workspace.assert_nothing_left();
}

#[test]
fn a_port_that_is_taken_is_refused_before_anything_is_made() {
    let workspace = Workspace::with_qemu("exit 1");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let log = workspace.path("board.log");
    let output =
        workspace.emulate(&["--port", &port, "--serial-log", log.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr).replace(&port, "PORT"), @r"
    error: taking port PORT on 127.0.0.1
      another program listens on it
      try: choose another port with --port, or --port 0 for any free one
    ");
    assert!(!log.exists());
    workspace.assert_nothing_left();
}

#[test]
fn a_port_that_is_lost_to_another_just_before_qemu_starts_is_named() {
    let refused =
        "echo \"qemu-system-riscv32: -netdev user: Could not set up host forwarding rule 'x'\" >&2; exit 1";
    let workspace = Workspace::with_qemu(refused);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let output = workspace.emulate_image(&["--port", &free, "--json"]).output().unwrap();
    let error = &document(&output)["error"];
    assert_eq!((output.status.code(), &error["code"]), (Some(4), &json!("emulate.port_taken")));
    assert_eq!(error["doing"], format!("taking port {free} on 127.0.0.1"));
    assert!(error["try"].as_str().unwrap().contains("--port 0"));
}

#[test]
fn with_any_free_port_a_lost_one_is_replaced() {
    let script = format!(
        "if [ ! -e \"$TMPDIR/../lost\" ]; then touch \"$TMPDIR/../lost\"; \
         echo 'Could not set up host forwarding rule' >&2; exit 1; fi\n{}",
        Workspace::ready("$CERT_SHA256")
    );
    let workspace = Workspace::with_qemu(&script);
    let mut running = workspace.start(&["--port", "0", "--json"]);
    assert_eq!(running.document()["exit_code"], 0);
    assert!(workspace.path("lost").exists());
    assert_eq!(running.end("TERM").code(), Some(130));
    workspace.assert_nothing_left();
}

#[test]
fn the_document_comes_when_the_board_is_ready_and_only_once() {
    let workspace = Workspace::with_qemu(&Workspace::ready("$CERT_SHA256"));
    for signal in ["INT", "TERM", "HUP"] {
        let mut running = workspace.start(&["--port", "0", "--json"]);
        let board = running.document();
        assert_eq!(board["result"]["cert_sha256"], workspace.cert_sha256());
        assert_eq!(board["result"]["url"], format!("https://127.0.0.1:{}/", port_in(&board)));
        workspace.assert_key_is_gone();
        assert!(running.qemu_runs());
        assert_eq!(running.end(signal).code(), Some(130), "{signal}");
        assert_eq!(running.rest_of_stdout(), "", "{signal}");
        assert!(!running.qemu_runs(), "{signal}");
        workspace.assert_nothing_left();
    }
}

#[test]
fn being_killed_takes_the_emulator_and_the_key_along() {
    for script in [Workspace::ready("$CERT_SHA256"), "echo silent; sleep 600".to_owned()] {
        let workspace = Workspace::with_qemu(&script);
        let mut running = workspace.start(&["--port", "0", "--serial-log", "board.log"]);
        running.wait_for_qemu();
        assert!(running.end("KILL").code().is_none());
        running.assert_qemu_ends();
        workspace.assert_nothing_left_soon();
    }
}

#[test]
fn a_pipe_is_read_once_and_the_wait_for_it_can_be_interrupted() {
    let workspace = Workspace::with_qemu(&Workspace::ready("$CERT_SHA256"));
    let pipe = workspace.path("key.pipe");
    make_fifo(&pipe);
    let flags = ["--cert", "cacert.pem", "--key", "key.pipe", "--port", "0", "--json"];
    let mut waiting = workspace.start(&flags);
    let writer = open_fifo(&pipe);
    assert_eq!(waiting.end("INT").code(), Some(130));
    let document = waiting.document();
    assert_eq!(document["error"]["code"], "emulate.interrupted");
    assert_eq!(document["error"]["doing"], "reading the certificate and the key");
    drop(writer);
    let mut served = workspace.start(&flags);
    fs::write(&pipe, fs::read(workspace.path("prvtkey.pem")).unwrap()).unwrap();
    assert_eq!(served.document()["exit_code"], 0);
    assert_eq!(served.end("INT").code(), Some(130));
    workspace.assert_nothing_left();
}

#[test]
fn an_interrupted_build_leaves_no_cargo_behind() {
    let workspace = Workspace::with_qemu("exit 1");
    workspace.fake_toolchain("echo $$ > \"$QEMU_PID\"; echo '   Compiling slowly v1.0.0' >&2; sleep 600");
    let mut running = workspace.start_building(&["--port", "0", "--json"]);
    running.wait_for_qemu();
    assert_eq!(running.end("TERM").code(), Some(130));
    running.assert_qemu_ends();
    let interrupted = running.document();
    assert_eq!(interrupted["error"]["code"], "emulate.interrupted");
    assert_eq!(interrupted["exit_code"], 130);
}

#[test]
fn a_build_that_fails_is_quoted() {
    let workspace = Workspace::with_qemu("exit 1");
    workspace.fake_toolchain("echo 'error[E0432]: unresolved import `x`' >&2; exit 101");
    let output = workspace.emulate(&["--port", "0", "--build"]).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    insta::assert_snapshot!(without_paths(&output.stderr, &workspace), @r"
    building the firmware, which takes minutes the first time ..
    error: building the emulated board's firmware
      cargo ended with exit status: 101
        | error[E0432]: unresolved import `x`
      try: try again; if it happens again, please report it with these lines
    ");
}

#[test]
fn an_elf_that_cargo_made_is_kept_and_not_built_again() {
    let workspace = Workspace::with_qemu(&Workspace::ready("$CERT_SHA256"));
    workspace.fake_toolchain(
        "echo built >> \"$ESP_HTTPS_CACHE_DIR/builds\"; pwd >&2; cp \"$ELF\" made.elf
         printf '{\"reason\":\"compiler-artifact\",\"executable\":\"%s/made.elf\"}\\n' \"$(pwd)\"",
    );
    for origin in ["built", "cached"] {
        let mut running = workspace.start_building(&["--port", "0", "--json"]);
        assert_eq!(running.document()["result"]["firmware"]["origin"], origin);
        assert_eq!(running.end("INT").code(), Some(130));
    }
    assert_eq!(fs::read_to_string(workspace.path("cache/builds")).unwrap(), "built\n");
}

#[test]
fn two_at_once_build_once() {
    let workspace = Workspace::with_qemu(&Workspace::ready("$CERT_SHA256"));
    workspace.fake_toolchain(
        "echo built >> \"$ESP_HTTPS_CACHE_DIR/builds\"; sleep 1; cp \"$ELF\" made.elf
         printf '{\"executable\":\"%s/made.elf\"}\\n' \"$(pwd)\"",
    );
    let mut runs = [(); 2].map(|()| workspace.start_building(&["--port", "0", "--json"]));
    for running in &mut runs {
        assert_eq!(running.document()["exit_code"], 0);
    }
    for running in &mut runs {
        running.end("TERM");
    }
    assert_eq!(fs::read_to_string(workspace.path("cache/builds")).unwrap(), "built\n");
}

#[test]
fn what_the_board_says_is_appended_to_the_serial_log() {
    let workspace = Workspace::with_qemu(&Workspace::ready("$CERT_SHA256"));
    let log = workspace.path("board.log");
    fs::write(&log, "kept\n").unwrap();
    let mut running = workspace.start(&["--port", "0", "--json", "--serial-log", log.to_str().unwrap()]);
    running.document();
    running.end("TERM");
    let saved = fs::read_to_string(&log).unwrap();
    assert!(saved.starts_with("kept\nESP-HTTPS READY {"), "{saved}");
}

#[test]
fn files_that_can_t_be_used_are_named_before_anything_starts() {
    let workspace = Workspace::with_qemu("touch \"$TMPDIR/started\"");
    fs::write(workspace.path("text.elf"), "not an ELF file, but long enough").unwrap();
    let cases: [(&[&str], &str); 4] = [
        (&["--serial-log", "/nonexistent/board.log"], "output.unwritable"),
        (&["--image", "/nonexistent/board.elf"], "firmware.image"),
        (&["--image", "text.elf"], "firmware.image"),
        (&["--firmware-dir", "bin"], "firmware.folder"),
    ];
    for (flags, code) in cases {
        let output = workspace.emulate(&[flags, &["--port", "0", "--json"]].concat()).output().unwrap();
        assert_eq!(
            (output.status.code(), &document(&output)["error"]["code"]),
            (Some(2), &json!(code)),
            "{flags:?}"
        );
        workspace.assert_nothing_left();
    }
}

#[test]
fn half_a_pair_is_not_completed_with_a_stranger() {
    for (missing, there) in [("prvtkey.pem", "cacert.pem"), ("cacert.pem", "prvtkey.pem")] {
        let workspace = Workspace::with_qemu("touch \"$TMPDIR/started\"");
        fs::remove_file(workspace.path(missing)).unwrap();
        let before = fs::read(workspace.path(there)).unwrap();
        let output = workspace.run(&["--json"]);
        let error = &document(&output)["error"];
        assert_eq!((output.status.code(), &error["code"]), (Some(2), &json!("cert.half_a_pair")));
        assert_eq!(error["what"], format!("{there} is there, but {missing} is missing"));
        assert_eq!(fs::read(workspace.path(there)).unwrap(), before);
        assert!(!workspace.path(missing).exists());
        workspace.assert_nothing_left();
    }
}

#[test]
fn a_key_of_another_certificate_is_refused_before_anything_starts() {
    let workspace = Workspace::with_qemu("touch \"$TMPDIR/started\"");
    fs::copy(Workspace::without_qemu().path("prvtkey.pem"), workspace.path("other.pem")).unwrap();
    let output = workspace.run(&["--json", "--cert", "cacert.pem", "--key", "other.pem"]);
    assert_eq!((output.status.code(), &document(&output)["error"]["fault"]), (Some(2), &json!("usage")));
    workspace.assert_nothing_left();
}

#[test]
fn a_limit_out_of_bounds_names_them() {
    let workspace = Workspace::with_qemu("touch \"$TMPDIR/started\"");
    for limit in ["0", "255", "4097", "70000", "99999999999"] {
        let output = workspace.run(&["--json", "--max-header", limit]);
        let error = &document(&output)["error"];
        assert_eq!((output.status.code(), &error["code"]), (Some(2), &json!("provisioning.max_header")));
        assert_eq!(error["try"], "give a number of bytes from 256 to 4096");
    }
    workspace.assert_nothing_left();
}

#[test]
fn its_figures_are_told_at_the_end() {
    let stat = r#"{"uptime_s":10,"heap_free":150000,"heap_min":123456,"sessions":1,"handshakes":5,"resumed":0,"handshake_us":312000,"failed":1,"requests":7}"#;
    let script = Workspace::ready("$CERT_SHA256")
        .replace("sleep 600", &format!("echo 'ESP-HTTPS STAT {stat}'; sleep 600"));
    let workspace = Workspace::with_qemu(&script);
    let log = workspace.path("board.log");
    let mut running = workspace.start(&["--port", "0", "--json", "--serial-log", log.to_str().unwrap()]);
    running.document();
    wait_until("the figures are in the log", || fs::read_to_string(&log).unwrap().contains("STAT"));
    running.end("INT");
    let said = running.rest_of_stderr();
    let figures = "5 handshakes, 1 failed, 7 requests, at least 123 KB heap free";
    assert!(said.contains("by Ctrl-C after") && said.contains(figures), "{said}");
}
