//! The fingerprint of the device's certificate, which the READY line gives and clients pin.

use esp_https_provision::Payload;
use sha2::{Digest, Sha256};

/// SHA-256 of a certificate in DER; of the first one if the PEM holds a chain. `None` if the PEM is malformed.
#[must_use]
pub fn sha256(certificate: &Payload<'_>) -> Option<[u8; 32]> {
    match certificate {
        Payload::Der(der) => Some(Sha256::digest(der).into()),
        Payload::Pem(pem) => sha256_of_pem(pem.to_bytes()),
    }
}

fn sha256_of_pem(chain: &[u8]) -> Option<[u8; 32]> {
    let end = chain.windows(PEM_END.len()).position(|window| window == PEM_END)? + PEM_END.len();
    let mut decoder = pem_rfc7468::Decoder::new(&chain[..end]).ok()?;
    let mut hash = Sha256::new();
    let mut block = [0; 64];
    while !decoder.is_finished() {
        let bytes = decoder.remaining_len().min(block.len());
        hash.update(decoder.decode(&mut block[..bytes]).ok()?);
    }
    Some(hash.finalize().into())
}

/// RFC 7468 section 5.1.
const PEM_END: &[u8] = b"-----END CERTIFICATE-----";

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &core::ffi::CStr = c"-----BEGIN CERTIFICATE-----
MAMCAQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKiss
LS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0w=
-----END CERTIFICATE-----
-----BEGIN CERTIFICATE-----
MAMCAQE=
-----END CERTIFICATE-----
";

    #[test]
    fn a_pem_chain_and_its_first_certificate_in_der_have_one_fingerprint() {
        let mut der = vec![0x30, 0x03, 0x02, 0x01];
        der.extend(1..=0x4C);
        let expected: [u8; 32] = Sha256::digest(&der).into();
        assert_eq!(sha256(&Payload::Der(&der)), Some(expected));
        assert_eq!(sha256(&Payload::Pem(PEM)), Some(expected));
    }

    #[test]
    fn a_malformed_pem_has_none() {
        assert_eq!(
            sha256(&Payload::Pem(c"-----BEGIN CERTIFICATE-----\nMAM!AQE=\n-----END CERTIFICATE-----\n")),
            None
        );
        assert_eq!(sha256(&Payload::Pem(c"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n")), None);
    }
}
