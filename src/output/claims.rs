//! What one command reads and writes, so that it writes no file twice, and none that it reads.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    Output, Place,
    destination::{Destination, DestinationKind, FileId},
};

/// The files of one command.
#[derive(Debug, Default)]
pub struct Claims {
    claimed: Vec<Claim>,
}

/// What a command does with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It reads it.
    Reads,
    /// It reads all that is in this folder.
    ReadsFolder,
    /// It talks to the board that is there.
    TalksTo,
    /// It writes it.
    Writes,
}

/// Two uses of one file that exclude each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The output's name: its flag.
    pub output: String,
    /// Its place.
    pub place: Place,
    /// The name of what it would damage.
    pub other: String,
    /// What the command does with that.
    pub with: Use,
}

#[derive(Debug)]
struct Claim {
    name: String,
    place: Place,
    with: Use,
    /// The file's own path, through all links.
    path: PathBuf,
    id: FileId,
}

impl Claims {
    /// Records a file that the command reads, or a port that it uses; `name` is what errors call it.
    ///
    /// # Errors
    /// [`Conflict`] with an output.
    pub fn reads(&mut self, name: impl Into<String>, path: &Path, with: Use) -> Result<(), Conflict> {
        self.claim(name.into(), Place::File(path.to_owned()), with)
    }

    /// Records a file that the command writes.
    ///
    /// # Errors
    /// [`Conflict`] with what it reads, or with another output.
    pub fn writes(&mut self, output: &Output) -> Result<(), Conflict> {
        self.claim(output.flag.clone(), output.place.clone(), Use::Writes)
    }

    /// The files that it writes.
    pub fn outputs(&self) -> impl Iterator<Item = &Path> {
        self.claimed.iter().filter(|claim| claim.with == Use::Writes).map(|claim| claim.path.as_path())
    }

    fn claim(&mut self, name: String, place: Place, with: Use) -> Result<(), Conflict> {
        // What can't be found has no identity, and is refused when it is opened.
        let Ok((path, id)) = identity(&place) else { return Ok(()) };
        let claim = Claim { name, place, with, path, id };
        let conflict = self.claimed.iter().find_map(|other| conflict(other, &claim));
        self.claimed.push(claim);
        conflict.map_or(Ok(()), Err)
    }
}

fn identity(place: &Place) -> io::Result<(PathBuf, FileId)> {
    match place {
        Place::File(path) => Destination::of(path).map(|destination| (destination.path, destination.id)),
        Place::Stdout => Ok((place.path().to_owned(), FileId::stdout()?)),
    }
}

fn conflict(earlier: &Claim, later: &Claim) -> Option<Conflict> {
    let (output, other) = match (earlier.with, later.with) {
        (_, Use::Writes) => (later, earlier),
        (Use::Writes, _) => (earlier, later),
        _ => return None,
    };
    // The same output, named again by the command that knows more of it.
    let is_itself = output.name == other.name && output.place == other.place;
    let clashes = match other.with {
        Use::Writes => !is_itself && (same_stdout(output, other) || same_file(output, other)),
        Use::Reads => same_file(output, other),
        Use::TalksTo => output.id == other.id,
        Use::ReadsFolder => is_source(output, other),
    };
    clashes.then(|| Conflict {
        output: output.name.clone(),
        place: output.place.clone(),
        other: other.name.clone(),
        with: other.with,
    })
}

/// A device is not overwritten: any number of outputs may go to `/dev/null` or a terminal.
fn same_file(one: &Claim, other: &Claim) -> bool {
    one.id == other.id && !matches!(one.id, FileId::Device { .. })
}

fn same_stdout(one: &Claim, other: &Claim) -> bool {
    one.place == Place::Stdout && other.place == Place::Stdout
}

/// A file that is in the folder already is one of its sources; what cargo makes there is not.
fn is_source(output: &Claim, folder: &Claim) -> bool {
    let Ok(inside) = output.path.strip_prefix(&folder.path) else { return false };
    let exists = matches!(&output.place, Place::File(path) if is_regular(path));
    exists && !inside.starts_with("target")
}

fn is_regular(path: &Path) -> bool {
    Destination::of(path).is_ok_and(|destination| destination.kind == DestinationKind::Regular)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writes(claims: &mut Claims, flag: &str, path: &str) -> Option<String> {
        claims.writes(&Output::new(flag, Path::new(path))).err().map(|conflict| conflict.other)
    }

    #[test]
    fn the_order_in_which_files_are_named_makes_no_difference() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut first = Claims::default();
        first.reads("--cert", &path, Use::Reads).unwrap();
        assert_eq!(writes(&mut first, "--html", path.to_str().unwrap()), Some("--cert".to_owned()));
        let mut last = Claims::default();
        assert_eq!(writes(&mut last, "--html", path.to_str().unwrap()), None);
        let conflict = last.reads("--cert", &path, Use::Reads).unwrap_err();
        assert_eq!((conflict.output.as_str(), conflict.other.as_str()), ("--html", "--cert"));
    }

    #[test]
    fn any_number_of_outputs_may_go_to_a_device_but_none_to_a_board_s_port() {
        let mut claims = Claims::default();
        claims.reads("--wifi-password-file", Path::new("/dev/null"), Use::Reads).unwrap();
        for flag in ["--html", "--csv", "--output"] {
            assert_eq!(writes(&mut claims, flag, "/dev/null"), None, "{flag}");
        }
        assert!(claims.reads("the port", Path::new("/dev/null"), Use::TalksTo).is_err());
    }

    #[test]
    fn one_output_may_be_named_twice_and_two_may_not_share_a_file_or_standard_output() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log").display().to_string();
        let mut claims = Claims::default();
        for _ in 0..2 {
            assert_eq!(writes(&mut claims, "--serial-log", &path), None);
            assert_eq!(writes(&mut claims, "--pcap", "-"), None);
        }
        assert_eq!(writes(&mut claims, "--csv", &path), Some("--serial-log".to_owned()));
        assert_eq!(writes(&mut claims, "--html", "/dev/stdout"), Some("--pcap".to_owned()));
    }

    #[test]
    fn the_sources_of_a_folder_are_read_and_what_is_made_there_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        std::fs::create_dir(at("target")).unwrap();
        for name in ["Cargo.toml", "target/report.json"] {
            std::fs::write(at(name), "").unwrap();
        }
        let mut claims = Claims::default();
        claims.reads("--firmware-dir", folder.path(), Use::ReadsFolder).unwrap();
        assert_eq!(writes(&mut claims, "-o", &at("Cargo.toml")), Some("--firmware-dir".to_owned()));
        for name in ["target/report.json", "new.json"] {
            assert_eq!(writes(&mut claims, "-o", &at(name)), None, "{name}");
        }
    }
}
