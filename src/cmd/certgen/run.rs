//! Makes the pair and writes it, or prints the openssl command that does.

use std::time::{Duration, Instant};

use esp_https_provision::Settings;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    clock, explain,
    issuer::{self, OpenedCa},
    key, plan,
};
use crate::{
    cert::{
        self, Fingerprint, Generated, PrivateKey, Profile, Request, Validity,
        issuer::BeyondCa,
        made::{MadeCertificate, MadeIssuer, MadeKey, MadePair, NoteCode, OpensslCommand, Timing},
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

/// Runs `esp-https certgen` without a verb.
pub(super) fn run(args: &CertgenArgs, console: &mut Console) -> Result<()> {
    let location = match args.client {
        Some(_) => Location::of_client(&args.out_dir),
        None => Location::in_folder(&args.out_dir),
    };
    // First of all: an error is written to where the report goes, too.
    claim(&location, ["the certificate", "the private key"], console)?;
    let request = plan::request(args)?;
    if args.print_openssl {
        return console.result(&OpensslCommand { openssl: openssl::command(&request, &location) }, None);
    }
    let is_issued = args.issuer.ca.is_some() || args.client.is_some();
    let ca = is_issued.then(|| issuer::open(&args.issuer, console)).transpose()?;
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    let start = Instant::now();
    store::check(&location, existing)?;
    let before_key = Instant::now();
    let key = key::generate(request.key_type, console)?;
    let key_time = before_key.elapsed();
    let (request, pair) = certify(args, request, &key, ca.as_ref())?;
    store::write(&location, &pair, existing)?;
    let timing = timing(start, key_time);
    let mut notes = notes(&request, args);
    if request.profile != Profile::Client {
        notes.extend(too_large(&location));
    }
    let private_key = MadeKey { path: location.key(), encrypted: false };
    let next = next(&location, request.profile);
    let mut made = made(request, &location, &pair, private_key, notes, next, timing)?;
    made.issuer = ca.map(|ca| made_issuer(&ca)).transpose()?;
    console.result(&made, None)
}

/// The pair, and the request with the validity that it got.
fn certify(
    args: &CertgenArgs,
    request: Request,
    key: &PrivateKey,
    ca: Option<&OpenedCa>,
) -> Result<(Request, Generated)> {
    let Some(ca) = ca else {
        let pair = cert::certify(&request, key, OffsetDateTime::now_utc())?;
        return Ok((request, pair));
    };
    // Nobody who says nothing of days wants an error about them.
    let beyond = if args.days.is_some() { BeyondCa::Refuse } else { BeyondCa::Cut };
    let doing = || match args.days {
        Some(days) => format!("issuing a certificate for {days} days"),
        None => format!("issuing a certificate by {}", ca.issuer.subject()),
    };
    let issued = ca.issuer.issue(&request, key, clock::now()?, beyond);
    let pair = issued.map_err(|error| explain::not_issued(doing(), error))?;
    let days = (pair.not_after - pair.not_before).whole_days();
    let validity = u32::try_from(days).ok().and_then(|days| Validity::days(days).ok());
    let validity = validity.unwrap_or(request.validity);
    Ok((Request { validity, ..request }, pair))
}

/// The CA, as results have it.
pub(super) fn made_issuer(ca: &OpenedCa) -> Result<MadeIssuer> {
    Ok(MadeIssuer {
        subject: ca.issuer.subject().to_owned(),
        path: ca.certificate(),
        not_after: rfc3339(ca.issuer.not_after())?,
    })
}

/// The report must overwrite neither the new pair nor an older one.
pub(super) fn claim(location: &Location, names: [&str; 2], console: &mut Console) -> Result<()> {
    let pair = names.into_iter().zip([location.certificate(), location.key()]);
    for (name, path) in pair {
        console.writes(&Output { flag: name.to_owned(), place: Place::File(path) })?;
    }
    Ok(())
}

/// Where the time since `start` went.
pub(super) fn timing(start: Instant, key_time: Duration) -> Timing {
    Timing { key_us: micros(key_time), rest_us: micros(start.elapsed().saturating_sub(key_time)) }
}

fn notes(request: &Request, args: &CertgenArgs) -> Vec<Note<NoteCode>> {
    let note = |code, text: String| Note { code, text };
    let mut notes = Vec::new();
    if request.profile == Profile::Book {
        let text = "browsers do not trust this certificate; --profile server makes one that they accept once it is trusted";
        notes.push(note(NoteCode::BrowsersRefuse, text.to_owned()));
    } else if request.profile == Profile::Server && args.sans.is_empty() && request.names.len() > 1 {
        let text =
            "these names are a guess; add the name or address of your board, as in --san ip:192.168.1.7";
        notes.push(note(NoteCode::DefaultNames, text.to_owned()));
    }
    let is_cut = args.days.is_none() && request.validity < request.profile.default_validity();
    if is_cut {
        let text = format!("it expires with its CA, after {}; make a new CA in time", request.validity);
        notes.push(note(NoteCode::EndsWithCa, text));
    }
    if request.profile == Profile::Server && request.validity.in_days() > APPLE_MAX_DAYS {
        let text = format!("Apple's systems refuse server certificates of more than {APPLE_MAX_DAYS} days");
        notes.push(note(NoteCode::LongValidity, text));
    }
    if request.profile != Profile::Client
        && let Some(text) = chip::DEFAULT.slow_key_note(request.key_type)
    {
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

/// The result, of a self-signed certificate.
pub(super) fn made(
    request: Request,
    location: &Location,
    pair: &Generated,
    private_key: MadeKey,
    notes: Vec<Note<NoteCode>>,
    next: String,
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
        issuer: None,
        private_key,
        notes,
        next,
        timing,
    })
}

fn next(location: &Location, profile: Profile) -> String {
    if profile == Profile::Client {
        let [certificate, key] =
            [location.certificate(), location.key()].map(|path| openssl::quote_path(&path));
        return format!("esp-https probe HOST --client-cert {certificate} --client-key {key}");
    }
    if *location == Location::in_folder(".".as_ref()) {
        return "esp-https emulate".to_owned();
    }
    let [certificate, key] = [location.certificate(), location.key()].map(|path| openssl::quote_path(&path));
    format!("esp-https emulate --cert {certificate} --key {key}")
}

/// A time as documents have it.
pub(super) fn rfc3339(time: OffsetDateTime) -> Result<String> {
    time.format(&Rfc3339).map_err(explain::unwritable_date)
}

/// support.apple.com/en-us/103769.
const APPLE_MAX_DAYS: u32 = 825;
