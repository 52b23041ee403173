//! Codes of `monitor`.

super::codes! {
    "Following a board's serial port (`monitor`)"

    MONITOR_INTERRUPTED = "monitor.interrupted", Interrupted,
        "A signal ended the command, which is how it ends when no limit is given.",
        "Nothing.";
    MONITOR_RESET = "monitor.reset", Environment,
        "The port does not have the lines that restart a board.",
        "Leave `--reset` out, and press the reset button of the board.";
    MONITOR_SILENT = "monitor.silent", Inconclusive,
        "Not one byte came from the board.",
        "Press the RESET button of the board, or restart it with `--reset`.";
}
