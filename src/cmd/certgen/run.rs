//! Makes the pair and writes it, or prints the openssl command that does.

use std::time::Instant;

use esp_https_provision::Settings;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{explain, key, plan};
use crate::{
    cert::{
        self, Fingerprint, Generated, Profile, Request,
        made::{MadeCertificate, MadeKey, MadePair, NoteCode, OpensslCommand, Timing},
        openssl,
        store::{self, Existing, Location},
    },
    cli::CertgenArgs,
    cmd::provisioning_fault,
    device::{
        chip,
        provisioning::{Inputs, ProvisioningError, ProvisioningImage},
    },
    duration::micros,
    error::Result,
    note::Note,
    output::{Output, Place},
    report::Console,
};

/// Runs `esp-https certgen`.
pub(in crate::cmd) fn run(args: &CertgenArgs, console: &mut Console) -> Result<()> {
    let location = Location::in_folder(&args.out_dir);
    // First of all: an error is written to where the report goes, too.
    claim(&location, console)?;
    let request = plan::request(args)?;
    if args.print_openssl {
        return console.result(&OpensslCommand { openssl: openssl::command(&request, &location) }, None);
    }
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    let start = Instant::now();
    store::check(&location, existing)?;
    let before_key = Instant::now();
    let key = key::generate(request.key_type, console)?;
    let key_time = before_key.elapsed();
    let pair = cert::certify(&request, &key, OffsetDateTime::now_utc())?;
    store::write(&location, &pair, existing)?;
    let timing =
        Timing { key_us: micros(key_time), rest_us: micros(start.elapsed().saturating_sub(key_time)) };
    let mut notes = notes(&request, args);
    notes.extend(too_large(&location));
    console.result(&made(request, &location, &pair, notes, timing)?, None)
}

/// The report must overwrite neither the new pair nor an older one.
fn claim(location: &Location, console: &mut Console) -> Result<()> {
    let pair = [("the certificate", location.certificate()), ("the private key", location.key())];
    pair.iter().try_for_each(|(name, path)| {
        console.writes(&Output { flag: (*name).to_owned(), place: Place::File(path.clone()) })
    })
}

fn notes(request: &Request, args: &CertgenArgs) -> Vec<Note<NoteCode>> {
    let note = |code, text: String| Note { code, text };
    let mut notes = Vec::new();
    if request.profile == Profile::Book {
        let text = "browsers do not trust this certificate; --profile server makes one that they accept once it is trusted";
        notes.push(note(NoteCode::BrowsersRefuse, text.to_owned()));
    } else if args.sans.is_empty() && request.names.len() > 1 {
        let text =
            "these names are a guess; add the name or address of your board, as in --san ip:192.168.1.7";
        notes.push(note(NoteCode::DefaultNames, text.to_owned()));
    }
    if request.profile == Profile::Server && request.validity.in_days() > APPLE_MAX_DAYS {
        let text = format!("Apple's systems refuse server certificates of more than {APPLE_MAX_DAYS} days");
        notes.push(note(NoteCode::LongValidity, text));
    }
    if let Some(text) = chip::DEFAULT.slow_key_note(request.key_type) {
        notes.push(note(NoteCode::SoftwareKey, text));
    }
    notes
}

/// Whether `flash` could not write the pair: it is tried as `flash` does, with no setting that takes room.
fn too_large(location: &Location) -> Option<Note<NoteCode>> {
    let (certificate, key) = (location.certificate(), location.key());
    let settings = Settings::default();
    let inputs = Inputs { certificate: &certificate, key: &key, client_ca: None, settings: Some(&settings) };
    let Err(ProvisioningError::TooLarge { certificates, source }) = ProvisioningImage::build(&inputs) else {
        return None;
    };
    let text = format!(
        "flash can't write this pair to a board: {source}\n{}",
        provisioning_fault::what_takes_less(certificates, &source)
    );
    Some(Note { code: NoteCode::TooLarge, text })
}

fn made(
    request: Request,
    location: &Location,
    pair: &Generated,
    notes: Vec<Note<NoteCode>>,
    timing: Timing,
) -> Result<MadePair> {
    let spki_sha256 = Fingerprint::of_public_key(&pair.certificate).map_err(explain::unreadable_result)?;
    let certificate = MadeCertificate {
        path: location.certificate(),
        size: pair.certificate.len(),
        sha256: Fingerprint::of_certificate(&pair.certificate),
        spki_sha256,
        curl_pin: spki_sha256.as_curl_pin(),
        not_before: rfc3339(pair.not_before)?,
        not_after: rfc3339(pair.not_after)?,
        days: request.validity,
    };
    Ok(MadePair {
        profile: request.profile,
        common_name: request.common_name,
        names: request.names,
        key_type: request.key_type,
        certificate,
        private_key: MadeKey { path: location.key() },
        notes,
        next: next(location),
        timing,
    })
}

fn next(location: &Location) -> String {
    if *location == Location::in_folder(".".as_ref()) {
        return "esp-https emulate".to_owned();
    }
    let [certificate, key] = [location.certificate(), location.key()].map(|path| openssl::quote_path(&path));
    format!("esp-https emulate --cert {certificate} --key {key}")
}

fn rfc3339(time: OffsetDateTime) -> Result<String> {
    time.format(&Rfc3339).map_err(explain::unwritable_date)
}

/// support.apple.com/en-us/103769.
const APPLE_MAX_DAYS: u32 = 825;
