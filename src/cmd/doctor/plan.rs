//! What the arguments ask for.

use std::{env, path::Path};

use crate::{
    cert::store::Location,
    cli::{DoctorArgs, VerbArg},
    doctor::{
        check::Verb,
        surroundings::{AskBoards, NamedPort, PortNamedBy, Surroundings},
    },
    error::Result,
    output::Use,
    report::Console,
    stop::Stop,
};

/// What is to be done.
pub(super) enum DoctorPlan {
    /// Clean the cache.
    Clean,
    /// Make the checks that these commands need.
    Check { verbs: Vec<Verb>, surroundings: Surroundings, asked: Asked },
}

/// Which commands are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// All, of which some may not be wanted here.
    AboutAll,
    /// Some that are named, which have to work.
    AboutThese,
}

impl DoctorPlan {
    pub(super) fn new(args: &DoctorArgs, stop: Stop, console: &mut Console) -> Result<Self> {
        if args.clean {
            return Ok(Self::Clean);
        }
        let here = Location::in_folder(Path::new("."));
        console.reads("the certificate here", &here.certificate(), Use::Reads)?;
        console.reads("the private key here", &here.key(), Use::Reads)?;
        let ports = ports(&args.ports);
        for port in &ports {
            console.reads("the port", Path::new(&port.path), Use::TalksTo)?;
        }
        let (verbs, asked) = match args.verbs.as_slice() {
            [] => (Verb::ALL.to_vec(), Asked::AboutAll),
            named => {
                let is_named = |verb: &Verb| named.iter().any(|arg| of(*arg) == *verb);
                (Verb::ALL.into_iter().filter(is_named).collect(), Asked::AboutThese)
            }
        };
        let boards = if args.connect { AskBoards::Yes } else { AskBoards::No };
        Ok(Self::Check { verbs, surroundings: Surroundings::look(ports, boards, stop), asked })
    }
}

/// Those of the command line, or else the one that the other commands would take from espflash's variable.
fn ports(named: &[String]) -> Vec<NamedPort> {
    if named.is_empty() {
        let variable = env::var(VARIABLE).ok().filter(|name| !name.is_empty());
        return variable.into_iter().map(|path| NamedPort { path, by: PortNamedBy::Variable }).collect();
    }
    named.iter().map(|path| NamedPort { path: path.clone(), by: PortNamedBy::Flag }).collect()
}

fn of(arg: VerbArg) -> Verb {
    match arg {
        VerbArg::Certgen => Verb::Certgen,
        VerbArg::Flash => Verb::Flash,
        VerbArg::Monitor => Verb::Monitor,
        VerbArg::Emulate => Verb::Emulate,
        VerbArg::Probe => Verb::Probe,
        VerbArg::Load => Verb::Load,
    }
}

/// espflash's variable for the one port.
const VARIABLE: &str = "ESPFLASH_PORT";
