//! `esp-https load --find-limit`: how much load the device can take.

use std::{future::pending, sync::Arc, time::Duration};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::Instant;

use super::{
    device, explain,
    files::Files,
    plan::Prepared,
    repeated_load::RepeatedLoad,
    run::{Located, Make, Run},
    shortcoming,
};
use crate::{
    cli::LoadArgs,
    cmd::peer_fault,
    duration::micros,
    error::Result,
    interrupt::Interrupts,
    load::{
        engine::{self, EngineError, FinishedRun},
        gate::Gate,
        limit::{
            Attempt, Bounds, DEFAULT_SESSIONS, Gated, LimitKind, Limits, SearchResult, StepRunner, search,
        },
        plan::{LoadPlan, Mode},
        remarks,
        summary::{Context, Device, GateVerdict, LoadedTarget, Summary},
        wire::Wire,
    },
    report::{Console, Step, Suite, load::attempt},
};

/// Searches for the device's limits, and reports as far as the search has come, whatever ended it.
pub(super) async fn find(
    args: &LoadArgs,
    prepared: &Prepared,
    interrupts: &mut Interrupts,
    suites: &mut Vec<Suite>,
    console: &mut Console,
    files: Files,
) -> Result<()> {
    let run = Run::new(prepared);
    let located = match interrupts.or(run.locate()).await {
        Ok(Ok(located)) => located,
        Ok(Err(error)) => return Err(peer_fault::lookup_failed(&prepared.target, &error)),
        Err(signal) => return Err(run.interrupted(signal)),
    };
    let bounds = bounds(args);
    explain::reserved(bounds.sessions, prepared.threads, &prepared.target)?;
    let make = run.clients(&located, bounds.sessions)?;
    let step = console.step(format!("looking for the limits of {}", prepared.target));
    let (started_at, begun) = (OffsetDateTime::now_utc(), Instant::now());
    let mut contact = make(bounds.sessions);
    let before = device::before(prepared.plan.stat, &mut contact, interrupts).await;
    let before = before.map_err(|signal| run.interrupted(signal))?;
    let mut limits = Limits::default();
    let mut runner = LiveStepRunner {
        prepared,
        run: &run,
        located: &located,
        make: Make::clone(&make),
        step: &step,
        started_at,
        statuses: Vec::new(),
        units: 0,
    };
    let searched = interrupts.or(search(&mut runner, &bounds, &mut limits)).await;
    let LiveStepRunner { statuses, units, .. } = runner;
    let interrupted = match searched {
        Ok(searched) => searched.map_err(explain::no_engine).map(|()| None)?,
        Err(signal) => Some(run.interrupted(signal)),
    };
    let loaded = device::Loaded { series: &[], attempts: 0, units };
    let again = interrupted.is_none().then(|| repeated(prepared, &bounds, &make)).flatten();
    let device = device::after(before, &mut contact, interrupts, &loaded, again.as_ref()).await;
    step.done();
    let target = run.target(located.addresses.clone(), located.dns);
    let mut found = found(target, started_at, begun.elapsed(), limits, device);
    found.warnings = remarks::search_warnings(&found, &statuses);
    let error = interrupted.or_else(|| shortcoming::of_search(&found, &prepared.timeouts));
    suites.push(Suite::of_search(&found, error.as_ref()));
    console.result(&found, error.as_ref())?;
    files.write(&found, console)?;
    error.map_or(Ok(()), Err)
}

fn found(
    target: LoadedTarget,
    started_at: OffsetDateTime,
    elapsed: Duration,
    limits: Limits,
    device: Option<Device>,
) -> SearchResult {
    SearchResult {
        kind: LimitKind::Limits,
        target,
        started_at: started_at.format(&Rfc3339).unwrap_or_default(),
        elapsed_us: micros(elapsed),
        limits,
        findings: device.as_ref().map(remarks::device_findings).unwrap_or_default(),
        device,
        warnings: Vec::new(),
    }
}

/// What a search does, in one: handshakes and requests, on as many connections as it tries.
fn repeated(prepared: &Prepared, bounds: &Bounds, make: &Make) -> Option<RepeatedLoad> {
    let plan = LoadPlan { unit: Mode::Close.unit(), connections: bounds.sessions, ..prepared.plan };
    RepeatedLoad::new(prepared, plan, make)
}

fn bounds(args: &LoadArgs) -> Bounds {
    Bounds {
        sessions: args.connections.unwrap_or(DEFAULT_SESSIONS) as usize,
        step: args.duration.unwrap_or(DEFAULT_STEP),
        recovery: RECOVERY_PATIENCE,
        longest: args.max_time.unwrap_or(DEFAULT_LONGEST),
    }
}

/// The search on this machine's network and cores.
struct LiveStepRunner<'a> {
    prepared: &'a Prepared,
    run: &'a Run<'a>,
    located: &'a Located,
    make: Make,
    step: &'a Step,
    started_at: OffsetDateTime,
    /// Answers of all steps by status.
    statuses: Vec<(u16, u64)>,
    /// Units of all steps that ended.
    units: u64,
}

impl StepRunner for LiveStepRunner<'_> {
    type Client = Wire;

    fn client(&self, index: usize) -> Wire {
        (self.make)(index)
    }

    async fn run(&mut self, plan: LoadPlan) -> std::result::Result<FinishedRun, EngineError> {
        let make = Arc::clone(&self.make);
        let mut outcome = engine::run(plan, self.prepared.threads, make, &mut |_| {}, pending()).await?;
        // How busy our processors are matters to a server that shares them.
        if !self.located.addresses.iter().any(|address| address.ip().is_loopback()) {
            outcome.own_delay.idle_share = None;
        }
        self.statuses.extend(&outcome.totals.statuses);
        self.units += outcome.totals.completed + outcome.totals.failed();
        Ok(outcome)
    }

    fn passes(&self, mode: Mode, plan: &LoadPlan, outcome: &FinishedRun) -> Gated {
        let mut load = self.prepared.load.clone();
        (load.mode, load.connections) = (mode, plan.connections);
        let context = Context {
            target: self.run.target(self.located.addresses.clone(), None),
            load,
            schedule: plan.schedule,
            stop: plan.stop,
            started_at: self.started_at,
            elapsed: outcome.elapsed,
            ended: outcome.ended,
            device: None,
            generator: None,
            series: Vec::new(),
        };
        let summary = Summary::new(&outcome.totals, context);
        let failed = |gate: &Gate| gate.judge(&outcome.totals, &summary).verdict == GateVerdict::Failed;
        if self.prepared.gates.iter().any(failed) { Gated::Failed } else { Gated::Passed }
    }

    fn tell(&mut self, tried: &Attempt) {
        self.step.progress(attempt(tried));
    }
}

const DEFAULT_STEP: Duration = Duration::from_secs(5);
const DEFAULT_LONGEST: Duration = Duration::from_secs(5 * 60);
const RECOVERY_PATIENCE: Duration = Duration::from_secs(60);
