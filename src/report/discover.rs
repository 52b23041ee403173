//! The devices that were found, for a person: a table, and below each row what else is known of the device.

use std::io::{self, Write};

use super::{Paint, Report, printable::printable, probe::wrap::wrapped};
use crate::discover::{
    Discovery,
    device::{Device, ServiceKind},
    identity::{AnnouncedMatch, DeviceLook, DeviceProbe, Known, KnownBasis},
};

impl Report for Discovery {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        if !self.devices.is_empty() {
            let columns = Columns::of(&self.devices);
            columns.row(HEADINGS, out, |text| paint.faint(text))?;
            self.devices.iter().try_for_each(|device| report_device(device, &columns, out, paint))?;
        }
        if self.devices.is_empty() && self.unresolved.is_empty() {
            writeln!(out, "{}", paint.faint("no device was found"))?;
        }
        for unresolved in &self.unresolved {
            let what = format!(
                "{} ({}) was named, and nobody told where it is",
                shortened(&printable(&unresolved.name), NAME_MOST),
                service(unresolved.service)
            );
            writeln!(out, "{}", paint.warn(what))?;
        }
        let unasked = || self.devices.iter().filter(|device| device.probe.is_none());
        match unasked().find(|device| device.service == ServiceKind::Https).or_else(|| unasked().next()) {
            Some(device) => writeln!(out, "\nnext: esp-https probe {}", device.target),
            None => Ok(()),
        }
    }
}

/// The widths of the first three columns.
struct Columns([usize; 3]);

impl Columns {
    fn of(devices: &[Device]) -> Self {
        let mut widths = [HEADINGS[0], HEADINGS[1], HEADINGS[2]].map(str::len);
        for device in devices {
            for ((width, cell), most) in
                widths.iter_mut().zip(cells(device)).zip([NAME_MOST, ADDRESS_MOST, FIRMWARE_MOST])
            {
                *width = (*width).max(cell.chars().count().min(most));
            }
        }
        Self(widths)
    }

    /// Writes a row. A cell that is longer than its column, which only an address is, has a line of its own.
    fn row(
        &self,
        cells: [&str; 4],
        out: &mut dyn Write,
        painted: impl Fn(String) -> String,
    ) -> io::Result<()> {
        let [name, address, firmware, mac] = cells;
        let Self([first, second, third]) = *self;
        let (mut line, gap) = (format!("{name:<first$}  {address:<second$}"), "  ");
        let rest = format!("{firmware:<third$}{gap}{mac}");
        let rest = rest.trim_end();
        if address.chars().count() > second && !rest.is_empty() {
            writeln!(out, "{}", painted(line))?;
            line = " ".repeat(first + 2 + second);
        }
        writeln!(out, "{}", painted(format!("{line}{gap}{rest}").trim_end().to_owned()))
    }
}

fn cells(device: &Device) -> [String; 4] {
    let text = |text: &str, most| shortened(&printable(text), most);
    [
        text(&device.name, NAME_MOST),
        device.target.clone(),
        text(device.firmware.as_deref().unwrap_or_default(), FIRMWARE_MOST),
        device.mac.map(|mac| mac.to_string()).unwrap_or_default(),
    ]
}

fn report_device(device: &Device, columns: &Columns, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    let cells = cells(device);
    columns.row([&cells[0], &cells[1], &cells[2], &cells[3]], out, |text| text)?;
    let mut detail = |label: &str, text: &str, painted: &dyn Fn(String) -> String| {
        let lines = wrapped(&printable(text), WIDTH - DETAIL);
        lines.into_iter().enumerate().try_for_each(|(index, line)| {
            let label = if index == 0 { label } else { "" };
            writeln!(
                out,
                "  {}{}",
                paint.faint(format!("{label:<width$}", width = DETAIL - 2)),
                painted(line)
            )
        })
    };
    let plain = |text: String| text;
    if device.service == ServiceKind::Http {
        detail("service", service(device.service), &plain)?;
    }
    if let Some(pin) = &device.pin {
        detail("pin", &pin.to_string(), &plain)?;
    }
    if let Some(DeviceProbe { result, error }) = &device.probe {
        if let Some(look) = result {
            detail("TLS", &handshake(look), &plain)?;
            detail("certificate", &certificate(look), &plain)?;
            let (text, verdict): (_, fn(Paint, String) -> String) = announced(look.announced);
            detail("announced", text, &|line| verdict(paint, line))?;
        }
        if let Some(error) = error {
            detail("failed", &format!("{} ({})", error.what, error.code), &|line| paint.bad(line))?;
        }
    }
    match &device.known {
        Some(known) if known.file.is_some() => detail("known", &known_as(known), &|line| paint.good(line)),
        Some(known) => detail("known", &known_as(known), &plain),
        None => Ok(()),
    }
}

fn handshake(look: &DeviceLook) -> String {
    format!("{}, {}, handshake in {} ms", look.version, look.cipher_suite, look.handshake_us / 1000)
}

fn certificate(look: &DeviceLook) -> String {
    let certificate = &look.certificate;
    let names = match certificate.names.as_slice() {
        [] => "without names".to_owned(),
        names => format!("for {}", names.join(", ")),
    };
    let days = match certificate.days_left {
        left @ 0.. => format!("{left} days left"),
        gone => format!("expired {} days ago", gone.unsigned_abs()),
    };
    let key = &certificate.key;
    let bits = key.bits.map_or_else(String::new, |bits| format!(" {bits}"));
    format!("{}, {names}; {days}; {}{bits}", certificate.subject, key.algorithm)
}

fn announced(announced: AnnouncedMatch) -> (&'static str, fn(Paint, String) -> String) {
    match announced {
        AnnouncedMatch::Same => {
            ("this is the certificate whose pin it announces", |paint, text| paint.good(text))
        }
        AnnouncedMatch::Different => {
            ("it announces the pin of another certificate", |paint, text| paint.bad(text))
        }
        AnnouncedMatch::NoPin => ("it announces no pin", |paint, text| paint.faint(text)),
    }
}

fn known_as(known: &Known) -> String {
    let file = known.file.as_ref().map_or_else(String::new, |file| file.display().to_string());
    match known.basis {
        KnownBasis::Certificate => format!("{file}: exactly this certificate"),
        KnownBasis::Key => format!("{file}: another certificate with its key, so it was renewed"),
        KnownBasis::AnnouncedPin => {
            format!("{file}: by the pin that it announces, which proves nothing; --probe does")
        }
        KnownBasis::None => "no: it has none of the certificates that were given".to_owned(),
        KnownBasis::Unknown => {
            "can't be told: it announces no pin; --probe compares its certificate".to_owned()
        }
    }
}

fn service(service: ServiceKind) -> &'static str {
    match service {
        ServiceKind::Https => "_https._tcp",
        ServiceKind::Http => "_http._tcp",
    }
}

/// The beginning of a text that is too long.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 2).collect();
    format!("{kept}..")
}

const HEADINGS: [&str; 4] = ["name", "address", "firmware", "MAC"];
/// The columns of a terminal; the last column has 17, and there are three gaps of two.
const WIDTH: usize = 80;
const NAME_MOST: usize = 20;
const ADDRESS_MOST: usize = 27;
const FIRMWARE_MOST: usize = 10;
/// Where the text of a detail begins.
const DETAIL: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::{
        device::{HostAddress, TxtEntry},
        gathering::{Announcement, Gathering},
    };

    fn announcement(name: &str, address: &str, txt: &[(&str, &str)]) -> Announcement {
        let zone = Some(("enp0s31f6".to_owned(), 2));
        let entry =
            |(key, value): &(&str, &str)| TxtEntry { key: (*key).into(), value: Some((*value).into()) };
        Announcement {
            service: ServiceKind::Https,
            full_name: format!("{name}._https._tcp.local."),
            host: "board.local.".to_owned(),
            port: 443,
            addresses: HostAddress::new(address.parse().unwrap(), zone).into_iter().collect(),
            txt: txt.iter().map(entry).collect(),
        }
    }

    fn shown(announcements: Vec<Announcement>) -> String {
        let mut gathering = Gathering::default();
        for announcement in announcements {
            let _ = gathering.announce(announcement);
        }
        let _ = gathering.name(ServiceKind::Http, "lost._http._tcp.local.");
        let mut out = Vec::new();
        gathering.finish(1).text(&mut out, Paint::Plain).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn devices_are_a_table_in_80_columns_whatever_they_say() {
        let pin = "ab".repeat(16);
        let txt = [("fw", "0.1.0"), ("mac", "24:0a:c4:12:34:56"), ("pin", pin.as_str())];
        let hostile = [("fw", "9\u{1b}[31m"), ("mac", "\u{1b}]0;x\u{7}"), ("pin", "x")];
        let long = "\u{1b}[2J".repeat(9);
        let text = shown(vec![
            announcement("kitchen", "192.168.1.7", &txt),
            announcement("hall", "fe80::1234:5678:9abc:def0", &txt),
            announcement(&long, "192.168.1.8", &hostile),
        ]);
        insta::assert_snapshot!(text, @r"
        name                  address                      firmware    MAC
        \u{1b}[2J\u{1b}[2J..  192.168.1.8:443              9\u{1b}[..
        hall                  [fe80::1234:5678:9abc:def0%enp0s31f6]:443
                                                           0.1.0       24:0a:c4:12:34:56
          pin           abababababababababababababababab
        kitchen               192.168.1.7:443              0.1.0       24:0a:c4:12:34:56
          pin           abababababababababababababababab
        lost (_http._tcp) was named, and nobody told where it is

        next: esp-https probe 192.168.1.8:443
        ");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(!text.contains('\u{1b}'));
    }
}
