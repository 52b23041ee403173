//! What the system's numbers of errors mean.

use std::io;

use crate::system::KnownError;

/// What a failed system call says ("System Error Codes" and "Windows Sockets Error Codes").
pub(crate) fn known(error: &io::Error) -> Option<KnownError> {
    Some(match error.raw_os_error()? {
        ERROR_TOO_MANY_OPEN_FILES | WSAEMFILE => KnownError::OpenFiles,
        ERROR_SHARING_VIOLATION | ERROR_LOCK_VIOLATION => KnownError::InUse,
        ERROR_BAD_EXE_FORMAT => KnownError::NotAProgram,
        ERROR_CANT_RESOLVE_FILENAME => KnownError::Links,
        ERROR_IO_DEVICE | ERROR_GEN_FAILURE => KnownError::Broken,
        ERROR_DEV_NOT_EXIST => KnownError::NoDevice,
        WSAEADDRNOTAVAIL => KnownError::LocalPorts,
        ERROR_NOT_ENOUGH_MEMORY | ERROR_OUTOFMEMORY | WSAENOBUFS => KnownError::Memory,
        _ => return None,
    })
}

const ERROR_TOO_MANY_OPEN_FILES: i32 = 4;
const ERROR_NOT_ENOUGH_MEMORY: i32 = 8;
const ERROR_OUTOFMEMORY: i32 = 14;
const ERROR_GEN_FAILURE: i32 = 31;
const ERROR_SHARING_VIOLATION: i32 = 32;
const ERROR_LOCK_VIOLATION: i32 = 33;
const ERROR_DEV_NOT_EXIST: i32 = 55;
const ERROR_BAD_EXE_FORMAT: i32 = 193;
const ERROR_IO_DEVICE: i32 = 1117;
const ERROR_CANT_RESOLVE_FILENAME: i32 = 1921;
const WSAEMFILE: i32 = 10024;
const WSAEADDRNOTAVAIL: i32 = 10049;
const WSAENOBUFS: i32 = 10055;
