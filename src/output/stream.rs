//! Outputs that are written as they come, and the waiting that a pipe may ask for.

use std::{
    fmt,
    fs::File,
    io::{self, Write},
    path::Path,
    sync::{Arc, mpsc},
    thread,
};

use tokio::runtime;

use super::destination::{Destination, DestinationKind};
use crate::{
    interrupt::{Interrupts, Signal, in_background},
    system::files::{self, open_fifo_at_once, open_special},
};

/// Whether to wait for somebody who reads a FIFO.
pub enum Waiting<'a> {
    /// Until there is one or a signal comes; `tell` is called first, if there is none yet, and a signal would be heard.
    ForReader {
        /// Says that we wait.
        tell: &'a dyn Fn(),
    },
    /// Not at all.
    No,
}

/// An output that is open.
#[derive(Debug)]
pub struct Stream {
    file: Arc<File>,
    pace: Pace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// A write returns.
    Prompt,
    /// A write may wait for ever, for a reader that reads.
    Unknown,
}

impl Stream {
    /// A regular file.
    pub(super) fn regular(file: File) -> Self {
        Self { file: Arc::new(file), pace: Pace::Prompt }
    }

    /// Opens what is there as it is, once. A signal ends the wait for a FIFO's reader.
    pub(super) fn special(destination: &Destination, waiting: &Waiting<'_>) -> io::Result<Self> {
        let pace = if destination.kind == DestinationKind::Opened { Pace::Prompt } else { Pace::Unknown };
        let file = match destination.kind {
            DestinationKind::Fifo => open_fifo(&destination.path, waiting)?,
            _ => open_special(&destination.path)?,
        };
        Ok(Self { file: Arc::new(file), pace })
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.pace {
            Pace::Prompt => (&*self.file).write(bytes),
            Pace::Unknown => {
                let (file, bytes) = (Arc::clone(&self.file), bytes.to_vec());
                interruptibly(move || (&*file).write_all(&bytes).map(|()| bytes.len()), &|| ())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Asks first whether there is a reader, which is no opening if there is none.
fn open_fifo(path: &Path, waiting: &Waiting<'_>) -> io::Result<File> {
    match (open_fifo_at_once(path), waiting) {
        (Ok(file), _) => Ok(file),
        (Err(error), Waiting::ForReader { tell }) if is_without_reader(&error) => {
            let path = path.to_owned();
            interruptibly(move || open_special(&path), *tell)
        }
        (Err(error), _) => Err(error),
    }
}

/// Whether a FIFO could not be opened because no program reads it.
#[must_use]
pub fn is_without_reader(error: &io::Error) -> bool {
    files::is_without_reader(error)
}

/// Runs work that may wait for ever, until it ends or a signal comes; then the work goes on until the process ends. Calls
/// `tell` once a signal would be heard.
fn interruptibly<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
    tell: &dyn Fn(),
) -> io::Result<T> {
    let (listening, is_listening) = mpsc::channel();
    // A runtime can't wait within another one, so it gets a thread of its own.
    let waiter = thread::Builder::new().spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut interrupts = Interrupts::listen()?;
            // Nobody is left to tell when the receiver is gone.
            let _ = listening.send(());
            let done = in_background(work)?;
            match interrupts.or(done).await {
                Ok(result) => result.map_err(io::Error::other)?,
                Err(signal) => Err(io::Error::other(Stopped(signal))),
            }
        })
    })?;
    if is_listening.recv().is_ok() {
        tell();
    }
    waiter.join().map_err(|_| io::Error::other("a part of the command ended without a result"))?
}

/// A signal ended the wait. It is no [`io::ErrorKind::Interrupted`], upon which the standard library tries again.
#[derive(Debug)]
struct Stopped(Signal);

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "by {}", self.0.name())
    }
}

impl std::error::Error for Stopped {}

/// Whether an output failed since a signal ended the wait for its reader.
#[must_use]
pub fn is_stopped(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|cause| cause.is::<Stopped>())
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use super::*;

    fn fifo(folder: &Path) -> Destination {
        let path = folder.join("fifo");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        Destination::of(&path).unwrap()
    }

    #[test]
    fn a_fifo_s_reader_is_waited_for_and_sees_one_stream() {
        let folder = tempfile::tempdir().unwrap();
        let destination = fifo(folder.path());
        let path = destination.path.clone();
        let (reader, readers) = mpsc::channel();
        // The reader comes only once it is told that somebody waits.
        let tell = move || {
            let path = path.clone();
            reader.send(thread::spawn(move || fs::read(path).unwrap())).unwrap();
        };
        let mut stream = Stream::special(&destination, &Waiting::ForReader { tell: &tell }).unwrap();
        stream.write_all(b"one ").unwrap();
        stream.write_all(b"stream").unwrap();
        drop(stream);
        assert_eq!(readers.recv().unwrap().join().unwrap(), b"one stream");
    }

    #[test]
    fn a_fifo_that_nobody_reads_is_not_waited_for_when_that_is_not_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let error = Stream::special(&fifo(folder.path()), &Waiting::No).unwrap_err();
        assert!(is_without_reader(&error) && !is_stopped(&error), "{error}");
    }

    #[test]
    fn more_than_a_pipe_holds_is_written_whole() {
        let folder = tempfile::tempdir().unwrap();
        let destination = fifo(folder.path());
        let path = destination.path.clone();
        let reader = thread::spawn(move || fs::read(path).unwrap());
        let mut stream = Stream::special(&destination, &Waiting::ForReader { tell: &|| () }).unwrap();
        let bytes = vec![7; 1 << 20];
        stream.write_all(&bytes).unwrap();
        drop(stream);
        assert!(reader.join().unwrap() == bytes);
    }
}
