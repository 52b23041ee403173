//! Codes of `load`.

super::codes! {
    "Measuring how much a server can take (`load`)"

    LOAD_DEVICE_LEAK = "load.device_leak", Finding,
        "The device has less free heap after the run than before it.",
        "Look for what its firmware does not free; repeat the run to see whether the free heap shrinks further.";
    LOAD_DEVICE_REBOOTED = "load.device_rebooted", Finding,
        "The device restarted during the run.",
        "Follow its serial port with `monitor`, which prints the reason of a restart.";
    LOAD_DEVICE_SILENT = "load.device_silent", Finding,
        "The device reported its figures before the run, but not after it.",
        "Follow its serial port with `monitor`.";
    LOAD_ENGINE = "load.engine", Environment | Bug,
        "A thread that makes the load could not be started, or ended without its figures.",
        "Raise the limits of this machine, or use fewer `--threads`; exit code 70 is a bug to report.";
    LOAD_FAIL_IF = "load.fail_if", Usage,
        "A `--fail-if` can't be read, or asks for a figure that this run does not have.",
        "Write it as in `tls.p99>2500ms` or `error_rate>0.01`; the message lists the figures.";
    LOAD_FILE_LIMIT = "load.file_limit", Environment,
        "This process may not open as many files as the connections need.",
        "Raise the limit with `ulimit -n`, or ask for fewer connections with `-c`.";
    LOAD_GATE = "load.gate", Finding,
        "A `--fail-if` is true after the run.",
        "Look at the figures in the result.";
    LOAD_GATE_NOT_MEASURED = "load.gate_not_measured", Inconclusive,
        "Nothing was measured for the figure of a `--fail-if`.",
        "Choose a run that has this phase; figures of the device need a device that serves `/stat`.";
    LOAD_GENERATOR_STARVED = "load.generator_starved", Inconclusive,
        "This machine was too busy to make the load, so the result says nothing about the device.",
        "End other programs, or run the load from another machine.";
    LOAD_HISTOGRAMS = "load.histograms", Bug,
        "The record of the times could not be made.",
        "Please report it.";
    LOAD_INTERRUPTED = "load.interrupted", Interrupted,
        "A signal ended the run; the result has what was measured until then.",
        "Run the command again.";
    LOAD_LOCAL_LIMIT = "load.local_limit", Inconclusive,
        "A limit of this machine decided the result, so it says nothing about the device.",
        "Raise the limit that the message names, or ask for less load.";
    LOAD_NO_SESSION = "load.no_session", Device | Peer | Finding | Environment,
        "With `--find-limit`: no session with the server was opened.",
        "Follow the hint of the message; `probe` looks at the server once.";
    LOAD_NOT_A_RESULT = "load.not_a_result", Usage,
        "A file given to `load merge` is not a result of `load`.",
        "Give documents that `load --json -o FILE` wrote, of runs that have a result.";
    LOAD_NOTHING_COMPLETED = "load.nothing_completed", Device | Peer | Finding | Environment,
        "No request or handshake of the run completed.",
        "Follow the hint of the message; `probe` looks at the server once.";
    LOAD_NOTHING_ENDED = "load.nothing_ended", Inconclusive,
        "No request or handshake ended, with success or with an error, before the run was over.",
        "Allow more time with `-z`.";
    LOAD_NOT_RECOVERED = "load.not_recovered", Finding,
        "With `--find-limit`: the device did not answer again after the load.",
        "Check that it is on, and follow its serial port with `monitor`.";
    LOAD_OTHER_MODE = "load.other_mode", Usage,
        "`load merge` was given results of different modes.",
        "Merge results of the same `--mode` only.";
    LOAD_PORT_LIMIT = "load.port_limit", Environment,
        "This machine does not have as many local ports as the connections need.",
        "Ask for fewer connections with `-c`, or widen net.ipv4.ip_local_port_range.";
    LOAD_SERIES = "load.series", Environment | Interrupted,
        "The time series of `--series` can't be written.",
        "Choose a file in a folder with enough room.";
    LOAD_START_AT = "load.start_at", Usage,
        "`--start-at` is not a time, or not one in the next 24 hours.",
        "Give a time of RFC 3339 or seconds since 1970; check the clock and the time zone of this machine.";
    LOAD_TLS = "load.tls", Usage,
        "The options for TLS contradict each other.",
        "Leave out `--suite`, `--group` or `--tls`, or choose values that fit together.";
    LOAD_UNKNOWN_NAME = "load.unknown_name", Usage,
        "A suite or group is not known to this program.",
        "Take one of the names that the message lists.";
    LOAD_UNREADABLE = "load.unreadable", Usage,
        "A file given to `load merge` can't be read.",
        "Check the path; give documents that `load --json -o FILE` wrote.";
}
