//! Flashing: what goes where in a board's flash, the chip and its bootloader, and one board from the port to READY.

pub mod chip_facts;
pub mod connect;
pub mod elf;
pub mod error;
pub mod fleet;
pub mod fleet_result;
pub mod job;
pub mod layout;
pub mod loader;
pub mod manifest;
pub mod options;
pub mod otadata;
pub mod outcome;
mod transfer;
pub mod unfinished;
