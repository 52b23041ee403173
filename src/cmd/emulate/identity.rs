//! What the emulated board is provisioned with: certificate, key, client CA and limits.

use std::path::{Path, PathBuf};

use esp_https_provision::{Limits, Settings};

use crate::{
    cert::{
        self, Fingerprint, Request,
        store::{self, Existing, Location},
    },
    cli::EmulateArgs,
    device::{
        board::ClientAuthentication,
        provisioning::{Inputs, ProvisioningImage},
    },
    error::{Error, Fault, Result},
    report::Console,
};

/// What the board is provisioned with.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) certificate: PathBuf,
    pub(super) fingerprint: Fingerprint,
    pub(super) client_authentication: ClientAuthentication,
    pub(super) image: ProvisioningImage,
}

/// Where it comes from.
#[derive(Debug)]
pub(super) struct Sources {
    certificate: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
    settings: Settings,
}

impl Sources {
    /// The files that the arguments name, or the ones here, which are made when there are none.
    pub(super) fn of(args: &EmulateArgs, console: &Console) -> Result<Self> {
        let settings = settings(args)?;
        let (certificate, key) = files(args, console)?;
        Ok(Self { certificate, key, client_ca: args.client_ca.clone(), settings })
    }
}

impl Identity {
    pub(super) fn read(sources: &Sources) -> Result<Self> {
        let inputs = Inputs {
            certificate: &sources.certificate,
            key: &sources.key,
            client_ca: sources.client_ca.as_deref(),
            settings: Some(&sources.settings),
        };
        let image = ProvisioningImage::build(&inputs)?;
        let client_authentication = match sources.client_ca {
            Some(_) => ClientAuthentication::Required,
            None => ClientAuthentication::None,
        };
        let fingerprint = Fingerprint::of_certificate(image.certificate());
        Ok(Self { certificate: sources.certificate.clone(), fingerprint, client_authentication, image })
    }
}

fn settings(args: &EmulateArgs) -> Result<Settings> {
    let defaults = Limits::default();
    let limits = Limits { max_header: args.max_header.unwrap_or(defaults.max_header), ..defaults };
    limits.check().map_err(|source| {
        let (least, most) = (Limits::MIN.max_header, Limits::MAX.max_header);
        Error::new(
            Fault::Usage,
            "emulate.max_header",
            "setting the largest request header",
            source.to_string(),
        )
        .hint(format!("give --max-header {least} to {most} bytes"))
        .source(source)
    })?;
    Ok(Settings { limits, ..Settings::default() })
}

/// The files named, or the ones here; those are made when neither exists.
fn files(args: &EmulateArgs, console: &Console) -> Result<(PathBuf, PathBuf)> {
    if let (Some(certificate), Some(key)) = (&args.cert, &args.key) {
        return Ok((certificate.clone(), key.clone()));
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
    store::check(here, Existing::Keep)?;
    let pair = cert::generate(&Request::book())?;
    store::write(here, &pair, Existing::Keep)?;
    let (certificate, key) = (here.certificate(), here.key());
    console.note(format!("made {} and {}, as esp-https certgen does", certificate.display(), key.display()));
    Ok(())
}

fn one_missing(missing: &Path, there: &Path) -> Error {
    let folder = std::env::current_dir().map_or_else(|_| ".".to_owned(), |here| here.display().to_string());
    let what = format!("there is {}, and no {}", there.display(), missing.display());
    let doing = format!("looking for a certificate and its key in {folder}");
    Error::new(Fault::Usage, "emulate.half_a_pair", doing, what)
        .hint("name both with --cert and --key, or make a new pair: esp-https certgen --force")
}
