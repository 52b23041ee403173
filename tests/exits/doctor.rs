//! `doctor`.

use std::{fs, io::Read as _, os::unix::fs::symlink, time::Duration};

use serialport::{SerialPort as _, TTYPort};

use crate::bench::{Exits, wait_until};

#[test]
fn every_exit_of_doctor_has_a_valid_document() {
    let mut exits = Exits::of("doctor");
    let (mut board, port) = TTYPort::pair().unwrap();
    symlink(port.name().unwrap(), exits.path("port")).unwrap();
    drop(port);
    exits.program("qemu-system-riscv32", "echo QEMU emulator version 7.2.22");
    exits.ends(0, "-", "certgen");
    exits.ends(0, "-", "monitor --port port");
    exits.ends(4, "doctor.problems", "monitor probe --port absent --port port");
    exits.ends(4, "doctor.not_ready", "monitor --port absent");
    exits.ends(4, "doctor.not_ready", "flash --port rfc2217://host:1");
    exits.ends(2, "output.holds_pem", "-o prvtkey.pem");
    exits.ends(2, "output.same_file", "--port port -o port");
    exits.ends(2, "output.unwritable", "-o nowhere/x");
    exits.ends(2, "usage.command_line", "--clean --connect");
    exits.ends(2, "usage.command_line", "doctor");
    exits.ends(0, "-", "--clean");
    fs::create_dir(exits.path("cache")).unwrap();
    fs::write(exits.path("cache/esp32c3-0000000000000000.elf"), "").unwrap();
    fs::create_dir(exits.path("cache/lock")).unwrap();
    exits.ends(4, "doctor.clean", "--clean");
    board.set_timeout(Duration::from_millis(100)).unwrap();
    // Where none answers this takes seconds.
    exits.is_interrupted(130, "doctor.interrupted", "monitor --port port --connect", || {
        wait_until("the board is asked", || board.read(&mut [0]).is_ok_and(|count| count > 0));
    });
    exits.are_all_valid(13);
}
