//! The emulated board as QEMU's command line. Nothing here runs; `emulator` does.

use std::{
    ffi::{OsStr, OsString},
    net::Ipv4Addr,
    ops::Range,
    path::{Path, PathBuf},
};

use esp_https_provision::EMULATED_ADDRESS;
use serde::Serialize;

use crate::system::text::doubled;

/// The address that the emulated board's port is reached at.
pub const ADDRESS: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// The memory that a firmware may fill: from the start of the machine's RAM, where its processor starts, to the provisioning
/// image. `firmware/boards/qemu-virt/memory.x` has the same.
pub const FIRMWARE_MEMORY: Range<u64> = 0x8000_0000..EMULATED_ADDRESS as u64;

/// The emulator: a program on the path.
pub const QEMU: &str = "qemu-system-riscv32";
/// The oldest QEMU that boots the firmware: major and minor version.
pub const OLDEST_QEMU: (u32, u32) = (7, 2);

/// An emulated board: QEMU 7.2 or newer, its `virt` machine with the instruction set of `chip::DEFAULT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// The emulator, `qemu-system-riscv32`.
    pub qemu: PathBuf,
    /// The firmware.
    pub elf: PathBuf,
    /// The TCP port on [`ADDRESS`] that leads to the board's port 443.
    pub port: u16,
    /// What drives the board's clock.
    pub clock: Clock,
}

/// What drives the board's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// The host's time.
    Host,
    /// The instructions that the board executes, 8 ns each, and the host's time while it waits: the same work takes the
    /// same time, run after run. Without the waits (`sleep=off`) an idle board would live through hours in a second,
    /// and every timeout of a connection would be over before its client could answer.
    Instructions,
}

impl Machine {
    /// QEMU's arguments, with the provisioning image in the file `image` put at `address` in the board's memory.
    #[must_use]
    pub fn arguments(&self, image: &Path, address: usize) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = FIXED.iter().map(OsString::from).collect();
        arguments.extend(["-kernel".into(), self.elf.clone().into_os_string()]);
        arguments
            .extend(["-netdev".into(), format!("user,id=n,hostfwd=tcp:{ADDRESS}:{}-:443", self.port).into()]);
        arguments.extend(loader(image, address));
        if self.clock == Clock::Instructions {
            arguments.extend(["-icount".into(), "shift=3".into()]);
        }
        arguments
    }
}

/// QEMU's arguments that put the bytes of a file at an address in the board's memory.
#[must_use]
pub fn loader(file: &Path, address: usize) -> [OsString; 2] {
    let mut loader = OsString::from("loader,file=");
    loader.push(option_value(file.as_os_str()));
    loader.push(format!(",addr={address:#x},force-raw=on"));
    ["-device".into(), loader]
}

/// A comma ends a value in a QEMU option, and two are one (qemu(1), "-drive").
fn option_value(text: &OsStr) -> OsString {
    doubled(text, ',')
}

/// The ESP32-C3's core is an RV32IMC; its random numbers come from the host's, and nothing is drawn. A firmware that panics resets the
/// machine: QEMU ends then, so that whoever waits for the board is told.
#[rustfmt::skip]
const FIXED: [&str; 17] = [
    NO_REBOOT,
    "-machine", "virt",
    "-cpu", "rv32,a=false,f=false,d=false",
    "-bios", "none",
    "-display", "none",
    "-monitor", "none",
    "-serial", "stdio",
    "-device", "virtio-net-device,netdev=n",
    "-device", "virtio-rng-device",
];

/// The argument with which QEMU ends where the machine would be reset.
pub const NO_REBOOT: &str = "-no-reboot";

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(clock: Clock) -> Machine {
        Machine { qemu: "qemu-system-riscv32".into(), elf: "/c/board.elf".into(), port: 8443, clock }
    }

    fn line(clock: Clock, image: &str) -> String {
        machine(clock).arguments(Path::new(image), 0x8700_0000).join(OsStr::new(" ")).into_string().unwrap()
    }

    #[test]
    fn the_board_is_reached_on_loopback_only() {
        insta::assert_snapshot!(line(Clock::Host, "/t/image").replace(" -", "\n-"), @r"
        -no-reboot
        -machine virt
        -cpu rv32,a=false,f=false,d=false
        -bios none
        -display none
        -monitor none
        -serial stdio
        -device virtio-net-device,netdev=n
        -device virtio-rng-device
        -kernel /c/board.elf
        -netdev user,id=n,hostfwd=tcp:127.0.0.1:8443-:443
        -device loader,file=/t/image,addr=0x87000000,force-raw=on
        ");
    }

    #[test]
    fn the_linker_gives_the_firmware_the_same_memory() {
        let size = (FIRMWARE_MEMORY.end - FIRMWARE_MEMORY.start) >> 20;
        let expected = format!("RAM : ORIGIN = {:#x}, LENGTH = {size}M", FIRMWARE_MEMORY.start);
        let script = include_str!("../../firmware/boards/qemu-virt/memory.x");
        assert!(script.contains(&expected), "{expected}");
    }

    #[test]
    fn an_instruction_takes_8_ns_when_they_are_counted() {
        assert!(line(Clock::Instructions, "/t/image").ends_with(" -icount shift=3"));
    }

    #[test]
    fn a_comma_in_the_image_path_starts_no_option() {
        assert!(line(Clock::Host, "/t,addr=0/image").contains("file=/t,,addr=0/image,addr=0x87000000"));
    }
}
