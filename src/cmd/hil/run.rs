//! Runs a scenario: one board after the other, with the document written anew after each step.

use std::{
    path::PathBuf,
    rc::Rc,
    time::{Duration, Instant},
};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    bench::{BoardDevice, Device, EmulatedDevice, HilBench, Paths, PrivateFolder, recover},
    explain,
    find::ScenarioFile,
    older::OlderRun,
    out::OutFolder,
    progress::Progress,
    reports::{self, GitHub},
    target::{BoardPlace, ChosenBoard, ChosenTarget, PortWish},
};
use crate::{
    cli::{HilArgs, LabFailureArg},
    cmd::{ports, runtime},
    device::serial::{lock::PortLock, ports::PortInfo},
    duration::micros,
    error::{Error, Result},
    hil::{
        classify::{self, Served},
        comparison::Comparison,
        context::Context,
        grammar::fields_of,
        kind::StepKind,
        outcome::{BoardRun, HilRun, LabFailure, Progress as RunProgress, StepError},
        runner::{self, Follower},
        scenario::{Scenario, Step},
        state::StepState,
    },
    interrupt::Interrupts,
    report::Console,
};

use super::grammar::ClapGrammar;

/// All that a run needs.
struct Run<'a> {
    scenario: &'a Scenario,
    grammar: ClapGrammar,
    folder: PathBuf,
    out: OutFolder,
    max_time: Option<Duration>,
    lock_timeout: Duration,
    since: Instant,
    /// How long other runs kept the boards.
    waited: Duration,
    result: HilRun,
    unsaved: Option<Error>,
}

pub(super) async fn run(args: &HilArgs, file: &ScenarioFile, console: &mut Console) -> Result<()> {
    let mut interrupts = runtime::interrupts()?;
    let (scenario, grammar) = file.read().map_err(|faults| explain::faults(&file.path, &faults))?;
    let target = ChosenTarget::of(&scenario, args.target.target.as_deref())?;
    let older = OlderRun::read(&args.baseline, target.kind, &scenario)?;
    let out = OutFolder::prepare(&args.out)?;
    let result = begun(args, file, &scenario, &target, &out);
    let mut run = Run {
        scenario: &scenario,
        grammar,
        folder: file.folder.clone(),
        out,
        max_time: args.max_time.or(scenario.max_time),
        lock_timeout: args.lock_timeout,
        since: Instant::now(),
        waited: Duration::ZERO,
        result,
        unsaved: None,
    };
    run.save();
    if let Some(error) = run.unsaved {
        return Err(error);
    }
    let private =
        PrivateFolder::new(&run.out.path).map_err(|error| explain::unwritten(&run.out.path, &error))?;
    let private = Rc::new(private);
    for (index, board) in target.boards.into_iter().enumerate() {
        run.board(index, board, &private, &mut interrupts, console).await;
        // The boards that are left stay as they are after a signal.
        if run.result.boards.get(index).is_some_and(|board| board.state == StepState::Interrupted) {
            break;
        }
    }
    run.result.progress = RunProgress::Ended;
    older.iter().for_each(|older| older.compare(&mut run.result));
    run.save();
    GitHub::from_environment().tell(&run.result, console);
    if run.result.state == StepState::Lab && run.result.lab_failure == LabFailure::Skip {
        console.warn("the lab is at fault, and --lab-failure skip lets that pass: this run says nothing about the firmware");
    }
    let error = explain::ended(&run.result).or(run.unsaved);
    console.result(&run.result, error.as_ref())?;
    error.map_or(Ok(()), Err)
}

fn begun(
    args: &HilArgs,
    file: &ScenarioFile,
    scenario: &Scenario,
    target: &ChosenTarget,
    out: &OutFolder,
) -> HilRun {
    let board = |board: &ChosenBoard| {
        let run = BoardRun {
            board: board.identity.clone(),
            state: StepState::Passed,
            steps: Vec::new(),
            heap: Vec::new(),
            serial_log: None,
        };
        runner::planned(scenario, run)
    };
    HilRun {
        scenario: scenario.name.clone(),
        file: file.path.display().to_string(),
        target: target.name.clone(),
        target_kind: target.kind,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: now(),
        duration_us: 0,
        progress: RunProgress::Running,
        state: StepState::Passed,
        lab_failure: match args.lab_failure {
            LabFailureArg::Fail => LabFailure::Fail,
            LabFailureArg::Skip => LabFailure::Skip,
        },
        boards: target.boards.iter().map(board).collect(),
        comparison: None,
        out: out.named.display().to_string(),
    }
}

fn now() -> String {
    let now = OffsetDateTime::now_utc();
    let in_milliseconds = now.replace_millisecond(now.millisecond()).unwrap_or(now);
    in_milliseconds.format(&Rfc3339).unwrap_or_default()
}

impl Run<'_> {
    /// Writes the document and the reports. The first failure is kept, and the run goes on.
    fn save(&mut self) {
        self.result.duration_us = micros(self.since.elapsed());
        let boards = self.result.boards.iter().map(|board| board.state);
        let comparison = self.result.comparison.as_ref().map(Comparison::state);
        self.result.state = StepState::worst(boards.chain(comparison));
        let error = explain::ended(&self.result);
        let saved = self.out.save(&self.result, error.as_ref());
        if let Err(error) = saved.and_then(|()| reports::save(&self.out, &self.result)) {
            self.unsaved.get_or_insert(error);
        }
    }

    async fn board(
        &mut self,
        index: usize,
        board: ChosenBoard,
        private: &Rc<PrivateFolder>,
        interrupts: &mut Interrupts,
        console: &Console,
    ) {
        let several = self.result.boards.len() > 1;
        let name = board.identity.name.clone();
        let progress = Progress::new(console, several.then_some(name.as_str()), self.scenario.steps.len());
        if let Err(error) = self.steps(index, board, private, interrupts, &progress).await {
            self.not_begun(index, &error, &progress);
        }
        self.save();
    }

    async fn steps(
        &mut self,
        index: usize,
        board: ChosenBoard,
        private: &Rc<PrivateFolder>,
        interrupts: &mut Interrupts,
        progress: &Progress<'_>,
    ) -> Result<()> {
        let paths = self.paths(&board, private)?;
        let before = Instant::now();
        let device = self.device(board.place, board.fields, interrupts, progress).await?;
        // A board that another run had is no reason to run fewer steps.
        self.waited += before.elapsed();
        let mut identity = board.identity;
        if let Device::Board(board) = &device {
            identity.port = Some(board.port.path.clone());
        }
        let context = Context::new(identity, paths.out.clone());
        let (scenario, since) = (self.scenario, self.since);
        let max_time = self.max_time.map(|limit| limit + self.waited);
        let Some(planned) = self.result.boards.get(index).cloned() else { return Ok(()) };
        // The grammar is not changed by what the run writes.
        let grammar = std::mem::replace(&mut self.grammar, ClapGrammar::new(&self.folder));
        let fields = |kind: StepKind| fields_of(kind, &grammar);
        let note = |line: &str| progress.note(line);
        let bench = HilBench::new(context, device, paths, interrupts, since, &fields, &note);
        let mut bench = bench.map_err(runtime::failed)?;
        let mut saving = Saving { run: self, index, progress };
        runner::run(scenario, max_time, planned, &mut bench, &mut saving).await;
        bench.close().await;
        Ok(())
    }

    /// Where this board's files go: a folder of its own where there are several boards.
    fn paths(&self, board: &ChosenBoard, private: &Rc<PrivateFolder>) -> Result<Paths> {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' };
        let prefix = match self.result.boards.len() {
            1 => String::new(),
            _ => format!("{}/", board.identity.name.chars().map(plain).collect::<String>()),
        };
        let out = self.out.path.join(&prefix);
        std::fs::create_dir_all(&out).map_err(|error| explain::unwritten(&out, &error))?;
        let program = std::env::current_exe().map_err(runtime::failed)?;
        Ok(Paths { program, scenario: self.folder.clone(), out, prefix, private: Rc::clone(private) })
    }

    /// Takes the board for this run: two runs on one board take turns.
    async fn device(
        &self,
        place: BoardPlace,
        fields: Vec<crate::hil::scenario::Field>,
        interrupts: &mut Interrupts,
        progress: &Progress<'_>,
    ) -> Result<Device> {
        match place {
            BoardPlace::Emulated => Ok(Device::Emulated(EmulatedDevice::new(fields))),
            BoardPlace::Address => Ok(Device::Address { fields }),
            BoardPlace::Port { wish, found, mac, row } => {
                let port = self.port(&wish, *found, interrupts, progress).await?;
                let lock = self.lock(&port, interrupts, progress).await?;
                Ok(Device::Board(BoardDevice::new(port, mac, fields, row, lock)))
            }
        }
    }

    /// The port of a board. One that is not there is the lab's fault, which its hooks may mend, as by a power cycle.
    async fn port(
        &self,
        wish: &PortWish,
        mut found: Result<PortInfo>,
        interrupts: &mut Interrupts,
        progress: &Progress<'_>,
    ) -> Result<PortInfo> {
        let lab = &self.scenario.lab;
        for _ in 0..lab.retries {
            let Err(error) = &found else { break };
            if classify::state(Some(&StepError::from(error)), &[], Served::No) != StepState::Lab {
                break;
            }
            progress.note(&format!("{}: {}", error.doing, error.what));
            for command in &lab.recover {
                let note = |line: &str| progress.note(line);
                if let Some(signal) = recover(command, &self.folder, interrupts, &note).await {
                    return Err(explain::stopped(Some(signal)));
                }
            }
            found = wish.find();
        }
        found
    }

    async fn lock(
        &self,
        port: &PortInfo,
        interrupts: &mut Interrupts,
        progress: &Progress<'_>,
    ) -> Result<PortLock> {
        let (path, limit, stop) = (port.path.clone(), self.lock_timeout, interrupts.stop());
        let (waits, mut waiting) = tokio::sync::mpsc::unbounded_channel();
        // Nobody is left to tell when the wait has been given up.
        let told = move || {
            let _ = waits.send(());
        };
        let taking = runtime::in_background("waiting for the board", move || {
            PortLock::take(&path, limit, &stop, told)
                .map_err(|error| ports::locked(&path, &error).source(error))
        });
        tokio::pin!(taking);
        let lock = loop {
            tokio::select! {
                lock = &mut taking => break lock?,
                Some(()) = waiting.recv() => progress.note("waiting for another esp-https that uses the board .."),
            }
        };
        // `None` means that it was told to stop.
        lock.ok_or_else(|| explain::stopped(interrupts.arrived()))
    }

    /// A board on which no step could begin: its first step has the error.
    fn not_begun(&mut self, index: usize, error: &Error, progress: &Progress<'_>) {
        let Some(board) = self.result.boards.get_mut(index) else { return };
        let error = StepError::from(error).in_scenario();
        board.state = classify::state(Some(&error), &[], Served::No);
        for (at, step) in board.steps.iter_mut().enumerate() {
            if at == 0 {
                (step.state, step.error) = (board.state, Some(error.clone()));
            } else {
                step.says = Some("not run, because the board could not be taken".to_owned());
            }
        }
        progress.ended(board, 0);
    }
}

/// Writes the document after each step.
struct Saving<'r, 's, 'p, 'c> {
    run: &'r mut Run<'s>,
    index: usize,
    progress: &'p Progress<'c>,
}

impl Follower for Saving<'_, '_, '_, '_> {
    fn begins(&mut self, step: &Step, index: usize) {
        self.progress.begins(step, index);
    }

    fn ended(&mut self, run: &BoardRun, index: usize) {
        self.progress.ended(run, index);
        if let Some(slot) = self.run.result.boards.get_mut(self.index) {
            slot.clone_from(run);
        }
        self.run.save();
    }
}
