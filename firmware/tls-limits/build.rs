//! Names the wrapped functions to the boards' build scripts: a name that is missing at the linker would leave Mbed TLS's
//! own function in place without a word.

fn main() {
    // Cargo gives it to those who depend on this crate as `DEP_ESP_HTTPS_TLS_LIMITS_WRAPPED` (`links` in Cargo.toml).
    println!("cargo::metadata=wrapped={}", WRAPPED.join(","));
    println!("cargo::rerun-if-changed=build.rs");
}

/// The functions of Mbed TLS that `src/lib.rs` stands in for.
const WRAPPED: [&str; 7] = [
    "mbedtls_mpi_exp_mod_unsafe",
    "mbedtls_ssl_config_defaults",
    "mbedtls_ssl_handle_pending_alert",
    "mbedtls_ssl_handshake",
    "mbedtls_ssl_send_alert_message",
    "mbedtls_x509_crt_parse_der",
    "psa_export_public_key",
];
