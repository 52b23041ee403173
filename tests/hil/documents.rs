//! The scenarios in the documentation are ones that `hil check` takes.

use std::fs;

use support::from_root;

use crate::bench::Bench;

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
        for named in ["cacert.pem", "boards.csv"] {
            fs::write(bench.path(named), "").unwrap();
        }
        let (output, document) = bench.run(&["check"]);
        assert_eq!(output.status.code(), Some(0), "{file}: {document:#}");
    }
}
