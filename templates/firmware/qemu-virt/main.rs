//! The firmware for QEMU's `virt` machine, which `esp-https emulate` runs.
#![no_std]
#![no_main]

esp_https_qemu_virt::entry!(pages::Pages, pages::Pages::default());
