//! The firmware for qemu-virt.
#![no_std]
#![no_main]
