//! What happens over time, as it happens: one JSON object a line (NDJSON).

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
};

use crate::load::{sample::Interval, series::Row};

/// A file that takes one line a second.
#[derive(Debug)]
pub struct SeriesFile(BufWriter<File>);

impl SeriesFile {
    /// Creates the file, or empties it.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn create(path: &Path) -> io::Result<Self> {
        File::create(path).map(|file| Self(BufWriter::new(file)))
    }

    /// Adds a second, for whoever reads along.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn add(&mut self, second: &Interval) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, &Row::from(second))?;
        self.0.write_all(b"\n")?;
        self.0.flush()
    }
}
