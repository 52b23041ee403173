//! Gives the boards' build scripts the linker arguments for the wrapped functions: without them Mbed TLS's own functions
//! would stay in place without a word.

use std::path::PathBuf;
use std::{env, fs};

fn main() -> std::io::Result<()> {
    let script = PathBuf::from(env::var_os("OUT_DIR").ok_or(std::io::ErrorKind::NotFound)?).join("wrapped.x");
    fs::write(&script, WRAPPED.map(assertion).concat())?;
    let wraps = WRAPPED.map(|function| format!("--wrap={function}")).join(",");
    // Cargo gives it to those who depend on this crate as `DEP_ESP_HTTPS_TLS_LIMITS_LINK_ARGS` (`links` in Cargo.toml).
    println!("cargo::metadata=link_args={wraps},-T{}", script.display());
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

/// `--wrap` alone says nothing when there is no such function: nobody calls its replacement then. To the linker the
/// original has the name that the replacement calls.
fn assertion(function: &str) -> String {
    format!("ASSERT(DEFINED(__real_{function}), \"Mbed TLS has no {function}: see tls-limits/build.rs\");\n")
}

/// The functions of Mbed TLS that `src/` stands in for.
const WRAPPED: [&str; 16] = [
    "mbedtls_calloc",
    "mbedtls_mpi_exp_mod_unsafe",
    "mbedtls_pk_parse_key",
    "mbedtls_ssl_config_defaults",
    "mbedtls_ssl_free",
    "mbedtls_ssl_handle_pending_alert",
    "mbedtls_ssl_handshake",
    "mbedtls_ssl_handshake_server_step",
    "mbedtls_ssl_parse_certificate",
    "mbedtls_ssl_send_alert_message",
    "mbedtls_ssl_session_reset",
    "mbedtls_ssl_tls13_crypto_init",
    "mbedtls_ssl_tls13_process_certificate",
    "mbedtls_x509_crt_parse",
    "mbedtls_x509_crt_parse_der",
    "psa_export_public_key",
];
