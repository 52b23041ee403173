//! The errors for a provisioning image that can't be made, as conversions that `?` applies.

use esp_https_provision::WriteError;

use crate::{
    cert::mbedtls::Refusal,
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
        ProvisioningError::KeyKind { path, .. } => {
            let doing = format!("reading the private key in {}", path.display());
            Error::new(Fault::Usage, Code::PROVISIONING_KEY_KIND, doing, what)
                .hint("`esp-https certgen` makes keys that the board supports")
        }
        ProvisioningError::Certificate { path, refusal, .. } => {
            let doing = format!("checking the certificate in {}", path.display());
            Error::new(Fault::Usage, Code::PROVISIONING_CERTIFICATE, doing, what).hint(what_is_taken(refusal))
        }
        ProvisioningError::TooLarge { certificates, source } => {
            Error::new(Fault::Usage, Code::PROVISIONING_TOO_LARGE, doing, what)
                .hint(what_takes_less(*certificates, source))
        }
        ProvisioningError::Write(_) => Error::new(Fault::Usage, Code::PROVISIONING_REFUSED, doing, what),
        _ => Error::new(Fault::Bug, Code::PROVISIONING_ENCODING, doing, what),
    }
}

/// What to ask for in place of what a board refuses.
fn what_is_taken(refusal: &Refusal) -> String {
    match refusal {
        Refusal::SignatureAlgorithm { .. } | Refusal::SignatureParameters => {
            "have it signed with SHA-256, SHA-384 or SHA-512, by a CA with an RSA or ECDSA key"
        }
        Refusal::KeyAlgorithm { .. }
        | Refusal::Curve { .. }
        | Refusal::ExplicitCurve
        | Refusal::CompressedPoint
        | Refusal::RsaSize { .. } => {
            "take a key of RSA, or on P-256 or P-384 by its name (openssl: -param_enc named_curve)"
        }
        Refusal::CriticalExtension { .. } | Refusal::CriticalPolicy { .. } => {
            "have it issued without that extension, or with the extension not marked as critical"
        }
        Refusal::EmptyName { .. } | Refusal::Name { .. } | Refusal::NameType { .. } => {
            "have it issued with a name, such as CN=esp32.local, in UTF-8"
        }
        Refusal::KeyUsage => "have it issued with the key usage digitalSignature",
        Refusal::ExtendedKeyUsage => "have it issued with the extended key usage serverAuth",
        _ => return Code::PROVISIONING_CERTIFICATE.hint(),
    }
    .to_owned()
}

/// What can be left out or made smaller, and nothing that is not there.
pub(super) fn what_takes_less(certificates: usize, sizes: &WriteError) -> String {
    let WriteError::TooLarge { key, client_ca, .. } = sizes else { return String::new() };
    let advice = [
        (certificates > 1, "leave the chain out of the certificate's file"),
        (*client_ca > 0, "name fewer CAs with --client-ca"),
        (*key > LARGEST_CURVE_KEY, "take a P-256 key, which is much smaller: esp-https certgen --key p256"),
        (certificates == 1, "take a certificate with fewer names"),
    ];
    let advice: Vec<&str> =
        advice.into_iter().filter_map(|(helps, advice)| helps.then_some(advice)).collect();
    advice.join("\nor ")
}

/// A P-384 key in PEM is shorter, in bytes, and every RSA key longer.
const LARGEST_CURVE_KEY: usize = 512;
