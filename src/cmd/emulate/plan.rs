//! What the arguments ask for, checked against the machine before anything takes time.

use std::{env, ffi::OsString, net::TcpListener, path::PathBuf, time::Duration};

use super::explain;
use crate::{
    cli::EmulateArgs,
    cmd::firmware::{FirmwareChoice, FirmwareWish, UsePrebuilt},
    device::{
        firmware::FirmwareBoard,
        machine::{ADDRESS, Clock, QEMU},
        program,
        serial::log::SerialLog,
    },
    error::Result,
    site::SiteImage,
};

/// What the arguments ask for.
#[derive(Debug)]
pub(super) struct EmulatePlan {
    pub(super) qemu: PathBuf,
    pub(super) firmware: FirmwareChoice,
    pub(super) port: TcpPortChoice,
    pub(super) clock: Clock,
    pub(super) site: Option<SiteImage>,
    pub(super) log: Option<SerialLog>,
    pub(super) log_path: Option<PathBuf>,
    pub(super) ready_timeout: Duration,
    /// `$PATH`.
    pub(super) search: OsString,
}

/// Which port leads to the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TcpPortChoice {
    This(u16),
    AnyFree,
}

impl EmulatePlan {
    pub(super) fn new(args: &EmulateArgs) -> Result<Self> {
        let search = env::var_os("PATH").unwrap_or_default();
        let port = if args.port == 0 { TcpPortChoice::AnyFree } else { TcpPortChoice::This(args.port) };
        let qemu = program::find(QEMU, &search).ok_or_else(|| explain::no_qemu(QEMU))?;
        let wish = FirmwareWish {
            image: args.image.clone(),
            folder: args.firmware_dir.clone(),
            prebuilt: UsePrebuilt::unless(args.build),
        };
        let firmware = FirmwareChoice::new(FirmwareBoard::QemuVirt, &wish)?;
        port.pick()?;
        Ok(Self {
            qemu,
            firmware,
            port,
            clock: if args.deterministic { Clock::Instructions } else { Clock::Host },
            site: args.site.as_deref().map(SiteImage::pack).transpose()?,
            log: None,
            log_path: args.serial_log.as_ref().map(|file| file.0.clone()),
            ready_timeout: args.ready_timeout,
            search,
        })
    }
}

impl TcpPortChoice {
    /// A port that is free now. QEMU binds it a moment later, when it may be taken again.
    pub(super) fn pick(self) -> Result<u16> {
        let wanted = match self {
            Self::This(port) => port,
            Self::AnyFree => 0,
        };
        let bound = TcpListener::bind((ADDRESS, wanted)).and_then(|listener| listener.local_addr());
        bound.map(|address| address.port()).map_err(|source| explain::port(wanted, source))
    }
}
