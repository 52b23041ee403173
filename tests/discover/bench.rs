//! What the tests of `discover` share: responders, and runs on the test's own network.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use serde_json::Value;
use support::{Running, certificates::Folder, from_root, network::LAN, require_python, run::Run};

/// A service that python-zeroconf announces, until it is dropped; `None` where that is not installed.
pub(crate) fn zeroconf(name: &str, service: &str, port: &str, txt: &[&str]) -> Option<Running> {
    let python = require_python("zeroconf")?;
    let mut command = Command::new(python);
    command.arg(from_root("tests/discover/responder.py")).args([name, service, port]).args(txt);
    let mut responder = Running::start(command.stdout(Stdio::piped()));
    let mut line = String::new();
    BufReader::new(responder.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "announced\n");
    Some(responder)
}

/// Looks for devices on the network of the test.
pub(crate) fn discover(more: &[&str]) -> Run {
    Run::new("discover", &[&["--interface", LAN][..], more].concat())
}

/// The device of this name.
pub(crate) fn named<'a>(run: &'a Run, name: &str) -> &'a Value {
    let devices = run.result("/devices").as_array().unwrap();
    let found = devices.iter().find(|device| device["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {:#}", run.document))
}

/// The pin that the firmware announces of a certificate: the first half of its SHA-256.
pub(crate) fn announced_pin(folder: &Folder, file: &str) -> String {
    format!("pin={}", &support::board::pin(&folder.path(file))[..32])
}
