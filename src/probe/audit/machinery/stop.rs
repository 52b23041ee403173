//! How the caller stops an audit before its end; what was answered by then is reported.

use tokio::{
    select,
    sync::watch::{self, Receiver, Sender},
};

/// The side that stops audits.
#[derive(Debug)]
pub struct Stopper(Sender<bool>);

/// The side of an audit that is told to stop.
#[derive(Debug, Clone)]
pub struct Stop(Receiver<bool>);

/// Both sides.
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
                // The other side is gone, so nobody will stop it.
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
    async fn work_ends_by_itself_or_when_it_is_stopped() {
        let (stopper, stop) = stopper();
        assert_eq!(stop.or(async { 1 }).await, Some(1));
        assert!(!stop.is_wanted());
        stopper.stop();
        assert!(stop.is_wanted());
        assert_eq!(stop.or(async { 1 }).await, None);
    }

    #[tokio::test]
    async fn without_anybody_to_stop_it_work_goes_on() {
        let (stopper, stop) = stopper();
        drop(stopper);
        assert_eq!(stop.or(async { 1 }).await, Some(1));
    }
}
