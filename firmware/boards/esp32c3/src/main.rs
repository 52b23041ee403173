//! The firmware for the ESP32-C3 with the site of the book.
#![no_std]
#![no_main]

esp_https_esp32c3::entry!(esp_https_server::Book, esp_https_server::Book::new());
