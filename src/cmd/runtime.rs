//! The runtime that every command runs on: one thread that waits for events, and other threads for work that blocks.

use std::io;

use tokio::runtime::Builder;

use crate::{
    error::{Code, Error, Fault, Result},
    interrupt::{self, Interrupts},
    os_error::in_words,
};

/// Runs a command's work to its end on this thread.
///
/// # Errors
/// Those of the work, or the system gives us no runtime.
pub(super) fn run<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let result = runtime.block_on(work);
    // Neither a name service that does not answer nor a pipe that nobody writes to can be cancelled. Without this line
    // the end of the command would wait for them.
    runtime.shutdown_background();
    result
}

/// Listens for the signals that ask a command to stop.
///
/// # Errors
/// The system does not let us.
pub(super) fn interrupts() -> Result<Interrupts> {
    Interrupts::listen().map_err(failed)
}

/// Runs work that blocks in a thread of its own, and waits for its result; `doing` is for the error. When the wait is
/// given up, the work goes on until the process ends: it must have nothing to clean up.
///
/// # Errors
/// Those of the work, there is no thread for it, or it panicked.
pub(super) async fn in_background<T: Send + 'static>(
    doing: &str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let result = interrupt::in_background(work).map_err(failed)?.await;
    result.unwrap_or_else(|source| Err(ended_without_result(doing).source(source)))
}

/// The system gives us no thread, no event queue, or no signals.
pub(super) fn failed(source: io::Error) -> Error {
    let doing = "starting the threads and the event loop that this command needs";
    Error::new(Fault::Environment, Code::RUNTIME_START, doing, in_words(&source)).advised().source(source)
}

/// A thread of ours ended without a result, which only a panic does.
pub(super) fn ended_without_result(doing: impl Into<String>) -> Error {
    Error::new(Fault::Bug, Code::RUNTIME_LOST, doing, "a part of the command ended without a result")
        .advised()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_ends_without_a_result_is_a_bug() {
        let work = || -> Result<()> { std::panic::resume_unwind(Box::new("a panic")) };
        let error = run(in_background("reading a file", work)).unwrap_err();
        assert_eq!((error.fault, error.code), (Fault::Bug, Code::RUNTIME_LOST));
        assert_eq!(error.to_string(), "reading a file: a part of the command ended without a result");
    }
}
