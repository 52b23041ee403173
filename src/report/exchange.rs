//! A request and its answer as text.

use std::io::{self, Write};

use super::{Paint, Report, printable::printable};
use crate::client::exchange::{Exchange, Extent};

impl Report for Exchange {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let (sent, answer) = (&self.request, &self.answer);
        writeln!(out, "\n{}", paint.strong("request"))?;
        writeln!(out, "  {} {}", sent.method, printable(&sent.path))?;
        for header in &sent.headers {
            writeln!(out, "  {}", paint.faint(printable(&header.to_string())))?;
        }
        if sent.body_bytes > 0 {
            writeln!(out, "  {}", paint.faint(format!("a body of {} bytes", sent.body_bytes)))?;
        }
        for path in &self.redirects {
            writeln!(out, "  redirected to {}", printable(path))?;
        }
        let status = if answer.status < FIRST_ERROR_STATUS {
            paint.good(answer.status)
        } else {
            paint.warn(answer.status)
        };
        let millis = self.timing.total_us / 1000;
        writeln!(out, "\n{}", paint.strong("answer"))?;
        writeln!(out, "  {status}, {} bytes, in {millis} ms with the handshake", answer.body.bytes)?;
        for header in &answer.headers {
            writeln!(out, "  {}", paint.faint(printable(&header.to_string())))?;
        }
        self.body(out, paint)
    }
}

impl Exchange {
    fn body(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let body = &self.answer.body;
        for line in body.opening.lines().take(MOST_LINES) {
            writeln!(out, "  | {}", printable(line))?;
        }
        let is_all = body.opening.lines().nth(MOST_LINES).is_none() && body.bytes <= body.opening.len();
        match body.extent {
            Extent::Whole if is_all => Ok(()),
            Extent::Whole => writeln!(out, "  {}", paint.faint("(the rest is not shown)")),
            Extent::Beginning => writeln!(out, "  {}", paint.warn("(longer than what is read)")),
        }
    }
}

const FIRST_ERROR_STATUS: u16 = 400;
const MOST_LINES: usize = 20;
