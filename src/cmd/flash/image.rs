//! `--save-image`: all of a board's flash in one file.

use std::{fs::Permissions, io::Write as _, os::unix::fs::PermissionsExt as _, path::Path};

use super::explain;
use crate::{
    cli::FlashArgs,
    device::flash::{
        job::{Scope, Supply},
        layout::{Region, merged},
    },
    error::Result,
    report::{
        Console, Note,
        flash::outcome::{Flashed, NoteCode, SavedImage, SavedRegion},
    },
};

/// Checks that the file can be made, before anything takes time.
pub(super) fn check(path: &Path, args: &FlashArgs) -> Result<()> {
    if path.is_dir() {
        return Err(explain::image_is_folder(path));
    }
    if path.symlink_metadata().is_ok() && !args.scope.force {
        return Err(explain::image_exists(path));
    }
    tempfile::Builder::new()
        .prefix(".image-")
        .tempfile_in(folder(path))
        .map(drop)
        .map_err(|source| explain::image_unwritable(path, source))
}

/// Writes the file, whole or not at all, and for its owner only: it holds the private key and the Wi-Fi password.
pub(super) fn save(
    path: &Path,
    args: &FlashArgs,
    scope: &Scope,
    supply: &Supply,
    mut flashed: Flashed,
    console: &mut Console,
) -> Result<()> {
    let (Scope::Everything(application), Supply::Same(provision)) = (scope, supply) else {
        return Err(explain::one_image_only());
    };
    let mut regions: Vec<&Region> = application.regions.iter().chain([&provision.region]).collect();
    regions.sort_by_key(|region| region.offset);
    let bytes = merged(&regions);
    write(path, args, &bytes).map_err(|source| explain::image_unwritable(path, source))?;
    let saved = |region: &&Region| SavedRegion {
        kind: region.kind,
        offset: region.offset,
        size: region.bytes().len(),
    };
    flashed.image = Some(SavedImage {
        path: path.to_owned(),
        size: bytes.len(),
        regions: regions.iter().map(saved).collect(),
        certificate: provision.certificate.clone(),
        cert_sha256: provision.fingerprint,
    });
    let text = "the file holds the private key and the Wi-Fi password: keep it secret".to_owned();
    flashed.notes.push(Note { code: NoteCode::HoldsKey, text });
    console.result(&flashed, None)
}

fn write(path: &Path, args: &FlashArgs, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".image-")
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(folder(path))?;
    file.write_all(bytes)?;
    if args.scope.force {
        file.persist(path)?
    } else {
        file.persist_noclobber(path)?
    };
    Ok(())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
