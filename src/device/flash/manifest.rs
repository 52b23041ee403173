//! A manifest: which board, told by its MAC address, gets which certificate. CSV (RFC 4180) with a header row.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use esp_https_provision::{Hostname, HostnameError};
use zeroize::Zeroizing;

use crate::{cert::NameError, device::mac::Mac, text};

/// The rows, each board once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    rows: BTreeMap<Mac, Row>,
}

/// What one board gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Line in the file, from 1.
    pub line: u64,
    /// Its certificate's file.
    pub certificate: PathBuf,
    /// Its key's file.
    pub key: PathBuf,
    /// Its host name; `None` leaves the firmware's default.
    pub hostname: Option<Hostname>,
    /// The port that it is at, for those who can't ask the board first; `None` for one that its own USB tells.
    pub port: Option<String>,
}

/// Why a manifest can't be used: all that is wrong with it, in the order of its lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
#[non_exhaustive]
pub struct ManifestError {
    /// What is wrong; at least one.
    pub faults: Vec<ManifestFault>,
}

/// Something that is wrong with a manifest. It never repeats the text: that may be a key that was named by mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestFault {
    /// It is not text.
    #[error("it is not a text file (UTF-8)")]
    NotText,
    /// It is not CSV.
    #[error("{what}")]
    Csv {
        /// What the parser says.
        what: String,
    },
    /// The header lacks columns.
    #[error("its first line does not name {}; {found}", listed(missing))]
    Columns {
        /// The columns that are missing.
        missing: Vec<&'static str>,
        /// The columns that are there, in a sentence.
        found: String,
    },
    /// A row that has more or fewer fields than the header.
    #[error("line {line}: it has {found} fields, and the first line has {expected}")]
    Fields {
        /// Line in the file, from 1.
        line: u64,
        /// Its number of fields.
        found: usize,
        /// The number of columns.
        expected: usize,
    },
    /// A MAC address that is none.
    #[error(
        "line {line}: its mac is not a MAC address: expected six pairs of hex digits, as in 24:0a:c4:12:34:56"
    )]
    Mac {
        /// Line in the file, from 1.
        line: u64,
    },
    /// A file that is not named.
    #[error("line {line}: no {column} is named")]
    Empty {
        /// Line in the file, from 1.
        line: u64,
        /// The column.
        column: &'static str,
    },
    /// A host name that is none.
    #[error("line {line}: its host name: {source}")]
    Hostname {
        /// Line in the file, from 1.
        line: u64,
        /// Why it is none.
        source: HostnameError,
    },
    /// A name in the column of names that is none.
    #[error("line {line}: the name {number} of its names: {source}")]
    Name {
        /// Line in the file, from 1.
        line: u64,
        /// Which one, counted from 1.
        number: usize,
        /// Why it is none.
        source: NameError,
    },
    /// Something that only one board can have, and two would get.
    #[error("line {line}: its {what} is that of line {first}, too")]
    Clash {
        /// Line in the file, from 1.
        line: u64,
        /// What they share.
        what: &'static str,
        /// Line of the first board that has it.
        first: u64,
    },
    /// A board that is there twice.
    #[error("line {line}: {mac} has a row already, in line {first}")]
    Twice {
        /// Line in the file, from 1.
        line: u64,
        /// The board.
        mac: Mac,
        /// Line of its first row.
        first: u64,
    },
    /// A header and nothing else.
    #[error("it has no rows")]
    NoRows,
}

impl Manifest {
    /// Understands a manifest; relative paths in it count from `folder`, the one that it is in. Fields are separated by commas,
    /// semicolons or tabs, whichever the first line has. The names of the columns may have capitals and blanks.
    ///
    /// # Errors
    /// [`ManifestError`] has everything that is wrong, with its line.
    pub fn parse(bytes: &[u8], folder: &Path) -> Result<Self, ManifestError> {
        let text = text::decode(bytes).map_err(|_| ManifestFault::NotText)?;
        // With CRLF the parser counts one line too few.
        let text = Zeroizing::new(text.replace("\r\n", "\n"));
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .comment(Some(b'#'))
            .delimiter(separator(&text))
            .flexible(true)
            .from_reader(text.as_bytes());
        let columns = Columns::of(reader.headers().map_err(|error| csv_fault(&error))?)?;
        let (mut rows, mut faults): (BTreeMap<Mac, Row>, Vec<ManifestFault>) = Default::default();
        for record in reader.records() {
            match record
                .map_err(|error| vec![csv_fault(&error)])
                .and_then(|record| columns.row(&record, folder))
            {
                Ok((mac, row)) => match rows.get(&mac).map(|row| row.line) {
                    Some(first) => faults.push(ManifestFault::Twice { line: row.line, mac, first }),
                    None => drop(rows.insert(mac, row)),
                },
                Err(found) => faults.extend(found),
            }
        }
        if rows.is_empty() && faults.is_empty() {
            faults.push(ManifestFault::NoRows);
        }
        if faults.is_empty() { Ok(Self { rows }) } else { Err(ManifestError { faults }) }
    }

    /// The rows in the order of the addresses.
    pub fn rows(&self) -> impl Iterator<Item = (&Mac, &Row)> {
        self.rows.iter()
    }

    /// Host names that several boards would get, in lower case and in their order, each with the lines of these boards. On one
    /// network only one of the boards is found by such a name. A row without a host name counts: its board gets the firmware's
    /// default.
    #[must_use]
    pub fn shared_hostnames(&self) -> Vec<(String, Vec<u64>)> {
        let mut lines: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for row in self.rows.values() {
            let hostname = row.hostname.clone().unwrap_or_default().as_str().to_ascii_lowercase();
            lines.entry(hostname).or_default().push(row.line);
        }
        lines.retain(|_, lines| lines.len() > 1);
        lines.values_mut().for_each(|lines| lines.sort_unstable());
        lines.into_iter().collect()
    }
}

impl From<ManifestFault> for ManifestError {
    fn from(fault: ManifestFault) -> Self {
        Self { faults: vec![fault] }
    }
}

/// Where in a row what is.
#[derive(Debug, Clone, Copy)]
struct Columns {
    count: usize,
    mac: usize,
    certificate: usize,
    key: usize,
    hostname: Option<usize>,
    port: Option<usize>,
}

impl Columns {
    fn of(header: &csv::StringRecord) -> Result<Self, ManifestFault> {
        let names: Vec<String> = header.iter().map(plain).collect();
        let place = |name: &str| names.iter().position(|found| found == name);
        match (place(MAC), place(CERTIFICATE), place(KEY)) {
            (Some(mac), Some(certificate), Some(key)) => {
                let (hostname, port) = (place(HOSTNAME), place(PORT));
                Ok(Self { count: names.len(), mac, certificate, key, hostname, port })
            }
            _ => {
                let missing =
                    [MAC, CERTIFICATE, KEY].into_iter().filter(|name| place(name).is_none()).collect();
                Err(ManifestFault::Columns { missing, found: found(&names) })
            }
        }
    }

    /// What a record says, or all that is wrong with it.
    fn row(&self, record: &csv::StringRecord, folder: &Path) -> Result<(Mac, Row), Vec<ManifestFault>> {
        let line = record.position().map_or(0, csv::Position::line);
        // A spreadsheet leaves out what is empty at the end of a row.
        let optional = [self.hostname, self.port];
        let is_complete = (record.len()..self.count).all(|index| optional.contains(&Some(index)));
        if record.len() > self.count || !is_complete {
            return Err(vec![ManifestFault::Fields { line, found: record.len(), expected: self.count }]);
        }
        let mut faults = Vec::new();
        let mut file = |index: usize, column| {
            let name = record.get(index).unwrap_or_default();
            if name.is_empty() {
                faults.push(ManifestFault::Empty { line, column });
            }
            folder.join(name)
        };
        let (certificate, key) = (file(self.certificate, CERTIFICATE), file(self.key, KEY));
        let hostname = match self.hostname.and_then(|index| record.get(index)) {
            None | Some("") => None,
            Some(text) => {
                text.parse().map_err(|source| faults.push(ManifestFault::Hostname { line, source })).ok()
            }
        };
        let port = self.port.and_then(|index| record.get(index)).filter(|port| !port.is_empty());
        let port = port.map(str::to_owned);
        match record.get(self.mac).unwrap_or_default().parse() {
            Ok(mac) if faults.is_empty() => Ok((mac, Row { line, certificate, key, hostname, port })),
            Ok(_) => Err(faults),
            Err(_) => {
                faults.insert(0, ManifestFault::Mac { line });
                Err(faults)
            }
        }
    }
}

/// The name of a column without what people add to it: capitals, blanks, `_` and `-`.
pub(super) fn plain(name: &str) -> String {
    name.chars()
        .filter(|it| !it.is_whitespace() && !"_-".contains(*it))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The columns that are there, in a sentence. What does not look like the name of a column is counted and not shown.
pub(super) fn found(names: &[String]) -> String {
    let is_name = |name: &&String| {
        (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    let shown: Vec<&str> = names.iter().filter(is_name).map(String::as_str).collect();
    match names.len() - shown.len() {
        0 => format!("it has {}", listed(&shown)),
        others if shown.is_empty() => format!("it has {others} of other names"),
        others => format!("it has {} and {others} of other names", listed(&shown)),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [name] => (*name).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What separates fields: whatever of a comma, a semicolon and a tab the first line has most of.
pub(super) fn separator(text: &str) -> u8 {
    let header =
        text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
    let count = |separator: u8| header.bytes().filter(|byte| *byte == separator).count();
    // The last of equals is taken, and without any the comma.
    [b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

pub(super) fn csv_fault(error: &csv::Error) -> ManifestFault {
    ManifestFault::Csv { what: error.to_string() }
}

pub(super) const MAC: &str = "mac";
pub(super) const CERTIFICATE: &str = "cert";
pub(super) const KEY: &str = "key";
pub(super) const HOSTNAME: &str = "hostname";
const PORT: &str = "port";
/// Longer names are none of a column: the file may be something else, a key for example.
const LONGEST_NAME: usize = 16;

#[cfg(test)]
mod tests;
