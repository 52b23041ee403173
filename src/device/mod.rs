//! The device: its provisioning image, the firmware's sources and how they are built, what it says on its serial port,
//! how its flash is written, and the emulated board.

pub mod board;
pub mod board_variables;
pub mod boot_line;
pub mod bundle;
pub mod cache;
pub mod cache_files;
pub mod chip;
pub mod contents;
pub mod emulator;
pub mod firmware;
pub mod flash;
pub mod foreground;
pub mod guarded;
pub mod image;
pub mod mac;
pub mod machine;
pub mod monitored;
pub mod prebuilt;
pub mod program;
pub mod provisioning;
pub mod ready;
pub mod serial;
pub mod serial_watcher;
pub mod toolchain;
pub mod watch;
