//! What keeps the board from serving. The text is the FAULT line's reason, so it says what to do.

use embassy_executor::SpawnError;
use esp_hal::rng::TrngError;
use esp_https_provision::ParseError;
use esp_https_server::mbedtls::CredentialsError;
use esp_radio::wifi::WifiError;
use mbedtls_rs::TlsError;
use thiserror::Error;

use crate::flash::FlashError;

#[derive(Debug, Error)]
pub(crate) enum Fault {
    #[error("flash: {0}")]
    Flash(#[from] FlashError),
    #[error("the provisioning image can't be used: {0}")]
    Image(#[from] ParseError),
    #[error("the provisioning image can't be used: {0}")]
    Credentials(#[from] CredentialsError),
    #[error("the provisioning image can't be used: its certificate is no PEM")]
    Certificate,
    #[error("the provisioning image has no Wi-Fi network: flash one that has")]
    NoNetwork,
    #[error("wifi: the radio can't be started ({0:?})")]
    Radio(#[from] WifiError),
    #[error("no randomness: esp-hal sees no entropy source although the radio is on")]
    NoEntropy,
    #[error("the TLS library was started twice")]
    Tls,
    #[error("a task was started twice")]
    Task,
}

impl From<TrngError> for Fault {
    fn from(_: TrngError) -> Self {
        Self::NoEntropy
    }
}

impl From<TlsError> for Fault {
    fn from(_: TlsError) -> Self {
        Self::Tls
    }
}

impl From<SpawnError> for Fault {
    fn from(_: SpawnError) -> Self {
        Self::Task
    }
}
