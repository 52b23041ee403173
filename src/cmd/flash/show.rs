//! What happens to a board, as progress for a person.

use std::ops::ControlFlow;

use crate::{
    device::{
        flash::{
            job::{Event, Provision},
            layout::RegionKind,
            loader::Write,
            options::ResetLines,
            outcome::FlashedBoard,
        },
        serial::line::SerialLine,
        serial_watcher::SerialEvent,
    },
    report::{Console, ProgressLines},
};

/// Shows an event of one board. Breaks when the reader of the output is gone.
pub(super) fn show(
    event: &Event,
    index: usize,
    board: &FlashedBoard,
    progress: &mut ProgressLines,
    console: &Console,
) -> ControlFlow<()> {
    match event {
        Event::PortTaken => progress.stage(index, "waiting for another esp-https that uses the port"),
        Event::Connecting => progress.stage(index, format!("connecting to {}", board.port.path)),
        Event::Identified(chip) => {
            progress.finished(index);
            progress.message(index, &format!("it is an {}, MAC {}", chip.chip.name, chip.mac));
        }
        Event::Supplied(provision) => progress.message(index, &format!("it gets {}", described(provision))),
        Event::LeftAlone(why) => progress.message(index, &why.to_string()),
        Event::Erasing => progress.stage(index, "erasing all of the flash"),
        Event::Planned(_) => progress.stage(index, "comparing the flash with what is to be written"),
        Event::HalfWritten => progress.message(index, &format!("note: it {HALF_WRITTEN}")),
        Event::EarlierTable => progress.message(index, &format!("note: it {EARLIER_TABLE}")),
        Event::Unchanged(kind) => progress.message(index, &format!("{}: unchanged", kind.name())),
        Event::Writing(kind, write) => writing(*kind, *write, index, board, progress),
        Event::Erased => progress.finished(index),
        Event::Written(_) => progress.clear(index),
        Event::Restarted(ResetLines::Present) => progress.message(index, "restarted"),
        Event::Restarted(ResetLines::Absent) => {
            progress.message(
                index,
                "the port can't restart the board: press its RESET button, unless it starts by itself",
            );
        }
        Event::Waiting => progress.stage(index, "waiting for the board to report READY"),
        Event::LeftInBootloader => progress.message(index, "left in its bootloader"),
        Event::Serial(SerialEvent::Said { lines, .. }) => {
            return said(lines, index, board, progress, console);
        }
        Event::Serial(SerialEvent::Begun(line)) if board.ready.is_some() => {
            return console.begun_board_line(line);
        }
        Event::Serial(SerialEvent::Begun(_)) => {}
        Event::Serial(SerialEvent::NeedsReset) => {
            progress
                .message(index, "its ROM crashed instead of starting the firmware: press its RESET button");
        }
        Event::Serial(SerialEvent::PortGone) => progress.detail(index, "the port is gone, and may come back"),
        Event::Serial(SerialEvent::PortBack) => progress.detail(index, "the port is back"),
        Event::Ready(..) => progress.finished(index),
    }
    ControlFlow::Continue(())
}

fn described(provision: &Provision) -> String {
    format!("{} and the name {}", provision.certificate.display(), provision.hostname)
}

fn writing(kind: RegionKind, write: Write, index: usize, board: &FlashedBoard, progress: &mut ProgressLines) {
    let size = board.regions.iter().find(|region| region.kind == kind).map_or(0, |region| region.size);
    match write {
        Write::Done(0) => {
            progress.bytes(index, format!("writing the {}, {}", kind.name(), kilobytes(size)), size);
        }
        Write::Done(bytes) => progress.done(index, bytes),
        Write::Verifying => progress.detail(index, "reading it back"),
        Write::Finished => progress.finished(index),
    }
}

/// Once a board is ready, what it says is what `--monitor` is for.
fn said(
    lines: &[SerialLine],
    index: usize,
    board: &FlashedBoard,
    progress: &ProgressLines,
    console: &Console,
) -> ControlFlow<()> {
    if board.ready.is_some() {
        return lines.iter().try_for_each(|line| console.board_line(line));
    }
    if let Some(line) = lines.iter().rev().map(SerialLine::plain).find(|line| !line.trim().is_empty()) {
        progress.detail(index, line);
    }
    ControlFlow::Continue(())
}

fn kilobytes(bytes: usize) -> String {
    format!("{} KiB", bytes.div_ceil(1024))
}

/// What is said of a board with [`Event::HalfWritten`].
pub(super) const HALF_WRITTEN: &str = "was left half written by an earlier run; it is written again now";
/// What is said of a board with [`Event::EarlierTable`].
pub(super) const EARLIER_TABLE: &str = "has the partition table of an earlier esp-https; it gets the present one, with two \
    places for a firmware and one for a site";
