//! A manifest: which board, told by its MAC address, gets which certificate. CSV (RFC 4180) with a header row.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use esp_https_provision::{Hostname, HostnameError};
use zeroize::Zeroizing;

use crate::{device::mac::Mac, text};

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
fn plain(name: &str) -> String {
    name.chars()
        .filter(|it| !it.is_whitespace() && !"_-".contains(*it))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The columns that are there, in a sentence. What does not look like the name of a column is counted and not shown.
fn found(names: &[String]) -> String {
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
fn separator(text: &str) -> u8 {
    let header =
        text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
    let count = |separator: u8| header.bytes().filter(|byte| *byte == separator).count();
    // The last of equals is taken, and without any the comma.
    [b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

fn csv_fault(error: &csv::Error) -> ManifestFault {
    ManifestFault::Csv { what: error.to_string() }
}

const MAC: &str = "mac";
const CERTIFICATE: &str = "cert";
const KEY: &str = "key";
const HOSTNAME: &str = "hostname";
const PORT: &str = "port";
/// Longer names are none of a column: the file may be something else, a key for example.
const LONGEST_NAME: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "mac,cert,key,hostname\n\
        # the first two of the batch\n\
        24:0a:c4:00:00:01, a/cacert.pem, a/prvtkey.pem, kitchen\n\
        240AC4000002,/etc/b.pem,/etc/b.key,\n";

    fn parse(text: &str) -> Result<Manifest, ManifestError> {
        Manifest::parse(text.as_bytes(), Path::new("/batch"))
    }

    fn refused(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn each_board_has_its_row_and_paths_count_from_the_manifest() {
        let manifest = parse(GOOD).unwrap();
        let rows: Vec<_> = manifest.rows().collect();
        assert_eq!(rows[0].0.to_string(), "24:0a:c4:00:00:01");
        assert_eq!(rows[0].1.certificate, Path::new("/batch/a/cacert.pem"));
        assert_eq!(rows[0].1.hostname.as_ref().map(Hostname::as_str), Some("kitchen"));
        assert_eq!((rows[1].1.key.as_path(), &rows[1].1.hostname), (Path::new("/etc/b.key"), &None));
    }

    #[test]
    fn columns_may_come_in_any_order_and_the_host_name_may_be_left_out() {
        let manifest = parse("key,mac,cert\nk,240ac4000001,c\n").unwrap();
        assert_eq!(manifest.rows().next().unwrap().1.key, Path::new("/batch/k"));
    }

    #[test]
    fn a_port_may_be_named_and_what_is_empty_at_the_end_of_a_row_may_be_missing() {
        let text = "mac,cert,key,hostname,port\n240ac4000001,c,k,,/dev/ttyUSB0\n240ac4000002,c,k\n240ac4000003,c,k,x,\n";
        let manifest = parse(text).unwrap();
        let ports: Vec<_> = manifest.rows().map(|(_, row)| row.port.as_deref()).collect();
        assert_eq!(ports, [Some("/dev/ttyUSB0"), None, None]);
        assert_eq!(
            refused(&text.replace(",c,k\n", ",c\n")),
            "line 3: it has 2 fields, and the first line has 5"
        );
    }

    #[test]
    fn what_spreadsheets_and_editors_write_is_read() {
        let good = parse(GOOD).unwrap();
        let semicolons = GOOD.replace(',', ";");
        let tabs = GOOD.replace(',', "\t").replace("\t ", "\t");
        let header = GOOD.replace("mac,cert,key,hostname", " MAC , Cert,\"Key\",Host Name");
        for text in [
            semicolons,
            tabs,
            header,
            format!("\u{feff}{GOOD}"),
            GOOD.replace('\n', "\r\n"),
            format!("\n{GOOD}\n"),
        ] {
            let rows = |manifest: &Manifest| {
                manifest
                    .rows()
                    .map(|(mac, row)| (*mac, row.key.clone(), row.hostname.clone()))
                    .collect::<Vec<_>>()
            };
            assert_eq!(rows(&parse(&text).unwrap()), rows(&good), "{text}");
        }
        let utf16: Vec<u8> = format!("\u{feff}{GOOD}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Manifest::parse(&utf16, Path::new("/batch")), Ok(good));
        let short = parse("mac,cert,key,hostname\n240ac4000001,c,k\n").unwrap();
        assert_eq!(short.rows().next().unwrap().1.hostname, None, "an empty last field may be left out");
    }

    #[test]
    fn all_that_is_wrong_is_told_with_its_line() {
        insta::assert_snapshot!(refused("mac,cert\n240ac4000001,c\n"), @"its first line does not name key; it has mac and cert");
        insta::assert_snapshot!(refused("MAC address;certificate;key\n"), @"its first line does not name mac and cert; it has macaddress, certificate and key");
        insta::assert_snapshot!(refused("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n"), @"its first line does not name mac, cert and key; it has 1 of other names");
        insta::assert_snapshot!(refused("mac,cert,key\nfoo,c,k\n"), @"line 2: its mac is not a MAC address: expected six pairs of hex digits, as in 24:0a:c4:12:34:56");
        insta::assert_snapshot!(refused("mac,cert,key\n240ac4000001,,k\n"), @"line 2: no cert is named");
        insta::assert_snapshot!(refused("mac,cert,key\n240ac4000001,c,k\n240ac4000001,d,l\n"), @"line 3: 24:0a:c4:00:00:01 has a row already, in line 2");
        insta::assert_snapshot!(refused("mac,cert,key\n240ac4000001,c\n"), @"line 2: it has 2 fields, and the first line has 3");
        insta::assert_snapshot!(refused("mac,cert,key,hostname\nfoo,,k,a_b\n240ac4000001,c\n"), @"line 2: its mac is not a MAC address: expected six pairs of hex digits, as in 24:0a:c4:12:34:56; line 2: no cert is named; line 2: its host name: a host name has only letters, digits and hyphens; line 3: it has 2 fields, and the first line has 4");
        insta::assert_snapshot!(refused("mac,cert,key\n"), @"it has no rows");
        insta::assert_snapshot!(refused(""), @"its first line does not name mac, cert and key; it has nothing");
        assert_eq!(Manifest::parse(b"\xff", Path::new("")).unwrap_err().faults, [ManifestFault::NotText]);
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        for end in ["\n", "\r\n"] {
            let refused = refused(&["mac,cert,key", "240ac4000001,c,k", "foo,c,k", ""].join(end));
            assert!(refused.starts_with("line 3: its mac"), "{refused}");
        }
    }

    #[test]
    fn a_host_name_that_several_boards_have_is_found_with_its_lines() {
        let manifest = parse(
            "mac,cert,key,hostname\n240ac4000002,c,k,Kitchen\n240ac4000001,c,k,kitchen\n240ac4000003,c,k,\n240ac4000004,c,k,\n",
        );
        let manifest = manifest.unwrap();
        let default = Hostname::default().as_str().to_owned();
        assert_eq!(manifest.shared_hostnames(), [(default, vec![4, 5]), ("kitchen".to_owned(), vec![2, 3])]);
    }

    #[test]
    fn no_truncation_upsets_it() {
        for length in 0..GOOD.len() {
            if let Ok(manifest) = parse(&GOOD[..length]) {
                assert!(manifest.rows().all(|(_, row)| row.certificate.starts_with("/")), "{length}");
            }
        }
    }
}
