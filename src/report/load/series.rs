//! What happens over time, as it happens: one JSON object a line (NDJSON).

use std::{
    fmt,
    io::{self, BufWriter, Write},
};

use crate::load::{interval::Interval, series::Row};

/// A file to which one line a second is written.
pub struct SeriesFile(BufWriter<Box<dyn Write + Send>>);

impl SeriesFile {
    /// A series that is written to `sink`.
    #[must_use]
    pub fn new(sink: Box<dyn Write + Send>) -> Self {
        Self(BufWriter::new(sink))
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

impl fmt::Debug for SeriesFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeriesFile(..)")
    }
}
