//! `esp-https flash` and `monitor` against PyPI's mock of the chip's ROM bootloader, Espressif's tools, and scripts of
//! what a board says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod asked;
mod failures;
mod hil;
mod hil_boards;
mod identity;
mod image;
mod layouts;
mod lines;
mod logs;
mod monitor;
mod reset;
mod serving;
mod site;
mod stopping;
mod workspace;
mod writing;
