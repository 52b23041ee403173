//! One run: look the name up, ask the device, load it, ask it again, sum up.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use time::OffsetDateTime;
use tokio::time::sleep;

use super::{
    device, explain, files::Files, plan::Prepared, repeated_load::RepeatedLoad, tickets::TicketWatch,
};
use crate::{
    client::{
        connect::{Lookup, LookupError, addresses},
        request::{Afterwards, Request},
        trusting::Slot,
    },
    cmd::peer_fault,
    duration::micros,
    error::{Error, Result},
    interrupt::{Interrupts, Signal},
    load::{
        engine::{self, Ended, FinishedRun},
        failure::{Class, Failure, Stage},
        generator::{Generator, OwnDelay, cpu_time},
        interval::Interval,
        plan::{LoadPlan, StatDuty},
        sample::Totals,
        series::Series,
        summary::{Context, Device, LoadedTarget, Summary},
        wire::Wire,
        wiring::Wiring,
    },
    report::{Console, Step, load::progress},
};

/// One run of what was prepared.
pub(super) struct Run<'a> {
    prepared: &'a Prepared,
}

/// A run that is over.
pub(super) struct Finished {
    pub(super) summary: Summary,
    pub(super) totals: Totals,
    /// What ended the run, or kept it from beginning.
    pub(super) error: Option<Error>,
}

/// The target's addresses, and how long looking them up took.
pub(super) struct Located {
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) dns: Option<Duration>,
}

/// Makes the client of a slot.
pub(super) type Make = Arc<dyn Fn(usize) -> Wire + Send + Sync>;

impl<'a> Run<'a> {
    pub(super) fn new(prepared: &'a Prepared) -> Self {
        Self { prepared }
    }

    pub(super) async fn run(
        &self,
        interrupts: &mut Interrupts,
        console: &Console,
        files: &mut Files,
    ) -> Result<Finished> {
        let begun = std::time::Instant::now();
        let located = match interrupts.or(self.locate()).await {
            Ok(Ok(located)) => located,
            Ok(Err(error)) => return self.not_found(&error, begun.elapsed()),
            Err(signal) => return Err(self.interrupted(signal)),
        };
        explain::reserved(self.prepared.plan.connections, self.prepared.threads, &self.prepared.target)?;
        let make = self.clients(&located, self.prepared.plan.connections)?;
        self.await_start(interrupts, console).await?;
        let mut contact = make(self.prepared.plan.connections);
        let before = device::before(self.prepared.plan.stat, &mut contact, interrupts).await;
        let before = before.map_err(|signal| self.interrupted(signal))?;
        let plan = LoadPlan {
            stat: before.as_ref().map_or(StatDuty::None, |_| self.prepared.plan.stat),
            ..self.prepared.plan
        };
        let step = console.step(explain::doing(&self.prepared.target, &self.prepared.load));
        let again = RepeatedLoad::new(self.prepared, plan, &make);
        let loaded = self.load(plan, make, interrupts, &step, console, files).await?;
        let (series, totals) = (loaded.series.rows(), &loaded.outcome.totals);
        let (attempts, units) = (totals.stat_attempts, totals.completed + totals.failed());
        let run = device::Loaded { series: &series, attempts, units };
        // Who interrupted the run waits for no second one.
        let again = again.filter(|_| loaded.outcome.ended == Ended::Done);
        let figures = device::after(before, &mut contact, interrupts, &run, again.as_ref()).await;
        step.done();
        Ok(self.finish(loaded, located, figures))
    }

    /// Looks the target up.
    pub(super) async fn locate(&self) -> std::result::Result<Located, LookupError> {
        let Prepared { target, address, timeouts, .. } = self.prepared;
        let (addresses, lookup) = addresses(target, *address, timeouts.connect).await?;
        let dns = match lookup {
            Lookup::Literal => None,
            Lookup::Resolved(took) => Some(took),
        };
        Ok(Located { addresses, dns })
    }

    /// Clients for all slots, and one more to ask the device with.
    pub(super) fn clients(&self, located: &Located, slots: usize) -> Result<Make> {
        let Prepared { target, server_name, tls, request, afterwards, timeouts, .. } = self.prepared;
        let authority = target.authority();
        let wiring = Arc::new(Wiring {
            addresses: located.addresses.clone(),
            server_name: server_name.clone(),
            request: request.bytes(&authority, *afterwards),
            method: request.method.answer(),
            repetition: request.method.repetition(),
            stat_request: Request::get("/stat").bytes(&authority, Afterwards::Keep),
            timeouts: *timeouts,
            resume: tls.resume(),
        });
        let slot = || tls.slot().map_err(|error| explain::bad_settings(error.into()));
        let spare = slot()?;
        let slots: Vec<Slot> = (0..slots).map(|_| slot()).collect::<Result<_>>()?;
        Ok(Arc::new(move |index| Wire::new(Arc::clone(&wiring), slots.get(index).unwrap_or(&spare).clone())))
    }

    async fn await_start(&self, interrupts: &mut Interrupts, console: &Console) -> Result<()> {
        let Some(at) = self.prepared.start_at else { return Ok(()) };
        let wait = Duration::try_from(at - OffsetDateTime::now_utc()).unwrap_or_default();
        let step = console.step(format!("waiting {:.1} s for the common start", wait.as_secs_f64()));
        interrupts.or(sleep(wait)).await.map_err(|signal| self.interrupted(signal))?;
        step.done();
        Ok(())
    }

    async fn load(
        &self,
        plan: LoadPlan,
        make: Make,
        interrupts: &mut Interrupts,
        step: &Step,
        console: &Console,
        files: &mut Files,
    ) -> Result<Loaded> {
        let (cpu_before, begun) = (cpu_time(), std::time::Instant::now());
        let (mut series, mut signal) = (Series::default(), None);
        let mut tickets = TicketWatch::new(&self.prepared.load);
        let mut watch = |second: &Interval| {
            if let Some(warning) = tickets.warning(second) {
                step.interrupt(|| console.warn(warning));
            }
            if second.at > Duration::ZERO {
                series.push(second);
                files.second(second);
            }
            step.progress(progress(second));
        };
        let interrupt = async { signal = Some(interrupts.next().await) };
        let outcome = engine::run(plan, self.prepared.threads, make, &mut watch, interrupt).await;
        let outcome = outcome.map_err(explain::no_engine)?;
        let cpu = cpu_time().zip(cpu_before).map(|(after, before)| after.saturating_sub(before));
        // The clock started when all connections were open, not when the threads did.
        let started_at = OffsetDateTime::now_utc() - outcome.elapsed;
        Ok(Loaded { outcome, series, signal, started_at, cpu: cpu.map(|cpu| (cpu, begun.elapsed())) })
    }

    fn finish(&self, loaded: Loaded, located: Located, device: Option<Device>) -> Finished {
        let Loaded { outcome, series, signal, started_at, cpu } = loaded;
        let FinishedRun { totals, elapsed, ended, threads, .. } = outcome;
        let context = Context {
            target: self.target(located.addresses, located.dns),
            load: self.prepared.load.clone(),
            schedule: self.prepared.plan.schedule,
            stop: self.prepared.plan.stop,
            started_at,
            elapsed,
            ended,
            device,
            generator: cpu.map(|(cpu, over)| generator(cpu, over, threads, &totals)),
            series: series.rows(),
        };
        let summary = Summary::new(&totals, context);
        Finished { summary, totals, error: signal.map(|signal| self.interrupted(signal)) }
    }

    /// A target without an address is a failed attempt like any other: it has a class and took its time.
    fn not_found(&self, error: &LookupError, took: Duration) -> Result<Finished> {
        let mut recorder = crate::load::sample::Recorder::new().map_err(explain::no_histograms)?;
        recorder.failed(Failure::new(Class::Dns, Stage::Lookup), took, took);
        let outcome = FinishedRun {
            totals: recorder.totals,
            elapsed: took,
            ended: Ended::Futile,
            threads: 1,
            own_delay: OwnDelay::default(),
        };
        let (started_at, series) = (OffsetDateTime::now_utc(), Series::default());
        let loaded = Loaded { outcome, series, signal: None, started_at, cpu: None };
        let finished = self.finish(loaded, Located { addresses: Vec::new(), dns: Some(took) }, None);
        Ok(Finished { error: Some(peer_fault::lookup_failed(&self.prepared.target, error)), ..finished })
    }

    pub(super) fn target(&self, addresses: Vec<SocketAddr>, dns: Option<Duration>) -> LoadedTarget {
        let target = &self.prepared.target;
        LoadedTarget {
            host: target.host().to_string(),
            port: target.port(),
            path: target.path().to_owned(),
            addresses,
            dns_us: dns.map(micros),
            trust: self.prepared.trust,
        }
    }

    pub(super) fn interrupted(&self, signal: Signal) -> Error {
        explain::interrupted(&self.prepared.target, signal)
    }
}

struct Loaded {
    outcome: FinishedRun,
    series: Series,
    signal: Option<Signal>,
    started_at: OffsetDateTime,
    /// Processor time, and how long it was taken over.
    cpu: Option<(Duration, Duration)>,
}

fn generator(cpu: Duration, elapsed: Duration, threads: usize, totals: &Totals) -> Generator {
    let available = elapsed.as_secs_f64() * threads as f64;
    let share = if available > 0.0 { cpu.as_secs_f64() / available } else { 0.0 };
    Generator {
        threads,
        cpu_us: micros(cpu),
        cpu_share: (share * 1000.0).round() / 1000.0,
        worst_lag_us: micros(totals.lag),
        start_lag_p50_us: (!totals.start_lag.is_empty()).then(|| totals.start_lag.value_at_quantile(0.5)),
    }
}
