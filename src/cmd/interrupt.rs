//! The signals that ask a running command to stop.

use std::{io, pin::pin};

use tokio::{
    select,
    signal::unix::{Signal as Stream, SignalKind, signal},
};

/// Listens for SIGINT, SIGTERM and SIGHUP from when it is made: from then on none of them ends the process by itself.
#[derive(Debug)]
pub(super) struct Interrupts {
    interrupt: Stream,
    terminate: Stream,
    hangup: Stream,
}

/// One of the signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Interrupt,
    Terminate,
    Hangup,
}

impl Interrupts {
    /// Must be called in a tokio runtime.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) -> Signal {
        select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.hangup.recv() => Signal::Hangup,
        }
    }

    /// Runs `work` to its end, or to the next signal.
    pub(super) async fn or<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Signal> {
        let mut work = pin!(work);
        select! {
            biased;
            signal = self.next() => Err(signal),
            done = &mut work => Ok(done),
        }
    }
}

impl Signal {
    /// Its name for a person.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "Ctrl-C",
            Self::Terminate => "SIGTERM",
            Self::Hangup => "SIGHUP",
        }
    }
}
