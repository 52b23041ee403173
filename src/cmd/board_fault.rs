//! Why a board does not serve, and what a person can do about it.

use crate::cert::mbedtls::error_number::ErrorNumber;
use crate::device::{
    boot_line::BootStage,
    chip::{ResetOrigin, reset_origin_by_name},
    flash::outcome::Restart,
    watch::StartFailure,
};
use crate::error::Code;

/// A reason for not serving, in words for a person.
pub(super) struct Explained {
    pub(super) code: Code,
    pub(super) what: String,
    pub(super) hint: &'static str,
}

/// The command that waited for a board to serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiter {
    /// `flash`, which had restarted it in this way.
    Flash(Restart),
    /// `monitor --until-ready`.
    Monitor,
}

/// What a reason for not serving means, and what helps; `waited` in seconds.
pub(super) fn explained(trouble: &StartFailure, waited: u64, waiter: Waiter) -> Explained {
    let new = |code, what: String, hint| Explained { code, what, hint };
    let explained = match trouble {
        StartFailure::Panic { by, message } => panicked(*by, message),
        StartFailure::BootLoop { restarts, cause } => boot_loop(*restarts, cause),
        StartFailure::WifiRefused { message } => new(
            Code::BOARD_WIFI_REFUSED,
            message.clone(),
            "check the password; to write another one: esp-https flash --config-only --ssid ..",
        ),
        StartFailure::WifiUnreachable { message } => new(
            Code::BOARD_WIFI_UNREACHABLE,
            message.clone(),
            "is the network 2.4 GHz and WPA2, is the board near enough, and is its name spelled as in: esp-https flash --ssid NAME",
        ),
        StartFailure::NoDhcp { message } => new(
            Code::BOARD_NO_DHCP,
            format!("it joined the network and got no address ({message})"),
            "check that the network's DHCP server has free addresses and accepts new devices",
        ),
        StartFailure::Fault { message } => new(
            Code::BOARD_FAULT,
            fault_in_words(message),
            "write the board again with esp-https flash, or from nothing with --erase",
        ),
        StartFailure::DownloadMode => new(
            Code::BOARD_DOWNLOAD_MODE,
            "it is in its bootloader and does not start its firmware".to_owned(),
            "let go of the BOOT button and press RESET; check that nothing pulls GPIO9 down",
        ),
        StartFailure::NotReady => new(
            Code::BOARD_NOT_READY,
            format!("it prints something, but neither that it is ready nor what is wrong, for {waited} s"),
            match waiter {
                Waiter::Flash(_) => "give it longer with --wait-ready; does it run the esp-https firmware?",
                Waiter::Monitor => "give it longer with --for; does it run the esp-https firmware?",
            },
        ),
        StartFailure::Silence => new(
            Code::BOARD_SILENT,
            format!("it printed nothing in {waited} s"),
            "press its RESET button; check that the port is the board's console",
        ),
        StartFailure::PortGone => new(
            Code::BOARD_PORT_GONE,
            "its port vanished and did not come back".to_owned(),
            "connect the board again, then: esp-https monitor",
        ),
    };
    let may_not_have_started = matches!(
        trouble,
        StartFailure::Silence | StartFailure::NotReady | StartFailure::Panic { by: BootStage::Rom, .. }
    );
    if waiter == Waiter::Flash(Restart::Asked) && may_not_have_started {
        return Explained { hint: PRESS_RESET, ..explained };
    }
    explained
}

/// What a board says of its fault, and what a number of its TLS library means.
pub(super) fn fault_in_words(message: &str) -> String {
    match ErrorNumber::in_text(message) {
        Some(number) => format!("{message}; {number}"),
        None => message.to_owned(),
    }
}

/// Nobody is blamed who has not printed a line yet.
fn panicked(by: BootStage, message: &str) -> Explained {
    let (code, who, hint) = match by {
        BootStage::Firmware => {
            (Code::BOARD_PANIC, "its firmware panicked", "please report it, with the lines above")
        }
        BootStage::Rom => (
            Code::BOARD_ROM_PANIC,
            "its ROM crashed before it started the firmware",
            "press its RESET button, then: esp-https monitor --until-ready",
        ),
        BootStage::Bootloader => (
            Code::BOARD_BOOTLOADER_PANIC,
            "its bootloader crashed before it started the firmware",
            "write bootloader and firmware anew: esp-https flash --erase",
        ),
        BootStage::Unknown => (
            Code::BOARD_PANIC,
            "it panicked",
            "restart it to see which program does: esp-https monitor --reset --until-ready",
        ),
    };
    Explained { code, what: format!("{who}: {message}"), hint }
}

fn boot_loop(restarts: u32, cause: &str) -> Explained {
    let named = if cause.is_empty() { String::new() } else { format!(" ({cause})") };
    let what = format!("it restarts by itself again and again; it has done so {restarts} times{named}");
    let hint = match reset_origin_by_name(cause) {
        Some(ResetOrigin::Brownout) => {
            "the supply voltage drops too low when the radio starts: use another USB port, cable or supply"
        }
        Some(ResetOrigin::PowerOn) => {
            "its power supply is interrupted: use another USB port, cable or supply"
        }
        _ => {
            "flash it from nothing: esp-https flash --erase; if it happens again, please report this with the lines above"
        }
    };
    Explained { code: Code::BOARD_BOOT_LOOP, what, hint }
}

/// For a board whose bootloader was asked to start the firmware, since its port can't restart it.
const PRESS_RESET: &str =
    "the port can't restart the board: press its RESET button, then: esp-https monitor --until-ready";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_code_its_words_and_something_to_try() {
        let message = || "wifi: authentication refused".to_owned();
        let troubles = [
            StartFailure::Panic { by: BootStage::Firmware, message: "index out of bounds".to_owned() },
            StartFailure::Panic { by: BootStage::Rom, message: "Guru Meditation Error".to_owned() },
            StartFailure::Panic { by: BootStage::Bootloader, message: "Guru Meditation Error".to_owned() },
            StartFailure::Panic { by: BootStage::Unknown, message: "Guru Meditation Error".to_owned() },
            StartFailure::BootLoop { restarts: 2, cause: "BROWNOUT_RST".to_owned() },
            StartFailure::WifiRefused { message: message() },
            StartFailure::WifiUnreachable { message: message() },
            StartFailure::NoDhcp { message: "dhcp: no address after 15 s".to_owned() },
            StartFailure::Fault { message: "the provisioning partition is empty".to_owned() },
            StartFailure::Fault { message: "the certificate can't be parsed (Mbed TLS -9774)".to_owned() },
            StartFailure::DownloadMode,
            StartFailure::NotReady,
            StartFailure::Silence,
            StartFailure::PortGone,
        ];
        let all: String = troubles
            .iter()
            .map(|trouble| {
                let Explained { code, what, hint } = explained(trouble, 30, Waiter::Monitor);
                format!("{code}: {what}\n  try: {hint}\n")
            })
            .collect();
        insta::assert_snapshot!(all, @r"
        board.panic: its firmware panicked: index out of bounds
          try: please report it, with the lines above
        board.rom_panic: its ROM crashed before it started the firmware: Guru Meditation Error
          try: press its RESET button, then: esp-https monitor --until-ready
        board.bootloader_panic: its bootloader crashed before it started the firmware: Guru Meditation Error
          try: write bootloader and firmware anew: esp-https flash --erase
        board.panic: it panicked: Guru Meditation Error
          try: restart it to see which program does: esp-https monitor --reset --until-ready
        board.boot_loop: it restarts by itself again and again; it has done so 2 times (BROWNOUT_RST)
          try: the supply voltage drops too low when the radio starts: use another USB port, cable or supply
        board.wifi_refused: wifi: authentication refused
          try: check the password; to write another one: esp-https flash --config-only --ssid ..
        board.wifi_unreachable: wifi: authentication refused
          try: is the network 2.4 GHz and WPA2, is the board near enough, and is its name spelled as in: esp-https flash --ssid NAME
        board.no_dhcp: it joined the network and got no address (dhcp: no address after 15 s)
          try: check that the network's DHCP server has free addresses and accepts new devices
        board.fault: the provisioning partition is empty
          try: write the board again with esp-https flash, or from nothing with --erase
        board.fault: the certificate can't be parsed (Mbed TLS -9774); Mbed TLS -0x262e means unknown sig alg (certificates) and not found (object identifiers)
          try: write the board again with esp-https flash, or from nothing with --erase
        board.download_mode: it is in its bootloader and does not start its firmware
          try: let go of the BOOT button and press RESET; check that nothing pulls GPIO9 down
        board.not_ready: it prints something, but neither that it is ready nor what is wrong, for 30 s
          try: give it longer with --for; does it run the esp-https firmware?
        board.silent: it printed nothing in 30 s
          try: press its RESET button; check that the port is the board's console
        board.port_gone: its port vanished and did not come back
          try: connect the board again, then: esp-https monitor
        ");
    }

    #[test]
    fn a_board_that_its_port_can_t_restart_is_reset_by_hand() {
        let rom = StartFailure::Panic { by: BootStage::Rom, message: "Guru Meditation Error".to_owned() };
        for trouble in [&StartFailure::Silence, &StartFailure::NotReady, &rom] {
            let hint = |restart| explained(trouble, 30, Waiter::Flash(restart)).hint;
            assert_eq!(hint(Restart::Asked), PRESS_RESET, "{trouble:?}");
            assert_ne!(hint(Restart::Done), PRESS_RESET, "{trouble:?}");
        }
        let panic = StartFailure::Panic { by: BootStage::Firmware, message: "a bug".to_owned() };
        let hint = explained(&panic, 30, Waiter::Flash(Restart::Asked)).hint;
        assert!(hint.contains("please report"), "{hint}");
    }
}
