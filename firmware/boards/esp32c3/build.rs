//! Hands the linker esp-hal's memory layout. Here and not in `.cargo/config.toml`, so that it holds wherever cargo is
//! started, and for this board only: the emulated board in the same workspace has a layout of its own.

use std::path::PathBuf;
use std::{env, fs};

fn main() -> std::io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(std::io::ErrorKind::NotFound)?);
    fs::write(out.join("least-stack.x"), LEAST_STACK)?;
    println!("cargo::rustc-link-search={}", out.display());
    let limits = env::var("DEP_ESP_HTTPS_TLS_LIMITS_LINK_ARGS").map_err(std::io::Error::other)?;
    // `src/frames.rs`: the driver gets a function of ours that counts.
    let arguments = format!("-Tlinkall.x,-Tleast-stack.x,--wrap=esp_wifi_internal_reg_rxcb,{limits}");
    for argument in arguments.split(',') {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
    // A firmware of another crate gets them as `DEP_ESP_HTTPS_ESP32C3_LINK_ARGS` (`links` in Cargo.toml).
    println!("cargo::metadata=link_args={arguments}");
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

/// esp-hal gives the main stack what static data and code in RAM leave, and everything but Wi-Fi runs on it. The
/// emulated board's peak is 9 KB, at the start; handshakes with RSA and P-256 keys, in all groups and both versions of
/// TLS, stay below. Here interrupts and the accelerators come on top. Less than 16 KiB fails the build, not the board.
const LEAST_STACK: &str =
    "ASSERT(_stack_start_cpu0 - _stack_end_cpu0 >= 16K, \"less than 16 KiB are left for the main stack\");\n";
