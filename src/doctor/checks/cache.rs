//! The folder that keeps the firmware between runs.

use std::{
    io,
    path::{Path, PathBuf},
    time::Instant,
};

use super::firmware::{FirmwareSource, of_chip, of_emulator};
use crate::{
    device::{bundle::Bundle, cache::Cache, cache_files::CacheNames, prebuilt::PrebuiltImages},
    doctor::{
        check::{Finding, Registered, Remedy, Verb, blocking},
        facts::{Facts, FolderFacts},
        surroundings::{free_bytes, in_mb, path_of},
    },
    os_error::in_words,
};

pub(in crate::doctor) const CHECK: Registered = Registered {
    id: "cache",
    title: "cache folder",
    needed_by: &[Verb::Flash, Verb::Emulate],
    look: |surroundings| blocking(move || vec![look(surroundings.until)]),
};

/// What the system says of the cache folder.
struct Seen {
    path: PathBuf,
    used_bytes: Option<u64>,
    free_bytes: Option<u64>,
    /// Why nothing can be written there.
    refusal: Option<io::Error>,
}

fn look(until: Instant) -> Finding {
    let Ok(cache) = Cache::locate(path_of) else { return nowhere() };
    let path = cache.root().to_owned();
    let used = cache.files(&CacheNames::of_this_binary(), until);
    let seen = Seen {
        // Sizes that could not be added up in time are worth nothing.
        used_bytes: used
            .ok()
            .filter(|_| Instant::now() < until)
            .map(|files| files.iter().map(|file| file.bytes).sum()),
        free_bytes: free_bytes(&path),
        refusal: write_in(&path).err(),
        path,
    };
    judge(&seen, needed(of_chip(), of_emulator()))
}

/// Tries to make a file in the folder, or where it would be made, and leaves nothing behind.
pub(super) fn write_in(folder: &Path) -> io::Result<()> {
    match folder.ancestors().find(|folder| folder.symlink_metadata().is_ok()) {
        Some(there) => tempfile::tempfile_in(there).map(drop),
        None => Err(io::ErrorKind::NotFound.into()),
    }
}

/// How much a command may write there.
fn needed(chip: FirmwareSource, emulator: FirmwareSource) -> u64 {
    match FirmwareSource::builders(chip, emulator).is_empty() {
        false => BUILD_BYTES,
        true => PrebuiltImages::FIRMWARE.of(Bundle::FIRMWARE).iter().map(|image| image.size as u64).sum(),
    }
}

fn judge(seen: &Seen, needed: u64) -> Finding {
    let Seen { path, used_bytes, free_bytes, refusal } = seen;
    let facts = FolderFacts { path: path.clone(), used_bytes: *used_bytes, free_bytes: *free_bytes };
    let at = path.display();
    let free = free_bytes.map_or(String::new(), |bytes| format!(", {} free", in_mb(bytes)));
    let finding = match (refusal, free_bytes) {
        (Some(error), _) => {
            Finding::problem(format!("{at} can't be written to: {}", in_words(error))).remedy(elsewhere())
        }
        (None, Some(free)) if *free < needed => {
            let what = format!("{at}: only {} are free, and {} are needed", in_mb(*free), in_mb(needed));
            Finding::problem(what).remedy(elsewhere())
        }
        _ => {
            let used = used_bytes.map_or(String::new(), |bytes| format!(", {} used", in_mb(bytes)));
            Finding::ok(format!("{at}{used}{free}"))
        }
    };
    finding.facts(Facts::Folder(facts))
}

fn nowhere() -> Finding {
    Finding::problem("neither HOME nor ESP_HTTPS_CACHE_DIR is set").remedy(elsewhere())
}

fn elsewhere() -> Remedy {
    Remedy::run("export ESP_HTTPS_CACHE_DIR=/var/tmp/esp-https")
        .and("or another folder with room that you may write to")
}

/// The firmware of both boards, built: 747 MB (most of it in `target`, the rest images and sources), and some room.
const BUILD_BYTES: u64 = 800_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(refusal: Option<io::ErrorKind>, free_bytes: Option<u64>) -> String {
        let path = "/home/ada/.cache/esp-https".into();
        let refusal = refusal.map(io::Error::from);
        judge(&Seen { path, used_bytes: Some(720_000_000), free_bytes, refusal }, BUILD_BYTES).told()
    }

    #[test]
    fn the_cache_has_to_be_writable_and_large_enough() {
        let all = of(None, Some(40_000_000_000))
            + &of(None, None)
            + &of(None, Some(300_000_000))
            + &of(Some(io::ErrorKind::ReadOnlyFilesystem), Some(40_000_000_000))
            + &nowhere().told();
        insta::assert_snapshot!(all, @r"
        Ok: /home/ada/.cache/esp-https, 720 MB used, 40 GB free
        Ok: /home/ada/.cache/esp-https, 720 MB used
        Problem: /home/ada/.cache/esp-https: only 300 MB are free, and 800 MB are needed
          export ESP_HTTPS_CACHE_DIR=/var/tmp/esp-https
          or another folder with room that you may write to
        Problem: /home/ada/.cache/esp-https can't be written to: it is on a file system that is read-only
          export ESP_HTTPS_CACHE_DIR=/var/tmp/esp-https
          or another folder with room that you may write to
        Problem: neither HOME nor ESP_HTTPS_CACHE_DIR is set
          export ESP_HTTPS_CACHE_DIR=/var/tmp/esp-https
          or another folder with room that you may write to
        ");
    }

    #[test]
    fn a_place_that_is_not_there_yet_is_tried_where_it_would_be_made() {
        let folder = tempfile::tempdir().unwrap();
        write_in(&folder.path().join("a/b/c")).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        std::fs::write(folder.path().join("file"), "").unwrap();
        write_in(&folder.path().join("file/cache")).unwrap_err();
        write_in(Path::new("/proc/nonexistent")).unwrap_err();
    }

    #[test]
    fn room_for_a_build_is_needed_only_for_a_build() {
        assert_eq!(needed(FirmwareSource::Built, FirmwareSource::ToBuild), BUILD_BYTES);
        assert!(needed(FirmwareSource::Built, FirmwareSource::Built) < 100_000_000);
    }
}
