use std::{
    fs,
    path::{Path, PathBuf},
};

use super::*;

#[test]
fn a_key_whose_handshakes_are_slow_is_told_with_the_time() {
    assert_eq!(
        DEFAULT.slow_key_note(KeyType::Rsa4096).unwrap(),
        "an ESP32-C3 took about 5.7 s of processor time for a handshake with RSA-4096, 21 times as long as with RSA-2048; since \
         then the firmware gives the key to the accelerator in pieces, for which 0.42 s are computed, and none measured"
    );
    assert!(DEFAULT.slow_key_note(KeyType::Rsa3072).unwrap().contains("2.7 s"));
    for quick in [KeyType::Rsa2048, KeyType::P256, KeyType::P384] {
        assert_eq!(DEFAULT.slow_key_note(quick), None, "{quick}");
    }
}

#[test]
fn the_key_of_a_certificate_is_judged_as_one_that_is_made() {
    let note = |algorithm, bits, curve: Option<&str>| {
        let key = PublicKeyInfo { algorithm, bits, curve: curve.map(str::to_owned) };
        DEFAULT.slow_public_key_note(&key)
    };
    let rsa = |bits| note(KeyAlgorithm::Rsa, Some(bits), None);
    assert_eq!((rsa(1024), rsa(2048)), (None, None));
    assert_eq!((rsa(2049), rsa(3072)), (DEFAULT.slow_key_note(KeyType::Rsa3072), rsa(2560)));
    assert_eq!((rsa(3073), rsa(8192)), (DEFAULT.slow_key_note(KeyType::Rsa4096), rsa(4096)));
    assert_eq!(note(KeyAlgorithm::Rsa, None, None), None);
    assert_eq!(note(KeyAlgorithm::Ec, Some(256), Some("secp256r1")), None);
    assert_eq!(note(KeyAlgorithm::Ed25519, Some(256), None), None);
}

/// The firmware and the docs say of each key what its row says; `tests/certgen/help.rs` asks that of the texts of `--key`.
#[test]
fn firmware_and_docs_say_how_each_key_reaches_the_accelerator() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let firmware = text("firmware/boards/esp32c3/src/accelerators.rs");
    let docs = text("docs/certificates.md");
    for cost in DEFAULT.handshake_costs {
        let (in_firmware, in_docs) = match cost.acceleration {
            Acceleration::None => (None, "no accelerator".to_owned()),
            Acceleration::Whole => {
                assert_eq!(cost.key.to_string(), format!("RSA-{}", DEFAULT.rsa_accelerated_bits));
                (Some(format!("- {}: as they are", cost.key)), "as it is".to_owned())
            }
            Acceleration::Pieces { computed_ms } => {
                let seconds = f64::from(computed_ms) / 1000.0;
                let pieces = format!("in pieces: {seconds:.2} s computed");
                (Some(format!("- {}: {pieces}", cost.key)), pieces)
            }
        };
        let row = format!("| {} | {} | {in_docs} |", cost.key, cost.cpu_ms);
        assert!(docs.contains(&row), "docs/certificates.md has no {row}");
        if let Some(line) = in_firmware {
            assert!(firmware.contains(&line), "accelerators.rs does not say {line:?}");
        }
    }
}

#[test]
fn espflash_knows_each_chip_by_the_same_names_and_numbers() {
    for chip in CHIPS {
        assert_eq!(chip.espflash.to_string(), chip.id);
        let id = u16::try_from(chip.security_info_id).unwrap();
        assert_eq!(EspflashChip::try_from(id).unwrap(), chip.espflash);
    }
}

#[test]
fn each_chip_has_its_board_crate() {
    let boards = Path::new(env!("CARGO_MANIFEST_DIR")).join("firmware/boards");
    for chip in CHIPS {
        let manifest = fs::read_to_string(boards.join(chip.id).join("Cargo.toml")).unwrap();
        assert!(manifest.contains(&format!("name = \"esp-https-{}\"", chip.id)), "{manifest}");
    }
}

#[test]
fn a_part_of_a_firmware_lies_in_one_range_of_the_memory() {
    let memory = &DEFAULT.memory;
    for range in [&memory.flash_data, &memory.flash_instructions].into_iter().chain(memory.internal) {
        assert!(memory.holds(*range.start(), *range.end() + 1), "{range:x?}: to its last byte");
        assert!(!memory.holds(*range.start(), *range.end() + 2), "{range:x?}");
        assert!(!memory.holds(*range.start() - 1, *range.end()), "{range:x?}");
    }
    assert!(memory.is_flash(0x3C00_0020) && memory.is_flash(0x4200_0020) && !memory.is_flash(0x4037_C000));
}

#[test]
fn a_line_of_the_rom_names_the_chip_and_the_cause_of_a_reset() {
    assert_eq!(by_banner("ESP-ROM:esp32c3-api1-20210207"), Some(DEFAULT));
    assert_eq!(by_banner("ESP-ROM:esp32s3-20210327"), None);
    assert_eq!(DEFAULT.reset_origin(0x15), Some(ResetOrigin::Usb));
    assert_eq!(DEFAULT.reset_origin(0x03), None, "the firmware's own restart");
    assert_eq!(reset_origin_by_name("BROWNOUT_RST"), Some(ResetOrigin::Brownout));
    assert_eq!(reset_origin_by_name("RTC_SW_SYS_RST"), None);
}

/// What only this file may say in code. Texts for people in other files take the name from the row.
const PECULIAR: [&str; 4] = ["esp32c3", "esp32-c3", "esp32_c3", "riscv32imc"];

#[test]
fn nothing_else_names_a_chip_or_its_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("build.rs")];
    collect(&root.join("src"), &mut files);
    assert!(files.len() > 100, "{} files are not all of the sources", files.len());
    let mut seen = Vec::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap().display().to_string();
        if name.ends_with("/tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let named: Vec<_> = code(&text).filter(|line| names_a_chip(line)).map(str::to_owned).collect();
        match EXCEPTIONS.iter().find(|(exception, _)| name.starts_with(exception)) {
            Some(exception) if !named.is_empty() => seen.push(exception),
            _ => assert!(named.is_empty(), "{name}: {named:?}"),
        }
    }
    for exception in &EXCEPTIONS {
        assert!(seen.contains(&exception), "{exception:?} needs to be none any more");
    }
}

#[test]
fn the_search_sees_code_and_leaves_comments_and_tests_out() {
    let text = "//! For the ESP32-C3.\nlet chip = Chip::Esp32c3; // not /* here */\nlet url = \"https://esp32c3\";\n\
        #[cfg(test)]\nmod tests { fn esp32c3() {} }\n";
    let lines: Vec<_> = code(text).filter(|line| names_a_chip(line)).collect();
    assert_eq!(lines, ["let chip = Chip::Esp32c3;", "let url = \"https://esp32c3\";"]);
}

fn names_a_chip(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    PECULIAR.iter().any(|name| line.contains(name))
}

/// The lines of a source file without comments, up to its tests, which are last.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let before_tests = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    before_tests.lines().map(|line| match line.trim_start() {
        trimmed if trimmed.starts_with("//") => "",
        _ => line.split(" // ").next().unwrap_or_default(),
    })
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Files that may name the chip, and why.
const EXCEPTIONS: [(&str, &str); 3] = [
    ("src/device/chip.rs", "this table"),
    ("src/cli.rs", "the text of --help, which clap takes from comments and constants"),
    ("src/error/code/", "texts for a person, of docs/errors.md"),
];
