//! Every buffer and its arithmetic, in one place, so that the device can't run out of memory.
//!
//! ESP32-C3, heap: 198 KB beside what Wi-Fi keeps once it is up (its `heap.rs` has the sum). The emulated board gets
//! exactly that, so what fits there fits on the chip.

use crate::handler::conversation::Conversation;

/// TLS sessions at once. A connection beyond them waits for one.
pub const SESSIONS: usize = 4;

/// Handshakes at once among them. There is one processor: a second handshake fills the round trips of the first, and a
/// third would only take memory. A handshake has a share of time when another connection waits (`fairness.rs`).
pub const HANDSHAKES: usize = 2;

/// Heap that an established TLS session takes, in bytes: two record buffers of 16.4 KiB, the keys, the configuration.
/// Measured with TLS 1.3; 37 500 with TLS 1.2, and the client's certificate comes on top with mutual TLS.
pub const SESSION_BYTES: usize = 37_900;

/// What a handshake takes beyond that, in bytes, while it waits for the client: its state and its own keys.
pub const HANDSHAKE_BYTES: usize = 5_900;

/// What a step of a handshake takes beyond that, in bytes, and gives back before anything else runs: the bignums of a
/// private-key operation. Measured with RSA-2048: 3 000 with TLS 1.3, 9 500 with 1.2, whose handshake holds less.
pub const STEP_BYTES: usize = 3_700;

/// What the certificate, the RSA-2048 key and its blinding take for good, in bytes.
pub const CREDENTIALS_BYTES: usize = 4_800;

/// Heap that stays free when everything is at its peak, in bytes: room for client certificates.
pub const SPARE_BYTES: usize = 20_000;

/// Heap for TLS on both boards, in bytes.
pub const HEAP_BYTES: usize = 198_000;

const _: () = assert!(
    CREDENTIALS_BYTES + SESSIONS * SESSION_BYTES + HANDSHAKES * HANDSHAKE_BYTES + STEP_BYTES + SPARE_BYTES
        <= HEAP_BYTES
);

/// TCP connections at once. Those beyond [`SESSIONS`] wait for a session without costing heap, and those beyond these
/// wait outside: their SYN is kept, or dropped and comes again (`refusal_filter.rs`). A browser opens 6 connections to a host, and a prober some more; a client that
/// reconnects at once needs two for a moment, since its last connection is still being closed.
pub const SOCKETS: usize = 10;

/// SYNs that are kept at once while no socket is free ([`crate::backlog`]): with [`SOCKETS`] they are as many connections as four
/// browsers open.
pub const SYNS: usize = 16;

/// The longest frame of a SYN that is kept, in bytes: headers of Ethernet (14), IPv4 (20) and TCP (20), with up to 40 of
/// options; Linux sends 20.
pub const SYN_BYTES: usize = 94;

/// Receive window of a socket, in bytes: a full segment (1460 on Ethernet). A larger ClientHello comes in two parts.
pub const SOCKET_RX_BYTES: usize = 1536;

/// Transmit buffer of a socket, in bytes: the server's first flight with one RSA-2048 certificate fits.
pub const SOCKET_TX_BYTES: usize = 2048;

/// Buffer for one request, in bytes: the longest head that the settings may allow. What is kept of the head while it is answered, the
/// body as it comes, and pipelined requests are in it, too.
pub const REQUEST_BYTES: usize = esp_https_provision::Limits::MAX.max_header as usize;

/// Buffer for answers, in bytes: status line and header fields have to fit, and a body of any length goes through it in pieces. The
/// longest answer of the server's own is 431 with its advice.
pub const ANSWER_BYTES: usize = 512;

const _: () = assert!(esp_https_provision::Limits::MAX.max_body as usize + 256 <= REQUEST_BYTES);

/// What a connection's task takes beside its socket, in bytes: the state of `net::listen` on riscv32imc, as `nm` shows
/// it for the pool of tasks. What a handler keeps across an `await` is in it: 120 bytes of the book's. No request buffer is: those
/// belong to the sessions.
pub const TASK_BYTES: usize = 1070;

/// What a kept SYN takes, in bytes: its frame, that frame's length, and the time (8 bytes each on riscv32imc, aligned to 8).
pub const SYN_PLACE_BYTES: usize = (SYN_BYTES + 4 + 8).next_multiple_of(8);

/// What a session has beside its TLS state, in bytes: the two buffers, and where things are in them.
pub const CONVERSATION_BYTES: usize = size_of::<Conversation>();

/// Static memory of all sessions' request buffers, all connections' sockets and tasks, and the kept SYNs, in bytes. One connection more
/// costs what is multiplied by [`SOCKETS`] here, and no heap.
pub const STATIC_BYTES: usize = SESSIONS * CONVERSATION_BYTES
    + SOCKETS * (SOCKET_RX_BYTES + SOCKET_TX_BYTES + TASK_BYTES)
    + SYNS * SYN_PLACE_BYTES;
