//! A small device, simulated in tokio's paused time: one processor, few sessions, slow handshakes. The worker loop, the
//! schedules and the search for limits are tested against it, exactly and at once.

use std::{rc::Rc, sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    client::{Agreed, Answered, Client, HandshakeKind, Opened, Traffic},
    engine::{Ended, EngineError, FinishedRun},
    failure::{Class, Failure, Stage},
    limit::{Attempt, Gated, Limits, StepRunner},
    plan::{LoadPlan, Mode, StatDuty},
    sample::{Interval, Totals},
    schedule::{Schedule, StopRule},
    shard::{Order, shard},
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
}

/// What a connection beyond the sessions meets.
#[derive(Clone, Copy)]
enum Overflow {
    Reset,
    Waits,
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
            Overflow::Waits => timeout(MS * 15_000, Arc::clone(&device.sessions).acquire_owned())
                .await
                .map_err(|_| fail(Class::HandshakeTimeout))?
                .unwrap(),
        };
        let _busy = device.processor.acquire().await.unwrap();
        sleep(device.handshake).await;
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

    async fn ask(&mut self) -> Result<Answered, Failure> {
        let begun = Instant::now();
        let _busy = self.device.processor.acquire().await.unwrap();
        if let Some((_, until)) =
            self.device.stall.filter(|(from, until)| (*from..*until).contains(&Instant::now()))
        {
            sleep_until(until).await;
        }
        sleep(self.device.answer).await;
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
    shard(Arc::new(Run::new(plan)), clients, listen, |_: Interval| {}).await.unwrap()
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
}

impl StepRunner for SimulatedStepRunner {
    type Client = Simulated;

    fn client(&self, _: usize) -> Simulated {
        self.device.client()
    }

    async fn run(&mut self, plan: LoadPlan) -> Result<FinishedRun, EngineError> {
        let begun = Instant::now();
        let totals = run(&self.device, plan).await;
        Ok(FinishedRun { totals, elapsed: begun.elapsed(), ended: Ended::Done, threads: 1 })
    }

    fn passes(&self, _: Mode, _: &LoadPlan, _: &FinishedRun) -> Gated {
        Gated::Passed
    }

    fn tell(&mut self, attempt: &Attempt) {
        self.told.push(*attempt);
    }
}

async fn limits(device: Device) -> Limits {
    let mut runner = SimulatedStepRunner { device: Rc::new(device), told: Vec::new() };
    let bounds = super::limit::Bounds { sessions: 64, step: MS * 5000, recovery: MS * 30_000 };
    let mut limits = Limits::default();
    super::limit::search(&mut runner, &bounds, &mut limits).await.unwrap();
    assert!(runner.told.contains(&Attempt::Recovery));
    limits
}

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
            Overflow::Reset => Class::ResetInHandshake,
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
async fn a_device_that_takes_nothing_has_no_knee() {
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
