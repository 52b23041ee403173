//! An audit as text.

use std::io::{self, Write};

use super::{Paint, Report, printable::printable, probe::wrap::wrapped};
use crate::client::suite::CipherSuite;
use crate::probe::audit::{
    Audit, Extent, Order, VersionOffer,
    finding::{Finding, Severity},
    health::{Check, Health, HealthState},
    item::{Item, Section, Value, Verdict},
    ledger::Ledger,
};

impl Report for Audit {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let mut sheet = Sheet { out, paint };
        sheet.title(self)?;
        for section in Section::ALL {
            sheet.section(section.heading(), self.items.iter().filter(|item| item.section == section))?;
        }
        self.offers.iter().try_for_each(|offer| sheet.offer(offer))?;
        sheet.findings(&self.findings)?;
        sheet.health(&self.health)?;
        sheet.ledger(&self.ledger)
    }
}

struct Sheet<'a> {
    out: &'a mut dyn Write,
    paint: Paint,
}

impl Sheet<'_> {
    fn title(&mut self, audit: &Audit) -> io::Result<()> {
        let at = if audit.target == audit.address.to_string() {
            String::new()
        } else {
            format!(" at {}", audit.address)
        };
        writeln!(self.out, "{}{at}", self.paint.strong(&audit.target))?;
        let count = |verdict| audit.items.iter().filter(|item| item.verdict == verdict).count();
        let answered = count(Verdict::Yes) + count(Verdict::No);
        let open = audit.items.iter().filter(|item| item.is_open()).count();
        let barred = count(Verdict::Inconclusive) + count(Verdict::Skipped) - open;
        let some = |count: usize, what| if count == 0 { String::new() } else { format!(", {count} {what}") };
        let open =
            self.paint.warn(some(open, "open") + &some(barred, "need a handshake that can't be completed"));
        let findings = audit.findings.len();
        let health = self.state(audit.health.state);
        writeln!(self.out, "{answered} questions answered{open}, {findings} findings, {health}")?;
        if let Some(why) = &audit.unobserved {
            writeln!(self.out, "{} {}", self.paint.warn("no whole handshake:"), printable(why))?;
        }
        if let Some(seen) = &audit.observation {
            let (shaken, certificate) = (&seen.handshake, &seen.certificate);
            self.heading("handshake")?;
            self.line(
                "negotiated",
                format!(
                    "{}, {}, {}, signed with {}",
                    shaken.version, shaken.cipher_suite.name, shaken.group, shaken.signature_scheme
                ),
            )?;
            self.line(
                "certificate",
                format!("{}, valid to {}", printable(&certificate.subject), certificate.not_after),
            )?;
        }
        Ok(())
    }

    fn section<'i>(&mut self, heading: &str, items: impl Iterator<Item = &'i Item>) -> io::Result<()> {
        let mut items = items.peekable();
        if items.peek().is_none() {
            return Ok(());
        }
        self.heading(heading)?;
        items.try_for_each(|item| self.item(item))
    }

    fn item(&mut self, item: &Item) -> io::Result<()> {
        let verdict = match item.verdict {
            Verdict::Yes => "yes".to_owned(),
            Verdict::No => "no".to_owned(),
            Verdict::Inconclusive => self.paint.warn("can't tell"),
            Verdict::Skipped => self.paint.warn("skipped"),
            Verdict::NotApplicable => self.paint.faint("-"),
        };
        let value = item.value.as_ref().map(value).filter(|value| !value.is_empty());
        let answer = match (item.verdict, value) {
            (Verdict::Yes, Some(value)) => value,
            (_, Some(value)) => format!("{verdict}: {value}"),
            (_, None) => verdict,
        };
        let attempts = if item.evidence.attempts > 1 {
            format!(", {} attempts", item.evidence.attempts)
        } else {
            String::new()
        };
        let evidence = self.paint.faint(format!("({}{attempts})", printable(&item.evidence.says)));
        self.line(item.title, format!("{answer} {evidence}"))
    }

    fn offer(&mut self, offer: &VersionOffer) -> io::Result<()> {
        let order = match offer.suite_order {
            Order::Server => "in the server's order",
            Order::Client => "in our order, which the server follows",
            Order::Unknown => "",
        };
        let extent = match offer.extent {
            Extent::Complete => String::new(),
            Extent::Partial => self.paint.warn(", not complete"),
        };
        self.heading(&format!("{}: {} suites {order}{extent}", offer.version, offer.suites.len()))?;
        offer.suites.iter().try_for_each(|suite| self.suite(suite))?;
        self.list("groups", &offer.groups)?;
        self.list("schemes", &offer.schemes)
    }

    fn suite(&mut self, suite: &CipherSuite) -> io::Result<()> {
        let parts =
            format!("{} / {} / {} / {}", suite.key_exchange, suite.authentication, suite.cipher, suite.hash);
        let broken = if suite.broken.is_empty() {
            String::new()
        } else {
            format!("  {}", self.paint.bad(suite.broken.join(", ")))
        };
        writeln!(
            self.out,
            "  {} {:<46} {}{broken}",
            self.paint.faint(&suite.id),
            suite.name,
            self.paint.faint(parts)
        )
    }

    fn list(&mut self, label: &str, names: &[String]) -> io::Result<()> {
        if names.is_empty() { Ok(()) } else { self.line(label, names.join(", ")) }
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        self.heading("findings")?;
        if findings.is_empty() {
            return writeln!(self.out, "  {}", self.paint.good("none"));
        }
        for finding in findings {
            let severity = match finding.severity {
                Severity::High => self.paint.bad("high  "),
                Severity::Medium => self.paint.warn("medium"),
                Severity::Low => "low   ".to_owned(),
            };
            writeln!(self.out, "  {severity} {}", self.paint.strong(finding.id))?;
            for text in [&*printable(&finding.evidence), finding.advice] {
                wrapped(text, TEXT_WIDTH + LABEL_WIDTH - 9)
                    .iter()
                    .try_for_each(|line| writeln!(self.out, "         {line}"))?;
            }
        }
        Ok(())
    }

    fn health(&mut self, health: &Health) -> io::Result<()> {
        let time = |us: Option<u64>, check: Option<&Check>| match (us, check) {
            (Some(us), _) => format!("{} ms", us / 1000),
            (None, Some(check)) => printable(&check.outcome),
            (None, None) => "no handshake".to_owned(),
        };
        let after = health.checks.last().filter(|_| health.checks.len() > 1);
        self.heading("health")?;
        let state = self.state(health.state);
        self.line(
            "the server",
            format!(
                "{state}: {} before, {} after",
                time(health.before_us, health.checks.first()),
                time(health.after_us, after)
            ),
        )?;
        if let Some(question) = health.last_question {
            self.line("last question", self.paint.bad(question))?;
        }
        self.line("checks", format!("{}", health.checks.len()))
    }

    fn ledger(&mut self, ledger: &Ledger) -> io::Result<()> {
        self.heading("what it cost")?;
        let [seconds, waited] = [ledger.total_us, ledger.server_us].map(|us| us as f64 / 1e6);
        let whole = format!(
            "{} in {} attempts, {} questions, {seconds:.1} s ({waited:.1} s of them the server's)",
            ledger.connections, ledger.attempts, ledger.questions
        );
        self.line("connections", whole)?;
        let failed = format!(
            "{} refused, {} reset, {} closed, {} silent",
            ledger.refused, ledger.reset, ledger.closed, ledger.silent
        );
        self.line("of them", failed)?;
        let accepted = format!("{} accepted, {} refused", ledger.accepted_hellos, ledger.refused_hellos);
        self.line("hellos", accepted)?;
        self.line("private key", format!("used {} times", ledger.private_key_operations))
    }

    fn state(&self, state: HealthState) -> String {
        match state {
            HealthState::Unharmed => self.paint.good("unharmed"),
            HealthState::Slower => self.paint.warn("slower than before"),
            HealthState::Gone => self.paint.bad("it stopped answering"),
            HealthState::Unknown => self.paint.warn("health not known"),
        }
    }

    fn heading(&mut self, title: &str) -> io::Result<()> {
        writeln!(self.out, "\n{}", self.paint.strong(title.trim_end()))
    }

    fn line(&mut self, label: &str, value: impl AsRef<str>) -> io::Result<()> {
        for (index, line) in wrapped(value.as_ref(), TEXT_WIDTH).iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let label = self.paint.faint(format!("{label:<LABEL_WIDTH$}"));
            writeln!(self.out, "  {label}  {line}")?;
        }
        Ok(())
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => format!("{bytes} bytes"),
        Value::Text(text) => printable(text),
        Value::List(list) => printable(&list.join(", ")),
    }
}

const LABEL_WIDTH: usize = 36;
const TEXT_WIDTH: usize = 72;
