//! The device: its provisioning image, the lines it prints, the firmware's sources and how they are built, the emulated board.

pub mod board;
pub mod bundle;
pub mod emulator;
pub mod firmware;
pub mod guarded;
pub mod machine;
pub mod program;
pub mod provisioning;
pub mod ready;
pub mod toolchain;
