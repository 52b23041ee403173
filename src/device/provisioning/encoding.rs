//! What an entry of the image carries: PEM or DER.

use std::ffi::CString;

use esp_https_provision::Payload;
use pem_rfc7468::{LineEnding, encode, encoded_len};
use zeroize::Zeroizing;

/// A payload that owns its bytes; erased when dropped.
pub(super) enum Encoded {
    Pem(Zeroizing<CString>),
    Der(Zeroizing<Vec<u8>>),
}

impl Encoded {
    /// Each of `ders` in PEM under `label`, one after the other.
    pub(super) fn pem(label: &str, ders: &[impl AsRef<[u8]>]) -> pem_rfc7468::Result<Self> {
        let length = ders
            .iter()
            .map(|der| encoded_len(label, LineEnding::LF, der.as_ref()))
            .sum::<Result<usize, _>>()?;
        // One allocation of the right size: growing would leave pieces of a key behind.
        let mut pem = Zeroizing::new(vec![0; length + NUL_BYTES]);
        let mut rest = pem.as_mut_slice();
        for der in ders {
            let written = encode(label, LineEnding::LF, der.as_ref(), rest)?.len();
            rest = rest.split_at_mut_checked(written).ok_or(pem_rfc7468::Error::Length)?.1;
        }
        let pem = CString::from_vec_with_nul(std::mem::take(&mut pem));
        pem.map(|pem| Self::Pem(Zeroizing::new(pem))).map_err(|_| pem_rfc7468::Error::CharacterEncoding)
    }

    pub(super) fn payload(&self) -> Payload<'_> {
        match self {
            Self::Pem(pem) => Payload::Pem(pem),
            Self::Der(der) => Payload::Der(der),
        }
    }
}

const NUL_BYTES: usize = 1;
