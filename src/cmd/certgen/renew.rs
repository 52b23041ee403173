//! `esp-https certgen renew`: makes certificates again that expire soon, or says which do.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rustls::pki_types::CertificateDer;
use time::{Duration, OffsetDateTime};

use super::{
    clock, explain,
    issuer::{self, OpenedCa},
    plan,
    run::rfc3339,
};
use crate::{
    cert::{
        self, Fingerprint, Generated, LoadError, PrivateKey, Request, Validity,
        issuer::BeyondCa,
        load,
        made::{RenewalEntry, RenewalResult, RenewalState},
        renewal::{DueState, Signer, end_of, renewable},
        store,
    },
    cli::RenewArgs,
    cmd::{cert_fault::note_odd_files, flash, runtime},
    error::Result,
    output::{Existing, Output, Place, Use},
    report::Console,
};

/// Runs it.
pub(super) fn run(args: &RenewArgs, console: &mut Console) -> Result<()> {
    let files = files(args)?;
    for file in &files {
        claim(file, args, console)?;
    }
    let days = args.days.map(plan::leaf_validity).transpose()?;
    let now = clock::now()?;
    let within = Duration::days(i64::from(args.within));
    let found: Vec<Found> =
        files.into_iter().map(|file| found(file, now, within, console)).collect::<Result<_>>()?;
    let mut result = result(&found, args, now)?;
    let due = found.iter().filter(|found| found.state != DueState::NotDue);
    if args.check {
        let error = explain::due(&result);
        console.result(&result, error.as_ref())?;
        return error.map_or(Ok(()), Err);
    }
    let stop = runtime::run(async { Ok(runtime::interrupts()?.stop()) })?;
    // All that can be wrong is found before the first file is written.
    let mut ca = None;
    let mut renewals = Vec::new();
    for found in due {
        if stop.is_given() {
            return Err(explain::stopped_renewing());
        }
        renewals.push(renewal(found, args, days, now, &mut ca, console)?);
    }
    for renewal in renewals {
        let path = renewal.certificate.clone();
        let entry = renewed(&renewal)?;
        renewal.write()?;
        if let Some(place) = result.certificates.iter_mut().find(|entry| entry.path == path) {
            *place = RenewalEntry { was_not_after: Some(place.not_after.clone()), ..entry };
        }
    }
    result.count();
    console.result(&result, None)
}

/// A certificate, and its key where that is named.
struct Files {
    certificate: PathBuf,
    key: Option<PathBuf>,
}

/// The certificates that are named, or the one in this folder.
fn files(args: &RenewArgs) -> Result<Vec<Files>> {
    let mut files: Vec<Files> =
        args.files.iter().map(|path| Files { certificate: path.clone(), key: None }).collect();
    if let Some(path) = &args.manifest {
        let manifest = flash::read_manifest(path)?;
        let rows = manifest
            .rows()
            .map(|(_, row)| Files { certificate: row.certificate.clone(), key: Some(row.key.clone()) });
        files.extend(rows);
    }
    if files.is_empty() {
        let here = store::Location::in_folder(Path::new("."));
        files.push(Files { certificate: here.certificate(), key: Some(here.key()) });
    }
    Ok(files)
}

/// The report must not overwrite what is read and written.
fn claim(files: &Files, args: &RenewArgs, console: &mut Console) -> Result<()> {
    let is_written = !args.check;
    if let Some(key) = &files.key {
        console.reads("a private key", key, Use::Reads)?;
    }
    // What is named on the command line is claimed already, as a file that is read.
    if is_written && !args.files.contains(&files.certificate) {
        let place = Place::File(files.certificate.clone());
        console.writes(&Output { flag: "a certificate".to_owned(), place })?;
    }
    Ok(())
}

/// A certificate that was read.
struct Found {
    files: Files,
    der: CertificateDer<'static>,
    not_after: OffsetDateTime,
    subject: String,
    state: DueState,
}

fn found(files: Files, now: OffsetDateTime, within: Duration, console: &Console) -> Result<Found> {
    let mut odd = Vec::new();
    let der = load::first_certificate(&files.certificate, &mut odd)?;
    note_odd_files(&odd, console);
    let (not_after, subject) =
        end_of(&der).map_err(|reason| explain::not_renewable(&files.certificate, reason))?;
    let state = DueState::of(not_after, now, within);
    Ok(Found { files, der, not_after, subject, state })
}

fn result(found: &[Found], args: &RenewArgs, now: OffsetDateTime) -> Result<RenewalResult> {
    let entry = |found: &Found| {
        Ok(RenewalEntry {
            path: found.files.certificate.clone(),
            subject: found.subject.clone(),
            state: found.state.into(),
            not_after: rfc3339(found.not_after)?,
            days_left: (found.not_after - now).whole_seconds().div_euclid(SECONDS_A_DAY),
            sha256: Fingerprint::of_certificate(&found.der),
            was_not_after: None,
        })
    };
    let certificates = found.iter().map(entry).collect::<Result<_>>()?;
    let mut result = RenewalResult { within_days: args.within, due: 0, renewed: 0, certificates };
    result.count();
    Ok(result)
}

/// A certificate that was made again, and is still to be written.
struct Renewal {
    certificate: PathBuf,
    key: PathBuf,
    subject: String,
    pair: Generated,
    now: OffsetDateTime,
    keeps_key: bool,
}

impl Renewal {
    fn write(self) -> Result<()> {
        if self.keeps_key {
            return Ok(store::replace_certificate(self.certificate, &self.pair.certificate_pem)?);
        }
        Ok(store::write_files(self.certificate, self.key, &self.pair, Existing::Replace)?)
    }
}

fn renewal(
    found: &Found,
    args: &RenewArgs,
    days: Option<Validity>,
    now: OffsetDateTime,
    ca: &mut Option<OpenedCa>,
    console: &mut Console,
) -> Result<Renewal> {
    let path = &found.files.certificate;
    let key_path = found.files.key.clone().map_or_else(|| key_beside(path, &found.der), Ok)?;
    let old = key_of(&key_path, path, &found.der, console)?;
    let again = renewable(&found.der, &old).map_err(|reason| explain::not_renewable(path, reason))?;
    let request = Request { validity: days.unwrap_or(again.request.validity), ..again.request };
    let key = if args.new_key { PrivateKey::generate(request.key_type)? } else { old };
    let pair = match again.signer {
        Signer::Itself => cert::certify(&request, &key, now)?,
        Signer::Ca => {
            let ca = opened(ca, args, console)?;
            if !ca.issuer.has_issued(&found.der) {
                return Err(explain::other_ca(path, ca));
            }
            let beyond = if days.is_some() { BeyondCa::Refuse } else { BeyondCa::Cut };
            let doing = || format!("renewing {}", path.display());
            ca.issuer
                .issue(&request, &key, now, beyond)
                .map_err(|error| explain::not_issued(doing(), error))?
        }
    };
    let (certificate, subject) = (path.clone(), found.subject.clone());
    Ok(Renewal { certificate, key: key_path, subject, pair, now, keeps_key: !args.new_key })
}

/// The CA, which is opened once and only when it is needed.
fn opened<'a>(ca: &'a mut Option<OpenedCa>, args: &RenewArgs, console: &mut Console) -> Result<&'a OpenedCa> {
    match ca {
        Some(ca) => Ok(ca),
        none => Ok(none.insert(issuer::open(&args.issuer, console)?)),
    }
}

fn renewed(renewal: &Renewal) -> Result<RenewalEntry> {
    let not_after = renewal.pair.not_after;
    Ok(RenewalEntry {
        path: renewal.certificate.clone(),
        subject: renewal.subject.clone(),
        state: RenewalState::Renewed,
        not_after: rfc3339(not_after)?,
        days_left: (not_after - renewal.now).whole_days(),
        sha256: Fingerprint::of_certificate(&renewal.pair.certificate),
        was_not_after: None,
    })
}

/// The key beside a certificate: by the names that are usual, the one that it is the certificate's.
fn key_beside(certificate: &Path, der: &[u8]) -> Result<PathBuf> {
    let stem = certificate.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let folder = certificate.parent().unwrap_or(Path::new(""));
    let names = [
        "prvtkey.pem".to_owned(),
        "client-key.pem".to_owned(),
        format!("{stem}-key.pem"),
        format!("{stem}.key"),
        "key.pem".to_owned(),
    ];
    let candidates: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    let is_its_key = |path: &&PathBuf| {
        fs::metadata(path).is_ok_and(|found| found.is_file())
            && load::private_key(path, &mut Vec::new())
                .is_ok_and(|key| PrivateKey::from_der(key.der()).is_some_and(|key| key.is_of(der)))
    };
    let found = candidates.iter().find(is_its_key).cloned();
    found.ok_or_else(|| explain::no_key_beside(certificate, &names))
}

fn key_of(path: &Path, certificate: &Path, der: &[u8], console: &Console) -> Result<PrivateKey> {
    let mut odd = Vec::new();
    let loaded = load::private_key(path, &mut odd)?;
    note_odd_files(&odd, console);
    let key = PrivateKey::from_der(loaded.der());
    let key = key.ok_or_else(|| LoadError::Key { path: path.to_owned(), kind: None })?;
    if key.is_of(der) { Ok(key) } else { Err(LoadError::mismatch(certificate, path, None).into()) }
}

const SECONDS_A_DAY: i64 = 24 * 60 * 60;
