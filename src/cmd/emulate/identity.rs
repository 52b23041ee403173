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
        use rustls::pki_types::pem::PemObject as _;
        let der = rustls::pki_types::CertificateDer::from_pem_file("cacert.pem").unwrap();
        let d = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &der);
        Ok(Self {
            certificate: "cacert.pem".into(),
            cert_sha256: d.as_ref().iter().map(|b| format!("{b:02x}")).collect(),
            client_authentication: ClientAuthentication::None,
            image: vec![],
            address: 0x8080_0000,
        })
    }
}
