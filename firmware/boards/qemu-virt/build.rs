//! Links with this board's `memory.x` and riscv-rt's `link.x`. The arguments are given here and not in
//! `.cargo/config.toml`, where another working directory or an empty `RUSTFLAGS` would drop them.

use std::path::PathBuf;
use std::{env, fs};

fn main() -> std::io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(std::io::ErrorKind::NotFound)?);
    fs::copy("memory.x", out.join("memory.x"))?;
    println!("cargo::rustc-link-search={}", out.display());
    let limits = env::var("DEP_ESP_HTTPS_TLS_LIMITS_LINK_ARGS").map_err(std::io::Error::other)?;
    let arguments = format!("-Tmemory.x,-Tlink.x,{limits}");
    for argument in arguments.split(',') {
        println!("cargo::rustc-link-arg-bins={argument}");
        println!("cargo::rustc-link-arg-examples={argument}");
    }
    // A firmware of another crate gets them as `DEP_ESP_HTTPS_QEMU_VIRT_LINK_ARGS` (`links` in Cargo.toml).
    println!("cargo::metadata=link_args={arguments}");
    println!("cargo::rerun-if-changed=memory.x");
    Ok(())
}
