//! Codes of `monitor`.

super::codes! {
    "Following a board's serial port (`monitor`)"

    MONITOR_INTERRUPTED = "monitor.interrupted", Interrupted,
        "A signal ended the command, which is how it ends when no limit is given.",
        "Nothing.";
    MONITOR_LOST = "monitor.lost", Bug,
        "A part of the command ended without a result.",
        "Please report it, with the lines that were printed.";
    MONITOR_RESET = "monitor.reset", Environment,
        "The port does not have the lines that restart a board.",
        "Leave `--reset` out, and press the reset button of the board.";
    MONITOR_RUNTIME = "monitor.runtime", Environment,
        "This machine could not provide what is needed to wait for events, such as file descriptors.",
        "Raise the limits of this machine (`ulimit -n`), or end other programs.";
    MONITOR_SILENT = "monitor.silent", Inconclusive,
        "Not one byte came from the board.",
        "Press the RESET button of the board, or restart it with `--reset`.";
}
