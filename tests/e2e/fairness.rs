//! What an honest client waits while others keep the board busy.

use std::process::Command;

use support::{from_root, require, require_python};

use crate::board::QEMU;

/// A part of the table of `scripts/bench-fairness`, with twice the time that it allows: other programs run here as well. Before a
/// hello had to be whole and others' waiting counted, each of these took 9 s or more, or was never served.
#[test]
fn an_honest_client_is_served_while_others_drip_stop_and_hammer() {
    let (Some(python), Some(_)) = (require_python("ssl"), require("qemu-system-riscv32", QEMU)) else {
        return;
    };
    let mut command = Command::new(python);
    command.arg(from_root("scripts/lib/bench-fairness.py")).arg(support::esp_https());
    command.args(["--tries", "3", "--settle", "1.5", "--limit", "6"]);
    command.args(["--only", "10 drip|20 are|10 stop|10 slow|10 hammer"]);
    let output = command.output().unwrap();
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && table.lines().count() == 7, "{table}{output:?}");
}
