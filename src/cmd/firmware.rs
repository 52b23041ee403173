//! The firmware that a board gets: named on the command line, or built. Shared by the commands that run or flash one.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Instant,
};

use crate::{
    device::{
        board::{FirmwareOrigin, FirmwareUsed},
        bundle::Bundle,
        cache::{Cache, CacheError},
        cache_files::InUse,
        firmware::{self, FirmwareBoard, FirmwareError, Progress, Sources},
        image::{self, ImageError},
        prebuilt::{PrebuiltImage, PrebuiltImages},
        program,
        toolchain::ToolchainError,
    },
    duration::micros,
    error::{Code, Error, Fault, Result},
    os_error::in_words,
    report::{Console, Step},
    system::packages::{DISTRIBUTION_RUST, INSTALL_RUST},
};

/// Where a board's firmware comes from.
#[derive(Debug)]
pub(super) struct FirmwareChoice {
    board: FirmwareBoard,
    origin: Chosen,
}

#[derive(Debug)]
enum Chosen {
    Given(PathBuf),
    Made(Sources),
    Prebuilt(&'static PrebuiltImage),
}

/// What the command line says of the firmware.
#[derive(Debug, Clone)]
pub(super) struct FirmwareWish {
    /// `--image`.
    pub(super) image: Option<PathBuf>,
    /// `--firmware-dir`.
    pub(super) folder: Option<PathBuf>,
    /// `--build`.
    pub(super) prebuilt: UsePrebuilt,
}

/// Whether an image that is inside this esp-https is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UsePrebuilt {
    /// Where there is one.
    IfThere,
    /// Not at all: the firmware is built.
    No,
}

impl UsePrebuilt {
    /// By `--build`.
    pub(super) fn unless(build: bool) -> Self {
        if build { Self::No } else { Self::IfThere }
    }
}

impl FirmwareChoice {
    /// What is named, which must be there, or else the prebuilt image, or else the bundled sources.
    pub(super) fn new(board: FirmwareBoard, wish: &FirmwareWish) -> Result<Self> {
        let origin = match (&wish.image, &wish.folder) {
            (Some(elf), _) => {
                check_image(board, elf)?;
                Chosen::Given(elf.to_owned())
            }
            (None, Some(folder)) => Chosen::Made(Sources::Folder(sources_in(board, folder)?)),
            (None, None) => bundled(board, wish.prebuilt),
        };
        Ok(Self { board, origin })
    }

    /// The firmware; built when it must be, with the toolchain on `search` (written like `$PATH`). Its file stays in the cache
    /// as long as the second value is held.
    pub(super) async fn obtain(
        &self,
        search: &OsStr,
        console: &Console,
    ) -> Result<(FirmwareUsed, Option<InUse>)> {
        let used = self.made(search, console).await?;
        // A file that was named is not in the cache, and may be a pipe, which is opened once only.
        if used.origin == FirmwareOrigin::Given {
            return Ok((used, None));
        }
        let held = InUse::hold(&used.elf);
        if held.is_some() {
            return Ok((used, held));
        }
        // `doctor --clean` of another version has just removed it.
        let used = self.made(search, console).await?;
        let held = InUse::hold(&used.elf);
        Ok((used, held))
    }

    fn author(&self) -> Author {
        match self.origin {
            Chosen::Made(Sources::Folder(_)) => Author::User,
            _ => Author::EspHttps,
        }
    }

    async fn made(&self, search: &OsStr, console: &Console) -> Result<FirmwareUsed> {
        let since = Instant::now();
        let explained = |error| explain(self.board, self.author(), error);
        let cache = || {
            Cache::locate(|name| std::env::var_os(name).map(Into::into))
                .map_err(|error| explained(error.into()))
        };
        let mut sha256 = None;
        let (elf, origin) = match &self.origin {
            Chosen::Given(elf) => (elf.clone(), FirmwareOrigin::Given),
            Chosen::Prebuilt(image) => {
                sha256 = Some(image.sha256);
                (image.unpack(&cache()?).map_err(explained)?, FirmwareOrigin::Prebuilt)
            }
            Chosen::Made(sources) => {
                let cache = cache()?;
                let mut step = None;
                let progress = |progress: Progress<'_>| show(progress, &mut step, console);
                let made = firmware::obtain(self.board, sources, &cache, search, progress)
                    .await
                    .map_err(explained)?;
                if let Some(step) = step {
                    step.done();
                }
                (made.elf, made.origin.into())
            }
        };
        Ok(FirmwareUsed { elf, origin, build_us: micros(since.elapsed()), sha256 })
    }
}

/// Whose sources a firmware is made of, and so who can correct them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Author {
    EspHttps,
    User,
}

fn bundled(board: FirmwareBoard, prebuilt: UsePrebuilt) -> Chosen {
    let image = match prebuilt {
        UsePrebuilt::IfThere => PrebuiltImages::FIRMWARE.for_board(board, Bundle::FIRMWARE),
        UsePrebuilt::No => None,
    };
    image.map_or(Chosen::Made(Sources::Bundled), Chosen::Prebuilt)
}

fn sources_in(board: FirmwareBoard, folder: &Path) -> Result<PathBuf> {
    let absolute = folder.canonicalize().map_err(|source| no_sources(folder, &source))?;
    let manifest = board.manifest();
    if !absolute.join(&manifest).is_file() {
        return Err(no_sources(folder, &io::Error::other(format!("it has no {manifest}"))));
    }
    Ok(absolute)
}

/// Any file would be taken for code, and the board would be silent.
fn check_image(board: FirmwareBoard, path: &Path) -> Result<()> {
    let bytes = image_bytes(path).map_err(|source| image_unreadable(path, source))?;
    image::check(board, &bytes).map_err(|error| wrong_image(board, path, error))
}

/// All of an ELF file, and the first bytes of anything else, which may be a disk.
fn image_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let (mut file, mut bytes) = (File::open(path)?, Vec::new());
    file.by_ref().take(image::MAGIC.len() as u64).read_to_end(&mut bytes)?;
    if bytes == image::MAGIC {
        file.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn show(progress: Progress<'_>, step: &mut Option<Step>, console: &Console) {
    match progress {
        Progress::Waiting => {
            *step = Some(console.step("waiting for another esp-https that builds the firmware"));
        }
        Progress::Building => {
            *step = None;
            *step = Some(console.step("building the firmware, which takes minutes the first time"));
        }
        Progress::Cargo(line) => {
            if let Some(step) = step {
                step.detail(line.split(" v").next().unwrap_or(line));
            }
        }
    }
}

fn no_sources(folder: &Path, source: &io::Error) -> Error {
    let doing = format!("looking for the firmware's sources in {}", folder.display());
    Error::new(Fault::Usage, Code::FIRMWARE_FOLDER, doing, in_words(source)).advised()
}

fn image_unreadable(path: &Path, source: io::Error) -> Error {
    Error::new(Fault::Usage, Code::FIRMWARE_IMAGE, format!("reading {}", path.display()), in_words(&source))
        .advised()
        .source(source)
}

fn wrong_image(board: FirmwareBoard, path: &Path, error: ImageError) -> Error {
    let doing = format!("reading {}", path.display());
    let advice = match &error {
        ImageError::ForChip { .. } => "esp-https flash --image takes it",
        ImageError::ForEmulatedBoard => "esp-https emulate --image takes it",
        ImageError::Incomplete { .. } => "copy or build the file again",
        ImageError::NotAProgram { .. } | ImageError::NoEntry | ImageError::NoCode => {
            "name the program that the linker makes"
        }
        _ => match board {
            FirmwareBoard::QemuVirt => "name an ELF file of the esp-https firmware for QEMU's virt machine",
            FirmwareBoard::Chip(_) => "name an ELF file for the chip",
        },
    };
    Error::new(Fault::Usage, Code::FIRMWARE_IMAGE, doing, error.to_string())
        .hint(format!("{advice}; or leave --image out to use the bundled firmware"))
        .source(error)
}

fn explain(board: FirmwareBoard, author: Author, error: FirmwareError) -> Error {
    let doing = match board {
        FirmwareBoard::QemuVirt => "building the emulated board's firmware",
        _ => "building the board's firmware",
    };
    let new = |code| Error::new(Fault::Environment, code, doing, error.to_string());
    match &error {
        FirmwareError::Damaged { .. } => {
            Error::new(Fault::Bug, Code::FIRMWARE_DAMAGED, "taking the prebuilt firmware", error.to_string())
                .advised()
        }
        FirmwareError::Toolchain(missing) => new(Code::FIRMWARE_NO_TOOLCHAIN).hint(toolchain_hint(*missing)),
        FirmwareError::Build { said, status } => {
            let hint = if program::was_killed(*status) { OUT_OF_MEMORY } else { build_hint(said, author) };
            new(Code::FIRMWARE_BUILD).evidence(complaints(said)).hint(hint)
        }
        FirmwareError::Cache(CacheError::NoFolder) => {
            new(Code::FIRMWARE_CACHE).hint("set ESP_HTTPS_CACHE_DIR to a folder that you may write to")
        }
        FirmwareError::Cache(_) => new(Code::FIRMWARE_CACHE)
            .hint("free some space, or correct the folder's access rights, or set ESP_HTTPS_CACHE_DIR to another folder"),
        FirmwareError::NoSources => new(Code::FIRMWARE_NO_SOURCES)
            .advised(),
        _ => new(Code::FIRMWARE_BUILD),
    }
    .source(error)
}

fn toolchain_hint(missing: ToolchainError) -> String {
    let rustup = |triple| format!("rustup target add {triple}");
    match (missing, DISTRIBUTION_RUST) {
        (ToolchainError::NoTarget { triple }, None) => rustup(triple),
        (ToolchainError::NoTarget { triple }, Some((command, distribution))) => {
            format!("{}\n{command}   ({distribution}, without rustup)", rustup(triple))
        }
        (ToolchainError::NoTargetNoRustup { triple }, Some((command, distribution))) => {
            let rustup = rustup(triple);
            format!("{command}   ({distribution})\nor install rustup (https://rustup.rs), then: {rustup}")
        }
        (ToolchainError::NoRust { triple }, Some((command, distribution))) => {
            format!("{INSTALL_RUST}, then: {}\nor, on {distribution}: {command}", rustup(triple))
        }
        (ToolchainError::NoRust { triple } | ToolchainError::NoTargetNoRustup { triple }, None) => {
            format!("{INSTALL_RUST}, then: {}", rustup(triple))
        }
    }
}

/// From the first error on; what cargo did before that explains nothing.
fn complaints(said: &[String]) -> &[String] {
    let first = said.iter().position(|line| line.starts_with("error")).unwrap_or(0);
    said.get(first..).unwrap_or_default()
}

fn build_hint(said: &[String], author: Author) -> &'static str {
    let about = |words: &[&str]| said.iter().any(|line| words.iter().any(|word| line.contains(word)));
    // Cargo says of a path that is not there that it is "unable to update" it, too.
    if about(&["failed to read `"]) && about(&["No such file or directory"]) && author == Author::User {
        "the sources that this firmware is built on are not where its Cargo.toml says: put them back, or take those that `esp-https init firmware DIR` writes"
    } else if about(&[
        "failed to download",
        "Could not resolve",
        "failed to get",
        "Unable to update",
        "network failure",
    ]) {
        "the first build downloads the firmware's dependencies: try again with an internet connection"
    } else if about(&["No space left"]) {
        "free some space, or set ESP_HTTPS_CACHE_DIR to a folder on another disk"
    } else if about(&["requires rustc", "is not supported by the following package"]) {
        "update the toolchain: rustup update"
    } else {
        match author {
            Author::User => "correct the firmware's sources, and start this again",
            Author::EspHttps => "try again; if it happens again, please report it with these lines",
        }
    }
}

/// For a program that was killed by SIGKILL, which the kernel does when memory runs out.
pub(super) const OUT_OF_MEMORY: &str =
    "did this machine run out of memory? `dmesg | tail` says so; end other programs, and try again";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::chip;

    fn hint(error: FirmwareError) -> String {
        let error = explain(FirmwareBoard::Chip(chip::DEFAULT), Author::EspHttps, error);
        assert_eq!(error.fault.exit_code(), 4);
        error.hint.unwrap_or_default()
    }

    #[test]
    fn a_missing_toolchain_comes_with_the_command_that_installs_it() {
        let triple = chip::DEFAULT.target_triple;
        insta::assert_snapshot!(hint(ToolchainError::NoTarget { triple }.into()), @r"
        rustup target add riscv32imc-unknown-none-elf
        apt-get install rustc-web cargo-web rust-web-src lld-22   (Debian 12, without rustup)
        to check everything that the commands need: esp-https doctor
        ");
        insta::assert_snapshot!(hint(ToolchainError::NoTargetNoRustup { triple }.into()), @r"
        apt-get install rustc-web cargo-web rust-web-src lld-22   (Debian 12)
        or install rustup (https://rustup.rs), then: rustup target add riscv32imc-unknown-none-elf
        to check everything that the commands need: esp-https doctor
        ");
        insta::assert_snapshot!(hint(ToolchainError::NoRust { triple }.into()), @r"
        install Rust (https://rustup.rs), then: rustup target add riscv32imc-unknown-none-elf
        or, on Debian 12: apt-get install rustc-web cargo-web rust-web-src lld-22
        to check everything that the commands need: esp-https doctor
        ");
    }

    #[test]
    fn what_keeps_the_firmware_from_being_built_is_explained() {
        let cache = io::Error::from(io::ErrorKind::PermissionDenied);
        let errors = [
            ToolchainError::NoTarget { triple: chip::DEFAULT.target_triple }.into(),
            CacheError::Unusable { path: "/home/me/.cache/esp-https".into(), source: cache }.into(),
            FirmwareError::NoSources,
            FirmwareError::Damaged { board: "qemu-virt" },
            FirmwareError::NoProgram { manifest: "boards/esp32c3/Cargo.toml".to_owned() },
        ];
        let codes = errors.map(|error| explain(FirmwareBoard::Chip(chip::DEFAULT), Author::User, error).code);
        let expected = [
            Code::FIRMWARE_NO_TOOLCHAIN,
            Code::FIRMWARE_CACHE,
            Code::FIRMWARE_NO_SOURCES,
            Code::FIRMWARE_DAMAGED,
            Code::FIRMWARE_BUILD,
        ];
        assert_eq!(codes, expected);
    }

    #[test]
    fn a_failed_build_is_told_by_what_cargo_said() {
        for (said, advice) in [
            ("error: failed to download from `https://..`", "internet connection"),
            ("error: write failed: No space left on device (os error 28)", "free some space"),
            ("error: rustc 1.80.0 is not supported by the following packages:", "rustup update"),
            ("error[E0432]: unresolved import", "report it"),
        ] {
            assert!(build_hint(&[said.to_owned()], Author::EspHttps).contains(advice), "{said}");
        }
        let in_their_own = |said: &[&str]| {
            let said: Vec<String> = said.iter().map(|line| (*line).to_owned()).collect();
            build_hint(&said, Author::User)
        };
        assert!(in_their_own(&["error[E0432]: unresolved import"]).contains("correct"));
        let moved = [
            "error: failed to get `a`",
            "  Unable to update /b",
            "  failed to read `/b/Cargo.toml`",
            "  No such file or directory (os error 2)",
        ];
        assert!(in_their_own(&moved).contains("put them back"));
    }
}
