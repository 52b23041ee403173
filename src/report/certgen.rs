//! How what `certgen` made is shown, or the openssl command that makes the same.

use std::io::{self, Write};

use super::{Paint, Report, printable::printable_lines};
use crate::cert::{
    Profile, San,
    made::{MadePair, OpensslCommand},
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
        row("private key", aside(paint, &self.private_key.path.display().to_string(), "keep it secret"))?;
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

/// The subject, the key and the profile of a certificate in a few words.
fn description(pair: &MadePair) -> String {
    let profile = match pair.profile {
        Profile::Book => "self-signed CA, as in the book",
        Profile::Server => "self-signed server",
    };
    format!("{}, {}, {profile}", pair.common_name.as_str(), pair.key_type)
}

fn aside(paint: Paint, value: &str, aside: &str) -> String {
    format!("{value}  {}", paint.faint(format!("({aside})")))
}

/// The date of an RFC 3339 time.
fn day(time: &str) -> String {
    time.split('T').next().unwrap_or(time).to_owned()
}
