//! What a person sees.

use std::{fs, process::Stdio};

use support::board;

use crate::machine::{Machine, old_files};

#[test]
fn a_report_shows_each_check_with_what_mends_it_and_then_the_commands() {
    let machine = Machine::new();
    fs::remove_file(machine.path("bin/qemu-system-riscv32")).unwrap();
    old_files(&machine.cache());
    let (_board, port) = board::port();
    let mut command = machine.command(&format!("doctor monitor emulate probe load --port {port}"));
    let output = command.env("https_proxy", "x").output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let text = support::stdout(&output).replace(&port, "PORT").replace("sudo ", "");
    // Its sentences do not depend on what else is on the machine that runs the test.
    let lines = |starts: &[&str]| -> String {
        let shown = text.lines().filter(|line| starts.iter().any(|start| line.contains(start)));
        shown.map(|line| format!("{line}\n")).collect()
    };
    let shown = lines(&["QEMU  ", "old firmware", "--clean", "proxy", "ready      "]);
    insta::assert_snapshot!(shown, @r"
    missing    QEMU             qemu-system-riscv32 is not on the PATH
    warning    old firmware     3 entries of other versions in the cache, 33 KB
                                try: esp-https doctor --clean
    not needed proxy            https_proxy is set; probe and load connect without a proxy, and only the first
    ready      monitor, probe, load
    ");
    assert!(
        text.contains("ok         serial port      PORT: a port that is not on USB; you may open it"),
        "{text}"
    );
    // Rust may be missing, too.
    let not_ready = text.lines().find(|line| line.starts_with("not ready  emulate: ")).unwrap();
    assert!(not_ready.contains("QEMU"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
}

#[test]
fn a_pipe_gets_no_colours_and_a_second_run_says_the_same() {
    let machine = Machine::new();
    let run = || {
        let output = machine.command("doctor certgen probe").stderr(Stdio::piped()).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        support::stdout(&output)
    };
    let text = run();
    assert!(!text.contains('\u{1b}') && text.contains("\nready      certgen, probe\n"), "{text}");
    // The clock may have gone on.
    let without_clock =
        |text: &str| text.lines().filter(|line| !line.contains(" UTC")).collect::<Vec<_>>().join("\n");
    assert_eq!(without_clock(&text), without_clock(&run()));
}
