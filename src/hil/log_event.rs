//! What a board's serial log says that matters to a step.

use serde::{Deserialize, Serialize};

/// Something that a board printed, or that its port did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEvent {
    /// From the start of the run, in microseconds.
    pub at_us: u64,
    /// What it is.
    pub kind: LogEventKind,
    /// Whose doing it is.
    pub blame: Blame,
    /// The board's own words, or what the port did.
    pub text: String,
}

/// What an event of the serial log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogEventKind {
    /// The board serves.
    Ready,
    /// The board started; the text has the cause that the ROM gives.
    Reset,
    /// The firmware, the bootloader or the ROM panicked.
    Panic,
    /// The board says that it can't serve.
    Fault,
    /// The least free heap fell to a new value; the text has it.
    HeapLow,
    /// The port vanished.
    PortGone,
    /// The port came back.
    PortBack,
}

/// Whose doing an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// Nobody's: it belongs to the step, or is no fault.
    None,
    /// The lab's: supply, USB, Wi-Fi.
    Lab,
    /// The firmware's.
    Firmware,
}
