//! How an inspected file, or the chain of a server, is shown: in the words of `probe`.

use std::io::{self, Write};

use super::{
    Paint, Report,
    printable::printable,
    probe::{Sheet, key},
};
use crate::cert::{
    acceptance::Acceptance,
    inspection::{InspectedForm, InspectedItem, InspectedKey, Inspection},
};

impl Report for Inspection {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let form = match self.form {
            InspectedForm::Pem => "PEM",
            InspectedForm::Der => "DER",
            InspectedForm::EspSecureCert => "the image of a board's partition, esp_secure_cert",
            InspectedForm::Tls => "in a handshake of TLS",
        };
        let source = paint.strong(printable(&self.source));
        writeln!(out, "{source} {}", paint.faint(format!("({form})")))?;
        for oddity in &self.oddities {
            writeln!(out, "{} {oddity}; other programs may refuse it", paint.warn("note:"))?;
        }
        let mut sheet = Sheet { out, paint };
        let mut certificates = 0;
        for item in &self.items {
            certificates += usize::from(matches!(item, InspectedItem::Certificate(_)));
            show(&mut sheet, item, certificates)?;
        }
        Ok(())
    }
}

/// Shows one thing; `number` is that of the certificate, if it is one.
fn show(sheet: &mut Sheet<'_>, item: &InspectedItem, number: usize) -> io::Result<()> {
    match item {
        InspectedItem::Certificate(seen) => {
            let place = seen.place.map(|place| format!(" ({place})")).unwrap_or_default();
            sheet.heading(&format!("certificate {number}{place}"))?;
            sheet.certificate(&seen.certificate, "")?;
            acceptances(sheet, &seen.accepted_by)
        }
        InspectedItem::PrivateKey(seen) => {
            sheet.heading("private key")?;
            private_key(sheet, seen)
        }
        InspectedItem::Request(seen) => {
            sheet.heading("certificate signing request")?;
            sheet.line("subject", printable(&seen.subject))?;
            sheet.line("names", printable(&seen.names.join(", ")))?;
            sheet.line("key", key(&seen.key))?;
            let signed =
                if seen.signed { "with its own key" } else { "not with its own key, so no CA takes it" };
            sheet.line("signed", signed)
        }
        InspectedItem::Settings { hostname } => {
            sheet.heading("settings")?;
            sheet.line("host name", printable(hostname))
        }
        InspectedItem::Other { what } => {
            sheet.heading("something else")?;
            sheet.line("what", printable(what))
        }
    }
}

fn acceptances(sheet: &mut Sheet<'_>, accepted_by: &[Acceptance]) -> io::Result<()> {
    let (good, bad): (Vec<_>, Vec<_>) = accepted_by.iter().partition(|it| it.refused_because.is_empty());
    if !good.is_empty() {
        let names: Vec<&str> = good.iter().map(|it| it.by.name()).collect();
        let said = format!("{}, once the issuer is trusted", names.join(", "));
        let said = sheet.paint.good(said);
        sheet.line("accepted by", said)?;
    }
    for (index, it) in bad.iter().enumerate() {
        let label = if index == 0 { "refused by" } else { "" };
        sheet.line(label, format!("{}: {}", sheet.paint.bad(it.by.name()), it.refused_because.join("; ")))?;
    }
    Ok(())
}

fn private_key(sheet: &mut Sheet<'_>, seen: &InspectedKey) -> io::Result<()> {
    let kind = match (&seen.key_kind, seen.encrypted) {
        (_, true) => "encrypted: a passphrase protects it".to_owned(),
        (Some(kind), false) => printable(kind),
        (None, false) => "of a kind that is not known, or damaged".to_owned(),
    };
    sheet.line("kind", kind)?;
    if let Some(fingerprint) = seen.spki_sha256 {
        sheet.line("key SHA-256", fingerprint.to_string())?;
    }
    match seen.certificate {
        Some(number) => sheet.line("belongs to", format!("certificate {number}")),
        None => Ok(()),
    }
}
