//! What keeps the board from serving. The text is the FAULT line's reason, so it says what to do.

use embassy_executor::SpawnError;
use esp_https_provision::{EMULATED_ADDRESS, ParseError};
use esp_https_server::mbedtls::CredentialsError;
use mbedtls_rs::TlsError;
use thiserror::Error;

#[derive(Debug, Error)]
pub(crate) enum Fault {
    #[error(
        "no provisioning image: start QEMU with -device loader,file=IMAGE,addr={EMULATED_ADDRESS:#x},force-raw=on"
    )]
    NoImage,
    #[error("the provisioning image can't be used: {0}")]
    Image(#[from] ParseError),
    #[error("the provisioning image can't be used: {0}")]
    Credentials(#[from] CredentialsError),
    #[error("the provisioning image can't be used: its certificate is no PEM")]
    Certificate,
    #[error("no randomness: start QEMU with -device virtio-rng-device")]
    NoEntropy,
    #[error("no network: start QEMU with -device virtio-net-device,netdev=..")]
    NoNetwork,
    #[error("the TLS library was started twice")]
    Tls,
    #[error("a task was started twice")]
    Task,
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
