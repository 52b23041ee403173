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
    Failed(Trouble),
}

/// Why a board does not serve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trouble {
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
    trouble: Trouble,
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
            return failed(Trouble::DownloadMode);
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
            return failed(Trouble::PortGone);
        }
        (at >= self.limit).then(|| WatchVerdict::Failed(self.out_of_time()))
    }

    fn out_of_time(&mut self) -> Trouble {
        if let Some(Panic { by, message, .. }) = self.panic.take().or_else(|| self.rom_panic.take()) {
            return Trouble::Panic { by, message };
        }
        match (self.fault.take(), self.gone_since, self.received) {
            (Some(fault), ..) => fault.trouble,
            (None, Some(_), _) => Trouble::PortGone,
            (None, None, Received::Nothing) => Trouble::Silence,
            (None, None, Received::Something) => Trouble::NotReady,
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
            return failed(Trouble::DownloadMode);
        }
        self.stage = BootStage::Rom;
        self.rom_panic = None;
        let first = self.last_cause.is_empty() && self.restarts == 0;
        boot.cause.clone_into(&mut self.last_cause);
        if !(first && (self.start != Start::Unknown || self.is_from_outside(boot))) {
            self.restarts += 1;
        }
        let (restarts, cause) = (self.restarts, self.last_cause.clone());
        (restarts >= LOOPING).then_some(WatchVerdict::Failed(Trouble::BootLoop { restarts, cause }))
    }

    /// Whether somebody started it: by the supply or the reset line, or over USB.
    fn is_from_outside(&self, boot: &BootLine<'_>) -> bool {
        let origin = self.chip.reset_origin(boot.number);
        matches!(origin, Some(ResetOrigin::PowerOn | ResetOrigin::Usb))
    }

    fn fault(&mut self, message: String) -> Option<WatchVerdict> {
        let Some((trouble, limit)) = retried(&message) else {
            return failed(Trouble::Fault { message });
        };
        let again = self.fault.take().filter(|fault| fault.trouble == trouble);
        let times = again.map_or(0, |fault| fault.times) + 1;
        if times >= limit {
            return failed(trouble);
        }
        self.fault = Some(RepeatedFault { trouble, times });
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
        failed(Trouble::Panic { by: panic.by, message: panic.message })
    }
}

/// A FAULT that the board goes on trying to overcome, and how often it may report it before that is the verdict.
fn retried(message: &str) -> Option<(Trouble, u32)> {
    let owned = || message.to_owned();
    match message {
        WIFI_AUTHENTICATION | WIFI_ASSOCIATION => Some((Trouble::WifiRefused { message: owned() }, REFUSALS)),
        _ if message.starts_with("wifi: the radio") => None,
        _ if message.starts_with("wifi: ") => {
            Some((Trouble::WifiUnreachable { message: owned() }, FAILED_SCANS))
        }
        _ if message.starts_with("dhcp: ") => Some((Trouble::NoDhcp { message: owned() }, REFUSALS)),
        _ => None,
    }
}

fn failed(trouble: Trouble) -> Option<WatchVerdict> {
    Some(WatchVerdict::Failed(trouble))
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    const READY: &str = r#"ESP-HTTPS READY {"ip":"192.168.1.7","port":443,"mac":"24:0a:c4:1f:67:7d","fw":"0.1.0","cert_sha256":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}"#;
    const POWER_ON: &str = "rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)";
    const SOFTWARE: &str = "rst:0x3 (RTC_SW_SYS_RST),boot:0xc (SPI_FAST_FLASH_BOOT)";

    /// A board that prints one line a second and then nothing; returns the verdict and when it came.
    fn run(lines: &[&str]) -> (u64, WatchVerdict) {
        let mut watch = Watch::new(Start::Unknown, Duration::from_secs(30));
        for second in 0..100 {
            let at = Duration::from_secs(second);
            let line = usize::try_from(second).ok().and_then(|index| lines.get(index));
            if let Some(verdict) = line.and_then(|line| watch.line(line, at)).or_else(|| watch.tick(at)) {
                return (second, verdict);
            }
        }
        panic!("no verdict");
    }

    fn trouble(lines: &[&str]) -> (u64, Trouble) {
        match run(lines) {
            (at, WatchVerdict::Failed(trouble)) => (at, trouble),
            ready => panic!("{ready:?}"),
        }
    }

    fn fault(reason: &str) -> String {
        format!(r#"ESP-HTTPS FAULT {{"reason":"{reason}"}}"#)
    }

    #[test]
    fn a_board_that_serves_is_ready_at_once() {
        let (at, verdict) = run(&["ESP-ROM:esp32c3-api1-20210207", POWER_ON, "entry 0x403cc710", READY]);
        let WatchVerdict::Ready(ready) = verdict else { panic!("{verdict:?}") };
        assert_eq!((at, ready.ip.to_string().as_str()), (3, "192.168.1.7"));
    }

    #[test]
    fn a_board_may_have_trouble_with_the_network_before_it_serves() {
        let refused = fault("wifi: authentication refused");
        let missing = fault("wifi: network not found (it may be 5 GHz or WPA3 only)");
        let (_, verdict) = run(&[POWER_ON, &refused, &missing, &missing, &refused, READY]);
        assert!(matches!(verdict, WatchVerdict::Ready(_)), "{verdict:?}");
    }

    #[test]
    fn a_network_that_refuses_twice_refuses() {
        let refused = fault("wifi: authentication refused");
        let message = "wifi: authentication refused".to_owned();
        assert_eq!(trouble(&[POWER_ON, &refused, "", &refused]), (3, Trouble::WifiRefused { message }));
    }

    #[test]
    fn a_network_that_is_not_there_is_told_at_the_third_time_or_in_the_end() {
        let text = "wifi: network not found (it may be 5 GHz or WPA3 only)";
        let lost = fault(text);
        let expected = Trouble::WifiUnreachable { message: text.to_owned() };
        assert_eq!(trouble(&[&lost, &lost, &lost]), (2, expected.clone()));
        assert_eq!(trouble(&[&lost, &lost]), (30, expected));
    }

    #[test]
    fn no_address_is_not_no_network() {
        let text = "dhcp: no address after 15 s";
        assert_eq!(trouble(&[&fault(text)]), (30, Trouble::NoDhcp { message: text.to_owned() }));
    }

    #[test]
    fn a_fault_that_will_not_pass_is_told_at_once() {
        for text in ["the provisioning partition is empty", "wifi: the radio can't be started (x)"] {
            assert_eq!(trouble(&[POWER_ON, &fault(text)]), (1, Trouble::Fault { message: text.to_owned() }));
        }
    }

    #[test]
    fn a_panic_is_told_with_what_follows_it_or_when_the_board_restarts() {
        let said = r#"ESP-HTTPS PANIC {"reason":"a bug","file":"src/main.rs","line":7}"#;
        let message = said.strip_prefix("ESP-HTTPS PANIC ").unwrap().to_owned();
        assert_eq!(
            trouble(&[POWER_ON, said]),
            (2, Trouble::Panic { by: BootStage::Firmware, message: message.clone() })
        );
        let mut watch = Watch::new(Start::Unknown, Duration::from_secs(30));
        let at = Duration::from_millis(10);
        assert_eq!(watch.line(said, at), None);
        assert_eq!(watch.line(SOFTWARE, at), failed(Trouble::Panic { by: BootStage::Firmware, message }));
    }

    #[test]
    fn other_firmwares_panic_in_other_words() {
        let mut watch = Watch::new(Start::Unknown, Duration::from_secs(30));
        let at = Duration::from_millis(10);
        for line in ["", "====== PANIC ======", "panicked at src/main.rs:7:9:", "index out of bounds", ""] {
            assert_eq!(watch.line(line, at), None);
        }
        let message = "panicked at src/main.rs:7:9: index out of bounds".to_owned();
        assert_eq!(
            watch.tick(at + PANIC_LINES_WITHIN),
            failed(Trouble::Panic { by: BootStage::Firmware, message })
        );
        let guru = "Guru Meditation Error: Core  0 panic'ed (Load access fault). Exception was unhandled.";
        assert!(matches!(trouble(&[guru]).1, Trouble::Panic { .. }));
    }

    const GURU: &str =
        "Guru Meditation Error: Core  0 panic'ed (Illegal instruction). Exception was unhandled.";

    fn panic_by(start: Start, lines: &[&str]) -> BootStage {
        let mut watch = Watch::new(start, Duration::from_secs(30));
        for line in lines.iter().chain(&[GURU]) {
            assert_eq!(watch.line(line, Duration::ZERO), None, "{line}");
        }
        match watch.tick(Duration::from_secs(30)) {
            Some(WatchVerdict::Failed(Trouble::Panic { by, message })) if message == GURU => by,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nobody_is_blamed_for_a_panic_before_his_first_line() {
        let (rom, entry) = ("ESP-ROM:esp32c3-api1-20210207", "entry 0x403cc710");
        let bootloader = "I (24) boot: ESP-IDF v5.4.1 2nd stage bootloader";
        for (start, lines, by) in [
            (Start::Asked, &[][..], BootStage::Rom),
            (Start::Ours, &[], BootStage::Rom),
            (Start::Ours, &[rom, POWER_ON, entry, ""], BootStage::Rom),
            (Start::Ours, &[rom, POWER_ON, entry, bootloader], BootStage::Bootloader),
            (Start::Asked, &[bootloader], BootStage::Bootloader),
            (Start::Ours, &[rom, POWER_ON, entry, bootloader, "I (312) main: hello"], BootStage::Firmware),
            (Start::Unknown, &[], BootStage::Unknown),
            (Start::Unknown, &[rom, POWER_ON], BootStage::Rom),
            (Start::Unknown, &["hello"], BootStage::Firmware),
        ] {
            assert_eq!(panic_by(start, lines), by, "{start:?} {lines:?}");
        }
    }

    #[test]
    fn a_rom_that_crashes_when_it_is_asked_to_start_the_firmware_waits_for_the_reset_button() {
        let at = Duration::from_secs;
        let mut watch = Watch::new(Start::Asked, at(30));
        for line in [GURU, "PC      : 0x00000000  RA      : 0x4004c97e", ""] {
            assert_eq!(watch.line(line, at(0)), None);
        }
        assert!(watch.takes_need_of_reset());
        assert!(!watch.takes_need_of_reset(), "it is told once");
        assert_eq!(watch.tick(at(5)), None);
        for line in ["ESP-ROM:esp32c3-api1-20210207", POWER_ON, "entry 0x403cc710"] {
            assert_eq!(watch.line(line, at(6)), None);
        }
        assert!(matches!(watch.line(READY, at(7)), Some(WatchVerdict::Ready(_))));
    }

    #[test]
    fn a_rom_that_crashes_again_and_again_is_a_verdict() {
        let at = Duration::from_secs;
        let mut watch = Watch::new(Start::Asked, at(30));
        let mut verdict = None;
        for _ in 0..4 {
            let lines = [GURU, SOFTWARE];
            verdict = verdict.or_else(|| lines.iter().find_map(|line| watch.line(line, at(1))));
        }
        let Some(WatchVerdict::Failed(trouble)) = verdict else { panic!("no verdict") };
        assert!(matches!(trouble, Trouble::Panic { by: BootStage::Rom, .. }), "{trouble:?}");
    }

    #[test]
    fn only_a_board_that_a_person_must_reset_is_waited_for_after_a_panic() {
        for (start, lines) in [(Start::Ours, &[GURU][..]), (Start::Asked, &["I (312) main: hello", GURU])] {
            let mut watch = Watch::new(start, Duration::from_secs(30));
            for line in lines {
                assert_eq!(watch.line(line, Duration::ZERO), None);
            }
            assert!(!watch.takes_need_of_reset());
            assert!(watch.tick(PANIC_LINES_WITHIN).is_some(), "{start:?}");
        }
    }

    #[test]
    fn two_restarts_of_its_own_are_a_loop_wherever_the_listening_began() {
        let looping = |restarts, cause: &str| Trouble::BootLoop { restarts, cause: cause.to_owned() };
        assert_eq!(trouble(&[POWER_ON, SOFTWARE, SOFTWARE]), (2, looping(2, "RTC_SW_SYS_RST")));
        assert_eq!(trouble(&["half a line", SOFTWARE, SOFTWARE]), (2, looping(2, "RTC_SW_SYS_RST")));
        assert_eq!(trouble(&[POWER_ON, POWER_ON, POWER_ON]), (2, looping(2, "POWERON")));
        let brownout = "rst:0xf (BROWNOUT_RST),boot:0xc (SPI_FAST_FLASH_BOOT)";
        assert_eq!(trouble(&[POWER_ON, brownout, brownout]).1, looping(2, "BROWNOUT_RST"));
        assert_eq!(trouble(&[POWER_ON, SOFTWARE, "hello"]), (30, Trouble::NotReady), "one restart is none");
    }

    #[test]
    fn the_start_that_we_asked_for_is_no_restart_whatever_the_rom_calls_it() {
        let mut watch = Watch::new(Start::Ours, Duration::from_secs(30));
        assert_eq!(watch.line(SOFTWARE, Duration::ZERO), None);
        assert_eq!(watch.line("rst:0xf (BROWNOUT_RST),boot:0xc (SPI_FAST_FLASH_BOOT)", Duration::ZERO), None);
        assert!(matches!(watch.line(READY, Duration::ZERO), Some(WatchVerdict::Ready(_))));
    }

    #[test]
    fn a_board_in_download_mode_says_so_in_two_ways() {
        let boot = "rst:0x15 (USB_UART_CHIP_RESET),boot:0x5 (DOWNLOAD(USB/UART0/1))";
        assert_eq!(trouble(&[boot]), (0, Trouble::DownloadMode));
        assert_eq!(trouble(&["waiting for download"]), (0, Trouble::DownloadMode));
    }

    #[test]
    fn silence_and_talk_without_an_end_are_told_apart() {
        assert_eq!(trouble(&[]), (30, Trouble::Silence));
        assert_eq!(trouble(&["hello"]), (30, Trouble::NotReady));
        let mut watch = Watch::new(Start::Unknown, Duration::from_secs(30));
        watch.bytes();
        assert_eq!(watch.tick(Duration::from_secs(30)), failed(Trouble::NotReady));
    }

    #[test]
    fn a_port_may_vanish_while_the_board_restarts_but_not_for_long() {
        let seconds = Duration::from_secs;
        let mut watch = Watch::new(Start::Unknown, seconds(30));
        watch.gone(seconds(1));
        watch.gone(seconds(5));
        assert_eq!(watch.tick(seconds(10)), None);
        watch.back();
        assert_eq!(watch.tick(seconds(12)), None);
        watch.gone(seconds(13));
        assert_eq!(watch.tick(seconds(23)), failed(Trouble::PortGone));
    }

    proptest! {
        #[test]
        fn whatever_is_said_there_is_a_verdict_in_time(lines: Vec<String>) {
            let mut watch = Watch::new(Start::Unknown, Duration::from_secs(1));
            for line in &lines {
                let _ = watch.line(line, Duration::ZERO);
            }
            prop_assert!(watch.tick(Duration::from_secs(11)).is_some());
        }
    }
}
