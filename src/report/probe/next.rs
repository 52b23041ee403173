//! The one next step after a probe.

use std::net::SocketAddr;

use super::FIRST_ERROR_STATUS;
use crate::{
    authority::{authority, host_and_port},
    cert::facts::SelfSigned,
    client::{page::PageOutcome, trust::TrustVerdict},
    probe::Observation,
    report::printable::printable,
};

/// What to do next, unless there is an error, which says so itself.
pub(super) fn step(seen: &Observation) -> Option<String> {
    let well = seen.page.answer.as_ref().is_some_and(|answer| answer.status < FIRST_ERROR_STATUS);
    let served = well && matches!(seen.page.outcome, PageOutcome::Answered | PageOutcome::Long);
    match seen.trust.verdict {
        TrustVerdict::NotChecked => {
            Some(format!("to check that it is your board: {} --cert cacert.pem", same_probe(seen)))
        }
        // No browser takes the zone of a link-local address.
        TrustVerdict::Trusted if served && !seen.target.host.contains('%') => {
            let warning = match seen.certificate.self_signed {
                SelfSigned::Yes => " (expect its warning: self-signed)",
                SelfSigned::No | SelfSigned::NotVerified => "",
            };
            Some(format!("open {} in a browser{warning}", url(seen)))
        }
        TrustVerdict::Trusted | TrustVerdict::Refused => None,
    }
}

/// The command that asks the same again.
fn same_probe(seen: &Observation) -> String {
    let (asked, path) = (&seen.target, seen.page.path.as_str());
    let target = if path == "/" { host_and_port(&asked.host, asked.port) } else { quoted(&url(seen)) };
    let mut command = format!("esp-https probe {target}");
    if let Some(name) = asked.server_name.as_ref().filter(|name| **name != asked.host) {
        command.push_str(&format!(" --server-name {}", printable(name)));
    }
    let is_name = asked.host.parse::<std::net::IpAddr>().is_err() && !asked.host.contains('%');
    // A name that was not looked up was reached by --address.
    if is_name && seen.timing.dns_us.is_none() {
        command.push_str(&format!(" --address {}", with_scope(asked.address)));
    }
    command
}

/// The address; a link-local one with the number of its interface.
fn with_scope(address: SocketAddr) -> String {
    match address {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
        other => other.ip().to_string(),
    }
}

fn url(seen: &Observation) -> String {
    format!("https://{}{}", authority(&seen.target.host, seen.target.port), printable(&seen.page.path))
}

/// A word for the shell, as POSIX quotes it where it must be.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/:.-_%+=,@".contains(&byte);
    if word.bytes().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_the_shell_would_take_apart_are_quoted() {
        assert_eq!(quoted("https://a:1/light"), "https://a:1/light");
        assert_eq!(quoted("https://a/?x=1&y"), "'https://a/?x=1&y'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }
}
