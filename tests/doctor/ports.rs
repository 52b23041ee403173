//! Serial ports, which pseudo-terminals stand for.

use std::fs::File;

use support::board;

use crate::machine::{Machine, Told};

#[test]
fn a_port_that_is_named_is_looked_at_and_not_opened() {
    let machine = Machine::new();
    let (_board, port) = board::port();
    let told = machine.doctor(&format!("flash monitor --port {port}"));
    let check = told.check("port");
    assert_eq!((check["state"].as_str(), check["subject"].as_str()), (Some("ok"), Some(port.as_str())));
    let facts = &check["facts"]["port"];
    assert_eq!((facts["kind"].as_str(), facts["access"].as_str()), (Some("not_usb"), Some("allowed")));
    assert_eq!(told.in_the_way_of("monitor"), [""; 0]);
}

#[test]
fn a_program_that_has_the_port_open_is_named() {
    let machine = Machine::new();
    let (_board, port) = board::port();
    let _open = File::options().read(true).write(true).open(&port).unwrap();
    let told = machine.doctor(&format!("--port {port}"));
    assert_eq!((told.code, told.error()), (4, "doctor.problems"));
    let users = told.check("port")["facts"]["port"]["used_by"].as_array().unwrap();
    let own = std::process::id();
    assert!(users.iter().any(|user| user["pid"] == own), "{users:?}");
    let (_, found, remedy) = told.told("port");
    assert!(
        found.contains(&format!("(process {own})")) && remedy.contains(&own.to_string()),
        "{found} {remedy}"
    );
    assert_eq!(told.in_the_way_of("monitor"), ["port"]);
}

#[test]
fn a_port_that_another_run_of_ours_uses_is_told() {
    let machine = Machine::new();
    let (_board, port) = board::port();
    let mut monitor = support::Running::start(
        machine
            .command(&format!("monitor --port {port}"))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null()),
    );
    support::wait_until("the port is used", || {
        let (state, found, _) = machine.doctor(&format!("flash --port {port}")).told("port");
        state == "problem" && found.contains("esp-https")
    });
    assert!(monitor.end("INT").code().is_some());
    assert_eq!(machine.doctor(&format!("flash --port {port}")).state("port"), "ok");
}

#[test]
fn a_port_that_is_not_there_or_is_none_is_a_problem() {
    let machine = Machine::new();
    for (port, what) in [
        ("/dev/nonexistent", "no such port"),
        ("/etc/passwd", "not a serial port"),
        ("/dev", "not a serial port"),
    ] {
        let (state, found, _) = machine.doctor(&format!("flash --port {port}")).told("port");
        assert!(state == "problem" && found.contains(what), "{port}: {state}: {found}");
    }
}

#[test]
fn the_variable_that_names_a_port_is_looked_at_too() {
    let machine = Machine::new();
    let mut command = machine.command("doctor --json");
    let told = Told::by(command.env("ESPFLASH_PORT", "/dev/nonexistent"));
    let checks = told.checks("port");
    let named = checks.iter().find(|check| check["subject"] == "/dev/nonexistent").unwrap();
    assert_eq!(
        (named["state"].as_str(), named["remedy"]["command"].as_str()),
        (Some("problem"), Some("unset ESPFLASH_PORT"))
    );
}
