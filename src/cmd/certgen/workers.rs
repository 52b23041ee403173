//! Work on many boards at once: as many threads as the machine has processors.

use std::{
    num::NonZero,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::channel,
    },
    thread,
};

use super::fleet_fault;
use crate::{
    error::{Error, Result},
    stop::Stop,
};

/// What the work gave, in the order of the items; or all errors, each with its item's line, which is 0 for one about all of them.
pub(super) type Outcome<T> = std::result::Result<Vec<T>, Vec<(u64, Error)>>;

/// What the work on one item gave.
type Done<T> = std::result::Result<T, (u64, Error)>;

/// Whether the others are worked on once there is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnError {
    /// They are: all errors are told at once.
    GoOn,
    /// They are not.
    End,
}

/// Something to be worked on that has a line in a file.
pub(super) trait InLine {
    /// The line, from 1.
    fn line(&self) -> u64;
}

/// Does the work on each item; tells `progress` how many are done.
pub(super) fn in_parallel<I: InLine + Sync, T: Send>(
    items: &[I],
    on_error: OnError,
    stop: &Stop,
    work: impl Fn(&I) -> Result<T> + Sync,
    mut progress: impl FnMut(usize),
) -> Outcome<T> {
    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(items.len());
    let (sender, receiver) = channel();
    let mut done = Vec::with_capacity(items.len());
    thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next, is_over, work) = (sender.clone(), &next, &is_over, &work);
            scope.spawn(move || {
                while !stop.is_given() && !is_over.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = work(item).map_err(|error| (item.line(), error));
                    if result.is_err() && on_error == OnError::End {
                        is_over.store(true, Ordering::Relaxed);
                    }
                    // The receiver lives as long as this scope.
                    let _ = sender.send((index, result));
                }
            });
        }
        drop(sender);
        for result in receiver {
            done.push(result);
            progress(done.len());
        }
    });
    if stop.is_given() {
        return Err(vec![(0, fleet_fault::fleet_stopped(done.len(), items.len()))]);
    }
    in_order(done)
}

fn in_order<T>(mut done: Vec<(usize, Done<T>)>) -> Outcome<T> {
    done.sort_by_key(|(index, _)| *index);
    let (mut results, mut errors) = (Vec::with_capacity(done.len()), Vec::new());
    for (_, result) in done {
        match result {
            Ok(result) => results.push(result),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(results) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Code, Fault};

    impl InLine for u64 {
        fn line(&self) -> u64 {
            *self
        }
    }

    #[test]
    fn results_and_errors_come_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..500).collect();
        let mut told = 0;
        let doubled =
            in_parallel(&items, OnError::GoOn, &Stop::default(), |it| Ok(it * 2), |count| told = count);
        assert!(doubled.is_ok_and(|doubled| doubled.iter().copied().eq((0..500).map(|it| it * 2))));
        assert_eq!(told, 500);
        let odd = |it: &u64| {
            let error = || Error::new(Fault::Usage, Code::CERT_FLEET, "a", "b");
            if it % 2 == 1 { Err(error()) } else { Ok(()) }
        };
        let errors = in_parallel(&items, OnError::GoOn, &Stop::default(), odd, |_| {}).unwrap_err();
        assert!(errors.iter().map(|(line, _)| *line).eq((0..250).map(|it| it * 2 + 1)));
        let errors = in_parallel(&items, OnError::End, &Stop::default(), odd, |_| {}).unwrap_err();
        assert!(errors.len() < 250, "{}", errors.len());
        let stop = Stop::default();
        stop.give();
        let stopped = in_parallel(&items, OnError::End, &stop, odd, |_| {}).unwrap_err();
        assert_eq!(stopped[0].1.fault, Fault::Interrupted);
    }
}
