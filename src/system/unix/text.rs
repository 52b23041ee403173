//! Text of the system's, which need not be UTF-8.

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt as _, OsStringExt as _},
};

/// The text with each `character`, which is ASCII, twice.
pub(crate) fn doubled(text: &OsStr, character: char) -> OsString {
    let is_it = |byte: u8| char::from(byte) == character;
    let doubled = text.as_bytes().iter().flat_map(|&byte| [byte].repeat(if is_it(byte) { 2 } else { 1 }));
    OsString::from_vec(doubled.collect())
}
