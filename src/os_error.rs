//! What the operating system says when a file, a program or a socket can't be used, in plain words.

use std::{
    borrow::Cow,
    io::{self, ErrorKind},
    path::Path,
};

use crate::system::{KnownError, errors, files::takes_no_files};

/// Says why the system refused, as the second half of a message that has named the file, the program or the address.
///
/// `No such file or directory (os error 2)` becomes "there is no such file or folder". Errors that are not the system's keep
/// their own words.
#[must_use]
pub fn in_words(error: &io::Error) -> Cow<'static, str> {
    if let Some(words) = of_number(error).or_else(|| of_kind(error)) {
        return words.into();
    }
    let said = error.to_string();
    match said.split_once(" (os error ") {
        Some((words, _)) => format!("the system says: {words}").into(),
        None => said.into(),
    }
}

/// Why no file could be made at `path`, from what the system says of that. A file system that shows what the kernel knows, such as
/// `/proc`, lets nobody make files, and says that there is no such file, or that permission is denied.
#[must_use]
pub fn not_made(path: &Path, error: io::Error) -> io::Error {
    let may_mislead = matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::Unsupported | ErrorKind::InvalidInput
    );
    let folder = path.ancestors().map(|above| if above == Path::new("") { Path::new(".") } else { above });
    match folder.into_iter().find(|above| above.is_dir()) {
        Some(folder) if may_mislead && takes_no_files(folder) => {
            io::Error::new(ErrorKind::Unsupported, "its file system does not let files be made there")
        }
        _ => error,
    }
}

/// Of what the standard library has no kind for, or one that says less.
fn of_number(error: &io::Error) -> Option<&'static str> {
    Some(match errors::known(error)? {
        KnownError::Links => "its path has too many links, or links that lead to each other",
        KnownError::OpenFiles => "this program has too many files open: raise the limit with ulimit -n",
        KnownError::OpenFilesOfAll => "this machine has too many files open",
        KnownError::NoDevice => "there is no such device",
        KnownError::Broken => "reading or writing it failed: the disk or the device may be broken or gone",
        KnownError::NotAProgram => "it is not a program that this machine can run",
        KnownError::RunningProgram => "it is a program that is running",
        KnownError::InUse => "another program has it open",
        // The standard library has kinds for these, or who asks has better words.
        KnownError::LocalPorts | KnownError::Memory => return None,
    })
}

fn of_kind(error: &io::Error) -> Option<&'static str> {
    let is_the_system_s = error.raw_os_error().is_some();
    Some(match error.kind() {
        // What others put into an error is more telling than its kind.
        _ if error.get_ref().is_some() => return None,
        ErrorKind::NotFound => "there is no such file or folder",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::AlreadyExists => "it exists already",
        ErrorKind::IsADirectory => "it is a folder",
        ErrorKind::NotADirectory => "a part of its path is not a folder",
        ErrorKind::DirectoryNotEmpty => "the folder is not empty",
        ErrorKind::StorageFull => "there is no space left",
        ErrorKind::QuotaExceeded => "this user's disk quota is used up",
        ErrorKind::FileTooLarge => "it would be larger than this file system allows",
        ErrorKind::ReadOnlyFilesystem => "it is on a file system that is read-only",
        ErrorKind::InvalidFilename => "its name is longer than this system allows",
        ErrorKind::ResourceBusy => "it is in use",
        ErrorKind::OutOfMemory => "there is not enough memory",
        ErrorKind::BrokenPipe => "no program reads it any more",
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::ConnectionReset => "the other side reset the connection",
        ErrorKind::HostUnreachable => "the host can't be reached",
        ErrorKind::NetworkUnreachable => "the network can't be reached",
        ErrorKind::NetworkDown => "the network interface is down",
        ErrorKind::AddrInUse => "another program uses this address and port",
        ErrorKind::AddrNotAvailable => "this machine does not have this address",
        // The standard library reads text by these two, and the system has no number for either.
        ErrorKind::InvalidData if !is_the_system_s => "it is not UTF-8 text",
        ErrorKind::UnexpectedEof if !is_the_system_s => "it ends too early",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn what_can_be_wrong_with_a_path_is_said_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), [0xff, 0xfe]).unwrap();
        symlink("loop", path("loop")).unwrap();
        let read = |name: &str| fs::read_to_string(path(name)).unwrap_err();
        let cases = [
            (read("absent"), "there is no such file or folder"),
            (read("absent/file"), "there is no such file or folder"),
            (read("."), "it is a folder"),
            (read("file/file"), "a part of its path is not a folder"),
            (read("loop"), "its path has too many links, or links that lead to each other"),
            (read(&"long".repeat(100)), "its name is longer than this system allows"),
            (read("file"), "it is not UTF-8 text"),
            (fs::create_dir(path("file")).unwrap_err(), "it exists already"),
            (fs::write("/dev/full", "x").unwrap_err(), "there is no space left"),
            (fs::remove_dir(folder.path()).unwrap_err(), "the folder is not empty"),
        ];
        for (error, words) in cases {
            assert_eq!(in_words(&error), words, "{error}");
        }
    }

    #[test]
    fn where_the_kernel_lets_no_files_be_made_this_is_the_reason() {
        let made =
            |path: &str| in_words(&not_made(Path::new(path), fs::write(path, "x").unwrap_err())).into_owned();
        for path in ["/proc/x", "/proc/self/x", "/proc/self/fd/x", "/proc/x/y", "/sys/x", "/sys/kernel/x"] {
            assert_eq!(made(path), "its file system does not let files be made there", "{path}");
        }
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent/file");
        assert_eq!(made(absent.to_str().unwrap()), "there is no such file or folder");
        assert_eq!(made("/dev/null/x"), "a part of its path is not a folder");
    }

    #[test]
    fn no_error_of_the_system_shows_its_number() {
        for number in 1..=133 {
            let words = in_words(&io::Error::from_raw_os_error(number));
            assert!(!words.contains("os error") && !words.is_empty(), "{number}: {words}");
        }
        assert_eq!(in_words(&io::Error::from_raw_os_error(13)), "permission denied");
        assert_eq!(in_words(&io::Error::from_raw_os_error(22)), "the system says: Invalid argument");
    }

    #[test]
    fn errors_that_are_not_the_system_s_keep_their_words() {
        let own = io::Error::new(ErrorKind::NotFound, "it has no boards/esp32c3/Cargo.toml");
        assert_eq!(in_words(&own), "it has no boards/esp32c3/Cargo.toml");
        assert_eq!(
            in_words(&io::Error::other("failed to lookup address information")),
            "failed to lookup address information"
        );
    }
}
