//! What a board prints, and what is made of it.

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

fn failure(lines: &[&str]) -> (u64, StartFailure) {
    match run(lines) {
        (at, WatchVerdict::Failed(failure)) => (at, failure),
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
    assert_eq!(failure(&[POWER_ON, &refused, "", &refused]), (3, StartFailure::WifiRefused { message }));
}

#[test]
fn a_network_that_is_not_there_is_told_at_the_third_time_or_in_the_end() {
    let text = "wifi: network not found (it may be 5 GHz or WPA3 only)";
    let lost = fault(text);
    let expected = StartFailure::WifiUnreachable { message: text.to_owned() };
    assert_eq!(failure(&[&lost, &lost, &lost]), (2, expected.clone()));
    assert_eq!(failure(&[&lost, &lost]), (30, expected));
}

#[test]
fn no_address_is_not_no_network() {
    let text = "dhcp: no address after 15 s";
    assert_eq!(failure(&[&fault(text)]), (30, StartFailure::NoDhcp { message: text.to_owned() }));
}

#[test]
fn a_fault_that_will_not_pass_is_told_at_once() {
    for text in ["the provisioning partition is empty", "wifi: the radio can't be started (x)"] {
        assert_eq!(failure(&[POWER_ON, &fault(text)]), (1, StartFailure::Fault { message: text.to_owned() }));
    }
}

#[test]
fn a_panic_is_told_with_what_follows_it_or_when_the_board_restarts() {
    let said = r#"ESP-HTTPS PANIC {"reason":"a bug","file":"src/main.rs","line":7}"#;
    let message = said.strip_prefix("ESP-HTTPS PANIC ").unwrap().to_owned();
    assert_eq!(
        failure(&[POWER_ON, said]),
        (2, StartFailure::Panic { by: BootStage::Firmware, message: message.clone() })
    );
    let mut watch = Watch::new(Start::Unknown, Duration::from_secs(30));
    let at = Duration::from_millis(10);
    assert_eq!(watch.line(said, at), None);
    assert_eq!(watch.line(SOFTWARE, at), failed(StartFailure::Panic { by: BootStage::Firmware, message }));
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
        failed(StartFailure::Panic { by: BootStage::Firmware, message })
    );
    let guru = "Guru Meditation Error: Core  0 panic'ed (Load access fault). Exception was unhandled.";
    assert!(matches!(failure(&[guru]).1, StartFailure::Panic { .. }));
}

const GURU: &str = "Guru Meditation Error: Core  0 panic'ed (Illegal instruction). Exception was unhandled.";

fn panic_by(start: Start, lines: &[&str]) -> BootStage {
    let mut watch = Watch::new(start, Duration::from_secs(30));
    for line in lines.iter().chain(&[GURU]) {
        assert_eq!(watch.line(line, Duration::ZERO), None, "{line}");
    }
    match watch.tick(Duration::from_secs(30)) {
        Some(WatchVerdict::Failed(StartFailure::Panic { by, message })) if message == GURU => by,
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
    let Some(WatchVerdict::Failed(failure)) = verdict else { panic!("no verdict") };
    assert!(matches!(failure, StartFailure::Panic { by: BootStage::Rom, .. }), "{failure:?}");
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
    let looping = |restarts, cause: &str| StartFailure::BootLoop { restarts, cause: cause.to_owned() };
    assert_eq!(failure(&[POWER_ON, SOFTWARE, SOFTWARE]), (2, looping(2, "RTC_SW_SYS_RST")));
    assert_eq!(failure(&["half a line", SOFTWARE, SOFTWARE]), (2, looping(2, "RTC_SW_SYS_RST")));
    assert_eq!(failure(&[POWER_ON, POWER_ON, POWER_ON]), (2, looping(2, "POWERON")));
    let brownout = "rst:0xf (BROWNOUT_RST),boot:0xc (SPI_FAST_FLASH_BOOT)";
    assert_eq!(failure(&[POWER_ON, brownout, brownout]).1, looping(2, "BROWNOUT_RST"));
    assert_eq!(failure(&[POWER_ON, SOFTWARE, "hello"]), (30, StartFailure::NotReady), "one restart is none");
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
    assert_eq!(failure(&[boot]), (0, StartFailure::DownloadMode));
    assert_eq!(failure(&["waiting for download"]), (0, StartFailure::DownloadMode));
}

#[test]
fn silence_and_talk_without_an_end_are_told_apart() {
    assert_eq!(failure(&[]), (30, StartFailure::Silence));
    assert_eq!(failure(&["hello"]), (30, StartFailure::NotReady));
    let mut watch = Watch::new(Start::Unknown, Duration::from_secs(30));
    watch.bytes();
    assert_eq!(watch.tick(Duration::from_secs(30)), failed(StartFailure::NotReady));
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
    assert_eq!(watch.tick(seconds(23)), failed(StartFailure::PortGone));
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
