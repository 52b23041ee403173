//! How what `certgen` made is shown, or the openssl command that makes the same.

use std::io::{self, Write};

use super::{Paint, Report, printable::printable_lines};
use crate::{
    cert::{
        Profile, San,
        made::{MadePair, OpensslCommand, RenewalResult, RenewalState},
    },
    device::flash::fleet_result::{FleetResult, FleetState},
};

impl Report for OpensslCommand {
    fn text(&self, out: &mut dyn Write, _: Paint) -> io::Result<()> {
        writeln!(out, "{}", self.openssl)
    }
}

impl Report for MadePair {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let certificate = &self.certificate;
        let mut row =
            |label: &str, value: String| writeln!(out, "{} {value}", paint.faint(format!("{label:<12}")));
        row("certificate", aside(paint, &certificate.path.display().to_string(), &description(self)))?;
        let secrecy = if self.private_key.encrypted {
            "keep it secret; a passphrase protects it"
        } else {
            "keep it secret"
        };
        row("private key", aside(paint, &self.private_key.path.display().to_string(), secrecy))?;
        if let Some(issuer) = &self.issuer {
            row("issued by", aside(paint, &issuer.subject, &issuer.path.display().to_string()))?;
        }
        if !self.names.is_empty() {
            let names = self.names.iter().map(San::bare).collect::<Vec<_>>();
            row("valid for", names.join(", "))?;
        }
        row("expires", aside(paint, &day(&certificate.not_after), &format!("in {}", certificate.days)))?;
        row("SHA-256", certificate.sha256.to_string())?;
        writeln!(out)?;
        for note in &self.notes {
            for (index, line) in note.text.lines().enumerate() {
                let label = if index == 0 { paint.warn("note:") } else { "     ".to_owned() };
                writeln!(out, "{label} {}", printable_lines(line))?;
            }
        }
        writeln!(out, "{} {}", paint.strong("next:"), self.next)
    }
}

impl Report for FleetResult {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let boards = self.boards.iter().filter(|board| board.state != FleetState::Kept);
        for board in boards.take(MOST_BOARDS) {
            let state = if board.state == FleetState::Made { "made" } else { "renewed" };
            let said = format!("{}, until {}", board.hostname, day(&board.not_after));
            let path = board.certificate.display().to_string();
            writeln!(out, "{} {}", paint.strong(format!("{state:<8}")), aside(paint, &path, &said))?;
        }
        match (self.made + self.renewed).saturating_sub(MOST_BOARDS) {
            0 => {}
            more => writeln!(out, "{}", paint.faint(format!("and {more} more")))?,
        }
        let (made, renewed, kept) = (self.made, self.renewed, self.kept);
        let took = self.took_us as f64 / 1e6;
        writeln!(
            out,
            "{made} made, {renewed} renewed, {kept} kept, in {took:.1} s, by {}",
            self.issuer.subject
        )?;
        if self.filled_in {
            writeln!(out, "{} was filled in", self.manifest.display())?;
        }
        writeln!(out, "\n{} {}", paint.strong("next:"), self.next)
    }
}

impl Report for RenewalResult {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        for entry in &self.certificates {
            let (state, path) = (entry.state, entry.path.display().to_string());
            let label = match state {
                RenewalState::NotDue => paint.faint(format!("{:<8}", "not due")),
                RenewalState::Due => paint.warn(format!("{:<8}", "due")),
                RenewalState::Expired => paint.bad(format!("{:<8}", "expired")),
                RenewalState::Renewed => paint.strong(format!("{:<8}", "renewed")),
            };
            let end = match entry.days_left {
                ..=-1 => format!("expired on {}", day(&entry.not_after)),
                days => format!("expires on {}, in {days} days", day(&entry.not_after)),
            };
            writeln!(out, "{label} {}", aside(paint, &path, &format!("{}, {end}", entry.subject)))?;
        }
        let others = self.certificates.len() - self.due - self.renewed;
        writeln!(out, "{} renewed, {} due, {others} not due", self.renewed, self.due)
    }
}

/// The subject, the key and the profile of a certificate in a few words.
fn description(pair: &MadePair) -> String {
    let profile = match pair.profile {
        Profile::Book => "self-signed CA, as in the book",
        Profile::Server if pair.issuer.is_some() => "server",
        Profile::Server => "self-signed server",
        Profile::Client => "client",
        Profile::Ca => "CA of one's own",
    };
    format!("{}, {}, {profile}", pair.common_name.as_str(), pair.key_type)
}

fn aside(paint: Paint, value: &str, aside: &str) -> String {
    format!("{value}  {}", paint.faint(format!("({aside})")))
}

/// So many boards are named that were changed; the document has all.
const MOST_BOARDS: usize = 20;

/// The date of an RFC 3339 time.
fn day(time: &str) -> String {
    time.split('T').next().unwrap_or(time).to_owned()
}
