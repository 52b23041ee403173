//! Notices early that a server resumes nothing though every session is to be resumed.

use crate::{
    client::trusting::Resume,
    load::{interval::Interval, summary::Load},
};

/// Watches the handshakes of a run.
#[derive(Debug)]
pub(super) struct TicketWatch {
    resume: Resume,
    connections: u64,
    full: u64,
    resumed: u64,
    told: Told,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    No,
    Yes,
}

impl TicketWatch {
    pub(super) fn new(load: &Load) -> Self {
        Self {
            resume: load.resume,
            connections: load.connections as u64,
            full: 0,
            resumed: 0,
            told: Told::No,
        }
    }

    /// What to tell whoever waits, once: more full handshakes than connections mean that one of them had a second one.
    pub(super) fn warning(&mut self, second: &Interval) -> Option<String> {
        self.full += second.full;
        self.resumed += second.resumed;
        let resumes_none = self.resumed == 0 && self.full > self.connections;
        if self.resume != Resume::Always || self.told == Told::Yes || !resumes_none {
            return None;
        }
        self.told = Told::Yes;
        Some(format!(
            "--resume always: after {} handshakes the server has resumed none; it gives no tickets that it takes back",
            self.full
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::load::plan::Mode;

    fn second(full: u64, resumed: u64) -> Interval {
        Interval { full, resumed, ..Interval::new(Duration::from_secs(1)).unwrap() }
    }

    fn watch(resume: Resume) -> TicketWatch {
        TicketWatch::new(&Load {
            mode: Mode::Handshake,
            method: "GET".to_owned(),
            connections: 2,
            count: None,
            duration_us: None,
            rate_from: None,
            rate_to: None,
            resume,
        })
    }

    #[test]
    fn it_warns_once_and_only_of_a_server_that_resumes_nothing() {
        let mut none = watch(Resume::Always);
        assert_eq!(none.warning(&second(2, 0)), None, "the first of each connection is a full one");
        assert!(none.warning(&second(1, 0)).unwrap().contains("after 3 handshakes"));
        assert_eq!(none.warning(&second(9, 0)), None, "once");
        let mut some = watch(Resume::Always);
        assert_eq!(some.warning(&second(2, 1)), None);
        assert_eq!(some.warning(&second(5, 0)), None);
        assert_eq!(watch(Resume::Natural).warning(&second(9, 0)), None);
    }
}
