//! What can go wrong with one board between its port and READY.

use std::time::Duration;

use super::{chip_facts::Unflashable, layout::RegionKind};
use crate::device::{
    mac::Mac,
    serial::{link::OpenError, lock::LockError, log::SerialLogError},
    watch::StartFailure,
};
use crate::stop::Stop;

/// What went wrong with one board.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FlashError {
    /// Another run has the port.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The port can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The board was to be restarted by lines that its port does not have.
    #[error("the port does not have the lines DTR and RTS, which bring a board into its bootloader")]
    NoLines,
    /// No bootloader answers.
    #[error("no bootloader answered")]
    NoAnswer {
        /// What the board said instead, oldest line first.
        said: Vec<String>,
    },
    /// It is another chip.
    #[error("it is an {found}, not an {expected}")]
    OtherChip {
        /// What it is.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Its flash chip does not answer.
    #[error("its flash chip does not answer")]
    NoFlashChip,
    /// It must not be flashed.
    #[error(transparent)]
    Unflashable(#[from] Unflashable),
    /// It is not the expected board.
    #[error("its MAC address is {found}, expected {expected}")]
    OtherBoard {
        /// Its MAC address.
        found: Mac,
        /// The one of `--expect-mac`.
        expected: Mac,
    },
    /// Its partition table is not ours.
    #[error("its partition table is not that of the esp-https firmware")]
    OtherTable,
    /// The bootloader stopped answering, or refused, in the middle.
    #[error("{what}")]
    Broken {
        /// What was being done.
        stage: Stage,
        /// What espflash says.
        what: String,
    },
    /// What was read back is not what was written.
    #[error("the {} that was read back is not what was written", region.name())]
    Verify {
        /// Which region.
        region: RegionKind,
    },
    /// The board was written and does not serve.
    #[error("the board does not serve")]
    NotServing {
        /// Why.
        trouble: StartFailure,
        /// How long it was waited for.
        waited: Duration,
        /// Its last lines, oldest first.
        said: Vec<String>,
    },
    /// It serves, with another certificate than it was given.
    #[error("it reports that its certificate has the SHA-256 {found}")]
    OtherCertificate {
        /// What it says, 64 hex digits.
        found: String,
    },
    /// A signal came, and nothing more was begun. The events say what had been done by then.
    #[error("it was stopped")]
    Stopped,
    /// What the board says can't be saved.
    #[error(transparent)]
    SerialLog(#[from] SerialLogError),
}

impl FlashError {
    /// What espflash says went wrong; the cause says more than the error.
    pub(super) fn broken(stage: Stage, error: &espflash::Error) -> Self {
        let cause = std::error::Error::source(error).map(ToString::to_string);
        Self::Broken { stage, what: cause.unwrap_or_else(|| error.to_string()) }
    }
}

/// An error once told to stop: nothing more is begun then.
pub(super) fn check_not_stopped(stop: &Stop) -> Result<(), FlashError> {
    if stop.is_given() { Err(FlashError::Stopped) } else { Ok(()) }
}

/// What was being done with a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Getting its bootloader to answer.
    Connecting,
    /// Asking which chip it is.
    Identifying,
    /// Erasing all of its flash.
    Erasing,
    /// Asking for the MD5 of a region.
    Comparing(RegionKind),
    /// Writing a region.
    Writing(RegionKind),
    /// Ending the bootloader's work and restarting the board.
    Restarting,
}
