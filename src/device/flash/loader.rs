//! The layer over espflash: a board's bootloader, in the ROM or as a stub, and what it does with the flash.

use espflash::{
    Error,
    command::{Command, CommandResponse, CommandResponseValue, CommandType},
    connection::{Connection, ResetAfterOperation},
    flasher::{Flasher, SpiAttachParams},
};
use md5::{Digest as _, Md5};

use super::{
    chip_facts::{ChipFacts, Security, Unflashable},
    error::{FlashError, Stage, check_not_stopped},
    layout::{Region, RegionKind},
    options::{BootloaderOptions, ResetLines, Stub},
    otadata::{ENTRY_BYTES, ENTRY_DISTANCE},
    transfer::{Request, Transfer},
};
use crate::{
    device::serial::{
        link::{BAUD, Port},
        ports::PortInfo,
    },
    stop::Stop,
};

/// A board whose bootloader answers. Once told to stop it is asked for nothing more.
pub struct Loader {
    flasher: Flasher,
    port: PortInfo,
    options: BootloaderOptions,
    lines: ResetLines,
    stop: Stop,
}

impl Loader {
    /// Takes over a connection that [`super::connect::connect`] made.
    pub(super) fn new(
        flasher: Flasher,
        port: PortInfo,
        options: BootloaderOptions,
        lines: ResetLines,
        stop: Stop,
    ) -> Self {
        Self { flasher, port, options, lines, stop }
    }

    /// Whether the port can restart the board.
    #[must_use]
    pub fn lines(&self) -> ResetLines {
        self.lines
    }

    /// Asks the chip for its MAC address, revision and size of flash.
    ///
    /// # Errors
    /// It hides them, or stops answering; or told to stop.
    pub fn identify(&mut self) -> Result<ChipFacts, FlashError> {
        if self.flasher.secure_download_mode() {
            return Err(Unflashable::SecureDownload.into());
        }
        let info = self.ask(Stage::Identifying, Flasher::device_info)?;
        let facts = ChipFacts::new(self.options.chip, &info).ok_or(Unflashable::SecureDownload)?;
        Ok(facts)
    }

    /// Checks that the chip may be flashed.
    ///
    /// # Errors
    /// It must not be; or told to stop.
    pub fn check(&mut self, chip: &ChipFacts) -> Result<(), FlashError> {
        let security = self.ask(Stage::Identifying, |flasher| Ok(Security::ask(flasher.connection())))?;
        Ok(chip.check(security)?)
    }

    /// Erases all of the flash, and calls `begins` just before. Needs the stub.
    ///
    /// # Errors
    /// The bootloader stops answering, or is the ROM; or told to stop before.
    pub fn erase(&mut self, begins: impl FnOnce()) -> Result<(), FlashError> {
        self.ask(Stage::Erasing, |flasher| {
            begins();
            flasher.erase_flash()
        })
    }

    /// Whether the flash holds the region already, by its MD5.
    ///
    /// # Errors
    /// The bootloader stops answering; or told to stop.
    pub fn holds(&mut self, region: &Region) -> Result<bool, FlashError> {
        let size = u32::try_from(region.bytes().len()).unwrap_or(u32::MAX);
        let timeout = CommandType::FlashMd5.timeout_for_size(size);
        let answer = self.ask(Stage::Comparing(region.kind), |flasher| {
            flasher.connection().with_timeout(timeout, |connection| {
                connection.write_command(Command::FlashMd5 { offset: region.offset, size })?;
                answer_to(connection, CommandType::FlashMd5)
            })
        })?;
        let digest = answer.as_ref().and_then(digest_in).ok_or_else(|| FlashError::Broken {
            stage: Stage::Comparing(region.kind),
            what: "it did not say what is in its flash (its answer is no MD5)".to_owned(),
        })?;
        Ok(digest == <[u8; 16]>::from(Md5::digest(region.bytes())))
    }

    /// The two entries of an otadata partition.
    ///
    /// # Errors
    /// The bootloader stops answering, or answers with something else; or told to stop.
    pub fn ota_entries(&mut self, region: &Region) -> Result<[[u8; ENTRY_BYTES]; 2], FlashError> {
        let stage = Stage::Comparing(region.kind);
        let stub = self.options.stub;
        let mut entry = |offset| {
            let read = self.ask(stage, |flasher| match stub {
                Stub::Use => read_by_stub(flasher.connection(), offset),
                // A stub that an earlier run left there refuses what only the ROM can.
                Stub::None => read_by_rom(flasher.connection(), offset)
                    .or_else(|_| read_by_stub(flasher.connection(), offset)),
            })?;
            read.ok_or_else(|| FlashError::Broken {
                stage,
                what: "it did not say what is in its flash (its answer has another length)".to_owned(),
            })
        };
        Ok([entry(region.offset)?, entry(region.offset.saturating_add(ENTRY_DISTANCE))?])
    }

    /// Writes the regions, in one go: the bootloader is left once, after the last.
    ///
    /// espflash's own `write_bins_to_flash` restarts the board in the same call, skips a region without saying which,
    /// and takes an MD5 in one of the ROM's two notations only; and none of its parts can be told to stop between two
    /// blocks. So the blocks are sent from here.
    ///
    /// # Errors
    /// The bootloader stops answering, or refuses; what is read back is not what was written; or told to stop.
    pub fn write(
        &mut self,
        regions: &[&Region],
        verify: Verify,
        mut event: impl FnMut(RegionKind, Write),
    ) -> Result<(), FlashError> {
        let Some(first) = regions.first() else { return Ok(()) };
        let use_stub = self.options.stub == Stub::Use;
        // It attaches the flash chip, and switches the watchdog off that the chip's own USB leaves on.
        let chip = self.options.chip.espflash;
        let mut target = chip.flash_target(SpiAttachParams::default(), use_stub, false, false);
        self.ask(Stage::Writing(first.kind), |flasher| target.begin(flasher.connection()))?;
        for region in regions {
            self.send(region, &mut event)?;
            if verify == Verify::ReadBack {
                event(region.kind, Write::Verifying);
                if !self.holds(region)? {
                    return Err(FlashError::Verify { region: region.kind });
                }
            }
            event(region.kind, Write::Finished);
        }
        // To the ROM the end of writing means to start the firmware; to the stub it does not.
        if use_stub {
            let end = Command::FlashDeflEnd { reboot: false };
            let timeout = CommandType::FlashDeflEnd.timeout();
            self.request(Stage::Restarting, Request { command: end, timeout })?;
        }
        Ok(())
    }

    /// Sends one region block by block.
    fn send(&mut self, region: &Region, event: &mut impl FnMut(RegionKind, Write)) -> Result<(), FlashError> {
        let stage = Stage::Writing(region.kind);
        let packed = Transfer::new(region, self.options.chip, self.options.stub)
            .map_err(|what| FlashError::Broken { stage, what })?;
        check_not_stopped(&self.stop)?;
        event(region.kind, Write::Done(0));
        self.request(stage, packed.begin())?;
        for (index, block) in packed.blocks().enumerate() {
            self.request(stage, block)?;
            event(region.kind, Write::Done(packed.done_after(index + 1)));
        }
        Ok(())
    }

    /// Leaves the bootloader as the options say and gives the port back, open, with what the board says from its
    /// restart on still to be read.
    ///
    /// # Errors
    /// The port is gone, or the bootloader refuses; or told to stop.
    pub fn leave(self) -> Result<Port, FlashError> {
        check_not_stopped(&self.stop)?;
        let Self { flasher, port, options, lines, .. } = self;
        let use_stub = options.stub == Stub::Use;
        let mut connection = flasher.into_connection();
        let failed = |error: Error| FlashError::broken(Stage::Restarting, &error);
        match (options.after, lines) {
            (ResetAfterOperation::HardReset, ResetLines::Present) => {
                // The board starts at this speed, and prints its first line a millisecond after the reset.
                connection.set_baud(BAUD).map_err(failed)?;
                connection.flush().map_err(failed)?;
                connection.reset().map_err(failed)?;
            }
            (ResetAfterOperation::HardReset, ResetLines::Absent) => {
                // Either can start the firmware by itself, and neither answers.
                let start = if use_stub { Command::RunUserCode } else { Command::FlashEnd { reboot: true } };
                connection.write_command(start).map_err(failed)?;
                connection.set_baud(BAUD).map_err(failed)?;
            }
            _ => {
                connection.reset_after(use_stub, options.chip.espflash).map_err(failed)?;
                connection.set_baud(BAUD).map_err(failed)?;
            }
        }
        Ok(Port::new(port, connection.into_serial()))
    }

    fn request(&mut self, stage: Stage, request: Request<'_>) -> Result<(), FlashError> {
        self.ask(stage, |flasher| {
            flasher
                .connection()
                .with_timeout(request.timeout, |connection| connection.command(request.command).map(drop))
        })
    }

    /// All that is asked of the bootloader is asked here, and nothing once told to stop.
    fn ask<T>(
        &mut self,
        stage: Stage,
        ask: impl FnOnce(&mut Flasher) -> Result<T, Error>,
    ) -> Result<T, FlashError> {
        check_not_stopped(&self.stop)?;
        ask(&mut self.flasher).map_err(|error| FlashError::broken(stage, &error))
    }
}

/// How writing a region goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// So many of its bytes are written. The first such event says that none are.
    Done(usize),
    /// All of it is written, and is being checked.
    Verifying,
    /// All is done with it.
    Finished,
}

/// Whether what was written is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verify {
    /// By the MD5 of what is in the flash.
    ReadBack,
    /// Not at all.
    No,
}

/// The next answer to `command`; late answers to earlier commands are dropped.
fn answer_to(connection: &mut Connection, command: CommandType) -> Result<Option<CommandResponse>, Error> {
    for _ in 0..STRAY_ANSWERS {
        let answer = connection.read_response_for_command(command)?;
        if answer.as_ref().is_some_and(|answer| answer.return_op == command as u8) {
            return Ok(answer);
        }
    }
    Ok(None)
}

/// An MD5 of the flash: the stub's 16 bytes, or the ROM's 32 hex digits (esptool documentation, "Serial Protocol",
/// "Verifying Uploaded Data"). espflash understands the digits only when four bytes of status follow them, and takes
/// digits for a status where two do; a whole answer of 42 bytes has a head of 8.
fn digest_in(answer: &CommandResponse) -> Option<[u8; 16]> {
    match &answer.value {
        CommandResponseValue::ValueU128(digest) if answer.status == 0 => Some(digest.to_be_bytes()),
        CommandResponseValue::Vector(whole) => {
            let digits = std::str::from_utf8(whole.get(HEAD_BYTES..HEAD_BYTES + DIGITS)?).ok()?;
            u128::from_str_radix(digits, 16).ok().map(u128::to_be_bytes)
        }
        _ => None,
    }
}

/// Reads one entry by the stub, which sends the bytes, waits for their number, and then sends their MD5 (esptool
/// documentation, "Serial Protocol", "Reading Flash"). espflash's own `read_flash` writes to a file.
fn read_by_stub(connection: &mut Connection, offset: u32) -> Result<Option<[u8; ENTRY_BYTES]>, Error> {
    connection.with_timeout(CommandType::ReadFlash.timeout(), |connection| {
        let command =
            Command::ReadFlash { offset, size: ENTRY_SIZE, block_size: ENTRY_SIZE, max_in_flight: 1 };
        connection.command(command)?;
        let entry = frame(connection)?;
        connection.write_raw(ENTRY_SIZE)?;
        let digest = frame(connection)?;
        let entry = <[u8; ENTRY_BYTES]>::try_from(entry).ok();
        Ok(entry.filter(|entry| digest == Md5::digest(entry).as_slice()))
    })
}

/// Reads one entry by the ROM, which answers with 64 bytes whatever is asked for.
fn read_by_rom(connection: &mut Connection, offset: u32) -> Result<Option<[u8; ENTRY_BYTES]>, Error> {
    let command =
        Command::ReadFlashSlow { offset, size: ENTRY_SIZE, block_size: ENTRY_SIZE, max_in_flight: 1 };
    let timeout = CommandType::ReadFlashSlow.timeout();
    let answer = connection.with_timeout(timeout, |connection| connection.command(command))?;
    let bytes: Vec<u8> = answer.try_into()?;
    Ok(bytes.first_chunk().copied())
}

/// One frame that is no answer to a command.
fn frame(connection: &mut Connection) -> Result<Vec<u8>, Error> {
    match connection.read_flash_response()?.map(|answer| answer.value) {
        Some(CommandResponseValue::Vector(bytes)) => Ok(bytes),
        _ => Ok(Vec::new()),
    }
}

const ENTRY_SIZE: u32 = 32;
const STRAY_ANSWERS: usize = 16;
const HEAD_BYTES: usize = 8;
const DIGITS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u8, value: CommandResponseValue) -> CommandResponse {
        CommandResponse { resp: 1, return_op: 0x13, return_length: 0, value, error: 0, status }
    }

    #[test]
    fn a_digest_comes_in_two_notations_and_garbage_in_none() {
        let digest = u128::from_str_radix("00112233445566778899aabbccddeeff", 16).unwrap();
        let text =
            |text: &str| answer(0, CommandResponseValue::Vector(format!("headhead{text}").into_bytes()));
        let expected = Some(digest.to_be_bytes());
        assert_eq!(digest_in(&answer(0, CommandResponseValue::ValueU128(digest))), expected);
        assert_eq!(digest_in(&answer(1, CommandResponseValue::ValueU128(digest))), None, "refused");
        assert_eq!(digest_in(&text("00112233445566778899aabbccddeeff\0\0")), expected);
        for bad in ["", "0011", "zz112233445566778899aabbccddeeff"] {
            assert_eq!(digest_in(&text(bad)), None, "{bad}");
        }
        assert_eq!(digest_in(&answer(0, CommandResponseValue::ValueU32(7))), None);
    }
}
