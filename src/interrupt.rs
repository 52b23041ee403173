//! The signals that ask a running command to stop.

use std::{
    io,
    pin::pin,
    sync::{Mutex, OnceLock, PoisonError},
    thread,
    time::Duration,
};

use tokio::{
    runtime, select,
    sync::{
        broadcast::{Receiver, Sender, channel, error::RecvError},
        oneshot,
    },
    time::sleep,
};

pub(crate) use crate::system::Signal;
use crate::{
    stop::Stop,
    system::signals::{self, Signals},
};

/// Listens for SIGINT, SIGTERM and SIGHUP, or what a system has in their place, from when it is made: from then on none of them ends the process by itself.
///
/// One thread listens for all commands. So the request to stop is passed on at once, whatever the command's own thread is
/// doing, and a second signal can end a command that takes no notice of signals ([`when_ignored`]).
#[derive(Debug)]
pub(crate) struct Interrupts {
    signals: Receiver<Signal>,
    stop: Stop,
}

/// Says what to do when a command has not ended a second after its second signal. A command may be unable to take notice
/// of a signal, for example while nobody reads its output. The program ends the process then; the library never does.
pub fn when_ignored(end: fn()) {
    // There is one program in a process, and it says this once.
    let _ = WHEN_IGNORED.set(end);
}

impl Interrupts {
    /// Receives every signal from now on.
    pub(crate) fn listen() -> io::Result<Self> {
        let mut listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Listener { signals, stop }) = &*listener {
            return Ok(Self { signals: signals.subscribe(), stop: stop.clone() });
        }
        let (started, interrupts) = Listener::start()?;
        *listener = Some(started);
        Ok(interrupts)
    }

    /// The request to stop, which the first signal of the process makes.
    pub(crate) fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) -> Signal {
        loop {
            match self.signals.recv().await {
                Ok(signal) => return signal,
                Err(RecvError::Lagged(_)) => {}
                // The listener lives as long as the process.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    /// One that has come already, if there is one.
    pub(crate) fn arrived(&mut self) -> Option<Signal> {
        self.signals.try_recv().ok()
    }

    /// Runs `work` to its end, or to the next signal.
    pub(crate) async fn or<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Signal> {
        let mut work = pin!(work);
        select! {
            biased;
            signal = self.next() => Err(signal),
            done = &mut work => Ok(done),
        }
    }
}

/// The thread that listens, as long as the process lives.
#[derive(Debug)]
struct Listener {
    signals: Sender<Signal>,
    stop: Stop,
}

impl Listener {
    /// Starts the thread; also returns what receives its signals, which is there before the first can come.
    fn start() -> io::Result<(Self, Interrupts)> {
        let (signals, received) = channel(REMEMBERED);
        let stop = Stop::default();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let streams = {
            let _entered = runtime.enter();
            Signals::listen()?
        };
        let (sender, stopping) = (signals.clone(), stop.clone());
        thread::Builder::new().spawn(move || runtime.block_on(pass_on(streams, &sender, &stopping)))?;
        let interrupts = Interrupts { signals: received, stop: stop.clone() };
        Ok((Self { signals, stop }, interrupts))
    }
}

async fn pass_on(mut streams: Signals, signals: &Sender<Signal>, stop: &Stop) {
    for _ in 0..2 {
        let signal = streams.next().await;
        stop.give();
        // A command that does not listen any more is about to end.
        let _ = signals.send(signal);
    }
    sleep(PATIENCE).await;
    if let Some(end) = WHEN_IGNORED.get() {
        end();
    }
}

/// Runs blocking work beside this thread, so that it can be waited for with [`Interrupts::or`]. When the wait is over
/// early, the work goes on until the process ends; it must have nothing to clean up. It gives no result if it panics.
pub(crate) fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<oneshot::Receiver<T>> {
    let (sender, receiver) = oneshot::channel();
    // Nobody is left to tell when the receiver is gone.
    thread::Builder::new().spawn(move || drop(sender.send(work())))?;
    Ok(receiver)
}

impl Signal {
    /// Its name for a person.
    pub(crate) fn name(self) -> &'static str {
        signals::name(self)
    }
}

static WHEN_IGNORED: OnceLock<fn()> = OnceLock::new();
static LISTENER: Mutex<Option<Listener>> = Mutex::new(None);
/// Only two are ever passed on.
const REMEMBERED: usize = 2;
/// How long a command may take to end after the second signal.
const PATIENCE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_comes_as_soon_as_it_can_be_caught_is_received_and_not_only_a_request_to_stop() {
        let (listener, mut first) = Listener::start().unwrap();
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::HUP).unwrap();
        let received = runtime::Builder::new_current_thread().build().unwrap().block_on(first.next());
        assert_eq!(received, Signal::Hangup);
        assert!(listener.stop.is_given() && first.stop().is_given());
        // What subscribes afterwards does not receive it: this is why the first does so before.
        assert!(listener.signals.subscribe().try_recv().is_err());
    }
}
