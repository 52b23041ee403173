//! Random numbers for keys, nonces and signatures.
//!
//! ESP-IDF Programming Guide, "Random Number Generation" (ESP32-C3): the generator's numbers are true random ones while
//! the RF subsystem is enabled, for that runs the high-speed ADC whose thermal noise is mixed in; `esp_wifi_start`
//! enables it, and the radio must not sleep. [`start`] therefore takes the Wi-Fi controller as proof of that: esp-radio
//! calls `esp_wifi_start` before it hands one out, and registers itself as an entropy source, without which esp-hal
//! gives no [`Trng`]. `wifi.rs` keeps the radio on and awake. The other source, the SAR ADC (`TrngSource`), must be off
//! while Wi-Fi is on, by the same page.

use esp_hal::rng::{Trng, TrngError};
use esp_radio::wifi::WifiController;
use static_cell::StaticCell;

/// A true random number generator, for the whole run of the program. Call once.
///
/// # Errors
/// esp-hal knows of no entropy source that is on.
pub(crate) fn start(_radio: &WifiController<'_>) -> Result<&'static mut Trng, TrngError> {
    static TRNG: StaticCell<Trng> = StaticCell::new();
    Ok(TRNG.init(Trng::try_new()?))
}
