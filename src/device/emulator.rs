//! The emulated board while it runs: QEMU under guard, its serial lines, and how it ends.

use std::{
    collections::VecDeque,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use esp_https_provision::EMULATED_SITE_ADDRESS;
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::ChildStdout,
    task::JoinHandle,
    time::timeout,
};

use super::{
    guarded::{Guarded, GuardedCommand},
    machine::{Machine, loader},
    program,
    ready::{Line, Ready},
    serial::{
        line::{LineSplitter, SerialLine},
        log::{SerialLog, SerialLogError},
    },
};
use crate::{os_error::in_words, system::private};

/// A running emulated board. Dropping it kills QEMU; so does anything that ends this process.
#[derive(Debug)]
pub struct Emulator {
    port: u16,
    qemu: Guarded,
    serial: ChildStdout,
    splitter: LineSplitter,
    arrived: VecDeque<String>,
    recent: VecDeque<String>,
    log: Option<SerialLog>,
    stderr: JoinHandle<String>,
    /// Holds the private key, so it goes as soon as QEMU has read it.
    image: Option<TempDir>,
}

/// What goes into the board's memory besides the firmware.
#[derive(Debug, Clone, Copy)]
pub struct Image<'a> {
    /// The provisioning image.
    pub bytes: &'a [u8],
    /// Where the firmware looks for it.
    pub address: usize,
    /// The image of a site, if there is one, which the firmware looks for at [`EMULATED_SITE_ADDRESS`].
    pub site: Option<&'a [u8]>,
}

/// Why an emulated board does not run, or why it ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmulatorError {
    /// The provisioning image could not be handed over.
    #[error("{}: {}", path.display(), in_words(source))]
    Image {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The serial log could not be written.
    #[error(transparent)]
    SerialLog(#[from] SerialLogError),
    /// QEMU could not be started, read or waited for.
    #[error("{}: {}", qemu.display(), in_words(source))]
    Qemu {
        /// The program.
        qemu: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// QEMU could not listen on the port.
    #[error("port {port} is taken")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// QEMU ended.
    #[error("{}", program::ended("QEMU", *status))]
    Exited {
        /// How.
        status: ExitStatus,
        /// What it wrote to standard error: empty, or lines.
        complaint: String,
    },
    /// The firmware panicked.
    #[error("the firmware panicked: {message}")]
    Panicked {
        /// What it said.
        message: String,
    },
    /// The board printed that it can't serve.
    #[error("{reason}")]
    Fault {
        /// The board's own words.
        reason: String,
    },
    /// The board was not ready in time.
    #[error("the board was not ready after {} ms", after.as_millis())]
    NotReady {
        /// How long it was given.
        after: Duration,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Serial {
    Open,
    Closed,
}

impl Emulator {
    /// Starts the board. Must be called in a tokio runtime.
    ///
    /// # Errors
    /// The image can't be written, or QEMU can't be started; what QEMU itself objects to comes with [`Self::ready`].
    pub fn start(machine: &Machine, image: Image<'_>, log: Option<SerialLog>) -> Result<Self, EmulatorError> {
        let folder = private_folder()?;
        let file = folder.path().join("esp_secure_cert.bin");
        let mut guarded = GuardedCommand::new(&machine.qemu, Some(folder.path()));
        guarded.command().args(machine.arguments(&file, image.address));
        let site = image.site.map(|bytes| (folder.path().join("site.bin"), bytes));
        if let Some((file, _)) = &site {
            guarded.command().args(loader(file, EMULATED_SITE_ADDRESS));
        }
        let failed = |source| EmulatorError::Qemu { qemu: machine.qemu.clone(), source };
        // The guard comes first, so that it removes the key if this process is killed in between.
        let prepared = guarded.prepare().map_err(failed)?;
        for (file, bytes) in [(file, image.bytes)].into_iter().chain(site) {
            write_private(&file, bytes)
                .map_err(|source| EmulatorError::Image { path: file.clone(), source })?;
        }
        let (qemu, output) = prepared.start().map_err(failed)?;
        Ok(Self {
            port: machine.port,
            qemu,
            serial: output.stdout,
            splitter: LineSplitter::default(),
            arrived: VecDeque::new(),
            recent: VecDeque::new(),
            log,
            stderr: tokio::spawn(beginning_of(output.stderr)),
            image: Some(folder),
        })
    }

    /// Waits for the board to serve.
    ///
    /// # Errors
    /// It says that it can't, does not say in time that it does, or QEMU ends.
    pub async fn ready(&mut self, limit: Duration) -> Result<Ready, EmulatorError> {
        let ready = async {
            loop {
                match self.next().await? {
                    Line::Ready(ready) => return Ok(ready),
                    Line::Fault(fault) => return Err(EmulatorError::Fault { reason: fault.reason }),
                    _ => {}
                }
            }
        };
        let ready = timeout(limit, ready).await.unwrap_or(Err(EmulatorError::NotReady { after: limit }));
        self.image = None;
        ready
    }

    /// The next line that the board prints. Can be cancelled and called again without losing one.
    ///
    /// # Errors
    /// QEMU ended, the firmware panicked, or the log can't be written. The board is of no use any more.
    pub async fn next(&mut self) -> Result<Line, EmulatorError> {
        loop {
            if let Some(text) = self.arrived.pop_front() {
                self.remember(&text);
                match Line::parse(&text) {
                    Line::Panic(message) => return Err(self.panicked(message).await),
                    line => return Ok(line),
                }
            }
            if self.read().await? == Serial::Closed && self.arrived.is_empty() {
                return Err(self.ended().await);
            }
        }
    }

    /// The last lines that the board printed, oldest first.
    pub fn recent(&self) -> impl Iterator<Item = &str> {
        self.recent.iter().map(String::as_str)
    }

    /// The file that takes all that the board prints, if there is one.
    #[must_use]
    pub fn log_path(&self) -> Option<&Path> {
        self.log.as_ref().map(SerialLog::path)
    }

    /// Takes the log away, for another try.
    pub fn take_log(&mut self) -> Option<SerialLog> {
        self.log.take()
    }

    /// QEMU's process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.qemu.pid()
    }

    /// Switches the board off and waits until QEMU is gone.
    ///
    /// # Errors
    /// Those of killing a process.
    pub async fn stop(mut self) -> io::Result<()> {
        self.qemu.kill().await
    }

    /// Takes bytes from the serial port.
    async fn read(&mut self) -> Result<Serial, EmulatorError> {
        let mut bytes = [0; 4096];
        // A pipe that fails has ended for us.
        let count = self.serial.read(&mut bytes).await.unwrap_or(0);
        if let Some(log) = &mut self.log {
            // A log that is not whole is not claimed to be.
            log.write(&bytes[..count]).inspect_err(|_| self.log = None)?;
        }
        if count == 0 {
            self.arrived.extend(self.splitter.finish().map(SerialLine::into_plain));
            return Ok(Serial::Closed);
        }
        self.arrived.extend(self.splitter.push(&bytes[..count]).into_iter().map(SerialLine::into_plain));
        Ok(Serial::Open)
    }

    fn remember(&mut self, text: &str) {
        self.recent.push_back(text.to_owned());
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
    }

    /// The message of a Rust panic follows on lines of its own, and then QEMU ends.
    async fn panicked(&mut self, mut message: String) -> EmulatorError {
        let rest = async { while let Ok(Serial::Open) = self.read().await {} };
        // A board that hangs in its panic handler prints nothing more.
        let _ = timeout(END_WITHIN, rest).await;
        while let Some(text) = self.arrived.pop_front() {
            self.remember(&text);
            message.push(' ');
            message.push_str(text.trim());
        }
        EmulatorError::Panicked { message }
    }

    async fn ended(&mut self) -> EmulatorError {
        let status = match timeout(END_WITHIN, self.qemu.wait()).await {
            Ok(Ok(status)) => status,
            Ok(Err(source)) => return self.lost(source),
            Err(_) => return self.lost(io::Error::other("it closed its serial port and runs on")),
        };
        let complaint = (&mut self.stderr).await.unwrap_or_default();
        if complaint.contains(FORWARD_REFUSED) {
            return EmulatorError::PortTaken { port: self.port };
        }
        EmulatorError::Exited { status, complaint }
    }

    fn lost(&self, source: io::Error) -> EmulatorError {
        EmulatorError::Qemu { qemu: PathBuf::from("QEMU"), source }
    }
}

/// A new folder that others can't read.
fn private_folder() -> Result<TempDir, EmulatorError> {
    let place = std::env::temp_dir();
    private::folder("esp-https-", &place).map_err(|source| EmulatorError::Image { path: place, source })
}

/// A new file that others can't read.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    private::create(path)?.write_all(bytes)
}

/// Reads to the end, so that the writer never waits, and keeps the beginning: QEMU's first message is the cause.
async fn beginning_of(mut stderr: impl AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let mut bytes = [0; 1024];
    while let Ok(count @ 1..) = stderr.read(&mut bytes).await {
        kept.extend(bytes[..count].iter().take(KEPT_BYTES - kept.len()));
    }
    String::from_utf8_lossy(&kept).trim().to_owned()
}

/// How many lines are kept to show what led to an error.
const RECENT: usize = 12;
const KEPT_BYTES: usize = 4096;
/// How long a board that has failed may take to print why and to end.
const END_WITHIN: Duration = Duration::from_secs(1);
/// QEMU `net/slirp.c`, when it can't listen on the host's side.
const FORWARD_REFUSED: &str = "Could not set up host forwarding rule";
