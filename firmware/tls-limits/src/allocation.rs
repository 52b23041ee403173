//! Mbed TLS's memory: whether it got none, and how much a client's certificates take of it.
//!
//! All of it runs in one thread, and one step of one handshake at a time; the atomics below are cells for that thread.

use core::ffi::{c_int, c_void};
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use mbedtls_rs_sys::{
    MBEDTLS_ERR_SSL_ALLOC_FAILED, MBEDTLS_ERR_SSL_WANT_READ, MBEDTLS_ERR_SSL_WANT_WRITE,
    MBEDTLS_SSL_ALERT_LEVEL_FATAL, MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR, mbedtls_ssl_context,
    mbedtls_ssl_send_alert_message,
};

unsafe extern "C" {
    fn __real_mbedtls_calloc(count: usize, size: usize) -> *mut c_void;
}

/// There was no memory in this step of a handshake.
static FAILED: AtomicBool = AtomicBool::new(false);

/// A fatal alert went out in this step of a handshake.
static ALERTED: AtomicBool = AtomicBool::new(false);

/// What is left of an allowance, in bytes; [`UNLIMITED`] outside of one.
static ALLOWANCE: AtomicUsize = AtomicUsize::new(UNLIMITED);

/// An allocation, which may fail for want of memory, or because the allowance is used up.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_calloc(count: usize, size: usize) -> *mut c_void {
    let allowance = ALLOWANCE.load(Relaxed);
    if allowance != UNLIMITED {
        let taken = count.saturating_mul(size).saturating_add(OVERHEAD_BYTES);
        let left = allowance.saturating_sub(taken);
        ALLOWANCE.store(left, Relaxed);
        if left == 0 {
            return ptr::null_mut();
        }
    }
    // SAFETY: the caller's arguments, passed on.
    let block = unsafe { __real_mbedtls_calloc(count, size) };
    if block.is_null() && count != 0 && size != 0 {
        FAILED.store(true, Relaxed);
    }
    block
}

/// Runs `work` with an allowance of `bytes` for what it allocates. Returns its result, and what is left: nothing where it wanted
/// more than there was. What is freed meanwhile does not count.
pub(crate) fn with_allowance<T>(bytes: usize, work: impl FnOnce() -> T) -> (T, usize) {
    ALLOWANCE.store(bytes, Relaxed);
    let result = work();
    let left = ALLOWANCE.load(Relaxed);
    ALLOWANCE.store(UNLIMITED, Relaxed);
    (result, left)
}

/// A step of a handshake begins.
pub(crate) fn begin_step() {
    FAILED.store(false, Relaxed);
    ALERTED.store(false, Relaxed);
}

/// The alert to send in place of `description`. Mbed TLS takes a signature that it has no memory to check for a bad one, and
/// says `unknown_ca` or `decrypt_error`.
pub(crate) fn true_alert(description: u8) -> u8 {
    ALERTED.store(true, Relaxed);
    if FAILED.load(Relaxed) { MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR as u8 } else { description }
}

/// The true status of a step that ended with `status`. Where it failed for want of memory, the client is told so.
///
/// # Safety
/// `ssl` is set up, and nothing follows after an error.
pub(crate) unsafe fn true_status(ssl: *mut mbedtls_ssl_context, status: c_int) -> c_int {
    if !FAILED.load(Relaxed) || matches!(status, 0 | MBEDTLS_ERR_SSL_WANT_READ | MBEDTLS_ERR_SSL_WANT_WRITE) {
        return status;
    }
    if !ALERTED.load(Relaxed) {
        // SAFETY: by this function's contract.
        unsafe {
            mbedtls_ssl_send_alert_message(
                ssl,
                MBEDTLS_SSL_ALERT_LEVEL_FATAL as u8,
                MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR as u8,
            )
        };
    }
    MBEDTLS_ERR_SSL_ALLOC_FAILED
}

const UNLIMITED: usize = usize::MAX;

/// What an allocation takes beyond its bytes, at the most: 16 on the emulated board, 4 on the ESP32-C3, and rounding up.
const OVERHEAD_BYTES: usize = 16;
