//! Randomness: ChaCha20 keyed once from the host through virtio-rng. Asking the device each time would make the number
//! of instructions depend on when the host answers.

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use virtio_drivers::device::rng::VirtIORng;
use virtio_drivers::transport::DeviceType;

use crate::virtio::{self, FlatMemory};

/// A generator with a fresh key; `None` without a `virtio-rng-device`, or if it fails.
pub(crate) fn generator() -> Option<ChaCha20Rng> {
    let mut device = VirtIORng::<FlatMemory, _>::new(virtio::find(DeviceType::EntropySource)?).ok()?;
    let mut key = [0; 32];
    let mut filled = 0;
    while filled < key.len() {
        filled += device.request_entropy(&mut key[filled..]).ok().filter(|&got| got > 0)?;
    }
    Some(ChaCha20Rng::from_seed(key))
}
