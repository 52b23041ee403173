//! The crypto accelerators under Mbed TLS: SHA (SHA-1, SHA-224, SHA-256), AES (128 and 256-bit keys), and RSA.
//!
//! mbedtls-rs passes exponentiations to the last whose longest operand has 256, 384, 512, 1024 or 2048 bits. Mbed TLS computes with
//! the two halves of a key, does not reduce the base to a half's length before, and lengthens the exponent by 224 bits.
//! So the private operations of these keys reach it, which the host's `chip.rs` has in a table:
//!
//! - RSA-2048: as they are, since the base has 2048 bits
//! - RSA-3072: in pieces: 0.30 s computed; `tls-limits/src/operands.rs` takes them apart
//! - RSA-4096: in pieces: 0.42 s computed; likewise
//!
//! No chip has been measured with the pieces. The chip has no accelerator for elliptic curves.

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
