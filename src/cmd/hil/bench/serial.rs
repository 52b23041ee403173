//! What the board prints, followed through the whole run: a thread reads the serial log as it grows, whoever writes it; between
//! two commands that use a board's port, another one reads the port and writes the log.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{
    device::{
        serial::{line::LineSplitter, link::Port, log::SerialLog, ports::PortInfo},
        serial_watcher::{SerialEvent, SerialWatcher},
    },
    duration::micros,
    hil::log_watch::LogWatch,
    output::{Waiting, append},
    stop::Stop,
};

/// Follows a serial log.
#[derive(Debug)]
pub(super) struct LogFollower {
    shared: Arc<Mutex<Followed>>,
    stop: Stop,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Followed {
    path: PathBuf,
    since: Instant,
    offset: u64,
    splitter: LineSplitter,
    watch: LogWatch,
}

impl LogFollower {
    /// Follows the log at `path` from its end on; times count from `since`.
    pub(super) fn start(path: &Path, since: Instant) -> io::Result<Self> {
        let offset = path.metadata().map_or(0, |meta| meta.len());
        let (path, splitter, watch) = (path.to_owned(), LineSplitter::default(), LogWatch::default());
        let shared = Arc::new(Mutex::new(Followed { path, since, offset, splitter, watch }));
        let stop = Stop::default();
        let (following, stopping) = (Arc::clone(&shared), stop.clone());
        let thread = thread::Builder::new().spawn(move || {
            while !stopping.is_given() {
                locked(&following).catch_up();
                thread::sleep(MOMENT);
            }
        })?;
        Ok(Self { shared, stop, thread: Some(thread) })
    }

    /// Looks at what is known by now.
    pub(super) fn look<T>(&self, with: impl FnOnce(&mut LogWatch) -> T) -> T {
        let mut followed = locked(&self.shared);
        followed.catch_up();
        with(&mut followed.watch)
    }
}

impl Drop for LogFollower {
    fn drop(&mut self) {
        self.stop.give();
        if let Some(thread) = self.thread.take() {
            // It only sleeps and reads.
            let _ = thread.join();
        }
    }
}

impl Followed {
    /// Reads what has been added to the log. A log that can't be read has nothing new.
    fn catch_up(&mut self) {
        let at_us = micros(self.since.elapsed());
        let Ok(mut file) = File::open(&self.path) else { return };
        if file.seek(SeekFrom::Start(self.offset)).is_err() {
            return;
        }
        let mut bytes = vec![0; READ_AT_ONCE];
        while let Ok(count @ 1..) = file.read(&mut bytes) {
            self.offset += count as u64;
            for line in self.splitter.push(bytes.get(..count).unwrap_or_default()) {
                self.watch.line(line.plain(), at_us);
            }
        }
    }
}

/// Reads a board's port into the serial log, until it is stopped.
#[derive(Debug)]
pub(super) struct PortReader {
    stop: Stop,
    thread: Option<JoinHandle<()>>,
}

impl PortReader {
    /// Starts to read.
    pub(super) fn start(port: PortInfo, log: &Path, follower: &LogFollower) -> io::Result<Self> {
        let stop = Stop::default();
        let (stopping, shared, path) = (stop.clone(), Arc::clone(&follower.shared), log.to_owned());
        let thread = thread::Builder::new().spawn(move || read(&port, &path, &stopping, &shared))?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for PortReader {
    /// The port is free afterwards.
    fn drop(&mut self) {
        self.stop.give();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read(info: &PortInfo, log: &Path, stop: &Stop, shared: &Mutex<Followed>) {
    let at_us = || micros(locked(shared).since.elapsed());
    let mut told = false;
    let port = loop {
        if stop.is_given() {
            return;
        }
        match Port::open(info) {
            Ok(port) => break port,
            Err(_) if told => thread::sleep(MOMENT),
            Err(_) => {
                told = true;
                let at_us = at_us();
                locked(shared).watch.port_gone(at_us);
            }
        }
    };
    if told {
        let at_us = at_us();
        locked(shared).watch.port_back(at_us);
    }
    let tell = |event| {
        let at_us = at_us();
        match event {
            SerialEvent::PortGone => locked(shared).watch.port_gone(at_us),
            SerialEvent::PortBack => locked(shared).watch.port_back(at_us),
            _ => {}
        }
    };
    let Ok(sink) = append(log, &Waiting::No) else { return };
    let log = SerialLog::new(log, Box::new(sink));
    // A log that can't be written any more ends it; the run notices by what is missing.
    let _ = SerialWatcher::new(port, Some(log), stop, &tell).until_stopped(None);
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often the log is looked at.
const MOMENT: Duration = Duration::from_millis(50);
const READ_AT_ONCE: usize = 64 * 1024;
