//! What is in folders.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
    sync::mpsc::channel,
    thread,
};

use crate::wait::LONGEST;

/// The names of all that is in a folder, hidden files too, sorted.
pub fn names(folder: impl AsRef<Path>) -> Vec<String> {
    let folder = folder.as_ref();
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Makes a FIFO (mkfifo(3)).
pub fn make_fifo(path: impl AsRef<Path>) {
    let made = Command::new("mkfifo").arg(path.as_ref()).output().expect("mkfifo runs");
    assert!(made.status.success(), "{made:?}");
}

/// Opens a FIFO for writing, which waits until somebody has opened it for reading: then that process is at it.
pub fn open_fifo(path: impl AsRef<Path>) -> File {
    let (path, (sender, opened)) = (path.as_ref().to_owned(), channel());
    thread::spawn(move || sender.send(File::options().write(true).open(path)));
    opened.recv_timeout(LONGEST).expect("somebody opens the FIFO for reading").unwrap()
}
