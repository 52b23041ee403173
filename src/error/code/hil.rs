//! Codes of `hil`.

super::codes! {
    "Running a scenario (`hil`)"

    HIL_BASELINE = "hil.baseline", Usage,
        "The file of `--baseline` can't be read, or is no result of an older run that this one can be compared with.",
        "Give the hil.json of an older run of the same scenario on the same kind of target.";
    HIL_BOARD_RESTARTED = "hil.board_restarted", Finding,
        "The board panicked, restarted by itself or reported a fault during a step.",
        "Look at the events of the step and at its serial.log.";
    HIL_BUG = "hil.bug", Bug,
        "A step ended with a bug of esp-https.",
        "Please report it, with the document of the step.";
    HIL_COULD_NOT_TELL = "hil.could_not_tell", Inconclusive,
        "A step could not tell whether the firmware is right, and none found that it is wrong.",
        "Look at the error of the step; run the scenario again when the machine is idle.";
    HIL_HEAP_LOSS = "hil.heap_loss", Finding,
        "After the rounds of a soak, the board has less free heap than its `max-heap-loss` permits.",
        "Look for what the firmware does not free; more rounds show whether it goes on.";
    HIL_INTERRUPTED = "hil.interrupted", Interrupted,
        "A signal ended the run; the result has the steps up to then.",
        "Run the scenario again.";
    HIL_LAB = "hil.lab", Environment,
        "The lab is at fault: a port, a cable, a supply, the Wi-Fi network, or this machine. The result says nothing about the firmware.",
        "Look at the error of the step; hooks in the scenario's table `[lab]` can power-cycle a board and try again.";
    HIL_LINE = "hil.line", Finding,
        "A line that must come did not come, or a line came that must not.",
        "Look at the serial.log of the run.";
    HIL_NO_PAIR = "hil.no_pair", Usage,
        "There is no certificate to flash.",
        "Add a step `certgen = {}` before it, or name a certificate and its key with `cert` and `key`.";
    HIL_NO_RESULT = "hil.no_result", Environment,
        "The command of a step ended without a result.",
        "Look at what it printed; the kernel may have killed it for want of memory.";
    HIL_NOT_COMPARED = "hil.not_compared", Inconclusive,
        "No figure is both in this run and in the one of `--baseline`.",
        "Look at the result's `not_compared`, and give the hil.json of a run whose steps have passed.";
    HIL_NOT_CONNECTED = "hil.not_connected", Environment,
        "The board with the MAC address of the target, or of the manifest, is not connected.",
        "Connect it; a board behind a USB bridge has to be named by its port.";
    HIL_NOT_READY = "hil.not_ready", Device,
        "The board did not report in time that it serves.",
        "Look at the serial.log of the run, and allow more time with `within`.";
    HIL_OUT = "hil.out", Usage | Environment,
        "The folder of the run can't be written, or has files in it that no run wrote.",
        "Name another folder with `--out`, or free some space where it is.";
    HIL_REGRESSION = "hil.regression", Finding,
        "The firmware is at fault: a check or a gate failed, it panicked, or it broke the protocol.",
        "Look at the error of the step, and at its events.";
    HIL_RUN_FAILED = "hil.run_failed", Finding | Inconclusive | Environment,
        "A command of the scenario failed; its exit code decides whose fault that is.",
        "Look at its output, a file in the folder of the run.";
    HIL_SCENARIO = "hil.scenario", Usage,
        "The scenario can't be read, is wrong, or asks for something that can't be done.",
        "Correct the lines that the message names; `esp-https hil check` finds all of them at once.";
    HIL_TARGET = "hil.target", Usage,
        "The scenario has no target of this name, and it is no address.",
        "Take one of the targets that the message lists, or an address.";
    HIL_TIMEOUT = "hil.timeout", Inconclusive,
        "A step did not end within its `timeout`, or within the time of the whole run.",
        "Look at what it printed; raise `timeout` or `max-time` in the scenario.";
    HIL_TOLERANCE = "hil.tolerance", Usage,
        "A value of `--tolerance` is no percentage, or is for no figure that is compared.",
        "Give a percentage from 0 to 1000 for all figures, such as `20%`, or for one, such as `heap=5%`.";
    HIL_UNFINISHED = "hil.unfinished", Inconclusive,
        "The run has not ended: this document was written after one of its steps.",
        "If the run has been killed, the result has the steps up to then.";
    HIL_UNREACHABLE = "hil.unreachable", Device,
        "Nothing accepted a connection at the address of the target.",
        "Check that it is on, and that this machine reaches it.";
    HIL_WORSE = "hil.worse", Finding,
        "A figure is worse than in the run of `--baseline` by more than the tolerance.",
        "If the change is intended, keep this run's hil.json as the baseline.";
}
