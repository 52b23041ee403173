//! Codes of what every command needs of this machine.

super::codes! {
    "What every command needs of this machine"

    RUNTIME_LOST = "runtime.lost", Bug,
        "A part of the command ended without a result.",
        "Please report this, with the lines above.";
    RUNTIME_START = "runtime.start", Environment,
        "This machine has no thread, no event queue or no file descriptor left for the command.",
        "Raise this user's limits on processes and open files (`ulimit -u`, `ulimit -n`).";
}
