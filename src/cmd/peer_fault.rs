//! What goes wrong on the way to a TLS server, for the person who named it: the same words and codes whichever command
//! was to reach it.

use std::path::Path;

use crate::{
    cert::LoadError,
    client::{
        connect::LookupError,
        target::{Target, TargetError},
    },
    error::{Code, Error, Fault},
};

/// A target that can't be one.
pub(super) fn bad_target(error: TargetError) -> Error {
    let hint = match &error {
        TargetError::Scheme { .. } => "give HOST[:PORT] or an https:// URL: esp-https speaks TLS only",
        TargetError::Credentials => {
            "leave the user name and the password out: requests are made without them"
        }
        TargetError::NotAscii { .. } => "write the name in its ASCII form, which begins with xn--",
        TargetError::Brackets { .. } => "write an IPv6 address with a port as [fe80::1%eth0]:443",
        _ => "give HOST[:PORT], e.g. 192.168.1.7, board.local:8443 or [fe80::1%eth0]:443",
    };
    Error::new(Fault::Usage, Code::CLIENT_TARGET, "reading the target", error.to_string())
        .hint(hint)
        .source(error)
}

/// A `--server-name` that can't be one.
pub(super) fn bad_server_name(name: &str) -> Error {
    let shown: String = name.chars().take(60).flat_map(char::escape_debug).collect();
    let what = format!("`{shown}` is neither a DNS name nor an IP address");
    Error::new(Fault::Usage, Code::CLIENT_SERVER_NAME, "reading --server-name", what)
        .hint("give a name of the certificate, e.g. --server-name esp32.local")
}

/// A certificate file that can't be used.
pub(super) fn bad_certificate(option: &str, error: LoadError) -> Error {
    let doing = format!("reading {option} {}", error.path().display());
    Error::new(Fault::Usage, Code::CLIENT_CERTIFICATE_FILE, doing, error.to_string())
        .hint("give a PEM file with a certificate, e.g. the cacert.pem that `esp-https certgen` makes")
        .source(error)
}

/// A certificate that can't be a CA's.
pub(super) fn bad_ca(path: &Path, error: rustls::Error) -> Error {
    let doing = format!("reading --cacert {}", path.display());
    Error::new(
        Fault::Usage,
        Code::CLIENT_CERTIFICATE_FILE,
        doing,
        format!("it can't be trusted as a CA: {error}"),
    )
    .hint("to expect exactly this certificate, use --cert instead of --cacert")
    .source(error)
}

/// A client's key file that can't be used.
pub(super) fn bad_client_key(error: LoadError) -> Error {
    let doing = format!("reading --client-key {}", error.path().display());
    Error::new(Fault::Usage, Code::CLIENT_KEY_FILE, doing, error.to_string())
        .hint("give the PEM file with the private key of --client-cert, without a password")
        .source(error)
}

/// A client's certificate and key that don't go together.
pub(super) fn bad_identity(chain: &Path, key: &Path, error: rustls::Error) -> Error {
    let doing = format!("using --client-cert {} with --client-key {}", chain.display(), key.display());
    Error::new(Fault::Usage, Code::CLIENT_KEY_FILE, doing, format!("they can't be used together: {error}"))
        .hint("give the key that belongs to the certificate")
        .source(error)
}

/// A target without an address to connect to.
pub(super) fn lookup_failed(target: &Target, error: &LookupError) -> Error {
    let (code, hint) = match error {
        LookupError::NotFound { .. } | LookupError::NoAddress => (
            Code::CLIENT_NAME_NOT_FOUND,
            "check the spelling; a .local name needs mDNS on this machine (libnss-mdns)\nor give the address: \
             --address 192.168.1.7",
        ),
        LookupError::TimedOut { .. } => {
            (Code::CLIENT_NAME_TIMEOUT, "give the address: --address 192.168.1.7")
        }
        LookupError::NoInterface { .. } => {
            (Code::CLIENT_NO_INTERFACE, "`ip link` lists this machine's interfaces")
        }
    };
    Error::new(Fault::Environment, code, format!("looking up {}", target.host()), error.to_string())
        .hint(hint)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_name_service_that_does_not_answer_is_not_a_misspelt_name() {
        let target: Target = "board.local".parse().unwrap();
        let error = lookup_failed(&target, &LookupError::TimedOut { timeout: Duration::from_secs(10) });
        insta::assert_snapshot!(error.told(), @r"
        4 client.name_timeout: looking up board.local: the name service did not answer within 10s
          try: give the address: --address 192.168.1.7
        ");
    }
}
