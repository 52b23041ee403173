//! Links with this board's `memory.x` and riscv-rt's `link.x`. The arguments are given here and not in
//! `.cargo/config.toml`, where another working directory or an empty `RUSTFLAGS` would drop them.

use std::path::PathBuf;
use std::{env, fs};

fn main() -> std::io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(std::io::ErrorKind::NotFound)?);
    fs::copy("memory.x", out.join("memory.x"))?;
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg-bins=-Tmemory.x");
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    for function in WRAPPED {
        println!("cargo::rustc-link-arg-bins=--wrap={function}");
    }
    println!("cargo::rerun-if-changed=memory.x");
    Ok(())
}

/// The functions of Mbed TLS that `esp-https-tls-limits` stands in for.
const WRAPPED: [&str; 7] = [
    "mbedtls_mpi_exp_mod_unsafe",
    "mbedtls_ssl_config_defaults",
    "mbedtls_ssl_handle_pending_alert",
    "mbedtls_ssl_handshake",
    "mbedtls_ssl_send_alert_message",
    "mbedtls_x509_crt_parse_der",
    "psa_export_public_key",
];
