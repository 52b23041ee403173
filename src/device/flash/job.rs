//! The work on one board, from its port to READY. It runs in a thread of its own, and reports what it does by events.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use espflash::connection::ResetAfterOperation;
use serde::Serialize;

use super::{
    chip_facts::{ChipFacts, Unflashable},
    connect::connect,
    error::{FlashError, Stage},
    layout::{Application, LayoutError, Region, RegionKind, earlier_tables, partition_table},
    loader::{Loader, Verify, Write},
    options::{BootloaderOptions, ResetLines},
    otadata,
    unfinished::Unfinished,
};
use crate::{
    cert::Fingerprint,
    device::{
        mac::Mac,
        ready::Ready,
        serial::{link::Port, lock::PortLock, log::SerialLog, ports::PortInfo},
        serial_watcher::{SerialEvent, SerialWatcher},
        watch::{Start, WatchVerdict},
    },
    stop::Stop,
};

/// What to do with one board.
#[derive(Debug)]
pub struct Job {
    /// The port that it is at.
    pub port: PortInfo,
    /// How to talk to its bootloader.
    pub options: BootloaderOptions,
    /// The only board that may be written.
    pub expect_mac: Option<Mac>,
    /// The certificate, key and settings that it gets.
    pub supply: Supply,
    /// What to write.
    pub scope: Scope,
    /// What to do with a chip that is older than the bootloader supports.
    pub old_revision: OldRevision,
    /// Whether all of its flash is erased first.
    pub erase: Erase,
    /// Whether a region that is there already is written again.
    pub skip: Skip,
    /// Whether what was written is checked.
    pub verify: Verify,
    /// How long to wait for another run on this port.
    pub lock_timeout: Duration,
    /// What to wait for afterwards.
    pub wait: Wait,
    /// The file that takes what it prints.
    pub log: Option<SerialLog>,
}

/// The certificate, key and settings of one board.
#[derive(Debug)]
pub struct Provision {
    /// The provisioning partition.
    pub region: Region,
    /// The certificate's file.
    pub certificate: PathBuf,
    /// The certificate's SHA-256: the pin.
    pub fingerprint: Fingerprint,
    /// Its host name.
    pub hostname: String,
}

/// Who gets which certificate.
#[derive(Debug, Clone)]
pub enum Supply {
    /// All boards get the same.
    Same(Arc<Provision>),
    /// Each board gets its own, which its MAC address tells.
    ByMac(Arc<BTreeMap<Mac, Arc<Provision>>>),
}

/// What is written.
#[derive(Clone)]
pub enum Scope {
    /// Bootloader, partition table, provisioning, application, and which application is started.
    Everything(Arc<Application>),
    /// The provisioning partition only.
    Provisioning(ForeignTable),
}

/// What to do with a board that has another partition table than ours, when only the provisioning partition is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignTable {
    /// Leave it alone: another firmware may have something else at that place.
    Refuse,
    /// Write all the same.
    Accept,
}

/// What to do with a chip that is older than the bootloader supports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldRevision {
    /// Leave it alone.
    Refuse,
    /// Write all the same.
    Accept,
}

/// Whether all of the flash is erased first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erase {
    /// All of it.
    All,
    /// Only what is written.
    No,
}

/// Whether a region that is there already is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// It is left when its MD5 is the same.
    Unchanged,
    /// Everything is written.
    No,
}

/// What to wait for once a board is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// READY, for at most so long.
    Ready(Duration),
    /// READY, for at most so long, and then show what it prints until told to stop.
    Monitor(Duration),
    /// Nothing.
    No,
}

/// What happens to a board; the variants are in the order of time.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// Another run has the port.
    PortTaken,
    /// The port is locked for us, and the bootloader is asked to answer.
    Connecting,
    /// The bootloader answers, and this is the chip. Nothing is written yet.
    Identified(ChipFacts),
    /// The certificate, key and settings that it is to get.
    Supplied(Arc<Provision>),
    /// There is nothing for it: nothing of it is written.
    LeftAlone(LeftAlone),
    /// All of its flash is being erased.
    Erasing,
    /// All of its flash has been erased.
    Erased,
    /// The regions that are to be compared or written: what each is, its offset and its size in bytes.
    Planned(Vec<(RegionKind, u32, usize)>),
    /// A region is there already.
    Unchanged(RegionKind),
    /// It has the partition table of an earlier version, and gets the present one.
    EarlierTable,
    /// An earlier run began to write it and did not end.
    HalfWritten,
    /// A region is being written.
    Writing(RegionKind, Write),
    /// All is written, after so long since the first region.
    Written(Duration),
    /// It was restarted, or has to be by hand.
    Restarted(ResetLines),
    /// We wait until it serves.
    Waiting,
    /// It was left in its bootloader, as asked.
    LeftInBootloader,
    /// It printed something, or its port went or came back.
    Serial(SerialEvent),
    /// It serves, so long after it was restarted.
    Ready(Ready, Duration),
}

/// Why a board is left as it is, which is no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LeftAlone {
    /// The manifest has no row for it.
    NotInManifest,
}

impl std::fmt::Display for LeftAlone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotInManifest => f.write_str("left alone: no row in the manifest"),
        }
    }
}

impl Supply {
    /// What the board with this address gets, if anything.
    fn of(&self, mac: Mac) -> Option<Arc<Provision>> {
        match self {
            Self::Same(provision) => Some(Arc::clone(provision)),
            Self::ByMac(rows) => rows.get(&mac).map(Arc::clone),
        }
    }
}

impl Scope {
    fn regions<'a>(&'a self, provision: &'a Provision) -> Vec<&'a Region> {
        let shared = match self {
            Self::Everything(application) => application.regions.as_slice(),
            Self::Provisioning(_) => &[],
        };
        let mut regions: Vec<&Region> = shared.iter().chain([&provision.region]).collect();
        regions.sort_by_key(|region| region.offset);
        regions
    }
}

/// Without the application, which is a megabyte.
impl std::fmt::Debug for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Everything(_) => f.write_str("Everything(..)"),
            Self::Provisioning(table) => write!(f, "Provisioning({table:?})"),
        }
    }
}

impl Job {
    /// Does the work. `stop` is looked at before each command to the bootloader: once told to stop, no region, no block of
    /// a region and no restart is begun. A command that the bootloader is working on already goes on.
    ///
    /// # Errors
    /// [`FlashError`]; what had been done by then is known from the events.
    pub fn run(mut self, stop: &Stop, tell: &dyn Fn(Event)) -> Result<(), FlashError> {
        let lock = PortLock::take(&self.port.path, self.lock_timeout, stop, || tell(Event::PortTaken))?;
        let _lock = lock.ok_or(FlashError::Stopped)?;
        tell(Event::Connecting);
        let mut loader = connect(&self.port, self.options, stop)?;
        let (mac, Some(provision)) = self.identify(&mut loader, tell)? else {
            tell(Event::LeftAlone(LeftAlone::NotInManifest));
            // Only its bootloader was asked who it is: it goes on with what it was doing before.
            return self.leave(loader, tell).map(drop);
        };
        self.write(&mut loader, mac, &provision, tell)?;
        let start = self.start_of(&loader);
        let port = self.leave(loader, tell)?;
        let limit = match self.wait {
            Wait::No => return Ok(()),
            Wait::Ready(limit) | Wait::Monitor(limit) => limit,
        };
        tell(Event::Waiting);
        let serial = |event| tell(Event::Serial(event));
        let mut watcher = SerialWatcher::new(port, self.log.take(), stop, &serial);
        match watcher.until_verdict(start, limit)? {
            None => return Ok(()),
            Some((WatchVerdict::Failed(trouble), waited)) => {
                return Err(FlashError::NotServing { trouble, waited, said: watcher.last_lines() });
            }
            Some((WatchVerdict::Ready(ready), _))
                if ready.cert_sha256 != provision.fingerprint.to_string() =>
            {
                return Err(FlashError::OtherCertificate { found: ready.cert_sha256 });
            }
            Some((WatchVerdict::Ready(ready), after)) => tell(Event::Ready(ready, after)),
        }
        if matches!(self.wait, Wait::Monitor(_)) {
            watcher.until_stopped(None)?;
        }
        Ok(())
    }

    /// What the board is to get, if anything, once it is known to be one that may be written.
    fn identify(
        &self,
        loader: &mut Loader,
        tell: &dyn Fn(Event),
    ) -> Result<(Mac, Option<Arc<Provision>>), FlashError> {
        let chip = loader.identify()?;
        tell(Event::Identified(chip.clone()));
        let Some(provision) = self.supply.of(chip.mac) else { return Ok((chip.mac, None)) };
        loader.check(&chip)?;
        self.check_revision(&chip)?;
        if let Some(expected) = self.expect_mac.filter(|expected| *expected != chip.mac) {
            return Err(FlashError::OtherBoard { found: chip.mac, expected });
        }
        if let Scope::Provisioning(ForeignTable::Refuse) = self.scope {
            let table = partition_table(self.options.chip).map_err(broken_layout)?;
            if !loader.holds(&table)? && !self.has_earlier_table(loader)? {
                return Err(FlashError::OtherTable);
            }
        }
        if Unfinished::of(chip.mac).exists() {
            tell(Event::HalfWritten);
        }
        tell(Event::Supplied(Arc::clone(&provision)));
        Ok((chip.mac, Some(provision)))
    }

    /// Whether the board has a partition table of an earlier version. Its provisioning partition is where it is now.
    fn has_earlier_table(&self, loader: &mut Loader) -> Result<bool, FlashError> {
        for table in earlier_tables(self.options.chip).map_err(broken_layout)? {
            if loader.holds(&table)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn check_revision(&self, chip: &ChipFacts) -> Result<(), FlashError> {
        let Scope::Everything(application) = &self.scope else { return Ok(()) };
        match chip.revision {
            Some(found) if found < application.oldest && self.old_revision == OldRevision::Refuse => {
                Err(Unflashable::OldRevision { found, needed: application.oldest }.into())
            }
            _ => Ok(()),
        }
    }

    fn write(
        &self,
        loader: &mut Loader,
        mac: Mac,
        provision: &Provision,
        tell: &dyn Fn(Event),
    ) -> Result<(), FlashError> {
        let regions = self.scope.regions(provision);
        let planned =
            regions.iter().map(|region| (region.kind, region.offset, region.bytes().len())).collect();
        tell(Event::Planned(planned));
        let (since, mark) = (Instant::now(), Unfinished::of(mac));
        if self.erase == Erase::All {
            mark.begin();
            loader.erase(|| tell(Event::Erasing))?;
            tell(Event::Erased);
        }
        let mut changed = Vec::new();
        for region in regions {
            // An erased flash holds nothing, and computing the MD5 takes the chip a second for each megabyte.
            if self.skip == Skip::Unchanged && self.erase == Erase::No && is_there(loader, region)? {
                tell(Event::Unchanged(region.kind));
                continue;
            }
            if region.kind == RegionKind::PartitionTable && self.has_earlier_table(loader)? {
                tell(Event::EarlierTable);
            }
            changed.push(region);
        }
        if !changed.is_empty() {
            mark.begin();
        }
        loader.write(&changed, self.verify, |kind, write| tell(Event::Writing(kind, write)))?;
        mark.end();
        tell(Event::Written(since.elapsed()));
        Ok(())
    }

    /// Who starts the firmware.
    fn start_of(&self, loader: &Loader) -> Start {
        match (self.options.after, loader.lines()) {
            (ResetAfterOperation::HardReset, ResetLines::Absent) => Start::Asked,
            _ => Start::Ours,
        }
    }

    fn leave(&self, loader: Loader, tell: &dyn Fn(Event)) -> Result<Port, FlashError> {
        let lines = loader.lines();
        let port = loader.leave()?;
        match self.options.after {
            ResetAfterOperation::HardReset | ResetAfterOperation::WatchdogReset => {
                tell(Event::Restarted(lines));
            }
            _ => tell(Event::LeftInBootloader),
        }
        Ok(port)
    }
}

/// Whether the board has what a region is to bring about. The bootloader writes its otadata by itself, so that there it
/// counts what they say and not which bytes they are.
fn is_there(loader: &mut Loader, region: &Region) -> Result<bool, FlashError> {
    if region.kind == RegionKind::OtaData {
        return Ok(otadata::first_place_starts(&loader.ota_entries(region)?));
    }
    loader.holds(region)
}

#[allow(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn broken_layout(error: LayoutError) -> FlashError {
    FlashError::Broken { stage: Stage::Identifying, what: error.to_string() }
}
