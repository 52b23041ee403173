//! Whose fault it is that a step did not pass: the lab's or the firmware's. The table at the end decides, and nothing else.

use super::{
    log_event::{Blame, LogEvent, LogEventKind},
    outcome::StepError,
    state::StepState,
};
use crate::error::{Code, Fault};

/// Whether the board has served in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// It has: it said READY, or an earlier step reached it.
    Yes,
    /// Not yet.
    No,
    /// It has, and said then that the lab took its network or its supply. It has not served since.
    Lost,
}

/// How a step ended: by its error, if it has one, and by what the board printed meanwhile.
#[must_use]
pub fn state(error: Option<&StepError>, events: &[LogEvent], served: Served) -> StepState {
    if let Some(error) = error {
        match error.fault {
            Fault::Interrupted => return StepState::Interrupted,
            Fault::Bug => return StepState::Bug,
            _ => {}
        }
    }
    if blamed(events, Blame::Firmware).next().is_some() {
        return StepState::Regression;
    }
    let Some(error) = error else { return StepState::Passed };
    let told = by_error(error, served);
    let may_be_lab =
        matches!(told, StepState::Regression) && is_unreachable(error) || told == StepState::CouldNotTell;
    let is_of_lab = served == Served::Lost || blamed(events, Blame::Lab).next().is_some();
    if may_be_lab && is_of_lab { StepState::Lab } else { told }
}

/// The event that makes a regression of a step whose command found nothing wrong.
#[must_use]
pub fn culprit(events: &[LogEvent]) -> Option<&LogEvent> {
    // A panic says more than the restart that follows it.
    let panic = blamed(events, Blame::Firmware).find(|event| event.kind == LogEventKind::Panic);
    panic.or_else(|| blamed(events, Blame::Firmware).next())
}

/// Whether the board can't be reached, or does not answer.
#[must_use]
pub fn is_unreachable(error: &StepError) -> bool {
    rule(&error.code) == Some(Rule::Unreachable)
}

fn blamed(events: &[LogEvent], blame: Blame) -> impl Iterator<Item = &LogEvent> {
    events.iter().filter(move |event| event.blame == blame)
}

fn by_error(error: &StepError, served: Served) -> StepState {
    match (error.fault, rule(&error.code), served) {
        (Fault::Interrupted, ..) => StepState::Interrupted,
        (Fault::Bug, ..) => StepState::Bug,
        (Fault::Usage, ..) => StepState::Scenario,
        // Another board than was meant; the exit code of a user's command says more than its code.
        (Fault::Finding, Some(Rule::Lab), _) if error.code != Code::HIL_RUN_FAILED.as_str() => StepState::Lab,
        (Fault::Finding | Fault::Peer, ..) => StepState::Regression,
        (Fault::Inconclusive, ..) => StepState::CouldNotTell,
        (_, Some(Rule::Firmware), _) => StepState::Regression,
        (_, Some(Rule::Lab), _) => StepState::Lab,
        (_, Some(Rule::Unreachable), Served::Yes) => StepState::Regression,
        (_, Some(Rule::Unreachable), Served::No | Served::Lost) => StepState::Lab,
        (Fault::Device, None, _) => StepState::Regression,
        (Fault::Environment, None, _) => StepState::Lab,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// The lab: ports, cables, supply, Wi-Fi, this machine, or another board than was meant.
    Lab,
    /// The firmware.
    Firmware,
    /// The firmware, if it has served before; otherwise the lab.
    Unreachable,
}

fn rule(code: &str) -> Option<Rule> {
    RULES.iter().find(|(known, _)| known.as_str() == code).map(|(_, rule)| *rule)
}

/// The errors of devices and of this machine, by their codes. Other faults decide by themselves: a finding and a broken protocol
/// are the firmware's, and a usage error is the scenario's.
const RULES: &[(Code, Rule)] = &[
    (Code::BOARD_BOOT_LOOP, Rule::Firmware),
    (Code::BOARD_BOOTLOADER_PANIC, Rule::Firmware),
    (Code::BOARD_DOWNLOAD_MODE, Rule::Lab),
    (Code::BOARD_FAULT, Rule::Firmware),
    (Code::BOARD_NO_DHCP, Rule::Lab),
    (Code::BOARD_NOT_READY, Rule::Firmware),
    (Code::BOARD_PANIC, Rule::Firmware),
    (Code::BOARD_PORT_GONE, Rule::Lab),
    (Code::BOARD_ROM_PANIC, Rule::Lab),
    (Code::BOARD_SILENT, Rule::Lab),
    (Code::BOARD_WIFI_REFUSED, Rule::Lab),
    (Code::BOARD_WIFI_UNREACHABLE, Rule::Lab),
    (Code::CERT_CA_NO_HOME, Rule::Lab),
    (Code::CERT_CLOCK, Rule::Lab),
    (Code::CERT_LOCKED, Rule::Lab),
    (Code::CERT_UNWRITABLE, Rule::Lab),
    (Code::CLIENT_ALERT, Rule::Firmware),
    (Code::CLIENT_CLIENT_CERTIFICATE, Rule::Firmware),
    (Code::CLIENT_CLOSED, Rule::Unreachable),
    (Code::CLIENT_CONNECT_TIMEOUT, Rule::Unreachable),
    (Code::CLIENT_HANDSHAKE_TIMEOUT, Rule::Unreachable),
    (Code::CLIENT_NAME_NOT_FOUND, Rule::Lab),
    (Code::CLIENT_NAME_TIMEOUT, Rule::Lab),
    (Code::CLIENT_NO_INTERFACE, Rule::Lab),
    (Code::CLIENT_NO_ROUTE, Rule::Lab),
    (Code::CLIENT_REFUSED, Rule::Unreachable),
    (Code::CLIENT_RESET, Rule::Unreachable),
    (Code::DISCOVER_NO_NETWORK, Rule::Lab),
    (Code::DISCOVER_NOTHING, Rule::Lab),
    (Code::DISCOVER_SOCKET, Rule::Lab),
    (Code::DISCOVER_UNKNOWN, Rule::Lab),
    (Code::DOCTOR_CLEAN, Rule::Lab),
    (Code::DOCTOR_NOT_READY, Rule::Lab),
    (Code::DOCTOR_PROBLEMS, Rule::Lab),
    (Code::EMULATE_FAULT, Rule::Firmware),
    (Code::EMULATE_IMAGE_HANDOVER, Rule::Lab),
    (Code::EMULATE_NO_COMMAND, Rule::Lab),
    (Code::EMULATE_NO_QEMU, Rule::Lab),
    (Code::EMULATE_NOT_READY, Rule::Firmware),
    (Code::EMULATE_OTHER_CERTIFICATE, Rule::Firmware),
    (Code::EMULATE_PANICKED, Rule::Firmware),
    (Code::EMULATE_PORT, Rule::Lab),
    (Code::EMULATE_PORT_DENIED, Rule::Lab),
    (Code::EMULATE_PORT_TAKEN, Rule::Lab),
    (Code::EMULATE_QEMU, Rule::Lab),
    (Code::EMULATE_QEMU_ENDED, Rule::Lab),
    // What does not compile must never pass as a fault of the lab.
    (Code::FIRMWARE_BUILD, Rule::Firmware),
    (Code::FIRMWARE_CACHE, Rule::Lab),
    (Code::FIRMWARE_IMAGE, Rule::Lab),
    (Code::FIRMWARE_NO_SOURCES, Rule::Lab),
    (Code::FIRMWARE_NO_TOOLCHAIN, Rule::Lab),
    (Code::FLASH_BROKEN, Rule::Lab),
    (Code::FLASH_LOCKED, Rule::Lab),
    (Code::FLASH_NO_ANSWER, Rule::Lab),
    (Code::FLASH_NO_FLASH_CHIP, Rule::Lab),
    (Code::FLASH_NO_LINES, Rule::Lab),
    (Code::FLASH_NOT_IN_BOOTLOADER, Rule::Lab),
    (Code::FLASH_NOT_IN_MANIFEST, Rule::Lab),
    (Code::FLASH_OLD_REVISION, Rule::Lab),
    (Code::FLASH_OTHER_BOARD, Rule::Lab),
    (Code::FLASH_OTHER_CERTIFICATE, Rule::Firmware),
    (Code::FLASH_OTHER_CHIP, Rule::Lab),
    (Code::FLASH_OTHER_TABLE, Rule::Lab),
    (Code::FLASH_SMALL_FLASH, Rule::Lab),
    (Code::FLASH_TEMPORARY_FILE, Rule::Lab),
    (Code::FLASH_VERIFY, Rule::Lab),
    (Code::HIL_LAB, Rule::Lab),
    (Code::HIL_NO_RESULT, Rule::Lab),
    (Code::HIL_NOT_CONNECTED, Rule::Lab),
    (Code::HIL_NOT_READY, Rule::Firmware),
    (Code::HIL_OUT, Rule::Lab),
    (Code::HIL_RUN_FAILED, Rule::Lab),
    (Code::HIL_UNREACHABLE, Rule::Unreachable),
    (Code::LOAD_ENGINE, Rule::Lab),
    (Code::LOAD_FILE_LIMIT, Rule::Lab),
    (Code::LOAD_NO_SESSION, Rule::Unreachable),
    (Code::LOAD_NOTHING_COMPLETED, Rule::Unreachable),
    (Code::LOAD_PORT_LIMIT, Rule::Lab),
    (Code::LOAD_SERIES, Rule::Lab),
    (Code::MONITOR_RESET, Rule::Lab),
    (Code::MONITOR_SILENT, Rule::Lab),
    (Code::OUTPUT_WRITE, Rule::Lab),
    (Code::PORT_BUSY, Rule::Lab),
    (Code::PORT_DENIED, Rule::Lab),
    (Code::PORT_IN_USE, Rule::Lab),
    (Code::PORT_LOCK, Rule::Lab),
    (Code::PORT_MISSING, Rule::Lab),
    (Code::PORT_NONE, Rule::Lab),
    (Code::PORT_NOT_SERIAL, Rule::Lab),
    (Code::PORT_OTHER, Rule::Lab),
    (Code::PORT_SEVERAL, Rule::Lab),
    (Code::PROBE_CONNECT, Rule::Lab),
    (Code::PROBE_CONNECTION, Rule::Lab),
    (Code::PROBE_GONE, Rule::Unreachable),
    (Code::PROBE_INCOMPATIBLE, Rule::Firmware),
    (Code::PROBE_NO_PAGE, Rule::Unreachable),
    (Code::PROBE_SMALL_KEY, Rule::Firmware),
    (Code::RUNTIME_START, Rule::Lab),
    (Code::SERIAL_LOG, Rule::Lab),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn error(fault: Fault, code: Code) -> StepError {
        StepError::new(fault, code, "doing", "what")
    }

    fn event(kind: LogEventKind, blame: Blame) -> LogEvent {
        LogEvent { at_us: 1, kind, blame, text: "text".to_owned() }
    }

    /// A new code of a device or of this machine has to say whose fault it is.
    #[test]
    fn every_code_of_a_device_or_of_this_machine_has_a_rule() {
        let codes = Code::GROUPS.iter().flat_map(|group| group.codes);
        let open = codes.filter(|code| {
            let is_open = |fault: &Fault| matches!(fault, Fault::Device | Fault::Environment);
            code.faults().iter().any(is_open) && rule(code.as_str()).is_none()
        });
        assert_eq!(open.map(|code| code.as_str()).collect::<Vec<_>>(), [] as [&str; 0]);
        assert!(RULES.is_sorted_by_key(|(code, _)| code.as_str()), "in the order of the alphabet");
    }

    #[test]
    fn the_board_s_words_decide_before_the_command_s() {
        let unreachable = error(Fault::Device, Code::CLIENT_CONNECT_TIMEOUT);
        let panic = [event(LogEventKind::Panic, Blame::Firmware)];
        let wifi = [event(LogEventKind::Fault, Blame::Lab)];
        assert_eq!(state(Some(&unreachable), &[], Served::No), StepState::Lab);
        assert_eq!(state(Some(&unreachable), &[], Served::Yes), StepState::Regression);
        assert_eq!(state(Some(&unreachable), &wifi, Served::Yes), StepState::Lab);
        assert_eq!(
            state(Some(&unreachable), &[], Served::Lost),
            StepState::Lab,
            "as an earlier step has seen"
        );
        assert_eq!(state(Some(&unreachable), &panic, Served::Lost), StepState::Regression);
        assert_eq!(state(Some(&unreachable), &panic, Served::No), StepState::Regression);
        assert_eq!(state(None, &panic, Served::Yes), StepState::Regression, "although the command passed");
        assert_eq!(state(None, &wifi, Served::Yes), StepState::Passed);
    }

    #[test]
    fn the_lab_and_the_firmware_never_look_alike() {
        for (fault, code, expected) in [
            (Fault::Environment, Code::PORT_BUSY, StepState::Lab),
            (Fault::Device, Code::FLASH_NO_ANSWER, StepState::Lab),
            (Fault::Device, Code::BOARD_WIFI_REFUSED, StepState::Lab),
            (Fault::Finding, Code::FLASH_OTHER_BOARD, StepState::Lab),
            (Fault::Finding, Code::LOAD_GATE, StepState::Regression),
            (Fault::Finding, Code::PROBE_PIN_MISMATCH, StepState::Regression),
            (Fault::Peer, Code::PROBE_PROTOCOL, StepState::Regression),
            (Fault::Device, Code::BOARD_PANIC, StepState::Regression),
            (Fault::Environment, Code::FIRMWARE_BUILD, StepState::Regression),
            (Fault::Inconclusive, Code::PROBE_INCONCLUSIVE, StepState::CouldNotTell),
            (Fault::Usage, Code::PROBE_GATE_FILE, StepState::Scenario),
            (Fault::Bug, Code::RUNTIME_LOST, StepState::Bug),
            (Fault::Interrupted, Code::PROBE_INTERRUPTED, StepState::Interrupted),
        ] {
            assert_eq!(state(Some(&error(fault, code)), &[], Served::No), expected, "{code}");
        }
        let brownout = [event(LogEventKind::Reset, Blame::Lab)];
        let gate = error(Fault::Finding, Code::LOAD_GATE);
        assert_eq!(state(Some(&gate), &brownout, Served::Yes), StepState::Regression, "a gate is a gate");
        let starved = error(Fault::Inconclusive, Code::LOAD_GENERATOR_STARVED);
        assert_eq!(state(Some(&starved), &brownout, Served::Yes), StepState::Lab);
    }
}
