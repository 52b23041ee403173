//! Text of the system's, which need not be UTF-8.

use std::{
    ffi::{OsStr, OsString},
    os::windows::ffi::{OsStrExt as _, OsStringExt as _},
};

/// The text with each `character`, which is ASCII, twice.
pub(crate) fn doubled(text: &OsStr, character: char) -> OsString {
    let is_it = |unit: u16| char::from_u32(unit.into()) == Some(character);
    let doubled: Vec<u16> =
        text.encode_wide().flat_map(|unit| [unit].repeat(if is_it(unit) { 2 } else { 1 })).collect();
    OsString::from_wide(&doubled)
}
