//! A scenario: what is to be run, on what, as data.

use std::{path::PathBuf, time::Duration};

use super::{kind::StepKind, reading::place_of, template::Template};

/// A scenario that has been read, and in which nothing is wrong as far as that can be told before it is run.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// The target that is taken when none is named; `None` for the only one, or the emulated board.
    pub target: Option<String>,
    /// What it may run on.
    pub targets: Vec<TargetTable>,
    /// How long all of it may take.
    pub max_time: Option<Duration>,
    /// What to do when the lab is at fault.
    pub lab: LabTable,
    /// What is done, in this order.
    pub steps: Vec<Step>,
}

/// Something that a scenario runs on.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetTable {
    /// Its name, for `--target`.
    pub name: String,
    /// What it is.
    pub place: TargetPlace,
    /// The flags that every `flash` (or start of the emulated board) gets, and for an address the flags of trust that every
    /// `probe` and `load` gets.
    pub fields: Vec<Field>,
}

/// What a target is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetPlace {
    /// The emulated board.
    Emulated,
    /// The board at this port, or with this MAC address; the only one where neither is named.
    Board {
        /// Its port.
        port: Option<String>,
        /// Its MAC address.
        mac: Option<String>,
    },
    /// The boards of a manifest, as `flash --manifest` takes it.
    Boards {
        /// The file.
        manifest: PathBuf,
    },
    /// A server at an address.
    Address {
        /// `HOST[:PORT]`.
        address: String,
    },
}

/// What to do when the lab is at fault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabTable {
    /// Commands for a shell that bring the lab back into order, such as a power cycle; they run before a step is tried again.
    pub recover: Vec<String>,
    /// How often a step is tried again.
    pub retries: u32,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its name, which no other step has.
    pub name: String,
    /// What kind it is.
    pub kind: StepKind,
    /// Its fields, in the order of the scenario.
    pub fields: Vec<Field>,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// Whether it is run although a step before it failed.
    pub always: Always,
    /// How often it is tried again when the lab is at fault; `None` as the lab's table says.
    pub retry: Option<u32>,
    /// Where it is in the file.
    pub place: Place,
}

/// Whether a step is run although a step before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Always {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// A field of a step or of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its key, which is a flag's name.
    pub name: String,
    /// Its values; none for a switch that is on.
    pub values: Vec<Template>,
    /// Where it is in the file.
    pub place: Place,
}

/// A place in the scenario's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

impl Step {
    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl TargetPlace {
    /// The server at an address, `HOST[:PORT]`.
    ///
    /// # Errors
    /// Why it is no address, in words.
    pub fn at_address(address: &str) -> Result<Self, &'static str> {
        place_of(address)
    }
}

impl Scenario {
    /// The target of this name.
    #[must_use]
    pub fn target(&self, name: &str) -> Option<&TargetTable> {
        self.targets.iter().find(|target| target.name == name)
    }
}
