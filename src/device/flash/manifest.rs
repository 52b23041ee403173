//! A manifest: which board, told by its MAC address, gets which certificate. CSV (RFC 4180) with a header row.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use esp_https_provision::{Hostname, HostnameError};
use serde::Deserialize;

use crate::device::mac::Mac;

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
}

/// A manifest that can't be used. No error repeats the text: it may be a key that was named by mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// It is not CSV, or a column is missing.
    #[error("{what}")]
    Csv {
        /// What the parser says.
        what: String,
    },
    /// A first column that is no MAC address.
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

#[derive(Deserialize)]
struct Record {
    mac: String,
    cert: String,
    key: String,
    #[serde(default)]
    hostname: String,
}

impl Manifest {
    /// Understands a manifest; relative paths in it count from `folder`, the one that it is in.
    ///
    /// # Errors
    /// [`ManifestError`] names the line and what is wrong with it.
    pub fn parse(text: &[u8], folder: &Path) -> Result<Self, ManifestError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(text);
        let headers = reader.headers().map_err(|error| csv_error(&error))?.clone();
        let mut rows: BTreeMap<Mac, Row> = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| csv_error(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            let (mac, row) =
                row(record.deserialize(Some(&headers)).map_err(|error| csv_error(&error))?, line, folder)?;
            if let Some(first) = rows.get(&mac).map(|row| row.line) {
                return Err(ManifestError::Twice { line, mac, first });
            }
            rows.insert(mac, row);
        }
        if rows.is_empty() { Err(ManifestError::NoRows) } else { Ok(Self { rows }) }
    }

    /// The rows in the order of the addresses.
    pub fn rows(&self) -> impl Iterator<Item = (&Mac, &Row)> {
        self.rows.iter()
    }
}

fn row(record: Record, line: u64, folder: &Path) -> Result<(Mac, Row), ManifestError> {
    let Record { mac, cert, key, hostname } = record;
    let mac = mac.parse().map_err(|_| ManifestError::Mac { line })?;
    let file = |name: String, column| {
        if name.is_empty() { Err(ManifestError::Empty { line, column }) } else { Ok(folder.join(name)) }
    };
    let (certificate, key) = (file(cert, "cert")?, file(key, "key")?);
    let hostname = match hostname.as_str() {
        "" => None,
        text => Some(text.parse::<Hostname>().map_err(|source| ManifestError::Hostname { line, source })?),
    };
    Ok((mac, Row { line, certificate, key, hostname }))
}

fn csv_error(error: &csv::Error) -> ManifestError {
    ManifestError::Csv { what: error.to_string() }
}

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
    fn what_is_wrong_is_told_with_its_line() {
        insta::assert_snapshot!(refused("mac,cert\n240ac4000001,c\n"), @"CSV deserialize error: record 1 (line: 2, byte: 9): missing field `key`");
        insta::assert_snapshot!(refused("mac,cert,key\nfoo,c,k\n"), @"line 2: its mac is not a MAC address: expected six pairs of hex digits, as in 24:0a:c4:12:34:56");
        insta::assert_snapshot!(refused("mac,cert,key\n240ac4000001,,k\n"), @"line 2: no cert is named");
        insta::assert_snapshot!(refused("mac,cert,key\n240ac4000001,c,k\n240ac4000001,d,l\n"), @"line 3: 24:0a:c4:00:00:01 has a row already, in line 2");
        insta::assert_snapshot!(refused("mac,cert,key\n240ac4000001,c\n"), @"CSV error: record 1 (line: 2, byte: 13): found record with 2 fields, but the previous record has 3 fields");
        insta::assert_snapshot!(refused("mac,cert,key\n"), @"it has no rows");
        assert!(
            refused("mac,cert,key,hostname\n240ac4000001,c,k,a_b\n").starts_with("line 2: its host name: ")
        );
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
