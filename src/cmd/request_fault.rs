//! Why a request was not answered, for the person who asked: whose fault it is, and what to try.

use std::net::SocketAddr;

use rustls::CertificateError;

use super::peer_fault::{self, LINK_LOCAL, OFFERED, Obstacle, SEE_LOG, connecting, fetching, handshaking};
use crate::{
    client::{
        connect::Unconnected,
        exchange::{NoAnswer, Unanswered},
        handshake::Broken,
        page::{Page, PageOutcome},
        request::Request,
        target::Target,
    },
    error::{Code, Error, Fault},
    os_error::in_words,
};

/// A request without an answer.
pub(super) fn unanswered(target: &Target, request: &Request, error: Unanswered) -> Error {
    let asking = |address: &SocketAddr| format!("sending {} {} to {address}", request.method, request.path);
    let explained = match &error {
        Unanswered::Setup(_) => {
            Error::new(Fault::Bug, Code::PROBE_SETUP, fetching(&request.path, target), error.to_string())
                .hint("please report this, with the command line")
        }
        Unanswered::Lookup(lookup) => peer_fault::lookup_failed(target, lookup),
        Unanswered::Connect { error, .. } => unconnected(&error.reason, connecting(error.address)),
        Unanswered::Handshake { reason, address, .. } => broken(reason, handshaking(address)),
        Unanswered::NotReached { address, limit } => {
            let what = format!("connection and handshake were not done within {limit:?}");
            Obstacle::HandshakeTimeout.error(connecting(address), what, TIMEOUT)
        }
        Unanswered::Untrusted { error, address } => untrusted(error, address),
        Unanswered::NoAnswer { reason, address } => no_answer(reason, asking(address)),
        Unanswered::Unreadable { said, page, address } => unreadable(said, page.as_deref(), asking(address)),
    };
    explained.source(error)
}

fn unconnected(reason: &Unconnected, doing: String) -> Error {
    match reason {
        Unconnected::Refused => Obstacle::Refused.error(doing, Obstacle::Refused.what(None), TIMEOUT),
        Unconnected::TimedOut(limit) => {
            Obstacle::ConnectTimeout.error(doing, Obstacle::ConnectTimeout.what(Some(*limit)), TIMEOUT)
        }
        Unconnected::NoRoute(source) => {
            let what = format!("{}: {}", Obstacle::NoRoute.what(None), in_words(source));
            Obstacle::NoRoute.error(doing, what, TIMEOUT)
        }
        Unconnected::Other(source) => {
            Error::new(Fault::Environment, Code::PROBE_CONNECT, doing, in_words(source))
                .hint(format!("check this machine's network and firewall\n{LINK_LOCAL}"))
        }
    }
}

fn broken(reason: &Broken, doing: String) -> Error {
    let obstacle = match reason {
        Broken::Alert(alert) => Obstacle::Alert(*alert, None),
        Broken::Closed => Obstacle::Closed,
        Broken::Reset => Obstacle::Reset,
        Broken::TimedOut(_) => Obstacle::HandshakeTimeout,
        Broken::Incompatible(_) => {
            return Error::new(Fault::Device, Code::PROBE_INCOMPATIBLE, doing, reason.to_string())
                .hint(OFFERED);
        }
        Broken::BadSignature => {
            let hint = "the device does not hold the key of the certificate that it shows: put a pair that belongs together on it";
            return Error::new(Fault::Peer, Code::PROBE_BAD_SIGNATURE, doing, reason.to_string()).hint(hint);
        }
        _ => return Error::new(Fault::Peer, Code::PROBE_PROTOCOL, doing, reason.to_string()).hint(SEE_LOG),
    };
    obstacle.error(doing, obstacle.what(None), TIMEOUT)
}

fn untrusted(error: &CertificateError, address: &SocketAddr) -> Error {
    let doing = format!("checking the certificate of {address}");
    match error {
        // So the pin says it.
        CertificateError::ApplicationVerificationFailure => {
            let what = "it is another certificate, with another key, than the pinned one";
            Error::new(Fault::Finding, Code::PROBE_PIN_MISMATCH, doing, what)
                .hint("check whether it is another board, or has a new certificate")
        }
        error => {
            let what = format!("it is not trusted: {error:?}");
            Error::new(Fault::Finding, Code::PROBE_NOT_TRUSTED, doing, what)
                .hint("`esp-https probe` with --cacert says what is wrong with it")
        }
    }
}

fn no_answer(reason: &NoAnswer, doing: String) -> Error {
    match reason {
        NoAnswer::Alert(alert) => {
            let obstacle = Obstacle::Alert(*alert, None);
            obstacle.error(doing, obstacle.what(None), TIMEOUT)
        }
        NoAnswer::BrokenTls(_) => {
            Error::new(Fault::Peer, Code::PROBE_PROTOCOL, doing, reason.to_string()).hint(SEE_LOG)
        }
        NoAnswer::Io(_) => Error::new(Fault::Environment, Code::PROBE_CONNECTION, doing, reason.to_string())
            .hint("check this machine's network, and try again"),
        _ => Error::new(Fault::Device, Code::PROBE_NO_PAGE, doing, reason.to_string()).hint(NO_ANSWER),
    }
}

/// What can't be read: our own reader says why, if the request could be sent to it once more.
fn unreadable(said: &str, page: Option<&Page>, doing: String) -> Error {
    let what = match page {
        Some(page) if page.fault.is_some() => {
            let fault = page.fault.map_or_else(String::new, |fault| fault.to_string());
            format!("the answer breaks HTTP: {fault}")
        }
        Some(page) => match (page.outcome, &page.answer) {
            (PageOutcome::Truncated, _) => "the answer broke off, or did not end in time".to_owned(),
            (_, Some(answer)) if answer.oddities.iter().next().is_some() => {
                let odd: Vec<_> = answer.oddities.iter().map(|oddity| oddity.to_string()).collect();
                format!("the header of the answer has {}, which not all clients can read", odd.join(", "))
            }
            _ => format!("the answer breaks HTTP: {said}"),
        },
        None => format!("the answer breaks HTTP: {said}"),
    };
    Error::new(Fault::Peer, Code::PROBE_BROKEN_HTTP, doing, what).advised()
}

const NO_ANSWER: &str =
    "TLS works, HTTP does not: look at the device's log; a busy device may answer at the second attempt";
/// The option by which a client waits longer.
const TIMEOUT: &str = "--timeout";

#[cfg(test)]
mod tests {
    use std::{io, time::Duration};

    use rustix::io::Errno;

    use super::*;
    use crate::client::connect::{ConnectError, LookupError};

    #[test]
    fn what_a_test_can_t_bring_about_is_explained() {
        let address: SocketAddr = ([192, 168, 1, 7], 443).into();
        let target: Target = "192.168.1.7".parse().unwrap();
        let of = |errno: Errno| io::Error::from_raw_os_error(errno.raw_os_error());
        let connect = |reason| Unanswered::Connect { error: ConnectError { address, reason }, attempts: 3 };
        let handshake = |reason| Unanswered::Handshake { reason, address, attempts: 1 };
        let general = || rustls::Error::General("odd".to_owned());
        let all: String = [
            Unanswered::Setup("the method can't be sent".to_owned()),
            Unanswered::Lookup(LookupError::NoAddress),
            connect(Unconnected::NoRoute(of(Errno::NETUNREACH))),
            connect(Unconnected::Other(of(Errno::ACCESS))),
            connect(Unconnected::TimedOut(Duration::from_secs(5))),
            handshake(Broken::Incompatible(general())),
            handshake(Broken::BadSignature),
            handshake(Broken::Protocol(general())),
            Unanswered::NoAnswer { reason: NoAnswer::BrokenTls(general()), address },
            Unanswered::NoAnswer { reason: NoAnswer::Io(of(Errno::NETDOWN)), address },
        ]
        .into_iter()
        .map(|error| unanswered(&target, &Request::get("/light"), error).told())
        .collect();
        insta::assert_snapshot!(all, @r#"
        70 probe.setup: fetching /light from 192.168.1.7:443: the request can't be prepared: the method can't be sent
          try: please report this, with the command line
        4 client.name_not_found: looking up 192.168.1.7: the name has no address
          try: check the spelling; a .local name needs mDNS on this machine (libnss-mdns)
               or give the address: --address 192.168.1.7
        4 client.no_route: connecting to 192.168.1.7:443: there is no route to it: the network can't be reached
          try: check that this machine is on the board's network
               a link-local IPv6 address needs its interface: [fe80::1%eth0]
        4 probe.connect: connecting to 192.168.1.7:443: permission denied
          try: check this machine's network and firewall
               a link-local IPv6 address needs its interface: [fe80::1%eth0]
        4 client.connect_timeout: connecting to 192.168.1.7:443: no answer within 5s
          try: check that the board has power, is on this network, and has this address
               it prints its address on its serial port: ESP-HTTPS READY {"ip":..}
        4 probe.incompatible: making the TLS handshake with 192.168.1.7:443: the device and this client have no setting in common: unexpected error: odd
          try: this client offers TLS 1.2 (ECDHE with AES-GCM or ChaCha20) and 1.3, on X25519, P-256 and P-384
               if the device supports older ones only, enable one of these in its firmware (ESP-IDF: menuconfig, mbedTLS)
        5 probe.bad_signature: making the TLS handshake with 192.168.1.7:443: the handshake signature does not verify with the key of the certificate
          try: the device does not hold the key of the certificate that it shows: put a pair that belongs together on it
        5 probe.protocol: making the TLS handshake with 192.168.1.7:443: the device broke the protocol: unexpected error: odd
          try: look at the device's log; if the device works with another client, please report this
        5 probe.protocol: sending GET /light to 192.168.1.7:443: the device broke TLS after the handshake: unexpected error: odd
          try: look at the device's log; if the device works with another client, please report this
        4 probe.connection: sending GET /light to 192.168.1.7:443: the connection failed: the network interface is down
          try: check this machine's network, and try again
        "#);
    }
}
