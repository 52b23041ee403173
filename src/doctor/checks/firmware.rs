//! Where the firmware comes from, which decides whether a toolchain is needed.

use crate::{
    device::{bundle::Bundle, cache::Cache, chip, firmware::FirmwareBoard, prebuilt::PrebuiltImages},
    doctor::{
        check::{Finding, Registered, Remedy, Verb},
        surroundings::path_of,
    },
};

pub(in crate::doctor) const CHECK: Registered = Registered {
    id: "firmware",
    title: "firmware",
    needed_by: &[Verb::Flash, Verb::Emulate],
    look: |_| Box::pin(async { vec![judge(of_chip(), of_emulator())] }),
};

/// Where a board's firmware comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FirmwareSource {
    /// It is inside this program.
    Inside,
    /// It was built before, and is in the cache.
    Built,
    /// It is to be built first, from the sources in this program.
    ToBuild,
    /// There is neither an image nor its sources.
    Nowhere,
}

/// Of the firmware that `flash` writes.
pub(super) fn of_chip() -> FirmwareSource {
    FirmwareSource::of(FirmwareBoard::Chip(chip::DEFAULT))
}

/// Of the firmware that `emulate` runs.
pub(super) fn of_emulator() -> FirmwareSource {
    FirmwareSource::of(FirmwareBoard::QemuVirt)
}

impl FirmwareSource {
    fn of(board: FirmwareBoard) -> Self {
        let is_built = || Cache::locate(path_of).is_ok_and(|cache| cache.has_built(board));
        if PrebuiltImages::FIRMWARE.for_board(board, Bundle::FIRMWARE).is_some() {
            Self::Inside
        } else if Bundle::FIRMWARE.is_empty() {
            Self::Nowhere
        } else if is_built() {
            Self::Built
        } else {
            Self::ToBuild
        }
    }

    /// The commands whose firmware is to be built.
    pub(super) fn builders(chip: Self, emulator: Self) -> Vec<Verb> {
        let builds = [(Verb::Flash, chip), (Verb::Emulate, emulator)];
        builds.into_iter().filter(|(_, source)| *source == Self::ToBuild).map(|(verb, _)| verb).collect()
    }
}

fn judge(chip: FirmwareSource, emulator: FirmwareSource) -> Finding {
    use FirmwareSource::{Built, Inside, Nowhere, ToBuild};
    let to_build = FirmwareSource::builders(chip, emulator);
    match (chip, emulator) {
        (Nowhere, _) | (_, Nowhere) => Finding::missing(
            "neither the firmware nor its sources are inside this program",
        )
        .remedy(Remedy::advice(
            "name the firmware folder of an esp-https source tree with --firmware-dir of flash and emulate",
        )),
        (Inside, Inside) => Finding::ok("it is inside this program; neither Rust nor a build is needed"),
        (ToBuild, _) | (_, ToBuild) => {
            let verbs: Vec<&str> = to_build.iter().map(|verb| verb.name()).collect();
            Finding::ok(format!(
                "its sources are inside this program; {} will build it at first, which takes minutes, Rust and an internet \
                 connection",
                verbs.join(" and ")
            ))
        }
        (Built, _) | (_, Built) => Finding::ok("it was built before, and is in the cache"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_firmware_comes_from_is_told() {
        use FirmwareSource::{Built, Inside, Nowhere, ToBuild};
        let all: String =
            [(Inside, Inside), (Built, Built), (ToBuild, ToBuild), (Built, ToBuild), (Nowhere, Nowhere)]
                .into_iter()
                .map(|(chip, emulator)| judge(chip, emulator).told())
                .collect();
        insta::assert_snapshot!(all, @r"
        Ok: it is inside this program; neither Rust nor a build is needed
        Ok: it was built before, and is in the cache
        Ok: its sources are inside this program; flash and emulate will build it at first, which takes minutes, Rust and an internet connection
        Ok: its sources are inside this program; emulate will build it at first, which takes minutes, Rust and an internet connection
        Missing: neither the firmware nor its sources are inside this program
          name the firmware folder of an esp-https source tree with --firmware-dir of flash and emulate
        ");
    }
}
