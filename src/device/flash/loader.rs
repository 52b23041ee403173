//! The rim over espflash: a board's bootloader, in the ROM or as a stub, and what it does with the flash.

use espflash::{
    command::{Command, CommandResponse, CommandResponseValue, CommandType},
    connection::{Connection, ResetAfterOperation},
    flasher::{Flasher, SpiAttachParams},
    image_format::Segment,
    target::{Chip, ProgressCallbacks},
};
use md5::{Digest as _, Md5};

use super::{
    chip::{ChipFacts, Security, Unflashable},
    connect::{Lines, Options, Stub, broken},
    error::{FlashError, Stage},
    layout::{Region, RegionKind},
};
use crate::device::serial::{
    link::{BAUD, Port},
    ports::PortInfo,
};

/// A board whose bootloader answers.
pub struct Loader {
    flasher: Flasher,
    port: PortInfo,
    options: Options,
    lines: Lines,
}

impl Loader {
    /// Takes over a connection that [`super::connect::connect`] made.
    pub(super) fn new(flasher: Flasher, port: PortInfo, options: Options, lines: Lines) -> Self {
        Self { flasher, port, options, lines }
    }

    /// Whether the port can restart the board.
    #[must_use]
    pub fn lines(&self) -> Lines {
        self.lines
    }

    /// Asks the chip who it is.
    ///
    /// # Errors
    /// It does not say any more, or stops answering.
    pub fn identify(&mut self) -> Result<ChipFacts, FlashError> {
        if self.flasher.secure_download_mode() {
            return Err(Unflashable::SecureDownload.into());
        }
        let info = self.flasher.device_info().map_err(|error| broken(Stage::Identifying, &error))?;
        let facts = ChipFacts::new(&info).ok_or(Unflashable::SecureDownload)?;
        Ok(facts)
    }

    /// Checks that the chip may be flashed.
    ///
    /// # Errors
    /// It must not be.
    pub fn check(&mut self, chip: &ChipFacts) -> Result<(), FlashError> {
        Ok(chip.check(Security::ask(self.flasher.connection()))?)
    }

    /// Erases all of the flash. Needs the stub.
    ///
    /// # Errors
    /// The bootloader stops answering, or is the ROM.
    pub fn erase(&mut self) -> Result<(), FlashError> {
        self.flasher.erase_flash().map_err(|error| broken(Stage::Erasing, &error))
    }

    /// Whether the flash holds the region already, by its MD5.
    ///
    /// # Errors
    /// The bootloader stops answering.
    pub fn holds(&mut self, region: &Region) -> Result<bool, FlashError> {
        let size = u32::try_from(region.bytes().len()).unwrap_or(u32::MAX);
        let timeout = CommandType::FlashMd5.timeout_for_size(size);
        let asked = self.flasher.connection().with_timeout(timeout, |connection| {
            connection.write_command(Command::FlashMd5 { offset: region.offset, size })?;
            answer_to(connection, CommandType::FlashMd5)
        });
        let answer = asked.map_err(|error| broken(Stage::Comparing(region.kind), &error))?;
        let digest = answer.as_ref().and_then(digest_in).ok_or_else(|| FlashError::Broken {
            stage: Stage::Comparing(region.kind),
            what: "it did not say what is in its flash (its answer is no MD5)".to_owned(),
        })?;
        Ok(digest == <[u8; 16]>::from(Md5::digest(region.bytes())))
    }

    /// Writes the regions, in one go: the bootloader is left once, after the last.
    ///
    /// espflash's own `write_bins_to_flash` restarts the board in the same call, skips a region without saying which,
    /// and takes an MD5 in one of the ROM's two notations only; hence its parts, one by one.
    ///
    /// # Errors
    /// The bootloader stops answering, or refuses; or what is read back is not what was written.
    pub fn write(
        &mut self,
        regions: &[&Region],
        verify: Verify,
        mut event: impl FnMut(RegionKind, Write),
    ) -> Result<(), FlashError> {
        let Some(first) = regions.first() else { return Ok(()) };
        let use_stub = self.options.stub == Stub::Use;
        let mut target = Chip::Esp32c3.flash_target(SpiAttachParams::default(), use_stub, false, false);
        let begun = target.begin(self.flasher.connection());
        begun.map_err(|error| broken(Stage::Writing(first.kind), &error))?;
        for region in regions {
            event(region.kind, Write::Done(0));
            let tell = |bytes| event(region.kind, Write::Done(bytes));
            let mut progress = Progress { bytes: region.bytes().len(), chunks: 1, tell };
            let segment = Segment::new(region.offset, region.bytes());
            let written = target.write_segment(self.flasher.connection(), segment, &mut progress);
            written.map_err(|error| broken(Stage::Writing(region.kind), &error))?;
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
            let finished = target.finish(self.flasher.connection(), false);
            finished.map_err(|error| broken(Stage::Restarting, &error))?;
        }
        Ok(())
    }

    /// Leaves the bootloader as the options say and gives the port back, open, with what the board says from its
    /// restart on still to be read.
    ///
    /// # Errors
    /// The port is gone, or the bootloader refuses.
    pub fn leave(self) -> Result<Port, FlashError> {
        let Self { flasher, port, options, lines } = self;
        let use_stub = options.stub == Stub::Use;
        let mut connection = flasher.into_connection();
        let failed = |error: espflash::Error| broken(Stage::Restarting, &error);
        match (options.after, lines) {
            (ResetAfterOperation::HardReset, Lines::Present) => {
                // The board starts at this speed, and says its first words a millisecond after the reset.
                connection.set_baud(BAUD).map_err(failed)?;
                connection.flush().map_err(failed)?;
                connection.reset().map_err(failed)?;
            }
            (ResetAfterOperation::HardReset, Lines::Absent) => {
                // Either can start the firmware by itself, and neither answers.
                let start = if use_stub { Command::RunUserCode } else { Command::FlashEnd { reboot: true } };
                connection.write_command(start).map_err(failed)?;
                connection.set_baud(BAUD).map_err(failed)?;
            }
            _ => {
                connection.reset_after(use_stub, Chip::Esp32c3).map_err(failed)?;
                connection.set_baud(BAUD).map_err(failed)?;
            }
        }
        Ok(Port::new(port, connection.into_serial()))
    }
}

/// How writing a region goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// So many of its bytes are written; none at first.
    Done(usize),
    /// All of it is, and is being checked.
    Verifying,
    /// It is done with.
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

/// The next answer to `command`, whatever else is still on its way.
fn answer_to(
    connection: &mut Connection,
    command: CommandType,
) -> Result<Option<CommandResponse>, espflash::Error> {
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

/// espflash counts in chunks of what it sends, which may be compressed.
struct Progress<F> {
    bytes: usize,
    chunks: usize,
    tell: F,
}

impl<F: FnMut(usize)> ProgressCallbacks for Progress<F> {
    fn init(&mut self, _: u32, chunks: usize) {
        self.chunks = chunks.max(1);
    }

    fn update(&mut self, done: usize) {
        (self.tell)(self.bytes * done.min(self.chunks) / self.chunks);
    }

    fn verifying(&mut self) {}

    fn finish(&mut self, _: bool) {}
}

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
