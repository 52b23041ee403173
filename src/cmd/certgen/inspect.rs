//! `esp-https certgen inspect`: describes what is in a file, or what a server shows.

use std::path::Path;

use time::OffsetDateTime;

use super::explain;
use crate::{
    cert::{
        inspection::{Inspection, inspect, inspect_chain},
        load,
    },
    cli::InspectArgs,
    client::target::Target,
    cmd::{peer_fault, probe::unobserved, runtime},
    error::{Error, Result},
    output::Use,
    probe::shown_chain,
    report::Console,
};

/// Runs it.
pub(super) fn run(args: &InspectArgs, console: &mut Console) -> Result<()> {
    let path = Path::new(&args.subject);
    let found = match server(&args.subject).filter(|_| !path.exists()) {
        Some(target) => shown_by(&target?, args, console)?,
        None => in_file(path, console)?,
    };
    console.result(&found, None)
}

/// A server that is named with its port, as a file hardly ever is.
fn server(text: &str) -> Option<Result<Target>> {
    let has_port = text.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    has_port.then(|| text.parse().map_err(peer_fault::bad_target))
}

fn in_file(path: &Path, console: &mut Console) -> Result<Inspection> {
    console.reads("the file that is inspected", path, Use::Reads)?;
    let bytes = load::read(path)?;
    let found = inspect(path.display().to_string(), &bytes, OffsetDateTime::now_utc());
    found.map_err(|error| explain::not_inspectable(&path.display().to_string(), error))
}

fn shown_by(target: &Target, args: &InspectArgs, console: &Console) -> Result<Inspection> {
    let step = console.live(format!("asking {target}"));
    let chain = runtime::run(async {
        let mut interrupts = runtime::interrupts()?;
        let shown = interrupts.or(shown_chain(target, args.timeout)).await;
        let shown = shown.map_err(|signal| explain::stopped_inspecting(&target.to_string(), signal))?;
        // The hints of probe name flags of probe.
        let hint = format!("esp-https probe {target} tells more about it");
        shown.map_err(|error| Error { hint: Some(hint), ..unobserved(target, error) })
    })?;
    drop(step);
    let found = inspect_chain(target.to_string(), &chain, OffsetDateTime::now_utc());
    found.map_err(|error| explain::not_inspectable(&target.to_string(), error))
}
