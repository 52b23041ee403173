//! The firmware's sources, which are inside this binary.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use crate::os_error::in_words;
use aws_lc_rs::digest;

/// A source tree: paths relative to its root, with `/`, in ascending order, and what the files hold.
#[derive(Debug, Clone, Copy)]
pub struct Bundle {
    files: &'static [(&'static str, &'static [u8])],
}

/// A file of the bundle could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", path.display(), in_words(source))]
pub struct UnpackError {
    /// What was being made.
    pub path: PathBuf,
    /// Why it could not be.
    pub source: io::Error,
}

impl Bundle {
    /// The sources of the firmware that this binary was built with; empty in a binary built from a crate that `cargo package` alone
    /// has packed: it leaves nested workspaces out, and `scripts/package --crates` puts them in.
    pub const FIRMWARE: Self = Self { files: include!(concat!(env!("OUT_DIR"), "/firmware_sources.rs")) };

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.files.is_empty()
    }

    /// Its files: their paths relative to its root, with `/`, in ascending order, and what is in them.
    pub fn files(self) -> impl Iterator<Item = (&'static str, &'static [u8])> {
        self.files.iter().copied()
    }

    /// Identifies the sources: the SHA-256, in hex, of the list that `sha256sum` prints of the files. `build.rs` and
    /// `scripts/lib/prebuild` compute the same.
    #[must_use]
    pub fn hash(self) -> String {
        let list: String =
            self.files.iter().map(|(name, contents)| format!("{}  {name}\n", sha256(contents))).collect();
        sha256(list.as_bytes())
    }

    /// The version of a package that `Cargo.lock` of the firmware has locked.
    #[must_use]
    pub fn locked_version(self, package: &str) -> Option<&'static str> {
        let (_, lock) = self.files.iter().find(|(name, _)| *name == "Cargo.lock")?;
        locked_version(std::str::from_utf8(lock).ok()?, package)
    }

    /// The oldest Rust that builds it, for example `1.95`.
    #[must_use]
    pub fn rust_version(self) -> Option<&'static str> {
        let (_, manifest) = self.files.iter().find(|(name, _)| *name == "Cargo.toml")?;
        let mut lines = std::str::from_utf8(manifest).ok()?.lines();
        lines.find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'))
    }

    /// Writes the tree to `folder`, whole or not at all: it is made beside it and then renamed. Replaces what is there.
    ///
    /// # Errors
    /// A folder or file could not be made; `folder` is as it was, or gone.
    pub fn unpack(self, folder: &Path) -> Result<(), UnpackError> {
        let beside = folder.parent().unwrap_or(Path::new("."));
        let made = tempfile::Builder::new()
            .prefix(".unpack-")
            .tempdir_in(beside)
            .map_err(|source| UnpackError { path: beside.to_owned(), source })?;
        for (name, contents) in self.files {
            let path = made.path().join(name);
            write_with_folders(&path, contents).map_err(|source| UnpackError { path, source })?;
        }
        replace(folder, made.path()).map_err(|source| UnpackError { path: folder.to_owned(), source })
    }
}

/// The version of a package that a `Cargo.lock` has locked; the first, if there are several.
#[must_use]
pub fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let value = |line: &'a str, key: &str| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"');
    let mut lines = lock.lines().skip_while(|line| value(line, "name") != Some(package));
    lines.find_map(|line| value(line, "version"))
}

/// SHA-256 in hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    digest::digest(&digest::SHA256, bytes).as_ref().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn write_with_folders(path: &Path, contents: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, contents)
}

fn replace(folder: &Path, with: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::rename(with, folder)
}

/// Trees that are not the firmware's.
#[cfg(test)]
impl Bundle {
    pub(crate) const EMPTY: Self = Self { files: &[] };
    pub(crate) const SMALL: Self =
        Self { files: &[("Cargo.toml", b"[workspace]"), ("a/b.rs", b"fn b() {}")] };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_firmware_is_inside_without_its_build_products() {
        let names: Vec<_> = Bundle::FIRMWARE.files.iter().map(|(name, _)| *name).collect();
        for name in [
            "Cargo.toml",
            "Cargo.lock",
            "server/src/lib.rs",
            "testing/src/lib.rs",
            "boards/qemu-virt/src/main.rs",
        ] {
            assert!(names.contains(&name), "{name} in {names:?}");
        }
        assert!(names.is_sorted());
        assert!(!names.iter().any(|name| name.starts_with("target/")), "{names:?}");
    }

    #[test]
    fn the_hash_tells_names_and_contents_apart() {
        let hashes = [
            Bundle::SMALL.hash(),
            Bundle { files: &[("Cargo.toml", b"[workspace]"), ("a/b.rs", b"fn b() { }")] }.hash(),
            Bundle { files: &[("Cargo.toml", b"[workspace]"), ("a/c.rs", b"fn b() {}")] }.hash(),
            Bundle { files: &[("Cargo.toml[", b"workspace]"), ("a/b.rs", b"fn b() {}")] }.hash(),
        ];
        for (index, hash) in hashes.iter().enumerate() {
            assert_eq!(hash.len(), 64);
            assert!(!hashes[..index].contains(hash), "{hashes:?}");
        }
    }

    /// An image counts only with this hash; with another one no image would ever be used.
    #[test]
    fn the_build_script_computed_the_same_hash() {
        assert_eq!(Bundle::FIRMWARE.hash(), include_str!(concat!(env!("OUT_DIR"), "/firmware_hash")));
    }

    /// `printf '[workspace]' >Cargo.toml; mkdir a; printf 'fn b() {}' >a/b.rs; sha256sum Cargo.toml a/b.rs | sha256sum`
    #[test]
    fn the_hash_is_that_of_the_list_that_sha256sum_prints() {
        assert_eq!(Bundle::SMALL.hash(), "63b60fa482d81b31914d2ee6ac6743eb5171fc71bc087e81a66886fa4ff35a2a");
    }

    #[test]
    fn the_oldest_rust_is_that_of_the_manifest() {
        assert_eq!(Bundle::FIRMWARE.rust_version(), Some("1.95"));
        assert_eq!(Bundle::SMALL.rust_version(), None);
    }

    #[test]
    fn a_locked_version_is_that_of_the_package() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"ab\"\nversion = \"2.0.0\"\n";
        assert_eq!(locked_version(lock, "a"), Some("1.0.0"));
        assert_eq!(locked_version(lock, "ab"), Some("2.0.0"));
        assert_eq!(locked_version(lock, "b"), None);
    }

    #[test]
    fn unpacking_replaces_what_is_there_and_leaves_nothing_beside_it() {
        let cache = tempfile::tempdir().unwrap();
        let folder = cache.path().join("firmware");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("stale.rs"), "").unwrap();
        Bundle::SMALL.unpack(&folder).unwrap();
        assert_eq!(fs::read(folder.join("a/b.rs")).unwrap(), b"fn b() {}");
        assert!(!folder.join("stale.rs").exists());
        assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_unwritable_place_is_named() {
        let error = Bundle::SMALL.unpack(Path::new("/proc/nonexistent/firmware")).unwrap_err();
        assert_eq!(error.path, Path::new("/proc/nonexistent"));
    }
}
