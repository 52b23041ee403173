//! The files beside the report: checked before the run, written during and after it.

use std::io;

use super::explain;
use crate::{
    cli::{LoadArgs, OutputFile},
    error::Result,
    load::{interval::Interval, summary::Summary},
    output::{Output, Purpose},
    report::{
        Console,
        load::{Pages, SeriesFile, histograms},
    },
};

/// The files that the arguments name.
#[derive(Debug)]
pub(super) struct Files {
    html: Option<Output>,
    csv: Option<Output>,
    hgrm: Option<Output>,
    hlog: Option<Output>,
    series: Option<(Output, SeriesFile)>,
    failed: Option<io::Error>,
}

impl Files {
    pub(super) fn open(args: &LoadArgs, console: &Console) -> Result<Self> {
        let checked = |flag: &str, file: &Option<OutputFile>, purpose| {
            let output = file.as_ref().map(|file| Output::new(flag, &file.0));
            output.map(|output| console.check(&output, purpose).map(|()| output)).transpose()
        };
        let html = checked("--html", &args.html, Purpose::Result)?;
        let csv = checked("--csv", &args.csv, Purpose::Result)?;
        let hgrm = checked("--hgrm", &args.hgrm, Purpose::Result)?;
        let hlog = checked("--hlog", &args.hlog, Purpose::Result)?;
        let series = checked("--series", &args.series, Purpose::Series)?;
        let opened = |output| {
            console.open_output(&output, Purpose::Series).map(|sink| (output, SeriesFile::new(sink)))
        };
        Ok(Self { html, csv, hgrm, hlog, series: series.map(opened).transpose()?, failed: None })
    }

    /// A second has passed. A disk that is full does not end the run; the error is reported afterwards.
    pub(super) fn second(&mut self, second: &Interval) {
        if let (Some((_, file)), None) = (&mut self.series, &self.failed) {
            self.failed = file.add(second).err();
        }
    }

    /// The run is over: writes its histograms.
    pub(super) fn write_histograms(&self, summary: &Summary, console: &Console) -> Result<()> {
        if let Some(output) = &self.hgrm {
            console.write_output(output, Purpose::Result, histograms::percentiles(summary).as_bytes())?;
        }
        if let Some(output) = &self.hlog {
            let log =
                histograms::log(summary).map_err(|error| explain::unwritable_log(output.path(), error))?;
            console.write_output(output, Purpose::Result, &log)?;
        }
        Ok(())
    }

    /// The run is over, or the search.
    pub(super) fn write(self, pages: &impl Pages, console: &Console) -> Result<()> {
        if let Some(output) = &self.html {
            console.write_output(output, Purpose::Result, pages.html().as_bytes())?;
        }
        if let Some(output) = &self.csv {
            console.write_output(output, Purpose::Result, pages.csv().as_bytes())?;
        }
        match (self.series, self.failed) {
            (Some((output, _)), Some(error)) => Err(explain::unwritable_series(output.path(), error)),
            _ => Ok(()),
        }
    }
}
