//! The firmware for QEMU's `virt` machine with the site of the book.
#![no_std]
#![no_main]

use esp_https_server::BookAndSite;

esp_https_qemu_virt::entry!(BookAndSite<&'static [u8]>, BookAndSite::new(esp_https_qemu_virt::site()));
