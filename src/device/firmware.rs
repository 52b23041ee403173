//! Building a board's firmware, once: the ELF is kept under the hash of the sources it was made of.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    process::ExitStatus,
};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

use super::{
    bundle::{Bundle, UnpackError},
    cache::{Cache, CacheError},
    chip::{self, Chip},
    guarded::GuardedCommand,
    program,
    toolchain::{DISTRIBUTION, Toolchain, ToolchainError},
};
use crate::os_error::in_words;

/// Where the sources come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sources {
    /// The ones inside this binary.
    Bundled,
    /// A folder with the firmware's workspace; built there, cargo decides what is stale and may update its lock file.
    Folder(PathBuf),
}

/// A board that the firmware is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FirmwareBoard {
    /// QEMU's `virt` machine, which emulates [`chip::DEFAULT`]'s instruction set.
    QemuVirt,
    /// A board with this chip.
    Chip(&'static Chip),
}

impl FirmwareBoard {
    /// The Rust target that its firmware is compiled for.
    #[must_use]
    pub fn target_triple(self) -> &'static str {
        match self {
            Self::QemuVirt => chip::DEFAULT.target_triple,
            Self::Chip(chip) => chip.target_triple,
        }
    }

    /// Its folder in the sources, below `boards/`.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::QemuVirt => "qemu-virt",
            Self::Chip(chip) => chip.id,
        }
    }

    /// The manifest of the package that cargo builds, relative to the folder with the sources.
    #[must_use]
    pub fn manifest(self) -> String {
        format!("boards/{}/Cargo.toml", self.folder())
    }
}

/// What a build is doing, for a progress line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Another process builds; waiting for it.
    Waiting,
    /// Cargo starts.
    Building,
    /// Cargo says what it does, e.g. `Compiling embassy-net v0.9.1`.
    Cargo(&'a str),
}

/// A firmware that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firmware {
    /// The ELF file.
    pub elf: PathBuf,
    /// Whether cargo had to run.
    pub origin: Origin,
}

/// How a firmware came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Cargo built it, or found it fresh.
    Built,
    /// It had been built from the same sources before.
    Cached,
}

/// Why there is no firmware.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FirmwareError {
    /// An image in this binary is not what it should be.
    #[error("the prebuilt image of {board} in this binary is damaged")]
    Damaged {
        /// The board's folder in the sources.
        board: &'static str,
    },
    /// This binary carries no sources.
    #[error("this binary was built without the firmware's sources")]
    NoSources,
    /// The cache can't be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// Nothing to build with.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// Cargo could not be run.
    #[error("{}: {}", cargo.display(), in_words(source))]
    Cargo {
        /// The program.
        cargo: PathBuf,
        /// Why it could not be.
        source: io::Error,
    },
    /// Cargo failed.
    #[error("{}", program::ended("cargo", *status))]
    Build {
        /// How it ended.
        status: ExitStatus,
        /// The last lines of its output.
        said: Vec<String>,
    },
    /// Cargo succeeded and made no program.
    #[error("cargo made no program from {manifest}")]
    NoProgram {
        /// The manifest of its package, relative to the folder with the sources.
        manifest: String,
    },
}

/// The firmware made of `sources` for `board`: from the cache if it is there, else built, which takes minutes the first time.
/// Dropping the future ends the build. Looks for the toolchain on `search` (written like `$PATH`) and in `/usr`.
///
/// # Errors
/// The sources, the cache or the toolchain can't be used, or the build failed.
pub async fn obtain(
    board: FirmwareBoard,
    sources: &Sources,
    cache: &Cache,
    search: &OsStr,
    mut progress: impl FnMut(Progress<'_>),
) -> Result<Firmware, FirmwareError> {
    match sources {
        Sources::Bundled => bundled(board, Bundle::FIRMWARE, cache, search, &mut progress).await,
        Sources::Folder(folder) => {
            let toolchain = Toolchain::find(board.target_triple(), search, Path::new(DISTRIBUTION)).await?;
            let elf = cargo_build(
                board,
                &toolchain,
                folder,
                &["--target-dir".as_ref(), folder.join("target").as_ref()],
                &mut progress,
            )
            .await?;
            Ok(Firmware { elf, origin: Origin::Built })
        }
    }
}

async fn bundled(
    board: FirmwareBoard,
    bundle: Bundle,
    cache: &Cache,
    search: &OsStr,
    progress: &mut impl FnMut(Progress<'_>),
) -> Result<Firmware, FirmwareError> {
    if bundle.is_empty() {
        return Err(FirmwareError::NoSources);
    }
    let hash = bundle.hash();
    let cached = Firmware { elf: cache.elf(board.folder(), &hash), origin: Origin::Cached };
    if cached.elf.is_file() {
        return Ok(cached);
    }
    let toolchain = Toolchain::find(board.target_triple(), search, Path::new(DISTRIBUTION)).await?;
    let _lock = cache.lock(|| progress(Progress::Waiting)).await?;
    if cached.elf.is_file() {
        return Ok(cached);
    }
    let folder = cache.sources(&hash);
    // Always anew: cargo tells files of another version in the shared target folder by their time only, for it knows
    // the members of a workspace by their paths within it.
    bundle.unpack(&folder).map_err(|UnpackError { path, source }| CacheError::Unusable { path, source })?;
    let made = cargo_build(
        board,
        &toolchain,
        &folder,
        &["--locked".as_ref(), "--target-dir".as_ref(), cache.target().as_ref()],
        progress,
    )
    .await?;
    let elf = fs::read(&made).map_err(|source| CacheError::Unusable { path: made, source })?;
    cache.keep(&cached.elf, &elf)?;
    Ok(Firmware { origin: Origin::Built, ..cached })
}

/// Runs cargo in `folder`, whose `.cargo/config.toml` it finds from there only; returns the ELF.
async fn cargo_build(
    board: FirmwareBoard,
    toolchain: &Toolchain,
    folder: &Path,
    flags: &[&OsStr],
    progress: &mut impl FnMut(Progress<'_>),
) -> Result<PathBuf, FirmwareError> {
    progress(Progress::Building);
    // Not by its name: that of a firmware of the user's own is theirs to choose.
    let (cargo, manifest) = (toolchain.cargo(), board.manifest());
    let failed = |source| FirmwareError::Cargo { cargo: cargo.clone(), source };
    let mut guarded = GuardedCommand::new(&cargo, None);
    let command = guarded.command();
    command
        .args(["build", "--release", "--manifest-path", &manifest])
        .args(flags)
        .args(toolchain.arguments());
    command.args(["--message-format", "json-render-diagnostics"]);
    toolchain.prepare(command);
    command.current_dir(folder);
    let (mut child, output) = guarded.spawn().map_err(failed)?;
    let (program, said) = tokio::join!(program(output.stdout), last_lines(output.stderr, progress));
    let status = child.wait().await.map_err(failed)?;
    if !status.success() {
        return Err(FirmwareError::Build { status, said });
    }
    program.ok_or(FirmwareError::NoProgram { manifest })
}

/// The program that cargo's messages name (The Cargo Book, "External tools").
async fn program(stdout: impl AsyncRead + Unpin) -> Option<PathBuf> {
    let mut lines = BufReader::new(stdout).lines();
    let mut program = None;
    while let Ok(Some(line)) = lines.next_line().await {
        let message: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        if let Some(path) = message.get("executable").and_then(serde_json::Value::as_str) {
            program = Some(PathBuf::from(path));
        }
    }
    program
}

/// Reports each line as progress and keeps the last ones.
async fn last_lines(stderr: impl AsyncRead + Unpin, progress: &mut impl FnMut(Progress<'_>)) -> Vec<String> {
    let mut lines = BufReader::new(stderr).split(b'\n');
    let mut said = Vec::new();
    while let Ok(Some(line)) = lines.next_segment().await {
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        progress(Progress::Cargo(line.trim_start()));
        said.push(line);
        if said.len() > KEPT_LINES {
            said.remove(0);
        }
    }
    said
}

/// Enough for some errors of the compiler, which are somebody's own where the folder is.
const KEPT_LINES: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn cargos_messages_name_the_program() {
        let messages = b"{\"reason\":\"compiler-artifact\",\"executable\":null}\nnot json\n\
            {\"reason\":\"compiler-artifact\",\"executable\":\"/t/board\"}\n{\"reason\":\"build-finished\"}\n";
        assert_eq!(program(&messages[..]).await, Some(PathBuf::from("/t/board")));
        assert_eq!(program(&b"{}\n"[..]).await, None);
    }

    #[tokio::test]
    async fn only_the_last_lines_are_kept() {
        let text: String = (0..100).map(|n| format!("   Compiling crate-{n}\n")).collect();
        let mut seen = 0;
        let said = last_lines(text.as_bytes(), &mut |_| seen += 1).await;
        assert_eq!((seen, said.len()), (100, KEPT_LINES));
        assert_eq!(said[KEPT_LINES - 1], "   Compiling crate-99");
    }
}
