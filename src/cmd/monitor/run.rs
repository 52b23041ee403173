//! A thread reads from the port; this one shows what comes, until the end or a signal.

use std::{thread, time::Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{
    explain,
    failure::MonitorFailure,
    plan::{MonitorPlan, Span},
};
use crate::{
    cmd::runtime,
    device::{
        monitored::Monitored,
        serial::{link::Port, lock::PortLock},
        serial_watcher::{SerialEvent, SerialWatcher},
        watch::{Start, WatchVerdict},
    },
    duration::micros,
    error::Result,
    report::Console,
    stop::Stop,
};

/// What the thread at the port reports.
enum MonitorMessage {
    PortTaken,
    Serial(SerialEvent),
    Ended(std::result::Result<(), MonitorFailure>),
}

/// Shows what a board prints and reports on it, whatever ends it.
pub(super) async fn monitor(plan: MonitorPlan, console: &mut Console) -> Result<()> {
    let mut interrupts = runtime::interrupts()?;
    let mut monitored = Monitored::new(plan.port.clone(), plan.log.as_ref().map(|log| log.path().to_owned()));
    let (stop, since) = (interrupts.stop(), Instant::now());
    let (sender, mut messages) = unbounded_channel();
    let stopping = stop.clone();
    thread::Builder::new().spawn(move || work(plan, &stopping, &sender)).map_err(runtime::failed)?;
    let ended = interrupts.or(follow(&mut messages, &mut monitored, console)).await;
    stop.give();
    monitored.listened_us = micros(since.elapsed());
    let error = match ended {
        Ok(Ok(())) => None,
        Ok(Err(failure)) => Some(explain::failure(failure, &mut monitored)),
        Err(signal) => Some(explain::stopped(signal, &monitored)),
    };
    console.result(&monitored, error.as_ref())?;
    error.map_or(Ok(()), Err)
}

/// Shows what comes until the work is over.
async fn follow(
    messages: &mut UnboundedReceiver<MonitorMessage>,
    monitored: &mut Monitored,
    console: &Console,
) -> std::result::Result<(), MonitorFailure> {
    while let Some(message) = messages.recv().await {
        match message {
            MonitorMessage::PortTaken => console.note("waiting for another esp-https that uses the port .."),
            MonitorMessage::Serial(SerialEvent::Said { lines, bytes }) => {
                monitored.add(&lines, bytes);
                if lines.iter().try_for_each(|line| console.board_line(line)).is_break() {
                    return Ok(());
                }
            }
            MonitorMessage::Serial(SerialEvent::Begun(line)) => {
                if console.begun_board_line(&line).is_break() {
                    return Ok(());
                }
            }
            // Only a bootloader that was asked to start a firmware leaves it to a person.
            MonitorMessage::Serial(SerialEvent::NeedsReset) => {}
            MonitorMessage::Serial(SerialEvent::PortGone) => {
                monitored.vanished += 1;
                console.note("the port is gone; waiting for it to come back ..");
            }
            MonitorMessage::Serial(SerialEvent::PortBack) => console.note("the port is back"),
            MonitorMessage::Ended(Ok(())) if monitored.bytes == 0 => return Err(MonitorFailure::Nothing),
            MonitorMessage::Ended(ended) => return ended,
        }
    }
    Err(MonitorFailure::Lost)
}

/// What the thread at the port does.
fn work(plan: MonitorPlan, stop: &Stop, sender: &UnboundedSender<MonitorMessage>) {
    // Nobody is left to tell when the receiver is gone.
    let ended = listen(plan, stop, sender);
    drop(sender.send(MonitorMessage::Ended(ended)));
}

fn listen(
    plan: MonitorPlan,
    stop: &Stop,
    sender: &UnboundedSender<MonitorMessage>,
) -> std::result::Result<(), MonitorFailure> {
    let taken = || drop(sender.send(MonitorMessage::PortTaken));
    let lock = PortLock::take(&plan.port.path, plan.lock_timeout, stop, taken);
    let Some(_lock) = lock.map_err(MonitorFailure::Lock)? else { return Ok(()) };
    let mut port = Port::open(&plan.port).map_err(MonitorFailure::Open)?;
    if plan.start == Start::Ours {
        port.reset().map_err(MonitorFailure::Reset)?;
    }
    let tell = |event| drop(sender.send(MonitorMessage::Serial(event)));
    let mut watcher = SerialWatcher::new(port, plan.log, stop, &tell);
    let ended = match plan.span {
        Span::For(limit) => watcher.until_stopped(Some(limit)).map_err(MonitorFailure::Log),
        Span::UntilStopped => watcher.until_stopped(None).map_err(MonitorFailure::Log),
        Span::UntilReady(limit) => {
            match watcher.until_verdict(plan.start, limit).map_err(MonitorFailure::Log)? {
                Some((WatchVerdict::Failed(trouble), waited)) => {
                    Err(MonitorFailure::NotServing { trouble, waited })
                }
                Some((WatchVerdict::Ready(_), _)) | None => Ok(()),
            }
        }
    };
    watcher.tell_rest();
    ended
}
