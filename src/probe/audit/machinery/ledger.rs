//! What an audit cost the server, and what came of it.

use serde::Serialize;

/// The account of an audit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// Attempts to connect.
    pub attempts: u32,
    /// Connections that were opened.
    pub connections: u32,
    /// Attempts that were refused, or not taken in time.
    pub refused: u32,
    /// Connections that the server reset without an answer.
    pub reset: u32,
    /// Connections that the server closed without an answer.
    pub closed: u32,
    /// Connections on which no answer came in time.
    pub silent: u32,
    /// Connections on which the server answered in plain text, without TLS, after a good handshake.
    pub plain_text: u32,
    /// Hellos that the server accepted, health checks included.
    pub accepted_hellos: u32,
    /// Hellos that the server refused by an alert.
    pub refused_hellos: u32,
    /// Acceptances for which the server had to use its private key: the expensive ones.
    pub private_key_operations: u32,
    /// Questions that were asked.
    pub questions: u32,
    /// Time spent waiting for the server: for connections, answers and closes.
    pub server_us: u64,
    /// From the first attempt to the end, pauses included.
    pub total_us: u64,
}
