//! How people install programs.

use crate::system::PackageManager;

/// The package manager of this machine; `exists` tells whether there is a file.
pub(crate) fn manager(exists: impl Fn(&str) -> bool) -> PackageManager {
    match () {
        () if cfg!(target_os = "macos") => PackageManager::Brew,
        () if exists("/etc/debian_version") => PackageManager::Apt,
        () => PackageManager::Other,
    }
}

/// What to try where there is no QEMU.
pub(crate) const INSTALL_QEMU: &str = "install it: apt-get install qemu-system-misc   (Debian, Ubuntu)\n            brew install qemu                   (macOS)";
/// A Rust of a distribution that builds the firmware without rustup, and that distribution; `None` where there is none.
pub(crate) const DISTRIBUTION_RUST: Option<(&str, &str)> = if cfg!(target_os = "macos") {
    None
} else {
    Some(("apt-get install rustc-web cargo-web rust-web-src lld-22", "Debian 12"))
};
/// How Rust is installed, with the words in front of it.
pub(crate) const INSTALL_RUST: &str = "install Rust (https://rustup.rs)";

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(target_os = "macos"))]
    #[test]
    fn the_package_manager_is_told_by_the_system_s_files() {
        assert_eq!(manager(|path| path == "/etc/debian_version"), PackageManager::Apt);
        assert_eq!(manager(|_| false), PackageManager::Other);
    }
}
