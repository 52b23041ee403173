//! The library behind the `esp-https` command: certificates for ESP32-C3 boards, their provisioning image, the
//! emulated board, a probe that looks at the TLS a small device speaks, and a load that finds out how much it takes.
//!
//! Imports point one way (see `docs/architecture.md`): `tls <- cert <- client <- probe, load <- cmd`, and
//! `device, load <- doctor <- cmd`, and `probe <- discover <- cmd`. `probe` and
//! `load` do not know each other; `report` sees result data only, `output` knows the files that are written, and nothing
//! imports `cmd` or `cli`.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod authority;
pub mod cert;
pub mod cli;
pub mod client;
pub mod cmd;
mod counted;
pub mod device;
pub mod discover;
pub mod doctor;
pub mod duration;
pub mod error;
pub mod hil;
pub mod interrupt;
pub mod load;
pub mod manual;
pub mod note;
pub mod os_error;
pub mod output;
pub mod probe;
pub mod report;
pub mod stop;
pub mod template;
mod text;
pub mod tls;
