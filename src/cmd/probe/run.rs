//! Asks the servers: all at the same time, each by one connection at a time.

use std::{pin::pin, rc::Rc};

use time::OffsetDateTime;
use tokio::task::{LocalSet, spawn_local};

use super::{answer, explain};
use crate::{
    client::exchange::{Exchange, Unanswered},
    cmd::runtime,
    duration::Span,
    error::Result,
    interrupt::Signal,
    probe::{
        ProbePlan, ProbeStep, Unobserved,
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
pub(super) struct Asked {
    pub(super) plan: Rc<ProbePlan>,
    pub(super) found: std::result::Result<Examination, Unobserved>,
    /// The answer to the request; `None` where none was made.
    pub(super) exchange: Option<std::result::Result<Exchange, Unanswered>>,
    /// When, and how long it took.
    pub(super) span: Span,
}

/// Asks all servers at once, each by one connection at a time; returns the signal that ended audits before their end.
pub(super) fn ask_all(
    plans: Vec<ProbePlan>,
    audit: Option<(Scope, Limits)>,
    step: &Step,
) -> Result<(Vec<Asked>, Option<Signal>)> {
    let names: Vec<_> = plans.iter().map(|plan| plan.target.to_string()).collect();
    runtime::run(async {
        let mut interrupts = runtime::interrupts()?;
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
    })
}

/// What an audit asks, what it may cost, and how it is stopped.
#[derive(Clone)]
struct Questions {
    scope: Scope,
    limits: Limits,
    stop: Stop,
}

async fn ask_each(mut plans: Vec<ProbePlan>, audit: Option<Questions>, step: &Step) -> Vec<Asked> {
    if plans.len() == 1
        && let Some(plan) = plans.pop().map(Rc::new)
    {
        return vec![ask(plan, audit, &|phase| step.detail(describe(phase))).await];
    }
    LocalSet::new().run_until(ask_several(plans, audit)).await
}

async fn ask_several(plans: Vec<ProbePlan>, audit: Option<Questions>) -> Vec<Asked> {
    let tasks: Vec<_> = plans
        .into_iter()
        .map(|plan| {
            let audit = audit.clone();
            spawn_local(async move { ask(Rc::new(plan), audit, &|_| ()).await })
        })
        .collect();
    let mut asked = Vec::new();
    for task in tasks {
        // A task fails only by a panic, which has been told already.
        if let Ok(found) = task.await {
            asked.push(found);
        }
    }
    asked
}

async fn ask(plan: Rc<ProbePlan>, audit: Option<Questions>, watch: &dyn Fn(ProbeStep)) -> Asked {
    let started = OffsetDateTime::now_utc();
    let stop = audit.as_ref().map(|audit| audit.stop.clone());
    let found = examine(&plan, audit, watch).await;
    // Whoever ended an audit does not wait for a request.
    let exchange = match (&found, stop) {
        (Ok(found), Some(stop)) => stop.or(answer::asked(&plan, found)).await.flatten(),
        (Ok(found), None) => answer::asked(&plan, found).await,
        (Err(_), _) => None,
    };
    Asked { plan, found, exchange, span: Span::since(started) }
}

async fn examine(
    plan: &ProbePlan,
    audit: Option<Questions>,
    watch: &dyn Fn(ProbeStep),
) -> std::result::Result<Examination, Unobserved> {
    let now = OffsetDateTime::now_utc();
    match audit {
        Some(Questions { scope, limits, stop }) => {
            Ok(Examination::Audit(Box::new(run_questions(plan, scope, limits, now, watch, stop).await?)))
        }
        None => Ok(Examination::Look(Box::new(observe(plan, now, watch).await?))),
    }
}

fn describe(phase: ProbeStep) -> String {
    match phase {
        ProbeStep::LookUp => "looking the name up".to_owned(),
        ProbeStep::Connect => "connecting".to_owned(),
        ProbeStep::Handshake => "handshake".to_owned(),
        ProbeStep::Pause { attempts } => format!("busy, {attempts} attempts so far"),
        ProbeStep::Fetch => "fetching the page".to_owned(),
        ProbeStep::Question { number, title } => format!("question {number}: {title}"),
    }
}
