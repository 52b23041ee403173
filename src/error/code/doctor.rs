//! Codes of `doctor`, and the codes of other commands whose errors point to it.

use super::Code;

super::codes! {
    "Checking what the commands need (`doctor`)"

    DOCTOR_CLEAN = "doctor.clean", Environment,
        "The cache could not be cleaned: another esp-https builds a firmware there, or something can't be removed.",
        "Wait until the other one has ended, or correct the access rights of the folder that the message names.";
    DOCTOR_INTERRUPTED = "doctor.interrupted", Interrupted,
        "A signal ended the command before all was checked.",
        "Run the command again.";
    DOCTOR_NOT_READY = "doctor.not_ready", Environment,
        "One of the commands that were named would not work on this machine as it is.",
        "Do what the checks say that are missing or a problem; each has one command for it.";
    DOCTOR_PROBLEMS = "doctor.problems", Environment,
        "Something that the commands need is there, and is wrong.",
        "Do what the checks say that are a problem; each has one command for it.";
}

/// The codes of errors that have to do with what `doctor` checks.
pub(super) const CHECKED: [Code; 17] = [
    Code::EMULATE_IMAGE_HANDOVER,
    Code::EMULATE_NO_QEMU,
    Code::EMULATE_QEMU,
    Code::EMULATE_QEMU_ENDED,
    Code::FIRMWARE_CACHE,
    Code::FIRMWARE_NO_SOURCES,
    Code::FIRMWARE_NO_TOOLCHAIN,
    Code::FLASH_NO_ANSWER,
    Code::FLASH_TEMPORARY_FILE,
    Code::LOAD_FILE_LIMIT,
    Code::LOAD_PORT_LIMIT,
    Code::PORT_BUSY,
    Code::PORT_DENIED,
    Code::PORT_LOCK,
    Code::PORT_MISSING,
    Code::PORT_NONE,
    Code::PORT_OTHER,
];
