//! What the emulated board is provisioned with: certificate, key, client CA and limits.

use std::path::PathBuf;

use esp_https_provision::{Limits, Settings};

use crate::{
    cert::Fingerprint,
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

impl Identity {
    pub(super) fn of(args: &EmulateArgs, console: &Console) -> Result<Self> {
        let settings = settings(args)?;
        let (certificate, key) = files(args, console)?;
        let inputs = Inputs {
            certificate: &certificate,
            key: &key,
            client_ca: args.client_ca.as_deref(),
            settings: Some(&settings),
        };
        let image = ProvisioningImage::build(&inputs)?;
        let client_authentication = match args.client_ca {
            Some(_) => ClientAuthentication::Required,
            None => ClientAuthentication::None,
        };
        let fingerprint = Fingerprint::of_certificate(image.certificate());
        Ok(Self { certificate, fingerprint, client_authentication, image })
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
    let (certificate, key) = (PathBuf::from(CERTIFICATE), PathBuf::from(KEY));
    match (certificate.exists(), key.exists()) {
        (true, true) => {}
        (false, false) => make(console)?,
        (true, false) => return Err(one_missing(KEY, CERTIFICATE)),
        (false, true) => return Err(one_missing(CERTIFICATE, KEY)),
    }
    Ok((certificate, key))
}

fn one_missing(missing: &str, there: &str) -> Error {
    let here = std::env::current_dir().map_or_else(|_| ".".to_owned(), |here| here.display().to_string());
    let what = format!("there is a {there}, and no {missing}");
    Error::new(
        Fault::Usage,
        "emulate.half_a_pair",
        format!("looking for {CERTIFICATE} and {KEY} in {here}"),
        what,
    )
    .hint("name both with --cert and --key, or make a new pair: esp-https certgen --force")
}

const CERTIFICATE: &str = "cacert.pem";
const KEY: &str = "prvtkey.pem";

fn make(_console: &Console) -> Result<()> {
    Err(one_missing(KEY, CERTIFICATE))
}
