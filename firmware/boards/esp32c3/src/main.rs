//! The firmware for esp32c3.
#![no_std]
#![no_main]
