//! Asks the servers: all at the same time, each by one connection at a time.

use std::{io, pin::pin, rc::Rc};

use time::OffsetDateTime;
use tokio::{
    runtime,
    task::{LocalSet, spawn_local},
};

use super::explain;
use crate::{
    error::{Error, Fault, Result},
    interrupt::{Interrupts, Signal},
    os_error::in_words,
    probe::{
        Phase, Plan, Unobserved,
        audit::{
            Limits, Scope, audit as run_questions,
            stop::{Stop, stopper},
        },
        hosts::Examination,
        observe,
    },
    report::Step,
};

/// A server that was asked, and what was found of it.
pub(super) type Asked = (Rc<Plan>, std::result::Result<Examination, Unobserved>);

/// Asks all servers at once, each by one connection at a time; returns the signal that ended audits before their end.
pub(super) fn ask_all(
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
) -> std::result::Result<Examination, Unobserved> {
    let now = OffsetDateTime::now_utc();
    match audit {
        Some(Questions { scope, limits, stop }) => {
            Ok(Examination::Audit(Box::new(run_questions(plan, scope, limits, now, watch, stop).await?)))
        }
        None => Ok(Examination::Look(Box::new(observe(plan, now, watch).await?))),
    }
}

fn no_runtime(error: io::Error) -> Error {
    Error::new(Fault::Environment, "probe.runtime", "preparing to probe", in_words(&error)).source(error)
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
