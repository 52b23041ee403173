//! draft
use crate::{cli::EmulateArgs, device::board::ClientAuthentication, error::Result, report::Console};
use std::path::PathBuf;
pub(super) struct Identity {
    pub(super) certificate: PathBuf,
    pub(super) cert_sha256: String,
    pub(super) client_authentication: ClientAuthentication,
    pub(super) image: Vec<u8>,
    pub(super) address: u32,
}
impl Identity {
    pub(super) fn of(_args: &EmulateArgs, _console: &Console) -> Result<Self> {
        Ok(Self {
            certificate: "cacert.pem".into(),
            cert_sha256: "0".repeat(64),
            client_authentication: ClientAuthentication::None,
            image: vec![],
            address: 0x8700_0000,
        })
    }
}
