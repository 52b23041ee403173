//! What Mbed TLS is kept from doing on a small device. It comes prebuilt, and mbedtls-rs gives a server no say in what it
//! offers; so the linker puts the functions below in the place of Mbed TLS's own (`--wrap`, see GNU ld's manual),
//! and they call the originals.
//!
//! A board depends on this crate, names it (`use esp_https_tls_limits as _`), and passes the linker arguments that this
//! crate's build script gives it: `--wrap=` for each original, and a script by which the build fails when Mbed TLS has no
//! function of that name.
#![cfg_attr(not(test), no_std)]

#[cfg(target_arch = "riscv32")]
mod alerts;
#[cfg(target_arch = "riscv32")]
mod allocation;
#[cfg(target_arch = "riscv32")]
mod client_chain;
pub mod client_hello;
#[cfg(target_arch = "riscv32")]
mod cost;
#[cfg(target_arch = "riscv32")]
mod exp_mod;
#[cfg(target_arch = "riscv32")]
mod handshake;
#[cfg(target_arch = "riscv32")]
mod key;
pub mod key_update;
#[cfg(target_arch = "riscv32")]
mod offer;
pub mod operands;
#[cfg(target_arch = "riscv32")]
mod own_certificates;
#[cfg(target_arch = "riscv32")]
mod rekey;
pub mod rotation;
#[cfg(target_arch = "riscv32")]
mod send_buffer;
#[cfg(target_arch = "riscv32")]
pub mod tickets;

/// The function of mbedtls-rs that decides what reaches the accelerator, from its own source (`build.rs`).
#[cfg(all(test, not(target_arch = "riscv32")))]
#[expect(unreachable_pub, reason = "its own crate exports it")]
mod route {
    include!(concat!(env!("OUT_DIR"), "/exp_mod_route.rs"));
}

#[cfg(target_arch = "riscv32")]
pub use offer::serve_legacy_clients;
