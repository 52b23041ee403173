//! How to talk to a board's bootloader.

use espflash::connection::{ResetAfterOperation, ResetBeforeOperation};

use crate::device::chip::Chip;

/// How to talk to a bootloader. Names and meanings are espflash's.
#[derive(Debug, Clone, Copy)]
pub struct BootloaderOptions {
    /// The chip that the board must have.
    pub chip: &'static Chip,
    /// How to get the board into its bootloader; `None`: by the port's lines, if it has any.
    pub before: Option<ResetBeforeOperation>,
    /// What to do with it afterwards.
    pub after: ResetAfterOperation,
    /// Whether to run a stub in its RAM, which is faster and can do more.
    pub stub: Stub,
    /// Bits per second once connected; `None`: fast, and if that fails slow.
    pub baud: Option<u32>,
}

/// Who does the work on the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stub {
    /// espflash's stub in RAM.
    Use,
    /// The ROM alone.
    None,
}

/// Whether a port has the lines that restart a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetLines {
    /// DTR and RTS, or the chip's own USB, which understands them.
    Present,
    /// A pseudo-terminal has none.
    Absent,
}
