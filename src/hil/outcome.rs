//! What a run of a scenario found, as data: the result of `hil`, from which every report is made. It can be read again, because a
//! later run may compare itself with it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{comparison::Comparison, log_event::LogEvent, state::StepState};
use crate::error::{Code, Error, Fault};

/// One run of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HilRun {
    /// What the scenario is called.
    pub scenario: String,
    /// The scenario's file, as a path.
    pub file: String,
    /// The name of the target, as in `--target`.
    pub target: String,
    /// What the target is.
    pub target_kind: TargetKind,
    /// The version of esp-https that ran it.
    pub version: String,
    /// When it started: RFC 3339, UTC, with milliseconds.
    pub started: String,
    /// How long it took until now, in microseconds.
    pub duration_us: u64,
    /// Whether the run has ended. The document is written after each step, and says "running" until the last one.
    pub progress: Progress,
    /// The worst state of a step, over all boards.
    pub state: StepState,
    /// What a failure of the lab was made of, by `--lab-failure`.
    pub lab_failure: LabFailure,
    /// The boards, in the order of the scenario; one of them for the emulated board and for an address.
    pub boards: Vec<BoardRun>,
    /// What has changed since an older run; null without `--baseline`, and as long as steps are left to run.
    #[serde(default)]
    pub comparison: Option<Comparison>,
    /// The folder in which all files are, as a path. Other paths in this result are relative to it.
    pub out: String,
}

/// What a scenario runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// The emulated board.
    Emulated,
    /// A board at a serial port, or several.
    Board,
    /// A server at an address.
    Address,
}

/// Whether a run has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Steps are left to run.
    Running,
    /// All steps have run, or were left out.
    Ended,
}

/// What is made of a failure that is the lab's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabFailure {
    /// The command ends with exit code 4.
    Fail,
    /// The command says so, and ends with exit code 0.
    Skip,
}

/// What happened with one board.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BoardRun {
    /// Which board.
    pub board: BoardIdentity,
    /// The worst state of its steps.
    pub state: StepState,
    /// Its steps, in the order of the scenario. Those that have not begun are among them, as `not_run`.
    pub steps: Vec<StepOutcome>,
    /// The figures that it printed or answered during the run, oldest first.
    pub heap: Vec<HeapReading>,
    /// The file that has what it printed; null when it has no serial port that we can read.
    pub serial_log: Option<String>,
}

/// Which board it is: what results are named by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardIdentity {
    /// A name for people: the name in the manifest, or that of the target.
    pub name: String,
    /// Its MAC address, once it is known.
    pub mac: Option<String>,
    /// Its serial port, once it is known.
    pub port: Option<String>,
    /// Where it serves, as `HOST[:PORT]`, once it is known.
    pub address: Option<String>,
    /// The version of its firmware, once it is known.
    pub firmware: Option<String>,
    /// SHA-256 of the certificate that it serves with, once it is known.
    pub cert_sha256: Option<String>,
}

/// What happened in one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepOutcome {
    /// The step's name, which no other step of the scenario has.
    pub name: String,
    /// The word of its kind, e.g. `probe`.
    pub kind: String,
    /// Its line in the scenario's file, from 1; null in the result of an older version.
    #[serde(default)]
    pub line: Option<usize>,
    /// How it ended.
    pub state: StepState,
    /// One sentence for a person: what was found, or why it was not run; null when there is nothing to say.
    pub says: Option<String>,
    /// The command line that does the same by hand; null for a step that is no command of ours.
    pub command: Option<String>,
    /// How often it was begun: 0 for a step that was not run. The lab's failures alone are tried again.
    pub attempts: u32,
    /// From the start of the run to the start of the step, in microseconds; null for a step that was not run.
    pub start_us: Option<u64>,
    /// How long it took, with all attempts, in microseconds; null for a step that was not run.
    pub duration_us: Option<u64>,
    /// Why it did not pass.
    pub error: Option<StepError>,
    /// Why its earlier attempts did not pass, oldest first.
    pub earlier_errors: Vec<StepError>,
    /// Its key figures.
    pub figures: Figures,
    /// What it found, and which checks and gates failed.
    pub findings: Vec<StepFinding>,
    /// What the board printed during the step that matters.
    pub events: Vec<LogEvent>,
    /// The files that it wrote.
    pub files: Vec<StepFile>,
}

/// Why a step did not pass: the error of the command that it ran, or the runner's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepError {
    /// Whose fault it was, as the command says.
    pub fault: Fault,
    /// The error's code, e.g. `board.panic`.
    pub code: String,
    /// What was being done.
    pub doing: String,
    /// What happened.
    pub what: String,
    /// What to try next.
    #[serde(rename = "try")]
    pub hint: Option<String>,
    /// The last lines of a board or a program that belong to it, oldest first.
    #[serde(default)]
    pub evidence: Vec<String>,
}

impl StepError {
    /// An error of the run itself.
    pub fn new(fault: Fault, code: Code, doing: impl Into<String>, what: impl Into<String>) -> Self {
        debug_assert!(code.faults().contains(&fault), "{fault:?} is not among the faults of {code}");
        let (doing, what, code) = (doing.into(), what.into(), code.as_str().to_owned());
        Self { fault, code, doing, what, hint: None, evidence: Vec::new() }
    }

    /// The same error with what to try.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl StepError {
    /// The same error of a command that a step has run: its hint names flags, which are fields of the scenario here. Flags that
    /// follow the name of a program stay.
    #[must_use]
    pub fn in_scenario(self) -> Self {
        let hint = self.hint.map(|hint| hint.lines().map(with_fields).collect::<Vec<_>>().join("\n"));
        Self { hint, ..self }
    }
}

/// A line of a hint with fields for flags: `--timeout` is `timeout`, and `--port /dev/ttyS0` is `port = "/dev/ttyS0"`.
fn with_fields(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let mut of_program = false;
    let mut shown = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(&word) = words.get(at) {
        at += 1;
        of_program |= PROGRAMS.contains(&bare(word));
        if of_program || !word.contains("--") {
            shown.push(word.to_owned());
            continue;
        }
        let field = word.replacen("--", "", 1);
        let value = words.get(at).filter(|next| field.chars().all(is_of_name) && is_value(next));
        at += usize::from(value.is_some());
        shown.push(value.map_or(field.clone(), |value| format!("{field} = \"{value}\"")));
    }
    shown.join(" ")
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c| !is_of_name(c))
}

const fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

/// Whether a word after a flag is its value and not the next word of the sentence: a path, a number, an address or a FILE.
fn is_value(word: &str) -> bool {
    let is_name = word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase());
    is_name
        || (word.ends_with(|c: char| c.is_ascii_alphanumeric())
            && word.contains(|c: char| "/.".contains(c) || c.is_ascii_digit()))
}

impl From<&Error> for StepError {
    fn from(error: &Error) -> Self {
        Self {
            fault: error.fault,
            code: error.code.as_str().to_owned(),
            doing: error.doing.clone(),
            what: error.what.clone(),
            hint: error.hint.clone(),
            evidence: error.evidence.as_ref().map(|evidence| evidence.lines.clone()).unwrap_or_default(),
        }
    }
}

/// The figures of a step, as far as its kind has them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// How long a handshake took, in microseconds: that of a probe, or the median of a load.
    pub handshake_us: Option<u64>,
    /// The 99th percentile of the handshakes of a load, in microseconds.
    pub handshake_p99_us: Option<u64>,
    /// The median time of a request, until its answer was complete, in microseconds.
    pub request_us: Option<u64>,
    /// The 99th percentile of that, in microseconds.
    pub request_p99_us: Option<u64>,
    /// Requests (or handshakes, where a load makes nothing else) that succeeded.
    pub succeeded: Option<u64>,
    /// Those that failed.
    pub failed: Option<u64>,
    /// Units of load that succeeded in a second.
    pub rate: Option<f64>,
    /// The time from the start of the board to READY, in microseconds.
    pub ready_us: Option<u64>,
    /// The least heap that the board had free, in bytes, as far as it was lowest in this step.
    pub heap_min: Option<u64>,
    /// The heap that the board had free at the end of the step, in bytes.
    pub heap_free: Option<u64>,
    /// Frames that the board dropped during a load, for want of a place in its receive queue, as far as it tells.
    #[serde(default)]
    pub frames_dropped: Option<u64>,
    /// How often the board restarted by itself.
    pub restarts: u64,
}

/// Something that a step found, or a check or gate of it that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFinding {
    /// Its stable name, e.g. `tls.old_versions` or the text of a gate.
    pub id: String,
    /// What kind it is.
    pub kind: FindingKind,
    /// What was found, in one sentence.
    pub says: String,
    /// What was wanted, where it is a check or a gate.
    pub wanted: Option<String>,
}

/// What kind of finding it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A check or a gate that failed.
    Check,
    /// A check or a gate that could not be decided.
    CheckUnknown,
    /// Something that the device should do better; it decides nothing without a check on it.
    Finding,
}

/// A file that a step wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFile {
    /// What is in it.
    pub kind: FileKind,
    /// Its path, relative to the folder of the run.
    pub path: String,
}

impl StepFile {
    /// A file in the folder of the run.
    #[must_use]
    pub fn new(kind: FileKind, path: &str) -> Self {
        Self { kind, path: path.to_owned() }
    }

    /// Its path from `out`.
    #[must_use]
    pub fn within(&self, out: &str) -> PathBuf {
        PathBuf::from(out).join(&self.path)
    }
}

/// What is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// The JSON document of a command of ours.
    Document,
    /// What a command printed for people.
    Output,
    /// A certificate. Keys are never among these files.
    Certificate,
    /// A conversation, as pcapng.
    Capture,
    /// A page or table that the scenario asked for.
    Report,
}

/// The heap of a board at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeapReading {
    /// From the start of the run, in microseconds.
    pub at_us: u64,
    /// What was free, in bytes.
    pub heap_free: u64,
    /// The least that was free since the board started, in bytes.
    pub heap_min: u64,
    /// Since when the board has been running, in seconds; a smaller value than before tells of a restart.
    pub uptime_s: u64,
}

/// Programs whose flags our hints name.
const PROGRAMS: [&str; 7] =
    ["esp-https", "qemu-system-riscv32", "openssl", "cargo", "rustup", "esptool", "curl"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_names_fields_and_leaves_the_flags_of_programs_alone() {
        let hint = "allow more time with --timeout\nor: esp-https monitor --until-ready\nsee curl --help";
        let error =
            StepError::new(Fault::Environment, Code::HIL_LAB, "doing", "what").hint(hint).in_scenario();
        let expected = "allow more time with timeout\nor: esp-https monitor --until-ready\nsee curl --help";
        assert_eq!(error.hint.as_deref(), Some(expected));
    }

    #[test]
    fn a_flag_with_its_value_is_a_line_as_a_scenario_has_it() {
        for (hint, expected) in [
            ("or name its port, as in --port /dev/ttyS0", "or name its port, as in port = \"/dev/ttyS0\""),
            ("or give the address: --address 192.168.1.7", "or give the address: address = \"192.168.1.7\""),
            ("give its certificate with --cert FILE", "give its certificate with cert = \"FILE\""),
            ("wait longer (--timeout 60), or ask again", "wait longer (timeout 60), or ask again"),
            ("with --force what is there is replaced", "with force what is there is replaced"),
        ] {
            assert_eq!(with_fields(hint), expected);
        }
    }
}
