//! The firmware for the ESP32-C3, which `esp-https flash` puts on a board.
#![no_std]
#![no_main]

esp_https_esp32c3::entry!(pages::Pages, pages::Pages::default());
