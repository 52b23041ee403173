//! The errors of `flash`, for a person.

#[cfg(test)]
mod tests;

use std::{io, path::Path};

use esp_https_provision::{HostnameError, SettingsError};

use crate::{
    cert::facts::{Certificate, Validity},
    cert::openssl::quote_path,
    cert::store::Location,
    cmd::{
        board_fault::{Explained, Waiter, explained},
        ports,
    },
    device::{
        chip::Chip,
        flash::{
            chip_facts::Unflashable,
            elf::ElfError,
            error::{FlashError, Stage},
            layout::{LayoutError, RegionKind},
            outcome::FlashedBoard,
        },
        mac::NotAMac,
        watch::StartFailure,
    },
    error::{Code, Error, Fault},
    os_error::in_words,
    output::Place,
};

pub(super) fn monitor_one() -> Error {
    let doing = "preparing to follow several boards";
    Error::new(Fault::Usage, Code::FLASH_MONITOR_ONE, doing, "--monitor follows one board only").advised()
}

pub(super) fn nothing_to_follow(flag: &str) -> Error {
    let doing = format!("preparing {flag}");
    Error::new(
        Fault::Usage,
        Code::FLASH_STAYS_IN_BOOTLOADER,
        doing,
        "--after leaves the board in its bootloader, where it prints nothing",
    )
    .hint(format!("leave out {flag}, or --after"))
}

pub(super) fn watchdog_reset(port: &str) -> Error {
    let what = "a board can be restarted by its watchdog only through the USB port of the chip itself";
    Error::new(
        Fault::Usage,
        Code::FLASH_WATCHDOG_RESET,
        format!("preparing to restart the board at {port}"),
        what,
    )
    .advised()
}

/// Several boards with one log that is not a regular file, so that they can't have one each.
pub(super) fn one_log(path: &Path) -> Error {
    let doing = format!("preparing to write --serial-log {}", path.display());
    Error::new(Fault::Usage, Code::FLASH_ONE_LOG, doing, "what several boards print would be mixed in it")
        .advised()
}

pub(super) fn bad_mac(source: NotAMac) -> Error {
    Error::new(Fault::Usage, Code::FLASH_BAD_MAC, "reading --expect-mac", source.to_string()).source(source)
}

pub(super) fn bad_hostname(source: HostnameError) -> Error {
    Error::new(Fault::Usage, Code::PROVISIONING_HOSTNAME, "reading --hostname", source.to_string())
        .advised()
        .source(source)
}

pub(super) fn no_network() -> Error {
    Error::new(
        Fault::Usage,
        Code::PROVISIONING_NO_NETWORK,
        "preparing the board's settings",
        "no Wi-Fi network is named",
    )
    .advised()
}

pub(super) fn bad_ssid(source: SettingsError) -> Error {
    Error::new(Fault::Usage, Code::PROVISIONING_SSID, "reading --ssid", source.to_string()).source(source)
}

pub(super) fn manifest_unreadable(path: &Path, source: &dyn std::error::Error) -> Error {
    let doing = format!("reading the manifest {}", path.display());
    Error::new(Fault::Usage, Code::FLASH_MANIFEST, doing, source.to_string())
        .hint("check the path of --manifest")
}

pub(super) fn bad_certificate(path: &Path, source: &dyn std::error::Error) -> Error {
    let doing = format!("reading the certificate in {}", path.display());
    Error::new(Fault::Usage, Code::CERT_DAMAGED, doing, source.to_string())
}

pub(super) fn not_valid(path: &Path, facts: &Certificate) -> Error {
    let what = match facts.validity {
        Validity::NotYetValid => format!("it is not valid before {}", facts.not_before),
        _ => format!("it expired at {}", facts.not_after),
    };
    let doing = format!("checking the certificate in {}", path.display());
    let renew = match facts.validity {
        Validity::NotYetValid => "check this machine's clock (date)".to_owned(),
        _ => renewal(path),
    };
    Error::new(Fault::Finding, Code::FLASH_CERT_NOT_VALID, doing, what)
        .hint(format!("{renew}\nor take it all the same: --allow-expired"))
}

/// How to renew a certificate: by `certgen`, where it has the name that `certgen` gives.
pub(super) fn renewal(path: &Path) -> String {
    let folder = path.parent().unwrap_or(Path::new(""));
    if Location::in_folder(folder).certificate() != path {
        return "have a new one made".to_owned();
    }
    let there = if folder.as_os_str().is_empty() {
        String::new()
    } else {
        format!(" --out-dir {}", quote_path(folder))
    };
    format!("make a new one: esp-https certgen --force{there}")
}

pub(super) fn elf_unreadable(path: &Path, source: io::Error) -> Error {
    Error::new(
        Fault::Environment,
        Code::FIRMWARE_IMAGE,
        format!("reading {}", path.display()),
        in_words(&source),
    )
    .source(source)
}

pub(super) fn layout(chip: &Chip, elf: &Path, source: LayoutError) -> Error {
    let (chip, doing) = (chip.name, format!("laying out the flash with {}", elf.display()));
    match source {
        LayoutError::TemporaryFile { .. } => {
            return Error::new(Fault::Environment, Code::FLASH_TEMPORARY_FILE, doing, source.to_string())
                .advised()
                .source(source);
        }
        LayoutError::Table(_) => {
            return Error::new(Fault::Bug, Code::FLASH_PARTITION_TABLE, doing, source.to_string())
                .hint("please report this")
                .source(source);
        }
        _ => {}
    }
    let (code, hint) = match &source {
        LayoutError::TooLarge { .. } => {
            (Code::FLASH_TOO_LARGE, "build it with cargo build --release, or with fewer features".to_owned())
        }
        LayoutError::Elf(ElfError::NoDescriptor) => (
            Code::FLASH_NO_DESCRIPTOR,
            format!("name an ELF file for the {chip} that has esp_bootloader_esp_idf::esp_app_desc!()"),
        ),
        _ => (
            Code::FLASH_BAD_IMAGE,
            format!("name an ELF file for the {chip}, or leave --image out to have one built"),
        ),
    };
    Error::new(Fault::Usage, code, doing, source.to_string()).hint(hint).source(source)
}

/// The command line does not allow this.
pub(super) fn one_image_only() -> Error {
    Error::new(Fault::Bug, Code::FLASH_IMAGE_OF_MANY, "saving the image", "there is not one identity to save")
        .hint("please report this")
}

/// The error of a run with several boards, if any failed, or if there was nothing to do with any of them.
pub(super) fn of_several(boards: &[FlashedBoard]) -> Option<Error> {
    if !boards.is_empty() && boards.iter().all(|board| board.left_alone.is_some() && board.error.is_none()) {
        return Some(none_in_manifest(boards));
    }
    if let [only] = boards {
        return only.error.as_ref().map(only_board_failed);
    }
    let failed: Vec<&str> =
        boards.iter().filter(|board| board.error.is_some()).map(|board| board.port.path.as_str()).collect();
    let what = format!("{} of {} failed: {}", failed.len(), boards.len(), failed.join(", "));
    let error = Error::new(Fault::Finding, Code::FLASH_BOARDS_FAILED, "flashing several boards", what);
    (!failed.is_empty()).then(|| {
        error.hint("each has its own advice; then run the same command again: what succeeded is skipped")
    })
}

/// Its own reason and advice, since no other board is told apart from it.
fn only_board_failed(error: &Error) -> Error {
    let what = format!("the only board failed: {error}");
    let several = Error::new(Fault::Finding, Code::FLASH_BOARDS_FAILED, "flashing several boards", what);
    match &error.hint {
        Some(hint) => several.hint(hint.clone()),
        None => several,
    }
}

fn none_in_manifest(boards: &[FlashedBoard]) -> Error {
    let what = match boards.len() {
        1 => "it has no row for the only board that was found".to_owned(),
        count => format!("it has no row for any of the {count} boards that were found"),
    };
    let doing = "looking for the boards of the manifest";
    let macs: Vec<String> =
        boards.iter().filter_map(|board| board.chip.as_ref()).map(|chip| chip.mac.to_string()).collect();
    Error::new(Fault::Finding, Code::FLASH_NOT_IN_MANIFEST, doing, what)
        .hint(format!("nothing was written; add rows for {}, or connect other boards", macs.join(", ")))
}

/// What went wrong with one board.
pub(super) fn flash(error: FlashError, board: &FlashedBoard) -> Error {
    let port = board.port.path.as_str();
    let explained = match &error {
        FlashError::Lock(lock) => ports::locked(port, lock),
        FlashError::Open(open) => ports::unopened(port, open),
        FlashError::NoLines => device(Code::FLASH_NO_LINES, format!("connecting to the board at {port}"), &error)
            .advised(),
        FlashError::NoAnswer { said } => no_answer(port, said),
        FlashError::OtherChip { expected, .. } => {
            device(Code::FLASH_OTHER_CHIP, format!("identifying the chip at {port}"), &error)
                .hint(format!("the firmware runs on an {expected} only; is it the right port?"))
        }
        FlashError::NoFlashChip => device(Code::FLASH_NO_FLASH_CHIP, format!("identifying the chip at {port}"), &error)
            .advised(),
        FlashError::Unflashable(why) => unflashable(port, *why, &error),
        FlashError::OtherBoard { .. } => other_board(port, &error),
        FlashError::OtherTable => device(Code::FLASH_OTHER_TABLE, format!("checking the board at {port}"), &error)
            .hint("run this without --config-only first; nothing was written yet\nor write to 0xd000 anyway with --force"),
        FlashError::Broken { stage, .. } => broken(port, *stage, &error),
        FlashError::Verify { .. } => device(Code::FLASH_VERIFY, format!("writing the board at {port}"), &error)
            .advised(),
        FlashError::NotServing { trouble, waited, said } => {
            let said = said.clone();
            not_serving(board, trouble, waited.as_secs()).evidence(said)
        }
        FlashError::OtherCertificate { .. } => other_certificate(board, &error),
        FlashError::Stopped => {
            let doing = format!("flashing the board at {port}");
            Error::new(Fault::Interrupted, Code::FLASH_INTERRUPTED, doing, error.to_string())
        }
        FlashError::SerialLog(log) => ports::log(log),
    };
    explained.source(error)
}

fn device(code: Code, doing: String, error: &FlashError) -> Error {
    Error::new(Fault::Device, code, doing, error.to_string())
}

fn unflashable(port: &str, why: Unflashable, error: &FlashError) -> Error {
    let (code, hint) = match why {
        Unflashable::SmallFlash { .. } => (
            Code::FLASH_SMALL_FLASH,
            "take a board with at least 4 MB of flash; nothing was written to this one",
        ),
        Unflashable::OldRevision { .. } => {
            (Code::FLASH_OLD_REVISION, "use --force to write it anyway; nothing was written yet")
        }
        _ => {
            (Code::FLASH_LOCKED, "take a board as it comes from the factory; nothing was written to this one")
        }
    };
    device(code, format!("checking the chip at {port}"), error).hint(hint)
}

fn finding(code: Code, port: &str, error: &FlashError) -> Error {
    Error::new(Fault::Finding, code, format!("checking the board at {port}"), error.to_string())
}

fn no_answer(port: &str, said: &[String]) -> Error {
    let doing = format!("connecting to the board at {port}");
    let hold = Code::FLASH_NOT_IN_BOOTLOADER.hint();
    if said.is_empty() {
        Error::new(
            Fault::Device,
            Code::FLASH_NO_ANSWER,
            doing,
            "no bootloader answered, and nothing else did",
        )
        .hint(format!(
            "{hold}\ncheck that it is the right port, and that the cable carries data, not only power"
        ))
    } else {
        let what = "the board runs its firmware and did not go into its bootloader";
        Error::new(Fault::Device, Code::FLASH_NOT_IN_BOOTLOADER, doing, what).evidence(said).hint(hold)
    }
}

fn other_board(port: &str, error: &FlashError) -> Error {
    finding(Code::FLASH_OTHER_BOARD, port, error)
        .hint("connect the right board, or correct --expect-mac; nothing was written to this one")
}

fn broken(port: &str, stage: Stage, error: &FlashError) -> Error {
    let doing = match stage {
        Stage::Connecting => format!("connecting to the board at {port}"),
        Stage::Identifying => format!("identifying the board at {port}"),
        Stage::Erasing => format!("erasing the board at {port}"),
        Stage::Comparing(region) => format!("comparing the {} of the board at {port}", region.name()),
        Stage::Writing(region) => format!("writing the {} to the board at {port}", region.name()),
        Stage::Restarting => format!("restarting the board at {port}"),
    };
    let state = match stage {
        Stage::Erasing | Stage::Writing(RegionKind::Application | RegionKind::Bootloader) => {
            "the board can't start in this state; "
        }
        Stage::Writing(_) => "the board may not serve in this state; ",
        _ => "",
    };
    let hint = format!(
        "{state}check the cable and run the same command again\nif it fails at the same place, use --baud 115200 or --no-stub"
    );
    device(Code::FLASH_BROKEN, doing, error).hint(hint)
}

fn not_serving(board: &FlashedBoard, trouble: &StartFailure, waited: u64) -> Error {
    let doing = format!("waiting for the board at {} to serve", board.port.path);
    let story = match &board.serial_log {
        Some(path) => format!("everything that it printed is in {}", Place::parse(path).name()),
        None => "--serial-log FILE saves everything that it prints".to_owned(),
    };
    let Explained { code, what, hint } = explained(trouble, waited, Waiter::Flash(board.restart));
    Error::new(Fault::Device, code, doing, what).hint(format!("{hint}\n{story}"))
}

fn other_certificate(board: &FlashedBoard, error: &FlashError) -> Error {
    let path = board.certificate.as_deref().map_or(String::new(), quote_path);
    let pin = board.cert_sha256.map_or(String::new(), |pin| pin.to_string());
    let doing = format!("giving the board at {} {path}", board.port.path);
    device(Code::FLASH_OTHER_CERTIFICATE, doing, error).hint(format!(
        "the certificate in the file has {pin}; leave --image out, or use one of this esp-https"
    ))
}
