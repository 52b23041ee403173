//! What the arguments ask for, checked before anything is sent.

use std::{path::Path, time::Duration};

use super::explain;
use crate::{
    cert::{Fingerprint, OddFile},
    cli::DiscoverArgs,
    client::exchange::Redirects,
    client::{
        connect::{KnownAddress, interface_index},
        interface::Interfaces,
        observing::Settings,
        target::Target,
        trust::Expectation,
    },
    cmd::{peer_fault, peer_files},
    discover::{device::Device, identity::KnownCertificate},
    error::Result,
    probe::{PageWish, ProbePlan},
};

/// Where to ask, how long to listen, and what to do with what is found.
pub(super) struct DiscoverPlan {
    pub(super) listen_for: Duration,
    /// The interfaces, by name.
    pub(super) interfaces: Vec<String>,
    pub(super) known: Vec<KnownCertificate>,
    pub(super) handshakes: Handshakes,
}

/// Whether a handshake is made with each device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handshakes {
    /// None is.
    None,
    /// One is, each of whose steps may take this long.
    OneEach(Duration),
}

impl DiscoverPlan {
    /// Reads the certificates, and looks which interfaces there are. Files that are odd and can be read all the same are added to
    /// `odd`.
    pub(super) fn new(args: &DiscoverArgs, odd: &mut Vec<OddFile>) -> Result<Self> {
        Ok(Self {
            listen_for: args.listen_for,
            interfaces: interfaces(&args.interfaces)?,
            known: args.cert.iter().map(|path| known(path, odd)).collect::<Result<_>>()?,
            handshakes: if args.probe { Handshakes::OneEach(args.timeout) } else { Handshakes::None },
        })
    }
}

/// Those that are named, or else all that lead to other machines.
fn interfaces(named: &[String]) -> Result<Vec<String>> {
    for name in named {
        interface_index(name)
            .map_err(|error| peer_fault::no_interface(format!("reading --interface {name}"), &error))?;
    }
    if !named.is_empty() {
        return Ok(named.to_vec());
    }
    let here = Interfaces::here().map_err(|error| explain::no_list(&error))?;
    let outward: Vec<_> = here.outward().map(|interface| interface.name.clone()).collect();
    if outward.is_empty() { Err(explain::no_network()) } else { Ok(outward) }
}

fn known(path: &Path, odd: &mut Vec<OddFile>) -> Result<KnownCertificate> {
    let der = peer_files::pinned(path, odd)?;
    Ok(KnownCertificate {
        file: path.to_owned(),
        sha256: Fingerprint::of_certificate(&der),
        spki_sha256: Fingerprint::of_public_key(&der)
            .map_err(|error| explain::no_certificate(path, error))?,
    })
}

/// One handshake with a device, by the name that it announces: a server may choose its certificate by it.
pub(super) fn handshake(device: &Device, timeout: Duration) -> Option<ProbePlan> {
    let by_name: Option<Target> = format!("{}:{}", device.host, device.port).parse().ok();
    let target = by_name.or_else(|| device.target.parse().ok())?;
    let first = device.addresses.first()?;
    let scope_id = first.zone.as_ref().map_or(0, |(_, index)| *index);
    Some(ProbePlan {
        server_name: target.server_name(None).ok()?,
        target,
        address: Some(KnownAddress { ip: first.ip, scope_id }),
        expectation: Expectation::Nothing,
        timeout,
        client: Settings::default(),
        page: PageWish::Nothing,
        request: None,
        redirects: Redirects::Shown,
    })
}
