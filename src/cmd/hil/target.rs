//! What a run is to use: the target that is named, and the boards that belong to it.

use std::path::{Path, PathBuf};

use super::explain;
use crate::{
    cmd::ports,
    device::{
        flash::manifest::{Manifest, Row},
        mac::Mac,
        serial::ports::{PortInfo, list},
    },
    error::{Code, Error, Fault, Result},
    hil::{
        outcome::{BoardIdentity, TargetKind},
        scenario::{Field, Scenario, TargetPlace, TargetTable},
    },
    os_error::in_words,
    text,
};

use super::bench::BoardRow;

/// The target of a run.
pub(super) struct ChosenTarget {
    pub(super) name: String,
    pub(super) kind: TargetKind,
    pub(super) boards: Vec<ChosenBoard>,
}

/// One board of it.
pub(super) struct ChosenBoard {
    pub(super) identity: BoardIdentity,
    pub(super) fields: Vec<Field>,
    pub(super) place: BoardPlace,
}

/// Where a board is.
pub(super) enum BoardPlace {
    Emulated,
    /// At a port.
    Port {
        wish: PortWish,
        /// Where that was found to be before the run.
        found: Box<Result<PortInfo>>,
        mac: Option<Mac>,
        row: Option<BoardRow>,
    },
    Address,
}

/// Which port it is to be.
pub(super) enum PortWish {
    /// That of espflash's variable, else the only one.
    Any,
    /// The one of this name.
    Named(String),
    /// The one that belongs to this board.
    Of(Mac),
}

impl PortWish {
    /// The port, as the system lists them now.
    pub(super) fn find(&self) -> Result<PortInfo> {
        match self {
            Self::Any => ports::select_one(None),
            Self::Named(name) => ports::select_one(Some(name)),
            Self::Of(mac) => at_mac(*mac),
        }
    }
}

impl ChosenTarget {
    /// The target of that name; without one the scenario's own, its only one, or the emulated board.
    pub(super) fn of(scenario: &Scenario, named: Option<&str>) -> Result<Self> {
        let only = || match scenario.targets.as_slice() {
            [one] => one.name.clone(),
            _ => EMULATED.to_owned(),
        };
        let name = named.map(str::to_owned).or_else(|| scenario.target.clone()).unwrap_or_else(only);
        let table = match scenario.target(&name) {
            Some(table) => table.clone(),
            None => built_in(scenario, &name)?,
        };
        let kind = match table.place {
            TargetPlace::Emulated => TargetKind::Emulated,
            TargetPlace::Board { .. } | TargetPlace::Boards { .. } => TargetKind::Board,
            TargetPlace::Address { .. } => TargetKind::Address,
        };
        Ok(Self { boards: boards(&table)?, name, kind })
    }
}

/// A target that has no table.
fn built_in(scenario: &Scenario, name: &str) -> Result<TargetTable> {
    let known = || {
        let own = scenario.targets.iter().map(|target| target.name.as_str());
        own.chain([EMULATED, BOARD]).collect::<Vec<_>>()
    };
    let place = match name {
        EMULATED => TargetPlace::Emulated,
        BOARD => TargetPlace::Board { port: None, mac: None },
        address => {
            TargetPlace::at_address(address).map_err(|reason| explain::no_target(name, &known(), reason))?
        }
    };
    let is_bare_name = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if is_bare_name
        && matches!(place, TargetPlace::Address { .. })
        && let Some(meant) = text::nearest(name, &known())
    {
        return Err(explain::misspelt_target(name, meant));
    }
    Ok(TargetTable { name: name.to_owned(), place, fields: Vec::new() })
}

fn boards(table: &TargetTable) -> Result<Vec<ChosenBoard>> {
    let one = |place, identity| vec![ChosenBoard { identity, fields: table.fields.clone(), place }];
    match &table.place {
        TargetPlace::Emulated => Ok(one(BoardPlace::Emulated, named(&table.name))),
        TargetPlace::Address { address } => {
            let identity = BoardIdentity { address: Some(address.clone()), ..named(&table.name) };
            Ok(one(BoardPlace::Address, identity))
        }
        TargetPlace::Board { port, mac } => {
            let mac = mac.as_ref().and_then(|mac| mac.parse::<Mac>().ok());
            let wish = match (port, mac) {
                (Some(port), _) => PortWish::Named(port.clone()),
                (None, Some(mac)) => PortWish::Of(mac),
                (None, None) => PortWish::Any,
            };
            let found = wish.find();
            let identity = identity(named(&table.name), mac, &found);
            Ok(one(BoardPlace::Port { wish, found: Box::new(found), mac, row: None }, identity))
        }
        TargetPlace::Boards { manifest } => of_manifest(table, manifest),
    }
}

fn of_manifest(table: &TargetTable, path: &Path) -> Result<Vec<ChosenBoard>> {
    let wrong = |what: String| {
        let doing = format!("reading the manifest {}", path.display());
        Error::new(Fault::Usage, Code::FLASH_MANIFEST, doing, what)
            .hint("see docs/flashing.md for its columns")
    };
    let bytes = std::fs::read(path).map_err(|error| wrong(in_words(&error).into_owned()))?;
    let manifest = Manifest::parse(&bytes, path.parent().unwrap_or(Path::new(".")))
        .map_err(|error| wrong(error.to_string()))?;
    let absolute = |file: &Path| std::path::absolute(file).unwrap_or_else(|_| PathBuf::from(file));
    let board = |(&mac, row): (&Mac, &Row)| {
        // At a USB bridge nothing tells which board it is, so the manifest has to.
        let wish = row.port.clone().map_or(PortWish::Of(mac), PortWish::Named);
        let found = wish.find();
        let hostname = row.hostname.as_ref().map(ToString::to_string);
        let name = hostname.clone().unwrap_or_else(|| mac.to_string());
        let row = BoardRow { certificate: absolute(&row.certificate), key: absolute(&row.key), hostname };
        ChosenBoard {
            identity: identity(named(&name), Some(mac), &found),
            fields: table.fields.clone(),
            place: BoardPlace::Port { wish, found: Box::new(found), mac: Some(mac), row: Some(row) },
        }
    };
    Ok(manifest.rows().map(board).collect())
}

/// The port of the board whose own USB has this MAC address as its serial number.
fn at_mac(mac: Mac) -> Result<PortInfo> {
    let has = |port: &PortInfo| {
        let serial = port.usb.as_ref().and_then(|usb| usb.serial.as_ref());
        port.is_in_the_chip() && serial.and_then(|serial| serial.parse::<Mac>().ok()) == Some(mac)
    };
    list().into_iter().find(has).ok_or_else(|| {
        let what = format!("no USB port belongs to the board {mac}");
        Error::new(Fault::Environment, Code::HIL_NOT_CONNECTED, "looking for a board", what)
            .hint("connect it; a board behind a USB bridge has to be named by its port, as in board = \"/dev/ttyUSB0\", or in the column port of a manifest")
    })
}

fn named(name: &str) -> BoardIdentity {
    BoardIdentity {
        name: name.to_owned(),
        mac: None,
        port: None,
        address: None,
        firmware: None,
        cert_sha256: None,
    }
}

fn identity(named: BoardIdentity, mac: Option<Mac>, port: &Result<PortInfo>) -> BoardIdentity {
    let port = port.as_ref().ok().map(|port| port.path.clone());
    BoardIdentity { mac: mac.map(|mac| mac.to_string()), port, ..named }
}

const EMULATED: &str = "emulated";
const BOARD: &str = "board";
