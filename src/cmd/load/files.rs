//! The files beside the report: checked before the run, written during and after it.

use std::{io, path::PathBuf};

use super::explain;
use crate::{
    cli::LoadArgs,
    error::Result,
    load::sample::Interval,
    report::{
        Console,
        load::{Pages, SeriesFile},
    },
};

/// The files that the arguments name.
#[derive(Debug)]
pub(super) struct Files {
    html: Option<PathBuf>,
    csv: Option<PathBuf>,
    series: Option<(PathBuf, SeriesFile)>,
    failed: Option<io::Error>,
}

impl Files {
    pub(super) fn open(args: &LoadArgs, console: &Console) -> Result<Self> {
        for path in [&args.html, &args.csv, &args.series].into_iter().flatten() {
            console.check_file(path)?;
        }
        let series = match &args.series {
            Some(path) => {
                let file =
                    SeriesFile::create(path).map_err(|error| explain::unwritable_series(path, error))?;
                Some((path.clone(), file))
            }
            None => None,
        };
        Ok(Self { html: args.html.clone(), csv: args.csv.clone(), series, failed: None })
    }

    /// A second has passed. A disk that is full must not end the run: it is said afterwards.
    pub(super) fn second(&mut self, second: &Interval) {
        if let (Some((_, file)), None) = (&mut self.series, &self.failed) {
            self.failed = file.add(second).err();
        }
    }

    /// The run is over, or the search.
    pub(super) fn write(self, pages: &impl Pages, console: &Console) -> Result<()> {
        if let Some(path) = &self.html {
            console.write_file(path, pages.html().as_bytes())?;
        }
        if let Some(path) = &self.csv {
            console.write_file(path, pages.csv().as_bytes())?;
        }
        match (self.series, self.failed) {
            (Some((path, _)), Some(error)) => Err(explain::unwritable_series(&path, error)),
            _ => Ok(()),
        }
    }
}
