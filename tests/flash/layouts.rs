//! Boards that have been in use: the bootloader has chosen a firmware, or their partition table is of an earlier version.

use std::fs;

use esp_https_provision::crc32;
use esp_idf_part::PartitionTable;
use serde_json::Value;
use support::stderr;

use crate::{
    workspace::Workspace,
    writing::{states, written},
};

const OTADATA: usize = 0x31_0000;
const SECTOR: usize = 0x1000;
const ALL: [&str; 5] = ["bootloader", "partition_table", "provisioning", "application", "otadata"];

/// Changes what is in the flash of a board that is not plugged in.
fn edit(workspace: &Workspace, change: impl FnOnce(&mut Vec<u8>)) {
    let mut flash = fs::read(workspace.path("board.flash")).unwrap();
    change(&mut flash);
    fs::write(workspace.path("board.flash"), flash).unwrap();
}

/// As the bootloader, or an update over the air, writes an entry into one of the two sectors.
fn choose(flash: &mut [u8], sector: usize, sequence: u32) {
    let at = OTADATA + sector * SECTOR;
    flash[at..at + SECTOR].fill(0xFF);
    flash[at..at + 4].copy_from_slice(&sequence.to_le_bytes());
    flash[at + 28..at + 32].copy_from_slice(&crc32(&[&sequence.to_le_bytes()]).to_le_bytes());
}

fn flashed(workspace: &Workspace, flags: &[&str]) -> Value {
    let (output, document) = workspace.flash(&workspace.board(&[]), &[&["--no-wait"], flags].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    document
}

fn changed(document: &Value) -> Vec<&str> {
    let states = states(document);
    assert_eq!(states.len(), ALL.len());
    ALL.into_iter().zip(states).filter(|(_, state)| *state == "written").map(|(kind, _)| kind).collect()
}

#[test]
fn what_the_bootloader_writes_at_its_first_start_is_no_change() {
    let Some(workspace) = Workspace::new() else { return };
    flashed(&workspace, &[]);
    edit(&workspace, |flash| choose(flash, 0, 1));
    let before = fs::read(workspace.path("board.flash")).unwrap();
    for flags in [&[][..], &["--no-stub"]] {
        let again = flashed(&workspace, flags);
        assert_eq!((changed(&again), written(&again)), (vec![], 0), "{flags:?}");
    }
    assert!(fs::read(workspace.path("board.flash")).unwrap() == before);
}

#[test]
fn a_board_that_starts_its_other_firmware_starts_the_one_that_came_by_cable() {
    let Some(workspace) = Workspace::new() else { return };
    for flags in [&[][..], &["--no-stub"]] {
        for sector in [0, 1] {
            flashed(&workspace, &[]);
            // The update over the air wrote the second entry after the first.
            edit(&workspace, |flash| {
                choose(flash, 1 - sector, 1);
                choose(flash, sector, 2);
            });
            let again = flashed(&workspace, flags);
            assert_eq!((changed(&again), written(&again)), (vec!["otadata"], 0x2000), "{flags:?}");
            let flash = fs::read(workspace.path("board.flash")).unwrap();
            assert!(flash[OTADATA..OTADATA + 2 * SECTOR].iter().all(|byte| *byte == 0xFF));
        }
    }
}

#[test]
fn a_new_certificate_alone_leaves_the_chosen_firmware() {
    let Some(workspace) = Workspace::new() else { return };
    flashed(&workspace, &[]);
    edit(&workspace, |flash| choose(flash, 1, 2));
    let before = fs::read(workspace.path("board.flash")).unwrap();
    assert!(workspace.run(&["certgen", "--force"]).status.success());
    let (output, _) = workspace.configure(&workspace.board(&[]), &["--no-wait"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let after = fs::read(workspace.path("board.flash")).unwrap();
    assert!(before[0xF000..] == after[0xF000..] && before[0xD000..0xF000] != after[0xD000..0xF000]);
}

/// A board as the version with one partition for the firmware left it.
pub(crate) fn with_the_earlier_table(workspace: &Workspace) {
    flashed(workspace, &[]);
    let earlier = fs::read_to_string(support::from_root("src/device/flash/earlier_tables/one_firmware.csv"));
    let table = PartitionTable::try_from_str(earlier.unwrap()).unwrap().to_bin().unwrap();
    edit(workspace, |flash| flash[0x8000..0x8000 + table.len()].copy_from_slice(&table));
}

#[test]
fn a_board_with_the_earlier_table_gets_the_present_one_and_it_is_said() {
    let Some(workspace) = Workspace::new() else { return };
    with_the_earlier_table(&workspace);
    let board = workspace.board(&[]);
    let (output, document) = workspace.flash(&board, &["--no-wait"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(changed(&document), ["partition_table"]);
    let said = "has the partition table of an earlier esp-https; it gets the present one, with two places for a \
                firmware and one for a site";
    assert!(stderr(&output).contains(&format!("note: it {said}")), "{}", stderr(&output));
    let notes: Vec<_> = document["result"]["notes"].as_array().unwrap().iter().collect();
    let [note] = notes[..] else { panic!("{notes:?}") };
    assert_eq!(note["code"], "earlier_table");
    assert_eq!(note["text"], format!("the board at {} {said}", board.port()));
    let (_, document) = workspace.flash(&board, &["--no-wait"]);
    assert_eq!((changed(&document), &document["result"]["notes"]), (vec![], &serde_json::json!([])));
}

#[test]
fn a_new_certificate_alone_goes_to_a_board_with_the_earlier_table_and_leaves_the_table() {
    let Some(workspace) = Workspace::new() else { return };
    with_the_earlier_table(&workspace);
    let table = fs::read(workspace.path("board.flash")).unwrap()[0x8000..0x9000].to_vec();
    assert!(workspace.run(&["certgen", "--force"]).status.success());
    let board = workspace.board(&[]);
    let (output, document) = workspace.configure(&board, &["--no-wait"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(written(&document), 8192);
    assert!(board.flash()[0x8000..0x9000] == table);
}

#[test]
fn a_firmware_larger_than_its_place_is_refused_before_a_board_is_touched() {
    let Some(workspace) = Workspace::new() else { return };
    let elf = padded(&fs::read(workspace.firmware()).unwrap(), 0x18_0000);
    fs::write(workspace.path("large.elf"), elf).unwrap();
    let args = ["flash", "--ssid", "home", "--image", "large.elf", "--save-image", "x.bin", "--quiet"];
    let output = workspace.run(&args);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("bytes do not fit into the application partition of 1572864 bytes"), "{said}");
    assert!(!workspace.path("x.bin").exists());
}

/// The same ELF file with its largest section grown by so many bytes, which are appended to the file.
fn padded(elf: &[u8], more: usize) -> Vec<u8> {
    let mut elf = elf.to_vec();
    let word = |elf: &[u8], at: usize| u32::from_le_bytes(elf[at..at + 4].try_into().unwrap()) as usize;
    let half = |at: usize| u16::from_le_bytes(elf[at..at + 2].try_into().unwrap()) as usize;
    // ELF32: e_shoff, e_shentsize, e_shnum; in a section header sh_type, sh_addr, sh_offset, sh_size.
    let (start, size, count) = (word(&elf, 0x20), half(0x2E), half(0x30));
    let headers = (0..count).map(|index| start + index * size);
    let last = headers
        .filter(|at| word(&elf, at + 4) == 1 && (0x4200_0000..0x4280_0000).contains(&word(&elf, at + 12)))
        .max_by_key(|at| word(&elf, at + 12))
        .unwrap();
    let (offset, length) = (word(&elf, last + 16), word(&elf, last + 20));
    let mut bytes = elf[offset..offset + length].to_vec();
    bytes.resize(length + more, 0xA5);
    let end = elf.len();
    for (at, value) in [(last + 16, end), (last + 20, bytes.len())] {
        elf[at..at + 4].copy_from_slice(&u32::try_from(value).unwrap().to_le_bytes());
    }
    elf.extend(bytes);
    elf
}
