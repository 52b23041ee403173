//! From arguments to plans, one for each server.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use super::answer::{is_asked_for, request_for};
use crate::{
    cert::OddFile,
    cli::ProbeArgs,
    client::{
        exchange::Redirects,
        observing::Settings,
        target::{Target, TargetError},
        transcript::Transcript,
        trust::Expectation,
    },
    cmd::{peer_fault, peer_files},
    error::{Code, Error, Fault, Result},
    os_error::in_words,
    probe::{PageWish, ProbePlan},
    text,
};

/// A plan for each server that is named, each once, in their order. Files that are odd and can be read all the same are
/// added to `odd`.
pub(super) fn plans(
    args: &ProbeArgs,
    transcript: Option<&Arc<Transcript>>,
    odd: &mut Vec<OddFile>,
) -> Result<Vec<ProbePlan>> {
    let targets = targets(args)?;
    let identity = peer_files::identity(args.client_cert.as_deref(), args.client_key.as_deref(), odd)?;
    let expectation = expectation(args, odd)?;
    let mut seen = BTreeSet::new();
    let mut plans = Vec::new();
    for target in targets {
        if seen.insert(target.to_string()) {
            let client = Settings {
                identity: identity.clone(),
                transcript: transcript.cloned(),
                ..Settings::default()
            };
            plans.push(plan(args, target, client, expectation.clone())?);
        }
    }
    let several = plans.len() > 1;
    if several && (transcript.is_some() || args.address.is_some()) {
        let what = "--trace, --pcap and --address work with one target only";
        return Err(Error::new(Fault::Usage, Code::PROBE_SEVERAL, "reading the targets", what).advised());
    }
    Ok(plans)
}

/// All targets, with the path that is asked for.
fn targets(args: &ProbeArgs) -> Result<Vec<Target>> {
    let parsed = args.targets.iter().map(|text| text.parse().map_err(peer_fault::bad_target));
    let mut targets: Vec<Target> = parsed.collect::<Result<_>>()?;
    if let Some(path) = &args.target_file {
        targets.extend(listed(path)?);
    }
    match &args.path {
        Some(path) => {
            targets.into_iter().map(|it| it.with_path(path).map_err(peer_fault::bad_target)).collect()
        }
        None => Ok(targets),
    }
}

fn plan(args: &ProbeArgs, target: Target, client: Settings, expectation: Expectation) -> Result<ProbePlan> {
    let given = args.server_name.as_deref();
    let request = is_asked_for(args).then(|| request_for(args, target.path())).transpose()?;
    let known = |given| peer_fault::known_address(&target, given);
    let address = args.address.as_ref().map(known).transpose()?;
    let is_audit = args.audit.audit || args.audit.all;
    Ok(ProbePlan {
        server_name: target
            .server_name(given)
            .map_err(|_| peer_fault::bad_server_name(given.unwrap_or_default()))?,
        target,
        address,
        expectation,
        timeout: args.timeout,
        client,
        page: if request.is_some() && !is_audit { PageWish::Nothing } else { PageWish::Get },
        request,
        redirects: if args.follow { Redirects::Followed } else { Redirects::Shown },
    })
}

/// The targets in a file: one a line, without empty lines and what follows a `#`. An error names the line and does not
/// repeat it: a key file that is given by mistake stays secret.
fn listed(path: &Path) -> Result<Vec<Target>> {
    let bad = |what: String| {
        Error::new(Fault::Usage, Code::PROBE_TARGETS, format!("reading --targets {}", path.display()), what)
            .advised()
    };
    let text =
        text::read_to_string(path).map_err(|source| bad(in_words(&source).into_owned()).source(source))?;
    let mut targets = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if !line.is_empty() {
            let wrong = |error: TargetError| bad(format!("line {}: {}", index + 1, error.kind()));
            targets.push(line.parse().map_err(wrong)?);
        }
    }
    if targets.is_empty() { Err(bad("it names no target".to_owned())) } else { Ok(targets) }
}

fn expectation(args: &ProbeArgs, odd: &mut Vec<OddFile>) -> Result<Expectation> {
    match (&args.cert, &args.cacert) {
        (Some(path), _) => Ok(Expectation::Pin(peer_files::pinned(path, odd)?)),
        (None, Some(path)) => Ok(Expectation::Cas(Box::new(peer_files::roots(path, odd)?))),
        (None, None) => Ok(Expectation::Nothing),
    }
}
