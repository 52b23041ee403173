//! What the emulated board is provisioned with: certificate, key, client CA and limits.

use std::path::PathBuf;

use esp_https_provision::Settings;

use crate::{
    cert::Fingerprint,
    cli::EmulateArgs,
    cmd::pair,
    device::{
        board::ClientAuthentication,
        provisioning::{Inputs, ProvisioningImage},
    },
    error::Result,
    report::Console,
};

/// What the board is provisioned with.
#[derive(Debug)]
pub(super) struct EmulatedIdentity {
    pub(super) certificate: PathBuf,
    pub(super) fingerprint: Fingerprint,
    pub(super) client_authentication: ClientAuthentication,
    pub(super) image: ProvisioningImage,
}

/// The files that it comes from, and the settings beside them.
#[derive(Debug)]
pub(super) struct IdentityFiles {
    certificate: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
    settings: Settings,
}

impl IdentityFiles {
    /// The files that the arguments name, or the ones here, which are made when there are none.
    pub(super) fn of(args: &EmulateArgs, console: &Console) -> Result<Self> {
        let settings = settings(args)?;
        let (certificate, key) = pair::files(args.cert.as_deref(), args.key.as_deref(), console)?;
        Ok(Self { certificate, key, client_ca: args.client_ca.clone(), settings })
    }
}

impl EmulatedIdentity {
    pub(super) fn read(files: &IdentityFiles) -> Result<Self> {
        let inputs = Inputs {
            certificate: &files.certificate,
            key: &files.key,
            client_ca: files.client_ca.as_deref(),
            settings: Some(&files.settings),
        };
        let image = ProvisioningImage::build(&inputs)?;
        let client_authentication = match files.client_ca {
            Some(_) => ClientAuthentication::Required,
            None => ClientAuthentication::None,
        };
        let fingerprint = Fingerprint::of_certificate(image.certificate());
        Ok(Self { certificate: files.certificate.clone(), fingerprint, client_authentication, image })
    }
}

/// Checks what is named, and takes nothing else for granted: a scenario gives the rest later.
pub(super) fn check_args(args: &EmulateArgs) -> Result<()> {
    pair::check(args.cert.as_deref(), args.key.as_deref(), args.client_ca.as_deref(), &settings(args)?)
}

fn settings(args: &EmulateArgs) -> Result<Settings> {
    let limits = pair::limits(args.max_header)?;
    let legacy_clients = pair::legacy_clients(args.legacy_clients);
    Ok(Settings { limits, legacy_clients, ..Settings::default() })
}
