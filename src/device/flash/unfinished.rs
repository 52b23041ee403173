//! A mark on this machine that writing a board has begun and has not ended. It stays when the process is killed, or the board
//! vanishes, so that the next run can say that the board was left half written.

use std::{
    fs::{self, File},
    io::Write as _,
    path::PathBuf,
};

use crate::device::{mac::Mac, serial::lock};

/// The mark of one board.
#[derive(Debug)]
pub struct Unfinished {
    places: Vec<PathBuf>,
}

impl Unfinished {
    /// The mark of the board with this address.
    #[must_use]
    pub fn of(mac: Mac) -> Self {
        let name = format!("esp-https-unfinished-{}", mac.to_string().replace(':', ""));
        Self { places: lock::folders().iter().map(|folder| folder.join(&name)).collect() }
    }

    /// Whether it is there.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.places.iter().any(|place| fs::metadata(place).is_ok_and(|meta| meta.len() > 0))
    }

    /// Writing begins. Where no mark can be made, none is: it is a help, and no reason to leave a board alone.
    pub fn begin(&self) {
        for place in &self.places {
            if File::create(place).and_then(|mut file| file.write_all(MARK)).is_ok() {
                return;
            }
        }
    }

    /// Writing has ended.
    pub fn end(&self) {
        for place in self.places.iter().filter(|place| place.exists()) {
            // Another user's mark can't be removed from a folder that all share, but it can be emptied.
            if fs::remove_file(place).is_err() {
                let _ = File::options().write(true).truncate(true).open(place);
            }
        }
    }
}

const MARK: &[u8] = b"writing this board has begun\n";
