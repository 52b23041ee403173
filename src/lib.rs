//! The library behind the `esp-https` command: certificates for ESP32-C3 boards, their provisioning image, the
//! emulated board, and a probe that looks at the TLS a small device speaks.
//!
//! Directions (see `docs/architecture.md`): `tls <- probe <- cmd`, `device <- cmd`, `cert <- cmd`; `report` sees
//! result data only, and nothing imports `cmd` or `cli`.

pub mod cert;
pub mod cli;
pub mod cmd;
pub mod device;
pub mod error;
pub mod probe;
pub mod report;
pub mod tls;
