//! Codes of writing a board.

super::codes! {
    "Writing a board"

    FLASH_BAD_IMAGE = "flash.bad_image", Usage,
        "No image for the board can be made of the file of `--image`.",
        "Name an ELF file for the ESP32-C3, or leave `--image` out to have the firmware built.";
    FLASH_BAD_MAC = "flash.bad_mac", Usage,
        "`--expect-mac` is not a MAC address.",
        "Write it as in `24:0a:c4:12:34:56`.";
    FLASH_BOARDS_FAILED = "flash.boards_failed", Finding,
        "Some of several boards could not be written, or do not serve.",
        "Look at the error of each board, and run the same command again: what succeeded is skipped.";
    FLASH_BROKEN = "flash.broken", Device,
        "The bootloader of the board stopped answering, or refused, in the middle of the work.",
        "Check the cable and run the same command again; then try `--baud 115200` or `--no-stub`.";
    FLASH_CERT_NOT_VALID = "flash.cert_not_valid", Finding,
        "The certificate has expired, or is not valid yet.",
        "Make a new one with `certgen --force`, or accept it with `--allow-expired`.";
    FLASH_IMAGE_OF_MANY = "flash.image_of_many", Bug,
        "`--save-image` was to save one image for several boards, which the command line should have refused.",
        "Please report it.";
    FLASH_INTERRUPTED = "flash.interrupted", Interrupted,
        "A signal ended the command; the message says how far each board got.",
        "Run the same command again: what is already on a board is skipped.";
    FLASH_LOCKED = "flash.locked", Device,
        "The chip is protected (secure boot, flash encryption or secure download mode), so nothing was written.",
        "Take a board as it comes from the factory.";
    FLASH_MANIFEST = "flash.manifest", Usage,
        "The file of `--manifest` can't be read, or a row of it is wrong.",
        "Give a CSV file with the columns `mac,cert,key,hostname`.";
    FLASH_MONITOR_ONE = "flash.monitor_one", Usage,
        "`--monitor` was asked for with several boards, and follows one only.",
        "Name one `--port`, or leave `--monitor` out and follow each with: `esp-https monitor --port ..`.";
    FLASH_NO_ANSWER = "flash.no_answer", Device,
        "Nothing answered at the port.",
        "Hold BOOT, press RESET, let go of BOOT, and use `--before no-reset`; check the port and the cable.";
    FLASH_NO_DESCRIPTOR = "flash.no_descriptor", Usage,
        "The file of `--image` has no application descriptor, without which the bootloader does not start it.",
        "Name an ELF file for the ESP32-C3 that has `esp_bootloader_esp_idf::esp_app_desc!()`.";
    FLASH_NO_FLASH_CHIP = "flash.no_flash_chip", Device,
        "The flash chip of the board does not answer.",
        "Press the reset button and try again; if it happens again, its flash may be broken.";
    FLASH_NO_LINES = "flash.no_lines", Device,
        "The port does not have the lines that bring a board into its bootloader.",
        "Hold the BOOT button, press RESET, let go of BOOT, then run this with `--before no-reset`.";
    FLASH_NOT_IN_BOOTLOADER = "flash.not_in_bootloader", Device,
        "The board runs its firmware and did not go into its bootloader.",
        "Hold the BOOT button, press RESET, let go of BOOT, then run this with `--before no-reset`.";
    FLASH_NOT_IN_MANIFEST = "flash.not_in_manifest", Finding,
        "The manifest has no row for the board, so nothing was written.",
        "Add a row with its MAC address, or leave the board out by naming the others with `--port`.";
    FLASH_OLD_REVISION = "flash.old_revision", Device,
        "The chip is older than the bootloader supports, so nothing was written.",
        "Take a newer chip, or write it anyway with `--force`.";
    FLASH_ONE_LOG = "flash.one_log", Usage,
        "What several boards print would be mixed in one `--serial-log` that is not a file.",
        "Name a file: each board then gets a file of its own, with its port in the name.";
    FLASH_OTHER_BOARD = "flash.other_board", Finding,
        "The board has another MAC address than `--expect-mac` says, so nothing was written.",
        "Connect the right board, or correct `--expect-mac`.";
    FLASH_OTHER_CERTIFICATE = "flash.other_certificate", Device,
        "The board serves with another certificate than it was given.",
        "Use the firmware of this esp-https: leave `--image` out.";
    FLASH_OTHER_CHIP = "flash.other_chip", Device,
        "The chip at the port is not an ESP32-C3.",
        "Check that it is the right port; the firmware runs on an ESP32-C3 only.";
    FLASH_OTHER_TABLE = "flash.other_table", Device,
        "With `--config-only`: the board has another partition table, so nothing was written.",
        "Write the board without `--config-only` first, or write to 0xd000 all the same with `--force`.";
    FLASH_PARTITION_TABLE = "flash.partition_table", Bug,
        "The partition table that comes with the firmware can't be read.",
        "Please report it, with the lines that were printed.";
    FLASH_SMALL_FLASH = "flash.small_flash", Device,
        "The flash of the board is too small, so nothing was written.",
        "Take a board with at least 4 MB of flash.";
    FLASH_STAYS_IN_BOOTLOADER = "flash.stays_in_bootloader", Usage,
        "`--after` leaves the board in its bootloader, where it prints nothing to follow or to log.",
        "Leave out `--after`, or `--monitor` and `--serial-log`.";
    FLASH_TEMPORARY_FILE = "flash.temporary_file", Environment,
        "A temporary file that is needed to lay out the flash can't be written.",
        "Make room in the folder for temporary files, or set `TMPDIR` to a folder that you may write to.";
    FLASH_TOO_LARGE = "flash.too_large", Usage,
        "The firmware does not fit into its partition.",
        "Build it with `--release`, or with fewer features.";
    FLASH_VERIFY = "flash.verify", Device,
        "What was read back from the board is not what was written.",
        "Try again with `--baud 115200`; if it happens again, the flash may be worn out.";
    FLASH_WATCHDOG_RESET = "flash.watchdog_reset", Usage,
        "`--after watchdog-reset` works only at the USB port that is part of the chip.",
        "Leave `--after` out: the lines DTR and RTS of the port restart it.";
}
