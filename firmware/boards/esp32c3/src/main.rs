//! The firmware for the ESP32-C3 with the site of the book.
#![no_std]
#![no_main]

use esp_https_esp32c3::SitePartition;
use esp_https_server::BookAndSite;

esp_https_esp32c3::entry!(BookAndSite<SitePartition>, BookAndSite::new(esp_https_esp32c3::site()));
