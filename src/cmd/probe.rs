//! `esp-https probe`.

mod audit;
mod explain;
mod trace;

use std::{io, path::Path};

use rustls::{RootCertStore, pki_types::ServerName};
use time::OffsetDateTime;
use tokio::runtime;

use super::interrupt::Interrupts;
use crate::{
    cert::load::{Found, LoadError, certificates},
    cli::ProbeArgs,
    error::{Error, Fault, Result},
    probe::{
        Phase, Plan, Unobserved,
        audit::{Scope, audit as run_questions},
        client::Settings,
        observe,
        target::{Host, Target},
        trust::Expectation,
    },
    report::{Console, Step},
};

/// Runs `esp-https probe`.
pub(super) fn run(args: &ProbeArgs, console: &mut Console) -> Result<()> {
    let plan = plan(args)?;
    if let Some(scope) = audit::scope(&args.audit) {
        return run_audit(&plan, scope, args, console);
    }
    let step = console.step(format!("probing {}", plan.target));
    let seen = in_runtime(&plan, observe(&plan, OffsetDateTime::now_utc(), &watch(&step)));
    if seen.is_ok() {
        step.done();
    }
    let expected = args.cert.as_deref().or(args.cacert.as_deref());
    let (seen, error) = match seen {
        Ok(seen) => {
            let shortcoming = explain::shortcoming(&seen, expected);
            (Some(seen), shortcoming)
        }
        Err(error) => (None, Some(error)),
    };
    match (&plan.client.tape, &seen) {
        (Some(tape), _) => trace::report(args, tape, seen, error.as_ref(), console)?,
        (None, Some(seen)) => console.result(seen, error.as_ref())?,
        (None, None) => {}
    }
    error.map_or(Ok(()), Err)
}

fn plan(args: &ProbeArgs) -> Result<Plan> {
    let target: Target = args.target.parse().map_err(explain::bad_target)?;
    Ok(Plan {
        server_name: server_name(&target, args.server_name.as_deref())?,
        target,
        address: args.address,
        expectation: expectation(args)?,
        timeout: args.timeout,
        client: Settings { tape: trace::tape(args), ..Settings::default() },
    })
}

fn server_name(target: &Target, given: Option<&str>) -> Result<ServerName<'static>> {
    let name = match (given, target.host()) {
        (Some(name), _) => ServerName::try_from(name.to_owned()),
        (None, Host::Name(name)) => ServerName::try_from(name.clone()),
        (None, Host::Address { ip, .. }) => return Ok(ServerName::from(*ip)),
    };
    name.map_err(|_| explain::bad_server_name(given.unwrap_or_default()))
}

fn expectation(args: &ProbeArgs) -> Result<Expectation> {
    match (&args.cert, &args.cacert) {
        (Some(path), _) => {
            let bad_file = |error| explain::bad_file("--cert", error);
            let own = certificates(path).map_err(bad_file)?.into_iter().next();
            let none = || LoadError::NoCertificate { path: path.clone(), found: Found::Nothing };
            own.map(Expectation::Pin).ok_or_else(none).map_err(bad_file)
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

fn run_audit(plan: &Plan, scope: Scope, args: &ProbeArgs, console: &mut Console) -> Result<()> {
    let step = console.step(format!("auditing {}", plan.target));
    let limits = audit::limits(&args.audit);
    let audit =
        in_runtime(plan, run_questions(plan, scope, limits, OffsetDateTime::now_utc(), &watch(&step)))?;
    step.done();
    let shortcoming = audit::shortcoming(&audit);
    console.result(&audit, shortcoming.as_ref())?;
    shortcoming.map_or(Ok(()), Err)
}

fn watch(step: &Step) -> impl Fn(Phase) {
    |phase| step.detail(describe(phase))
}

fn in_runtime<T>(plan: &Plan, work: impl Future<Output = std::result::Result<T, Unobserved>>) -> Result<T> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(no_runtime)?;
    let result = runtime.block_on(async {
        let mut interrupts = Interrupts::listen().map_err(no_runtime)?;
        match interrupts.or(work).await {
            Ok(done) => done.map_err(|error| explain::unobserved(&plan.target, error)),
            Err(signal) => Err(explain::interrupted(&plan.target, signal)),
        }
    });
    // A name service that does not answer can't be cancelled, and must not keep the person waiting.
    runtime.shutdown_background();
    result
}

fn no_runtime(error: io::Error) -> Error {
    Error::new(Fault::Environment, "probe.runtime", "preparing to probe", error.to_string()).source(error)
}

fn describe(phase: Phase) -> String {
    match phase {
        Phase::LookUp => "looking the name up".to_owned(),
        Phase::Connect => "connecting".to_owned(),
        Phase::Handshake => "handshake".to_owned(),
        Phase::Pause { attempts } => format!("busy, {attempts} attempts so far"),
        Phase::Fetch => "fetching the page".to_owned(),
        Phase::Question { number, title } => format!("question {number}: {title}"),
    }
}
