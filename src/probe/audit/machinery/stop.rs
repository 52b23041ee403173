//! The wish to stop in the middle, from whoever started an audit: what was answered by then is reported.

use tokio::{
    select,
    sync::watch::{self, Receiver, Sender},
};

/// Says that audits shall stop.
#[derive(Debug)]
pub struct Stopper(Sender<bool>);

/// Hears that an audit shall stop.
#[derive(Debug, Clone)]
pub struct Stop(Receiver<bool>);

/// The two ends.
#[must_use]
pub fn stopper() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Stops them all; each returns at once with what it has.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether it shall stop.
    pub(crate) fn is_wanted(&self) -> bool {
        *self.0.borrow()
    }

    /// Runs `work` to its end; `None` when it shall stop first.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut receiver = self.0.clone();
        let wanted = async {
            if receiver.wait_for(|wanted| *wanted).await.is_err() {
                // Nobody is left to wish it.
                std::future::pending::<()>().await;
            }
        };
        select! {
            biased;
            () = wanted => None,
            done = work => Some(done),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_ends_by_itself_or_at_the_wish() {
        let (stopper, stop) = stopper();
        assert_eq!(stop.or(async { 1 }).await, Some(1));
        assert!(!stop.is_wanted());
        stopper.stop();
        assert!(stop.is_wanted());
        assert_eq!(stop.or(async { 1 }).await, None);
    }

    #[tokio::test]
    async fn without_anybody_to_wish_it_work_goes_on() {
        let (stopper, stop) = stopper();
        drop(stopper);
        assert_eq!(stop.or(async { 1 }).await, Some(1));
    }
}
