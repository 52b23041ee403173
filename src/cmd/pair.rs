//! What the command line says a board is provisioned with: the certificate and its key, and the limits.

use std::path::{Path, PathBuf};

use esp_https_provision::{LegacyClients, Limits, Settings};

use crate::{
    cert::{
        self, Request, StoreError,
        store::{self, Existing, Location},
    },
    device::provisioning::{Inputs, ProvisioningImage},
    error::{Code, Error, Fault, Result},
    output::Use,
    report::Console,
};

/// Takes note of the files here, where none are named and they are going to be read: to be called before anything can fail,
/// since an error is written to where the report goes, too.
pub(super) fn claim(certificate: Option<&Path>, console: &mut Console) -> Result<()> {
    if certificate.is_some() {
        return Ok(());
    }
    let here = Location::in_folder(Path::new("."));
    console.reads("the certificate here", &here.certificate(), Use::Reads)?;
    console.reads("the private key here", &here.key(), Use::Reads)
}

/// The files named, or the ones here; those are made when neither exists.
pub(super) fn files(
    certificate: Option<&Path>,
    key: Option<&Path>,
    console: &Console,
) -> Result<(PathBuf, PathBuf)> {
    if let (Some(certificate), Some(key)) = (certificate, key) {
        return Ok((certificate.to_owned(), key.to_owned()));
    }
    let here = Location::in_folder(Path::new("."));
    let (certificate, key) = (here.certificate(), here.key());
    match (certificate.exists(), key.exists()) {
        (true, true) => {}
        (false, false) => make(&here, console)?,
        (true, false) => return Err(one_missing(&key, &certificate)),
        (false, true) => return Err(one_missing(&certificate, &key)),
    }
    Ok((certificate, key))
}

/// As `esp-https certgen` does.
fn make(here: &Location, console: &Console) -> Result<()> {
    store::check(here, Existing::Keep).map_err(not_made)?;
    let pair = cert::generate(&Request::book())?;
    store::write(here, &pair, Existing::Keep).map_err(not_made)?;
    let (certificate, key) = (here.certificate(), here.key());
    console.note(format!("made {} and {}, as esp-https certgen does", certificate.display(), key.display()));
    Ok(())
}

/// Here nobody named a folder, as `certgen` lets one do.
fn not_made(source: StoreError) -> Error {
    Error::from(source).hint(
        "make the pair in a folder that you may write to: esp-https certgen --out-dir DIR\n\
        and name its two files with --cert and --key",
    )
}

fn one_missing(missing: &Path, there: &Path) -> Error {
    let folder = std::env::current_dir().map_or_else(|_| ".".to_owned(), |here| here.display().to_string());
    let what = format!("{} is there, but {} is missing", there.display(), missing.display());
    let doing = format!("looking for a certificate and its key in {folder}");
    Error::new(Fault::Usage, Code::CERT_HALF_A_PAIR, doing, what)
        .hint("name both with --cert and --key, or make a new pair: esp-https certgen --force")
}

/// Whether a board could be given these files, where both of a pair are named.
pub(super) fn check(
    certificate: Option<&Path>,
    key: Option<&Path>,
    client_ca: Option<&Path>,
    settings: &Settings,
) -> Result<()> {
    let (Some(certificate), Some(key)) = (certificate, key) else { return Ok(()) };
    let inputs = Inputs { certificate, key, client_ca, settings: Some(settings) };
    ProvisioningImage::build(&inputs)?;
    Ok(())
}

/// The server's limits, with `max_header` bytes (`--max-header`) where it is given.
pub(super) fn limits(max_header: Option<u32>) -> Result<Limits> {
    let Some(bytes) = max_header else { return Ok(Limits::default()) };
    let (least, most) = (Limits::MIN.max_header, Limits::MAX.max_header);
    match u16::try_from(bytes) {
        Ok(max_header) if (least..=most).contains(&max_header) => {
            Ok(Limits { max_header, ..Limits::default() })
        }
        _ => {
            let doing = format!("setting the largest request header to {bytes} bytes");
            let what = "that is beyond what the server's memory is laid out for";
            Err(Error::new(Fault::Usage, Code::PROVISIONING_MAX_HEADER, doing, what)
                .hint(format!("give a number of bytes from {least} to {most}")))
        }
    }
}

/// What becomes of legacy clients (`--legacy-clients`).
pub(super) fn legacy_clients(served: bool) -> LegacyClients {
    if served { LegacyClients::Served } else { LegacyClients::Refused }
}
