//! The checks, one in each file. Each has `CHECK`, which `doctor/mod.rs` lists, a function that asks the system, and one that judges
//! what the system said.

pub(super) mod cache;
pub(super) mod clock;
pub(super) mod file_descriptors;
pub(super) mod firmware;
pub(super) mod local_ports;
pub(super) mod modem_manager;
pub(super) mod old_images;
pub(super) mod pair;
pub(super) mod ports;
pub(super) mod proxy;
pub(super) mod qemu;
pub(super) mod temporary;
pub(super) mod toolchain;
pub(super) mod wifi_password;
