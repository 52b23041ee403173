//! The crypto accelerators under Mbed TLS: SHA (SHA-1, SHA-224, SHA-256), AES (128 and 256-bit keys), and RSA.
//!
//! The last does modular exponentiation of 1024 and 2048 bits, so private operations, which work on the two halves of a
//! key, of RSA-2048 and RSA-4096; mbedtls-rs leaves RSA-3072 to software. The chip has none for elliptic curves.

use esp_hal::peripherals::{AES, RSA, SHA};
use mbedtls_rs::sys::hook::backend::esp::{EspAccel, EspAccelQueue};
use static_cell::StaticCell;

/// Routes Mbed TLS's SHA, RSA and AES to the hardware, for the whole run of the program. Call once, before anything of
/// Mbed TLS exists.
///
/// # Safety
/// No Mbed TLS function has been called yet.
pub(crate) unsafe fn hook(sha: SHA<'static>, rsa: RSA<'static>, aes: AES<'static>) {
    static ACCELERATORS: StaticCell<EspAccel<'static>> = StaticCell::new();
    static QUEUES: StaticCell<EspAccelQueue<'static, 'static>> = StaticCell::new();
    let accelerators = ACCELERATORS.init(EspAccel::new().with_sha(sha).with_rsa(rsa).with_aes(aes));
    let queues = QUEUES.init(accelerators.start());
    // SAFETY: nothing of Mbed TLS exists yet, by this function's own contract. The guard is never dropped, so no state
    // made under the hooks outlives them.
    core::mem::forget(unsafe { queues.hook() });
}
