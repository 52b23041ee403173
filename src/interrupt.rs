//! The signals that ask a running command to stop.

use std::{io, pin::pin, thread};

use tokio::{
    select,
    signal::unix::{Signal as Stream, SignalKind, signal},
    sync::oneshot,
};

/// Listens for SIGINT, SIGTERM and SIGHUP from when it is made: from then on none of them ends the process by itself.
#[derive(Debug)]
pub(crate) struct Interrupts {
    interrupt: Stream,
    terminate: Stream,
    hangup: Stream,
}

/// One of the signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Interrupt,
    Terminate,
    Hangup,
}

impl Interrupts {
    /// Must be called in a tokio runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) -> Signal {
        select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.hangup.recv() => Signal::Hangup,
        }
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

/// Runs blocking work beside this thread, so that it can be waited for with [`Interrupts::or`]. When the wait is over
/// early, the work goes on until the process ends; it must have nothing to clean up. It gives no result if it panics.
pub(crate) fn beside<T: Send + 'static>(
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
        match self {
            Self::Interrupt => "Ctrl-C",
            Self::Terminate => "SIGTERM",
            Self::Hangup => "SIGHUP",
        }
    }
}
