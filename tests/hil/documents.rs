//! The scenarios in the documentation are ones that `hil check` takes; which scenario is read, and what a person sees meanwhile.

use std::{fs, process::Command};

use support::from_root;

use crate::bench::{Bench, states};

/// The first indented block behind this heading, without the indentation.
fn block(file: &str, heading: &str) -> String {
    let text = fs::read_to_string(from_root(file)).unwrap();
    let (_, behind) = text.split_once(heading).unwrap_or_else(|| panic!("{file} has no {heading}"));
    let lines = behind.lines().skip_while(|line| !line.starts_with("    "));
    let block =
        lines.take_while(|line| line.is_empty() || line.starts_with("    ") && !line.starts_with("    $ "));
    block.map(|line| format!("{}\n", line.trim_start_matches("    "))).collect()
}

#[test]
fn the_scenarios_of_the_documentation_are_good() {
    for (file, heading) in [("README.md", "### `esp-https hil`"), ("docs/hil.md", "## The file")] {
        let scenario = block(file, heading);
        assert!(scenario.contains("[[step]]"), "{file}: {scenario}");
        let bench = Bench::new(&scenario);
        let made =
            support::command().args(["certgen", "--key", "p256"]).current_dir(bench.folder.path()).output();
        assert!(made.unwrap().status.success());
        let manifest = "mac,cert,key\n24:0a:c4:12:34:56,cacert.pem,prvtkey.pem\n";
        fs::write(bench.path("boards.csv"), manifest).unwrap();
        let (output, document) = bench.run(&["check"]);
        assert_eq!(output.status.code(), Some(0), "{file}: {document:#}");
    }
}

/// As Cargo finds its own file.
#[test]
fn the_nearest_scenario_above_is_read_and_its_paths_count_from_its_folder() {
    let bench = Bench::new("name = \"above\"\n[[step]]\nrun = \"test -f hil.toml -a ! -e deep\"\n");
    let deep = bench.path("sub/deep");
    fs::create_dir_all(&deep).unwrap();
    let run = || support::document::of(&bench.command(&["--json"]).current_dir(&deep).output().unwrap());
    let document = run();
    assert_eq!((&document["result"]["scenario"], states(&document)), (&"above".into(), vec!["passed"]));
    assert!(deep.join("hil-out/hil.json").is_file(), "the results are where the command was typed");
    fs::write(bench.path("sub/hil.toml"), "name = \"nearer\"\n[[step]]\nwait = \"1ms\"\n").unwrap();
    assert_eq!(run()["result"]["scenario"], "nearer");
}

/// `script` gives the command a terminal of its own.
#[test]
fn a_terminal_shows_the_step_that_runs_and_keeps_a_line_of_each() {
    let Some(script) = support::require("script", "apt-get install bsdutils") else { return };
    let bench = Bench::new(
        "[[step]]\nname = \"slow\"\nrun = \"sleep 1\"\n[[step]]\nname = \"quick\"\nwait = \"1ms\"\n",
    );
    let typed = format!("{} hil", support::esp_https());
    let mut command = Command::new(script);
    command.args(["--quiet", "--return", "--command", &typed, "/dev/null"]).current_dir(bench.folder.path());
    let output = command.env("TERM", "xterm").env_remove("NO_COLOR").output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    // The live line has no line break of its own: it is erased and drawn again.
    assert!(shown.contains("[1/2] slow (run)"), "{shown:?}");
    let kept: Vec<&str> =
        shown.lines().filter(|line| line.contains("passed") && line.contains("[")).collect();
    assert!(
        kept.iter().any(|line| line.contains("[1/2] ")) && kept.iter().any(|line| line.contains("[2/2] ")),
        "{kept:?}"
    );
}

/// A name without a port that is nearly a target's is a slip; whoever means a host gives its port.
#[test]
fn a_misspelt_target_is_not_looked_up_as_a_host() {
    let bench = Bench::new("[target.kitchen]\naddress = \"127.0.0.1:1\"\n[[step]]\nwait = \"1ms\"\n");
    for (typed, meant) in [("borad", "board"), ("emulate", "emulated"), ("kitchin", "kitchen")] {
        let (output, document) = bench.run(&["--target", typed]);
        assert_eq!(output.status.code(), Some(2), "{document:#}");
        assert_eq!(document["error"]["code"], "hil.target");
        let wanted = format!("the scenario has no target of this name; did you mean \"{meant}\"?");
        assert_eq!(document["error"]["what"], wanted.as_str());
        assert_eq!(
            document["error"]["try"],
            format!("for a host of this name give its port too: --target {typed}:443").as_str()
        );
        assert!(!bench.path("hil-out").exists(), "nothing was begun");
    }
    let (output, document) = bench.run(&["plan", "--target", "kitchin:443"]);
    assert_eq!(output.status.code(), Some(0), "{document:#}");
}
