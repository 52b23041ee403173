//! `monitor`, at a pseudo-terminal.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    os::unix::fs::symlink,
    process::{Output, Stdio},
    thread,
    time::Duration,
};

use serialport::{SerialPort as _, TTYPort};

use crate::bench::{Exits, wait_until};

/// A board that says these bytes again and again, at `port` in the folder.
fn board(exits: &Exits, port: &str, says: &'static [u8]) {
    let (mut master, slave) = TTYPort::pair().unwrap();
    symlink(slave.name().unwrap(), exits.path(port)).unwrap();
    thread::spawn(move || {
        // Held open, so that the port stays between the runs.
        let _slave = slave;
        while master.write_all(says).is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
}

#[test]
fn every_exit_of_monitor_has_a_valid_document() {
    let mut exits = Exits::of("monitor");
    let (_silent, silent) = TTYPort::pair().unwrap();
    symlink(silent.name().unwrap(), exits.path("silent")).unwrap();
    drop(silent);
    let ready = b"ESP-HTTPS READY {\"ip\":\"10.0.2.15\",\"port\":443,\"mac\":\"52:54:00:12:34:56\",\"fw\":\"0.1.0\",\"cert_sha256\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}\r\n";
    board(&exits, "hello", b"hello\r\n");
    board(&exits, "ready", ready);
    board(&exits, "fault", b"ESP-HTTPS FAULT {\"reason\":\"x\"}\r\n");
    board(&exits, "panic", b"Guru Meditation Error: Core  0 panic'ed\r\n");
    exits.ends(0, "-", "--port hello --for 300ms");
    exits.ends(0, "-", "--port hello --for 300ms --serial-log l?g");
    exits.ends(0, "-", "--port ready --until-ready");
    exits.ends(4, "board.fault", "--port fault --until-ready");
    exits.ends(4, "board.panic", "--port panic --until-ready");
    exits.ends(4, "board.not_ready", "--port hello --until-ready --for 1s");
    exits.ends(4, "board.silent", "--port silent --until-ready --for 300ms");
    exits.ends(3, "monitor.silent", "--port silent --for 300ms");
    exits.ends(4, "monitor.reset", "--port hello --reset");
    exits.ends(4, "port.missing", "--port absent");
    exits.ends(4, "port.not_serial", "--port /dev/null");
    exits.ends(2, "port.remote", "--port rfc2217://host:1");
    exits.ends(4, "serial.log", "--port hello --for 20s --serial-log /dev/full");
    exits.ends(2, "output.unwritable", "--port hello --serial-log nowhere/log");
    let log = exits.path("log");
    exits.is_interrupted(130, "monitor.interrupted", "--port hello --serial-log log", || {
        wait_until("it listens", || fs::metadata(&log).is_ok_and(|log| log.len() > 0));
    });
    exits.are_all_valid(14);
}

#[test]
fn quiet_keeps_what_the_board_prints_out_of_everything_but_the_result() {
    let exits = Exits::of("monitor");
    board(&exits, "hello", b"hello\r\n");
    let run = |words: &str| {
        let command = &mut exits.command(&format!("monitor --port hello --for 300ms {words}"));
        let Output { stdout, stderr, .. } = command.output().unwrap();
        let has = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().contains("hello\n");
        (has(stdout), has(stderr))
    };
    assert_eq!(run(""), (true, false));
    assert_eq!(run("-q"), (true, false), "the lines are the result");
    assert_eq!(run("--json"), (false, true));
    assert_eq!(run("-q --json"), (false, false));
    assert_eq!(run("-q -o report"), (false, false));
}

/// What a command shows on a terminal that is its standard output.
fn on_a_terminal(exits: &Exits, words: &str, no_colour: bool) -> String {
    // Held open, so that nothing is lost before it is read.
    let (mut terminal, held) = TTYPort::pair().unwrap();
    let screen = File::options().read(true).write(true).open(held.name().unwrap()).unwrap();
    let mut command = exits.command(words);
    command.stdout(Stdio::from(screen)).stderr(Stdio::null()).env("TERM", "xterm");
    if !no_colour {
        command.env_remove("NO_COLOR");
    }
    assert!(command.status().unwrap().success());
    terminal.set_timeout(Duration::from_millis(200)).unwrap();
    let (mut shown, mut bytes) = (Vec::new(), [0; 1024]);
    while let Ok(count @ 1..) = terminal.read(&mut bytes) {
        shown.extend(&bytes[..count]);
    }
    String::from_utf8(shown).unwrap()
}

#[test]
fn colours_are_for_a_terminal_and_tabs_for_all() {
    let exits = Exits::of("monitor");
    board(&exits, "port", b"\x1b[0;31mE (312) main:\tno\x07\x1b[0m\x1b[2J\r\n");
    let words = "monitor --port port --for 500ms";
    let plain = "E (312) main:\tno\u{fffd}\u{fffd}[2J";
    let piped = String::from_utf8(exits.command(words).output().unwrap().stdout).unwrap();
    assert!(piped.contains(&format!("{plain}\n")) && !piped.contains('\u{1b}'), "{piped:?}");
    let without = on_a_terminal(&exits, words, true);
    assert!(without.contains(plain) && !without.contains('\u{1b}'), "{without:?}");
    let coloured = on_a_terminal(&exits, words, false);
    let line = "\u{1b}[0;31mE (312) main:\tno\u{fffd}\u{1b}[0m\u{fffd}[2J\u{1b}[0m";
    assert!(coloured.contains(line), "{coloured:?}");
}

#[test]
fn the_beginning_of_a_line_is_shown_while_the_board_waits_and_not_twice() {
    let exits = Exits::of("monitor");
    let (mut master, slave) = TTYPort::pair().unwrap();
    symlink(slave.name().unwrap(), exits.path("port")).unwrap();
    drop(slave);
    let mut monitor =
        exits.command("monitor --port port").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut out = monitor.stdout.take().unwrap();
    let mut shown = String::new();
    let mut wait_for = |expected: &str| {
        let mut byte = [0];
        while shown != expected && out.read(&mut byte).unwrap() > 0 {
            shown.push(char::from(byte[0]));
        }
        assert_eq!(shown, expected);
    };
    // Bytes that are there before the port is opened may be dropped.
    thread::sleep(Duration::from_millis(500));
    master.write_all(b"one\r\nname: ").unwrap();
    wait_for("one\nname: ");
    master.write_all(b"es").unwrap();
    wait_for("one\nname: es");
    master.write_all(b"p\r\nnext\r\nlast").unwrap();
    wait_for("one\nname: esp\nnext\nlast");
    std::process::Command::new("kill").args(["-INT", &monitor.id().to_string()]).status().unwrap();
    wait_for("one\nname: esp\nnext\nlast\n");
    monitor.wait().unwrap();
}
