//! `esp-https probe`.

mod audit;
mod explain;
mod gate;
mod plan;
mod trace;

use std::{io, pin::pin, rc::Rc};

use time::OffsetDateTime;
use tokio::{
    runtime,
    task::{LocalSet, spawn_local},
};

use self::gate::Gate;
use super::cert_fault::note_odd_files;
use crate::interrupt::{Interrupts, Signal};
use crate::{
    cli::ProbeArgs,
    error::{Code, Error, Fault, Result},
    os_error::in_words,
    output::Purpose,
    probe::{
        Phase, Plan, Unobserved,
        audit::{
            Limits, Scope, audit as run_questions,
            stop::{Stop, stopper},
        },
        observe,
    },
    report::{Console, Found, HostReport, HostResult, Hosts, Step},
};

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

/// What was found of one server, held against what is wanted of it.
fn judge(
    plan: &Plan,
    found: std::result::Result<Found, Unobserved>,
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
                Found::Look(look) => explain::shortcoming(look, expected),
                Found::Audit(audit) => audit::shortcoming(audit, signal),
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

type Asked = (Rc<Plan>, std::result::Result<Found, Unobserved>);

/// Asks all servers at once, each by one connection at a time; returns the signal that ended audits before their end.
fn ask_all(
    plans: Vec<Plan>,
    audit: Option<(Scope, Limits)>,
    step: &Step,
) -> Result<(Vec<Asked>, Option<Signal>)> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(no_runtime)?;
    let names: Vec<_> = plans.iter().map(|plan| plan.target.to_string()).collect();
    let result = runtime.block_on(async {
        let mut interrupts = Interrupts::listen().map_err(no_runtime)?;
        let interrupted = |signal| explain::interrupted(&names.join(", "), signal);
        let (stopper, stop) = stopper();
        let audit = audit.map(|(scope, limits)| Questions { scope, limits, stop });
        let is_audit = audit.is_some();
        let mut work = pin!(ask_each(plans, audit, step));
        match interrupts.or(&mut work).await {
            Ok(asked) => Ok((asked, None)),
            // An audit has something to report even so; a second signal is for those who can't wait.
            Err(signal) if is_audit => {
                stopper.stop();
                let asked = interrupts.or(&mut work).await.map_err(interrupted)?;
                Ok((asked, Some(signal)))
            }
            Err(signal) => Err(interrupted(signal)),
        }
    });
    // A name service that does not answer can't be cancelled, and must not keep the person waiting.
    runtime.shutdown_background();
    result
}

/// What an audit asks, what it may cost, and how it is stopped.
#[derive(Clone)]
struct Questions {
    scope: Scope,
    limits: Limits,
    stop: Stop,
}

async fn ask_each(mut plans: Vec<Plan>, audit: Option<Questions>, step: &Step) -> Vec<Asked> {
    if plans.len() == 1
        && let Some(plan) = plans.pop().map(Rc::new)
    {
        let found = ask(&plan, audit, &|phase| step.detail(describe(phase))).await;
        return vec![(plan, found)];
    }
    LocalSet::new().run_until(ask_several(plans, audit)).await
}

async fn ask_several(plans: Vec<Plan>, audit: Option<Questions>) -> Vec<Asked> {
    let tasks: Vec<_> = plans
        .into_iter()
        .map(|plan| {
            let (plan, audit) = (Rc::new(plan), audit.clone());
            let own = Rc::clone(&plan);
            (plan, spawn_local(async move { ask(&own, audit, &|_| ()).await }))
        })
        .collect();
    let mut asked = Vec::new();
    for (plan, task) in tasks {
        // A task fails only by a panic, which has been told already.
        if let Ok(found) = task.await {
            asked.push((plan, found));
        }
    }
    asked
}

async fn ask(
    plan: &Plan,
    audit: Option<Questions>,
    watch: &dyn Fn(Phase),
) -> std::result::Result<Found, Unobserved> {
    let now = OffsetDateTime::now_utc();
    match audit {
        Some(Questions { scope, limits, stop }) => {
            Ok(Found::Audit(Box::new(run_questions(plan, scope, limits, now, watch, stop).await?)))
        }
        None => Ok(Found::Look(Box::new(observe(plan, now, watch).await?))),
    }
}

fn no_runtime(error: io::Error) -> Error {
    Error::new(Fault::Environment, Code::PROBE_RUNTIME, "preparing to probe", in_words(&error)).source(error)
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
