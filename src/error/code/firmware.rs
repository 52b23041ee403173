//! Codes of the firmware that a board gets.

super::codes! {
    "The firmware that a board gets"

    FIRMWARE_BUILD = "firmware.build", Environment,
        "The firmware could not be built.",
        "Follow the hint of the message, which depends on what cargo printed.";
    FIRMWARE_CACHE = "firmware.cache", Environment,
        "The folder that keeps the firmware between runs can't be used.",
        "Free some space, correct its access rights, or set `ESP_HTTPS_CACHE_DIR` to another folder.";
    FIRMWARE_DAMAGED = "firmware.damaged", Bug,
        "The prebuilt firmware that is inside this esp-https is damaged.",
        "Install this esp-https anew, or build the firmware: `--build`.";
    FIRMWARE_FOLDER = "firmware.folder", Usage,
        "The folder of `--firmware-dir` does not have the sources of the firmware in it.",
        "Leave `--firmware-dir` out, or name a folder that `esp-https init firmware DIR` has written, or the firmware folder of an esp-https source tree.";
    FIRMWARE_IMAGE = "firmware.image", Usage | Environment,
        "The file of `--image`, or the firmware that was built, can't be read or is not a program for the board.",
        "Check the path, or leave `--image` out to use the bundled firmware.";
    FIRMWARE_NO_SOURCES = "firmware.no_sources", Environment,
        "This esp-https was built without the sources of the firmware.",
        "Name the firmware folder of an esp-https source tree with `--firmware-dir`.";
    FIRMWARE_NO_TOOLCHAIN = "firmware.no_toolchain", Environment,
        "There is no Rust toolchain for the chip on this machine.",
        "Install it with the command in the message, usually `rustup target add riscv32imc-unknown-none-elf`.";
}
