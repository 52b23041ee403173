//! An emulated board that serves, for a person: where it is, what to expect, and the next step.

use std::io::{self, Write};

use super::{Paint, Report, printable::printable, written_to};
use crate::{
    cert::openssl::quote_path,
    device::{
        board::{Board, ClientAuthentication},
        machine::Clock,
    },
};

impl Report for Board {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let mut row =
            |label: &str, value: String| writeln!(out, "{} {value}", paint.faint(format!("{label:<8}")));
        let origin = self.firmware.origin.words();
        row("board", format!("{}  emulated, firmware {}, {origin}", paint.strong(&self.url), self.ready.fw))?;
        row("pin", format!("{}  SHA-256 of {}", self.cert_sha256, self.certificate.display()))?;
        if self.client_authentication == ClientAuthentication::Required {
            row("clients", "must show a certificate that the CA of --client-ca issued".to_owned())?;
        }
        if self.clock == Clock::Instructions {
            row("clock", "counts instructions, each as 8 ns".to_owned())?;
        }
        if let Some(site) = &self.site {
            row("site", super::site::words(site))?;
        }
        if let Some(log) = &self.serial_log {
            row("serial", written_to(log))?;
        }
        if let Some(command) = &self.command {
            let seconds = command.took_us / 1_000_000;
            let how = format!("ended with exit code {} after {seconds} s", command.exit_code);
            return row("command", format!("{} {how}", printable(&command.program)));
        }
        let pin = quote_path(&self.certificate);
        row("next", format!("esp-https probe {} --cert {pin}", self.target))?;
        match self.client_authentication {
            ClientAuthentication::None => {
                row("", format!("curl -k {}", self.url))?;
                row("", "or open the URL in a browser, and accept its warning".to_owned())
            }
            ClientAuthentication::Required => {
                row("", format!("curl -k --cert CLIENT.pem --key CLIENT.key {}", self.url))
            }
        }
    }
}
