//! The error when a signal ends `flash`: how far each board got.

use crate::{
    device::flash::outcome::{FlashState, Flashed, FlashedBoard, Restart},
    error::{Code, Error, Fault},
    interrupt::Signal,
};

pub(super) fn while_preparing(signal: Signal) -> Error {
    error("preparing to flash", format!("by {}; no board was touched", signal.name()))
}

pub(super) fn before_saving(signal: Signal) -> Error {
    error("saving the image", format!("by {}; nothing was written", signal.name()))
}

/// What was being done, how far each board got, and what helps.
pub(super) fn by(flashed: &Flashed, signal: Signal) -> Error {
    let boards = &flashed.boards;
    let all = |is: fn(&FlashedBoard) -> bool| boards.iter().all(is);
    let is_written = |board: &FlashedBoard| board.flash_state() == FlashState::Written;
    let (doing, state) = if all(|board| board.ready.is_some()) {
        ("following the board", String::new())
    } else if all(is_written) && all(|board| board.restart != Restart::No) {
        ("waiting for the board to serve", "; everything is written".to_owned())
    } else if all(is_written) {
        ("flashing", "; everything is written, but the board was not restarted".to_owned())
    } else if all(|board| board.flash_state() == FlashState::Untouched) {
        ("flashing", "; no board was touched".to_owned())
    } else {
        ("flashing", each(boards))
    };
    let stopped = error(doing, format!("by {}{state}", signal.name()));
    match hint(boards) {
        Some(hint) => stopped.hint(hint),
        None => stopped,
    }
}

/// The boards by how far they got, the worst first.
fn each(boards: &[FlashedBoard]) -> String {
    let mut told = String::new();
    for (name, belongs) in GROUPS {
        let group: Vec<String> =
            boards.iter().filter(|board| belongs(board.flash_state())).map(place).collect();
        if !group.is_empty() {
            told += &format!("; {name}: {}", group.join(", "));
        }
    }
    told
}

fn place(board: &FlashedBoard) -> String {
    let port = &board.port.path;
    match board.flash_state() {
        FlashState::HalfWritten { region } => format!("{port} (at the {})", region.name()),
        _ => port.clone(),
    }
}

fn hint(boards: &[FlashedBoard]) -> Option<String> {
    let is_broken = |board: &FlashedBoard| {
        matches!(board.flash_state(), FlashState::HalfWritten { .. } | FlashState::Erased)
    };
    let in_bootloader = |board: &FlashedBoard| board.chip.is_some() && board.restart == Restart::No;
    if boards.iter().any(is_broken) {
        return Some(Code::FLASH_INTERRUPTED.hint());
    }
    let reset = "a board that is still in its bootloader starts with its RESET button";
    boards.iter().any(in_bootloader).then(|| reset.to_owned())
}

fn error(doing: &str, what: String) -> Error {
    Error::new(Fault::Interrupted, Code::FLASH_INTERRUPTED, doing, what)
}

type Group = (&'static str, fn(FlashState) -> bool);

const GROUPS: [Group; 4] = [
    ("half written", |state| matches!(state, FlashState::HalfWritten { .. })),
    ("erased and not written", |state| state == FlashState::Erased),
    ("written", |state| state == FlashState::Written),
    ("not touched", |state| state == FlashState::Untouched),
];

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::device::{
        flash::{job::Event, layout::RegionKind, loader::Write},
        serial::ports::PortInfo,
    };

    fn board(path: &str, events: &[Event]) -> FlashedBoard {
        let mut board = FlashedBoard::new(PortInfo { path: path.to_owned(), usb: None }, None);
        events.iter().for_each(|event| board.apply(event));
        board
    }

    fn told(boards: Vec<FlashedBoard>) -> String {
        let flashed = Flashed {
            firmware: None,
            application: None,
            site: None,
            boards,
            image: None,
            not_seen: Vec::new(),
            notes: Vec::new(),
        };
        by(&flashed, Signal::Interrupt).what
    }

    #[test]
    fn each_board_is_told_by_how_far_it_got() {
        let planned =
            Event::Planned(vec![(RegionKind::Bootloader, 0, 100), (RegionKind::Application, 0x10000, 5000)]);
        let first = Event::Writing(RegionKind::Bootloader, Write::Done(0));
        let written = Event::Writing(RegionKind::Bootloader, Write::Finished);
        let whole = Event::Written(Duration::from_secs(1));
        assert_eq!(
            told(vec![
                board("/dev/a", &[Event::Connecting]),
                board("/dev/b", &[planned.clone(), first.clone()]),
                board("/dev/c", &[planned.clone(), written.clone()]),
                board("/dev/d", &[planned.clone(), Event::Erasing]),
                board("/dev/e", &[planned.clone(), written, whole.clone()]),
                board("/dev/f", std::slice::from_ref(&planned)),
            ]),
            "by Ctrl-C; half written: /dev/b (at the bootloader), /dev/c (at the firmware); \
             erased and not written: /dev/d; written: /dev/e; not touched: /dev/a, /dev/f"
        );
        assert_eq!(
            told(vec![board("/dev/a", std::slice::from_ref(&planned))]),
            "by Ctrl-C; no board was touched"
        );
        assert_eq!(
            told(vec![board("/dev/a", &[planned, whole])]),
            "by Ctrl-C; everything is written, but the board was not restarted"
        );
    }
}
