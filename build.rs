//! Puts the firmware's sources into the binary, so that `esp-https emulate` works from an installed binary alone.
//! Writes a table of paths and `include_bytes!`; without a `firmware` folder (a packaged crate) the table is empty.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("firmware");
    let mut files = Vec::new();
    if root.is_dir() {
        collect(&root, &mut files)?;
        watch(&root)?;
    }
    files.sort();
    let table = PathBuf::from(env::var("OUT_DIR")?).join("firmware_sources.rs");
    fs::write(table, render(&root, &files)?)?;
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if is_source_folder(&path) {
                collect(&path, files)?;
            }
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Build products, fuzzing and tests stay out: none of them decides what the firmware is.
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

fn render(root: &Path, files: &[PathBuf]) -> Result<String, Box<dyn Error>> {
    let mut table = String::from("&[\n");
    for file in files {
        let name =
            file.strip_prefix(root)?.to_str().ok_or("a firmware source has a name that is not UTF-8")?;
        writeln!(table, "    ({name:?}, include_bytes!({:?})),", file.display().to_string())?;
    }
    table.push_str("]\n");
    Ok(table)
}

const OMITTED: [&str; 4] = ["target", "fuzz", "tests", "corpus"];
