//! Asking the board at a port who it is. This restarts it.

use std::time::Duration;

use espflash::connection::ResetAfterOperation;

use super::Seen;
use crate::{
    device::{
        chip,
        flash::{
            chip_facts::ChipFacts,
            connect::connect,
            error::FlashError,
            options::{BootloaderOptions, Stub},
        },
        serial::{link::BAUD, lock::PortLock, ports::PortInfo},
    },
    doctor::{
        check::{CheckState, Finding, Remedy},
        facts::{Facts, PortFacts},
    },
    stop::Stop,
};

/// What the board says, in place of what is known without it.
pub(super) fn ask(port: &Seen, unasked: Finding, stop: &Stop) -> Finding {
    match identify(&port.facts, stop) {
        Ok(chip) => known(port, &chip).about(&port.facts.path),
        Err(FlashError::Stopped) => unasked,
        // What was wrong before is why.
        Err(_) if !unasked.is(CheckState::Ok) => unasked,
        Err(error) => refused(port, &error).about(&port.facts.path),
    }
}

fn known(port: &Seen, chip: &ChipFacts) -> Finding {
    let (name, mac, flash) = (chip.chip.name, chip.mac, chip.flash_size / (1024 * 1024));
    let revision = chip.revision.map_or(String::new(), |revision| format!(" revision {revision}"));
    let board = format!("an {name}{revision}, MAC {mac}, with {flash} MB of flash; it was restarted");
    let facts = PortFacts { mac: Some(mac), ..port.facts.clone() };
    let finding = if facts.used_by.is_empty() {
        Finding::ok(board)
    } else {
        let what = format!(
            "{board}. The port is open in {}, too, which takes a part of what it prints",
            port.users()
        );
        Finding::warning(what).remedy(port.end_users())
    };
    finding.facts(Facts::Port(facts))
}

fn refused(port: &Seen, error: &FlashError) -> Finding {
    let what = port.described();
    let finding = match error {
        FlashError::NoAnswer { said } if !said.is_empty() => Finding::problem(format!(
            "{what}; the board runs its firmware, and did not go into its bootloader"
        )),
        error => Finding::problem(format!("{what}; {error}")),
    };
    finding
        .remedy(Remedy::advice(
            "hold the board's BOOT button, press RESET, let go of BOOT, then use flash with --before no-reset",
        ))
        .facts(Facts::Port(port.facts.clone()))
}

fn identify(port: &PortFacts, stop: &Stop) -> Result<ChipFacts, FlashError> {
    let info = PortInfo { path: port.path.clone(), usb: port.usb.clone() };
    let Some(_lock) = PortLock::take(&info.path, PATIENCE, stop, || {})? else {
        return Err(FlashError::Stopped);
    };
    let options = BootloaderOptions {
        chip: chip::DEFAULT,
        before: None,
        after: ResetAfterOperation::HardReset,
        stub: Stub::None,
        baud: Some(BAUD),
    };
    let mut loader = connect(&info, options, stop)?;
    let chip = loader.identify();
    // The board is to run again, whatever it said.
    let left = loader.leave().map(drop);
    let chip = chip?;
    left.map(|()| chip)
}

/// For a run of ours that took the port since it was looked at.
const PATIENCE: Duration = Duration::from_secs(2);
