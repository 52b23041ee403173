//! A serial port that is read from: a trait, and the real port behind it.

use std::{
    io::{self, Read as _},
    thread::sleep,
    time::Duration,
};

use espflash::connection::{Connection, ResetAfterOperation, ResetBeforeOperation};
use serialport::{FlowControl, SerialPort as _};

use super::ports::{PortInfo, list};
pub use crate::system::OpenErrorKind;
use crate::system::serial::{NativePort, exists, why_not_open};

/// A serial port that is read from.
pub trait Link {
    /// Waits for bytes, at most for `limit`.
    fn read(&mut self, bytes: &mut [u8], limit: Duration) -> PortRead;

    /// Waits for `pause`, then tries once to open the port again after it was [`PortRead::Gone`].
    fn reopen(&mut self, pause: Duration) -> Reopened;
}

/// What came of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortRead {
    /// So many bytes, more than none.
    Bytes(usize),
    /// Nothing in that time.
    Nothing,
    /// The port is not there any more.
    Gone,
}

/// What came of opening a port again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reopened {
    /// It is there again.
    Yes,
    /// Not yet.
    NotYet,
}

/// A real port.
#[derive(Debug)]
pub struct Port {
    info: PortInfo,
    tty: Option<NativePort>,
}

/// A port could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct OpenError {
    /// Why, in one word.
    pub kind: OpenErrorKind,
    /// What the system said.
    pub source: serialport::Error,
}

/// espflash's connection over an open port, which only its lines are used of.
fn bare_connection(tty: NativePort, info: &PortInfo) -> Connection {
    let (after, before) = (ResetAfterOperation::HardReset, ResetBeforeOperation::NoReset);
    Connection::new(tty, info.as_espflash(), after, before, BAUD)
}

/// Opens a port at `baud` bits per second, 8N1, no flow control.
///
/// # Errors
/// It can't be opened; see [`OpenErrorKind`].
pub fn open(path: &str, baud: u32) -> Result<NativePort, OpenError> {
    let builder = serialport::new(path, baud).flow_control(FlowControl::None).timeout(DEFAULT_TIMEOUT);
    builder.open_native().map_err(|source| OpenError { kind: why_not_open(path, &source), source })
}

impl Port {
    /// Opens a port to listen to.
    ///
    /// # Errors
    /// It can't be opened.
    pub fn open(info: &PortInfo) -> Result<Self, OpenError> {
        Ok(Self::new(info.clone(), open(&info.path, BAUD)?))
    }

    /// Listens to a port that is open.
    #[must_use]
    pub fn new(info: PortInfo, tty: NativePort) -> Self {
        Self { info, tty: Some(tty) }
    }

    /// Restarts the board by the port's lines, as espflash does after flashing.
    ///
    /// # Errors
    /// The port has no such lines, or is gone.
    pub fn reset(&mut self) -> io::Result<()> {
        let Some(tty) = self.tty.take() else { return Err(io::ErrorKind::NotConnected.into()) };
        let mut connection = bare_connection(tty, &self.info);
        let reset = connection.reset();
        self.tty = Some(connection.into_serial());
        reset.map_err(io::Error::other)
    }
}

impl Link for Port {
    fn read(&mut self, bytes: &mut [u8], limit: Duration) -> PortRead {
        let Some(tty) = &mut self.tty else { return PortRead::Gone };
        match tty.set_timeout(limit).map_err(io::Error::from).and_then(|()| tty.read(bytes)) {
            Ok(count @ 1..) => PortRead::Bytes(count),
            Err(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::Interrupted) => {
                PortRead::Nothing
            }
            // End of file is how a port says that its device was unplugged.
            Ok(0) | Err(_) => {
                self.tty = None;
                PortRead::Gone
            }
        }
    }

    fn reopen(&mut self, pause: Duration) -> Reopened {
        sleep(pause);
        let again = find_again(&self.info);
        match open(&again.path, BAUD) {
            Ok(tty) => {
                self.info = again;
                self.tty = Some(tty);
                Reopened::Yes
            }
            Err(_) => Reopened::NotYet,
        }
    }
}

/// The same port, under the name that it has now.
pub(crate) fn find_again(was: &PortInfo) -> PortInfo {
    let elsewhere = || if exists(&was.path) { None } else { renamed(was, &list()) };
    let path = elsewhere().unwrap_or_else(|| was.path.clone());
    PortInfo { path, ..was.clone() }
}

/// Where the chip's own USB is now that had another name: its serial number is the chip's MAC address. Bridges are not
/// looked for, since all of a kind may have the same.
fn renamed(was: &PortInfo, ports: &[PortInfo]) -> Option<String> {
    was.usb.as_ref()?.serial.as_ref().filter(|_| was.is_in_the_chip())?;
    let same = |port: &&PortInfo| port.usb == was.usb;
    let mut found = ports.iter().filter(same);
    match (found.next(), found.next()) {
        (Some(one), None) => Some(one.path.clone()),
        _ => None,
    }
}

/// What the ROM, the bootloader and the firmware talk at.
pub const BAUD: u32 = 115_200;
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const SHORT: Duration = Duration::from_millis(50);

    #[test]
    fn why_a_port_can_t_be_opened_is_told_apart() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let kind_of = |path: &str| open(path, BAUD).unwrap_err().kind;
        assert_eq!(kind_of("/dev/nonexistent"), OpenErrorKind::NotFound);
        assert_eq!(kind_of(file.path().to_str().unwrap()), OpenErrorKind::NotSerial);
        assert_eq!(kind_of("/dev/null"), OpenErrorKind::NotSerial);
        let (_master, slave) = NativePort::pair().unwrap();
        let _other = open(&slave.name().unwrap(), BAUD).unwrap();
        assert_eq!(kind_of(&slave.name().unwrap()), OpenErrorKind::Busy);
    }

    #[test]
    fn a_port_is_read_until_it_is_unplugged_and_again_when_it_is_back() {
        let (mut board, slave) = NativePort::pair().unwrap();
        // The system gives the number of a pseudo-terminal that is gone to the next one, which is another test's.
        let path = "/nonexistent/port".to_owned();
        let mut port = Port::new(PortInfo { path, usb: None }, slave);
        let mut bytes = [0; 16];
        assert_eq!(port.read(&mut bytes, SHORT), PortRead::Nothing);
        board.write_all(b"hello").unwrap();
        assert_eq!(port.read(&mut bytes, SHORT), PortRead::Bytes(5));
        assert_eq!(&bytes[..5], b"hello");
        drop(board);
        assert_eq!(port.read(&mut bytes, SHORT), PortRead::Gone);
        assert_eq!(port.read(&mut bytes, SHORT), PortRead::Gone);
        assert_eq!(port.reopen(SHORT), Reopened::NotYet);
    }

    #[test]
    fn a_usb_device_is_found_under_another_name_by_its_serial_number() {
        let port = |path: &str, serial: &str| PortInfo {
            path: path.to_owned(),
            usb: Some(super::super::ports::UsbDevice {
                vendor_id: 0x303a,
                product_id: 0x1001,
                serial: Some(serial.to_owned()),
                product: None,
            }),
        };
        let was = port("/dev/ttyACM0", "A");
        let ports = [port("/dev/ttyACM1", "A"), port("/dev/ttyACM0", "B")];
        assert_eq!(renamed(&was, &ports), Some("/dev/ttyACM1".to_owned()));
        assert_eq!(renamed(&was, &ports[1..]), None);
        assert_eq!(renamed(&was, &[ports[0].clone(), ports[0].clone()]), None, "two say the same");
        let bridge = |path: &str| {
            let mut port = port(path, "0001");
            port.usb.as_mut().unwrap().vendor_id = 0x10c4;
            port
        };
        assert_eq!(
            renamed(&bridge("/dev/ttyUSB0"), &[bridge("/dev/ttyUSB1")]),
            None,
            "another board's, maybe"
        );
    }
}
