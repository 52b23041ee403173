//! How long does it take, and what part of it?

use serde::Serialize;

/// The time that one observation took, by step. The clock is this machine's, so the network is in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Timing {
    /// Looking the name up; null when the target is an address.
    pub dns_us: Option<u64>,
    /// Earlier attempts, which found the device busy, and the pauses after them; 0 when the first succeeded.
    pub retry_us: u64,
    /// From the first SYN to the open connection, addresses that failed included.
    pub tcp_us: u64,
    /// From the ClientHello to the handshake's end.
    pub handshake_us: u64,
    /// From the request to the first byte of the answer; null when none came.
    pub first_byte_us: Option<u64>,
    /// From the start to the end of the answer: the phases above, the rest of the page, and this machine's own work.
    pub total_us: u64,
}
