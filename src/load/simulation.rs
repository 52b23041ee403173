//! A small device, simulated in tokio's paused time: one processor, few sessions, slow handshakes. The worker loop, the
//! schedules and the search for limits are tested against it, exactly and at once.

use std::{cell::Cell, rc::Rc, sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    client::{Agreed, Answered, Client, HandshakeKind, Opened, Traffic, Unanswered},
    due_timer::Timing,
    engine::{Ended, EngineError, FinishedRun},
    failure::{Class, Failure, Stage},
    generator::OwnDelay,
    interval::Interval,
    limit::{Attempt, Bounds, Certainty, Gated, Limits, StepRunner},
    plan::{LoadPlan, Mode, StatDuty},
    sample::Totals,
    schedule::{Schedule, StopRule},
    shard::{Order, shard},
    shortage::Shortage,
    worker::Run,
};
use crate::device::ready::Stat;

const MS: Duration = Duration::from_millis(1);

/// The simulated device.
struct Device {
    sessions: Arc<Semaphore>,
    processor: Semaphore,
    handshake: Duration,
    answer: Duration,
    /// No answer comes between these times.
    stall: Option<(Instant, Instant)>,
    beyond: Overflow,
    /// How long everything takes, in percent of what it should.
    percent: Cell<u32>,
}

/// What a connection beyond the sessions meets.
#[derive(Clone, Copy)]
enum Overflow {
    Reset,
    Waits,
    /// This machine can't make it.
    NotMade,
}

struct Simulated {
    device: Rc<Device>,
    session: Option<OwnedSemaphorePermit>,
}

impl Device {
    fn new(sessions: usize, handshake: Duration, answer: Duration) -> Self {
        Self {
            sessions: Arc::new(Semaphore::new(sessions)),
            processor: Semaphore::new(1),
            handshake,
            answer,
            stall: None,
            beyond: Overflow::Waits,
            percent: Cell::new(100),
        }
    }

    fn client(self: &Rc<Self>) -> Simulated {
        Simulated { device: Rc::clone(self), session: None }
    }
}

impl Client for Simulated {
    async fn open(&mut self) -> Result<Opened, Failure> {
        let begun = Instant::now();
        let fail = |class| Failure::new(class, Stage::Handshake);
        let device = Rc::clone(&self.device);
        let session = match device.beyond {
            Overflow::Reset => {
                Arc::clone(&device.sessions).try_acquire_owned().map_err(|_| fail(Class::ResetInHandshake))?
            }
            Overflow::NotMade => Arc::clone(&device.sessions)
                .try_acquire_owned()
                .map_err(|_| Failure::of_this_machine(Shortage::FileDescriptors, Stage::Connect))?,
            Overflow::Waits => timeout(MS * 15_000, Arc::clone(&device.sessions).acquire_owned())
                .await
                .map_err(|_| fail(Class::HandshakeTimeout))?
                .unwrap(),
        };
        let _busy = device.processor.acquire().await.unwrap();
        sleep(device.handshake * device.percent.get() / 100).await;
        self.session = Some(session);
        Ok(Opened {
            tcp: Duration::ZERO,
            tls: begun.elapsed(),
            kind: HandshakeKind::Full,
            agreed: Agreed::default(),
        })
    }

    fn is_open(&mut self) -> bool {
        self.session.is_some()
    }

    async fn ask(&mut self) -> Result<Answered, Unanswered> {
        let begun = Instant::now();
        let _busy = self.device.processor.acquire().await.unwrap();
        if let Some((_, until)) =
            self.device.stall.filter(|(from, until)| (*from..*until).contains(&Instant::now()))
        {
            sleep_until(until).await;
        }
        sleep(self.device.answer * self.device.percent.get() / 100).await;
        Ok(Answered { first_byte: begun.elapsed(), total: begun.elapsed(), status: 200 })
    }

    async fn stat(&mut self) -> Option<Stat> {
        None
    }

    async fn close(&mut self) {
        self.session = None;
    }

    fn traffic(&mut self) -> Traffic {
        Traffic::default()
    }
}

async fn run(device: &Rc<Device>, plan: LoadPlan) -> Totals {
    let clients = (0..plan.connections).map(|slot| (slot, device.client())).collect();
    let (_orders, listen) = watch::channel(Order::Go);
    shard(Arc::new(Run::new(plan)), clients, listen, Timing::Tokio, |_: Interval| {}).await.unwrap()
}

fn plan(mode: Mode, connections: usize, schedule: Schedule, seconds: u32) -> LoadPlan {
    let stop = StopRule { count: None, duration: Some(MS * 1000 * seconds) };
    LoadPlan { unit: mode.unit(), connections, schedule, stop, grace: MS * 10_000, stat: StatDuty::None }
}

fn percentile(histogram: &hdrhistogram::Histogram<u64>, percentile: f64) -> Duration {
    Duration::from_micros(histogram.value_at_percentile(percentile))
}

#[tokio::test(start_paused = true)]
async fn a_stall_shows_in_the_corrected_percentile_and_not_in_the_uncorrected_one() {
    let now = Instant::now();
    let stall = Some((now + MS * 9_000, now + MS * 11_000));
    let device = Rc::new(Device { stall, ..Device::new(1, MS, MS) });
    let totals = run(&device, plan(Mode::Request, 1, Schedule::Steady { per_s: 100.0 }, 20)).await;
    assert_eq!((totals.completed, totals.failed()), (2000, 0), "none of those due is left out");
    let corrected = percentile(&totals.total, 99.0);
    let uncorrected = percentile(&totals.uncorrected, 99.0);
    assert!(corrected > MS * 1700, "a tenth of the run was due while the server stood still: {corrected:?}");
    assert!(uncorrected < MS * 10, "only one request waited for the answer: {uncorrected:?}");
}

#[tokio::test(start_paused = true)]
async fn a_closed_loop_waits_for_answers_and_a_count_ends_it() {
    let device = Rc::new(Device::new(2, MS * 1500, MS * 10));
    let plan = LoadPlan {
        stop: StopRule { count: Some(10), duration: None },
        ..plan(Mode::Handshake, 2, Schedule::AsAnswered, 1)
    };
    let totals = run(&device, plan).await;
    assert_eq!((totals.completed, totals.tls_full.len(), totals.first_byte.len()), (10, 10, 0));
    assert_eq!(totals.last_at.as_millis(), 15_000, "one processor makes ten handshakes in fifteen seconds");
}

#[tokio::test(start_paused = true)]
async fn a_mode_is_what_its_unit_says() {
    for (mode, handshakes, answers) in [(Mode::Request, 1, 5), (Mode::Handshake, 5, 0), (Mode::Close, 5, 5)] {
        let device = Rc::new(Device::new(1, MS * 100, MS));
        let stop = StopRule { count: Some(5), duration: None };
        let totals = run(&device, LoadPlan { stop, ..plan(mode, 1, Schedule::AsAnswered, 1) }).await;
        assert_eq!(
            (totals.tls_full.len(), totals.first_byte.len(), totals.completed),
            (handshakes, answers, 5)
        );
        assert_eq!(device.sessions.available_permits(), 1, "the connection is closed at the end");
    }
}

#[tokio::test(start_paused = true)]
async fn a_ramp_asks_for_what_it_says() {
    let device = Rc::new(Device::new(1, MS, MS));
    let ramp = Schedule::Ramp { from: 0.0, to: 20.0, over: MS * 10_000 };
    let totals = run(&device, plan(Mode::Request, 1, ramp, 10)).await;
    assert_eq!(totals.completed, 100);
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_when_time_and_grace_are_over_has_failed_with_its_time() {
    let now = Instant::now();
    let device = Rc::new(Device { stall: Some((now, now + MS * 100_000)), ..Device::new(1, MS, MS) });
    let totals = run(&device, plan(Mode::Request, 1, Schedule::AsAnswered, 5)).await;
    let tally = totals.first_failure().unwrap();
    assert_eq!((tally.failure.class, tally.took.len()), (Class::Deadline, 1));
    assert_eq!(percentile(&tally.took, 100.0).as_secs(), 15 - 1 + 1, "five seconds and ten of grace");
}

#[tokio::test(start_paused = true)]
async fn a_refusing_server_is_not_hammered() {
    let device = Rc::new(Device { beyond: Overflow::Reset, ..Device::new(0, MS, MS) });
    let totals = run(&device, plan(Mode::Handshake, 1, Schedule::AsAnswered, 10)).await;
    // 10 ms doubled seven times is 1.27 s, then one a second.
    assert!((14..=18).contains(&totals.failed()), "{}", totals.failed());
}

struct SimulatedStepRunner {
    device: Rc<Device>,
    told: Vec<Attempt>,
    own_delay: OwnDelay,
    /// The device's slowness in each pass, in percent, again and again.
    slowness: Vec<u32>,
    passes: usize,
    step: Duration,
}

impl StepRunner for SimulatedStepRunner {
    type Client = Simulated;

    fn client(&self, _: usize) -> Simulated {
        self.device.client()
    }

    async fn run(&mut self, plan: LoadPlan) -> Result<FinishedRun, EngineError> {
        let begun = Instant::now();
        self.device.percent.set(self.slowness[self.passes % self.slowness.len()]);
        self.passes += 1;
        let totals = run(&self.device, plan).await;
        Ok(FinishedRun {
            totals,
            elapsed: begun.elapsed(),
            ended: Ended::Done,
            threads: 1,
            own_delay: self.own_delay,
        })
    }

    fn passes(&self, _: Mode, _: &LoadPlan, _: &FinishedRun) -> Gated {
        Gated::Passed
    }

    fn tell(&mut self, attempt: &Attempt) {
        self.told.push(*attempt);
    }
}

impl SimulatedStepRunner {
    fn new(device: Device) -> Self {
        let (device, told, own_delay) = (Rc::new(device), Vec::new(), OwnDelay::default());
        Self { device, told, own_delay, slowness: vec![100], passes: 0, step: MS * 5000 }
    }

    async fn limits(mut self, longest: Duration) -> Limits {
        let bounds = Bounds { sessions: 64, step: self.step, recovery: MS * 30_000, longest };
        let mut limits = Limits::default();
        super::limit::search(&mut self, &bounds, &mut limits).await.unwrap();
        assert!(self.told.contains(&Attempt::Recovery));
        limits
    }
}

async fn limits(device: Device) -> Limits {
    SimulatedStepRunner::new(device).limits(LONG).await
}

/// More than any search takes.
const LONG: Duration = Duration::from_secs(3600);

fn is_within_a_tenth(found: f64, true_value: f64) -> bool {
    (found - true_value).abs() <= true_value / 10.0
}

#[tokio::test(start_paused = true)]
async fn the_limits_of_a_four_session_device_are_found() {
    for beyond in [Overflow::Waits, Overflow::Reset] {
        let found = limits(Device { beyond, ..Device::new(4, MS * 1500, MS * 20) }).await;
        let sessions = found.sessions.unwrap();
        assert_eq!(sessions.most, 4);
        let class = match beyond {
            Overflow::Waits => Class::HandshakeTimeout,
            _ => Class::ResetInHandshake,
        };
        assert_eq!(sessions.beyond.unwrap().class, class);
        assert_eq!(found.first_failure.unwrap().connections, 5);
        let handshakes = found.handshakes.unwrap();
        assert!(is_within_a_tenth(handshakes.per_s, 1.0 / 1.5), "{handshakes:?}");
        assert!(is_within_a_tenth(handshakes.steady_per_s.unwrap(), 1.0 / 1.5), "{handshakes:?}");
        let requests = found.requests.unwrap();
        assert!(is_within_a_tenth(requests.per_s, 50.0), "{requests:?}");
        assert!(is_within_a_tenth(requests.steady_per_s.unwrap(), 50.0), "{requests:?}");
        assert!(found.recovery.unwrap().after_us.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_takes_nothing_has_no_saturation_point() {
    let begun = Instant::now();
    let found = limits(Device { beyond: Overflow::Reset, ..Device::new(0, MS, MS) }).await;
    assert!(
        begun.elapsed() < MS * 7000,
        "it is not waited for as for one that worked: {:?}",
        begun.elapsed()
    );
    assert_eq!(found.sessions.unwrap().most, 0);
    assert_eq!((found.handshakes, found.requests), (None, None));
    assert_eq!(found.recovery.unwrap().after_us, None);
}

#[tokio::test(start_paused = true)]
async fn what_decides_is_repeated_until_the_median_is_stable() {
    let device = || Device::new(2, MS * 100, MS * 10);
    let calm = limits(device()).await.requests.unwrap();
    assert_eq!((calm.certainty, calm.spread.passes), (Certainty::Stable, 3));
    // Every third pass is disturbed, so that single passes are off by a half.
    let mut runner = SimulatedStepRunner::new(device());
    runner.slowness = vec![150, 100, 102, 150, 98];
    let found = runner.limits(LONG).await;
    let noisy = found.requests.unwrap();
    assert!((noisy.per_s / calm.per_s - 1.0).abs() < 0.15, "{noisy:?} is not like {calm:?}");
    assert!(noisy.spread.least < noisy.per_s && noisy.per_s <= noisy.spread.most, "{noisy:?}");
    assert!(noisy.spread.passes > 3, "{noisy:?}");
    for point in [calm, noisy, found.handshakes.unwrap()] {
        assert!(
            point.steady_per_s.unwrap() <= point.per_s,
            "what is kept up is no more than the most: {point:?}"
        );
        assert!(point.steady_spread.unwrap().passes >= 2, "{point:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn passes_that_never_agree_are_called_unstable_and_end() {
    let mut runner = SimulatedStepRunner::new(Device::new(1, MS * 100, MS * 10));
    runner.slowness = vec![100, 300];
    let found = runner.limits(LONG).await;
    assert_eq!(found.requests.unwrap().certainty, Certainty::Unstable, "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_waits_for_its_processors_can_not_tell() {
    let mut runner = SimulatedStepRunner::new(Device::new(2, MS * 100, MS * 10));
    runner.own_delay = OwnDelay { mean_wait: Some(MS * 5), ..OwnDelay::default() };
    let found = runner.limits(LONG).await;
    assert_eq!(found.handshakes.unwrap().certainty, Certainty::Stable, "5 ms are little beside 100");
    assert_eq!(found.requests.unwrap().certainty, Certainty::Starved);
    let mut runner = SimulatedStepRunner::new(Device::new(2, MS * 100, MS * 10));
    runner.own_delay = OwnDelay { idle_share: Some(0.02), ..OwnDelay::default() };
    let found = runner.limits(LONG).await;
    assert_eq!(
        found.handshakes.unwrap().certainty,
        Certainty::Starved,
        "the server's own processors are busy"
    );
}

#[tokio::test(start_paused = true)]
async fn a_search_ends_when_its_time_is_up_and_tells_what_it_has() {
    let begun = Instant::now();
    let runner = SimulatedStepRunner::new(Device::new(4, MS * 1500, MS * 20));
    let found = runner.limits(MS * 90_000).await;
    assert!(begun.elapsed() <= MS * 95_000, "{:?}", begun.elapsed());
    assert!(found.time_up);
    assert_eq!(found.sessions.unwrap().most, 4);
    assert!(found.requests.unwrap().per_s > 0.0 && found.recovery.unwrap().after_us.is_some(), "{found:?}");
    let begun = Instant::now();
    let runner = SimulatedStepRunner::new(Device::new(64, MS * 1500, MS * 20));
    let found = runner.limits(MS * 10_000).await;
    assert!(begun.elapsed() <= MS * 30_000, "{:?}", begun.elapsed());
    assert!(found.time_up && found.sessions.unwrap().beyond.is_none(), "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn a_step_in_which_nothing_can_end_is_made_longer() {
    for step in [Duration::from_nanos(1), Duration::from_micros(1), MS] {
        let mut runner = SimulatedStepRunner::new(Device::new(4, MS * 1500, MS * 20));
        runner.step = step;
        let found = runner.limits(LONG).await;
        let (handshakes, requests) = (found.handshakes.unwrap(), found.requests.unwrap());
        assert!(is_within_a_tenth(handshakes.per_s, 1.0 / 1.5), "{step:?}: {handshakes:?}");
        assert!(is_within_a_tenth(requests.per_s, 50.0), "{step:?}: {requests:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_this_machine_is_none_of_the_device() {
    let found = limits(Device { beyond: Overflow::NotMade, ..Device::new(4, MS * 100, MS * 20) }).await;
    let sessions = found.sessions.unwrap();
    assert_eq!((sessions.most, sessions.beyond, found.first_failure), (4, None, None));
    let own = found.own_limit.unwrap();
    assert_eq!((own.shortage, own.connections), (Shortage::FileDescriptors, 5));
    assert!(found.recovery.unwrap().after_us.is_some());
    let none = limits(Device { beyond: Overflow::NotMade, ..Device::new(0, MS, MS) }).await;
    assert_eq!((none.own_limit.unwrap().connections, none.recovery), (1, None), "the device was never asked");
}

#[tokio::test(start_paused = true)]
async fn units_that_this_machine_could_not_make_are_no_failures() {
    let device = Rc::new(Device { beyond: Overflow::NotMade, ..Device::new(2, MS, MS) });
    let totals = run(&device, plan(Mode::Request, 4, Schedule::AsAnswered, 5)).await;
    assert!(totals.completed > 0 && totals.unmade() > 0);
    assert_eq!((totals.failed(), totals.shortage()), (0, Some(Shortage::FileDescriptors)));
    assert!(totals.first_failure().is_none());
}
