//! How people install programs.

use crate::system::PackageManager;

/// The package manager of this machine.
pub(crate) fn manager(_exists: impl Fn(&str) -> bool) -> PackageManager {
    PackageManager::Winget
}

/// What to try where there is no QEMU. Its installer does not put it on the path.
pub(crate) const INSTALL_QEMU: &str = "install it: winget install SoftwareFreedomConservancy.QEMU\nthen put its folder on the PATH: set PATH=%PATH%;C:\\Program Files\\qemu";
/// A Rust of a distribution that builds the firmware without rustup, and that distribution: there is none.
pub(crate) const DISTRIBUTION_RUST: Option<(&str, &str)> = None;
/// How Rust is installed, with the words in front of it.
pub(crate) const INSTALL_RUST: &str =
    "install Rust (winget install Rustlang.Rustup, or rustup-init.exe of https://rustup.rs)";
