//! `esp-https probe`.

mod audit;
mod explain;
mod gate;
mod plan;
mod run;
mod trace;

use self::{gate::Gate, run::ask_all};
use super::cert_fault::note_odd_files;
use crate::{
    cli::{GateArgs, ProbeArgs},
    error::{Error, Result},
    interrupt::Signal,
    output::Purpose,
    probe::{
        ProbePlan, Unobserved,
        hosts::{Examination, HostReport, HostResult, Hosts},
    },
    report::Console,
};

/// Reads what a server should be, to find what is wrong with that before a run.
///
/// # Errors
/// What is wrong.
pub(super) fn check_gate(args: &GateArgs) -> Result<()> {
    Gate::new(args, true).map(drop)
}

/// Runs `esp-https probe`.
pub(super) fn run(args: &ProbeArgs, console: &mut Console) -> Result<()> {
    let transcript = trace::transcript(args);
    let mut odd_files = Vec::new();
    let plans = plan::plans(args, transcript.as_ref(), &mut odd_files)?;
    note_odd_files(&odd_files, console);
    let scope = audit::scope(&args.audit);
    let gate = Gate::new(&args.gate, scope.is_some())?;
    let verb = if scope.is_some() { "auditing" } else { "probing" };
    let names: Vec<_> = plans.iter().map(|plan| plan.target.to_string()).collect();
    gate.check_targets(&names)?;
    trace::output(args).iter().try_for_each(|output| console.check(output, Purpose::SecretResult))?;
    gate::junit_output(&args.gate).iter().try_for_each(|output| console.check(output, Purpose::Result))?;
    let step = console.step(format!("{verb} {}", names.join(", ")));
    let audit = scope.map(|scope| (scope, audit::limits(&args.audit)));
    let (found, signal) = ask_all(plans, audit, &step)?;
    if signal.is_none() && found.iter().all(|(_, found)| found.is_ok()) {
        step.done();
    } else {
        drop(step);
    }
    let mut hosts = Vec::new();
    for (plan, found) in found {
        let mut host = judge(&plan, found, signal, args, &gate)?;
        if let Some(transcript) = &transcript {
            let report = HostReport {
                trace: trace::read(args, transcript, console)?,
                ..host.result.unwrap_or_default()
            };
            host.result = Some(report).filter(|report| !report.is_empty());
        }
        hosts.push(host);
    }
    gate::write_junit(&args.gate, &hosts, console)?;
    conclude(hosts, console)
}

/// Compares what was found of one server with what it should be.
fn judge(
    plan: &ProbePlan,
    found: std::result::Result<Examination, Unobserved>,
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
            let checks = gate.checks(found.facts());
            let changes = gate.changes(&target, &found)?;
            let failed = gate::shortcoming(&target, &checks, changes.as_deref().unwrap_or_default());
            let error = graver(shortcoming, failed);
            (Some(HostReport { found: Some(found), checks, changes, trace: None }), error)
        }
    };
    let exit_code = error.as_ref().map_or(0, |error| error.fault.exit_code());
    Ok(HostResult { target, exit_code, result, error })
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
