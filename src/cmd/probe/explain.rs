//! What a probe's errors mean to the person who asked, whose fault they are, and what to try.

use std::{net::SocketAddr, path::Path};

use crate::{
    client::{
        connect::{ConnectError, Unconnected},
        handshake::{Broken, HandshakeError},
        not_tls::Foreign,
        page::PageOutcome,
        target::Target,
        trust::{Refusal, Trust, TrustVerdict},
    },
    cmd::{
        peer_fault::{self, LINK_LOCAL, OFFERED, Obstacle, SEE_LOG, connecting, fetching, handshaking},
        runtime,
    },
    error::{Code, Error, Fault},
    interrupt::Signal,
    os_error::in_words,
    probe::{Observation, Unobserved, hosts::HostResult},
};

/// Nothing was observed.
pub(in crate::cmd) fn unobserved(target: &Target, error: Unobserved) -> Error {
    let explained = match &error {
        Unobserved::Interrupted => Error::new(
            Fault::Interrupted,
            Code::PROBE_INTERRUPTED,
            format!("probing {target}"),
            error.to_string(),
        ),
        Unobserved::Lost => runtime::ended_without_result(format!("probing {target}")),
        Unobserved::Setup(_) => {
            Error::new(Fault::Bug, Code::PROBE_SETUP, format!("probing {target}"), error.to_string())
                .hint("please report this, with the command line")
        }
        Unobserved::Lookup(lookup) => peer_fault::lookup_failed(target, lookup),
        Unobserved::Connect { error, attempts } => connect_failed(error, *attempts),
        Unobserved::Handshake { error, address, attempts } => handshake_failed(error, *address, *attempts),
        Unobserved::Certificate { error, address } => {
            Error::new(Fault::Peer, Code::PROBE_CERTIFICATE, handshaking(*address), error.to_string())
                .hint(NEW_CERT)
        }
    };
    explained.source(error)
}

/// What is wrong with a handshake that succeeded: the certificate, which was compared with the file `expected`,
/// first, then the page.
pub(super) fn shortcoming(observation: &Observation, expected: Option<&Path>) -> Option<Error> {
    let address = observation.target.address;
    if observation.trust.verdict == TrustVerdict::Refused {
        return Some(refused_certificate(&observation.trust, address, expected));
    }
    let what = match observation.page.outcome {
        // Whatever is served, it is served: 404 and other protocols are for the report, not for the exit code.
        PageOutcome::Answered | PageOutcome::Long | PageOutcome::NotHttp | PageOutcome::NotAsked => {
            return None;
        }
        PageOutcome::Truncated => "the answer broke off, or did not end in time",
        PageOutcome::Closed => "the device closed the connection without an answer",
        PageOutcome::Reset => "the device reset the connection without an answer",
        PageOutcome::Silent => "no answer came in time",
        PageOutcome::Broken => {
            let what = "the device broke TLS after the handshake";
            return Some(
                Error::new(Fault::Peer, Code::PROBE_PROTOCOL, fetching_page(observation), what).hint(SEE_LOG),
            );
        }
        PageOutcome::Alert => return Some(refused_by_alert(observation)),
        PageOutcome::Malformed => {
            let fault = observation.page.fault.map_or_else(String::new, |fault| fault.to_string());
            let what = format!("the answer breaks HTTP: {fault}");
            return Some(
                Error::new(Fault::Peer, Code::PROBE_BROKEN_HTTP, fetching_page(observation), what).advised(),
            );
        }
    };
    let hint =
        "TLS works, HTTP does not: look at the device's log; a busy device may answer at the second attempt";
    Some(Error::new(Fault::Device, Code::PROBE_NO_PAGE, fetching_page(observation), what).hint(hint))
}

/// One of the signals that ask us to stop.
pub(super) fn interrupted(targets: &str, signal: Signal) -> Error {
    let what = format!("by {}", signal.name());
    Error::new(Fault::Interrupted, Code::PROBE_INTERRUPTED, format!("probing {targets}"), what)
}

/// What is wrong with some of several servers: the gravest decides.
pub(super) fn several(hosts: &[HostResult]) -> Option<Error> {
    let failed = hosts.iter().filter_map(|host| Some((host, host.error.as_ref()?)));
    let (first, gravest) = failed.clone().max_by_key(|(_, error)| gravity(error.fault))?;
    let what = format!(
        "{} of {} servers have faults; the worst is that of {}: {}",
        failed.count(),
        hosts.len(),
        first.target,
        gravest.what
    );
    let hint = "the error of each server says what to try";
    Some(Error::new(gravest.fault, gravest.code, format!("probing {} servers", hosts.len()), what).hint(hint))
}

/// Which of several faults decides the exit code: our own, then what keeps a server from answering, then what is wrong with
/// its answers, then what is not known of them.
pub(in crate::cmd) fn gravity(fault: Fault) -> u8 {
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
    let doing = connecting(error.address);
    let (obstacle, what) = match &error.reason {
        Unconnected::Refused => (Obstacle::Refused, at_last(&Obstacle::Refused.what(None), attempts)),
        Unconnected::TimedOut(within) => {
            (Obstacle::ConnectTimeout, Obstacle::ConnectTimeout.what(Some(*within)))
        }
        Unconnected::NoRoute(source) => {
            (Obstacle::NoRoute, format!("{}: {}", Obstacle::NoRoute.what(None), in_words(source)))
        }
        Unconnected::Other(source) => {
            let hint = format!("check this machine's network and firewall\n{LINK_LOCAL}");
            return Error::new(Fault::Environment, Code::PROBE_CONNECT, doing, in_words(source)).hint(hint);
        }
    };
    obstacle.error(doing, what, TIMEOUT)
}

fn handshake_failed(error: &HandshakeError, address: SocketAddr, attempts: u32) -> Error {
    let doing = handshaking(address);
    let obstacle = match &error.reason {
        Broken::Alert(alert) => Obstacle::Alert(*alert, Some(error.client_certificate)),
        Broken::Closed => Obstacle::Closed,
        Broken::Reset => Obstacle::Reset,
        Broken::TimedOut(_) => Obstacle::HandshakeTimeout,
        other => {
            let (fault, code, hint) = broken_in_its_own_way(other);
            return Error::new(fault, code, doing, other.to_string()).hint(hint);
        }
    };
    obstacle.error(doing, how_it_broke(obstacle, error, attempts), TIMEOUT)
}

/// What only a look at one handshake can tell apart.
fn broken_in_its_own_way(reason: &Broken) -> (Fault, Code, &'static str) {
    match reason {
        Broken::NotTls(foreign) => (Fault::Peer, Code::PROBE_NOT_TLS, not_tls_hint(foreign)),
        // It has answered in its own way, and well: the same standing as an alert handshake_failure.
        Broken::Incompatible(_) => (Fault::Device, Code::PROBE_INCOMPATIBLE, OFFERED),
        Broken::UnreadableCertificate => (Fault::Peer, Code::PROBE_CERTIFICATE, NEW_CERT),
        Broken::BadSignature => (
            Fault::Peer,
            Code::PROBE_BAD_SIGNATURE,
            "the device does not hold the key of the certificate that it shows: put a certificate and a key that belong together on it",
        ),
        Broken::SmallKey(_) => {
            (Fault::Device, Code::PROBE_SMALL_KEY, "make a new pair with `esp-https certgen`")
        }
        Broken::Io(_) => {
            (Fault::Environment, Code::PROBE_CONNECTION, "check this machine's network, and try again")
        }
        _ => (Fault::Peer, Code::PROBE_PROTOCOL, SEE_LOG),
    }
}

/// The reason, how far the handshake came, and how often it was tried.
fn how_it_broke(obstacle: Obstacle, error: &HandshakeError, attempts: u32) -> String {
    let within = if let Broken::TimedOut(within) = error.reason { Some(within) } else { None };
    let progress = match (obstacle, error.received) {
        (Obstacle::Closed | Obstacle::Reset, 0) => " without a byte".to_owned(),
        (Obstacle::HandshakeTimeout, 0) => ": not a byte came".to_owned(),
        (Obstacle::Closed | Obstacle::Reset | Obstacle::HandshakeTimeout, received) => {
            format!(" after {received} bytes")
        }
        _ => String::new(),
    };
    let what = format!("{}{progress}", obstacle.what(within));
    if matches!(obstacle, Obstacle::Alert(..)) { what } else { at_last(&what, attempts) }
}

fn not_tls_hint(foreign: &Foreign) -> &'static str {
    match foreign {
        Foreign::PlainHttp => {
            "use the device's HTTPS port, usually 443; or the firmware serves HTTP without TLS"
        }
        _ => "use the device's HTTPS port, usually 443",
    }
}

fn refused_certificate(trust: &Trust, address: SocketAddr, expected: Option<&Path>) -> Error {
    let against = expected.map_or(String::new(), |path| format!(" against {}", path.display()));
    let doing = format!("checking the certificate of {address}{against}");
    let code = if trust.refusal == Some(Refusal::OtherKey) {
        Code::PROBE_PIN_MISMATCH
    } else {
        Code::PROBE_NOT_TRUSTED
    };
    let hint = match trust.refusal {
        Some(Refusal::OtherKey) => {
            "check whether it is another board, or has a new certificate\nits READY line on the serial port has the SHA-256 of the \
             certificate that it serves with"
        }
        Some(Refusal::UnknownIssuer) => "give the CA that issued it, or pin it: --cert cacert.pem",
        Some(Refusal::OtherName) => {
            "connect by a name that is in the certificate, or give that name: --server-name NAME"
        }
        Some(Refusal::Expired | Refusal::NotYetValid) => {
            "check the clock of this machine; if it is right, make a new certificate: `esp-https certgen`"
        }
        _ => {
            "pin it: --cert cacert.pem\nor make one for servers: `esp-https certgen --profile server --san dns:NAME`"
        }
    };
    Error::new(Fault::Finding, code, doing, trust.explanation.clone()).hint(hint)
}

fn refused_by_alert(observation: &Observation) -> Error {
    let doing = fetching_page(observation);
    match observation.page.alert {
        Some(alert) => {
            let wish = observation.handshake.client_certificate.wish;
            let obstacle = Obstacle::Alert(alert, Some(wish));
            obstacle.error(doing, obstacle.what(None), TIMEOUT)
        }
        None => Error::new(Fault::Peer, Code::CLIENT_ALERT, doing, "the device sent an unknown alert")
            .hint(SEE_LOG),
    }
}

fn fetching_page(observation: &Observation) -> String {
    fetching(&observation.page.path, observation.target.address)
}

/// What happened, and that it was the last of several attempts.
fn at_last(what: &str, attempts: u32) -> String {
    match attempts {
        0 | 1 => what.to_owned(),
        attempts => format!("{what}; this was the last of {attempts} attempts"),
    }
}

/// The option by which a probe waits longer.
const TIMEOUT: &str = "--timeout";
const NEW_CERT: &str = "the certificate on the device is damaged: make a new one with `esp-https certgen`, and put it on the device";

#[cfg(test)]
mod tests {
    use std::{io, time::Duration};

    use rustix::io::Errno;

    use super::*;
    use crate::client::handshake::ClientCertificateWish;

    fn told(error: Unobserved) -> String {
        let target: Target = "192.168.1.7".parse().unwrap();
        unobserved(&target, error).told()
    }

    fn address() -> SocketAddr {
        ([192, 168, 1, 7], 443).into()
    }

    #[test]
    fn a_connection_that_can_t_be_opened_is_explained() {
        let of = |errno: Errno| io::Error::from_raw_os_error(errno.raw_os_error());
        let reasons = [
            Unconnected::Other(of(Errno::ACCESS)),
            Unconnected::NoRoute(of(Errno::HOSTUNREACH)),
            Unconnected::NoRoute(of(Errno::NETUNREACH)),
            Unconnected::TimedOut(Duration::from_secs(15)),
        ];
        let all: String = reasons
            .into_iter()
            .map(|reason| {
                told(Unobserved::Connect { error: ConnectError { address: address(), reason }, attempts: 1 })
            })
            .collect();
        insta::assert_snapshot!(all, @r#"
        4 probe.connect: connecting to 192.168.1.7:443: permission denied
          try: check this machine's network and firewall
               a link-local IPv6 address needs its interface: [fe80::1%eth0]
        4 client.no_route: connecting to 192.168.1.7:443: there is no route to it: the host can't be reached
          try: check that this machine is on the board's network
               a link-local IPv6 address needs its interface: [fe80::1%eth0]
        4 client.no_route: connecting to 192.168.1.7:443: there is no route to it: the network can't be reached
          try: check that this machine is on the board's network
               a link-local IPv6 address needs its interface: [fe80::1%eth0]
        4 client.connect_timeout: connecting to 192.168.1.7:443: no answer within 15s
          try: check that the board has power, is on this network, and has this address
               it prints its address on its serial port: ESP-HTTPS READY {"ip":..}
        "#);
    }

    #[test]
    fn a_handshake_that_this_machine_breaks_off_is_explained() {
        let reason = Broken::Io(io::Error::from_raw_os_error(Errno::NETDOWN.raw_os_error()));
        let error =
            HandshakeError { reason, received: 7, client_certificate: ClientCertificateWish::NotRequested };
        let broken = Unobserved::Handshake { error: Box::new(error), address: address(), attempts: 1 };
        let setup = Unobserved::Setup(rustls::Error::General("no cipher suites".to_owned()));
        insta::assert_snapshot!(told(broken) + &told(setup), @r"
        4 probe.connection: making the TLS handshake with 192.168.1.7:443: the connection failed: the network interface is down
          try: check this machine's network, and try again
        70 probe.setup: probing 192.168.1.7:443: the handshake can't be prepared: unexpected error: no cipher suites
          try: please report this, with the command line
        ");
    }
}
