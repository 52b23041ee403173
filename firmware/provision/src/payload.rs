//! Certificates and keys as an entry carries them.

use core::ffi::CStr;

/// A certificate or a private key, in one of the two encodings of `esp_secure_cert`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Payload<'a> {
    /// PEM (RFC 7468) with the NUL that Mbed TLS wants at its end; may hold several certificates.
    Pem(&'a CStr),
    /// DER, one certificate or key, no NUL.
    Der(&'a [u8]),
}

impl<'a> Payload<'a> {
    /// Tells PEM from DER by how `data` begins; `None` when it is neither, or a PEM without exactly one NUL, at its end.
    pub(crate) fn parse(data: &'a [u8]) -> Option<Self> {
        if data.starts_with(PEM_START) {
            CStr::from_bytes_with_nul(data).ok().map(Self::Pem)
        } else {
            data.starts_with(DER_SEQUENCE).then_some(Self::Der(data))
        }
    }

    /// The bytes as the entry carries them: a PEM with its NUL, as `mbedtls_x509_crt_parse` and
    /// `mbedtls_pk_parse_key` expect it.
    #[must_use]
    pub fn to_bytes(&self) -> &'a [u8] {
        match self {
            Self::Pem(pem) => pem.to_bytes_with_nul(),
            Self::Der(der) => der,
        }
    }
}

/// The encoding and the length: a payload may be a private key, so its bytes are not for logs.
impl core::fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let encoding = match self {
            Self::Pem(_) => "Pem",
            Self::Der(_) => "Der",
        };
        write!(f, "{encoding}({} bytes)", self.to_bytes().len())
    }
}

const PEM_START: &[u8] = b"-----BEGIN ";
/// Every certificate and key is an ASN.1 SEQUENCE (X.690 section 8.9).
const DER_SEQUENCE: &[u8] = &[0x30];
