//! The files that a command writes. Each is named once on the command line, checked before the work, and then written in
//! the one way that suits what is there: a regular file whole or not at all, a device, a pipe or a FIFO as it is.
//!
//! Nothing here writes to standard output; `report` does that.

mod claims;
mod destination;
mod kept;
mod stream;
mod together;
mod write;

use std::path::{Path, PathBuf};

pub use claims::{Claims, Conflict, Use};
pub use destination::{Destination, DestinationKind, FileId};
pub use kept::Kept;
pub use stream::{Stream, Waiting, is_stopped, is_without_reader};
pub use together::{Part, Unwritten, check_together, write_together};
pub use write::{Refusal, append, begin, check, folder_of, plain, release, unmade, write_whole};

/// One output of a command, as it is named on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The flag that names it, e.g. `--html`.
    pub flag: String,
    /// Where it goes.
    pub place: Place,
}

/// Where an output goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Standard output: `-`, or one of the names that the system has for it.
    Stdout,
    /// What is at this path, or will be.
    File(PathBuf),
}

/// What an output is. Decides how it is checked and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A result for people or programs; it replaces an older one.
    Result,
    /// A result that contains secrets and is not text; it replaces an older one.
    SecretResult,
    /// A file that holds secrets, and is no text; what to do with one that is there is said by the user.
    SecretFile(Existing),
    /// A file of the user's from then on; what to do with one that is there is said by the user.
    File(Existing),
    /// Bytes as they come, appended to what is there.
    Log,
    /// Lines as they come, in place of what is there.
    Series,
}

/// What to do with a file that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Leave it alone, and fail.
    Keep,
    /// Replace it, once the new one is complete.
    Replace,
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its owner only, from the moment it exists: mode 0600.
    Owner,
    /// Everybody, less the umask.
    Everybody,
}

impl Output {
    /// The output that `flag` names by `path`.
    pub fn new(flag: impl Into<String>, path: &Path) -> Self {
        Self { flag: flag.into(), place: Place::parse(path) }
    }

    /// The path as a report shows it: `-` for standard output.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.place.path()
    }
}

impl Place {
    /// `-` and the system's names for standard output are that; a file that is called `-` is `./-`.
    #[must_use]
    pub fn parse(path: &Path) -> Self {
        let is_stdout = STDOUT.iter().any(|name| path.as_os_str() == *name);
        if is_stdout { Self::Stdout } else { Self::File(path.to_owned()) }
    }

    /// The path as a report shows it: `-` for standard output.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Stdout => Path::new("-"),
            Self::File(path) => path,
        }
    }

    /// Its name in a sentence.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Stdout => "standard output".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

impl Purpose {
    /// Whether it is not text, so that it must not be written to a terminal.
    #[must_use]
    pub fn is_binary(self) -> bool {
        matches!(self, Self::SecretResult | Self::SecretFile(_) | Self::Log)
    }

    fn access(self) -> Access {
        match self {
            Self::SecretResult | Self::SecretFile(_) => Access::Owner,
            Self::Result | Self::File(_) | Self::Log | Self::Series => Access::Everybody,
        }
    }

    fn existing(self) -> Existing {
        match self {
            Self::SecretFile(existing) | Self::File(existing) => existing,
            _ => Existing::Replace,
        }
    }
}

const STDOUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_output_has_names_and_a_file_called_dash_is_reached_by_its_folder() {
        for name in STDOUT {
            assert_eq!(Place::parse(Path::new(name)), Place::Stdout, "{name}");
        }
        assert_eq!(Place::parse(Path::new("./-")), Place::File("./-".into()));
        assert_eq!(Output::new("--html", Path::new("-")).path(), Path::new("-"));
    }
}
