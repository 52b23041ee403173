//! What a load's errors mean to the person who asked, whose fault they are, and what to try.

use std::path::Path;

use hdrhistogram::CreationError;

use super::prepare::Prepared;
use crate::client::trusting::SettingsError;
use crate::{
    client::target::Target,
    error::{Error, Fault},
    interrupt::Signal,
    load::{
        engine::EngineError,
        failure::Blame,
        gate::{self, Gate, GateError, Passed},
        limit::Found,
        summary::{Remark, Summary, Target as LoadedTarget},
    },
    output::is_stopped,
};

/// What a run is doing, for whoever waits.
pub(super) fn doing(prepared: &Prepared) -> String {
    let load = &prepared.load;
    let connections = if load.connections == 1 {
        "1 connection".to_owned()
    } else {
        format!("{} connections", load.connections)
    };
    format!("loading {}: {} on {connections}", prepared.target, load.mode.units())
}

/// Why a run is no success, though it has a result: nothing completed, a gate, a finding.
pub(super) fn shortcoming(summary: &Summary) -> Option<Error> {
    nothing_completed(summary).or_else(|| failed_gate(summary)).or_else(|| finding(summary))
}

fn loading(target: &LoadedTarget) -> String {
    let host = &target.host;
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    format!("loading {host}:{}", target.port)
}

fn blamed(blame: Blame) -> Fault {
    match blame {
        Blame::Reach | Blame::Device => Fault::Device,
        Blame::Peer => Fault::Peer,
        Blame::Answer => Fault::Finding,
        Blame::Machine => Fault::Environment,
    }
}

fn nothing_completed(summary: &Summary) -> Option<Error> {
    if summary.units.completed > 0 {
        return None;
    }
    let units = summary.load.mode.units();
    let Some(worst) = summary.errors.first() else {
        let what = format!("no {units} ended, well or not");
        let hint = "give it longer with -z";
        return Some(
            Error::new(Fault::Inconclusive, "load.nothing_ended", loading(&summary.target), what).hint(hint),
        );
    };
    let fault = blamed(worst.class.blame());
    let count = summary.units.failed;
    let what =
        format!("no {units} completed; {} of {count} attempts failed with {}", worst.took.count, worst.class);
    Some(
        Error::new(fault, "load.nothing_completed", loading(&summary.target), what)
            .hint(worst.class.advice()),
    )
}

fn failed_gate(summary: &Summary) -> Option<Error> {
    let of = |verdict: Passed| -> Vec<String> {
        summary.gates.iter().filter(|gate| gate.verdict == verdict).map(|gate| gate.fail_if.clone()).collect()
    };
    let (failed, unmeasured) = (of(Passed::Failed), of(Passed::NotMeasured));
    if !failed.is_empty() {
        let what = format!("failed: {}", failed.join(", "));
        return Some(Error::new(Fault::Finding, "load.gate", "checking the gates", what));
    }
    (!unmeasured.is_empty()).then(|| {
        let what = format!("nothing was measured for {}", unmeasured.join(", "));
        let hint = "a gate on the device's figures needs a device that serves /stat, one on a phase a run that has it";
        Error::new(Fault::Inconclusive, "load.gate_not_measured", "checking the gates", what).hint(hint)
    })
}

fn finding(summary: &Summary) -> Option<Error> {
    found(&summary.findings, loading(&summary.target))
}

/// Why a search is no success: the device took nothing, or did not recover, or its figures say so.
pub(super) fn shortcoming_of_search(search: &Found) -> Option<Error> {
    let limits = &search.limits;
    let doing = loading(&search.target);
    if limits.sessions.is_none_or(|sessions| sessions.most == 0) {
        let Some(first) = &limits.first_failure else {
            return Some(Error::new(
                Fault::Inconclusive,
                "load.nothing_ended",
                doing,
                "no session was tried",
            ));
        };
        let what = format!("not one session came about: {}", first.class);
        let fault = blamed(first.class.blame());
        return Some(Error::new(fault, "load.no_session", doing, what).hint(first.class.advice()));
    }
    if limits.recovery.is_some_and(|recovery| recovery.after_us.is_none()) {
        let what = "the device did not answer again after the load";
        return Some(
            Error::new(Fault::Finding, "load.not_recovered", doing, what)
                .hint("see whether it is still on, and what its serial port says: esp-https monitor"),
        );
    }
    found(&search.findings, doing)
}

fn found(findings: &[Remark], doing: String) -> Option<Error> {
    let first = findings.first()?;
    let code = match first.code.as_str() {
        "device_leak" => "load.device_leak",
        "device_rebooted" => "load.device_rebooted",
        _ => "load.device_silent",
    };
    Some(Error::new(Fault::Finding, code, doing, first.text.clone()))
}

/// One of the signals that ask us to stop.
pub(super) fn interrupted(target: &Target, signal: Signal) -> Error {
    let what = format!("by {}", signal.name());
    Error::new(Fault::Interrupted, "load.interrupted", format!("loading {target}"), what)
}

/// A suite or group that is not known.
pub(super) fn bad_name(option: &str, kind: &str, name: &str, known: &[String]) -> Error {
    let what = format!("there is no {kind} `{}` here", shown(name));
    Error::new(Fault::Usage, "load.unknown_name", format!("reading {option}"), what)
        .hint(format!("one of {}", known.join("\n       ")))
}

/// TLS settings that contradict themselves.
pub(super) fn bad_settings(error: SettingsError) -> Error {
    Error::new(Fault::Usage, "load.tls", "preparing TLS", error.to_string())
        .hint("leave out --suite, --group or --tls, or choose ones that fit together")
        .source(error)
}

/// A gate that can't be read.
pub(super) fn bad_gate(text: &str, error: GateError) -> Error {
    let doing = format!("reading --fail-if '{}'", shown(text));
    let figures = gate::FIGURES;
    Error::new(Fault::Usage, "load.fail_if", doing, error.to_string())
        .hint(format!("e.g. 'tls.p99>2500ms' or 'error_rate>0.01'; the figures are\n{figures}"))
        .source(error)
}

/// A gate that the steps of a search can't be held against.
pub(super) fn gate_of_no_step(gate: &Gate) -> Error {
    let doing = format!("reading --fail-if '{}'", shown(&gate.to_string()));
    Error::new(
        Fault::Usage,
        "load.fail_if",
        doing,
        "the steps of --find-limit don't read the device's figures",
    )
    .hint("gate them in a run of their own, without --find-limit")
}

/// A gate on figures that are not to be asked for.
pub(super) fn gate_without_stat(gate: &Gate) -> Error {
    let doing = format!("reading --fail-if '{}'", shown(&gate.to_string()));
    Error::new(Fault::Usage, "load.fail_if", doing, "with --no-stat the device is not asked for its figures")
        .hint("leave out --no-stat")
}

/// A header that can't be sent. It may hold a secret, so it is not repeated.
pub(super) fn bad_header() -> Error {
    let what = "a header is NAME: VALUE, without line breaks";
    Error::new(Fault::Usage, "load.header", "reading -H", what).hint("e.g. -H 'Accept: text/html'")
}

/// A method that is none.
pub(super) fn bad_method(method: &str) -> Error {
    let what = format!("`{}` is no method", shown(method));
    Error::new(Fault::Usage, "load.method", "reading -m", what).hint("GET, POST, HEAD, PUT, ..")
}

/// A `--start-at` that is no time.
pub(super) fn bad_time(text: &str) -> Error {
    let what = format!("`{}` is no time", shown(text));
    Error::new(Fault::Usage, "load.start_at", "reading --start-at", what)
        .hint("RFC 3339, e.g. 2026-11-24T12:00:00Z, or seconds since 1970: $(date -d '+10 seconds' +%s)")
}

/// A `--start-at` in the past or too far ahead.
pub(super) fn late_start(text: &str) -> Error {
    let what = format!("{} is over, or more than a day away", shown(text));
    Error::new(Fault::Usage, "load.start_at", "reading --start-at", what)
        .hint("are this machine's clock and zone right?")
}

/// A result file that can't be opened.
pub(super) fn unreadable(file: &Path, error: std::io::Error) -> Error {
    let doing = format!("reading {}", file.display());
    Error::new(Fault::Usage, "load.unreadable", doing, error.to_string())
        .hint("give documents that `esp-https load --json -o FILE` wrote")
        .source(error)
}

/// A file that holds something else than a run's result.
pub(super) fn not_a_result(file: &Path, why: &str) -> Error {
    let doing = format!("reading {}", file.display());
    Error::new(Fault::Usage, "load.not_a_result", doing, why)
        .hint("give documents that `esp-https load --json -o FILE` wrote, of runs that have a result")
}

/// A time series that can't be written.
pub(super) fn unwritable_series(path: &Path, error: std::io::Error) -> Error {
    let doing = format!("writing the time series to {}", path.display());
    // Who has pressed Ctrl-C need not hear that a reader did not read.
    let fault = if is_stopped(&error) { Fault::Interrupted } else { Fault::Environment };
    Error::new(fault, "load.series", doing, error.to_string()).source(error)
}

/// No files at all.
pub(super) fn nothing_to_merge() -> Error {
    Error::new(Fault::Usage, "load.nothing_to_merge", "merging", "no files are named")
}

/// Results that can't be added up.
pub(super) fn other_mode(file: &Path, first: &str, other: &str) -> Error {
    let what = format!("it counts {other}, and the first file {first}");
    Error::new(Fault::Usage, "load.other_mode", format!("adding {}", file.display()), what)
        .hint("merge results of the same mode")
}

/// Threads that can't be had.
pub(super) fn no_engine(error: EngineError) -> Error {
    let fault = match error {
        EngineError::Thread(_) => Fault::Environment,
        _ => Fault::Bug,
    };
    Error::new(fault, "load.engine", "making load", error.to_string()).source(error)
}

/// Histograms that can't be made: a bug.
pub(super) fn no_histograms(error: CreationError) -> Error {
    Error::new(Fault::Bug, "load.histograms", "preparing to measure", format!("{error:?}"))
}

fn shown(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_user_typed_does_not_steer_the_terminal() {
        let error = bad_gate("\u{1b}[2J>5", GateError::NoComparison);
        assert!(!error.to_string().contains('\u{1b}'));
    }
}
