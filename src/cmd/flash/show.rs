//! What happens to a board, as progress for a person.

use std::ops::ControlFlow;

use crate::{
    device::{
        flash::{
            connect::Lines,
            job::{Event, Provision},
            layout::RegionKind,
            loader::Write,
        },
        serial_watcher::SerialEvent,
    },
    report::{Console, Tracks, flash::outcome::FlashedBoard},
};

/// Shows an event of one board. Breaks when nobody reads what it shows.
pub(super) fn show(
    event: &Event,
    track: usize,
    board: &FlashedBoard,
    tracks: &mut Tracks,
    console: &Console,
) -> ControlFlow<()> {
    match event {
        Event::PortTaken => tracks.stage(track, "waiting for another esp-https that uses the port"),
        Event::Connecting => tracks.stage(track, format!("connecting to {}", board.port.path)),
        Event::Identified(chip) => {
            tracks.finished(track);
            tracks.line(track, &format!("it is an ESP32-C3, MAC {}", chip.mac));
        }
        Event::Supplied(provision) => tracks.line(track, &format!("it gets {}", described(provision))),
        Event::Erasing => tracks.stage(track, "erasing all of the flash"),
        Event::Planned(_) => tracks.stage(track, "comparing what is there"),
        Event::Unchanged(kind) => tracks.line(track, &format!("{}: unchanged", kind.name())),
        Event::Writing(kind, write) => writing(*kind, *write, track, board, tracks),
        Event::Erased => tracks.finished(track),
        Event::Written(_) => tracks.clear(track),
        Event::Restarted(Lines::Present) => tracks.line(track, "restarted"),
        Event::Restarted(Lines::Absent) => {
            tracks.line(track, "the port can't restart the board; press its reset button if it stays silent");
        }
        Event::Waiting => tracks.stage(track, "waiting for the board to say READY"),
        Event::LeftInBootloader => tracks.line(track, "left in its bootloader"),
        Event::Heard(SerialEvent::Said { lines, .. }) => return said(lines, track, board, tracks, console),
        Event::Heard(SerialEvent::PortGone) => tracks.detail(track, "the port is gone, and may come back"),
        Event::Heard(SerialEvent::PortBack) => tracks.detail(track, "the port is back"),
        Event::Ready(..) => tracks.finished(track),
    }
    ControlFlow::Continue(())
}

fn described(provision: &Provision) -> String {
    format!("{} and the name {}", provision.certificate.display(), provision.hostname)
}

fn writing(kind: RegionKind, write: Write, track: usize, board: &FlashedBoard, tracks: &mut Tracks) {
    let size = board.regions.iter().find(|region| region.kind == kind).map_or(0, |region| region.size);
    match write {
        Write::Done(0) => {
            tracks.bytes(track, format!("writing the {}, {}", kind.name(), kilobytes(size)), size);
        }
        Write::Done(bytes) => tracks.done(track, bytes),
        Write::Verifying => tracks.detail(track, "reading it back"),
        Write::Finished => tracks.finished(track),
    }
}

/// Once a board is ready, what it says is what `--monitor` is for.
fn said(
    lines: &[String],
    track: usize,
    board: &FlashedBoard,
    tracks: &Tracks,
    console: &Console,
) -> ControlFlow<()> {
    if board.ready.is_some() {
        return lines.iter().try_for_each(|line| console.heard(line));
    }
    if let Some(line) = lines.iter().rev().find(|line| !line.trim().is_empty()) {
        tracks.detail(track, line);
    }
    ControlFlow::Continue(())
}

fn kilobytes(bytes: usize) -> String {
    format!("{} KiB", bytes.div_ceil(1024))
}
