//! `esp-https probe`.

mod audit;
mod explain;
mod gate;
mod plan;
mod trace;

use std::{io, rc::Rc};

use time::OffsetDateTime;
use tokio::{
    runtime,
    task::{LocalSet, spawn_local},
};

use self::gate::Gate;
use super::interrupt::Interrupts;
use crate::{
    cli::ProbeArgs,
    error::{Error, Fault, Result},
    probe::{
        Phase, Plan, Unobserved,
        audit::{Limits, Scope, audit as run_questions},
        observe,
    },
    report::{Console, Found, HostReport, HostResult, Hosts, Step, check_writable},
};

/// Runs `esp-https probe`.
pub(super) fn run(args: &ProbeArgs, console: &mut Console) -> Result<()> {
    let tape = trace::tape(args);
    let plans = plan::plans(args, tape.as_ref())?;
    let scope = audit::scope(&args.audit);
    let gate = Gate::new(&args.gate, scope.is_some())?;
    let verb = if scope.is_some() { "auditing" } else { "probing" };
    let names: Vec<_> = plans.iter().map(|plan| plan.target.to_string()).collect();
    gate.check_targets(&names)?;
    [&args.pcap, &args.gate.junit].into_iter().flatten().try_for_each(|path| check_writable(path))?;
    let step = console.step(format!("{verb} {}", names.join(", ")));
    let found = ask_all(plans, scope.map(|scope| (scope, audit::limits(&args.audit))), &step)?;
    if found.iter().all(|(_, found)| found.is_ok()) {
        step.done();
    } else {
        drop(step);
    }
    let mut hosts = Vec::new();
    for (plan, found) in found {
        let mut host = judge(&plan, found, args, &gate)?;
        if let Some(tape) = &tape {
            let report =
                HostReport { trace: trace::read(args, tape, console)?, ..host.result.unwrap_or_default() };
            host.result = Some(report).filter(|report| !report.is_empty());
        }
        hosts.push(host);
    }
    gate::write_junit(args.gate.junit.as_deref(), &hosts)?;
    conclude(hosts, console)
}

/// What was found of one server, held against what is wanted of it.
fn judge(
    plan: &Plan,
    found: std::result::Result<Found, Unobserved>,
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
                Found::Audit(audit) => audit::shortcoming(audit),
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

/// Asks all servers at once, each by one connection at a time.
fn ask_all(plans: Vec<Plan>, audit: Option<(Scope, Limits)>, step: &Step) -> Result<Vec<Asked>> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(no_runtime)?;
    let names: Vec<_> = plans.iter().map(|plan| plan.target.to_string()).collect();
    let result = runtime.block_on(async {
        let mut interrupts = Interrupts::listen().map_err(no_runtime)?;
        let interrupted = |signal| explain::interrupted(&names.join(", "), signal);
        if let [_] = plans.as_slice() {
            let one = plans.into_iter().next().map(Rc::new);
            let work = async {
                let plan = one?;
                let found = ask(&plan, audit, &|phase| step.detail(describe(phase))).await;
                Some((plan, found))
            };
            return interrupts.or(work).await.map(|asked| asked.into_iter().collect()).map_err(interrupted);
        }
        let local = LocalSet::new();
        interrupts.or(local.run_until(ask_several(plans, audit))).await.map_err(interrupted)
    });
    // A name service that does not answer can't be cancelled, and must not keep the person waiting.
    runtime.shutdown_background();
    result
}

async fn ask_several(plans: Vec<Plan>, audit: Option<(Scope, Limits)>) -> Vec<Asked> {
    let tasks: Vec<_> = plans
        .into_iter()
        .map(|plan| {
            let plan = Rc::new(plan);
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
    audit: Option<(Scope, Limits)>,
    watch: &dyn Fn(Phase),
) -> std::result::Result<Found, Unobserved> {
    let now = OffsetDateTime::now_utc();
    match audit {
        Some((scope, limits)) => {
            Ok(Found::Audit(Box::new(run_questions(plan, scope, limits, now, watch).await?)))
        }
        None => Ok(Found::Look(Box::new(observe(plan, now, watch).await?))),
    }
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
