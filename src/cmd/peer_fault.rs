//! What goes wrong on the way to a TLS server, for the person who named it: `probe` and `load` report the same fault with the
//! same code and the same words.

use std::{fmt, path::Path, time::Duration};

use super::cert_advice::advice;
use crate::{
    authority::host_and_port,
    cert::LoadError,
    cli::ZonedAddress,
    client::{
        connect::{KnownAddress, LookupError, NoInterface},
        handshake::ClientCertificateWish,
        target::{Target, TargetError},
    },
    error::{Code, Error, Fault, Result},
    tls::{AlertClass, AlertDescription},
};

/// A target that can't be one.
pub(super) fn bad_target(error: TargetError) -> Error {
    let hint = match &error {
        TargetError::Ambiguous { text, host, port } => {
            &format!("write [{text}] for the address, or [{host}]:{port} for the port")
        }
        TargetError::NoBrackets { host, port } => &format!("write {}", host_and_port(host, *port)),
        TargetError::Scheme { .. } => "give HOST[:PORT] or an https:// URL: esp-https supports TLS only",
        TargetError::Credentials => "leave the user name and the password out: esp-https does not send them",
        TargetError::NotAscii { .. } => "write the name in its ASCII form, which begins with xn--",
        TargetError::Brackets { .. } => "write an IPv6 address with a port as [fe80::1%eth0]:443",
        _ => "give HOST[:PORT], e.g. 192.168.1.7, board.local:8443 or [fe80::1%eth0]:443",
    };
    Error::new(Fault::Usage, Code::CLIENT_TARGET, "reading the target", error.to_string())
        .hint(hint)
        .source(error)
}

/// The address of `--address`, as connections take it.
///
/// # Errors
/// This machine does not have its interface, or a link-local address comes without one.
pub(super) fn known_address(target: &Target, given: &ZonedAddress) -> Result<KnownAddress> {
    KnownAddress::new(given.ip, given.zone.as_deref()).map_err(|error| match &error {
        LookupError::NoInterface(error) => no_interface(format!("reading --address {given}"), error),
        error => lookup_failed(target, error),
    })
}

/// A `--server-name` that can't be one.
pub(super) fn bad_server_name(name: &str) -> Error {
    let shown: String = name.chars().take(60).flat_map(char::escape_debug).collect();
    let what = format!("`{shown}` is neither a DNS name nor an IP address");
    Error::new(Fault::Usage, Code::CLIENT_SERVER_NAME, "reading --server-name", what)
        .hint("give a name that is in the certificate, as in --server-name esp32.local")
}

/// A certificate file that can't be used.
pub(super) fn bad_certificate(option: &str, error: LoadError) -> Error {
    let doing = format!("reading {option} {}", error.path().display());
    let hint = advised(
        &error,
        "give a PEM file with a certificate, e.g. the cacert.pem that `esp-https certgen` makes",
    );
    Error::new(Fault::Usage, Code::CLIENT_CERTIFICATE_FILE, doing, error.to_string()).hint(hint).source(error)
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
    let hint = match &error {
        LoadError::Key { kind: Some(kind), .. } if !kind.is_for_clients() => {
            "give a certificate with another key: RSA from 2048 bits, ECDSA on P-256, P-384 or P-521, or Ed25519".to_owned()
        }
        _ => advised(&error, &Code::CLIENT_KEY_FILE.hint()),
    };
    Error::new(Fault::Usage, Code::CLIENT_KEY_FILE, doing, error.to_string()).hint(hint).source(error)
}

/// A client's certificate and key that don't go together.
pub(super) fn bad_identity(chain: &Path, key: &Path, error: LoadError) -> Error {
    let doing = format!("using --client-cert {} with --client-key {}", chain.display(), key.display());
    let hint = advised(&error, "give the key that belongs to the certificate");
    Error::new(Fault::Usage, Code::CLIENT_KEY_FILE, doing, error.to_string()).hint(hint).source(error)
}

/// The advice that the file itself suggests, or else this.
fn advised(error: &LoadError, general: &str) -> String {
    advice(error).map_or_else(|| general.to_owned(), |(_, hint)| hint)
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
        LookupError::NoInterface(error) => {
            return no_interface(format!("looking up {}", target.host()), error);
        }
        LookupError::NoZone { ip, interfaces } => {
            let with_zone = |name: &String| format!("{ip}%{name}");
            let all: Vec<_> = interfaces.iter().map(with_zone).collect();
            let hint = match all.as_slice() {
                [] => LINK_LOCAL.to_owned(),
                all => format!("write it with its interface: {}", all.join(" or ")),
            };
            return Error::new(
                Fault::Environment,
                Code::CLIENT_NO_INTERFACE,
                format!("looking up {}", target.host()),
                error.to_string(),
            )
            .hint(hint);
        }
    };
    Error::new(Fault::Environment, code, format!("looking up {}", target.host()), error.to_string())
        .hint(hint)
}

/// A network interface that this machine does not have.
pub(super) fn no_interface(doing: String, error: &NoInterface) -> Error {
    let hint = match error.interfaces.as_slice() {
        [] => "`ip link` lists this machine's interfaces".to_owned(),
        names => format!("use one that this machine has: {}", names.join(", ")),
    };
    Error::new(Fault::Environment, Code::CLIENT_NO_INTERFACE, doing, error.to_string()).hint(hint)
}

/// What kept a TLS server from serving a client, as far as both `probe` and `load` notice it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// The host is there, but no socket accepts the connection.
    Refused,
    /// The host did not answer in time.
    ConnectTimeout,
    /// There is no route to the host.
    NoRoute,
    /// The handshake was not done in time.
    HandshakeTimeout,
    /// The connection was closed before the handshake was done.
    Closed,
    /// The connection was reset before the handshake was done.
    Reset,
    /// The server sent a fatal alert; and whether it had asked for a client certificate, where that is known.
    Alert(AlertDescription, Option<ClientCertificateWish>),
}

impl Obstacle {
    /// The error, with what was being done, what happened, and the option that allows more time.
    pub(super) fn error(self, doing: String, what: String, timeout_option: &str) -> Error {
        let (fault, code, hint) = match self {
            Self::Refused => (
                Fault::Device,
                Code::CLIENT_REFUSED,
                "check the port, and check that the server runs\na small device also refuses while all its sockets are busy: \
                 try again in a minute"
                    .to_owned(),
            ),
            Self::ConnectTimeout => (
                Fault::Device,
                Code::CLIENT_CONNECT_TIMEOUT,
                "check that the board has power, is on this network, and has this address\nit prints its address on its serial port: ESP-HTTPS \
                 READY {\"ip\":..}"
                    .to_owned(),
            ),
            Self::NoRoute => (
                Fault::Environment,
                Code::CLIENT_NO_ROUTE,
                format!("check that this machine is on the board's network\n{LINK_LOCAL}"),
            ),
            Self::HandshakeTimeout => (
                Fault::Device,
                Code::CLIENT_HANDSHAKE_TIMEOUT,
                format!(
                    "a busy device is slow, and so is one with a large key; or the port is not one for TLS\ntry again, or \
                     allow more time: {timeout_option} 60s"
                ),
            ),
            Self::Closed => (Fault::Device, Code::CLIENT_CLOSED, BUSY.to_owned()),
            Self::Reset => (Fault::Device, Code::CLIENT_RESET, BUSY.to_owned()),
            Self::Alert(alert, wish) => {
                alert_advice(alert, wish)
            }
        };
        Error::new(fault, code, doing, what).hint(hint)
    }

    /// What happened, in words; the time that was allowed, where it is known.
    pub(super) fn what(self, allowed: Option<Duration>) -> String {
        let within =
            allowed.map_or("in time".to_owned(), |allowed| format!("within {:?}", in_millis(allowed)));
        match self {
            Self::Refused => "it refused the connection".to_owned(),
            Self::ConnectTimeout => format!("no answer {within}"),
            Self::NoRoute => "there is no route to it".to_owned(),
            Self::HandshakeTimeout => format!("the handshake was not done {within}"),
            Self::Closed => "the device closed the connection".to_owned(),
            Self::Reset => "the device reset the connection".to_owned(),
            Self::Alert(alert, wish) => {
                let asked_first = asked_first(alert, wish);
                let meaning =
                    if asked_first { "it had asked for a client certificate" } else { alert.meaning() };
                format!("the device sent the alert {} ({}): {meaning}", alert.name(), alert.0)
            }
        }
    }
}

/// An alert is a proper answer, so a refusal is the device saying that it can't serve us (4). Where it says that we
/// broke the protocol, one of the two did, and other servers understand this client (5).
fn alert_advice(alert: AlertDescription, wish: Option<ClientCertificateWish>) -> (Fault, Code, String) {
    let (fault, code, hint) = match alert.class() {
        AlertClass::WantsClientCertificate => (Fault::Device, Code::CLIENT_CLIENT_CERTIFICATE, MUTUAL_TLS),
        AlertClass::Refusal if asked_first(alert, wish) => {
            (Fault::Device, Code::CLIENT_CLIENT_CERTIFICATE, MUTUAL_TLS)
        }
        AlertClass::Refusal if alert == AlertDescription::UNRECOGNIZED_NAME => {
            (Fault::Device, Code::CLIENT_ALERT, "send the name that it serves: --server-name esp32.local")
        }
        AlertClass::Refusal if alert == AlertDescription::NO_APPLICATION_PROTOCOL => (
            Fault::Device,
            Code::CLIENT_ALERT,
            "this client offers http/1.1 only; the device may serve HTTP/2 only, or no HTTP at all",
        ),
        AlertClass::Refusal => {
            let hint =
                if wish.is_none() { format!("{OFFERED}\n{MAYBE_MUTUAL_TLS}") } else { OFFERED.to_owned() };
            return (Fault::Device, Code::CLIENT_ALERT, hint);
        }
        AlertClass::Failure => (Fault::Device, Code::CLIENT_ALERT, BUSY),
        _ => (Fault::Peer, Code::CLIENT_ALERT, SEE_LOG),
    };
    (fault, code, hint.to_owned())
}

/// A server that refuses after it has asked for a certificate most likely wanted another answer to that.
fn asked_first(alert: AlertDescription, wish: Option<ClientCertificateWish>) -> bool {
    alert.class() == AlertClass::Refusal && wish == Some(ClientCertificateWish::Requested)
}

/// In whole milliseconds, as the command line has it: the time of one address of several is a share of that.
fn in_millis(allowed: Duration) -> Duration {
    Duration::from_millis(u64::try_from((allowed.as_micros() + 500) / 1000).unwrap_or(u64::MAX))
}

/// What was being done when a connection did not come about.
pub(super) fn connecting(address: impl fmt::Display) -> String {
    format!("connecting to {address}")
}

/// What was being done when a handshake did not.
pub(super) fn handshaking(address: impl fmt::Display) -> String {
    format!("making the TLS handshake with {address}")
}

/// What was being done when no answer came.
pub(super) fn fetching(path: &str, address: impl fmt::Display) -> String {
    format!("fetching {path} from {address}")
}

/// What helps with a device that closes connections without an alert.
pub(super) const BUSY: &str = "a small device does this when it is busy or out of memory: try again in a minute\nif it \
                               happens again, look at its free heap and its number of sessions";
/// What helps when one of the two broke the protocol.
pub(super) const SEE_LOG: &str =
    "look at the device's log; if the device works with another client, please report this";
/// What this client offers.
pub(super) const OFFERED: &str = "this client offers TLS 1.2 (ECDHE with AES-GCM or ChaCha20) and 1.3, on X25519, P-256 and \
                                  P-384\nif the device supports older ones only, enable one of these in its firmware (ESP-IDF: menuconfig, \
                                  mbedTLS)";
/// What a link-local address lacks.
pub(super) const LINK_LOCAL: &str = "a link-local IPv6 address needs its interface: [fe80::1%eth0]";
const MUTUAL_TLS: &str = "the device wants a client certificate (mutual TLS) of a CA that it knows: --client-cert and \
                          --client-key";
const MAYBE_MUTUAL_TLS: &str = "or the device wants a client certificate (--client-cert and --client-key): `esp-https \
                                probe` tells whether it asks for one";

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
