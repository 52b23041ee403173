//! Reads what a board prints during a run, sans I/O: lines and times go in, events come out.

use super::{
    log_event::{Blame, LogEvent, LogEventKind},
    outcome::HeapReading,
};
use crate::device::{
    boot_line::BootLine,
    chip::{self, Chip, ResetOrigin},
    ready::{Line, Ready, Stat},
    watch::{StartFailure, begins_panic, trouble_of_fault},
};

/// Follows one board through a run.
#[derive(Debug)]
pub struct LogWatch {
    chip: &'static Chip,
    start: ExpectedStart,
    panic: Panicking,
    ready: Option<Ready>,
    connection: Connection,
    heap_lowest: Option<u64>,
    last_stat: Option<Stat>,
    lines: Vec<String>,
    heap: Vec<HeapReading>,
    events: Vec<LogEvent>,
}

/// Whether a start of the board is one that the run has asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExpectedStart {
    /// The next start is.
    Next,
    /// None is.
    None,
}

/// Whether the board has what the lab gives it, as far as it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Connection {
    /// Nothing says that it has not.
    Kept,
    /// It said that its network or supply failed, or its port went, and has not served since.
    Lost,
}

/// Whether the lines that come belong to a panic that has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Panicking {
    Yes,
    No,
}

impl Default for LogWatch {
    /// A board that may start now, as opening a port makes some do.
    fn default() -> Self {
        Self {
            chip: chip::DEFAULT,
            start: ExpectedStart::Next,
            panic: Panicking::No,
            ready: None,
            connection: Connection::Kept,
            heap_lowest: None,
            last_stat: None,
            lines: Vec::new(),
            heap: Vec::new(),
            events: Vec::new(),
        }
    }
}

impl LogWatch {
    /// The run starts the board: what it printed before is over.
    pub fn starts(&mut self) {
        self.start = ExpectedStart::Next;
        (self.panic, self.connection) = (Panicking::No, Connection::Kept);
        (self.ready, self.heap_lowest, self.last_stat) = (None, None, None);
        self.lines.clear();
    }

    /// The board printed a line.
    pub fn line(&mut self, text: &str, at_us: u64) {
        self.remember(text);
        if let Some(chip) = chip::by_banner(text) {
            self.chip = chip;
        }
        if let Some(boot) = BootLine::parse(text) {
            self.booted(&boot, text, at_us);
            return;
        }
        match Line::parse(text) {
            Line::Ready(ready) => {
                self.event(
                    at_us,
                    LogEventKind::Ready,
                    Blame::None,
                    &format!("serves, firmware {}", ready.fw),
                );
                (self.ready, self.start) = (Some(ready), ExpectedStart::None);
                self.connection = Connection::Kept;
            }
            Line::Stat(stat) => {
                self.connection = Connection::Kept;
                self.stat(stat, at_us);
            }
            Line::Fault(fault) => self.fault(&fault.reason, at_us),
            Line::Panic(message) => self.panicked(&message, at_us),
            Line::Other(text) if begins_panic(&text) => self.panicked(text.trim(), at_us),
            Line::Other(_) => {}
        }
    }

    /// Its port has gone.
    pub fn port_gone(&mut self, at_us: u64) {
        // The chip's own USB goes with each restart: it is nobody's fault until something fails.
        self.event(at_us, LogEventKind::PortGone, Blame::Lab, "the serial port vanished");
    }

    /// Its port has come back.
    pub fn port_back(&mut self, at_us: u64) {
        self.event(at_us, LogEventKind::PortBack, Blame::None, "the serial port came back");
    }

    /// What it said when it served, since its last start by the run.
    #[must_use]
    pub fn ready(&self) -> Option<&Ready> {
        self.ready.as_ref()
    }

    /// Whether the board has said that the lab failed it, by its network, supply or port, and has not served since.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.connection == Connection::Lost
    }

    /// A step has reached it.
    pub fn reached(&mut self) {
        self.connection = Connection::Kept;
    }

    /// Its lines since its last start by the run, oldest first.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The events since this was last called.
    pub fn take_events(&mut self) -> Vec<LogEvent> {
        std::mem::take(&mut self.events)
    }

    /// The events since [`Self::take_events`] was last called.
    #[must_use]
    pub fn events(&self) -> &[LogEvent] {
        &self.events
    }

    /// The figures of the whole run, oldest first.
    #[must_use]
    pub fn heap(&self) -> &[HeapReading] {
        &self.heap
    }

    /// A reading of the board's figures that came another way, such as the answer to `GET /stat`.
    pub fn reading(&mut self, reading: HeapReading) {
        self.heap.push(reading);
        self.heap.sort_by_key(|reading| reading.at_us);
    }

    fn booted(&mut self, boot: &BootLine<'_>, text: &str, at_us: u64) {
        self.panic = Panicking::No;
        self.last_stat = None;
        let blame = if std::mem::replace(&mut self.start, ExpectedStart::None) == ExpectedStart::Next {
            Blame::None
        } else {
            self.ready = None;
            match self.chip.reset_origin(boot.number) {
                Some(ResetOrigin::PowerOn | ResetOrigin::Usb | ResetOrigin::Brownout) => Blame::Lab,
                // A watchdog, a panic, or the program itself.
                None => Blame::Firmware,
            }
        };
        let cause = if boot.cause.is_empty() { text.trim() } else { boot.cause };
        self.event(at_us, LogEventKind::Reset, blame, &format!("the board started: {cause}"));
    }

    fn stat(&mut self, stat: Stat, at_us: u64) {
        let Stat { heap_free, heap_min, uptime_s, .. } = stat;
        self.heap.push(HeapReading { at_us, heap_free, heap_min, uptime_s });
        if self.heap_lowest.is_some_and(|lowest| heap_min < lowest) {
            self.event(
                at_us,
                LogEventKind::HeapLow,
                Blame::None,
                &format!("at least {heap_min} bytes of heap were free"),
            );
        }
        self.heap_lowest = Some(self.heap_lowest.map_or(heap_min, |lowest| lowest.min(heap_min)));
        // An emulated board has no ROM that would tell of a start.
        if self.last_stat.as_ref().is_some_and(|last| uptime_s < last.uptime_s) {
            self.event(
                at_us,
                LogEventKind::Reset,
                Blame::Firmware,
                "the board started again: its uptime is smaller than before",
            );
        }
        self.last_stat = Some(stat);
    }

    fn fault(&mut self, reason: &str, at_us: u64) {
        let blame = match trouble_of_fault(reason) {
            StartFailure::WifiRefused { .. }
            | StartFailure::WifiUnreachable { .. }
            | StartFailure::NoDhcp { .. } => Blame::Lab,
            _ => Blame::Firmware,
        };
        self.ready = None;
        self.event(at_us, LogEventKind::Fault, blame, reason);
    }

    fn panicked(&mut self, message: &str, at_us: u64) {
        if self.panic == Panicking::No {
            self.panic = Panicking::Yes;
            self.ready = None;
            self.event(at_us, LogEventKind::Panic, Blame::Firmware, message);
        }
    }

    fn event(&mut self, at_us: u64, kind: LogEventKind, blame: Blame, text: &str) {
        if blame == Blame::Lab {
            self.connection = Connection::Lost;
        }
        if self.events.len() < MOST_EVENTS {
            self.events.push(LogEvent {
                at_us,
                kind,
                blame,
                text: text.chars().take(LONGEST_TEXT).collect(),
            });
        }
    }

    /// A board that prints without an end must not fill the memory.
    fn remember(&mut self, text: &str) {
        if self.lines.len() >= MOST_LINES {
            self.lines.drain(..MOST_LINES / 2);
        }
        self.lines.push(text.to_owned());
    }
}

const MOST_LINES: usize = 20_000;
const MOST_EVENTS: usize = 500;
const LONGEST_TEXT: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str = r#"ESP-HTTPS READY {"ip":"10.0.2.15","port":443,"mac":"52:54:00:12:34:56","fw":"0.1.0","cert_sha256":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}"#;

    fn stat(uptime: u64, least: u64) -> String {
        format!(
            r#"ESP-HTTPS STAT {{"uptime_s":{uptime},"heap_free":150000,"heap_min":{least},"sessions":1,"handshakes":2,"resumed":0,"handshake_us":1,"failed":1,"requests":3}}"#
        )
    }

    fn events(lines: &[&str]) -> Vec<(LogEventKind, Blame)> {
        let mut watch = LogWatch::default();
        for (index, line) in lines.iter().enumerate() {
            watch.line(line, index as u64);
        }
        watch.take_events().into_iter().map(|event| (event.kind, event.blame)).collect()
    }

    #[test]
    fn the_first_start_is_ours_and_the_cause_says_whose_the_next_one_is() {
        use LogEventKind::{Ready, Reset};
        for (cause, blame) in [
            ("rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)", Blame::Lab),
            ("rst:0xf (BROWNOUT_RST),boot:0xc (SPI_FAST_FLASH_BOOT)", Blame::Lab),
            ("rst:0x15 (USB_UART_CHIP_RESET),boot:0xc (SPI_FAST_FLASH_BOOT)", Blame::Lab),
            ("rst:0x3 (RTC_SW_SYS_RST),boot:0xc (SPI_FAST_FLASH_BOOT)", Blame::Firmware),
            ("rst:0x8 (TG1WDT_SYS_RST),boot:0xc (SPI_FAST_FLASH_BOOT)", Blame::Firmware),
        ] {
            assert_eq!(
                events(&[cause, READY, cause]),
                [(Reset, Blame::None), (Ready, Blame::None), (Reset, blame)],
                "{cause}"
            );
        }
    }

    #[test]
    fn a_panic_is_one_event_and_a_wifi_fault_is_the_lab_s() {
        assert_eq!(
            events(&["ESP-HTTPS PANIC panicked at x:1:1:", "panicked at x", "Guru Meditation Error"]),
            [(LogEventKind::Panic, Blame::Firmware)]
        );
        for (reason, blame) in [
            ("wifi: no such network", Blame::Lab),
            ("dhcp: no address", Blame::Lab),
            ("no key", Blame::Firmware),
        ] {
            let line = format!("ESP-HTTPS FAULT {{\"reason\":\"{reason}\"}}");
            assert_eq!(events(&[&line]), [(LogEventKind::Fault, blame)], "{reason}");
        }
    }

    #[test]
    fn what_the_lab_took_is_lost_until_the_board_serves_again() {
        let fault = "ESP-HTTPS FAULT {\"reason\":\"wifi: no such network\"}";
        let mut watch = LogWatch::default();
        watch.line(READY, 1);
        assert!(!watch.is_lost());
        let ways: [fn(&mut LogWatch); 4] = [
            LogWatch::starts,
            LogWatch::reached,
            |watch| watch.line(READY, 3),
            |watch| watch.line(&stat(10, 100_000), 3),
        ];
        for serves in ways {
            watch.line(fault, 2);
            watch.take_events();
            assert!(watch.is_lost(), "also in a later step");
            serves(&mut watch);
            assert!(!watch.is_lost());
        }
        watch.line("ESP-HTTPS FAULT {\"reason\":\"no key\"}", 4);
        assert!(!watch.is_lost(), "that is the firmware's own");
    }

    #[test]
    fn the_heap_is_read_and_an_uptime_that_falls_is_a_restart() {
        let mut watch = LogWatch::default();
        for (index, (uptime, least)) in
            [(10, 100_000), (20, 90_000), (30, 90_000), (5, 120_000)].into_iter().enumerate()
        {
            watch.line(&stat(uptime, least), index as u64);
        }
        let told: Vec<_> = watch.take_events().into_iter().map(|event| event.kind).collect();
        assert_eq!(told, [LogEventKind::HeapLow, LogEventKind::Reset]);
        assert_eq!(watch.heap().len(), 4);
        watch.starts();
        watch.line(&stat(1, 120_000), 9);
        assert_eq!(watch.take_events(), [], "a start of ours is no restart");
    }

    #[test]
    fn ready_is_forgotten_when_the_board_is_started_again() {
        let mut watch = LogWatch::default();
        watch.line(READY, 1);
        assert!(watch.ready().is_some());
        watch.starts();
        assert!(watch.ready().is_none() && watch.lines().is_empty());
    }
}
