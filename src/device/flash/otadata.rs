//! The `otadata` partition, sans I/O: it says which of the two places for a firmware the bootloader starts.
//!
//! Each of its two sectors has one entry (ESP-IDF, `esp_ota_select_entry_t` in `esp_flash_partitions.h`). What the bootloader
//! makes of them is in ESP-IDF's `bootloader_utility.c` and `bootloader_common_loader.c`.

use esp_https_provision::crc32;

/// Size of an entry, in bytes; the rest of its sector is not used.
pub const ENTRY_BYTES: usize = 32;

/// From one entry to the other, in bytes: a sector of the flash.
pub const ENTRY_DISTANCE: u32 = 0x1000;

/// Size of the partition, in bytes.
pub const OTADATA_BYTES: usize = 2 * ENTRY_DISTANCE as usize;

/// Whether a firmware in the first place, `ota_0`, is started, and stays the one that is started.
///
/// A bootloader with rollback starts a firmware whose state is "new" or "pending" on trial, and goes back to the other one
/// unless the firmware confirms itself. A firmware that came by cable is not on trial, so these states count as no.
#[must_use]
pub fn first_place_starts(entries: &[[u8; ENTRY_BYTES]; 2]) -> bool {
    let [first, second] = entries.each_ref().map(Entry::read);
    let active = match (first, second) {
        // Without a valid entry the bootloader tries the places in their order. It then writes an entry by itself, with the
        // sequence number 1 ("Set actual ota_seq=1 in otadata[0]").
        (None, None) => return true,
        (Some(entry), None) | (None, Some(entry)) => entry,
        (Some(first), Some(second)) if second.sequence > first.sequence => second,
        (Some(first), Some(_)) => first,
    };
    active.place() == 0 && matches!(active.state, STATE_VALID | STATE_UNDEFINED)
}

/// An entry that the bootloader acts on.
#[derive(Debug, Clone, Copy)]
struct Entry {
    sequence: u32,
    state: u32,
}

impl Entry {
    /// `None` for an entry that the bootloader takes no notice of.
    fn read(bytes: &[u8; ENTRY_BYTES]) -> Option<Self> {
        let word = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
        let entry = Self { sequence: word(SEQUENCE_AT)?, state: word(STATE_AT)? };
        let is_whole = word(CRC_AT)? == crc32(&[&entry.sequence.to_le_bytes()]);
        let is_rejected = matches!(entry.state, STATE_INVALID | STATE_ABORTED);
        (is_whole && !is_rejected && entry.sequence != ERASED_SEQUENCE).then_some(entry)
    }

    /// Sequence numbers count from 1, and take turns.
    fn place(self) -> u32 {
        self.sequence.wrapping_sub(1) % PLACES
    }
}

/// `ota_0` and `ota_1`.
const PLACES: u32 = 2;
const SEQUENCE_AT: usize = 0;
const STATE_AT: usize = 24;
const CRC_AT: usize = 28;
const ERASED_SEQUENCE: u32 = u32::MAX;
/// `esp_ota_img_states_t`; "new" is 0 and "pending" is 1.
const STATE_VALID: u32 = 2;
const STATE_INVALID: u32 = 3;
const STATE_ABORTED: u32 = 4;
const STATE_UNDEFINED: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: [u8; ENTRY_BYTES] = [0xFF; ENTRY_BYTES];

    fn entry_in_state(sequence: u32, state: u32) -> [u8; ENTRY_BYTES] {
        let mut entry = EMPTY;
        entry[..4].copy_from_slice(&sequence.to_le_bytes());
        entry[24..28].copy_from_slice(&state.to_le_bytes());
        entry[28..].copy_from_slice(&crc32(&[&sequence.to_le_bytes()]).to_le_bytes());
        entry
    }

    fn entry(sequence: u32) -> [u8; ENTRY_BYTES] {
        entry_in_state(sequence, STATE_UNDEFINED)
    }

    fn damaged(mut entry: [u8; ENTRY_BYTES]) -> [u8; ENTRY_BYTES] {
        entry[28] ^= 1;
        entry
    }

    /// The checksum is Python's `zlib.crc32(bytes([1, 0, 0, 0]), 0xffffffff)`.
    #[test]
    fn an_entry_has_the_bytes_that_esp_idf_gives_it() {
        let mut theirs = EMPTY;
        theirs[..4].copy_from_slice(&[1, 0, 0, 0]);
        theirs[28..].copy_from_slice(&[0x9A, 0x98, 0x43, 0x47]);
        assert_eq!(entry(1), theirs);
    }

    #[test]
    fn the_entry_with_the_higher_number_says_which_place_is_started() {
        for (first, second, starts) in [
            (EMPTY, EMPTY, true),
            (entry(1), EMPTY, true),
            (EMPTY, entry(1), true),
            (entry(2), EMPTY, false),
            (EMPTY, entry(2), false),
            (entry(1), entry(2), false),
            (entry(2), entry(1), false),
            (entry(3), entry(2), true),
            (entry(2), entry(3), true),
            (entry(3), entry(4), false),
            (entry(1), entry(1), true),
            (entry(2), entry(2), false),
            (entry(0), EMPTY, false),
            (entry(u32::MAX - 1), entry(1), false),
        ] {
            assert_eq!(first_place_starts(&[first, second]), starts, "{first:?} {second:?}");
        }
    }

    #[test]
    fn an_entry_that_the_bootloader_ignores_decides_nothing() {
        let ignored = [
            EMPTY,
            [0; ENTRY_BYTES],
            damaged(entry(4)),
            damaged(entry(5)),
            entry_in_state(4, STATE_INVALID),
            entry_in_state(4, STATE_ABORTED),
            // Its checksum is right.
            entry(u32::MAX),
        ];
        for ignored in ignored {
            for other in ignored_too(ignored) {
                assert!(first_place_starts(&[ignored, other]), "{ignored:?} {other:?}");
            }
            assert!(first_place_starts(&[ignored, entry(1)]), "{ignored:?}");
            assert!(first_place_starts(&[entry(3), ignored]), "{ignored:?}");
            assert!(!first_place_starts(&[ignored, entry(2)]), "{ignored:?}");
            assert!(!first_place_starts(&[entry(2), ignored]), "{ignored:?}");
        }
    }

    fn ignored_too(same: [u8; ENTRY_BYTES]) -> [[u8; ENTRY_BYTES]; 3] {
        [same, EMPTY, damaged(entry(2))]
    }

    #[test]
    fn a_firmware_on_trial_is_not_one_that_stays() {
        for (state, stays) in [(0, false), (1, false), (2, true), (u32::MAX, true), (7, false)] {
            assert_eq!(first_place_starts(&[entry_in_state(1, state), EMPTY]), stays, "{state}");
            assert!(!first_place_starts(&[entry_in_state(2, state), EMPTY]), "{state}");
        }
    }

    #[test]
    fn any_byte_of_an_entry_s_number_that_changes_makes_it_ignored() {
        for at in (0..4).chain(28..32) {
            let mut changed = entry(2);
            changed[at] ^= 0x10;
            assert!(first_place_starts(&[changed, EMPTY]), "{at}");
        }
    }

    /// What ESP-IDF documents of the bootloader ("Over The Air Updates", sections on OTA data and app rollback), for a table with
    /// two places and no factory partition: which place it starts, and what it makes of the entries.
    fn bootloader(entries: &mut [[u8; ENTRY_BYTES]; 2], rollback: Rollback) -> u32 {
        let state = |entry: &[u8; ENTRY_BYTES]| u32::from_le_bytes(entry[24..28].try_into().unwrap());
        let sequence = |entry: &[u8; ENTRY_BYTES]| u32::from_le_bytes(entry[..4].try_into().unwrap());
        if rollback == Rollback::Enabled {
            // It was started once and has not confirmed itself.
            for entry in entries.iter_mut().filter(|entry| state(entry) == 1) {
                entry[24..28].copy_from_slice(&4_u32.to_le_bytes());
            }
        }
        let is_whole = |entry: &[u8; ENTRY_BYTES]| {
            sequence(entry) != u32::MAX && entry[28..] == entry_in_state(sequence(entry), 0)[28..]
        };
        let counts = |entry: &[u8; ENTRY_BYTES]| is_whole(entry) && !matches!(state(entry), 3 | 4);
        let active = (0..2).filter(|index| counts(&entries[*index]));
        // Of two equal numbers the first counts; `max_by_key` takes the last.
        let Some(active) = active.rev().max_by_key(|index| sequence(&entries[*index])) else {
            if !entries.iter().any(is_whole) {
                entries[0] = entry_in_state(1, STATE_VALID);
            }
            return 0;
        };
        if rollback == Rollback::Enabled && state(&entries[active]) == 0 {
            entries[active][24..28].copy_from_slice(&1_u32.to_le_bytes());
        }
        sequence(&entries[active]).wrapping_sub(1) % 2
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Rollback {
        Enabled,
        Disabled,
    }

    /// Every pair of entries: each number up to 5 and the greatest ones, each state and two unknown ones, whole and damaged.
    #[test]
    fn what_is_left_on_a_board_starts_the_first_place_again_and_again() {
        let sequences = [0, 1, 2, 3, 4, 5, u32::MAX - 2, u32::MAX - 1, u32::MAX];
        let states = [0, 1, STATE_VALID, STATE_INVALID, STATE_ABORTED, 5, 7, STATE_UNDEFINED];
        let whole: Vec<_> =
            sequences.iter().flat_map(|number| states.map(|state| entry_in_state(*number, state))).collect();
        let all: Vec<_> = whole.iter().flat_map(|entry| [*entry, damaged(*entry)]).collect();
        let mut left_alone = 0;
        for pair in all.iter().flat_map(|first| all.iter().map(move |second| [*first, *second])) {
            let started = [Rollback::Enabled, Rollback::Disabled].map(|rollback| {
                let mut entries = pair;
                [(); 4].map(|()| bootloader(&mut entries, rollback))
            });
            let stays = started == [[0; 4]; 2];
            if first_place_starts(&pair) {
                left_alone += 1;
                assert!(stays, "{pair:?}: {started:?}");
            } else if stays {
                // Erased all the same: one of its entries is on trial, or in a state that nobody knows.
                let is_settled =
                    |state| [STATE_VALID, STATE_INVALID, STATE_ABORTED, STATE_UNDEFINED].contains(&state);
                let states = pair.map(|entry| u32::from_le_bytes(entry[24..28].try_into().unwrap()));
                assert!(!states.into_iter().all(is_settled), "{pair:?}");
            }
        }
        assert!(left_alone > all.len(), "{left_alone}");
    }
}
