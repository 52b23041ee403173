//! One run at a time on a port. The lock is advisory: other programs do not look at it, runs of ours do.

use std::{
    env,
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    os_error::in_words,
    stop::Stop,
    system::{folders, private},
};

/// Holds a port for this process; given back when dropped, and by the kernel when the process ends.
///
/// It is a lock on a file beside the port and not on the port itself: a port is opened anew when the board restarts,
/// and opening it raises lines that reset some boards.
#[derive(Debug)]
pub struct PortLock {
    /// `None` where the process that started this one holds the lock, and gives it back after us.
    _file: Option<File>,
}

/// Why the port could not be locked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another run still has it.
    #[error("another esp-https uses {port}, and still did after {} s", waited.as_secs())]
    Held {
        /// The port.
        port: String,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The lock's file can't be made or opened.
    #[error("{}: {}", path.display(), in_words(source))]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl PortLock {
    /// Waits for the port until `limit` is over, or told to stop, which gives `None`; says so with `waiting` when it has to
    /// wait.
    ///
    /// # Errors
    /// Another run keeps it, or the lock's file can't be used.
    pub fn take(
        port: &str,
        limit: Duration,
        stop: &Stop,
        waiting: impl FnOnce(),
    ) -> Result<Option<Self>, LockError> {
        if env::var_os(HELD_VARIABLE).is_some_and(|held| held == *file_name(port)) {
            return Ok(Some(Self { _file: None }));
        }
        Self::take_in(&folders(), port, limit, stop, waiting)
    }

    /// The variable, and its value, by which a child process learns that we hold the lock of this port for it.
    #[must_use]
    pub fn for_child(port: &str) -> (&'static str, String) {
        (HELD_VARIABLE, file_name(port))
    }

    /// Whether a run of ours has the port at this moment.
    #[must_use]
    pub fn is_held(port: &str) -> bool {
        Self::is_held_in(&folders(), port)
    }

    /// Makes no file: without one, nobody has the port. That the lock is free is found out by a shared lock for a moment.
    fn is_held_in(folders: &[PathBuf], port: &str) -> bool {
        let files = folders.iter().filter_map(|folder| File::open(folder.join(file_name(port))).ok());
        files.into_iter().any(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    fn take_in(
        folders: &[PathBuf],
        port: &str,
        limit: Duration,
        stop: &Stop,
        waiting: impl FnOnce(),
    ) -> Result<Option<Self>, LockError> {
        let (path, file) = open_in(folders, &file_name(port))?;
        let failed = |source| LockError::File { path: path.clone(), source };
        let (since, mut waiting) = (Instant::now(), Some(waiting));
        loop {
            if stop.is_given() {
                return Ok(None);
            }
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { _file: Some(file) })),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
                Err(TryLockError::WouldBlock) if since.elapsed() >= limit => {
                    return Err(LockError::Held { port: port.to_owned(), waited: limit });
                }
                Err(TryLockError::WouldBlock) => {
                    if let Some(waiting) = waiting.take() {
                        waiting();
                    }
                    sleep(POLL.min(limit.saturating_sub(since.elapsed())));
                }
            }
        }
    }
}

/// Where every user's runs look, or where the variable `ESP_HTTPS_LOCK_DIR` says.
pub(in crate::device) fn folders() -> Vec<PathBuf> {
    match env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty()) {
        Some(folder) => vec![folder.into()],
        None => folders::locks(),
    }
}

/// The lock's file in the first folder that takes one.
fn open_in(folders: &[PathBuf], name: &str) -> Result<(PathBuf, File), LockError> {
    let mut failed = None;
    for path in folders.iter().map(|folder| folder.join(name)) {
        match open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(source) => failed = Some(LockError::File { path, source }),
        }
    }
    Err(failed.unwrap_or(LockError::File { path: PathBuf::new(), source: io::ErrorKind::NotFound.into() }))
}

/// The port's real path, so that a link to a port is the same port.
fn file_name(port: &str) -> String {
    let real = Path::new(port).canonicalize().unwrap_or_else(|_| PathBuf::from(port));
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("esp-https{}.lock", real.to_string_lossy().chars().map(plain).collect::<String>())
}

/// Another user may have made it: then it is opened as it is, which is enough to lock it. It stays when the lock is
/// given back, for whoever waits with it open.
fn open(path: &Path) -> io::Result<File> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let file = File::options().create(true).append(true).open(path)?;
            // The umask may have taken others' right to read; without it they can't wait their turn.
            let _ = private::let_all_read(&file);
            Ok(file)
        }
        opened => opened,
    }
}

const POLL: Duration = Duration::from_millis(100);
/// For a container in which the usual places can't be written, or in which several containers share one.
const FOLDER_VARIABLE: &str = "ESP_HTTPS_LOCK_DIR";
/// Set by `hil` for the commands that it starts: it keeps a board for all of a run.
const HELD_VARIABLE: &str = "ESP_HTTPS_PORT_LOCK_HELD";

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(20);

    #[test]
    fn two_runs_on_one_port_take_turns_and_a_third_gives_up() {
        let folder = tempfile::tempdir().unwrap();
        let take = |port, limit| {
            PortLock::take_in(&[folder.path().to_owned()], port, limit, &Stop::default(), || {})
        };
        let first = take("/dev/null", SHORT).unwrap();
        let error = take("/dev/null", SHORT).unwrap_err();
        assert!(matches!(error, LockError::Held { ref port, .. } if port == "/dev/null"), "{error}");
        take("/dev/zero", SHORT).expect("another port is free");
        let is_held = |port| PortLock::is_held_in(&[folder.path().to_owned()], port);
        assert!(is_held("/dev/null") && !is_held("/dev/zero") && !is_held("/dev/full"));
        let waiting = std::thread::scope(|scope| {
            let (waits, told) = std::sync::mpsc::channel();
            let folders = [folder.path().to_owned()];
            let second = scope.spawn(move || {
                let tell = || waits.send(()).unwrap();
                PortLock::take_in(&folders, "/dev/null", support::LONGEST, &Stop::default(), tell).map(|_| ())
            });
            told.recv().unwrap();
            drop(first);
            second.join().unwrap()
        });
        waiting.unwrap();
    }

    #[test]
    fn a_link_to_a_port_is_that_port() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("by-id");
        std::os::unix::fs::symlink("/dev/null", &link).unwrap();
        assert_eq!(file_name(link.to_str().unwrap()), "esp-https-dev-null.lock");
        assert_eq!(file_name("/dev/null"), "esp-https-dev-null.lock");
    }

    #[test]
    fn where_the_first_folder_takes_no_file_the_next_does() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [PathBuf::from("/proc/nonexistent"), folder.path().to_owned()];
        let _first = PortLock::take_in(&folders, "/dev/null", SHORT, &Stop::default(), || {}).unwrap();
        assert!(folder.path().join("esp-https-dev-null.lock").is_file());
        PortLock::take_in(&folders, "/dev/null", SHORT, &Stop::default(), || {}).unwrap_err();
    }

    #[test]
    fn waiting_is_said_once_and_a_folder_that_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let _first =
            PortLock::take_in(&[folder.path().to_owned()], "/dev/null", SHORT, &Stop::default(), || {})
                .unwrap();
        let mut said = 0;
        let limit = Duration::from_millis(250);
        PortLock::take_in(&[folder.path().to_owned()], "/dev/null", limit, &Stop::default(), || said += 1)
            .unwrap_err();
        assert_eq!(said, 1);
        let gone = folder.path().join("gone");
        let error =
            PortLock::take_in(std::slice::from_ref(&gone), "/dev/null", SHORT, &Stop::default(), || {})
                .unwrap_err();
        assert!(matches!(error, LockError::File { ref path, .. } if path.starts_with(&gone)), "{error}");
    }
}
