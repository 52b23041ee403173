//! Codes of `monitor`.

super::codes! {
    "Following a board's serial port (`monitor`)"

    MONITOR_INTERRUPTED = "monitor.interrupted", Interrupted,
        "A signal ended the command, which is how it ends when no limit is given.",
        "Nothing.";
    MONITOR_RESET = "monitor.reset", Environment,
        "The port does not have the lines that restart a board.",
        "Leave `--reset` out, and press the board's reset button.";
    MONITOR_SILENT = "monitor.silent", Inconclusive,
        "The board printed nothing.",
        "Press the board's RESET button, or restart it with `--reset`.";
}
