//! What a scenario runs on.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::{
    Value, field,
    reader::{Reader, joined},
};
use crate::{
    cert::load,
    client::target::{Target, TargetError},
    device::{
        flash::manifest::{Manifest, Row},
        mac::Mac,
    },
    hil::{
        grammar::Flag,
        kind::{StepKind, Verb},
        scenario::{TargetPlace, TargetTable},
    },
};

/// Targets that are there without a table.
pub(super) const BUILT_IN: [&str; 2] = ["emulated", "board"];

pub(super) fn is_built_in(name: &str) -> bool {
    BUILT_IN.contains(&name)
}

/// The tables `[target.NAME]`.
pub(super) fn targets(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Vec<TargetTable> {
    let Some(value) = root.get("target") else { return Vec::new() };
    let Some(table) = reader.table(value, "target") else { return Vec::new() };
    let mut found = Vec::new();
    for (key, value) in table {
        let about = format!("target \"{}\"", key.get_ref());
        if let Some(table) = reader.table(value, &about)
            && let Some(target) = target(reader, key.get_ref(), &about, table, value)
        {
            found.push(target);
        }
    }
    found
}

fn target(
    reader: &mut Reader<'_>,
    name: &str,
    about: &str,
    table: &DeTable<'_>,
    value: &Value<'_>,
) -> Option<TargetTable> {
    let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| table.contains_key(*kind)).collect();
    let [kind] = kinds.as_slice() else {
        reader.fault(value.span(), about, format!("expected exactly one of the keys {}", KINDS.join(", ")));
        return None;
    };
    let mut own = vec![*kind];
    let place = match *kind {
        "emulated" => reader.truth(table, about, kind).map(|_| TargetPlace::Emulated),
        "board" => board(reader, about, table, &mut own),
        "boards" => reader.text(table, about, kind).map(|(path, span)| {
            let manifest = reader.folder.join(path);
            for says in manifest_faults(&manifest) {
                reader.fault(span.clone(), joined(about, kind), says);
            }
            TargetPlace::Boards { manifest }
        }),
        _ => address(reader, about, table),
    };
    let (verb, flags) = flags(reader, kind);
    let fields = field::fields(reader, about, table, &own, &flags);
    field::check_values(reader, about, verb, &fields);
    Some(TargetTable { name: name.to_owned(), place: place?, fields })
}

/// All that is wrong with a manifest, and the files that its rows name and that are not there.
fn manifest_faults(path: &Path) -> Vec<String> {
    if !path.is_file() {
        return vec!["there is no such file".to_owned()];
    }
    let bytes = match load::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return vec![error.to_string()],
    };
    match Manifest::parse(&bytes, path.parent().unwrap_or(Path::new("."))) {
        Err(error) => error.faults.iter().map(ToString::to_string).collect(),
        Ok(manifest) => manifest.rows().flat_map(|(_, row)| absent_files(row)).collect(),
    }
}

fn absent_files(row: &Row) -> impl Iterator<Item = String> {
    let absent = [&row.certificate, &row.key].into_iter().filter(|file| !file.is_file());
    absent.map(|file| format!("line {}: there is no file {}", row.line, file.display()))
}

fn board(
    reader: &mut Reader<'_>,
    about: &str,
    table: &DeTable<'_>,
    own: &mut Vec<&'static str>,
) -> Option<TargetPlace> {
    let value = table.get("board")?;
    own.push("mac");
    let port = match value.get_ref() {
        DeValue::Boolean(true) => None,
        _ => Some(reader.text(table, about, "board")?.0),
    };
    let mac = reader.text(table, about, "mac");
    if let Some((mac, span)) = &mac
        && mac.parse::<Mac>().is_err()
    {
        reader.fault(span.clone(), joined(about, "mac"), "expected a MAC address, as in 24:0a:c4:12:34:56");
    }
    Some(TargetPlace::Board { port, mac: mac.map(|(mac, _)| mac) })
}

fn address(reader: &mut Reader<'_>, about: &str, table: &DeTable<'_>) -> Option<TargetPlace> {
    let (address, span) = reader.text(table, about, "address")?;
    match place_of(&address) {
        Ok(place) => Some(place),
        Err(says) => {
            reader.fault(span, joined(about, "address"), says);
            Some(TargetPlace::Address { address })
        }
    }
}

/// The server at an address, `HOST[:PORT]`.
///
/// # Errors
/// Why it is no address, in words.
pub(in crate::hil) fn place_of(address: &str) -> Result<TargetPlace, &'static str> {
    let target: Target = address.parse().map_err(|error: TargetError| error.kind())?;
    match target.path() {
        "/" => Ok(TargetPlace::Address { address: target.to_string() }),
        _ => Err("it has a path, which belongs to the steps: expected HOST or HOST:PORT"),
    }
}

/// The flags that a target of this kind may have.
fn flags(reader: &Reader<'_>, kind: &str) -> (Verb, Vec<Flag>) {
    let (verb, hidden): (_, &[&str]) = match kind {
        "emulated" => (Verb::Emulate, &["serial-log"]),
        "address" => (Verb::Probe, &[]),
        _ => (Verb::Flash, StepKind::Flash.hidden_flags()),
    };
    let mut flags = reader.grammar.flags(verb);
    flags.retain(|flag| match kind {
        "address" => ADDRESS_FLAGS.contains(&flag.name.as_str()),
        _ => !hidden.contains(&flag.name.as_str()),
    });
    (verb, flags)
}

const KINDS: [&str; 4] = ["emulated", "board", "boards", "address"];
/// How a server at an address is trusted: flags that `probe` and `load` share.
pub(in crate::hil) const ADDRESS_FLAGS: [&str; 5] =
    ["cert", "cacert", "client-cert", "client-key", "server-name"];
