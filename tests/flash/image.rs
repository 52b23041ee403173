//! `--save-image`: the file, its secrecy, and what it does not overwrite.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    sync::atomic::{AtomicUsize, Ordering},
};

use esp_https::device::{chip, flash::layout::Application};
use serde_json::json;
use support::{document, stderr};

use crate::workspace::Workspace;

#[test]
fn the_file_is_its_owner_s_only_and_is_not_overwritten_unasked() {
    let Some(workspace) = Workspace::new() else { return };
    let args =
        ["flash", "--ssid", "home", "--image", workspace.firmware(), "--save-image", "board.bin", "--json"];
    let output = workspace.run(&args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let file = workspace.path("board.bin");
    let meta = fs::metadata(&file).unwrap();
    assert_eq!((meta.len(), meta.permissions().mode() & 0o777), (4 << 20, 0o600));
    let first = fs::read(&file).unwrap();
    let again = workspace.run(&args);
    assert_eq!(document::of(&again)["error"]["code"], "output.exists");
    assert!(fs::read(&file).unwrap() == first);
    let forced = workspace.run(&[&args[..], &["--force"]].concat());
    assert_eq!(forced.status.code(), Some(0));
    let left: Vec<_> =
        fs::read_dir(workspace.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with('.')), "{left:?}");
}

#[test]
fn a_place_that_can_t_be_written_is_told_before_anything_is_built() {
    let Some(workspace) = Workspace::new() else { return };
    for (path, wanted) in [("nowhere/board.bin", "output.unwritable"), (".", "output.is_folder")] {
        let args = ["flash", "--json", "--ssid", "home", "--save-image", path];
        let output = workspace.command(&args).env("PATH", "/nonexistent").output().unwrap();
        let document = document::of(&output);
        let code = &document["error"]["code"];
        assert_eq!((output.status.code(), code), (Some(2), &json!(wanted)), "{path}");
    }
}

#[test]
fn a_firmware_that_is_none_is_refused() {
    let Some(workspace) = Workspace::new() else { return };
    let mut elf = fs::read(workspace.firmware()).unwrap();
    elf.truncate(elf.len() / 2);
    fs::write(workspace.path("half.elf"), elf).unwrap();
    for (image, code) in
        [("half.elf", "firmware.image"), ("cacert.pem", "firmware.image"), ("nowhere", "firmware.image")]
    {
        let output =
            workspace.run(&["flash", "--json", "--ssid", "home", "--image", image, "--save-image", "x.bin"]);
        let document = document::of(&output);
        assert_eq!(output.status.code(), Some(2), "{document:#}");
        assert!(document["error"]["code"].as_str().unwrap().starts_with(code), "{document:#}");
        assert!(!workspace.path("x.bin").exists());
    }
}

/// espflash trusts what it reads, and its panics are caught: so they are counted here.
#[test]
fn no_damage_to_a_firmware_s_headers_upsets_the_layout() {
    let Some(workspace) = Workspace::new() else { return };
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    std::panic::set_hook(Box::new(|panic| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{panic}\n"));
    }));
    let elf = fs::read(workspace.firmware()).unwrap();
    let word = |at: usize| u32::from_le_bytes(elf[at..at + 4].try_into().unwrap()) as usize;
    // The ELF header, the program headers after it, and the section headers at e_shoff.
    let places = (0..0x34 + 8 * 0x20).chain(word(0x20)..elf.len().min(word(0x20) + 8 * 0x28));
    let (mut taken, mut refused) = (0, 0);
    for at in places {
        for damage in [0x01, 0x80] {
            let mut damaged = elf.clone();
            damaged[at] ^= damage;
            match Application::from_elf(chip::DEFAULT, &damaged) {
                Ok(_) => taken += 1,
                Err(_) => refused += 1,
            }
        }
    }
    let _ = std::panic::take_hook();
    assert_eq!(PANICS.load(Ordering::Relaxed), 0, "{taken} taken, {refused} refused");
    assert!(taken > 0 && refused > 0, "{taken} taken, {refused} refused");
}
