//! `esp-https hil check`: everything that is wrong with a scenario.

use super::{explain, find::ScenarioFile};
use crate::{error::Result, hil::planned::CheckedScenario, report::Console};

pub(super) fn check(file: &ScenarioFile, console: &mut Console) -> Result<()> {
    let path = file.path.display().to_string();
    match file.read() {
        Ok((scenario, _)) => console.result(&CheckedScenario::good(&path, &scenario), None),
        Err(faults) => {
            let error = explain::faults(&file.path, &faults);
            console.result(&CheckedScenario::bad(&path, faults), Some(&error))?;
            // The faults have just been shown.
            Err(crate::error::Error { evidence: None, ..error })
        }
    }
}
