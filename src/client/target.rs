//! Whom to ask: host, port and path, as a person types or pastes them.

use std::{fmt, net::IpAddr, net::Ipv6Addr, str::FromStr};

use rustls::pki_types::{InvalidDnsNameError, ServerName};

/// A TLS server as named on the command line: `192.168.1.7`, `board.local:8443`, `[fe80::1%eth0]:443`, or a pasted
/// `https://` URL, whose path is then the one to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    host: Host,
    port: u16,
    path: String,
}

/// The host part of a [`Target`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Host {
    /// A name to look up.
    Name(String),
    /// An address; nothing to look up, except a zone's interface number.
    Address {
        /// The address itself.
        ip: IpAddr,
        /// The interface of a link-local address: `eth0` in `fe80::1%eth0` (RFC 4007, section 11).
        zone: Option<String>,
    },
}

/// Why a text names no target. The text itself is shown with control characters escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// Nothing before the port or the path.
    #[error("no host is named")]
    NoHost,
    /// A URL of another scheme.
    #[error("`{scheme}://` is not HTTPS")]
    Scheme {
        /// What stood before `://`.
        scheme: String,
    },
    /// `user:password@host`. The text is not repeated: it holds a secret.
    #[error("there is a user name or a password in front of the host")]
    Credentials,
    /// Not a number from 1 to 65535.
    #[error("`{port}` is not a port: it is a number from 1 to 65535")]
    Port {
        /// What stood after the colon.
        port: String,
    },
    /// `[` without `]`, or something else than an IPv6 address between them.
    #[error("`{host}` is not an IPv6 address in brackets")]
    Brackets {
        /// What was found.
        host: String,
    },
    /// Letters outside ASCII, which DNS carries only in their `xn--` form (RFC 5890).
    #[error("`{host}` has letters outside ASCII, which a DNS name can't have")]
    NotAscii {
        /// The name.
        host: String,
    },
    /// Neither an address nor a DNS name.
    #[error("`{host}` is neither an IP address nor a host name")]
    Host {
        /// What was found.
        host: String,
    },
    /// Spaces, control characters or letters outside ASCII in the path (RFC 3986, section 3.3).
    #[error("the path `{path}` has characters that can't be in an HTTP request")]
    Path {
        /// The path.
        path: String,
    },
}

impl TargetError {
    /// What is wrong, without the text itself: for a line of a file, which may be another file than was meant.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NoHost => "no host is named",
            Self::Scheme { .. } => "the URL is not an https:// one",
            Self::Credentials => "there is a user name or a password in front of the host",
            Self::Port { .. } => "the port is not a number from 1 to 65535",
            Self::Brackets { .. } => "there is no IPv6 address in the brackets",
            Self::NotAscii { .. } => "the name has letters outside ASCII, which a DNS name can't have",
            Self::Host { .. } => "it is neither an IP address nor a host name",
            Self::Path { .. } => "the path has characters that can't be in an HTTP request",
        }
    }
}

impl Target {
    /// The host to reach.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The TCP port, never 0.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path to fetch, with its query; starts with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The same server with another path.
    ///
    /// # Errors
    /// When the path has characters that can't be in a request.
    pub fn with_path(self, path: &str) -> Result<Self, TargetError> {
        Ok(Self { path: parse_path(path)?, ..self })
    }

    /// The name to send as SNI and to check the certificate against: the one given, or the host.
    ///
    /// # Errors
    /// When the name is neither a DNS name nor an address.
    pub fn server_name(&self, given: Option<&str>) -> Result<ServerName<'static>, InvalidDnsNameError> {
        match (given, &self.host) {
            (Some(name), _) => ServerName::try_from(name.to_owned()),
            (None, Host::Name(name)) => ServerName::try_from(name.clone()),
            (None, Host::Address { ip, .. }) => Ok(ServerName::from(*ip)),
        }
    }

    /// The value of the HTTP `Host` header: without the default port and without a zone, which means nothing to
    /// the other side (RFC 9110, section 7.2; RFC 6874, section 4).
    #[must_use]
    pub fn authority(&self) -> String {
        let host = match &self.host {
            Host::Name(name) => name.clone(),
            Host::Address { ip: IpAddr::V6(ip), .. } => format!("[{ip}]"),
            Host::Address { ip, .. } => ip.to_string(),
        };
        if self.port == HTTPS_PORT { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Address { ip: IpAddr::V6(_), .. } => write!(f, "[{}]:{}", self.host, self.port),
            _ => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address { ip, zone: Some(zone) } => write!(f, "{ip}%{zone}"),
            Self::Address { ip, zone: None } => write!(f, "{ip}"),
        }
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        let rest = without_scheme(text)?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(TargetError::Credentials);
        }
        let (host, port) = split_port(authority)?;
        Ok(Self { host, port: port.map_or(Ok(HTTPS_PORT), parse_port)?, path: parse_path(path)? })
    }
}

fn without_scheme(text: &str) -> Result<&str, TargetError> {
    match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => Ok(rest),
        Some((scheme, _)) if scheme.contains(['/', '?', '#', '@']) => Ok(text),
        Some((scheme, _)) => Err(TargetError::Scheme { scheme: shown(scheme) }),
        None => Ok(text),
    }
}

fn split_port(authority: &str) -> Result<(Host, Option<&str>), TargetError> {
    let brackets = || TargetError::Brackets { host: shown(authority) };
    if let Some(inner) = authority.strip_prefix('[') {
        let (address, after) = inner.split_once(']').ok_or_else(brackets)?;
        let host = parse_v6(address).ok_or_else(brackets)?;
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if after.is_empty() => Ok((host, None)),
            None => Err(brackets()),
        };
    }
    if let Some(host) = parse_v6(authority) {
        return Ok((host, None));
    }
    match authority.split_once(':') {
        Some((host, port)) if port.contains(':') => Err(brackets_or_port(host, port, brackets())),
        Some((host, port)) => Ok((parse_host(host)?, Some(port))),
        None => Ok((parse_host(authority)?, None)),
    }
}

/// Two colons: a mistyped IPv6 address, unless a plain host stands before them.
fn brackets_or_port(host: &str, port: &str, brackets: TargetError) -> TargetError {
    let looks_like_v6 = host.is_empty() || host.bytes().all(|byte| byte.is_ascii_hexdigit());
    if looks_like_v6 { brackets } else { TargetError::Port { port: shown(port) } }
}

fn parse_v6(text: &str) -> Option<Host> {
    let (address, zone) = match text.split_once('%') {
        // A URL writes the percent sign as %25 (RFC 6874).
        Some((address, zone)) => {
            (address, Some(zone.strip_prefix("25").filter(|z| !z.is_empty()).unwrap_or(zone)))
        }
        None => (text, None),
    };
    let ip: Ipv6Addr = address.parse().ok()?;
    if zone.is_some_and(|zone| !is_interface(zone)) {
        return None;
    }
    Some(Host::Address { ip: ip.into(), zone: zone.map(str::to_owned) })
}

fn is_interface(zone: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@".contains(&byte);
    (1..=MAX_INTERFACE_NAME).contains(&zone.len()) && zone.bytes().all(allowed)
}

fn parse_host(text: &str) -> Result<Host, TargetError> {
    if text.is_empty() {
        return Err(TargetError::NoHost);
    }
    if !text.is_ascii() {
        return Err(TargetError::NotAscii { host: shown(text) });
    }
    match ServerName::try_from(text) {
        Ok(ServerName::DnsName(_)) => Ok(Host::Name(text.to_ascii_lowercase())),
        Ok(ServerName::IpAddress(ip)) => Ok(Host::Address { ip: ip.into(), zone: None }),
        _ => Err(TargetError::Host { host: shown(text) }),
    }
}

fn parse_port(text: &str) -> Result<u16, TargetError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port != 0 => Ok(port),
        _ => Err(TargetError::Port { port: shown(text) }),
    }
}

fn parse_path(text: &str) -> Result<String, TargetError> {
    let path = text.split('#').next().unwrap_or_default();
    if !path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(TargetError::Path { path: shown(path) });
    }
    Ok(if path.starts_with('/') { path.to_owned() } else { format!("/{path}") })
}

/// The text without its control characters, and not longer than a line.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push_str("..");
    }
    shown
}

/// The port of `https` (RFC 9110, section 4.2.2).
const HTTPS_PORT: u16 = 443;
/// Linux's `IFNAMSIZ` without its terminator.
const MAX_INTERFACE_NAME: usize = 15;
const MAX_SHOWN: usize = 60;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> String {
        match text.parse::<Target>() {
            Ok(target) => format!("{target} {}", target.path()),
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn hosts_addresses_and_pasted_urls_are_understood() {
        for (text, target) in [
            ("192.168.1.7", "192.168.1.7:443 /"),
            ("Board.local:8443", "board.local:8443 /"),
            ("::1", "[::1]:443 /"),
            ("[::1]:8443", "[::1]:8443 /"),
            ("[fe80::1%eth0]", "[fe80::1%eth0]:443 /"),
            ("fe80::1%2", "[fe80::1%2]:443 /"),
            ("https://[fe80::1%25eth0]:1/x", "[fe80::1%eth0]:1 /x"),
            ("https://host/light?on=1#top", "host:443 /light?on=1"),
            ("HTTPS://host:8443", "host:8443 /"),
            ("host?x", "host:443 /?x"),
            (" esp_32.local. ", "esp_32.local.:443 /"),
            ("host/?to=http://x", "host:443 /?to=http://x"),
        ] {
            assert_eq!(parsed(text), target, "{text}");
        }
    }

    #[test]
    fn what_names_no_target_is_refused_with_its_reason() {
        for (text, error) in [
            ("", "no host is named"),
            (":443", "no host is named"),
            ("https:///x", "no host is named"),
            ("http://host/", "`http://` is not HTTPS"),
            ("https://me:secret@host", "there is a user name or a password in front of the host"),
            ("host:", "`` is not a port: it is a number from 1 to 65535"),
            ("host:0", "`0` is not a port: it is a number from 1 to 65535"),
            ("host:70000", "`70000` is not a port: it is a number from 1 to 65535"),
            ("host:+443", "`+443` is not a port: it is a number from 1 to 65535"),
            ("host:1:2", "`1:2` is not a port: it is a number from 1 to 65535"),
            ("fe80::zz", "`fe80::zz` is not an IPv6 address in brackets"),
            ("[::1", "`[::1` is not an IPv6 address in brackets"),
            ("[::1]x", "`[::1]x` is not an IPv6 address in brackets"),
            ("[board]", "`[board]` is not an IPv6 address in brackets"),
            ("bücher.local", "`bücher.local` has letters outside ASCII, which a DNS name can't have"),
            ("256.1.1.1", "`256.1.1.1` is neither an IP address nor a host name"),
            ("two words", "`two words` is neither an IP address nor a host name"),
            ("a\u{1b}[31m", "`a\\u{1b}[31m` is neither an IP address nor a host name"),
            ("host/a b", "the path `/a b` has characters that can't be in an HTTP request"),
        ] {
            assert_eq!(parsed(text), format!("error: {error}"), "{text}");
        }
    }

    #[test]
    fn the_host_header_leaves_out_the_default_port_and_the_zone() {
        for (text, authority) in [
            ("host", "host"),
            ("host:8443", "host:8443"),
            ("[fe80::1%eth0]:8443", "[fe80::1]:8443"),
            ("::1", "[::1]"),
        ] {
            assert_eq!(text.parse::<Target>().unwrap().authority(), authority);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_what_is_shown_of_a_target_names_it(text in "\\PC*|[a-f0-9:.%/?#@\\[\\]]{0,40}") {
            match text.parse::<Target>() {
                Ok(target) => {
                    let again: Target = format!("{target}{}", target.path()).parse().unwrap();
                    prop_assert_eq!(again, target);
                }
                Err(error) => prop_assert!(!error.to_string().chars().any(char::is_control)),
            }
        }
    }
}
