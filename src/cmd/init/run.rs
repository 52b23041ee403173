//! Checks all the files of a template, then writes all of them.

use super::{explain, plan::FilesToWrite};
use crate::{
    cmd::runtime,
    error::Result,
    output::{Output, Part, Place, check_together, write_together},
    report::Console,
};

/// Writes the files, or none of them.
pub(super) fn write(plan: &FilesToWrite, console: &mut Console) -> Result<()> {
    // The report must not take the place of one of them.
    for (path, _) in &plan.files {
        console.writes(&Output { flag: "the template".to_owned(), place: Place::File(path.clone()) })?;
    }
    let parts: Vec<Part<'_>> = plan.files.iter().map(|(path, content)| Part { path, content }).collect();
    let template = plan.written.template;
    let refusals = check_together(&parts, plan.existing);
    if !refusals.is_empty() {
        return Err(explain::refused(template, refusals));
    }
    runtime::run(async {
        // From here on signals wait until the files are complete.
        let _signals = runtime::interrupts()?;
        write_together(&parts, plan.existing).map_err(|unwritten| explain::unwritten(template, unwritten))
    })?;
    console.result(&plan.written, None)
}
