//! Codes of serial ports.

super::codes! {
    "Serial ports"

    PORT_BUSY = "port.busy", Environment,
        "Another program has the port open.",
        "Close its serial monitor; `fuser PORT` names the program.";
    PORT_DENIED = "port.denied", Environment,
        "This user may not use the port.",
        "Add the user to the group of the port: `sudo usermod -aG dialout $USER` on Debian; log out and in again.";
    PORT_IN_USE = "port.in_use", Environment,
        "Another esp-https uses the port.",
        "End the other esp-https, or wait longer with `--lock-timeout`.";
    PORT_LOCK = "port.lock", Environment,
        "The file that keeps two runs from using one port at once can't be made or opened.",
        "The lock of a port is a file in /run/lock or in the folder for temporary files: set `TMPDIR` to a folder that you may write to.";
    PORT_MISSING = "port.missing", Environment,
        "The port does not exist, or not any more.",
        "Connect the board, and name a port that is there; it may have another name than before.";
    PORT_NONE = "port.none", Environment,
        "There is no serial port on USB.",
        "Connect the board by a cable that carries data, or name its port with `--port`; `emulate` needs no board.";
    PORT_NOT_SERIAL = "port.not_serial", Environment,
        "What `--port` names is not a serial port.",
        "Boards are at /dev/ttyACM0 or /dev/ttyUSB0 (Linux), /dev/cu.usbmodem.. (macOS), COM3 (Windows).";
    PORT_OTHER = "port.other", Environment,
        "The port can't be opened, for a reason that the message names.",
        "Connect the board again, and look at the log of the system.";
    PORT_REMOTE = "port.remote", Usage,
        "The port is one of another machine (rfc2217), which is not supported.",
        "Run esp-https on the machine that the board is connected to.";
    PORT_SEVERAL = "port.several", Environment,
        "There are several serial ports that a board may be at.",
        "Name one with `--port`, or flash them all: `esp-https flash --all`.";
}
