//! What the operating system says when a file, a program or a socket can't be used, in plain words.

use std::{
    borrow::Cow,
    io::{self, ErrorKind},
};

use rustix::io::Errno;

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

/// Of what the standard library has no kind for, or one that says less.
fn of_number(error: &io::Error) -> Option<&'static str> {
    Some(match Errno::from_io_error(error)? {
        Errno::LOOP => "its path has too many links, or links that lead to each other",
        Errno::MFILE => "this program has too many files open: raise the limit with ulimit -n",
        Errno::NFILE => "this machine has too many files open",
        Errno::NXIO | Errno::NODEV => "there is no such device",
        Errno::IO => "reading or writing it failed: the disk or the device may be broken or gone",
        Errno::NOEXEC => "it is not a program that this machine can run",
        Errno::TXTBSY => "it is a program that is running",
        _ => return None,
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
        ErrorKind::QuotaExceeded => "this user's share of the disk is used up",
        ErrorKind::FileTooLarge => "it would be larger than files may be here",
        ErrorKind::ReadOnlyFilesystem => "it is on a file system that is read-only",
        ErrorKind::InvalidFilename => "its name is longer than this system allows",
        ErrorKind::ResourceBusy => "it is in use",
        ErrorKind::OutOfMemory => "there is not enough memory",
        ErrorKind::BrokenPipe => "nobody reads it any more",
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
