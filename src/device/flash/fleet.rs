//! A fleet: a manifest of `flash` that may have gaps, which are filled in. What is there stays as it is, comments included.

use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

use esp_https_provision::Hostname;
use zeroize::Zeroizing;

use super::manifest::{
    CERTIFICATE, HOSTNAME, KEY, MAC, ManifestError, ManifestFault, csv_fault, found, plain, separator,
};
use crate::{cert::San, device::mac::Mac, text};

/// The rows of a fleet, in their order.
pub struct Fleet {
    separator: u8,
    header: Vec<String>,
    columns: Columns,
    /// What stands before the header: comments and blank lines.
    lead: String,
    rows: Vec<Row>,
    /// What stands after the last row.
    tail: String,
}

struct Row {
    /// What stands before it: comments and blank lines.
    lead: String,
    fields: Vec<String>,
    board: FleetBoard,
}

/// One board, with nothing missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetBoard {
    /// Line of its row in the file, from 1.
    pub line: u64,
    /// Which board it is.
    pub mac: Mac,
    /// Its host name, by which it is found as NAME.local.
    pub hostname: Hostname,
    /// The file of its certificate, as the row names it.
    pub certificate: PathBuf,
    /// The file of its key, as the row names it.
    pub key: PathBuf,
    /// Names and addresses that its certificate has besides its host name.
    pub names: Vec<San>,
}

/// Where in a row what is; `None` for a column that is not there.
#[derive(Debug, Clone, Copy)]
struct Columns {
    mac: usize,
    certificate: Option<usize>,
    key: Option<usize>,
    hostname: Option<usize>,
    names: Option<usize>,
}

impl Fleet {
    /// Understands the file. Only the column `mac` has to be there; `names` has more names for the certificate, separated by blanks.
    ///
    /// # Errors
    /// [`ManifestError`] has everything that is wrong, with its line.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        let text = text::decode(bytes).map_err(|_| ManifestFault::NotText)?;
        let text = Zeroizing::new(text.replace("\r\n", "\n"));
        let separator = separator(&text);
        let mut reader = csv::ReaderBuilder::new();
        reader
            .trim(csv::Trim::All)
            .comment(Some(b'#'))
            .delimiter(separator)
            .flexible(true)
            .has_headers(false);
        let mut reader = reader.from_reader(text.as_bytes());
        let (mut records, mut ends) = (Vec::new(), Vec::new());
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(|error| csv_fault(&error))? {
            records.push(record.clone());
            ends.push(reader.position().byte());
        }
        let leads = leads(&text, &ends);
        let tail = text.get(ends.last().map_or(0, |end| index(*end))..).unwrap_or_default().to_owned();
        let mut records = records.into_iter().zip(leads);
        let Some((header, lead)) = records.next() else {
            return Err(ManifestFault::Columns { missing: vec![MAC], found: found(&[]) }.into());
        };
        let header: Vec<String> = header.iter().map(str::to_owned).collect();
        let columns = Columns::of(&header)?;
        let rows = rows(records, &header, columns)?;
        Ok(Self { separator, header, columns, lead, rows, tail })
    }

    /// The boards in the order of their rows.
    pub fn boards(&self) -> impl Iterator<Item = &FleetBoard> {
        self.rows.iter().map(|row| &row.board)
    }

    /// The file with all gaps filled, for `flash --manifest`; `None` where there are none.
    #[must_use]
    pub fn filled(&self) -> Option<String> {
        let (mut header, mut columns) = (self.header.clone(), self.columns);
        let mut place = |column: &mut Option<usize>, name: &str| {
            *column.get_or_insert_with(|| {
                header.push(name.to_owned());
                header.len() - 1
            })
        };
        let certificate = place(&mut columns.certificate, CERTIFICATE);
        let key = place(&mut columns.key, KEY);
        let hostname = place(&mut columns.hostname, HOSTNAME);
        let mut is_changed = header.len() != self.header.len();
        let mut text = format!("{}{}", self.lead, self.line(&header));
        for row in &self.rows {
            let mut fields = row.fields.clone();
            fields.resize(fields.len().max(header.len()), String::new());
            let board = &row.board;
            let values = [
                (certificate, board.certificate.display().to_string()),
                (key, board.key.display().to_string()),
                (hostname, board.hostname.to_string()),
            ];
            for (index, value) in values {
                if let Some(field) = fields.get_mut(index).filter(|field| field.is_empty()) {
                    *field = value;
                    is_changed = true;
                }
            }
            text.push_str(&row.lead);
            text.push_str(&self.line(&fields));
        }
        text.push_str(&self.tail);
        is_changed.then_some(text)
    }

    /// A row as CSV.
    fn line(&self, fields: &[String]) -> String {
        let mut writer = csv::WriterBuilder::new();
        // A field that begins as a comment does is quoted then.
        writer.delimiter(self.separator).comment(Some(b'#')).flexible(true);
        let mut writer = writer.from_writer(Vec::new());
        // Writing to memory does not fail.
        let written = writer.write_record(fields).ok().and_then(|()| writer.into_inner().ok());
        written.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl Columns {
    fn of(header: &[String]) -> Result<Self, ManifestFault> {
        let names: Vec<String> = header.iter().map(|name| plain(name)).collect();
        let place = |name: &str| names.iter().position(|found| found == name);
        let missing = || ManifestFault::Columns { missing: vec![MAC], found: found(&names) };
        Ok(Self {
            mac: place(MAC).ok_or_else(missing)?,
            certificate: place(CERTIFICATE),
            key: place(KEY),
            hostname: place(HOSTNAME),
            names: place(NAMES),
        })
    }
}

/// What stands before each record, which ends there: the lines that the parser skips.
fn leads(text: &str, ends: &[u64]) -> Vec<String> {
    let starts = std::iter::once(0).chain(ends.iter().map(|end| index(*end)));
    let parts = starts.zip(ends).map(|(start, end)| text.get(start..index(*end)).unwrap_or_default());
    let is_skipped = |line: &&str| line.trim_end_matches('\n').is_empty() || line.starts_with('#');
    parts.map(|part| part.split_inclusive('\n').take_while(is_skipped).collect()).collect()
}

fn index(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn rows(
    records: impl Iterator<Item = (csv::StringRecord, String)>,
    header: &[String],
    columns: Columns,
) -> Result<Vec<Row>, ManifestError> {
    let (mut rows, mut faults): (Vec<Row>, Vec<ManifestFault>) = Default::default();
    let mut taken = Taken::default();
    for (record, lead) in records {
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() > header.len() {
            faults.push(ManifestFault::Fields { line, found: record.len(), expected: header.len() });
            continue;
        }
        match board(&record, line, columns) {
            Ok(board) => {
                faults.extend(taken.clash(&board));
                let fields = record.iter().map(str::to_owned).collect();
                rows.push(Row { lead, fields, board });
            }
            Err(found) => faults.extend(found),
        }
    }
    if rows.is_empty() && faults.is_empty() {
        faults.push(ManifestFault::NoRows);
    }
    if faults.is_empty() { Ok(rows) } else { Err(ManifestError { faults }) }
}

/// What a record says, with its gaps filled, or all that is wrong with it.
fn board(record: &csv::StringRecord, line: u64, columns: Columns) -> Result<FleetBoard, Vec<ManifestFault>> {
    let field =
        |column: Option<usize>| column.and_then(|index| record.get(index)).filter(|field| !field.is_empty());
    let mac: Mac = field(Some(columns.mac))
        .and_then(|mac| mac.parse().ok())
        .ok_or_else(|| vec![ManifestFault::Mac { line }])?;
    let mut faults = Vec::new();
    let hostname = match field(columns.hostname) {
        None => default_hostname(mac),
        Some(text) => text.parse().unwrap_or_else(|source| {
            faults.push(ManifestFault::Hostname { line, source });
            Hostname::default()
        }),
    };
    let mut names = Vec::new();
    for (index, name) in field(columns.names).unwrap_or_default().split_whitespace().enumerate() {
        match name.parse() {
            Ok(name) => names.push(name),
            Err(source) => faults.push(ManifestFault::Name { line, number: index + 1, source }),
        }
    }
    if field(columns.certificate).is_none() && field(columns.key).is_some() {
        faults.push(ManifestFault::Empty { line, column: CERTIFICATE });
    }
    let folder = hostname.as_str().to_ascii_lowercase();
    let certificate =
        field(columns.certificate).map_or_else(|| Path::new(&folder).join(OWN[0]), PathBuf::from);
    let key = field(columns.key).map_or_else(|| key_for(&certificate), PathBuf::from);
    if faults.is_empty() {
        Ok(FleetBoard { line, mac, hostname, certificate, key, names })
    } else {
        Err(faults)
    }
}

/// A name that tells boards of one maker apart: the default one with the last three bytes of the address.
fn default_hostname(mac: Mac) -> Hostname {
    let digits: String = mac.to_string().split(':').skip(3).collect();
    format!("{}-{digits}", Hostname::default()).parse().unwrap_or_default()
}

/// The key's name for a certificate's: `prvtkey.pem` for `cacert.pem`, else `NAME-key.pem` for `NAME.pem`.
fn key_for(certificate: &Path) -> PathBuf {
    if certificate.file_name().is_some_and(|name| name == OWN[0]) {
        return certificate.with_file_name(OWN[1]);
    }
    let stem = certificate.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    certificate.with_file_name(format!("{stem}-key.pem"))
}

/// What only one board can have, with the line of the board that has it.
#[derive(Default)]
struct Taken {
    macs: BTreeMap<Mac, u64>,
    names: BTreeMap<String, u64>,
    files: BTreeMap<PathBuf, u64>,
}

impl Taken {
    fn clash(&mut self, board: &FleetBoard) -> Vec<ManifestFault> {
        let line = board.line;
        let mut faults = Vec::new();
        let mut clash = |first: Option<u64>, what| {
            faults.extend(first.map(|first| ManifestFault::Clash { line, what, first }));
        };
        let first_mac = *self.macs.entry(board.mac).or_insert(line);
        for name in board.all_names() {
            let first = *self.names.entry(name.to_string().to_ascii_lowercase()).or_insert(line);
            clash((first != line).then_some(first), "host name, or another of its names,");
        }
        for (what, file) in [("certificate's file", &board.certificate), ("key's file", &board.key)] {
            // Within one row the two have to differ, too.
            let is_own = what.starts_with("key") && board.key == board.certificate;
            let plain = file.components().filter(|part| *part != Component::CurDir).collect();
            let first = *self.files.entry(plain).or_insert(line);
            clash((first != line || is_own).then_some(first), what);
        }
        if first_mac != line {
            faults.insert(0, ManifestFault::Twice { line, mac: board.mac, first: first_mac });
        }
        faults
    }
}

impl FleetBoard {
    /// All names of its certificate: NAME.local first, which the board has by mDNS (RFC 6762).
    #[must_use]
    pub fn all_names(&self) -> Vec<San> {
        let own = format!("{}.local", self.hostname).parse().ok();
        let mut names: Vec<San> = own.into_iter().collect();
        for name in &self.names {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }
}

/// The files of a board that names none, in the folder of its host name.
const OWN: [&str; 2] = ["cacert.pem", "prvtkey.pem"];
const NAMES: &str = "names";

#[cfg(test)]
mod tests;
