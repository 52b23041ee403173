//! Judges the start of a board by what it prints, sans I/O: lines and the time go in, a verdict comes out.

use std::time::Duration;

use serde::Serialize;

use super::{
    boot_line::{BootLine, BootStage},
    chip::{self, Chip, ResetOrigin},
    ready::{Line, Ready},
};

/// Follows one start of a board to a verdict.
#[derive(Debug)]
pub struct Watch {
    chip: &'static Chip,
    start: Start,
    limit: Duration,
    received: Received,
    restarts: u32,
    last_cause: String,
    stage: BootStage,
    panic: Option<Panic>,
    /// The ROM crashed when it was asked to start the firmware: a person may still press the RESET button.
    rom_panic: Option<Panic>,
    needs_reset: ResetNeed,
    fault: Option<RepeatedFault>,
    gone_since: Option<Duration>,
}

/// What is known of the start that is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// We have just started the board: the first start that it tells of is that one, whatever its cause.
    Ours,
    /// We have asked its bootloader to start the firmware, since its port can't restart it. It may do so, crash, or stay
    /// silent until somebody presses its RESET button.
    Asked,
    /// Nothing: a start that it tells of is its own, unless the ROM says that it came from outside.
    Unknown,
}

/// How a start of a board ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchVerdict {
    /// It serves.
    Ready(Ready),
    /// It does not serve.
    Failed(StartFailure),
}

/// Why a board does not serve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum StartFailure {
    /// A program on it panicked.
    Panic {
        /// Which one.
        by: BootStage,
        /// What it said about that.
        message: String,
    },
    /// It restarts by itself, again and again.
    BootLoop {
        /// How often it did.
        restarts: u32,
        /// The ROM's name for the cause of the last one, e.g. `RTC_SW_SYS_RST`; empty when it gave none.
        cause: String,
    },
    /// The network refuses it: the password is wrong, or the network takes no more stations.
    WifiRefused {
        /// The board's own words.
        message: String,
    },
    /// It can't join the network for another reason: not found, too weak, lost.
    WifiUnreachable {
        /// The board's own words.
        message: String,
    },
    /// It joined the network and got no address.
    NoDhcp {
        /// The board's own words.
        message: String,
    },
    /// It says that it can't serve, and why.
    Fault {
        /// The board's own words.
        message: String,
    },
    /// It waits for a flasher instead of running its firmware.
    DownloadMode,
    /// It prints something, but neither READY nor a reason why it does not serve.
    NotReady,
    /// Not one byte came.
    Silence,
    /// Its port vanished and did not come back.
    PortGone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Received {
    Nothing,
    Something,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ResetNeed {
    No,
    /// It is to be told to the person.
    Yes,
    Told,
}

#[derive(Debug)]
struct Panic {
    by: BootStage,
    message: String,
    since: Duration,
}

/// A FAULT that the board itself goes on trying to overcome.
#[derive(Debug)]
struct RepeatedFault {
    failure: StartFailure,
    times: u32,
}

impl Watch {
    /// A board that is followed from time zero and has until `limit` to serve.
    #[must_use]
    pub fn new(start: Start, limit: Duration) -> Self {
        Self {
            chip: chip::DEFAULT,
            start,
            limit,
            received: Received::Nothing,
            restarts: 0,
            last_cause: String::new(),
            stage: if start == Start::Unknown { BootStage::Unknown } else { BootStage::Rom },
            panic: None,
            rom_panic: None,
            needs_reset: ResetNeed::No,
            fault: None,
            gone_since: None,
        }
    }

    /// The board printed a line at time `at`.
    pub fn line(&mut self, text: &str, at: Duration) -> Option<WatchVerdict> {
        self.received = Received::Something;
        if let Some(chip) = chip::by_banner(text) {
            self.chip = chip;
        }
        if let Some(boot) = BootLine::parse(text) {
            return self.boot(&boot);
        }
        if text.trim_end() == self.chip.rom.waiting_for_download {
            return failed(StartFailure::DownloadMode);
        }
        let line = Line::parse(text);
        if !matches!(line, Line::Other(_)) {
            self.stage = BootStage::Firmware;
        }
        match line {
            Line::Ready(ready) => return Some(WatchVerdict::Ready(ready)),
            Line::Fault(fault) => return self.fault(fault.reason),
            Line::Panic(message) => self.panicked(message, at),
            Line::Other(text) => self.other(&text, at),
            Line::Stat(_) => {}
        }
        None
    }

    /// Whether somebody has to press the board's RESET button; it is so once.
    pub fn takes_need_of_reset(&mut self) -> bool {
        let is_new = self.needs_reset == ResetNeed::Yes;
        if is_new {
            self.needs_reset = ResetNeed::Told;
        }
        is_new
    }

    /// Bytes came that need not be a line yet.
    pub fn bytes(&mut self) {
        self.received = Received::Something;
    }

    /// The port has gone: a board that restarts takes its own USB with it.
    pub fn gone(&mut self, at: Duration) {
        self.gone_since.get_or_insert(at);
    }

    /// The port is back.
    pub fn back(&mut self) {
        self.gone_since = None;
    }

    /// Time passes; call it every now and then.
    pub fn tick(&mut self, at: Duration) -> Option<WatchVerdict> {
        if self.panic.as_ref().is_some_and(|panic| at >= panic.since + PANIC_LINES_WITHIN) {
            let verdict = self.end_of_panic();
            if verdict.is_some() {
                return verdict;
            }
        }
        if self.gone_since.is_some_and(|since| at >= since + GONE_FOR_GOOD) {
            return failed(StartFailure::PortGone);
        }
        (at >= self.limit).then(|| WatchVerdict::Failed(self.out_of_time()))
    }

    fn out_of_time(&mut self) -> StartFailure {
        if let Some(Panic { by, message, .. }) = self.panic.take().or_else(|| self.rom_panic.take()) {
            return StartFailure::Panic { by, message };
        }
        match (self.fault.take(), self.gone_since, self.received) {
            (Some(fault), ..) => fault.failure,
            (None, Some(_), _) => StartFailure::PortGone,
            (None, None, Received::Nothing) => StartFailure::Silence,
            (None, None, Received::Something) => StartFailure::NotReady,
        }
    }

    /// The first start may be ours, or somebody's who pressed a button; each other one is the board's own.
    fn boot(&mut self, boot: &BootLine<'_>) -> Option<WatchVerdict> {
        if self.panic.is_some()
            && let Some(verdict) = self.end_of_panic()
        {
            return Some(verdict);
        }
        if boot.is_download() {
            return failed(StartFailure::DownloadMode);
        }
        self.stage = BootStage::Rom;
        self.rom_panic = None;
        let first = self.last_cause.is_empty() && self.restarts == 0;
        boot.cause.clone_into(&mut self.last_cause);
        if !(first && (self.start != Start::Unknown || self.is_from_outside(boot))) {
            self.restarts += 1;
        }
        let (restarts, cause) = (self.restarts, self.last_cause.clone());
        (restarts >= LOOPING).then_some(WatchVerdict::Failed(StartFailure::BootLoop { restarts, cause }))
    }

    /// Whether somebody started it: by the supply or the reset line, or over USB.
    fn is_from_outside(&self, boot: &BootLine<'_>) -> bool {
        let origin = self.chip.reset_origin(boot.number);
        matches!(origin, Some(ResetOrigin::PowerOn | ResetOrigin::Usb))
    }

    fn fault(&mut self, message: String) -> Option<WatchVerdict> {
        let Some((failure, limit)) = retried(&message) else {
            return failed(StartFailure::Fault { message });
        };
        let again = self.fault.take().filter(|fault| fault.failure == failure);
        let times = again.map_or(0, |fault| fault.times) + 1;
        if times >= limit {
            return failed(failure);
        }
        self.fault = Some(RepeatedFault { failure, times });
        None
    }

    fn panicked(&mut self, message: String, at: Duration) {
        let by = self.stage;
        if self.start == Start::Asked && by == BootStage::Rom && self.needs_reset == ResetNeed::No {
            self.needs_reset = ResetNeed::Yes;
        }
        self.panic.get_or_insert(Panic { by, message, since: at });
    }

    /// Other firmwares announce a panic in other words. The lines that follow explain it.
    fn other(&mut self, text: &str, at: Duration) {
        let text = text.trim();
        match &mut self.panic {
            Some(panic) if !text.is_empty() && panic.message.len() < LONGEST_PANIC => {
                panic.message.push(' ');
                panic.message.push_str(text);
            }
            Some(_) => {}
            None if text.contains(RUST_PANIC) => {
                // Neither the ROM nor the bootloader is written in Rust.
                self.stage = BootStage::Firmware;
                self.panicked(text.to_owned(), at);
            }
            None if PANICS.iter().any(|words| text.contains(words)) => self.panicked(text.to_owned(), at),
            // What follows the ROM's panic is its registers.
            None if self.rom_panic.is_some() => {}
            None => self.stage = BootStage::of(text).unwrap_or(self.stage),
        }
    }

    /// The ROM's panic is no verdict where somebody may still press the RESET button.
    fn end_of_panic(&mut self) -> Option<WatchVerdict> {
        let panic = self.panic.take()?;
        if self.start == Start::Asked && panic.by == BootStage::Rom && self.restarts == 0 {
            self.rom_panic = Some(panic);
            return None;
        }
        failed(StartFailure::Panic { by: panic.by, message: panic.message })
    }
}

/// Why a board does not serve that prints this FAULT.
#[must_use]
pub fn trouble_of_fault(message: &str) -> StartFailure {
    retried(message)
        .map_or_else(|| StartFailure::Fault { message: message.to_owned() }, |(trouble, _)| trouble)
}

/// Whether a panic begins with this line, in the words of ESP-IDF, the ROM or Rust. The firmware's own words for it are
/// [`Line::Panic`].
#[must_use]
pub fn begins_panic(line: &str) -> bool {
    line.contains(RUST_PANIC) || PANICS.iter().any(|words| line.contains(words))
}

/// A FAULT that the board goes on trying to overcome, and how often it may report it before that is the verdict.
fn retried(message: &str) -> Option<(StartFailure, u32)> {
    let owned = || message.to_owned();
    match message {
        WIFI_AUTHENTICATION | WIFI_ASSOCIATION => {
            Some((StartFailure::WifiRefused { message: owned() }, REFUSALS))
        }
        _ if message.starts_with("wifi: the radio") => None,
        _ if message.starts_with("wifi: ") => {
            Some((StartFailure::WifiUnreachable { message: owned() }, FAILED_SCANS))
        }
        _ if message.starts_with("dhcp: ") => Some((StartFailure::NoDhcp { message: owned() }, REFUSALS)),
        _ => None,
    }
}

fn failed(failure: StartFailure) -> Option<WatchVerdict> {
    Some(WatchVerdict::Failed(failure))
}

/// So many restarts of its own are a loop.
const LOOPING: u32 = 2;
/// A wrong password is refused every time, a lost frame is not; an address may take a second round of requests.
const REFUSALS: u32 = 2;
/// A scan misses a network now and then.
const FAILED_SCANS: u32 = 3;
/// For so long the lines after a panic belong to it; the firmware restarts after half a second.
const PANIC_LINES_WITHIN: Duration = Duration::from_millis(450);
const LONGEST_PANIC: usize = 1000;
/// A USB device that restarts is listed again within two seconds.
const GONE_FOR_GOOD: Duration = Duration::from_secs(10);

/// How ESP-IDF, the ROM and the bootloader begin a panic.
const PANICS: [&str; 2] = ["Guru Meditation Error", "abort() was called at"];
/// How a panic of Rust begins, as esp-backtrace prints it.
const RUST_PANIC: &str = "panicked at";
/// The words of the firmware, `wifi.rs` of its board crate.
const WIFI_AUTHENTICATION: &str = "wifi: authentication refused";
const WIFI_ASSOCIATION: &str = "wifi: association refused";

#[cfg(test)]
mod tests;
