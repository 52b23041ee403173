//! The lines on the serial port that `flash`, `emulate` and test scripts wait for: a fixed word, then one JSON object.

use core::fmt::{self, Display, Write};
use core::net::IpAddr;

use embassy_time::Duration;

use crate::{Stats, running};

/// `ESP-HTTPS READY {..}`: the server answers.
#[derive(Debug, Clone, Copy)]
pub struct Ready<'a> {
    /// The address it answers at.
    pub ip: IpAddr,
    /// The port it answers at.
    pub port: u16,
    /// The station's hardware address.
    pub mac: [u8; 6],
    /// The firmware's version.
    pub fw: &'a str,
    /// SHA-256 of the device certificate's DER.
    pub cert_sha256: [u8; 32],
}

impl Display for Ready<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ip, port, mac: [a, b, c, d, e, g], fw, cert_sha256 } = self;
        write!(f, "ESP-HTTPS READY {{\"ip\":\"{ip}\",\"port\":{port},")?;
        write!(f, "\"mac\":\"{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}\",")?;
        write!(f, "\"fw\":\"{}\",\"cert_sha256\":\"", Escaped(fw))?;
        cert_sha256.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("\"}")
    }
}

/// `ESP-HTTPS STAT {..}`: the server's figures.
#[derive(Debug, Clone, Copy)]
pub struct Stat(pub Stats);

impl Display for Stat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ESP-HTTPS STAT {}", self.0)
    }
}

/// `ESP-HTTPS FAULT {..}`: why the board cannot serve.
#[derive(Debug, Clone, Copy)]
pub struct Fault<R>(pub R);

impl<R: Display> Display for Fault<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ESP-HTTPS FAULT {{\"reason\":\"{}\"}}", Escaped(&self.0))
    }
}

/// `ESP-HTTPS PANIC {..}`: the firmware or one of its pages met a bug and reboots; READY comes again, with a small uptime. When a page
/// was [computing](crate::running), its route is named.
#[derive(Debug, Clone, Copy)]
pub struct Panic<'a, R> {
    /// What was wrong.
    pub reason: R,
    /// The source file.
    pub file: &'a str,
    /// The line in it.
    pub line: u32,
}

impl<R: Display> Display for Panic<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, file, line } = self;
        let (reason, file) = (Escaped(reason), Escaped(file));
        write!(f, "ESP-HTTPS PANIC {{\"reason\":\"{reason}\",\"file\":\"{file}\",\"line\":{line}")?;
        if let Some(route) = running::route() {
            write!(f, ",\"route\":\"{}\"", Escaped(route))?;
        }
        f.write_str("}")
    }
}
/// `ESP-HTTPS ROUTE {..}`: something went wrong in a page, or with its client. The server goes on.
#[derive(Debug, Clone, Copy)]
pub struct RouteTrouble<R, T> {
    /// The route: method and pattern.
    pub route: R,
    /// What went wrong.
    pub trouble: T,
    /// How many such lines were left out before this one, so that there are no more than two a second.
    pub unsaid: u32,
}

impl<R: Display, T: Display> Display for RouteTrouble<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { route, trouble, unsaid } = self;
        let (route, trouble) = (Escaped(route), Escaped(trouble));
        write!(f, "ESP-HTTPS ROUTE {{\"route\":\"{route}\",\"trouble\":\"{trouble}\",\"unsaid\":{unsaid}}}")
    }
}

/// `ESP-HTTPS SITE {..}`: the `site` partition can't be served. The server goes on without it.
#[derive(Debug, Clone, Copy)]
pub struct SiteTrouble<T>(pub T);

impl<T: Display> Display for SiteTrouble<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ESP-HTTPS SITE {{\"trouble\":\"{}\"}}", Escaped(&self.0))
    }
}

/// The inside of a JSON string (RFC 8259 section 7), in ASCII, which every serial terminal can show.
struct Escaped<T>(T);

impl<T: Display> Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaper(f), "{}", self.0)
    }
}

struct Escaper<'f, 'a>(&'f mut fmt::Formatter<'a>);

impl Write for Escaper<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|character| match character {
            '"' | '\\' => write!(self.0, "\\{character}"),
            ' '..='~' => self.0.write_char(character),
            _ => character
                .encode_utf16(&mut [0; 2])
                .iter()
                .try_for_each(|unit| write!(self.0, "\\u{unit:04x}")),
        })
    }
}

/// Between two STAT lines.
pub const STAT_EVERY: Duration = Duration::from_secs(10);

/// Between two FAULT lines.
pub const FAULT_EVERY: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn the_ready_line_has_the_shape_that_the_host_waits_for() {
        let ready = Ready {
            ip: Ipv4Addr::new(192, 168, 1, 7).into(),
            port: 443,
            mac: [0x02, 0, 0, 0xab, 0xcd, 0xef],
            fw: "0.1.0",
            cert_sha256: [0x5a; 32],
        };
        assert_eq!(
            ready.to_string(),
            format!(
                "ESP-HTTPS READY {{\"ip\":\"192.168.1.7\",\"port\":443,\"mac\":\"02:00:00:ab:cd:ef\",\"fw\":\"0.1.0\",\
                 \"cert_sha256\":\"{}\"}}",
                "5a".repeat(32)
            )
        );
    }

    #[test]
    fn the_stat_line_is_the_stat_object() {
        let stats = Stats {
            uptime_s: 10,
            heap_free: 150_000,
            heap_min: 22_000,
            sessions: 1,
            handshakes: 2,
            resumed: 3,
            handshake_us: 900_000,
            failed: 4,
            requests: 5,
            frames_dropped: Some(6),
        };
        assert_eq!(
            Stat(stats).to_string(),
            "ESP-HTTPS STAT {\"uptime_s\":10,\"heap_free\":150000,\"heap_min\":22000,\"sessions\":1,\
             \"handshakes\":2,\"resumed\":3,\"handshake_us\":900000,\"failed\":4,\"requests\":5,\"frames_dropped\":6}"
        );
    }

    #[test]
    fn the_panic_line_names_the_place() {
        let panic = Panic { reason: "a \"bug\"", file: "src/main.rs", line: 7 };
        assert_eq!(
            panic.to_string(),
            r#"ESP-HTTPS PANIC {"reason":"a \"bug\"","file":"src/main.rs","line":7}"#
        );
    }

    #[test]
    fn the_panic_line_names_the_page_that_was_computing() {
        let name = crate::routing::RouteName { method: crate::Method::Post, pattern: "/light" };
        let panic = Panic { reason: "a bug", file: "f.rs", line: 7 };
        assert_eq!(
            running::during(name, || panic.to_string()),
            r#"ESP-HTTPS PANIC {"reason":"a bug","file":"f.rs","line":7,"route":"POST /light"}"#
        );
    }

    #[test]
    fn the_line_of_a_route_says_what_went_wrong() {
        let trouble = RouteTrouble { route: "GET /slow", trouble: "it \"waited\"", unsaid: 3 };
        assert_eq!(
            trouble.to_string(),
            r#"ESP-HTTPS ROUTE {"route":"GET /slow","trouble":"it \"waited\"","unsaid":3}"#
        );
    }

    #[test]
    fn the_line_of_a_site_says_why_it_is_not_served() {
        let damaged = esp_https_provision::site::SiteError::Checksum;
        assert_eq!(
            SiteTrouble(damaged).to_string(),
            r#"ESP-HTTPS SITE {"trouble":"the site is damaged: its checksum does not match"}"#
        );
    }

    #[test]
    fn a_reason_with_quotes_and_line_ends_stays_one_json_string() {
        assert_eq!(
            Fault("no \"key\"\\\r\nü 😀").to_string(),
            r#"ESP-HTTPS FAULT {"reason":"no \"key\"\\\u000d\u000a\u00fc \ud83d\ude00"}"#
        );
    }
}
