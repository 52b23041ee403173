//! Which HTTPS devices are on this network? They announce themselves by mDNS (RFC 6762) as services of DNS-SD (RFC 6763).
//!
//! [`gathering`] makes devices of announcements, sans I/O; [`listening`] receives them.

pub mod announced_pin;
pub mod device;
pub mod gathering;
pub mod identity;
pub mod listening;

use serde::Serialize;

use self::{device::Device, gathering::Unresolved};

/// What was found on the network: the result of the command.
#[derive(Debug, Default, Serialize)]
pub struct Discovery {
    /// How long it was listened for, in microseconds.
    pub listened_us: u64,
    /// The services that are announced, by name.
    pub devices: Vec<Device>,
    /// The services of which only the name is known, because nobody told where they are.
    pub unresolved: Vec<Unresolved>,
}
