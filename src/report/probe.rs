//! A probe's observation as text.

mod next;
pub(super) mod wrap;

use std::io::{self, Write};

use self::wrap::wrapped;
use super::{Paint, Report, printable::printable};
use crate::authority::host_and_port;
use crate::cert::facts::{Certificate, PublicKeyInfo, Role, SelfSigned, Validity};
use crate::client::{
    answer::Answer,
    handshake::{ClientCertificateWish, Handshake, Hello},
    page::{Page, PageOutcome},
    timing::Timing,
    trust::{Basis, Trust, TrustVerdict},
};
use crate::probe::{Observation, closing::ServerClose};
use crate::tls::{AlertDescription, Curve, NamedGroup};

impl Report for Observation {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let mut sheet = Sheet { out, paint };
        sheet.title(self)?;
        sheet.handshake(&self.handshake)?;
        sheet.heading("certificate")?;
        let others = match self.chain_length {
            0 | 1 => "without a chain".to_owned(),
            2 => "followed by 1 more".to_owned(),
            length => format!("followed by {} more", length - 1),
        };
        sheet.certificate(&self.certificate, &format!(", sent {others}"))?;
        sheet.trust(&self.trust)?;
        sheet.page(&self.page, self.close.server)?;
        sheet.timing(&self.timing, self.attempts)?;
        sheet.next(self)
    }
}

/// Headings, and below them lines with a label.
pub(super) struct Sheet<'a> {
    pub(super) out: &'a mut dyn Write,
    pub(super) paint: Paint,
}

impl Sheet<'_> {
    fn title(&mut self, seen: &Observation) -> io::Result<()> {
        let asked = &seen.target;
        let asked_for = host_and_port(&asked.host, asked.port);
        let at = asked.address.to_string();
        let at = if at == asked_for { String::new() } else { format!(" at {at}") };
        let name = self.paint.strong(asked_for);
        let sni = asked.server_name.as_ref().filter(|sni| **sni != asked.host);
        let sni = sni.map_or(String::new(), |sni| format!(", asked for as {}", printable(sni)));
        writeln!(self.out, "{name}{at}{sni}")?;
        writeln!(self.out, "{}", self.summary(seen))
    }

    /// The summary in one line.
    fn summary(&self, seen: &Observation) -> String {
        let trust = match (seen.trust.verdict, seen.trust.basis) {
            (TrustVerdict::Trusted, Basis::Ca) => self.paint.good("certificate trusted"),
            (TrustVerdict::Trusted, _) => self.paint.good("certificate pinned"),
            (TrustVerdict::Refused, _) => self.paint.bad("certificate refused"),
            (TrustVerdict::NotChecked, _) => "certificate not checked".to_owned(),
        };
        let page = match (&seen.page.answer, seen.page.outcome) {
            (Some(answer), PageOutcome::Truncated) => {
                self.paint.bad(format!("HTTP {} (part)", answer.status))
            }
            (Some(answer), _) => format!("HTTP {}", answer.status),
            (None, PageOutcome::NotHttp) => self.paint.warn("not HTTP"),
            (None, PageOutcome::NotAsked) => "page not asked for".to_owned(),
            (None, _) => self.paint.bad("no page"),
        };
        // A pin takes no notice of the dates, and other clients do.
        let dates = match seen.certificate.validity {
            Validity::Valid => String::new(),
            Validity::Expired => self.paint.bad(" (expired)"),
            Validity::NotYetValid => self.paint.bad(" (not yet)"),
        };
        let Handshake { version, cipher_suite, .. } = &seen.handshake;
        let time = millis(seen.timing.total_us);
        format!("{version}, {cipher_suite}, {trust}{dates}, {page}, {}", time.trim_start())
    }

    fn handshake(&mut self, seen: &Handshake) -> io::Result<()> {
        let suite = &seen.cipher_suite;
        self.heading("handshake")?;
        self.line("version", self.paint.strong(seen.version))?;
        self.line("cipher suite", format!("{suite} {}", self.paint.faint(format!("({})", suite.id()))))?;
        let retried = match seen.hello {
            Hello::Accepted => "",
            Hello::Retried => ", after a HelloRetryRequest",
        };
        self.line(
            "  key exchange",
            format!("{} on {}{retried}", suite.key_exchange(), seen.group.map_or_else(String::new, group)),
        )?;
        self.line(
            "  authentication",
            format!("{}, signed with {}", suite.authentication(), or_nothing(seen.signature_scheme)),
        )?;
        self.line("  cipher", suite.cipher())?;
        self.line("  hash", suite.hash())?;
        let alpn = seen.alpn.as_deref().map_or("none chosen".to_owned(), printable);
        self.line("ALPN", alpn)?;
        let asked = &seen.client_certificate;
        let wish = match asked.wish {
            ClientCertificateWish::NotRequested => "not requested".to_owned(),
            ClientCertificateWish::Requested if asked.ca_names.is_empty() => {
                "requested, from any CA".to_owned()
            }
            ClientCertificateWish::Requested => {
                format!("requested, from {}", printable(&asked.ca_names.join(" or ")))
            }
        };
        self.line("client cert", wish)?;
        self.line("bytes", format!("{} sent, {} received", seen.bytes_sent, seen.bytes_received))
    }

    /// The fields of a certificate; `more` ends the last line.
    pub(super) fn certificate(&mut self, seen: &Certificate, more: &str) -> io::Result<()> {
        self.line("subject", or_none(printable(&seen.subject)))?;
        let issuer = match seen.self_signed {
            SelfSigned::Yes => "itself (self-signed)".to_owned(),
            SelfSigned::No => or_none(printable(&seen.issuer)),
            SelfSigned::NotVerified => {
                format!("the same name, {}", self.paint.warn("but the signature can't be verified"))
            }
        };
        self.line("issuer", issuer)?;
        let names = match seen.names.as_slice() {
            [] => format!("{} (no SAN: browsers and --cacert need one)", self.paint.warn("none")),
            names => printable(&names.join(", ")),
        };
        self.line("names", names)?;
        self.line("key", key(&seen.key))?;
        self.line("valid", self.validity(seen))?;
        self.line("signed with", printable(&seen.signature_algorithm))?;
        self.line("serial", printable(&seen.serial))?;
        self.line("SHA-256", seen.sha256.to_string())?;
        self.line("key SHA-256", seen.spki_sha256.to_string())?;
        let role = if seen.role == Role::Ca { "CA certificate (CA:TRUE)" } else { "end-entity certificate" };
        self.line("kind", format!("X.509 v{}, {role}, {} bytes{more}", seen.version, seen.bytes))
    }

    fn validity(&self, seen: &Certificate) -> String {
        let dates = format!("{} to {}", day(&seen.not_before), day(&seen.not_after));
        let left = seen.days_left;
        match seen.validity {
            Validity::Valid if left < SOON => {
                format!("{dates}, {}", self.paint.warn(format!("{left} days left")))
            }
            Validity::Valid => format!("{dates}, {left} days left"),
            Validity::Expired => format!("{dates}, {}", self.paint.bad("expired")),
            Validity::NotYetValid => format!("{dates}, {}", self.paint.bad("not valid yet")),
        }
    }

    fn trust(&mut self, seen: &Trust) -> io::Result<()> {
        let verdict = match (seen.verdict, seen.basis) {
            (TrustVerdict::Trusted, Basis::Ca) => self.paint.good("trusted: "),
            (TrustVerdict::Trusted, _) => self.paint.good("pinned: "),
            (TrustVerdict::Refused, _) => self.paint.bad("refused: "),
            (TrustVerdict::NotChecked, _) => String::new(),
        };
        self.heading("trust")?;
        let text = format!("{verdict}{}", printable(&seen.explanation));
        wrapped(&text, TEXT_WIDTH + LABEL_WIDTH).iter().try_for_each(|line| writeln!(self.out, "  {line}"))
    }

    fn page(&mut self, seen: &Page, close: ServerClose) -> io::Result<()> {
        let close = match close {
            ServerClose::CloseNotify => "with close_notify",
            ServerClose::Fin => "without close_notify",
            ServerClose::Reset => "with a TCP reset",
            ServerClose::NotClosed => "not by the device within a second",
            ServerClose::NotAwaited => "by this client, in the middle of the answer",
        };
        self.heading("page")?;
        let path = printable(&seen.path);
        let get = format!("GET {path}");
        if get.chars().count() <= LABEL_WIDTH {
            self.line(&get, self.outcome(seen))?;
        } else {
            self.line("GET", path)?;
            self.line("answer", self.outcome(seen))?;
        }
        if let Some(answer) = &seen.answer {
            self.line("type", answer.content_type.as_deref().map_or("not given".to_owned(), printable))?;
            self.line("size", format!("{} bytes, header {} bytes", answer.body_bytes, answer.header_bytes))?;
            self.line("server", answer.server.as_deref().map_or("not given".to_owned(), printable))?;
            for oddity in answer.oddities.iter() {
                self.line("header", self.paint.warn(format!("has {oddity}")))?;
            }
        }
        self.line("closed", close)
    }

    fn outcome(&self, seen: &Page) -> String {
        let status = seen.answer.as_ref().map_or(String::new(), |answer| self.status(answer));
        match seen.outcome {
            PageOutcome::Answered => status,
            PageOutcome::Truncated if status.is_empty() => {
                let opening = printable(seen.opening.as_deref().unwrap_or_default());
                format!("{}: `{opening}`", self.paint.bad("the header broke off, or did not end in time"))
            }
            PageOutcome::Truncated => {
                format!("{status}, {}", self.paint.bad("incomplete: it broke off, or did not end in time"))
            }
            PageOutcome::Long => format!("{status}, {}", self.paint.warn("longer than what was read")),
            PageOutcome::NotHttp => {
                let opening = printable(seen.opening.as_deref().unwrap_or_default());
                format!("{}: it begins with `{opening}`", self.paint.warn("the answer is not HTTP"))
            }
            PageOutcome::Malformed => {
                let fault = seen.fault.map_or_else(String::new, |fault| fault.to_string());
                let status = if status.is_empty() { status } else { format!("{status}, ") };
                format!("{status}{}", self.paint.bad(format!("it breaks HTTP: {fault}")))
            }
            PageOutcome::Alert => {
                let alert = seen.alert.map_or("unknown", AlertDescription::name);
                self.paint.bad(format!("refused with the alert {alert}"))
            }
            PageOutcome::Closed => self.paint.bad("closed without an answer"),
            PageOutcome::Reset => self.paint.bad("reset without an answer"),
            PageOutcome::Silent => self.paint.bad("no answer in time"),
            PageOutcome::Broken => self.paint.bad("the device broke TLS"),
            PageOutcome::NotAsked => "not asked for: the request was made in its place".to_owned(),
        }
    }

    fn status(&self, answer: &Answer) -> String {
        let status = format!("{} {}", answer.status, printable(&answer.reason));
        let status = status.trim_end();
        if answer.status < FIRST_ERROR_STATUS { self.paint.good(status) } else { self.paint.warn(status) }
    }

    fn timing(&mut self, seen: &Timing, attempts: u32) -> io::Result<()> {
        self.heading("time")?;
        if attempts > 1 {
            let tries =
                format!("{}  (the device was busy; attempt {attempts} succeeded)", millis(seen.retry_us));
            self.line("earlier attempts", self.paint.warn(tries))?;
        }
        if let Some(dns_us) = seen.dns_us {
            self.line("name look-up", millis(dns_us))?;
        }
        self.line("TCP connect", millis(seen.tcp_us))?;
        self.line("handshake", millis(seen.handshake_us))?;
        self.line("first byte", seen.first_byte_us.map_or_else(|| format!("{:>10}", "-"), millis))?;
        self.line("total", self.paint.strong(millis(seen.total_us)))
    }

    fn next(&mut self, seen: &Observation) -> io::Result<()> {
        match next::step(seen) {
            Some(step) => writeln!(self.out, "\n{} {step}", self.paint.strong("next:")),
            None => Ok(()),
        }
    }

    pub(super) fn heading(&mut self, title: &str) -> io::Result<()> {
        writeln!(self.out, "\n{}", self.paint.strong(title))
    }

    pub(super) fn line(&mut self, label: &str, value: impl AsRef<str>) -> io::Result<()> {
        for (index, line) in wrapped(value.as_ref(), TEXT_WIDTH).iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let label = self.paint.faint(format!("{label:<LABEL_WIDTH$}"));
            writeln!(self.out, "  {label}  {line}")?;
        }
        Ok(())
    }
}

/// A group by the name that people know, where that is not the registry's.
fn group(group: NamedGroup) -> String {
    match Curve::of_group(group) {
        Some(curve) if curve.common_name != curve.name => format!("{} ({group})", curve.common_name),
        _ if group == NamedGroup::X25519 => "X25519".to_owned(),
        _ => group.to_string(),
    }
}

/// A curve that a certificate names, which may be none that TLS knows.
fn curve(name: &str) -> String {
    name.parse().map_or_else(|_| name.to_owned(), group)
}

/// What was agreed on; nothing where nothing was.
pub(super) fn or_nothing<T: ToString>(agreed: Option<T>) -> String {
    agreed.map_or_else(String::new, |agreed| agreed.to_string())
}

/// A public key in words.
pub(super) fn key(key: &PublicKeyInfo) -> String {
    let curve = key.curve.as_deref().map(|name| format!(" on {}", printable(&curve(name))));
    let bits = key.bits.filter(|_| curve.is_none()).map(|bits| format!(", {bits} bits"));
    format!(
        "{}{}{}",
        printable(&key.algorithm.to_string()),
        curve.unwrap_or_default(),
        bits.unwrap_or_default()
    )
}

/// The date of an RFC 3339 time.
fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}

fn millis(micros: u64) -> String {
    format!("{:>7}.{} ms", micros / 1000, micros % 1000 / 100)
}

fn or_none(text: String) -> String {
    if text.is_empty() { "(empty)".to_owned() } else { text }
}

const LABEL_WIDTH: usize = 16;
const TEXT_WIDTH: usize = 90;
/// Days before its end from which on a certificate's end is worth a colour.
const SOON: i64 = 30;
const FIRST_ERROR_STATUS: u16 = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_aligned_at_the_point() {
        assert_eq!((millis(512_340), millis(99)), ("    512.3 ms".to_owned(), "      0.0 ms".to_owned()));
    }
}
