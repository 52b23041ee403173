//! Whether a handshake makes progress: the transport below it notes when bytes go either way.

use core::cell::Cell;
use core::future::poll_fn;
use core::task::Poll;

use embassy_futures::select::{Either3, select3};
use embassy_time::{Duration, Instant};
use embedded_io_async::{ErrorType, Read, Write};

use crate::Transport;
use crate::slots::Slot;
use crate::timeouts::after_network;

/// When a byte last went either way.
pub(crate) struct Activity(Cell<Instant>);

impl Activity {
    /// Activity that begins now.
    pub(crate) fn new() -> Self {
        Self(Cell::new(Instant::now()))
    }

    /// Notes that a byte goes now.
    pub(crate) fn note(&self) {
        self.0.set(Instant::now());
    }

    /// Ends when no byte has gone for [`STALL`] and somebody waits for one of the slots. Until then the slots count as
    /// idle while no byte goes. To be polled together with what moves the bytes, and after it.
    pub(crate) async fn stalled(&self, slots: [&Slot<'_>; 2]) {
        let [session, turn] = slots;
        loop {
            slots.iter().for_each(|slot| slot.busy());
            let since = self.stopped().await;
            slots.iter().for_each(|slot| slot.idle());
            let progress = poll_fn(|_| if self.0.get() > since { Poll::Ready(()) } else { Poll::Pending });
            match select3(progress, session.asked_to_leave(), turn.asked_to_leave()).await {
                Either3::First(()) => {}
                Either3::Second(()) | Either3::Third(()) => return,
            }
        }
    }

    /// Ends when no byte has gone for [`STALL`]; gives the time of the last byte.
    async fn stopped(&self) -> Instant {
        loop {
            let since = self.0.get();
            after_network(since + STALL).await;
            if self.0.get() == since {
                return since;
            }
        }
    }
}

/// A transport that notes its activity.
pub(crate) struct ActivityTransport<'t, T> {
    transport: &'t mut T,
    activity: &'t Activity,
}

impl<'t, T> ActivityTransport<'t, T> {
    pub(crate) fn new(transport: &'t mut T, activity: &'t Activity) -> Self {
        Self { transport, activity }
    }
}

impl<T: Transport> ErrorType for ActivityTransport<'_, T> {
    type Error = T::Error;
}

impl<T: Transport> Read for ActivityTransport<'_, T> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, T::Error> {
        let count = self.transport.read(buf).await?;
        self.activity.note();
        Ok(count)
    }
}

impl<T: Transport> Write for ActivityTransport<'_, T> {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, T::Error> {
        let count = self.transport.write(buf).await?;
        self.activity.note();
        Ok(count)
    }

    async fn flush(&mut self) -> Result<(), T::Error> {
        self.transport.flush().await
    }
}

impl<T: Transport> Transport for ActivityTransport<'_, T> {
    async fn readable(&mut self) -> Result<(), T::Error> {
        self.transport.readable().await
    }

    async fn finish(&mut self) -> Result<(), T::Error> {
        self.transport.finish().await
    }

    fn abort(&mut self) {
        self.transport.abort();
    }
}

/// How long no byte may go in a handshake for whose slot somebody waits: a lost segment that is sent again twice fits
/// (RFC 6298: after 1 s, and 2 s later).
const STALL: Duration = Duration::from_secs(3);
