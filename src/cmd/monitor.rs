//! `esp-https monitor`.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{
    board_fault::explained,
    ports::{self, Every},
};
use crate::interrupt::{Interrupts, Signal};
use crate::{
    cli::MonitorArgs,
    client::timing::micros,
    device::{
        ready::Line,
        serial::{
            link::{OpenError, Port},
            lock::{LockError, PortLock},
            log::{SerialLog, SerialLogError},
            ports::PortInfo,
        },
        serial_watcher::{SerialEvent, SerialWatcher},
        stop::Stop,
        watch::{Start, Trouble, Verdict},
    },
    error::{Code, Error, Fault, Result},
    os_error::in_words,
    output::{Output, Purpose, Use},
    report::{Console, monitor::Monitored},
};

/// Runs `esp-https monitor`.
pub(super) fn run(args: &MonitorArgs, console: &mut Console) -> Result<()> {
    let mut named = ports::select(args.port.as_slice(), Every::No)?;
    let Some(port) = named.pop() else { return Err(no_port()) };
    console.reads("the port", Path::new(&port.path), Use::TalksTo)?;
    let log = args.serial_log.as_ref().map(|file| Output::new("--serial-log", &file.0));
    log.iter().try_for_each(|log| console.check(log, Purpose::Log))?;
    let log = log.map(|log| ports::serial_log(&log, console)).transpose()?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(runtime_failed)?;
    runtime.block_on(monitor(args, port, log, console))
}

async fn monitor(
    args: &MonitorArgs,
    port: PortInfo,
    log: Option<SerialLog>,
    console: &mut Console,
) -> Result<()> {
    let mut interrupts = Interrupts::listen().map_err(runtime_failed)?;
    let mut monitored = Monitored::new(port.clone(), log.as_ref().map(|log| log.path().to_owned()));
    let (stop, since) = (interrupts.stop(), Instant::now());
    let (sender, mut messages) = unbounded_channel();
    let work = Work { port, log, reset: args.reset, lock_timeout: args.lock_timeout, span: Span::of(args) };
    let stopping = stop.clone();
    thread::Builder::new().spawn(move || work.run(&stopping, &sender)).map_err(runtime_failed)?;
    let ended = interrupts.or(follow(&mut messages, &mut monitored, console)).await;
    stop.give();
    monitored.listened_us = micros(since.elapsed());
    let error = match ended {
        Ok(Ok(())) => None,
        Ok(Err(failure)) => Some(explain(failure, &mut monitored, args)),
        Err(signal) => Some(stopped(signal, &monitored)),
    };
    console.result(&monitored, error.as_ref())?;
    error.map_or(Ok(()), Err)
}

/// Shows what comes until the work is over.
async fn follow(
    messages: &mut UnboundedReceiver<Message>,
    monitored: &mut Monitored,
    console: &Console,
) -> std::result::Result<(), Failure> {
    while let Some(message) = messages.recv().await {
        match message {
            Message::PortTaken => console.note("waiting for another esp-https that uses the port .."),
            Message::Heard(SerialEvent::Said { lines, bytes }) => {
                monitored.take(&lines, bytes);
                if lines.iter().try_for_each(|line| console.heard(line)).is_break() {
                    return Ok(());
                }
            }
            Message::Heard(SerialEvent::PortGone) => {
                monitored.vanished += 1;
                console.note("the port is gone; waiting for it to come back ..");
            }
            Message::Heard(SerialEvent::PortBack) => console.note("the port is back"),
            Message::Ended(Ok(())) if monitored.bytes == 0 => return Err(Failure::Nothing),
            Message::Ended(ended) => return ended,
        }
    }
    Err(Failure::Lost)
}

/// What the thread at the port does.
struct Work {
    port: PortInfo,
    log: Option<SerialLog>,
    reset: bool,
    lock_timeout: Duration,
    span: Span,
}

/// How long to listen.
#[derive(Debug, Clone, Copy)]
enum Span {
    UntilReady(Duration),
    For(Duration),
    UntilStopped,
}

enum Message {
    PortTaken,
    Heard(SerialEvent),
    Ended(std::result::Result<(), Failure>),
}

enum Failure {
    /// Not one byte.
    Nothing,
    /// A thread of ours that panicked.
    Lost,
    Lock(LockError),
    Open(OpenError),
    Reset(std::io::Error),
    Log(SerialLogError),
    NotServing {
        trouble: Trouble,
        waited: Duration,
    },
}

impl Span {
    fn of(args: &MonitorArgs) -> Self {
        match (args.until_ready, args.limit) {
            (true, limit) => Self::UntilReady(limit.unwrap_or(READY_WITHIN)),
            (false, Some(limit)) => Self::For(limit),
            (false, None) => Self::UntilStopped,
        }
    }
}

impl Work {
    fn run(self, stop: &Stop, sender: &UnboundedSender<Message>) {
        // Nobody is left to tell when the receiver is gone.
        let ended = self.listen(stop, sender);
        drop(sender.send(Message::Ended(ended)));
    }

    fn listen(self, stop: &Stop, sender: &UnboundedSender<Message>) -> std::result::Result<(), Failure> {
        let taken = || drop(sender.send(Message::PortTaken));
        let lock = PortLock::take(&self.port.path, self.lock_timeout, stop, taken).map_err(Failure::Lock)?;
        let Some(_lock) = lock else { return Ok(()) };
        let mut port = Port::open(&self.port).map_err(Failure::Open)?;
        if self.reset {
            port.reset().map_err(Failure::Reset)?;
        }
        let tell = |word| drop(sender.send(Message::Heard(word)));
        let mut watcher = SerialWatcher::new(port, self.log, stop, &tell);
        let start = if self.reset { Start::Ours } else { Start::Unknown };
        let ended = match self.span {
            Span::For(limit) => watcher.until_stopped(Some(limit)).map_err(Failure::Log),
            Span::UntilStopped => watcher.until_stopped(None).map_err(Failure::Log),
            Span::UntilReady(limit) => match watcher.until_verdict(start, limit).map_err(Failure::Log)? {
                Some((Verdict::Failed(trouble), waited)) => Err(Failure::NotServing { trouble, waited }),
                Some((Verdict::Ready(_), _)) | None => Ok(()),
            },
        };
        watcher.tell_rest();
        ended
    }
}

impl Monitored {
    fn take(&mut self, lines: &[String], bytes: usize) {
        self.lines += lines.len() as u64;
        self.bytes += bytes as u64;
        for line in lines {
            match Line::parse(line) {
                Line::Ready(ready) => self.ready = Some(ready),
                Line::Stat(stat) => self.stat = Some(stat),
                _ => {}
            }
        }
    }
}

fn explain(failure: Failure, monitored: &mut Monitored, args: &MonitorArgs) -> Error {
    let port = monitored.port.path.clone();
    match failure {
        Failure::Nothing => {
            let what = format!("not one byte came in {} s", monitored.listened_us / 1_000_000);
            Error::new(Fault::Inconclusive, Code::MONITOR_SILENT, format!("listening to {port}"), what)
                .hint("press the board's RESET button, or restart it with --reset")
        }
        Failure::Lost => Error::new(
            Fault::Bug,
            "monitor.lost",
            format!("listening to {port}"),
            "the work ended without a result",
        )
        .hint("please report this, with the lines above"),
        Failure::Lock(error) => ports::locked(&port, &error).source(error),
        Failure::Open(error) => ports::unopened(&port, &error).source(error),
        Failure::Reset(error) => {
            let doing = format!("restarting the board at {port}");
            let what = "the port has no DTR and RTS that restart it";
            Error::new(Fault::Environment, Code::MONITOR_RESET, doing, what)
                .hint("leave --reset out, and press the board's reset button")
                .source(error)
        }
        Failure::Log(error) => ports::log(&error).source(error),
        Failure::NotServing { trouble, waited } => {
            let explained = explained(&trouble, waited.as_secs());
            let doing = format!("waiting for the board at {port} to serve");
            let story =
                if args.serial_log.is_some() { "" } else { "\n--serial-log FILE keeps all that it says" };
            monitored.trouble = Some(trouble);
            // The lines themselves have just been read: no evidence here.
            Error::new(Fault::Device, explained.code, doing, explained.what)
                .hint(format!("{}{story}", explained.hint))
        }
    }
}

fn stopped(signal: Signal, monitored: &Monitored) -> Error {
    let (lines, seconds) = (monitored.lines, monitored.listened_us / 1_000_000);
    let what = format!("by {} after {seconds} s and {lines} lines", signal.name());
    Error::new(
        Fault::Interrupted,
        Code::MONITOR_INTERRUPTED,
        format!("listening to {}", monitored.port.path),
        what,
    )
}

fn no_port() -> Error {
    Error::new(Fault::Bug, "monitor.no_port", "looking for a board", "no port was chosen")
        .hint("please report this")
}

fn runtime_failed(source: std::io::Error) -> Error {
    Error::new(Fault::Environment, "monitor.runtime", "preparing to listen", in_words(&source)).source(source)
}

const READY_WITHIN: Duration = Duration::from_secs(30);
