//! The device: its provisioning image, the ready line, the emulated board.

pub mod provisioning;
