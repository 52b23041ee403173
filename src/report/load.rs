//! The summary of a load as text, and its progress as a line.

mod csv;
pub mod histograms;
mod html;
mod limits;
mod series;
mod table;

pub use self::{limits::attempt, series::SeriesFile};

use std::{
    fmt::Display,
    io::{self, Write},
};

pub(super) use self::table::duration;
use self::table::{Column, frames_line, heap_line, latency_table};
use super::{
    Paint, Report,
    printable::{printable, printable_lines},
    probe::wrap::wrapped,
};
use crate::authority::host_and_port;
use crate::counted::counted;
use crate::load::{
    engine::Ended,
    failure::{Class, Stage},
    interval::Interval,
    limit::SearchResult,
    plan::Mode,
    remark::Remark,
    summary::{
        Device, ErrorRow, FigureUnit, GateResult, GateVerdict, Handshakes, StatusRow, Summary, TrustBasis,
    },
};

/// What can be written beside a report.
pub trait Pages {
    /// A page that needs nothing else.
    fn html(&self) -> String;
    /// A table for spreadsheets (RFC 4180).
    fn csv(&self) -> String;
}

impl Pages for Summary {
    fn html(&self) -> String {
        html::run(self)
    }

    fn csv(&self) -> String {
        csv::run(self)
    }
}

impl Pages for SearchResult {
    fn html(&self) -> String {
        html::limits(self)
    }

    fn csv(&self) -> String {
        csv::steps(&self.limits.steps)
    }
}

/// One second of a run in one line.
#[must_use]
pub fn progress(second: &Interval) -> String {
    if second.at.is_zero() {
        return "opening connections".to_owned();
    }
    let at = |quantile| duration(second.total.value_at_quantile(quantile));
    let times =
        if second.total.is_empty() { String::new() } else { format!(", p50 {}, p99 {}", at(0.5), at(0.99)) };
    let errors: Vec<String> =
        second.failures.iter().map(|(class, count)| format!(", {count} {class}")).collect();
    format!("{:.0} s: {}/s{times}{}", second.at.as_secs_f64(), second.completed, errors.concat())
}

impl Report for Summary {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let mut sheet = Sheet { out, paint };
        sheet.title(self)?;
        sheet.handshakes(&self.handshakes)?;
        sheet.latency(self)?;
        sheet.answers(&self.statuses)?;
        sheet.errors(&self.errors)?;
        if let Some(device) = &self.device {
            sheet.device(device, self.elapsed_us)?;
        }
        sheet.gates(&self.gates)?;
        sheet.remarks(self)
    }
}

struct Sheet<'a> {
    out: &'a mut dyn Write,
    paint: Paint,
}

impl Sheet<'_> {
    fn title(&mut self, summary: &Summary) -> io::Result<()> {
        let target = &summary.target;
        let name = self.paint.strong(format!(
            "{}{}",
            host_and_port(&target.host, target.port),
            printable(&target.path)
        ));
        writeln!(self.out, "{name}")?;
        let units = &summary.units;
        let mut failed = match units.failed {
            0 => "none failed".to_owned(),
            failed => self.paint.bad(format!("{failed} failed ({:.2} %)", units.error_rate * 100.0)),
        };
        if units.unmade > 0 {
            failed += &self.paint.warn(format!(", {} not made by this machine", units.unmade));
        }
        if units.repeated > 0 {
            failed += &self.paint.warn(format!(", {} sent again", units.repeated));
        }
        let rate = self.paint.strong(format!("{} /s", rate(summary.per_s)));
        let (noun, how) = match summary.load.mode {
            Mode::Request => ("request", ""),
            Mode::Close => ("request", ", each on a new connection,"),
            Mode::Handshake => ("handshake", ""),
        };
        let completed = counted(units.completed, noun);
        let ended = match summary.ended {
            Ended::Done => "",
            Ended::Interrupted => ", stopped early",
            Ended::Futile => ", given up",
        };
        let seconds = summary.elapsed_us as f64 / 1e6;
        writeln!(self.out, "{completed}{how} in {seconds:.2} s, {rate}, {failed}{ended}")?;
        self.load(summary)
    }

    fn load(&mut self, summary: &Summary) -> io::Result<()> {
        let load = &summary.load;
        let connections = connections(load.connections);
        let schedule = match (load.rate_from, load.rate_to, summary.rate) {
            (Some(from), Some(to), Some(rate)) => {
                let asked = if from == to { format!("{from} /s") } else { format!("{from} to {to} /s") };
                format!("{asked} asked for, {:.1} % of it reached", rate.rate_ratio * 100.0)
            }
            _ => "as fast as answers come".to_owned(),
        };
        let trust = trust(summary);
        let (sent, received) = (bytes(summary.bytes.sent), bytes(summary.bytes.received));
        writeln!(self.out, "{connections}, {schedule}; {trust}; {sent} sent, {received} received")
    }

    fn handshakes(&mut self, handshakes: &Handshakes) -> io::Result<()> {
        if handshakes.full + handshakes.resumed == 0 {
            return Ok(());
        }
        self.heading("handshakes")?;
        let retried = match handshakes.retried {
            0 => String::new(),
            retried => format!(", {retried} of the full ones after a HelloRetryRequest"),
        };
        self.line("by kind", format!("{} full, {} resumed{retried}", handshakes.full, handshakes.resumed))?;
        for row in &handshakes.agreed {
            self.line(&row.version, format!("{}, {}: {}", row.suite, row.group, row.count))?;
        }
        Ok(())
    }

    fn latency(&mut self, summary: &Summary) -> io::Result<()> {
        let latency = &summary.latency;
        let (total, uncorrected) = match &latency.total_uncorrected {
            Some(_) => ("total, since due", "total, since sent"),
            None => ("total", ""),
        };
        let columns = [
            Column { name: "TCP connect", phase: latency.tcp_connect.as_ref() },
            Column { name: "TLS, full", phase: latency.tls_full.as_ref() },
            Column { name: "TLS, resumed", phase: latency.tls_resumed.as_ref() },
            Column { name: "first byte", phase: latency.first_byte.as_ref() },
            Column { name: total, phase: latency.total.as_ref() },
            Column { name: uncorrected, phase: latency.total_uncorrected.as_ref() },
        ];
        if columns.iter().all(|column| column.phase.is_none()) {
            return Ok(());
        }
        self.heading("time")?;
        for line in latency_table(&columns) {
            writeln!(self.out, "  {line}")?;
        }
        match summary.generator.and_then(|generator| generator.start_lag_p50_us) {
            Some(late) => {
                self.line("begun late", format!("{} by this machine itself (median)", duration(late)))
            }
            None => Ok(()),
        }
    }

    fn answers(&mut self, statuses: &[StatusRow]) -> io::Result<()> {
        if statuses.is_empty() {
            return Ok(());
        }
        self.heading("answers")?;
        self.line("by status", by_status(statuses))
    }

    fn errors(&mut self, errors: &[ErrorRow]) -> io::Result<()> {
        if errors.is_empty() {
            return Ok(());
        }
        self.heading("errors")?;
        for row in errors {
            let stage = match row.stage {
                Stage::Lookup => "during the look-up",
                Stage::Connect => "connecting",
                Stage::Handshake => "in the handshake",
                Stage::Request => "with the request",
            };
            let first = duration(row.first_at_us);
            let took = format!("after {} (median), first at {first}", duration(row.took.p50_us));
            let class = self.paint.bad(format!("{:<22}", row.class.to_string()));
            writeln!(self.out, "  {class} {:>7}  {stage}, {took}", row.took.count)?;
        }
        Ok(())
    }

    fn device(&mut self, device: &Device, elapsed_us: u64) -> io::Result<()> {
        self.heading("device, by its own figures")?;
        let Device { before, after, sessions_max, readings, attempts, .. } = device;
        self.line("heap", heap_line(device))?;
        let sessions = match readings {
            0 if *attempts > 0 => format!("not read: the device did not answer any of {attempts} questions"),
            0 if elapsed_us < READING_PERIOD_US => "not read: the run was over within a second".to_owned(),
            0 => "not read: the first connection, on which it is asked, was never open between two units"
                .to_owned(),
            1 => format!("{sessions_max} in the one reading"),
            _ => format!("{sessions_max} at most in {readings} readings"),
        };
        self.line("sessions", sessions)?;
        if let Some(after) = after {
            let more =
                |count: fn(&crate::device::ready::Stat) -> u64| count(after).saturating_sub(count(before));
            let text = format!(
                "{} more, {} resumed, {} failed; {} requests",
                more(|stat| stat.handshakes),
                more(|stat| stat.resumed),
                more(|stat| stat.failed),
                more(|stat| stat.requests)
            );
            self.line("handshakes", text)?;
        }
        if let Some(frames) = frames_line(device) {
            self.line("frames", frames)?;
        }
        Ok(())
    }

    fn gates(&mut self, gates: &[GateResult]) -> io::Result<()> {
        if gates.is_empty() {
            return Ok(());
        }
        self.heading("gates: a --fail-if that is true has failed")?;
        for gate in gates {
            let verdict = match gate.verdict {
                GateVerdict::Passed => self.paint.good("passed      "),
                GateVerdict::Failed => self.paint.bad("FAILED      "),
                GateVerdict::NotMeasured => self.paint.warn("not measured"),
            };
            writeln!(self.out, "  {verdict}  {}  ({})", printable(&gate.fail_if), gate_value(gate))?;
        }
        Ok(())
    }

    fn remarks(&mut self, summary: &Summary) -> io::Result<()> {
        let Summary { findings, warnings, .. } = summary;
        if !findings.is_empty() || !warnings.is_empty() {
            writeln!(self.out)?;
        }
        findings.iter().try_for_each(|finding| remark(self.out, &self.paint.bad("finding:"), finding))?;
        warnings.iter().try_for_each(|warning| remark(self.out, &self.paint.warn("warning:"), warning))
    }

    fn heading(&mut self, heading: &str) -> io::Result<()> {
        writeln!(self.out, "\n{}", self.paint.strong(heading))
    }

    fn line(&mut self, label: &str, value: impl Display) -> io::Result<()> {
        writeln!(self.out, "  {} {value}", self.paint.faint(format!("{label:<12}")))
    }
}

/// How the certificate was checked, and what came of it.
fn trust(summary: &Summary) -> String {
    let passed = summary.handshakes.full + summary.handshakes.resumed;
    let of_certificate = summary.errors.iter().filter(|row| row.class == Class::Certificate);
    let refused: u64 = of_certificate.map(|row| row.took.count).sum();
    let (good, bad) = match summary.target.trust {
        TrustBasis::NotChecked | TrustBasis::Insecure => ("certificate not checked", "certificate broken"),
        TrustBasis::Pin => ("certificate pinned", "not the pinned certificate"),
        TrustBasis::Ca => ("certificate trusted by CA", "certificate not trusted by the CA for this name"),
    };
    match (passed, refused) {
        (0, 0) => "no certificate seen".to_owned(),
        (0, _) => bad.to_owned(),
        (_, 0) => good.to_owned(),
        _ => format!("{good} in {passed} handshakes; {bad} in {refused}"),
    }
}

/// Answers by status in one line.
fn by_status(statuses: &[StatusRow]) -> String {
    let counts: Vec<String> = statuses.iter().map(|row| format!("{}: {}", row.status, row.count)).collect();
    counts.join(", ")
}

/// A finding or a warning, in lines of at most 110 columns.
pub(super) fn remark(out: &mut dyn Write, label: &str, remark: &Remark) -> io::Result<()> {
    for (index, line) in wrapped(&printable_lines(&remark.text), TEXT_WIDTH).iter().enumerate() {
        if index == 0 { writeln!(out, "{label} {line}")? } else { writeln!(out, "         {line}")? }
    }
    Ok(())
}

/// A number a second, or a share, with three significant digits.
fn rate(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.3}"),
    }
}

/// The value of a gate's figure, or that there is none.
pub(super) fn gate_value(gate: &GateResult) -> String {
    gate.value.map_or_else(|| "-".to_owned(), |value| figure(value, gate.unit))
}

/// The value of a gate's figure.
fn figure(value: f64, unit: FigureUnit) -> String {
    match unit {
        FigureUnit::Microseconds => duration(value.round() as u64),
        FigureUnit::Count => format!("{value:.0}"),
        FigureUnit::Ratio | FigureUnit::PerSecond => rate(value),
        FigureUnit::Bytes => format!("{value:.0} bytes"),
    }
}

/// How many connections, in words.
fn connections(count: usize) -> String {
    counted(count as u64, "connection")
}

fn bytes(count: u64) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        10_000..10_000_000 => format!("{:.1} KB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

/// How often the device is asked for its figures during a run.
const READING_PERIOD_US: u64 = 1_000_000;
/// A line, without the label.
const TEXT_WIDTH: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_gate_is_shown_in_the_unit_of_its_figure() {
        for (value, unit, shown) in [
            (1_234_567.0, FigureUnit::Microseconds, "1.23 s"),
            (5.0, FigureUnit::Count, "5"),
            (0.01, FigureUnit::Ratio, "0.010"),
            (12.34, FigureUnit::PerSecond, "12.3"),
            (20_000.0, FigureUnit::Bytes, "20000 bytes"),
            (-96.0, FigureUnit::Bytes, "-96 bytes"),
        ] {
            assert_eq!(figure(value, unit), shown);
        }
    }
}
