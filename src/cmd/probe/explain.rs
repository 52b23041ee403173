//! What a probe's errors mean to the person who asked, whose fault they are, and what to try.

use std::{net::SocketAddr, path::Path};

use crate::{
    client::{
        connect::{ConnectError, Unconnected},
        handshake::{Broken, ClientCertificateWish, HandshakeError},
        not_tls::Foreign,
        target::Target,
        trust::{Refusal, Trust, TrustVerdict},
    },
    cmd::peer_fault,
    error::{Error, Fault},
    interrupt::Signal,
    probe::{Observation, Unobserved, page::PageOutcome},
    report::HostResult,
    tls::{AlertClass, AlertDescription},
};

/// Nothing was observed.
pub(super) fn unobserved(target: &Target, error: Unobserved) -> Error {
    let explained = match &error {
        Unobserved::Interrupted => Error::new(
            Fault::Interrupted,
            "probe.interrupted",
            format!("probing {target}"),
            error.to_string(),
        ),
        Unobserved::Setup(_) => {
            Error::new(Fault::Bug, "probe.setup", format!("probing {target}"), error.to_string())
                .hint("please report this, with the command line")
        }
        Unobserved::Lookup(lookup) => peer_fault::lookup_failed(target, lookup),
        Unobserved::Connect { error, attempts } => connect_failed(error, *attempts),
        Unobserved::Handshake { error, address, attempts } => handshake_failed(error, *address, *attempts),
        Unobserved::Certificate { error, address } => {
            Error::new(Fault::Peer, "probe.certificate", handshaking(*address), error.to_string())
                .hint(NEW_CERT)
        }
    };
    explained.source(error)
}

/// What is wrong with a handshake that came about: the certificate, which was held against the file `expected`,
/// first, then the page.
pub(super) fn shortcoming(observation: &Observation, expected: Option<&Path>) -> Option<Error> {
    let address = observation.target.address;
    if observation.trust.verdict == TrustVerdict::Refused {
        return Some(refused_certificate(&observation.trust, address, expected));
    }
    let what = match observation.page.outcome {
        // Whatever is served, it is served: 404 and other protocols are for the report, not for the exit code.
        PageOutcome::Answered | PageOutcome::Long | PageOutcome::NotHttp => return None,
        PageOutcome::Truncated => "the answer broke off, or did not end in time",
        PageOutcome::Closed => "the device closed the connection without an answer",
        PageOutcome::Reset => "the device reset the connection without an answer",
        PageOutcome::Silent => "no answer came in time",
        PageOutcome::Broken => {
            let what = "the device broke TLS after the handshake";
            return Some(
                Error::new(Fault::Peer, "probe.protocol", fetching(observation), what).hint(SEE_LOG),
            );
        }
        PageOutcome::Alert => return Some(refused_by_alert(observation)),
    };
    let hint =
        "TLS works, HTTP does not: look at the device's log; a busy device may do better on a second try";
    Some(Error::new(Fault::Device, "probe.no_page", fetching(observation), what).hint(hint))
}

/// One of the signals that ask us to stop.
pub(super) fn interrupted(targets: &str, signal: Signal) -> Error {
    let what = format!("by {}", signal.name());
    Error::new(Fault::Interrupted, "probe.interrupted", format!("probing {targets}"), what)
}

/// What is wrong with some of several servers: the gravest decides.
pub(super) fn several(hosts: &[HostResult]) -> Option<Error> {
    let failed = hosts.iter().filter_map(|host| Some((host, host.error.as_ref()?)));
    let (first, gravest) = failed.clone().max_by_key(|(_, error)| gravity(error.fault))?;
    let what = format!(
        "{} of {} have shortcomings, {} the gravest: {}",
        failed.count(),
        hosts.len(),
        first.target,
        gravest.what
    );
    let hint = "each host's own error says what to try";
    Some(Error::new(gravest.fault, gravest.code, format!("probing {} servers", hosts.len()), what).hint(hint))
}

/// Which of several faults decides the exit code: our own, then what keeps a server from answering, then what is wrong with
/// its answers, then what is not known of them.
pub(super) fn gravity(fault: Fault) -> u8 {
    match fault {
        Fault::Bug => 7,
        Fault::Interrupted => 6,
        Fault::Usage => 5,
        Fault::Peer => 4,
        Fault::Device | Fault::Environment => 3,
        Fault::Finding => 2,
        Fault::Inconclusive => 1,
    }
}

fn connect_failed(error: &ConnectError, attempts: u32) -> Error {
    let doing = format!("connecting to {}", error.address);
    let (fault, code, what, hint) = match &error.reason {
        Unconnected::Refused => (
            Fault::Device,
            "probe.refused",
            format!("connection refused, {}", times(attempts)),
            "check the port, and that the server runs\na small device also refuses while all its sockets are busy: \
             try again in a minute",
        ),
        Unconnected::TimedOut(_) => (
            Fault::Device,
            "probe.connect_timeout",
            error.reason.to_string(),
            "is the board powered, on this network, and is this its address?\nits serial port prints it: ESP-HTTPS \
             READY {\"ip\":..}",
        ),
        Unconnected::NoRoute(_) => (
            Fault::Environment,
            "probe.no_route",
            error.reason.to_string(),
            "is this machine on the board's network?\na link-local IPv6 address needs its interface: [fe80::1%eth0]",
        ),
        Unconnected::Other(_) => (
            Fault::Environment,
            "probe.connect",
            error.reason.to_string(),
            "check this machine's network and firewall\na link-local IPv6 address needs its interface: \
             [fe80::1%eth0]",
        ),
    };
    Error::new(fault, code, doing, what).hint(hint)
}

fn handshake_failed(error: &HandshakeError, address: SocketAddr, attempts: u32) -> Error {
    let (fault, code, hint) = match &error.reason {
        Broken::Alert(alert) => return alerted(*alert, error.client_certificate, handshaking(address)),
        Broken::NotTls(foreign) => (Fault::Peer, "probe.not_tls", not_tls_hint(foreign)),
        // It has answered in its own way, and well: the same standing as an alert handshake_failure.
        Broken::Incompatible(_) => (Fault::Device, "probe.incompatible", OFFERED),
        Broken::UnreadableCertificate => (Fault::Peer, "probe.certificate", NEW_CERT),
        Broken::BadSignature => (
            Fault::Peer,
            "probe.bad_signature",
            "the device does not hold the key of the certificate that it shows: embed the pair that belongs together",
        ),
        Broken::SmallKey(_) => (Fault::Device, "probe.small_key", "make a new pair with `esp-https certgen`"),
        Broken::Protocol(_) => (Fault::Peer, "probe.protocol", SEE_LOG),
        Broken::Closed => (Fault::Device, "probe.closed", BUSY),
        Broken::Reset => (Fault::Device, "probe.reset", BUSY),
        Broken::TimedOut(_) if error.received == 0 => (
            Fault::Device,
            "probe.handshake_timeout",
            "the port is open and silent: a busy device, or not a TLS server\ntry again, or allow more time: \
             --timeout 60s",
        ),
        Broken::TimedOut(_) => {
            (Fault::Device, "probe.handshake_timeout", "large keys are slow on a small device: --timeout 60s")
        }
        Broken::Io(_) => {
            (Fault::Environment, "probe.connection", "check this machine's network, and try again")
        }
    };
    Error::new(fault, code, handshaking(address), how_it_broke(error, attempts)).hint(hint)
}

/// The reason, how far the handshake came, and how often it was tried.
fn how_it_broke(error: &HandshakeError, attempts: u32) -> String {
    let reason = &error.reason;
    let progress = match (reason, error.received) {
        (Broken::Closed | Broken::Reset, 0) => " without a byte".to_owned(),
        (Broken::TimedOut(_), 0) => ": not a byte came".to_owned(),
        (Broken::Closed | Broken::Reset | Broken::TimedOut(_), received) => {
            format!(" after {received} bytes")
        }
        _ => String::new(),
    };
    let tried = if attempts > 1 { format!(", {}", times(attempts)) } else { String::new() };
    format!("{reason}{progress}{tried}")
}

/// An alert is a proper answer, so a refusal is the device saying that it can't serve us (4). Where it says that we
/// broke the protocol, one of the two did, and other servers understand this client (5).
fn alerted(alert: AlertDescription, asked: ClientCertificateWish, doing: String) -> Error {
    let asked_first = alert.class() == AlertClass::Refusal && asked == ClientCertificateWish::Requested;
    let wants_certificate = alert.class() == AlertClass::WantsClientCertificate || asked_first;
    let meaning = if asked_first { "it had asked for a client certificate" } else { alert.meaning() };
    let what = format!("the device sent the alert {} ({}): {meaning}", alert.name(), alert.0);
    let (fault, code, hint) = match alert.class() {
        _ if wants_certificate => (Fault::Device, "probe.client_certificate", MUTUAL_TLS),
        AlertClass::Refusal if alert == AlertDescription::UNRECOGNIZED_NAME => {
            (Fault::Device, "probe.alert", "send the name that it serves: --server-name esp32.local")
        }
        AlertClass::Refusal if alert == AlertDescription::NO_APPLICATION_PROTOCOL => (
            Fault::Device,
            "probe.alert",
            "offered was http/1.1 only; it may serve HTTP/2 only, or no HTTP at all",
        ),
        AlertClass::Refusal => (Fault::Device, "probe.alert", OFFERED),
        AlertClass::Failure => (Fault::Device, "probe.alert", BUSY),
        _ => (Fault::Peer, "probe.alert", SEE_LOG),
    };
    Error::new(fault, code, doing, what).hint(hint)
}

fn not_tls_hint(foreign: &Foreign) -> &'static str {
    match foreign {
        Foreign::PlainHttp => "use the device's HTTPS port, mostly 443; or the firmware serves without TLS",
        _ => "use the device's HTTPS port, mostly 443",
    }
}

fn refused_certificate(trust: &Trust, address: SocketAddr, expected: Option<&Path>) -> Error {
    let against = expected.map_or(String::new(), |path| format!(" against {}", path.display()));
    let doing = format!("checking the certificate of {address}{against}");
    let code =
        if trust.refusal == Some(Refusal::OtherKey) { "probe.pin_mismatch" } else { "probe.not_trusted" };
    let hint = match trust.refusal {
        Some(Refusal::OtherKey) => {
            "is it another board, or has it a new certificate?\nits READY line on the serial port tells the SHA-256 of the \
             one that it has"
        }
        Some(Refusal::UnknownIssuer) => "give the CA that issued it, or pin it: --cert cacert.pem",
        Some(Refusal::OtherName) => "reach it by a name of the certificate, or say which: --server-name NAME",
        Some(Refusal::Expired | Refusal::NotYetValid) => {
            "check the clock here; else make a new one: `esp-https certgen`"
        }
        _ => {
            "pin it: --cert cacert.pem\nor make one for servers: `esp-https certgen --profile server --san dns:NAME`"
        }
    };
    Error::new(Fault::Finding, code, doing, trust.explanation.clone()).hint(hint)
}

fn refused_by_alert(observation: &Observation) -> Error {
    let doing = fetching(observation);
    match observation.page.alert {
        Some(alert) => alerted(alert, observation.handshake.client_certificate.wish, doing),
        None => {
            Error::new(Fault::Peer, "probe.alert", doing, "the device sent an unknown alert").hint(SEE_LOG)
        }
    }
}

fn handshaking(address: SocketAddr) -> String {
    format!("making the TLS handshake with {address}")
}

fn fetching(observation: &Observation) -> String {
    format!("fetching {} from {}", observation.page.path, observation.target.address)
}

fn times(attempts: u32) -> String {
    if attempts == 1 { "once".to_owned() } else { format!("{attempts} times") }
}

const OFFERED: &str = "offered were TLS 1.2 (ECDHE with AES-GCM or ChaCha20) and 1.3, on X25519, P-256 and P-384\nif its \
                       firmware is older, enable one of those there (ESP-IDF: menuconfig, mbedTLS)";
const BUSY: &str = "a small device does this when it is busy or out of memory: try again in a minute\nif it stays, look \
                    at its free heap and its number of sessions";
const SEE_LOG: &str = "look at the device's log; if it is fine with another client, please report this";
const NEW_CERT: &str =
    "the certificate on the device is damaged: make and embed a new one with `esp-https certgen`";
const MUTUAL_TLS: &str = "the device wants a client certificate (mutual TLS) of a CA that it knows: --client-cert and \
                          --client-key";
