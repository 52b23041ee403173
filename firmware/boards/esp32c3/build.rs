//! Hands the linker esp-hal's memory layout. Here and not in `.cargo/config.toml`, so that it holds wherever cargo is
//! started, and for this board only: the emulated board in the same workspace has a layout of its own.

use std::{env, fs, path::Path};

fn main() -> std::io::Result<()> {
    if let Some(out) = env::var_os("OUT_DIR") {
        fs::write(Path::new(&out).join("least-stack.x"), LEAST_STACK)?;
        println!("cargo::rustc-link-search={}", Path::new(&out).display());
    }
    println!("cargo::rustc-link-arg-bins=-Tlinkall.x");
    println!("cargo::rustc-link-arg-bins=-Tleast-stack.x");
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

/// esp-hal gives the main stack what static data and code in RAM leave. All TLS runs on it: Mbed TLS's elliptic curves
/// and RSA take some KiB each, the network stack and the executor the rest. Too little fails the build, not the board.
const LEAST_STACK: &str = r#"
ASSERT(_stack_start_cpu0 - _stack_end_cpu0 >= 24 * 1024, "less than 24 KiB are left for the main stack");
"#;
