//! What a load's errors mean to the person who asked, whose fault they are, and what to try.

use std::path::Path;

use hdrhistogram::CreationError;

use crate::{
    client::{target::Target, trusting::SettingsError},
    error::{Code, Error, Fault, Result},
    interrupt::Signal,
    load::{
        capacity::{CapacityError, reserve},
        engine::EngineError,
        gate::{self, Gate, GateError},
        summary::{HistogramError, Load},
    },
    os_error::in_words,
    output::is_stopped,
};

/// What a run is doing, for whoever waits.
pub(super) fn doing(target: &Target, load: &Load) -> String {
    let connections = match load.connections {
        1 => "1 connection".to_owned(),
        several => format!("{several} connections"),
    };
    format!("loading {target}: {} on {connections}", load.mode.units())
}

/// One of the signals that ask us to stop.
pub(super) fn interrupted(target: &Target, signal: Signal) -> Error {
    let what = format!("by {}", signal.name());
    Error::new(Fault::Interrupted, Code::LOAD_INTERRUPTED, format!("loading {target}"), what)
}

/// A suite or group that is not known.
pub(super) fn bad_name(option: &str, kind: &str, name: &str, known: &[String]) -> Error {
    let what = format!("`{}` is not a {kind} that this program can offer", shown(name));
    Error::new(Fault::Usage, Code::LOAD_UNKNOWN_NAME, format!("reading {option}"), what)
        .hint(format!("use one of these:\n{}", known.join("\n")))
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
    Error::new(Fault::Usage, Code::LOAD_FAIL_IF, doing, error.to_string())
        .hint(format!(
            "write it as in 'tls.p99>2500ms' or 'error_rate>0.01'; these are accepted:\n{}",
            gate::accepted()
        ))
        .source(error)
}

/// A gate that the steps of a search can't check.
pub(super) fn gate_of_no_step(gate: &Gate) -> Error {
    let doing = format!("reading --fail-if '{}'", shown(&gate.to_string()));
    Error::new(
        Fault::Usage,
        Code::LOAD_FAIL_IF,
        doing,
        "the steps of --find-limit don't read the device's figures",
    )
    .hint("check them in a separate run, without --find-limit")
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

/// A `--start-at` that is no time.
pub(super) fn bad_time(text: &str) -> Error {
    let what = format!("`{}` is not a time", shown(text));
    Error::new(Fault::Usage, Code::LOAD_START_AT, "reading --start-at", what)
        .hint("write it as RFC 3339 does (2026-11-24T12:00:00Z), or in seconds since 1970: $(date -d '+10 seconds' +%s)")
}

/// A `--start-at` in the past or too far ahead.
pub(super) fn late_start(text: &str) -> Error {
    let what = format!("{} is in the past, or more than a day away", shown(text));
    Error::new(Fault::Usage, Code::LOAD_START_AT, "reading --start-at", what)
        .hint("check the clock and the time zone of this machine")
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
    // After Ctrl-C it is no news that the reader has stopped reading.
    let fault = if is_stopped(&error) { Fault::Interrupted } else { Fault::Environment };
    Error::new(fault, Code::LOAD_SERIES, doing, in_words(&error)).source(error)
}

/// A log of histograms that can't be made: a bug.
pub(super) fn unwritable_log(path: &Path, error: HistogramError) -> Error {
    let doing = format!("making the histograms of {}", path.display());
    Error::new(Fault::Bug, Code::LOAD_HISTOGRAMS, doing, error.to_string()).source(error)
}

/// No files at all, which the definition of the command line rules out.
pub(super) fn nothing_to_merge() -> Error {
    Error::new(Fault::Usage, Code::USAGE_COMMAND_LINE, "merging", "no files are named")
}

/// Results that can't be added up.
pub(super) fn other_mode(file: &Path, first: &str, other: &str) -> Error {
    let what = format!("it counts {other}, but the first file counts {first}");
    Error::new(Fault::Usage, Code::LOAD_OTHER_MODE, format!("adding {}", file.display()), what)
        .hint("merge only results of the same --mode")
}

/// The system starts no thread for us.
pub(super) fn no_engine(error: EngineError) -> Error {
    let fault = match error {
        EngineError::Thread(_) => Fault::Environment,
        _ => Fault::Bug,
    };
    Error::new(fault, Code::LOAD_ENGINE, "starting the load", error.to_string()).source(error)
}

/// Makes room for the connections, before the first of them.
pub(super) fn reserved(connections: usize, threads: usize, target: &Target) -> Result<()> {
    reserve(connections, threads.min(connections)).map_err(|error| no_room(error, target))
}

fn no_room(error: CapacityError, target: &Target) -> Error {
    let (code, remedy) = match error {
        CapacityError::FileDescriptors { needed, .. } => (
            Code::LOAD_FILE_LIMIT,
            format!("raise it as root (ulimit -Hn {needed}, or LimitNOFILE= of a service)"),
        ),
        CapacityError::Ports { .. } => (
            Code::LOAD_PORT_LIMIT,
            "widen their range as root (sysctl net.ipv4.ip_local_port_range)".to_owned(),
        ),
    };
    let instead = match error.possible() {
        0 => String::new(),
        fewer => format!(", or use fewer connections: -c {fewer}"),
    };
    Error::new(Fault::Environment, code, format!("preparing to load {target}"), error.to_string())
        .hint(remedy + &instead)
        .source(error)
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

    #[test]
    fn what_the_user_typed_does_not_steer_the_terminal() {
        let error = bad_gate("\u{1b}[2J>5", GateError::NoComparison);
        assert!(!error.to_string().contains('\u{1b}'));
    }

    #[test]
    fn more_connections_than_this_machine_has_ports_are_explained() {
        let target: Target = "192.168.1.7".parse().unwrap();
        let error = no_room(CapacityError::Ports { connections: 70_000, allowed: 28_232 }, &target);
        insta::assert_snapshot!(error.told(), @r"
        4 load.port_limit: preparing to load 192.168.1.7:443: 70000 connections to one address need as many local ports, and this machine has 28232
          try: widen their range as root (sysctl net.ipv4.ip_local_port_range), or use fewer connections: -c 28232
        ");
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
}
