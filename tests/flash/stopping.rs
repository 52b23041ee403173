//! What a signal does at each stage of `flash`: nothing new reaches a board after it, by the board's own record.

use std::{
    cell::RefCell,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    process::{Output, Stdio},
};

use serde_json::{Value, json};
use support::{Running, document, make_fifo, names, open_fifo, stderr, wait_until};

use crate::workspace::{Board, Workspace, assert_keeps_secrets};

/// A board that holds one request, and the record that it keeps.
struct HeldBoard {
    board: Board,
    name: String,
}

impl HeldBoard {
    fn new(workspace: &Workspace, name: &str, hold: &str) -> Self {
        let record = workspace.path(&format!("{name}.record"));
        let board = workspace.board_named(name, &["--record", record.to_str().unwrap(), "--hold", hold]);
        Self { board, name: name.to_owned() }
    }

    fn wait_until_held(&self, workspace: &Workspace, child: &mut Running) {
        let held = workspace.path(&format!("{}.record.held", self.name));
        let child = RefCell::new(child);
        let has_ended = || child.borrow_mut().try_wait().unwrap().is_some();
        wait_until(&format!("{} holds its request", self.name), || held.exists() || has_ended());
        if !held.exists() {
            let said = stderr(&child.into_inner().rest());
            panic!("{} was not asked for what it holds: {said}", self.name);
        }
    }

    fn release(&self, workspace: &Workspace) {
        fs::write(workspace.path(&format!("{}.record.go", self.name)), "").unwrap();
    }

    /// What the board was asked for.
    fn record(&self, workspace: &Workspace) -> Vec<String> {
        let text = fs::read_to_string(workspace.path(&format!("{}.record", self.name))).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// What it was asked for once all that was on its way has arrived.
    fn whole_record(&self, workspace: &Workspace) -> Vec<String> {
        fs::write(workspace.path(&format!("{}.record.end", self.name)), "").unwrap();
        let done = workspace.path(&format!("{}.record.done", self.name));
        wait_until(&format!("{} has read all", self.name), || done.exists());
        self.record(workspace)
    }
}

fn start(workspace: &Workspace, flags: &[&str]) -> Running {
    let whole = ["flash", "--json", "--ssid", "home", "--image", workspace.firmware()];
    let mut command = workspace.command(&[&whole, flags].concat());
    Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))
}

/// Sends the signal, and returns as soon as the command says that it has taken notice of it.
fn stop(signal: &str, child: &mut Running) {
    child.signal(signal);
    child.wait_for_line("stopping: nothing more is begun\n");
}

fn end(child: Running) -> Output {
    let output = child.output();
    assert_keeps_secrets(&output);
    output
}

/// Runs until the request is held, sends the signal, and lets the board answer only then: what was to be done next would
/// be done now.
fn stopped_at(hold: &str, signal: &str, flags: &[&str]) -> Option<(Value, Vec<String>, Vec<String>)> {
    let workspace = Workspace::new()?;
    let board = HeldBoard::new(&workspace, "board", hold);
    let mut child = start(&workspace, &[&["--port", board.board.port()], flags].concat());
    board.wait_until_held(&workspace, &mut child);
    let before = board.record(&workspace);
    stop(signal, &mut child);
    board.release(&workspace);
    let output = end(child);
    assert_eq!(output.status.code(), Some(130), "{hold}");
    Some((document::of(&output), before, board.whole_record(&workspace)))
}

fn what(document: &Value, port: &str) -> String {
    assert_eq!(document["error"]["code"], "flash.interrupted");
    document["error"]["what"].as_str().unwrap().replace(port, "PORT")
}

fn states(document: &Value) -> Vec<&str> {
    let regions = document["result"]["boards"][0]["regions"].as_array().unwrap();
    regions.iter().map(|region| region["state"].as_str().unwrap()).collect()
}

/// What is held, the signal, flags, what the error says, and the states of the regions by their first letters.
type Case<'a> = (&'a str, &'a str, &'a [&'a str], &'a str, &'a str);

#[test]
fn nothing_is_begun_after_a_signal_whatever_the_board_was_at() {
    let half = |region: &str| format!("half written: PORT (at the {region})");
    let [boot, table, pair, firmware] =
        ["bootloader", "partition table", "certificate and key", "firmware"].map(half);
    let (untouched, whole) =
        ("no board was touched", "everything is written, but the board was not restarted");
    let cases: [Case<'_>; 12] = [
        ("sync:1", "INT", &[], untouched, ""),
        ("compare:1", "TERM", &[], untouched, "ppppp"),
        ("compare:4", "HUP", &[], untouched, "ppppp"),
        ("erase:1", "INT", &["--erase"], "erased and not written: PORT", "ppppp"),
        ("begin:1", "TERM", &[], &boot, "bpppu"),
        ("begin:2", "HUP", &[], &table, "wbppu"),
        ("block:3", "INT", &[], &pair, "wwbpu"),
        ("compare:8", "TERM", &[], &firmware, "wwwpu"),
        ("begin:4", "HUP", &[], &firmware, "wwwbu"),
        ("block:9", "INT", &[], &firmware, "wwwbu"),
        ("end:1", "TERM", &[], whole, "wwwwu"),
        ("block:60", "HUP", &["--no-stub"], &firmware, "wwwbu"),
    ];
    for (hold, signal, flags, expected, regions) in cases {
        let Some((document, before, after)) = stopped_at(hold, signal, flags) else { return };
        let port = document["result"]["boards"][0]["port"]["path"].as_str().unwrap();
        let name = match signal {
            "INT" => "Ctrl-C",
            "TERM" => "SIGTERM",
            _ => "SIGHUP",
        };
        assert_eq!(what(&document, port), format!("by {name}; {expected}"), "{hold}");
        let letters: String = states(&document).iter().map(|state| &state[..1]).collect();
        assert_eq!(letters, regions, "{hold}");
        let later = &after[before.len()..];
        // One SYNC is eight lines, and espflash can't be told to stop before it is through with connecting.
        assert!(later.iter().all(|request| request == "sync"), "{hold}: {later:?}");
    }
}

#[test]
fn a_board_that_is_left_half_written_is_finished_by_the_same_command() {
    let Some(workspace) = Workspace::new() else { return };
    let held = HeldBoard::new(&workspace, "board", "begin:4");
    let mut child = start(&workspace, &["--port", held.board.port()]);
    held.wait_until_held(&workspace, &mut child);
    stop("INT", &mut child);
    held.release(&workspace);
    let output = end(child);
    let document = document::of(&output);
    assert_eq!(document["error"]["try"], "run the same command again: what is already on a board is skipped");
    drop(held);
    let (output, document) = workspace.flash(&workspace.board(&[]), &["--no-wait"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(states(&document), ["unchanged", "unchanged", "unchanged", "written", "unchanged"]);
}

/// Nobody was left to say that the board is half written, so the next one says it.
#[test]
fn a_board_whose_flash_was_killed_is_named_by_the_next_flash() {
    let Some(workspace) = Workspace::new() else { return };
    let held = HeldBoard::new(&workspace, "board", "block:3");
    let mut child = start(&workspace, &["--port", held.board.port()]);
    held.wait_until_held(&workspace, &mut child);
    child.kill();
    held.release(&workspace);
    drop(held);
    let board = workspace.board(&[]);
    let (output, document) = workspace.flash(&board, &["--no-wait"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(document["result"]["notes"][0]["code"], "half_written", "{document:#}");
    assert!(stderr(&output).contains("note: it "), "{}", stderr(&output));
    let (_, document) = workspace.flash(&board, &["--no-wait"]);
    assert!(!document.to_string().contains("half_written"), "{document:#}");
}

#[test]
fn four_boards_stop_each_where_it_is_and_are_told_apart() {
    let Some(workspace) = Workspace::new() else { return };
    let boards = [("a", "sync:1"), ("b", "compare:2"), ("c", "begin:1"), ("d", "block:9")]
        .map(|(name, hold)| HeldBoard::new(&workspace, name, hold));
    let flags: Vec<&str> = boards.iter().flat_map(|board| ["--port", board.board.port()]).collect();
    let mut child = start(&workspace, &flags);
    boards.iter().for_each(|board| board.wait_until_held(&workspace, &mut child));
    let before = boards.each_ref().map(|board| board.record(&workspace).len());
    stop("INT", &mut child);
    boards.iter().for_each(|board| board.release(&workspace));
    let output = end(child);
    assert_eq!(output.status.code(), Some(130));
    let document = document::of(&output);
    let [a, b, c, d] = boards.each_ref().map(|board| board.board.port());
    let expected = format!(
        "by Ctrl-C; half written: {c} (at the bootloader), {d} (at the firmware); not touched: {a}, {b}"
    );
    assert_eq!(document["error"]["what"], expected);
    for (board, before) in boards.iter().zip(before) {
        let later = &board.whole_record(&workspace)[before..];
        assert!(later.iter().all(|request| request == "sync"), "{}: {later:?}", board.name);
    }
}

#[test]
fn the_wait_for_a_port_and_for_an_answer_ends_with_the_signal() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board(&["--talks"]);
    let monitor = ["monitor", "--port", board.port()];
    let mut command = workspace.command(&monitor);
    let mut other = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
    let mut heard = BufReader::new(other.stdout.take().unwrap());
    heard.read_line(&mut String::new()).unwrap();
    for signal in ["INT", "TERM", "HUP"] {
        let mut child = start(&workspace, &["--port", board.port(), "--lock-timeout", "60m"]);
        child.wait_for_line("waiting for another esp-https");
        child.signal(signal);
        let output = end(child);
        assert_eq!(output.status.code(), Some(130));
        assert!(document::of(&output)["error"]["what"].as_str().unwrap().ends_with("; no board was touched"));
    }
}

#[test]
fn a_second_signal_ends_a_run_whose_result_nobody_reads() {
    let Some(workspace) = Workspace::new() else { return };
    let board = HeldBoard::new(&workspace, "board", "compare:1");
    let (_reader, mut full) = std::io::pipe().unwrap();
    // A new pipe on Linux takes so much, and then a writer waits (pipe(7)).
    full.write_all(&[0; 65536]).unwrap();
    let whole =
        ["flash", "--json", "--ssid", "home", "--image", workspace.firmware(), "--port", board.board.port()];
    let mut child = Running::start(workspace.command(&whole).stdout(full).stderr(Stdio::piped()));
    board.wait_until_held(&workspace, &mut child);
    stop("INT", &mut child);
    child.signal("INT");
    assert_eq!(child.wait_for_end("it ends").code(), Some(130));
}

#[test]
fn an_image_that_is_not_saved_yet_leaves_nothing_behind() {
    let Some(workspace) = Workspace::new() else { return };
    let before = names(workspace.path(""));
    for pipe in ["firmware", "password"] {
        let fifo = workspace.path("pipe");
        make_fifo(&fifo);
        let image = if pipe == "firmware" { "pipe" } else { workspace.firmware() };
        let flags = ["flash", "--json", "--ssid", "home", "--save-image", "board.bin", "--image", image];
        let password = if pipe == "password" { &["--wifi-password-file", "pipe"][..] } else { &[] };
        let mut command = workspace.command(&[&flags[..], password].concat());
        let child = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
        let _writer = open_fifo(&fifo);
        child.signal("TERM");
        let output = child.output();
        assert_eq!(output.status.code(), Some(130), "{pipe}");
        let document = document::of(&output);
        assert_eq!(document["error"]["code"], json!("flash.interrupted"));
        assert_eq!(document["error"]["what"], "by SIGTERM; no board was touched");
        fs::remove_file(fifo).unwrap();
        assert_eq!(names(workspace.path("")), before, "{pipe}");
    }
}
