//! man(1) reads the pages.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

use support::{command, require, stderr, stdout};

/// What man makes of a page, 120 columns wide, and what it complains of.
fn man(roff: &str) -> Output {
    let mut command = Command::new("man");
    command
        .args(["--warnings", "--no-hyphenation", "-l", "-"])
        .env("MANWIDTH", "120")
        .env("MAN_KEEP_FORMATTING", "");
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap();
    child.stdin.take().unwrap().write_all(roff.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn of_ours(words: &[&str]) -> String {
    let output = command().arg("man").args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", stderr(&output));
    stdout(&output)
}

#[test]
fn man_shows_every_page_and_complains_of_none() {
    if require("man", "apt-get install man-db").is_none() {
        return;
    }
    let names = of_ours(&["--list"]);
    assert!(names.lines().count() > 10, "{names}");
    for name in names.lines() {
        let shown = man(&of_ours(&[name]));
        let text = stdout(&shown);
        assert!(shown.status.success() && shown.stderr.is_empty(), "{name}: {}", stderr(&shown));
        for heading in ["NAME", "SYNOPSIS", "DESCRIPTION", "OUTPUT"] {
            assert!(text.contains(&format!("\n{heading}\n")), "{name} has no {heading}: {text}");
        }
    }
}

#[test]
fn examples_are_shown_line_by_line() {
    if require("man", "apt-get install man-db").is_none() {
        return;
    }
    let shown = man(&of_ours(&["load", "merge"]));
    let help = stdout(&command().args(["load", "merge", "--help"]).output().unwrap());
    let examples =
        help.lines().skip_while(|line| *line != "Examples:").skip(1).take_while(|line| !line.is_empty());
    let text = stdout(&shown);
    let mut compared = 0;
    for example in examples {
        assert!(text.contains(&format!("       {}", example.trim_end())), "{example:?} is not in {text}");
        compared += 1;
    }
    assert!(compared > 0, "{help}");
}
