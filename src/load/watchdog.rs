//! One timer for all of a slot's deadlines.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// A timer that goes on sleeping when its deadline was moved: to move a deadline costs an assignment, not a new timer.
pub(super) struct Watchdog {
    sleep: Pin<Box<Sleep>>,
    deadline: Instant,
}

impl Watchdog {
    /// Must be made in the runtime that drives it.
    pub(super) fn new() -> Self {
        let deadline = Instant::now() + FAR;
        Self { sleep: Box::pin(sleep_until(deadline)), deadline }
    }

    /// From now on it ends at `deadline`.
    pub(super) fn set(&mut self, deadline: Instant) {
        self.deadline = deadline;
        if self.sleep.deadline() > deadline {
            self.sleep.as_mut().reset(deadline);
        }
    }

    /// Ready once the deadline has passed.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.sleep.as_mut().poll(cx));
            if Instant::now() >= self.deadline {
                return Poll::Ready(());
            }
            self.sleep.as_mut().reset(self.deadline);
        }
    }
}

/// Until a deadline is set there is none.
const FAR: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_ends_at_the_last_deadline_that_was_set_whether_earlier_or_later_than_the_one_before() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut watchdog = Watchdog::new();
        for (deadlines, strikes) in [([5, 9], 9), ([30, 12], 12)] {
            deadlines.into_iter().for_each(|seconds| watchdog.set(after(seconds)));
            std::future::poll_fn(|cx| watchdog.poll(cx)).await;
            assert_eq!(start.elapsed().as_secs(), strikes);
        }
    }
}
