//! A timer that is more exact than tokio's.

#[cfg(target_os = "linux")]
pub(crate) use exact::Alarm;
#[cfg(not(target_os = "linux"))]
pub(crate) use none::Alarm;

/// The timer of Linux that is a file descriptor (timerfd_create(2)).
#[cfg(target_os = "linux")]
mod exact {
    use std::{os::fd::OwnedFd, time::Duration};

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::{Interest, unix::AsyncFd};

    #[derive(Debug)]
    pub(crate) struct Alarm(AsyncFd<OwnedFd>);

    impl Alarm {
        /// `None` when there is no descriptor left.
        // Its successor `register_with_interest` is unsafe, for descriptors that are closed or replaced meanwhile. This one is
        // owned and stays, and `unsafe` is forbidden here.
        #[expect(deprecated, reason = "the successor needs unsafe, and the descriptor is owned")]
        pub(crate) fn new() -> Option<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags).ok()?;
            AsyncFd::with_interest(timer, Interest::READABLE).ok().map(Self)
        }

        /// Rings once, after this time.
        pub(crate) fn set(&self, after: Duration) {
            let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
            let after = after.max(LEAST);
            let once = Timespec {
                tv_sec: i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: after.subsec_nanos().into(),
            };
            let setting = Itimerspec { it_interval: zero, it_value: once };
            // It fails for times that are no times only.
            let _ = timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &setting);
        }

        /// Waits until it rings; false when it never will again.
        pub(crate) async fn rings(&self) -> bool {
            loop {
                let Ok(mut ready) = self.0.readable().await else { return false };
                let read = ready.try_io(|timer| Ok(rustix::io::read(timer.get_ref(), &mut [0; 8])?));
                match read {
                    Ok(Ok(_)) => return true,
                    Ok(Err(_)) => return false,
                    // It was set again before it was looked at.
                    Err(_) => {}
                }
            }
        }
    }

    /// A time of zero would stop it.
    const LEAST: Duration = Duration::from_nanos(1);
}

/// Elsewhere tokio's timer is used.
#[cfg(not(target_os = "linux"))]
mod none {
    use std::{future::pending, time::Duration};

    #[derive(Debug)]
    pub(crate) struct Alarm;

    impl Alarm {
        pub(crate) fn new() -> Option<Self> {
            None
        }

        pub(crate) fn set(&self, _: Duration) {}

        pub(crate) async fn rings(&self) -> bool {
            pending().await
        }
    }
}
