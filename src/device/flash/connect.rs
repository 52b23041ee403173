//! Getting a board's bootloader to answer, in the ROM or as a stub, and telling why none does.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use espflash::{
    command::Command,
    connection::{Connection, ResetBeforeOperation},
    flasher::{FlashSize, Flasher, SpiAttachParams, SpiSetParams},
    target::Chip as EspflashChip,
};
use serialport::{ClearBuffer, SerialPort as _};

use super::{
    chip_facts::Security,
    error::{FlashError, Stage, check_not_stopped},
    loader::Loader,
    options::{BootloaderOptions, ResetLines, Stub},
};
use crate::{
    device::{
        chip::Chip,
        serial::{
            line::SerialLine,
            link::{BAUD, Port, find_again, open},
            listener::{Listener, SerialInput},
            ports::PortInfo,
        },
    },
    stop::Stop,
    system::serial::NativePort,
};

/// Opens the port and gets the bootloader of the chip in `options` to answer. espflash tries for seconds and can't
/// be told to stop meanwhile. It writes no flash by then, and a connection that it still makes is given up.
///
/// # Errors
/// The port can't be opened, nobody answers, or it is another chip; or told to stop.
pub fn connect(port: &PortInfo, options: BootloaderOptions, stop: &Stop) -> Result<Loader, FlashError> {
    let baud = options.baud.unwrap_or(FAST);
    let refusal = match attempt(port, options, baud, stop)? {
        Ok(loader) => return Ok(loader),
        Err(refusal) => *refusal,
    };
    let again = match refusal.stage {
        // The chip answered at the usual speed and not at the fast one, as with a long or bad cable.
        Refused::Later if options.baud.is_none() => {
            // Held open, the port could not be opened again.
            drop(refusal);
            attempt(port, options, BAUD, stop)?
        }
        // The chip's own USB goes with the reset, and comes back with the bootloader behind it.
        Refused::AtOnce if has_gone(&refusal.connection) => {
            // Held open, the port's name would stay taken.
            drop(refusal);
            let back = wait_for(port, stop)?;
            attempt(
                &back,
                BootloaderOptions { before: Some(ResetBeforeOperation::NoReset), ..options },
                baud,
                stop,
            )?
        }
        _ => Err(Box::new(refusal)),
    };
    again.map_err(|refusal| refusal.explained(port, options.chip, stop))
}

/// Whether the port was unplugged under the connection.
fn has_gone(connection: &Connection) -> bool {
    connection.baud().is_err()
}

/// Waits for a port to be there again, maybe under another name.
fn wait_for(port: &PortInfo, stop: &Stop) -> Result<PortInfo, FlashError> {
    let since = Instant::now();
    loop {
        check_not_stopped(stop)?;
        let again = find_again(port);
        match open(&again.path, BAUD) {
            Ok(_) => return Ok(again),
            Err(error) if since.elapsed() >= BACK_WITHIN => return Err(error.into()),
            Err(_) => sleep(POLL),
        }
    }
}

fn attempt(
    port: &PortInfo,
    options: BootloaderOptions,
    baud: u32,
    stop: &Stop,
) -> Result<Result<Loader, Box<Refusal>>, FlashError> {
    check_not_stopped(stop)?;
    let mut tty = open(&port.path, BAUD)?;
    let lines = lines(&mut tty, port);
    let before = options.before.unwrap_or(match lines {
        ResetLines::Present => ResetBeforeOperation::DefaultReset,
        ResetLines::Absent => ResetBeforeOperation::NoReset,
    });
    if lines == ResetLines::Absent
        && matches!(before, ResetBeforeOperation::DefaultReset | ResetBeforeOperation::UsbReset)
    {
        return Err(FlashError::NoLines);
    }
    // A leftover from the program that ran before would pass for the bootloader's answer.
    let _ = tty.clear(ClearBuffer::All);
    let connection = Connection::new(tty, port.as_espflash(), options.after, before, BAUD);
    let connected = match options.stub {
        // The three flags are: use the stub, and neither verify nor skip, which `Loader` does itself.
        Stub::Use => {
            let chip = Some(options.chip.espflash);
            Flasher::try_connect(connection, true, false, false, chip, Some(baud))
                .map_err(|refused| Refusal::new(*refused))
        }
        Stub::None => rom(connection, port, options, baud),
    };
    Ok(connected.map(|flasher| Loader::new(flasher, port.clone(), options, lines, stop.clone())))
}

/// Connects to the ROM alone. espflash would, too, but takes only one of the two lengths in which a ROM's answer to
/// "which chip?" comes, and newer chips have no other way to be asked.
fn rom(
    mut connection: Connection,
    port: &PortInfo,
    options: BootloaderOptions,
    baud: u32,
) -> Result<Flasher, Box<Refusal>> {
    if let Err(error) = connection.begin() {
        return Err(Refusal::new((error, connection)));
    }
    let expected = options.chip.espflash;
    if let Some(security) = Security::ask(&mut connection)
        && security.chip_id != options.chip.security_info_id
    {
        return Err(Refusal::new((other_chip(security.chip_id, expected), connection)));
    }
    // It is in its bootloader and in sync: the flasher need not find out again.
    let in_sync = ResetBeforeOperation::NoResetNoSync;
    let connection =
        Connection::new(connection.into_serial(), port.as_espflash(), options.after, in_sync, BAUD);
    let flasher = Flasher::try_connect(connection, false, false, false, Some(expected), None);
    let mut flasher = flasher.map_err(|refused| Refusal::new(*refused))?;
    match attach(&mut flasher, options.chip.flash.size, baud) {
        Ok(()) => Ok(flasher),
        Err(error) => Err(Refusal::new((error, flasher.into_connection()))),
    }
}

/// The error for a chip that says that it is another one than the expected.
fn other_chip(id: u32, expected: EspflashChip) -> espflash::Error {
    match u16::try_from(id).map(EspflashChip::try_from) {
        Ok(Ok(found)) => espflash::Error::ChipMismatch(expected.to_string(), found.to_string()),
        Ok(Err(error)) => error,
        Err(_) => espflash::Error::ChipDetectError(format!("no chip has the id {id}")),
    }
}

/// What a stub does by itself: attaches the flash chip, and tells the ROM its size.
fn attach(flasher: &mut Flasher, expected: FlashSize, baud: u32) -> Result<(), espflash::Error> {
    let spi_params = SpiAttachParams::default();
    flasher.connection().command(Command::SpiAttach { spi_params })?;
    let size = flasher.flash_detect()?.unwrap_or(expected);
    flasher.set_flash_size(size);
    flasher.connection().command(Command::SpiSetParams { spi_params: SpiSetParams::default(size.size()) })?;
    if baud == BAUD { Ok(()) } else { flasher.change_baud(baud) }
}

/// A connection that failed. It is boxed, since a connection is large and errors are rare.
struct Refusal {
    stage: Refused,
    error: espflash::Error,
    connection: Connection,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// No bootloader answered.
    AtOnce,
    /// A bootloader answered, and then it stopped answering.
    Later,
    /// It is a chip that we do not flash.
    Chip,
}

impl Refusal {
    fn new((error, connection): (espflash::Error, Connection)) -> Box<Self> {
        Box::new(Self { stage: Refused::of(&error), error, connection })
    }
}

impl Refused {
    fn of(error: &espflash::Error) -> Self {
        match error {
            espflash::Error::ChipMismatch(..)
            | espflash::Error::ChipDetectError(_)
            | espflash::Error::FlashConnect => Self::Chip,
            // Its detailed causes are private to espflash; this is the text of the one that means that nobody answered.
            error if std::error::Error::source(error).is_some_and(|cause| cause.to_string() == NOBODY) => {
                Self::AtOnce
            }
            _ => Self::Later,
        }
    }
}

impl Refusal {
    fn explained(self, port: &PortInfo, chip: &Chip, stop: &Stop) -> FlashError {
        match self.error {
            // Whatever the error is, it is a consequence of being told to stop.
            _ if stop.is_given() => FlashError::Stopped,
            espflash::Error::ChipMismatch(_, found) => {
                FlashError::OtherChip { found: chip_name(&found), expected: chip.name }
            }
            espflash::Error::FlashConnect => FlashError::NoFlashChip,
            _ if self.stage == Refused::AtOnce => {
                FlashError::NoAnswer { said: lines_printed(port, self.connection, stop) }
            }
            error => FlashError::broken(Stage::Connecting, &error),
        }
    }
}

/// What a board prints that is not in its bootloader, which tells why it is not.
fn lines_printed(port: &PortInfo, connection: Connection, stop: &Stop) -> Vec<String> {
    let mut listener = Listener::new(Port::new(port.clone(), connection.into_serial()));
    let (since, mut said) = (Instant::now(), Vec::new());
    while since.elapsed() < LISTEN_FOR && said.len() < MOST_LINES && !stop.is_given() {
        match listener.next(MOMENT.min(LISTEN_FOR.saturating_sub(since.elapsed()))) {
            SerialInput::Bytes { lines, .. } => {
                let plain = lines.into_iter().map(SerialLine::into_plain);
                said.extend(plain.filter(|line| !line.trim().is_empty()));
            }
            SerialInput::PortGone => break,
            SerialInput::Nothing | SerialInput::PortBack => {}
        }
    }
    said
}

/// DTR and RTS are there if their state can be asked; on a pseudo-terminal it can't.
fn lines(tty: &mut NativePort, port: &PortInfo) -> ResetLines {
    if port.usb.is_some() || tty.read_clear_to_send().is_ok() {
        ResetLines::Present
    } else {
        ResetLines::Absent
    }
}

/// espflash calls a chip `esp32s3`, people an ESP32-S3.
fn chip_name(name: &str) -> String {
    let upper = name.to_uppercase();
    match upper.strip_prefix("ESP32") {
        Some(rest) if !rest.is_empty() && !rest.starts_with('-') => format!("ESP32-{rest}"),
        _ => upper,
    }
}

/// esptool's usual speed for these chips; every bridge on boards can do it, and the chip's own USB has none.
const FAST: u32 = 460_800;
/// How long a board that is not in its bootloader is listened to, and to how many lines.
const LISTEN_FOR: Duration = Duration::from_millis(1500);
const MOST_LINES: usize = 8;
const MOMENT: Duration = Duration::from_millis(100);
/// A USB device that restarts is listed again within two seconds.
const BACK_WITHIN: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(100);
/// espflash 4.7, `ConnectionError::ConnectionFailed`.
const NOBODY: &str = "Failed to connect to the device";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chips_are_called_as_people_call_them() {
        assert_eq!(chip_name("esp32s3"), "ESP32-S3");
        assert_eq!(chip_name("ESP32-C6"), "ESP32-C6");
        assert_eq!(chip_name("esp32"), "ESP32");
    }
}
