//! From arguments to plans, one for each server.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use rustls::RootCertStore;

use super::explain;
use crate::{
    cert::load::{certificates, first_certificate, private_key},
    cli::ProbeArgs,
    error::{Error, Fault, Result},
    probe::{
        Plan,
        client::{Identity, Settings},
        tape::Tape,
        target::Target,
        trust::Expectation,
    },
};

/// A plan for each server that is named, each once, in their order.
pub(super) fn plans(args: &ProbeArgs, tape: Option<&Arc<Tape>>) -> Result<Vec<Plan>> {
    let mut texts = args.targets.clone();
    if let Some(path) = &args.target_file {
        texts.extend(listed(path)?);
    }
    let identity = identity(args)?;
    let mut seen = BTreeSet::new();
    let mut plans = Vec::new();
    for text in texts {
        let target: Target = text.parse().map_err(explain::bad_target)?;
        if seen.insert(target.to_string()) {
            let client = Settings { identity: identity.clone(), tape: tape.cloned(), ..Settings::default() };
            plans.push(plan(args, target, client)?);
        }
    }
    let several = plans.len() > 1;
    if several && (tape.is_some() || args.address.is_some()) {
        let what = "--trace, --pcap and --address are for one server";
        return Err(
            Error::new(Fault::Usage, "probe.several", "reading the targets", what).hint("name one target")
        );
    }
    Ok(plans)
}

fn plan(args: &ProbeArgs, target: Target, client: Settings) -> Result<Plan> {
    let given = args.server_name.as_deref();
    Ok(Plan {
        server_name: target
            .server_name(given)
            .map_err(|_| explain::bad_server_name(given.unwrap_or_default()))?,
        target,
        address: args.address,
        expectation: expectation(args)?,
        timeout: args.timeout,
        client,
    })
}

/// The targets in a file: one a line, without empty lines and what follows a `#`.
fn listed(path: &Path) -> Result<Vec<String>> {
    let bad = |what: String| {
        Error::new(Fault::Usage, "probe.targets", format!("reading --targets {}", path.display()), what)
            .hint("write one HOST[:PORT] a line; what follows a # is left out")
    };
    let text = fs::read_to_string(path).map_err(|source| bad(source.to_string()).source(source))?;
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let targets: Vec<_> = lines.filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if targets.is_empty() { Err(bad("it names no target".to_owned())) } else { Ok(targets) }
}

/// The client's own certificate and key.
fn identity(args: &ProbeArgs) -> Result<Option<Identity>> {
    let (Some(chain), Some(key)) = (&args.client_cert, &args.client_key) else { return Ok(None) };
    let certificates = certificates(chain).map_err(|error| explain::bad_file("--client-cert", error))?;
    let loaded = private_key(key).map_err(explain::bad_client_key)?;
    Identity::new(certificates, loaded.der())
        .map(Some)
        .map_err(|error| explain::bad_identity(chain, key, error))
}

fn expectation(args: &ProbeArgs) -> Result<Expectation> {
    match (&args.cert, &args.cacert) {
        (Some(path), _) => {
            let own = first_certificate(path).map_err(|error| explain::bad_file("--cert", error))?;
            Ok(Expectation::Pin(own))
        }
        (None, Some(path)) => Ok(Expectation::Cas(Box::new(roots(path)?))),
        (None, None) => Ok(Expectation::Nothing),
    }
}

fn roots(path: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for ca in certificates(path).map_err(|error| explain::bad_file("--cacert", error))? {
        roots.add(ca).map_err(|error| explain::bad_ca(path, error))?;
    }
    Ok(roots)
}
