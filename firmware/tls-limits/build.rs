//! Gives the boards' build scripts the linker arguments for the wrapped functions: without them Mbed TLS's own functions
//! would stay in place without a word.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch != "riscv32") {
        route(&out)?;
    }
    let script = out.join("wrapped.x");
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

/// Puts the source by which mbedtls-rs decides what reaches the chip's RSA accelerator where the tests of this crate include it.
/// The crate itself can't be built for the host without clang, cmake and ninja.
fn route(out: &Path) -> io::Result<()> {
    let cargo = env::var_os("CARGO").ok_or(io::ErrorKind::NotFound)?;
    // The flags of this build, such as those of a sanitizer, are not for the chip, of which cargo asks the compiler.
    let metadata = Command::new(cargo)
        .args(METADATA)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()?;
    let metadata = String::from_utf8_lossy(&metadata.stdout);
    let end = metadata.find(PINNED).ok_or(io::ErrorKind::NotFound)? + PINNED.len();
    let start = metadata[..end].rfind('"').ok_or(io::ErrorKind::NotFound)? + 1;
    let source = fs::read_to_string(Path::new(&metadata[start..end]).join(ROUTE))?;
    // Its first comment describes a whole file, which the tests have no place for.
    let code: Vec<_> = source.lines().filter(|line| !line.starts_with("//!")).collect();
    fs::write(out.join("exp_mod_route.rs"), code.join("\n"))?;
    // It has the lengths of this chip by a feature of its own crate.
    println!("cargo::rustc-cfg=feature=\"esp32c3\"");
    println!(
        "cargo::rustc-check-cfg=cfg(feature, values(\"esp32\", \"esp32c3\", \"esp32c5\", \"esp32c6\", \"esp32h2\"))"
    );
    Ok(())
}

/// Of the crates that the boards are built of, and no others: what is not there is downloaded.
const METADATA: [&str; 6] =
    ["metadata", "--format-version", "1", "--locked", "--filter-platform", "riscv32imc-unknown-none-elf"];

/// As `Cargo.toml` has it.
const PINNED: &str = "/mbedtls-rs-sys-0.3.1";

const ROUTE: &str = "src/hook/backend/esp/exp_mod_route.rs";

/// The functions of Mbed TLS that `src/` stands in for.
const WRAPPED: [&str; 18] = [
    "mbedtls_calloc",
    "mbedtls_mpi_exp_mod",
    "mbedtls_mpi_exp_mod_unsafe",
    "mbedtls_pk_parse_key",
    "mbedtls_ssl_config_defaults",
    "mbedtls_ssl_free",
    "mbedtls_ssl_handle_pending_alert",
    "mbedtls_ssl_handshake",
    "mbedtls_ssl_handshake_server_step",
    "mbedtls_ssl_parse_certificate",
    "mbedtls_ssl_read",
    "mbedtls_ssl_send_alert_message",
    "mbedtls_ssl_session_reset",
    "mbedtls_ssl_tls13_crypto_init",
    "mbedtls_ssl_tls13_process_certificate",
    "mbedtls_x509_crt_parse",
    "mbedtls_x509_crt_parse_der",
    "psa_export_public_key",
];
