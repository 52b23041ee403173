//! File descriptors: `load` needs one for each connection.

use crate::{
    doctor::{
        check::{Finding, Registered, Remedy, Verb},
        facts::{Facts, LimitFacts},
    },
    load::{
        capacity::{descriptors_for, most_descriptors},
        limit::DEFAULT_SESSIONS,
    },
};

pub(in crate::doctor) const CHECK: Registered = Registered {
    id: "file_descriptors",
    title: "file descriptors",
    needed_by: &[Verb::Load],
    look: |_| Box::pin(async { vec![look()] }),
};

fn look() -> Finding {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let needed = |sessions: usize| descriptors_for(sessions, threads.min(sessions));
    judge(most_descriptors(), needed(1), needed(DEFAULT_SESSIONS as usize))
}

/// The soft limit is raised as far as need be; the hard limit is what counts.
fn judge(allowed: Option<u64>, for_one: u64, for_most: u64) -> Finding {
    let remedy = || {
        Remedy::run(format!("ulimit -n {}", for_most.next_multiple_of(RAISED_BY))).and(
            "as root or with a higher hard limit: in a service LimitNOFILE=, in a container --ulimit nofile=",
        )
    };
    let needs = format!("load --find-limit needs {for_most} for its {DEFAULT_SESSIONS} sessions");
    let finding = match allowed {
        Some(allowed) if allowed < for_one => {
            Finding::problem(format!("a process may have {allowed} at most, and load needs {for_one}"))
                .remedy(remedy())
        }
        // A run with fewer sessions works.
        Some(allowed) if allowed < for_most => {
            Finding::problem(format!("a process may have {allowed} at most, and {needs}"))
                .remedy(remedy())
                .blocking([])
        }
        Some(allowed) => Finding::ok(format!("a process may have {allowed} at most; {needs}")),
        None => Finding::ok("there is no limit"),
    };
    finding.facts(Facts::Limit(LimitFacts { allowed, needed: for_most }))
}

const RAISED_BY: u64 = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn load_has_to_be_able_to_open_its_connections() {
        let all: String = [None, Some(1024), Some(64), Some(16)]
            .into_iter()
            .map(|allowed| judge(allowed, 20, 95).told())
            .collect();
        insta::assert_snapshot!(all, @r"
        Ok: there is no limit
        Ok: a process may have 1024 at most; load --find-limit needs 95 for its 64 sessions
        Problem: a process may have 64 at most, and load --find-limit needs 95 for its 64 sessions
          ulimit -n 1024
          as root or with a higher hard limit: in a service LimitNOFILE=, in a container --ulimit nofile=
        Problem: a process may have 16 at most, and load needs 20
          ulimit -n 1024
          as root or with a higher hard limit: in a service LimitNOFILE=, in a container --ulimit nofile=
        ");
    }
}
