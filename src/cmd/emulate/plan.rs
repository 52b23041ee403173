//! What the arguments ask for, checked against the machine before anything takes time.

use std::{
    env,
    ffi::OsString,
    fs::File,
    io::{self, Read as _},
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

use super::explain;
use crate::{
    cli::EmulateArgs,
    device::{
        emulator::SerialLog,
        firmware::Sources,
        machine::{ADDRESS, Clock},
        program,
    },
    error::Result,
};

/// What the arguments ask for.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) qemu: PathBuf,
    pub(super) firmware: FirmwareChoice,
    pub(super) port: PortChoice,
    pub(super) clock: Clock,
    pub(super) log: Option<SerialLog>,
    pub(super) log_path: Option<PathBuf>,
    pub(super) ready_timeout: Duration,
    /// `$PATH`.
    pub(super) search: OsString,
}

/// Where the firmware comes from.
#[derive(Debug)]
pub(super) enum FirmwareChoice {
    Given(PathBuf),
    Made(Sources),
}

/// Which port leads to the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PortChoice {
    This(u16),
    AnyFree,
}

impl Plan {
    pub(super) fn new(args: &EmulateArgs) -> Result<Self> {
        let search = env::var_os("PATH").unwrap_or_default();
        let port = if args.port == 0 { PortChoice::AnyFree } else { PortChoice::This(args.port) };
        let qemu = program::find(QEMU, &search).ok_or_else(|| explain::no_qemu(QEMU))?;
        let firmware = firmware(args)?;
        port.pick()?;
        let log = args.serial_log.as_deref().map(SerialLog::open).transpose().map_err(explain::log)?;
        Ok(Self {
            qemu,
            firmware,
            port,
            clock: if args.deterministic { Clock::Instructions } else { Clock::Host },
            log,
            log_path: args.serial_log.clone(),
            ready_timeout: args.ready_timeout,
            search,
        })
    }
}

impl PortChoice {
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

fn firmware(args: &EmulateArgs) -> Result<FirmwareChoice> {
    if let Some(elf) = &args.image {
        check_elf(elf)?;
        return Ok(FirmwareChoice::Given(elf.clone()));
    }
    let Some(folder) = &args.firmware_dir else { return Ok(FirmwareChoice::Made(Sources::Bundled)) };
    let absolute = folder.canonicalize().map_err(|source| explain::firmware_dir(folder, &source))?;
    if !absolute.join("boards/qemu-virt/Cargo.toml").is_file() {
        return Err(explain::firmware_dir(
            folder,
            &io::Error::other("it has no boards/qemu-virt/Cargo.toml"),
        ));
    }
    Ok(FirmwareChoice::Made(Sources::Folder(absolute)))
}

/// QEMU would load any file and run it as code, and the board would be silent.
fn check_elf(path: &Path) -> Result<()> {
    let mut header = [0; ELF_HEADER.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    match read {
        Err(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
            Err(explain::image_unreadable(path, source))
        }
        Ok(())
            if header
                .iter()
                .zip(ELF_HEADER)
                .all(|(&byte, wanted)| wanted.is_none_or(|wanted| byte == wanted)) =>
        {
            Ok(())
        }
        _ => Err(explain::image_not_elf(path)),
    }
}

const QEMU: &str = "qemu-system-riscv32";

/// System V ABI, "ELF Header": magic, 32 bits, little endian; at 18, machine 243 is RISC-V.
const ELF_HEADER: [Option<u8>; 20] = {
    let mut header = [None; 20];
    header[0] = Some(0x7f);
    header[1] = Some(b'E');
    header[2] = Some(b'L');
    header[3] = Some(b'F');
    header[4] = Some(1);
    header[5] = Some(1);
    header[18] = Some(243);
    header[19] = Some(0);
    header
};
