//! An audit as text.

use std::io::{self, Write};

use super::{
    Paint, Report,
    printable::printable,
    probe::{or_nothing, wrap::wrapped},
};
use crate::client::suite::CipherSuite;
use crate::counted::counted;
use crate::probe::audit::{
    Audit, Extent, Order, VersionOffer,
    finding::{Finding, Severity},
    health::{Health, HealthCheck, HealthState},
    item::{Item, Section, Value, Verdict},
    ledger::Ledger,
};

impl Report for Audit {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let mut sheet = Sheet { out, paint };
        let ledger = &self.ledger;
        if ledger.accepted_hellos + ledger.refused_hellos == 0 {
            // Of nothing that was asked there is anything to say.
            return sheet.nobody(self);
        }
        sheet.title(self)?;
        for section in Section::ALL {
            sheet.section(
                section.heading(),
                self.items.iter().filter(|item| item.subject.section == section),
            )?;
        }
        self.offers.iter().try_for_each(|offer| sheet.offer(offer))?;
        sheet.findings(&self.findings)?;
        sheet.contradictions(&self.contradictions)?;
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
        let impossible = count(Verdict::Inconclusive) + count(Verdict::Skipped) - open;
        let some = |count: usize, what| if count == 0 { String::new() } else { format!(", {count} {what}") };
        let open = self
            .paint
            .warn(some(open, "open") + &some(impossible, "need a handshake that can't be completed"));
        let findings = audit.findings.len() as u64;
        let health = self.state(audit.health.state);
        let (answered, findings) = (counted(answered as u64, "question"), counted(findings, "finding"));
        writeln!(self.out, "{answered} answered{open}, {findings}, {health}")?;
        self.first_look(audit)
    }

    /// A server that answered nothing.
    fn nobody(&mut self, audit: &Audit) -> io::Result<()> {
        let why = audit.unobserved.as_deref().map_or(String::new(), |why| format!(": {}", printable(why)));
        let attempts = counted(audit.ledger.attempts.into(), "attempt");
        writeln!(self.out, "{} answered none of {attempts}{why}", self.paint.strong(&audit.target))
    }

    /// The whole handshake that comes before the questions.
    fn first_look(&mut self, audit: &Audit) -> io::Result<()> {
        if let Some(why) = &audit.unobserved {
            writeln!(self.out, "{} {}", self.paint.warn("no complete handshake:"), printable(why))?;
        }
        if let Some(seen) = &audit.observation {
            let (handshake, certificate) = (&seen.handshake, &seen.certificate);
            self.heading("handshake")?;
            self.line(
                "negotiated",
                format!(
                    "{}, {}, {}, signed with {}",
                    handshake.version,
                    handshake.cipher_suite,
                    or_nothing(handshake.group),
                    or_nothing(handshake.signature_scheme)
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
            format!("; it took {} attempts", item.evidence.attempts)
        } else {
            String::new()
        };
        let evidence =
            self.paint.faint(format!("({}{attempts})", printable(&item.evidence.says.to_string())));
        self.line(item.subject.title, format!("{answer} {evidence}"))
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
        let parts = [suite.key_exchange(), suite.authentication(), suite.cipher(), suite.hash()].join(" / ");
        let broken = suite.broken();
        let broken =
            if broken.is_empty() { String::new() } else { format!("  {}", self.paint.bad(listed(&broken))) };
        writeln!(
            self.out,
            "  {} {:<46} {}{broken}",
            self.paint.faint(suite.id()),
            suite.suite,
            self.paint.faint(parts)
        )
    }

    fn list<T: ToString>(&mut self, label: &str, values: &[T]) -> io::Result<()> {
        if values.is_empty() { Ok(()) } else { self.line(label, listed(values)) }
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
            for text in [&*printable(&finding.evidence), &*finding.advice, &*finding.docs] {
                wrapped(text, TEXT_WIDTH + LABEL_WIDTH - 9)
                    .iter()
                    .try_for_each(|line| writeln!(self.out, "         {line}"))?;
            }
        }
        Ok(())
    }

    fn contradictions(&mut self, contradictions: &[String]) -> io::Result<()> {
        if contradictions.is_empty() {
            return Ok(());
        }
        self.heading("contradictions in this report, which are a fault of this program: please report them")?;
        contradictions.iter().try_for_each(|what| writeln!(self.out, "  {}", self.paint.bad(printable(what))))
    }

    fn health(&mut self, health: &Health) -> io::Result<()> {
        let time = |us: Option<u64>, check: Option<&HealthCheck>| match (us, check) {
            (Some(us), _) => format!("{} ms", us / 1000),
            (None, Some(check)) => printable(&check.outcome.to_string()),
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
            self.line("last question", self.paint.bad(question.text()))?;
        }
        self.line("checks", format!("{}", health.checks.len()))
    }

    fn ledger(&mut self, ledger: &Ledger) -> io::Result<()> {
        self.heading("what it cost")?;
        let [seconds, waited] = [ledger.total_us, ledger.server_us].map(|us| us as f64 / 1e6);
        let whole = format!(
            "{} for {} questions, with {} attempts, in {seconds:.1} s ({waited:.1} s of them were the server's)",
            ledger.connections, ledger.questions, ledger.attempts
        );
        self.line("connections", whole)?;
        let failed = format!(
            "{} refused, {} reset, {} closed, {} silent",
            ledger.refused, ledger.reset, ledger.closed, ledger.silent
        );
        self.line("of them", failed)?;
        let accepted = format!("{} accepted, {} refused", ledger.accepted_hellos, ledger.refused_hellos);
        self.line("hellos", accepted)?;
        self.line(
            "private key",
            match ledger.private_key_operations {
                0 => "not used".to_owned(),
                1 => "used once".to_owned(),
                often => format!("used {often} times by the server"),
            },
        )
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
        Value::Order(Order::Server) => "server".to_owned(),
        Value::Order(Order::Client) => "client".to_owned(),
        Value::Order(Order::Unknown) => "unknown".to_owned(),
        Value::Suites(suites) => listed(suites),
        Value::Groups(groups) => listed(groups),
        Value::Key(key) => printable(&key.to_string()),
        Value::Group(group) => group.to_string(),
        Value::Names(names) => printable(&names.join(", ")),
    }
}

fn listed<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

const LABEL_WIDTH: usize = 36;
const TEXT_WIDTH: usize = 72;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::audit::{
        Ended, Scope,
        item::{Evidence, Grounds},
        subjects,
    };

    fn audit_with(items: Vec<Item>) -> Audit {
        Audit {
            scope: Scope::Audit,
            ended: Ended::Done,
            target: "a:443".to_owned(),
            address: ([127, 0, 0, 1], 443).into(),
            observation: None,
            unobserved: None,
            refused_by: None,
            items,
            offers: Vec::new(),
            contradictions: Vec::new(),
            health: Health::default(),
            ledger: Ledger { refused_hellos: 1, ..Ledger::default() },
            findings: Vec::new(),
        }
    }

    #[test]
    fn a_server_that_answers_nothing_takes_one_line() {
        let evidence = Evidence { says: Grounds::Seen("seen".to_owned()), alert: None, attempts: 1 };
        let items = subjects().into_iter().map(|subject| Item {
            subject,
            verdict: Verdict::Inconclusive,
            value: None,
            evidence: evidence.clone(),
        });
        let ledger = Ledger { attempts: 12, refused: 12, ..Ledger::default() };
        let unobserved = Some("it refused the connection".to_owned());
        let audit = Audit { ledger, unobserved, ..audit_with(items.collect()) };
        let mut text = Vec::new();
        audit.text(&mut text, Paint::Plain).unwrap();
        insta::assert_snapshot!(String::from_utf8(text).unwrap(), @"a:443 answered none of 12 attempts: it refused the connection");
    }

    #[test]
    fn each_question_is_in_the_text_once_below_the_heading_of_its_section() {
        let evidence = Evidence { says: Grounds::Seen("seen".to_owned()), alert: None, attempts: 1 };
        let item = |subject| Item { subject, verdict: Verdict::No, value: None, evidence: evidence.clone() };
        let mut text = Vec::new();
        audit_with(subjects().into_iter().map(item).collect()).text(&mut text, Paint::Plain).unwrap();
        let text = String::from_utf8(text).unwrap();
        for subject in subjects() {
            let heading = format!("\n{}\n", subject.section.heading());
            let (_, section) = text.split_once(&heading).unwrap_or_else(|| panic!("{heading} in\n{text}"));
            let section = section.split("\n\n").next().unwrap();
            let line = format!("  {:<LABEL_WIDTH$}  no (seen)", subject.title);
            assert!(section.lines().any(|it| it == line), "{line} in\n{section}");
            assert_eq!(text.lines().filter(|it| *it == line).count(), 1, "{line} in\n{text}");
        }
    }
}
