//! Hands the linker the arguments that the board's crate asks for.

fn main() {
    let arguments = std::env::var("DEP_ESP_HTTPS_QEMU_VIRT_LINK_ARGS").unwrap_or_default();
    for argument in arguments.split(',') {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
