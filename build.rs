//! Puts the firmware's sources into the binary, so that `esp-https emulate` works from an installed binary alone, and the
//! images that `scripts/prebuild` made of these very sources, so that it needs no Rust toolchain. The files of the templates
//! that `esp-https init` writes are put into it, too.
//! Writes a table of paths and `include_bytes!` for each; without a `firmware` folder the tables are empty.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{MAIN_SEPARATOR, Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use sha2::{Digest as _, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    let crate_root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = crate_root.join("firmware");
    let mut files = Vec::new();
    if root.is_dir() {
        collect(&root, &root, &mut files)?;
        watch(&root)?;
    }
    files.sort();
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("firmware_sources.rs"), sources_table(&root, &files)?)?;
    let hash = hash(&root, &files)?;
    fs::write(out.join("firmware_hash"), &hash)?;
    let images = images(&crate_root.join("prebuilt"), &hash)?;
    fs::write(out.join("prebuilt_images.rs"), images)?;
    println!("cargo::rustc-env=ESP_HTTPS_BUILT={}", built());
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    fs::write(out.join("template_files.rs"), template_table(&crate_root.join("templates"))?)?;
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

/// The beginning of the day of the build in UTC, in seconds since 1970: no right clock is behind it. A build that is to be
/// repeated says which day it is by SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/).
fn built() -> u64 {
    let named = env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seconds: u64 = named.unwrap_or_else(now);
    seconds - seconds % (24 * 60 * 60)
}

/// The paths of the sources, relative to `root` and with `/`.
fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if is_source_folder(&path) {
                collect(root, &path, files)?;
            }
        } else {
            let name = path.strip_prefix(root)?.to_str().ok_or("a file's name is not UTF-8")?;
            // Windows separates folders by another character.
            let name = name.replace(MAIN_SEPARATOR, "/");
            files.push(name.strip_suffix(PACKED).unwrap_or(&name).to_owned());
        }
    }
    Ok(())
}

/// Build products, fuzzing and tests stay out: none of them decides what the firmware is. `firmware/testing` does not either, but
/// `init firmware` writes it. `scripts/lib/prebuild` knows the same.
fn is_source_folder(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name == ".cargo" || !(name.starts_with('.') || OMITTED.contains(&name))
}

/// Cargo scans a watched folder to its depths, so the firmware's `target` must not be below one.
fn watch(root: &Path) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path.is_file() || is_source_folder(&path) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    Ok(())
}

fn sources_table(root: &Path, files: &[String]) -> Result<String, Box<dyn Error>> {
    let mut table = String::from("&[\n");
    for name in files {
        writeln!(table, "    ({name:?}, {}),", bytes_of(&stored(root, name))?)?;
    }
    table.push_str("]\n");
    Ok(table)
}

/// Where a source is: under its own name, or as a packed crate has it.
fn stored(root: &Path, name: &str) -> PathBuf {
    let own = root.join(name);
    if own.exists() { own } else { root.join(format!("{name}{PACKED}")) }
}

/// An expression for what a file holds. By its own static the bytes are in the program once; those of a constant may be there
/// once for each place that uses it.
fn bytes_of(path: &Path) -> Result<String, Box<dyn Error>> {
    let (size, path) = (fs::metadata(path)?.len(), path.display().to_string());
    Ok(format!("{{ static BYTES: [u8; {size}] = *include_bytes!({path:?}); &BYTES }}"))
}

/// The hash of the sources; `Bundle::hash` says how it is made.
fn hash(root: &Path, files: &[String]) -> Result<String, Box<dyn Error>> {
    let mut list = String::new();
    for name in files {
        writeln!(list, "{}  {name}", hex(&fs::read(stored(root, name))?))?;
    }
    Ok(hex(list.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The images in `folder`, if they were made of the sources with this hash.
fn images(folder: &Path, sources: &str) -> Result<String, Box<dyn Error>> {
    if folder.is_dir() {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    let list = fs::read_to_string(folder.join("images")).unwrap_or_default();
    let value = |key: &str| list.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
    let made_of = value("sources").unwrap_or_default();
    let mut table = String::new();
    if made_of == sources {
        for line in list.lines().filter_map(|line| line.strip_prefix("image ")) {
            let [board, sha256, size] = line.split(' ').collect::<Vec<_>>()[..] else {
                return Err(format!("prebuilt/images has a line that is no image: {line}").into());
            };
            let packed = bytes_of(&folder.join(format!("{board}.elf.gz")))?;
            writeln!(
                table,
                "PrebuiltImage {{ board: {board:?}, sha256: {sha256:?}, size: {size}, packed: {packed} }},"
            )?;
        }
    } else if !list.is_empty() {
        println!(
            "cargo::warning=the images in prebuilt/ are not of the sources in firmware/, and are left out: scripts/prebuild"
        );
    }
    let rustc = value("rustc").unwrap_or_default();
    Ok(format!("PrebuiltImages {{ sources: {made_of:?}, rustc: {rustc:?}, images: &[{table}] }}\n"))
}

/// The files of every template, by their paths below `templates/`. What lies there beside the folders is no template's.
fn template_table(root: &Path) -> Result<String, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, &mut files)?;
        }
    }
    files.sort();
    println!("cargo::rerun-if-changed={}", root.display());
    let mut table = String::from("&[\n");
    for name in &files {
        writeln!(table, "    ({name:?}, include_str!({:?})),", root.join(name).display().to_string())?;
    }
    table.push_str("]\n");
    Ok(table)
}

/// Cargo leaves a folder with a manifest of its own out of a packed crate. `scripts/package` therefore packs the firmware's manifests
/// under names that end so.
const PACKED: &str = ".packed";
const OMITTED: [&str; 4] = ["target", "fuzz", "tests", "corpus"];
