//! The C functions that Mbed TLS links against and never needs at run time: the ESP32-C3 has them in its ROM, and
//! tinyrlibc has the rest. Mbed TLS formats text only for its debug log and for describing certificates, both unused.
//! They take fewer arguments than in C, which the RISC-V calling convention allows: surplus arguments are ignored.

use core::ffi::{c_char, c_int};

#[unsafe(no_mangle)]
extern "C" fn printf(_format: *const c_char) -> c_int {
    0
}

#[unsafe(no_mangle)]
extern "C" fn puts(_text: *const c_char) -> c_int {
    0
}

#[unsafe(no_mangle)]
extern "C" fn snprintf(buffer: *mut c_char, size: usize, _format: *const c_char) -> c_int {
    empty(buffer, size)
}

#[unsafe(no_mangle)]
extern "C" fn vsnprintf(buffer: *mut c_char, size: usize, _format: *const c_char) -> c_int {
    empty(buffer, size)
}

fn empty(buffer: *mut c_char, size: usize) -> c_int {
    if size > 0 {
        // SAFETY: C callers pass a buffer of `size` bytes.
        unsafe { buffer.write(0) };
    }
    0
}
