//! The firmware on real QEMU, from `certgen` to a served page, seen by clients that are not ours.
//!
//! The first test to need the firmware builds it, in minutes; the others wait for it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod alerts;
mod audit;
mod board;
mod board_clock;
mod certificate_cases;
mod certificates;
mod command;
mod fairness;
mod key_update;
mod legacy;
mod load;
mod long_keys;
mod memory;
mod own_ca;
mod own_firmware;
mod pages;
mod resumption;
mod serving;
mod site;
