//! The certificate of one board of a fleet: what is there, and what has to be made.

use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use time::{Duration, OffsetDateTime};

use super::{explain, fleet_fault, issuer::OpenedCa, run::rfc3339, workers::InLine};
use crate::{
    cert::{
        Fingerprint, Generated, KeyType, LoadError, PrivateKey, Request, Validity,
        issuer::BeyondCa,
        load,
        renewal::{DueState, end_of, renewable},
        store,
    },
    device::flash::{
        fleet::FleetBoard,
        fleet_result::{FleetEntry, FleetState},
    },
    error::Result,
    output::Existing,
};

/// How the certificates of a fleet are made.
pub(super) struct Maker<'a> {
    /// The CA that issues them.
    pub(super) ca: &'a OpenedCa,
    /// The folder from which the paths of the rows count.
    pub(super) folder: &'a Path,
    /// This machine's time.
    pub(super) now: OffsetDateTime,
    /// A certificate is due so long before its end.
    pub(super) within: Duration,
    /// The keys that are made.
    pub(super) key_type: KeyType,
    /// How long certificates are valid; `None` for the usual time, cut to that of the CA.
    pub(super) validity: Option<Validity>,
}

/// A board, and what is in its files.
pub(super) struct Seen<'a> {
    board: &'a FleetBoard,
    state: Files,
}

enum Files {
    /// Neither of them is there.
    Missing,
    /// Both are, and are in order.
    InOrder { certificate: CertificateDer<'static>, not_after: OffsetDateTime },
    /// Both are, and the certificate is to be made again for the same key.
    Due { key: PrivateKey, request: Request },
}

impl InLine for &FleetBoard {
    fn line(&self) -> u64 {
        self.line
    }
}

impl InLine for Seen<'_> {
    fn line(&self) -> u64 {
        self.board.line
    }
}

impl Maker<'_> {
    /// Looks at what a board has, and writes nothing.
    pub(super) fn look<'a>(&self, board: &'a FleetBoard) -> Result<Seen<'a>> {
        let [certificate, key] = self.paths(board);
        let state = match (certificate.exists(), key.exists()) {
            (false, false) => Files::Missing,
            (true, true) => self.judge(board, &certificate, &key)?,
            (true, false) => return Err(fleet_fault::half_a_pair(&certificate, &key)),
            (false, true) => return Err(fleet_fault::half_a_pair(&key, &certificate)),
        };
        Ok(Seen { board, state })
    }

    fn judge(&self, board: &FleetBoard, certificate: &Path, key: &Path) -> Result<Files> {
        let der = load::first_certificate(certificate, &mut Vec::new())?;
        let loaded = load::private_key(key, &mut Vec::new())?;
        let private = PrivateKey::from_der(loaded.der());
        let private = private.ok_or_else(|| LoadError::Key { path: key.to_owned(), kind: None })?;
        if !private.is_of(&der) {
            return Err(LoadError::mismatch(certificate, key, None).into());
        }
        if !self.ca.issuer.has_issued(&der) {
            return Err(explain::other_ca(certificate, self.ca));
        }
        let again =
            renewable(&der, &private).map_err(|reason| explain::not_renewable(certificate, reason))?;
        let (not_after, _) = end_of(&der).map_err(|reason| explain::not_renewable(certificate, reason))?;
        let wanted = board.all_names();
        let has_names = wanted.iter().all(|name| again.request.names.contains(name));
        if has_names && DueState::of(not_after, self.now, self.within) == DueState::NotDue {
            return Ok(Files::InOrder { certificate: der, not_after });
        }
        let request = Request { key_type: again.request.key_type, ..self.request(board) };
        Ok(Files::Due { key: private, request })
    }

    /// Makes what a board lacks, and writes it.
    pub(super) fn settle(&self, seen: &Seen<'_>) -> Result<FleetEntry> {
        let (board, [certificate, key_path]) = (seen.board, self.paths(seen.board));
        match &seen.state {
            Files::InOrder { certificate, not_after } => {
                self.entry(board, FleetState::Kept, certificate, *not_after)
            }
            Files::Due { key, request } => {
                let pair = self.issue(board, request, key)?;
                store::replace_certificate(certificate, &pair.certificate_pem)
                    .map_err(fleet_fault::row_not_written)?;
                self.entry(board, FleetState::Renewed, &pair.certificate, pair.not_after)
            }
            Files::Missing => {
                let key = PrivateKey::generate(self.key_type)?;
                let pair = self.issue(board, &self.request(board), &key)?;
                store::write_at(certificate, key_path, &pair, Existing::Keep)
                    .map_err(fleet_fault::row_not_written)?;
                self.entry(board, FleetState::Made, &pair.certificate, pair.not_after)
            }
        }
    }

    fn request(&self, board: &FleetBoard) -> Request {
        let request = Request::server(board.hostname.as_str().parse().ok(), board.all_names());
        Request { key_type: self.key_type, validity: self.validity.unwrap_or(request.validity), ..request }
    }

    fn issue(&self, board: &FleetBoard, request: &Request, key: &PrivateKey) -> Result<Generated> {
        let beyond = if self.validity.is_some() { BeyondCa::Refuse } else { BeyondCa::Cut };
        let doing = || format!("issuing the certificate of {}", board.hostname);
        let issued = self.ca.issuer.issue(request, key, self.now, beyond);
        issued.map_err(|error| explain::not_issued(doing(), error))
    }

    fn entry(
        &self,
        board: &FleetBoard,
        state: FleetState,
        certificate: &[u8],
        not_after: OffsetDateTime,
    ) -> Result<FleetEntry> {
        let [certificate_path, key] = self.paths(board);
        Ok(FleetEntry {
            line: board.line,
            mac: board.mac,
            hostname: board.hostname.to_string(),
            state,
            certificate: certificate_path,
            key,
            sha256: Fingerprint::of_certificate(certificate),
            not_after: rfc3339(not_after)?,
        })
    }

    /// The files of the certificate and of the key.
    fn paths(&self, board: &FleetBoard) -> [PathBuf; 2] {
        [self.folder.join(&board.certificate), self.folder.join(&board.key)]
    }
}
