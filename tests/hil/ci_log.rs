//! What a board says in the log of a job of GitHub Actions or GitLab CI: nothing of it may be taken for a command.

use std::{fs, io::Write as _, process::Output};

use support::board;

use crate::{bench::Bench, standins::bench};

const HOSTILE: &str = "ESP-HTTPS PANIC ::error::oh ##[error]oh";

/// The lines that GitHub's runner takes for commands, as its source says (`ActionCommand.cs`).
fn commands(output: &Output) -> Vec<String> {
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    let is_command = |line: &&str| line.trim_start().starts_with("::") || line.contains("##[");
    said.split(['\n', '\r']).filter(is_command).map(str::to_owned).collect()
}

/// GitLab takes `section_start:TIME:NAME`, a carriage return and `ESC [0K` for the start of a section.
fn assert_no_section(output: &Output) {
    for bytes in [&output.stdout, &output.stderr] {
        assert!(!bytes.windows(4).any(|window| window == b"\x1b[0K"), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_board_gives_no_command_to_github_and_the_annotations_name_the_line_of_the_step() {
    let board = bench(
        &format!("ready\nwhile ! test -f panic; do sleep 0.05; done\necho '{HOSTILE}'\nsleep 600"),
        "[[step]]\nname = \"third\"\nrun = \"touch panic; while ! grep -q PANIC $ESP_HTTPS_SERIAL_LOG; do sleep 0.05; done; \
         echo '::error::mine'; echo ' ::error::own ##[group]' >&2; exit 1\"\n",
    );
    let mut command = board.command(&[]);
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_WORKSPACE", board.folder.path().parent().unwrap());
    let output = command.env_remove("GITHUB_STEP_SUMMARY").output().unwrap();
    let folder = board.folder.path().file_name().unwrap().to_str().unwrap();
    let line = 1 + fs::read_to_string(board.path("hil.toml"))
        .unwrap()
        .lines()
        .position(|line| line.contains("third"))
        .unwrap();
    let told = commands(&output);
    // The step begins with the line of its brackets.
    let place = format!("::error file={folder}/hil.toml,line={},title=", line - 1);
    assert!(!told.is_empty() && told.iter().all(|told| told.starts_with(&place)), "{place} {told:#?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("::error::oh ##\\u{5b}error]oh"), "it is shown, as text: {text}");
}

#[test]
fn the_lines_of_a_board_and_a_document_are_no_commands_either() {
    let bench = Bench::new("[[step]]\nwait = 1\n");
    let (mut port, name) = board::port();
    let held = fs::File::options().read(true).write(true).open(&name).unwrap();
    let lines = "::error::a\r\n  ::set-env name=PATH::x\r\nx ##[error]y\r\n\u{1b}[31m::warning::z\r\n\
        section_start:1:x\r\u{1b}[0Kx\r\nESP-HTTPS PANIC ##[error]x\r\n";
    port.write_all(lines.as_bytes()).unwrap();
    let monitor = |words: &[&str], github: &str| {
        let mut command = support::command();
        command.args(["monitor", "--port", &name]).args(words).current_dir(bench.folder.path());
        command.env("GITHUB_ACTIONS", github).env("CLICOLOR_FORCE", "1").output().unwrap()
    };
    let output = monitor(&["--for", "1s"], "true");
    assert_eq!(commands(&output), Vec::<String>::new());
    assert_no_section(&output);
    assert!(String::from_utf8_lossy(&output.stdout).contains(":\\u{3a}error::a\n"));
    port.write_all(lines.as_bytes()).unwrap();
    let output = monitor(&["--until-ready", "--for", "5s", "--json"], "true");
    assert_eq!(commands(&output), Vec::<String>::new());
    let document = support::document::of(&output);
    assert!(document.to_string().contains("##[error]x"), "the document is the same: {document:#}");
    port.write_all(lines.as_bytes()).unwrap();
    let output = monitor(&["--for", "1s"], "false");
    assert!(!commands(&output).is_empty(), "elsewhere, lines are shown as they come");
    drop(held);
}
