//! Codes of what a board prints.

super::codes! {
    "What a board prints"

    SERIAL_LOG = "serial.log", Environment | Interrupted,
        "The file of `--serial-log` can't be written any more.",
        "Make room there, or name another file with `--serial-log`.";
}
