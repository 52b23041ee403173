//! `esp-https hil plan`: what a run would do.

use super::{explain, find::ScenarioFile, target::ChosenTarget};
use crate::{error::Result, hil::planned::PlannedRun, report::Console};

pub(super) fn plan(file: &ScenarioFile, target: Option<&str>, console: &mut Console) -> Result<()> {
    let (scenario, _) = file.read().map_err(|faults| explain::faults(&file.path, &faults))?;
    let target = ChosenTarget::of(&scenario, target)?;
    let boards = target.boards.into_iter().map(|board| board.identity).collect();
    let path = file.path.display().to_string();
    console.result(&PlannedRun::new(&path, &scenario, &target.name, target.kind, boards), None)
}
