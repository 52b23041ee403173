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
        let (certificate, key) = pair::files(args.cert.as_deref(), args.key.as_deref(), console)?;
        Ok(Self { certificate, key, client_ca: args.client_ca.clone(), settings })
    }
}

impl EmulatedIdentity {
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
    Ok(Settings { limits: pair::limits(args.max_header)?, ..Settings::default() })
}
