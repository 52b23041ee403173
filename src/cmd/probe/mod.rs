//! `esp-https probe`.

mod answer;
mod audit;
pub(super) mod explain;
mod gate;
mod plan;
mod run;
mod trace;

use self::{
    gate::Gate,
    run::{Asked, ask_all},
};
use super::{cert_fault::note_odd_files, junit::JunitFile, request::claim_body, request_fault::unanswered};
use crate::{
    cli::ProbeArgs,
    client::exchange::{Exchange, Unanswered},
    error::{Error, Result},
    interrupt::Signal,
    output::Purpose,
    probe::{
        ProbePlan,
        hosts::{Examination, HostReport, HostResult, Hosts},
    },
    report::{Console, Suite},
};

/// Reads the request and what a server should be, to find what is wrong with them before a run.
///
/// # Errors
/// What is wrong.
pub(super) fn check_args(args: &ProbeArgs) -> Result<()> {
    plan::plans(args, None, &mut Vec::new())?;
    answer::request_for(args, "/")?;
    Gate::new(args, audit::scope(&args.audit).is_some()).map(drop)
}

/// Runs `esp-https probe`.
pub(super) fn run(args: &ProbeArgs, console: &mut Console) -> Result<()> {
    let junit = JunitFile::new("probe", args.gate.junit.as_ref(), console)?;
    let mut suites = Vec::new();
    let ended = probe(args, &mut suites, console);
    junit.conclude(ended, &suites, console)
}

/// Asks the servers and reports on them; adds a suite for each to `suites`.
fn probe(args: &ProbeArgs, suites: &mut Vec<Suite>, console: &mut Console) -> Result<()> {
    let transcript = trace::transcript(args);
    claim_body("--data", args.request.data.as_ref(), console)?;
    claim_body("--expect-body-exactly", args.answer.expect_body_exactly.as_ref(), console)?;
    let mut odd_files = Vec::new();
    let plans = plan::plans(args, transcript.as_ref(), &mut odd_files)?;
    note_odd_files(&odd_files, console);
    if plans.iter().any(answer::gives_secret_away) {
        console.warn("the certificate is not checked, so whoever answers gets the secret of -H: give --cert or --cacert");
    }
    let scope = audit::scope(&args.audit);
    let gate = Gate::new(args, scope.is_some())?;
    let verb = if scope.is_some() { "auditing" } else { "probing" };
    let names: Vec<_> = plans.iter().map(|plan| plan.target.to_string()).collect();
    gate.check_targets(&names)?;
    trace::output(args).iter().try_for_each(|output| console.check(output, Purpose::SecretResult))?;
    let step = console.step(format!("{verb} {}", names.join(", ")));
    let audit = scope.map(|scope| (scope, audit::limits(&args.audit)));
    let (found, signal) = ask_all(plans, audit, &step)?;
    if signal.is_none() && found.iter().all(|asked| asked.found.is_ok()) {
        step.done();
    } else {
        drop(step);
    }
    let mut hosts = Vec::new();
    for asked in found {
        let mut host = judge(asked, signal, args, &gate)?;
        if let Some(transcript) = &transcript {
            let report = HostReport {
                trace: trace::read(args, transcript, console)?,
                ..host.result.unwrap_or_default()
            };
            host.result = Some(report).filter(|report| !report.is_empty());
        }
        hosts.push(host);
    }
    suites.extend(hosts.iter().map(Suite::from));
    conclude(hosts, console)
}

/// Compares what was found of one server with what it should be.
fn judge(
    Asked { plan, found, exchange, span }: Asked,
    signal: Option<Signal>,
    args: &ProbeArgs,
    gate: &Gate,
) -> Result<HostResult> {
    let target = plan.target.to_string();
    let (result, error) = match found {
        Err(error) => (None, Some(explain::unobserved(&plan.target, error))),
        Ok(found) => {
            let expected = args.cert.as_deref().or(args.cacert.as_deref());
            let shortcoming = match &found {
                Examination::Look(look) => explain::shortcoming(look, expected),
                Examination::Audit(audit) => audit::shortcoming(audit, signal),
            };
            let (exchange, unanswered) = answered(&plan, exchange);
            let told = unanswered.as_ref().map(|error| format!("{} ({})", error.what, error.code));
            let shortcoming = graver(shortcoming, unanswered);
            let checks = gate.checks(found.facts().with_exchange(exchange.as_ref()));
            let changes = gate.changes(&target, &found)?;
            let failed = gate::shortcoming(&target, &checks, changes.as_deref().unwrap_or_default());
            let error = graver(shortcoming, failed);
            let found = Some(found);
            (Some(HostReport { found, exchange, unanswered: told, checks, changes, trace: None }), error)
        }
    };
    let exit_code = error.as_ref().map_or(0, |error| error.fault.exit_code());
    Ok(HostResult { target, exit_code, result, error, span })
}

/// The answer to the request, or why there is none.
fn answered(
    plan: &ProbePlan,
    exchange: Option<std::result::Result<Exchange, Unanswered>>,
) -> (Option<Exchange>, Option<Error>) {
    match (exchange, &plan.request) {
        (Some(Ok(exchange)), _) => (Some(exchange), None),
        (Some(Err(error)), Some(request)) => (None, Some(unanswered(&plan.target, request, error))),
        _ => (None, None),
    }
}

/// Reports one server as it is, and several as a list.
fn conclude(mut hosts: Vec<HostResult>, console: &mut Console) -> Result<()> {
    if hosts.len() == 1
        && let Some(HostResult { result, error, .. }) = hosts.pop()
    {
        if let Some(result) = &result {
            console.result(result, error.as_ref())?;
        }
        return error.map_or(Ok(()), Err);
    }
    let error = explain::several(&hosts);
    console.result(&Hosts { hosts }, error.as_ref())?;
    error.map_or(Ok(()), Err)
}

/// The graver of two: what the server's own state is, a failed check, then what is not known.
fn graver(first: Option<Error>, second: Option<Error>) -> Option<Error> {
    match (first, second) {
        (Some(first), Some(second)) if explain::gravity(second.fault) > explain::gravity(first.fault) => {
            Some(second)
        }
        (Some(first), _) => Some(first),
        (None, second) => second,
    }
}
