//! What a person is told when a provisioning image can't be made. The commands that do say it with `?`.

use esp_https_provision::WriteError;

use crate::{
    device::provisioning::ProvisioningError,
    error::{Code, Error, Fault},
};

impl From<ProvisioningError> for Error {
    fn from(source: ProvisioningError) -> Self {
        match source {
            ProvisioningError::Load(load) => load.into(),
            source => explained(&source).source(source),
        }
    }
}

fn explained(error: &ProvisioningError) -> Error {
    let (what, doing) = (error.to_string(), "making the provisioning image");
    match error {
        ProvisioningError::KeyKind { path } => {
            let doing = format!("reading the private key in {}", path.display());
            Error::new(Fault::Usage, Code::PROVISIONING_KEY_KIND, doing, what)
                .hint("`esp-https certgen` makes keys that the board supports")
        }
        ProvisioningError::Write(WriteError::TooLarge { .. }) => {
            Error::new(Fault::Usage, Code::PROVISIONING_TOO_LARGE, doing, what)
                .hint("leave out the certificate's chain, or take a P-256 key, which is much smaller")
        }
        ProvisioningError::Write(_) => Error::new(Fault::Usage, Code::PROVISIONING_REFUSED, doing, what),
        _ => Error::new(Fault::Bug, Code::PROVISIONING_ENCODING, doing, what),
    }
}
