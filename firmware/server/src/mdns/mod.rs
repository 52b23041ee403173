//! Multicast DNS (RFC 6762): the device answers as `<hostname>.local`, and announces the service `_https._tcp` (RFC 6763).
//! The responder is without a socket; behind the feature `mdns` it has one of embassy-net.

use core::net::Ipv4Addr;

mod identity;
mod message;
mod records;
mod responder;
#[cfg(feature = "mdns")]
mod socket;

pub use identity::{HOSTNAME_BYTES, Identity, Label, PIN_BYTES, VERSION_BYTES};
pub use message::{Message, Name, Question, Record};
pub use responder::{Destination, Reply, Responder, Sender};
#[cfg(feature = "mdns")]
pub use socket::{MdnsBuffers, respond};

/// A query that fills an Ethernet frame (section 17); a longer one is dropped.
pub const QUERY_BYTES: usize = 1472;

/// The longest message that the responder composes.
pub const ANSWER_BYTES: usize = records::LONGEST_MESSAGE;

/// Section 3.
pub const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);

/// Section 3.
pub const PORT: u16 = 5353;
