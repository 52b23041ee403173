//! `--baseline`: an older run that this one is compared with.

use std::path::Path;

use super::explain;
use crate::{
    cli::HilBaselineArgs,
    error::Result,
    hil::{
        baseline::{Baseline, Tolerance, compare},
        outcome::{HilRun, TargetKind},
        scenario::Scenario,
    },
    text,
};

/// The older run, and how much worse this one may be.
pub(super) struct OlderRun {
    baseline: Baseline,
    tolerance: Tolerance,
}

impl OlderRun {
    /// Reads it before the run begins: its file may be in the folder that the run writes anew.
    pub(super) fn read(
        args: &HilBaselineArgs,
        target: TargetKind,
        scenario: &Scenario,
    ) -> Result<Option<Self>> {
        let Some(path) = &args.baseline else { return Ok(None) };
        let tolerance = args.tolerance.iter().map(String::as_str);
        let tolerance = Tolerance::parse(tolerance).map_err(|error| explain::tolerance(&error))?;
        let baseline = baseline(path)?;
        let steps = scenario.steps.iter().map(|step| step.name.as_str());
        baseline.check(target, steps).map_err(|error| explain::baseline(path, &error))?;
        Ok(Some(Self { baseline, tolerance }))
    }

    /// Adds what has changed to the result.
    pub(super) fn compare(&self, run: &mut HilRun) {
        run.comparison = Some(compare(&self.baseline, run, &self.tolerance));
    }
}

fn baseline(path: &Path) -> Result<Baseline> {
    let text = text::read_to_string(path).map_err(|error| explain::unread_baseline(path, error))?;
    Baseline::parse(&path.display().to_string(), &text).map_err(|error| explain::baseline(path, &error))
}
