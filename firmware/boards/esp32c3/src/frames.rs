//! Counts the frames that Wi-Fi received and esp-radio had no place for.
//!
//! esp-radio 1.0.0-beta.1 keeps no such count: where its receive queue is full, its callback frees the frame and tells the driver
//! `ESP_ERR_NO_MEM`. So the driver gets a callback of ours (`--wrap` in `build.rs`), which passes everything on and looks at the answer.
//! What the driver itself drops before, for want of a receive buffer, it tells nobody.

use core::ffi::c_void;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

type Callback = unsafe extern "C" fn(*mut c_void, u16, *mut c_void) -> i32;

unsafe extern "C" {
    fn __real_esp_wifi_internal_reg_rxcb(interface: u32, callback: Option<Callback>) -> i32;
}

/// How many frames were dropped since the start.
pub(crate) fn dropped() -> u32 {
    DROPPED.load(Ordering::Relaxed)
}

/// Registers esp-radio's callback: the station's through ours, the others as they are.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_esp_wifi_internal_reg_rxcb(interface: u32, callback: Option<Callback>) -> i32 {
    let through = match callback {
        Some(callback) if interface == STATION => {
            CALLBACK.store(callback as usize, Ordering::Release);
            Some(counting as Callback)
        }
        other => other,
    };
    // SAFETY: the caller's interface, and a callback that keeps the contract of the caller's own.
    unsafe { __real_esp_wifi_internal_reg_rxcb(interface, through) }
}

unsafe extern "C" fn counting(buffer: *mut c_void, bytes: u16, frame: *mut c_void) -> i32 {
    let address = CALLBACK.load(Ordering::Acquire);
    // SAFETY: this function is registered after the address of a callback was stored, and nothing else is stored there.
    let callback = unsafe { core::mem::transmute::<usize, Callback>(address) };
    // SAFETY: the driver's arguments, passed on.
    let status = unsafe { callback(buffer, bytes, frame) };
    if status != 0 {
        // Only the driver's own task is here, so nothing is lost between the two; this chip has no atomic addition.
        DROPPED.store(DROPPED.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }
    status
}

static DROPPED: AtomicU32 = AtomicU32::new(0);
static CALLBACK: AtomicUsize = AtomicUsize::new(0);

/// `WIFI_IF_STA` of ESP-IDF's `wifi_interface_t`.
const STATION: u32 = 0;
