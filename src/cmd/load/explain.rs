//! What a load's errors mean to the person who asked, whose fault they are, and what to try.

use std::path::Path;

use hdrhistogram::CreationError;

use super::prepare::Prepared;
use crate::client::trusting::SettingsError;
use crate::{
    client::target::Target,
    error::{Code, Error, Fault},
    interrupt::Signal,
    load::{
        engine::EngineError,
        failure::Blame,
        gate::{self, Gate, GateError, Passed},
        limit::Found,
        summary::{Remark, Summary, Target as LoadedTarget},
    },
    os_error::in_words,
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
        let what = format!("no {units} ended, neither well nor badly");
        let hint = "give it longer with -z";
        return Some(
            Error::new(Fault::Inconclusive, Code::LOAD_NOTHING_ENDED, loading(&summary.target), what)
                .hint(hint),
        );
    };
    let fault = blamed(worst.class.blame());
    let count = summary.units.failed;
    let what =
        format!("no {units} completed; {} of {count} attempts failed with {}", worst.took.count, worst.class);
    Some(
        Error::new(fault, Code::LOAD_NOTHING_COMPLETED, loading(&summary.target), what)
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
        return Some(Error::new(Fault::Finding, Code::LOAD_GATE, "checking the gates", what));
    }
    (!unmeasured.is_empty()).then(|| {
        let what = format!("nothing was measured for {}", unmeasured.join(", "));
        let hint = "a gate on the device's figures needs a device that serves /stat, one on a phase a run that has it";
        Error::new(Fault::Inconclusive, Code::LOAD_GATE_NOT_MEASURED, "checking the gates", what).hint(hint)
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
                Code::LOAD_NOTHING_ENDED,
                doing,
                "no session was tried",
            ));
        };
        let what = format!("not one session came about: {}", first.class);
        let fault = blamed(first.class.blame());
        return Some(Error::new(fault, Code::LOAD_NO_SESSION, doing, what).hint(first.class.advice()));
    }
    if limits.recovery.is_some_and(|recovery| recovery.after_us.is_none()) {
        let what = "the device did not answer again after the load";
        return Some(
            Error::new(Fault::Finding, Code::LOAD_NOT_RECOVERED, doing, what)
                .hint("see whether it is still on, and what its serial port says: esp-https monitor"),
        );
    }
    found(&search.findings, doing)
}

fn found(findings: &[Remark], doing: String) -> Option<Error> {
    let first = findings.first()?;
    let code = match first.code.as_str() {
        "device_leak" => Code::LOAD_DEVICE_LEAK,
        "device_rebooted" => Code::LOAD_DEVICE_REBOOTED,
        _ => Code::LOAD_DEVICE_SILENT,
    };
    Some(Error::new(Fault::Finding, code, doing, first.text.clone()))
}

/// One of the signals that ask us to stop.
pub(super) fn interrupted(target: &Target, signal: Signal) -> Error {
    let what = format!("by {}", signal.name());
    Error::new(Fault::Interrupted, Code::LOAD_INTERRUPTED, format!("loading {target}"), what)
}

/// A suite or group that is not known.
pub(super) fn bad_name(option: &str, kind: &str, name: &str, known: &[String]) -> Error {
    let what = format!("this program knows no {kind} `{}`", shown(name));
    Error::new(Fault::Usage, Code::LOAD_UNKNOWN_NAME, format!("reading {option}"), what)
        .hint(format!("one of {}", known.join("\n       ")))
}

/// TLS settings that contradict themselves.
pub(super) fn bad_settings(error: SettingsError) -> Error {
    Error::new(Fault::Usage, Code::LOAD_TLS, "preparing TLS", error.to_string())
        .hint("leave out --suite, --group or --tls, or choose ones that fit together")
        .source(error)
}

/// A gate that can't be read.
pub(super) fn bad_gate(text: &str, error: GateError) -> Error {
    let doing = format!("reading --fail-if '{}'", shown(text));
    let figures = gate::FIGURES;
    Error::new(Fault::Usage, Code::LOAD_FAIL_IF, doing, error.to_string())
        .hint(format!("e.g. 'tls.p99>2500ms' or 'error_rate>0.01'; the figures are\n{figures}"))
        .source(error)
}

/// A gate that the steps of a search can't be held against.
pub(super) fn gate_of_no_step(gate: &Gate) -> Error {
    let doing = format!("reading --fail-if '{}'", shown(&gate.to_string()));
    Error::new(
        Fault::Usage,
        Code::LOAD_FAIL_IF,
        doing,
        "the steps of --find-limit don't read the device's figures",
    )
    .hint("gate them in a run of their own, without --find-limit")
}

/// A gate on figures that are not to be asked for.
pub(super) fn gate_without_stat(gate: &Gate) -> Error {
    let doing = format!("reading --fail-if '{}'", shown(&gate.to_string()));
    Error::new(
        Fault::Usage,
        Code::LOAD_FAIL_IF,
        doing,
        "with --no-stat the device is not asked for its figures",
    )
    .hint("leave out --no-stat")
}

/// A header that can't be sent. It may hold a secret, so it is not repeated.
pub(super) fn bad_header() -> Error {
    let what = "a header is written NAME: VALUE, without line breaks";
    Error::new(Fault::Usage, Code::LOAD_HEADER, "reading -H", what).hint("e.g. -H 'Accept: text/html'")
}

/// A method that is none.
pub(super) fn bad_method(method: &str) -> Error {
    let what = format!("`{}` is not a method of HTTP", shown(method));
    Error::new(Fault::Usage, Code::LOAD_METHOD, "reading -m", what).hint("GET, POST, HEAD, PUT, ..")
}

/// A `--start-at` that is no time.
pub(super) fn bad_time(text: &str) -> Error {
    let what = format!("`{}` is not a time", shown(text));
    Error::new(Fault::Usage, Code::LOAD_START_AT, "reading --start-at", what)
        .hint("RFC 3339, e.g. 2026-11-24T12:00:00Z, or seconds since 1970: $(date -d '+10 seconds' +%s)")
}

/// A `--start-at` in the past or too far ahead.
pub(super) fn late_start(text: &str) -> Error {
    let what = format!("{} is in the past, or more than a day away", shown(text));
    Error::new(Fault::Usage, Code::LOAD_START_AT, "reading --start-at", what)
        .hint("are this machine's clock and zone right?")
}

/// A result file that can't be opened.
pub(super) fn unreadable(file: &Path, error: std::io::Error) -> Error {
    let doing = format!("reading {}", file.display());
    Error::new(Fault::Usage, Code::LOAD_UNREADABLE, doing, in_words(&error))
        .hint("give documents that `esp-https load --json -o FILE` wrote")
        .source(error)
}

/// A file that holds something else than a run's result.
pub(super) fn not_a_result(file: &Path, why: &str) -> Error {
    let doing = format!("reading {}", file.display());
    Error::new(Fault::Usage, Code::LOAD_NOT_A_RESULT, doing, why)
        .hint("give documents that `esp-https load --json -o FILE` wrote, of runs that have a result")
}

/// A time series that can't be written.
pub(super) fn unwritable_series(path: &Path, error: std::io::Error) -> Error {
    let doing = format!("writing the time series to {}", path.display());
    // Who has pressed Ctrl-C need not hear that a reader did not read.
    let fault = if is_stopped(&error) { Fault::Interrupted } else { Fault::Environment };
    Error::new(fault, Code::LOAD_SERIES, doing, in_words(&error)).source(error)
}

/// No files at all, which the definition of the command line rules out.
pub(super) fn nothing_to_merge() -> Error {
    Error::new(Fault::Usage, Code::USAGE, "merging", "no files are named")
}

/// Results that can't be added up.
pub(super) fn other_mode(file: &Path, first: &str, other: &str) -> Error {
    let what = format!("it counts {other}, and the first file {first}");
    Error::new(Fault::Usage, Code::LOAD_OTHER_MODE, format!("adding {}", file.display()), what)
        .hint("merge results of the same mode")
}

/// Threads that can't be had.
pub(super) fn no_engine(error: EngineError) -> Error {
    let fault = match error {
        EngineError::Thread(_) => Fault::Environment,
        _ => Fault::Bug,
    };
    Error::new(fault, Code::LOAD_ENGINE, "starting the load", error.to_string()).source(error)
}

/// Histograms that can't be made: a bug.
pub(super) fn no_histograms(error: CreationError) -> Error {
    Error::new(Fault::Bug, Code::LOAD_HISTOGRAMS, "preparing to measure", error.to_string())
}

fn shown(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::{
        device::ready::Stat,
        load::{
            limit::{LimitKind, Limits, Recovery, Sessions},
            remarks,
            summary::{Device, TrustBasis},
        },
    };

    #[test]
    fn what_the_user_typed_does_not_steer_the_terminal() {
        let error = bad_gate("\u{1b}[2J>5", GateError::NoComparison);
        assert!(!error.to_string().contains('\u{1b}'));
    }

    #[test]
    fn threads_and_histograms_that_can_t_be_had_are_explained() {
        let thread = || io::Error::from_raw_os_error(rustix::io::Errno::AGAIN.raw_os_error());
        let no_histogram = hdrhistogram::Histogram::<u64>::new(9).unwrap_err();
        let errors = [
            no_engine(EngineError::Thread(thread())),
            no_engine(EngineError::Lost),
            no_histograms(no_histogram),
        ];
        insta::assert_snapshot!(errors.map(|error| error.told()).concat(), @r"
        4 load.engine: starting the load: no thread can be started: the system says: Resource temporarily unavailable
        70 load.engine: starting the load: a thread of the load ended without its figures
        70 load.histograms: preparing to measure: Number of significant digits must be in the range `[0, 5]`
        ");
    }

    #[test]
    fn a_time_series_that_can_t_be_written_is_explained() {
        let full = std::fs::write("/dev/full", "second").unwrap_err();
        insta::assert_snapshot!(unwritable_series(Path::new("/dev/full"), full).told(), @r"
        4 load.series: writing the time series to /dev/full: there is no space left
        ");
    }

    #[test]
    fn a_search_that_found_nothing_out_is_explained() {
        let nothing = Limits::default();
        let gone = Limits {
            sessions: Some(Sessions { most: 4, beyond: None }),
            recovery: Some(Recovery { after_us: None }),
            ..Limits::default()
        };
        let told = |limits| shortcoming_of_search(&search(limits, None)).unwrap().told();
        insta::assert_snapshot!(told(nothing) + &told(gone), @r"
        3 load.nothing_ended: loading 192.168.1.7:443: no session was tried
        1 load.not_recovered: loading 192.168.1.7:443: the device did not answer again after the load
          try: see whether it is still on, and what its serial port says: esp-https monitor
        ");
    }

    #[test]
    fn a_device_that_no_longer_tells_its_figures_is_a_finding() {
        let limits = Limits { sessions: Some(Sessions { most: 4, beyond: None }), ..Limits::default() };
        let stat = Stat {
            uptime_s: 10,
            heap_free: 150_000,
            heap_min: 120_000,
            sessions: 0,
            handshakes: 0,
            resumed: 0,
            handshake_us: 0,
            failed: 0,
            requests: 0,
        };
        let device =
            Device { before: stat, after: None, readings: 1, heap_min: 120_000, sessions_max: 0, leak: None };
        insta::assert_snapshot!(shortcoming_of_search(&search(limits, Some(device))).unwrap().told(), @r"
        1 load.device_silent: loading 192.168.1.7:443: the device told its figures before the run, and no longer does after it
        ");
    }

    fn search(limits: Limits, device: Option<Device>) -> Found {
        let target = LoadedTarget {
            host: "192.168.1.7".to_owned(),
            port: 443,
            path: "/".to_owned(),
            addresses: Vec::new(),
            dns_us: None,
            trust: TrustBasis::Pin,
        };
        Found {
            kind: LimitKind::Limits,
            target,
            started_at: String::new(),
            elapsed_us: 0,
            limits,
            findings: device.as_ref().map(remarks::device_findings).unwrap_or_default(),
            device,
            warnings: Vec::new(),
        }
    }
}
