//! Which Rust toolchain can build the firmware, and how cargo must be called for it.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use tokio::{
    io::{self, AsyncReadExt as _},
    process,
};

use super::{guarded::GuardedCommand, program};

/// Where a distribution's toolchain is.
pub const DISTRIBUTION: &str = "/usr";

/// A toolchain that can build for a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    triple: &'static str,
    kind: ToolchainKind,
}

/// Where a toolchain has the target's library from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ToolchainKind {
    /// The compiler on the path has the target's `core` (rustup, or a distribution that packages it).
    Installed {
        /// The `cargo` beside it.
        cargo: PathBuf,
    },
    /// A distribution's compiler without the target, but with the sources of `core` to build it from.
    BuildStd {
        /// Its folder of programs, which goes first on the path.
        bin: PathBuf,
        /// The linker, which rustc would look for under a name that such packages do not have (`rust-lld`).
        linker: PathBuf,
    },
}

/// No toolchain can build for the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ToolchainError {
    /// There is no `cargo` and `rustc`.
    #[error("there is no Rust toolchain on the path")]
    NoRust {
        /// The target.
        triple: &'static str,
    },
    /// There is, managed by rustup, without the target.
    #[error("the Rust toolchain lacks the target {triple}")]
    NoTarget {
        /// The target.
        triple: &'static str,
    },
    /// There is, not managed by rustup, without the target, the sources of `core`, or a linker.
    #[error("the Rust toolchain lacks the target {triple}, and there is no rustup to add it")]
    NoTargetNoRustup {
        /// The target.
        triple: &'static str,
    },
}

impl Toolchain {
    /// Looks for a toolchain that builds for `triple`: the one on `search` (written like `$PATH`), else a distribution's below `prefix`
    /// (`/usr`), which may be hidden by the first. Asks `rustc`, which may take long: rustup's may download one first.
    ///
    /// # Errors
    /// There is none.
    pub async fn find(triple: &'static str, search: &OsStr, prefix: &Path) -> Result<Self, ToolchainError> {
        let found = program::find("cargo", search).zip(program::find("rustc", search));
        if let Some((cargo, rustc)) = &found
            && let Some(root) = sysroot(rustc).await
            && root.join("lib/rustlib").join(triple).join("lib").is_dir()
        {
            return Ok(Self { triple, kind: ToolchainKind::Installed { cargo: cargo.clone() } });
        }
        if let Some(kind) = build_std(prefix).await {
            return Ok(Self { triple, kind });
        }
        Err(match (found, program::find("rustup", search)) {
            (None, _) => ToolchainError::NoRust { triple },
            (Some(_), Some(_)) => ToolchainError::NoTarget { triple },
            (Some(_), None) => ToolchainError::NoTargetNoRustup { triple },
        })
    }

    /// The `cargo` to run.
    #[must_use]
    pub fn cargo(&self) -> PathBuf {
        match &self.kind {
            ToolchainKind::Installed { cargo } => cargo.clone(),
            ToolchainKind::BuildStd { bin, .. } => bin.join("cargo"),
        }
    }

    /// Arguments that `cargo build` takes besides the package.
    #[must_use]
    pub fn arguments(&self) -> Vec<&'static str> {
        let build_std = match self.kind {
            ToolchainKind::Installed { .. } => None,
            ToolchainKind::BuildStd { .. } => Some("-Zbuild-std=core,alloc"),
        };
        ["--target", self.triple].into_iter().chain(build_std).collect()
    }

    /// Sets the variables that this toolchain needs, and removes those of an outer cargo that would change the build.
    pub fn prepare(&self, command: &mut process::Command) {
        for (name, _) in env::vars_os().filter(|(name, _)| harms(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        command.env("CARGO_TERM_COLOR", "never").env("CARGO_TERM_PROGRESS_WHEN", "never");
        if let ToolchainKind::BuildStd { bin, linker } = &self.kind {
            command.env("PATH", path_with(bin)).env("RUSTC", bin.join("rustc"));
            // -Zbuild-std is unstable; the compiler is the one it was built with, so the sources fit.
            command.env("RUSTC_BOOTSTRAP", "1").env(linker_variable(self.triple), linker);
        }
    }
}

async fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let mut guarded = GuardedCommand::new(rustc, None);
    guarded.command().args(["--print", "sysroot"]);
    let (mut child, mut output) = guarded.spawn().ok()?;
    let (mut said, mut nowhere) = (Vec::new(), io::sink());
    let complaints = io::copy(&mut output.stderr, &mut nowhere);
    let (read, _) = tokio::join!(output.stdout.read_to_end(&mut said), complaints);
    let status = child.wait().await.ok()?;
    (read.is_ok() && status.success()).then(|| PathBuf::from(String::from_utf8_lossy(&said).trim_end()))
}

/// Debian's `rustc-web`, `cargo-web`, `rust-web-src` and `lld-N`: no target but the host's, and the library's sources.
async fn build_std(prefix: &Path) -> Option<ToolchainKind> {
    let bin = prefix.join("bin");
    let root = sysroot(&program::find("rustc", bin.as_os_str())?).await?;
    let library = root.join("lib/rustlib/src/rust/library");
    program::find("cargo", bin.as_os_str())?;
    let linker = linker(&bin).filter(|_| library.join("core/src/lib.rs").is_file())?;
    Some(ToolchainKind::BuildStd { bin, linker })
}

/// `ld.lld`, or the newest `ld.lld-N`: under this name it takes a GNU linker's arguments, which is what rustc gives.
fn linker(bin: &Path) -> Option<PathBuf> {
    let versioned = OLDEST_LLD..=NEWEST_LLD;
    let names = versioned.rev().map(|n| format!("ld.lld-{n}")).chain(["ld.lld".to_owned()]);
    names.into_iter().find_map(|name| program::find(&name, bin.as_os_str()))
}

/// The variable that names a target's linker (The Cargo Book, "Configuration", `target.<triple>.linker`).
fn linker_variable(triple: &str) -> String {
    format!("CARGO_TARGET_{}_LINKER", triple.to_uppercase().replace('-', "_"))
}

fn path_with(bin: &Path) -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [bin.to_owned()].into_iter().chain(env::split_paths(&path));
    env::join_paths(folders).unwrap_or(path)
}

/// Under `cargo run` or `cargo test` the variables of that cargo are set; flags or a target folder meant for the host
/// would break the firmware's build, and even an empty `RUSTFLAGS` replaces those of its `.cargo/config.toml`.
fn harms(name: &str) -> bool {
    let concerns = ["CARGO", "RUST"].iter().any(|prefix| name.starts_with(prefix));
    concerns && !KEPT.iter().any(|kept| name.starts_with(kept))
}

/// Where things are, how to reach the registry, which toolchain, and a compiler cache.
const KEPT: [&str; 9] = [
    "CARGO_HOME",
    "CARGO_HTTP_",
    "CARGO_NET_",
    "CARGO_REGISTR",
    "CARGO_SOURCE_",
    "RUSTC_WRAPPER",
    "RUSTUP_",
    "RUST_BACKTRACE",
    "RUST_LOG",
];

/// The first to link rustc's RISC-V objects without relaxation trouble.
const OLDEST_LLD: u32 = 15;
const NEWEST_LLD: u32 = 40;

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use tempfile::TempDir;

    use super::*;

    /// A folder of fake programs: `rustc` knows its sysroot, the rest only need to be there.
    fn prefix(programs: &[&str], folders: &[&str]) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("bin")).unwrap();
        for program in programs {
            let path = root.path().join("bin").join(program);
            fs::write(&path, format!("#!/bin/sh\necho '{}'\n", root.path().display())).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        for folder in folders {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        root
    }

    async fn find(on_path: &TempDir, distribution: &TempDir) -> Result<Toolchain, ToolchainError> {
        Toolchain::find(TRIPLE, on_path.path().join("bin").as_os_str(), distribution.path()).await
    }

    const TRIPLE: &str = "riscv32imc-unknown-none-elf";
    const TARGET_LIB: &str = "lib/rustlib/riscv32imc-unknown-none-elf/lib";

    #[tokio::test]
    async fn an_installed_target_is_preferred() {
        let rust = prefix(&["cargo", "rustc"], &[TARGET_LIB]);
        let cargo = rust.path().join("bin/cargo");
        assert_eq!(
            find(&rust, &debian()).await,
            Ok(Toolchain { triple: TRIPLE, kind: ToolchainKind::Installed { cargo } })
        );
    }

    #[tokio::test]
    async fn a_distribution_with_the_sources_stands_in() {
        let debian = debian();
        let bin = debian.path().join("bin");
        let linker = bin.join("ld.lld-22");
        for rust in [prefix(&["cargo", "rustc", "rustup"], &[]), prefix(&[], &[])] {
            let kind = ToolchainKind::BuildStd { bin: bin.clone(), linker: linker.clone() };
            assert_eq!(find(&rust, &debian).await, Ok(Toolchain { triple: TRIPLE, kind }));
        }
    }

    #[tokio::test]
    async fn what_is_missing_is_told_apart() {
        let nothing = prefix(&[], &[]);
        let rustup = prefix(&["cargo", "rustc", "rustup"], &[]);
        let plain = prefix(&["cargo", "rustc"], &[]);
        let no_linker = prefix(&["cargo", "rustc"], &["lib/rustlib/src/rust/library/core/src"]);
        assert_eq!(find(&nothing, &nothing).await, Err(ToolchainError::NoRust { triple: TRIPLE }));
        assert_eq!(find(&rustup, &nothing).await, Err(ToolchainError::NoTarget { triple: TRIPLE }));
        assert_eq!(find(&plain, &no_linker).await, Err(ToolchainError::NoTargetNoRustup { triple: TRIPLE }));
    }

    #[test]
    fn the_linker_s_variable_is_named_after_the_target() {
        assert_eq!(linker_variable(TRIPLE), "CARGO_TARGET_RISCV32IMC_UNKNOWN_NONE_ELF_LINKER");
    }

    #[test]
    fn the_variables_of_an_outer_cargo_stay_out() {
        for name in
            ["RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WORKSPACE_WRAPPER", "CARGO"]
        {
            assert!(harms(name), "{name}");
        }
        for name in
            ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CARGO_NET_OFFLINE", "PATH", "HTTPS_PROXY"]
        {
            assert!(!harms(name), "{name}");
        }
    }

    fn debian() -> TempDir {
        let programs = ["cargo", "rustc", "ld.lld-15", "ld.lld-22"];
        let debian = prefix(&programs, &["lib/rustlib/src/rust/library/core/src"]);
        fs::write(debian.path().join("lib/rustlib/src/rust/library/core/src/lib.rs"), "").unwrap();
        debian
    }
}
