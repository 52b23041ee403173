//! Codes of what every command needs of this machine.

super::codes! {
    "What every command needs of this machine"

    RUNTIME_LOST = "runtime.lost", Bug,
        "A part of the command ended without a result.",
        "Please report it, with the lines that were printed.";
    RUNTIME_START = "runtime.start", Environment,
        "This machine has no thread, no event queue or no file descriptor left for the command.",
        "Raise the limits of this user (ulimit -u, ulimit -n), or end other programs.";
}
