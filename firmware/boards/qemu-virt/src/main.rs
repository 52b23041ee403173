//! The firmware for QEMU's `virt` machine with the site of the book.
#![no_std]
#![no_main]

esp_https_qemu_virt::entry!(esp_https_server::Book, esp_https_server::Book::new());
