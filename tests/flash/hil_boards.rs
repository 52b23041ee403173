//! `hil` on the boards of a manifest, each played by a mock of the ROM's bootloader: a result, a suite and a section a board.

use std::fs;

use serde_json::Value;
use support::{board, document, junit};

use crate::workspace::{Workspace, assert_keeps_secrets};

const KITCHEN: &str = "24:0a:c4:00:00:01";
const CELLAR: &str = "24:0a:c4:00:00:02";
const ATTIC: &str = "24:0a:c4:00:00:03";

/// What a board says once it is flashed.
fn says(workspace: &Workspace, ip: &str, mac: &str, more: &str) -> String {
    format!("say {}\n{more}", board::ready_line(ip, mac, &workspace.pin()))
}

fn state(board: &Value) -> (&str, &str, Vec<&str>) {
    let steps = board["steps"].as_array().unwrap();
    let states = steps.iter().map(|step| step["state"].as_str().unwrap()).collect();
    (board["board"]["name"].as_str().unwrap(), board["state"].as_str().unwrap(), states)
}

/// One board is well, one panics, one is another than the manifest says, and one is not connected.
#[test]
fn each_board_of_a_manifest_has_its_own_result_suite_section_and_files() {
    let Some(workspace) = Workspace::new() else { return };
    let panic = "wait 1\nsay ESP-HTTPS PANIC panicked at src/main.rs:7:9: oh\n";
    let kitchen = says(&workspace, "192.168.1.7", KITCHEN, "");
    let cellar = says(&workspace, "192.168.1.8", CELLAR, panic);
    let kitchen = workspace.board_named("kitchen", &["--mac", KITCHEN, "--say", &kitchen]);
    let cellar = workspace.board_named("cellar", &["--mac", CELLAR, "--say", &cellar]);
    let other = workspace.board_named("other", &[]);
    let row = |mac: &str, name: &str, port: &str| format!("{mac},cacert.pem,prvtkey.pem,{name},{port}\n");
    let manifest = [
        "mac,cert,key,hostname,port\n".to_owned(),
        row(KITCHEN, "kitchen", kitchen.port()),
        row(CELLAR, "cellar", cellar.port()),
        row(ATTIC, "attic", other.port()),
        row("24:0a:c4:00:00:04", "", ""),
    ];
    fs::write(workspace.path("boards.csv"), manifest.concat()).unwrap();
    let scenario = format!(
        "[target.pool]\nboards = \"boards.csv\"\nssid = \"home\"\nimage = \"{}\"\n[[step]]\nflash = {{}}\n[[step]]\nname = \"watch\"\nwait = \"3s\"\n\
         [[step]]\nrun = \"test $ESP_HTTPS_BOARD = kitchen && echo $ESP_HTTPS_TARGET\"\n",
        workspace.firmware()
    );
    fs::write(workspace.path("hil.toml"), scenario).unwrap();
    let output = workspace.command(&["hil", "--json"]).output().unwrap();
    assert_keeps_secrets(&output);
    let document = document::of(&output);
    let boards: Vec<_> = document["result"]["boards"].as_array().unwrap().iter().map(state).collect();
    let expected = [
        ("kitchen", "passed", vec!["passed"; 3]),
        ("cellar", "regression", vec!["passed", "regression", "not_run"]),
        ("attic", "lab", vec!["lab", "not_run", "not_run"]),
        ("24:0a:c4:00:00:04", "lab", vec!["lab", "not_run", "not_run"]),
    ];
    assert_eq!(boards, expected, "{document:#}");
    // The firmware's fault outweighs the lab's.
    assert_eq!((&document["exit_code"], &document["error"]["code"]), (&1.into(), &"hil.regression".into()));
    let error = |index: usize| &document["result"]["boards"][index]["steps"][0]["error"];
    assert_eq!(error(3)["code"], "hil.not_connected");
    assert!(error(2)["what"].as_str().unwrap().contains(ATTIC), "{:#}", error(2));
    check_reports(&workspace);
}

fn check_reports(workspace: &Workspace) {
    let cases = junit::cases(&workspace.path("hil-out/junit.xml"));
    let of = |suite: &str| {
        let ends = cases.iter().filter(|(name, ..)| name == suite).map(|(_, _, end)| end.as_str());
        ends.collect::<Vec<_>>()
    };
    assert_eq!(of("kitchen"), ["passed"; 3]);
    assert_eq!(of("cellar"), ["passed", "failure", "skipped"]);
    assert_eq!(of("attic"), ["error", "skipped", "skipped"]);
    assert_eq!(of("24:0a:c4:00:00:04"), ["error", "skipped", "skipped"]);
    let page = fs::read_to_string(workspace.path("hil-out/report.html")).unwrap();
    let sections: Vec<&str> = page.split("<section class=\"board\"").skip(1).collect();
    let headings: Vec<&str> = sections.iter().map(|section| section.split("</h2>").next().unwrap()).collect();
    let names = ["kitchen", "cellar", "attic", "24:0a:c4:00:00:04"];
    assert_eq!(headings.len(), names.len(), "{headings:?}");
    assert!(headings.iter().zip(names).all(|(heading, name)| heading.contains(name)), "{headings:?}");
    for (name, ip) in [("kitchen", "192.168.1.7"), ("cellar", "192.168.1.8")] {
        let log = fs::read_to_string(workspace.path(&format!("hil-out/{name}/serial.log"))).unwrap();
        assert!(
            log.contains(ip) && workspace.path(&format!("hil-out/{name}/01-flash.json")).is_file(),
            "{log}"
        );
    }
    assert_eq!(fs::read_to_string(workspace.path("hil-out/kitchen/03-run.txt")).unwrap(), "192.168.1.7\n");
}
