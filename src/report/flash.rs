//! Flashed boards, or a saved image, for a person: what was done, where the board is, and the next step.

use std::io::{self, Write};

use super::{
    Paint, Report,
    printable::{printable, printable_lines},
    written_to,
};
use crate::{
    cert::openssl::quote_path,
    device::flash::outcome::{
        FlashNoteCode, FlashState, Flashed, FlashedBoard, RegionState, Restart, SavedImage,
    },
};

impl Report for Flashed {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        if let Some(image) = &self.image {
            saved(image, self.version(), out, paint)?;
        }
        if let Some(site) = &self.site {
            row(out, paint, "site", &super::site::words(site))?;
        }
        match self.boards.as_slice() {
            [] => {}
            [board] => one(board, self.version(), out, paint)?,
            boards => table(boards, out, paint)?,
        }
        if let Some(text) = self.text_of_not_seen() {
            writeln!(out, "{} {text}", paint.warn("note:"))?;
        }
        // The other notes were printed before a board was touched.
        for note in self.notes.iter().filter(|note| note.code == FlashNoteCode::HoldsKey) {
            writeln!(out, "{} {}", paint.warn("note:"), printable_lines(&note.text))?;
        }
        for (index, step) in self.next().iter().enumerate() {
            row(out, paint, if index == 0 { "next" } else { "" }, step)?;
        }
        Ok(())
    }
}

impl Flashed {
    /// What to do next, unless there is an error, which says so itself.
    fn next(&self) -> Vec<String> {
        match (&self.image, self.boards.as_slice()) {
            (Some(image), _) => {
                let (chip, path) = (image.chip.id, quote_path(&image.path));
                vec![format!("esptool --chip {chip} write-flash 0 {path}")]
            }
            (None, [board]) if board.error.is_none() && board.write_us.is_some() => next(board),
            _ => Vec::new(),
        }
    }

    /// The boards of the manifest that were not seen, in one line however many they are.
    fn text_of_not_seen(&self) -> Option<String> {
        let is_one = self.not_seen.len() == 1;
        let or_unknown = match self.boards.iter().any(|board| board.chip.is_none()) {
            true if is_one => ", or did not say who it is",
            true => ", or did not say who they are",
            false => "",
        };
        match self.not_seen.as_slice() {
            [] => None,
            [mac] => Some(format!("{mac} of the manifest is not connected{or_unknown}")),
            macs if macs.len() <= MOST_NAMED => {
                let named: Vec<String> = macs.iter().map(ToString::to_string).collect();
                Some(format!("{} of the manifest are not connected{or_unknown}", named.join(", ")))
            }
            macs => Some(format!(
                "{} boards of the manifest are not connected{or_unknown} (--json lists them)",
                macs.len()
            )),
        }
    }

    fn version(&self) -> String {
        let named = self.application.as_ref();
        let origin =
            self.firmware.as_ref().map_or(String::new(), |used| format!(", {}", used.origin.words()));
        named.map_or_else(
            || "as it was".to_owned(),
            |app| format!("{} {}{origin}", printable(&app.project), printable(&app.version)),
        )
    }
}

fn one(board: &FlashedBoard, firmware: String, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    let mut row = |label: &str, value: String| row(out, paint, label, &value);
    if let Some(url) = &board.url {
        row("board", paint.strong(url))?;
    }
    if let Some(chip) = &board.chip {
        let revision =
            chip.revision.as_ref().map_or(String::new(), |revision| format!(" revision {revision}"));
        let (name, mac, port) = (chip.chip.name, chip.mac, &board.port.path);
        row("chip", format!("{name}{revision}, MAC {mac}, at {port}"))?;
    }
    if let Some(why) = board.left_alone {
        row("written", format!("nothing: {why}"))?;
    }
    if !board.regions.is_empty() {
        row("firmware", firmware)?;
        row("written", written(board))?;
    }
    if let (Some(pin), Some(certificate)) = (&board.cert_sha256, &board.certificate) {
        row("pin", format!("{pin}  SHA-256 of {}", certificate.display()))?;
    }
    board.serial_log.as_ref().map_or(Ok(()), |log| row("serial", written_to(log)))
}

fn written(board: &FlashedBoard) -> String {
    let (count, total) = (board.regions.len(), board.regions.iter().map(|region| region.size).sum::<usize>());
    let unchanged = board.regions.iter().filter(|region| region.state == RegionState::Unchanged).count();
    match (board.bytes_written, board.write_us) {
        (0, None) if board.flash_state() == FlashState::Untouched => {
            "nothing: its flash was not touched".to_owned()
        }
        (0, Some(_)) => "nothing: the board has all of it already".to_owned(),
        (bytes, Some(us)) if unchanged == 0 => format!("{bytes} bytes in {}", seconds(us)),
        (bytes, Some(us)) => {
            format!("{bytes} bytes in {}; {unchanged} of {count} regions unchanged", seconds(us))
        }
        (bytes, None) => format!("{bytes} of {total} bytes, then it stopped"),
    }
}

fn next(board: &FlashedBoard) -> Vec<String> {
    let Some(target) = &board.target else {
        return match board.restart {
            Restart::No => vec!["restart the board, then: esp-https monitor".to_owned()],
            _ => vec![format!("esp-https monitor --port {}", board.port.path)],
        };
    };
    let pin =
        board.certificate.as_ref().map_or(String::new(), |path| format!(" --cert {}", quote_path(path)));
    vec![format!("esp-https probe {target}{pin}"), format!("curl -k https://{target}/")]
}

fn table(boards: &[FlashedBoard], out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    let width = boards.iter().map(|board| board.port.path.len()).max().unwrap_or(0);
    for board in boards {
        let mac = board.chip.as_ref().map_or("-".to_owned(), |chip| chip.mac.to_string());
        write!(out, "{:<width$}  {mac:<17}  ", board.port.path)?;
        match (&board.error, &board.url) {
            (Some(error), _) => {
                writeln!(
                    out,
                    "{} {}: {}",
                    paint.bad("failed"),
                    printable(&error.doing),
                    printable(&error.what)
                )?;
                if let Some(hint) = &error.hint {
                    writeln!(
                        out,
                        "{:<width$}  {:<17}  try: {}",
                        "",
                        "",
                        printable(hint.lines().next().unwrap_or_default())
                    )?;
                }
            }
            (None, Some(url)) => writeln!(out, "{}  {}", paint.good(url), written(board))?,
            (None, None) => match board.left_alone {
                Some(why) => writeln!(out, "{why}")?,
                None => writeln!(out, "{}", written(board))?,
            },
        }
    }
    Ok(())
}

fn saved(image: &SavedImage, firmware: String, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    let mut row = |label: &str, value: String| row(out, paint, label, &value);
    row("image", format!("{}  {} bytes, for flash address 0", image.path.display(), image.size))?;
    row("firmware", firmware)?;
    for (index, region) in image.regions.iter().enumerate() {
        let label = if index == 0 { "regions" } else { "" };
        row(label, format!("{:#08x}  {:<20} {:>7} bytes", region.offset, region.kind.name(), region.size))?;
    }
    row("pin", format!("{}  SHA-256 of {}", image.cert_sha256, image.certificate.display()))
}

fn row(out: &mut dyn Write, paint: Paint, label: &str, value: &str) -> io::Result<()> {
    writeln!(out, "{} {value}", paint.faint(format!("{label:<8}")))
}

fn seconds(us: u64) -> String {
    format!("{}.{} s", us / 1_000_000, us / 100_000 % 10)
}

/// So many boards that are not connected are named; of more only the number is told.
const MOST_NAMED: usize = 3;
