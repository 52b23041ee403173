//! Codes of the emulated board.

super::codes! {
    "The emulated board"

    EMULATE_FAULT = "emulate.fault", Device,
        "The emulated board says that it can't serve, and why.",
        "Read its last lines; `--serial-log` keeps all of them.";
    EMULATE_IMAGE_HANDOVER = "emulate.image_handover", Environment,
        "The certificate and the settings could not be written for QEMU to read.",
        "Free some space in the folder for temporary files, or set `TMPDIR` to another one.";
    EMULATE_INTERRUPTED = "emulate.interrupted", Interrupted,
        "A signal ended the emulated board, which is how it always ends when all is well.",
        "Nothing.";
    EMULATE_NO_COMMAND = "emulate.no_command", Environment,
        "The command after `--` is not there, or can't be started.",
        "Check its name; a command of a shell is given as `-- sh -c 'COMMAND'`.";
    EMULATE_NO_QEMU = "emulate.no_qemu", Environment,
        "QEMU is not installed, or not on the `PATH`.",
        "Install it: `apt-get install qemu-system-misc` on Debian, `brew install qemu` on macOS, `winget install SoftwareFreedomConservancy.QEMU` on Windows.";
    EMULATE_NOT_READY = "emulate.not_ready", Device,
        "The emulated board did not say in time that it serves.",
        "Allow more time with `--ready-timeout`; `--serial-log` keeps what the board prints.";
    EMULATE_OTHER_CERTIFICATE = "emulate.other_certificate", Device,
        "The emulated board serves with another certificate than it was given.",
        "Use the firmware of this esp-https: leave `--image` out.";
    EMULATE_PANICKED = "emulate.panicked", Device,
        "The firmware on the emulated board panicked.",
        "Read its last lines; `--serial-log` keeps all of them.";
    EMULATE_PORT = "emulate.port", Environment,
        "The port on this machine can't be used, for a reason that the message names.",
        "Choose another port with `--port`, or `--port 0` for any free one.";
    EMULATE_PORT_DENIED = "emulate.port_denied", Environment,
        "This user may not listen on the port.",
        "Choose a port above 1023, or `--port 0` for any free one.";
    EMULATE_PORT_TAKEN = "emulate.port_taken", Environment,
        "Another program listens on the port.",
        "Choose another port with `--port`, or `--port 0` for any free one.";
    EMULATE_QEMU = "emulate.qemu", Environment,
        "QEMU can't be started, read or waited for.",
        "Check that the QEMU on the `PATH` is a program that this user may run.";
    EMULATE_QEMU_ENDED = "emulate.qemu_ended", Environment,
        "QEMU ended by itself.",
        "Read what it printed; it must be version 7.2 or newer.";
}
