//! `esp-https certgen fleet`: the certificates of all boards of a list. Makes what is missing, renews what is due, and fills in the
//! list, so that `flash --manifest` can take it. Running it again changes nothing that is in order.

use std::{fs, path::Path, time::Instant};

use time::Duration;

use super::{
    clock, fleet_fault, issuer,
    maker::Maker,
    plan,
    run::made_issuer,
    workers::{OnError, Outcome, in_parallel},
};
use crate::{
    cert::{FileLock, load, openssl::quote_path},
    cli::FleetArgs,
    cmd::runtime,
    device::flash::{
        fleet::{Fleet, FleetBoard},
        fleet_result::{FleetEntry, FleetResult},
    },
    duration::micros,
    error::Result,
    output::{Existing, Output, Place, Purpose, Waiting, write_whole},
    report::Console,
};

/// Runs it.
pub(super) fn run(args: &FleetArgs, console: &mut Console) -> Result<()> {
    let validity = args.days.map(plan::leaf_validity).transpose()?;
    let now = clock::now()?;
    let started = Instant::now();
    let _lock =
        FileLock::take(&args.file).map_err(|error| fleet_fault::fleet_not_locked(&args.file, error))?;
    let fleet = read(&args.file)?;
    let folder = args.file.parent().unwrap_or(Path::new(""));
    claim(&fleet, folder, console)?;
    let ca = issuer::open(&args.issuer, console)?;
    let maker = Maker {
        ca: &ca,
        folder,
        now,
        within: Duration::days(i64::from(args.within)),
        key_type: plan::key_type(args.key),
        validity,
    };
    let boards: Vec<&FleetBoard> = fleet.boards().collect();
    let entries =
        work(&boards, &maker, console).map_err(|errors| fleet_fault::faulty_fleet(&args.file, errors))?;
    let filled = fleet.filled();
    if let Some(text) = &filled {
        replace(&args.file, text)?;
    }
    let mut result = FleetResult {
        manifest: args.file.clone(),
        filled_in: filled.is_some(),
        made: 0,
        renewed: 0,
        kept: 0,
        issuer: made_issuer(&ca)?,
        boards: entries,
        next: format!("esp-https flash --manifest {} --ssid NAME", quote_path(&args.file)),
        took_us: micros(started.elapsed()),
    };
    result.count();
    console.result(&result, None)
}

fn read(path: &Path) -> Result<Fleet> {
    let bytes = load::read(path).map_err(|error| fleet_fault::fleet_not_read(path, &error))?;
    Fleet::parse(&bytes).map_err(|error| fleet_fault::bad_fleet(path, error))
}

/// The report must overwrite none of the files of the boards.
fn claim(fleet: &Fleet, folder: &Path, console: &mut Console) -> Result<()> {
    for board in fleet.boards() {
        for (name, file) in [("certificate", &board.certificate), ("private key", &board.key)] {
            let path = folder.join(file);
            // Where its folder is missing, nothing can be written to it.
            if path.parent().is_some_and(|parent| parent.as_os_str().is_empty() || parent.is_dir()) {
                let flag = format!("the {name} of line {}", board.line);
                console.writes(&Output { flag, place: Place::File(path) })?;
            }
        }
    }
    Ok(())
}

/// Looks at all boards, and only when nothing is wrong with any of them makes what is to be made.
fn work(boards: &[&FleetBoard], maker: &Maker<'_>, console: &Console) -> Outcome<FleetEntry> {
    let worked = runtime::run(async {
        let stop = runtime::interrupts()?.stop();
        let seen = in_parallel(boards, OnError::GoOn, &stop, |board| maker.look(board), |_| {});
        let seen = match seen {
            Ok(seen) => seen,
            Err(errors) => return Ok(Err(errors)),
        };
        let mut progress = console.progress_lines(&[String::new()]);
        progress.things(0, "making certificates", seen.len());
        Ok(in_parallel(
            &seen,
            OnError::End,
            &stop,
            |seen| maker.settle(seen),
            |count| progress.done(0, count),
        ))
    });
    worked.map_err(|error| vec![(0, error)])?
}

/// Puts the list with its gaps filled in the place of the one that has them; whole or not at all, and with its access rights.
fn replace(path: &Path, text: &str) -> Result<()> {
    let failed = |source| fleet_fault::fleet_not_written(path, source);
    let mode = fs::metadata(path).map_err(failed)?.permissions();
    write_whole(path, text.as_bytes(), Purpose::File(Existing::Replace), &Waiting::No).map_err(failed)?;
    fs::set_permissions(path, mode).map_err(failed)
}
