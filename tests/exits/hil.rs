//! `hil`, with programs that take the place of a board.

use std::fs;

use serde_json::{Value, json};

use crate::bench::{Exits, wait_until};

/// A scenario of one step.
fn scenario(exits: &Exits, name: &str, step: &str) {
    fs::write(exits.path(name), format!("[[step]]\n{step}\n")).unwrap();
}

/// Runs beside the one that has just left its result.
fn compared(exits: &mut Exits) {
    let old: Value = serde_json::from_slice(&fs::read(exits.path("hil-out/hil.json")).unwrap()).unwrap();
    let changed = |name: &str, field: &str, value: Value| {
        let mut old = old.clone();
        old["result"]["boards"][0]["steps"][0][field] = value;
        fs::write(exits.path(name), old.to_string()).unwrap();
    };
    changed("fast.json", "duration_us", json!(1));
    changed("other.json", "kind", json!("wait"));
    scenario(exits, "slow.toml", "run = \"sleep 1\"");
    exits.ends(0, "-", "--baseline hil-out/hil.json");
    exits.ends(1, "hil.worse", "slow.toml --baseline fast.json --tolerance 20%");
    exits.ends(0, "-", "slow.toml --baseline fast.json");
    exits.ends(3, "hil.not_compared", "--baseline other.json");
    exits.ends(2, "hil.baseline", "--baseline absent.json");
    exits.ends(2, "hil.tolerance", "--baseline fast.json --tolerance speed=5%");
}

#[test]
fn every_exit_of_hil_has_a_valid_document() {
    let mut exits = Exits::of("hil");
    fs::write(exits.path("hil.toml"), "[[step]]\nrun = \"true\"\n").unwrap();
    for (name, step) in [
        ("gate.toml", "run = \"exit 1\""),
        ("open.toml", "run = \"exit 3\""),
        ("lab.toml", "run = \"exit 4\""),
        ("hangs.toml", "run = \"sleep 600\"\ntimeout = \"300ms\""),
        ("waits.toml", "run = \"touch begun; sleep 600\""),
        ("probe.toml", "probe = {}"),
        ("unknown.toml", "run = \"echo ${target.mac}\""),
        ("bad.toml", "frobnicate = {}"),
        ("restart.toml", "restart = true"),
    ] {
        scenario(&exits, name, step);
    }
    fs::create_dir(exits.path("full")).unwrap();
    fs::write(exits.path("full/mine"), "").unwrap();
    exits.ends(0, "-", "");
    exits.ends(0, "-", "--target 127.0.0.1:1 --max-time 1m");
    exits.ends(1, "hil.regression", "gate.toml");
    exits.ends(3, "hil.could_not_tell", "open.toml");
    exits.ends(3, "hil.could_not_tell", "hangs.toml");
    exits.ends(4, "hil.lab", "lab.toml");
    exits.ends(0, "-", "lab.toml --lab-failure skip");
    exits.ends(4, "hil.lab", "probe.toml --target 127.0.0.1:1");
    exits.ends(4, "hil.lab", "probe.toml --target board");
    exits.ends(2, "hil.scenario", "unknown.toml");
    exits.ends(2, "hil.scenario", "restart.toml");
    exits.ends(2, "hil.scenario", "bad.toml");
    exits.ends(2, "hil.scenario", "check bad.toml");
    exits.ends(2, "hil.scenario", "plan bad.toml");
    exits.ends(2, "hil.scenario", "absent.toml");
    exits.ends(2, "hil.target", "--target no_host:x");
    exits.ends(2, "hil.target", "plan --target no_host:x");
    exits.ends(2, "hil.out", "--out full");
    exits.ends(2, "hil.out", "--out hil.toml");
    exits.ends(0, "-", "check");
    exits.ends(0, "-", "plan --target 192.168.1.7");
    exits.ends(0, "-", "");
    compared(&mut exits);
    let begun = exits.path("begun");
    exits.is_interrupted(130, "hil.interrupted", "waits.toml", || {
        wait_until("the command runs", || begun.exists());
    });
    exits.are_all_valid(29);
}
