//! A firmware for the emulated board whose pages misbehave, for `tests/e2e/pages.rs`.
#![no_std]
#![no_main]

mod pages;

use crate::pages::Misbehaving;

esp_https_qemu_virt::entry!(Misbehaving, Misbehaving);
