//! The files by which a client is known and a server is trusted: `--client-cert` with `--client-key`, `--cacert`, `--cert`.
//! A file that could be read although something about it was odd is added to `odd`.

use std::path::Path;

use rustls::{RootCertStore, pki_types::CertificateDer};

use super::peer_fault;
use crate::{
    cert::{
        LoadError, OddFile,
        load::{certificates, first_certificate, place_in_chain, private_key},
    },
    client::tls::ClientIdentity,
    error::Result,
};

/// The client's own certificate and key, where both are named.
///
/// # Errors
/// A file can't be read, or the two don't belong together.
pub(super) fn identity(
    chain: Option<&Path>,
    key: Option<&Path>,
    odd: &mut Vec<OddFile>,
) -> Result<Option<ClientIdentity>> {
    let (Some(chain), Some(key)) = (chain, key) else { return Ok(None) };
    let certificates =
        certificates(chain, odd).map_err(|error| peer_fault::bad_certificate("--client-cert", error))?;
    let loaded = private_key(key, odd).map_err(peer_fault::bad_client_key)?;
    let place = place_in_chain(loaded.der(), &certificates);
    let mismatch = |_| peer_fault::bad_identity(chain, key, LoadError::mismatch(chain, key, place));
    ClientIdentity::new(certificates, loaded.der()).map(Some).map_err(mismatch)
}

/// The certificate that the server is expected to show: `--cert`.
///
/// # Errors
/// The file can't be read.
pub(super) fn pinned(path: &Path, odd: &mut Vec<OddFile>) -> Result<CertificateDer<'static>> {
    first_certificate(path, odd).map_err(|error| peer_fault::bad_certificate("--cert", error))
}

/// The CAs to trust: `--cacert`.
///
/// # Errors
/// The file can't be read, or holds a certificate that can't be a CA's.
pub(super) fn roots(path: &Path, odd: &mut Vec<OddFile>) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for ca in certificates(path, odd).map_err(|error| peer_fault::bad_certificate("--cacert", error))? {
        roots.add(ca).map_err(|error| peer_fault::bad_ca(path, error))?;
    }
    Ok(roots)
}
