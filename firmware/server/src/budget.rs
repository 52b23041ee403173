//! Every buffer and its arithmetic, in one place, so that the device can't run out of memory.
//!
//! The heap's figures are measured on the emulated board, whose heap is what Wi-Fi leaves of the ESP32-C3's, and whose
//! allocations take more than the chip's. The host tool's tests (`tests/e2e/memory.rs`) run four sessions at once and look at what stays free.

use crate::ClientCertificates;

use crate::handler::conversation::Conversation;

/// TLS sessions at once. A connection beyond them waits for one.
pub const SESSIONS: usize = 4;

/// Handshakes at once among them, when clients are not asked for a certificate. There is one processor: a second handshake fills
/// the round trips of the first, and a third would only take memory. A handshake has a share of time when another connection
/// waits (`fairness.rs`).
pub const HANDSHAKES: usize = 2;

/// Heap on both boards, in bytes: 198 KB on the ESP32-C3 beside what Wi-Fi keeps once it is up (its `heap.rs` has the sum).
pub const HEAP_BYTES: usize = 198_000;

/// What Wi-Fi takes of that as frames come and go, in bytes: 20 dynamic buffers of 1.6 KB, to receive and to send (`wifi.rs` of the
/// board asserts it). The emulated board has no Wi-Fi, and so much less heap.
pub const WIFI_FRAMES_BYTES: usize = 20 * 1_600;

/// Heap for TLS, in bytes: all that the emulated board has.
pub const TLS_BYTES: usize = HEAP_BYTES - WIFI_FRAMES_BYTES;

/// Heap that an established TLS session takes, in bytes: a receive buffer of 16.7 KB, a send buffer of 2.4 KB
/// (`tls-limits/src/send_buffer.rs`), the keys, the configuration. A client's certificate is not kept.
pub const SESSION_BYTES: usize = 23_600;

/// What a handshake takes beyond that, in bytes, while it waits for the client: a send buffer of 16.7 KB in place of the small one,
/// its state and its own keys.
pub const HANDSHAKE_BYTES: usize = 20_300;

/// What a step of a handshake takes beyond that, in bytes, and gives back before anything else runs: the bignums of a
/// private-key operation with RSA-4096. 3 000 with RSA-2048.
pub const STEP_BYTES: usize = 8_000;

/// The same for the step in which a client's certificates are read and checked: 11 000 for the certificates, of which
/// `tls-limits/src/client_chain.rs` allows no more, and 20 500 for a public-key operation with RSA-8192, the longest that Mbed TLS
/// computes with. Three certificates with RSA-4096 keys take 18 700 together.
pub const CHAIN_BYTES: usize = 11_000 + 20_500;

/// What certificate, key and blinding take for good, in bytes, with RSA-4096; 4 800 with RSA-2048, 1 500 with P-256.
pub const CREDENTIALS_BYTES: usize = 8_200;

/// What the two keys of session tickets take for good, in bytes; clients that have to present a certificate get no tickets. A
/// handshake that resumes takes less than another: its one copy of a ticket has 256 bytes at most (`tls-limits`), and it has no
/// private-key operation.
pub const TICKETS_BYTES: usize = 1_900;

/// What a client CA with an RSA-4096 key takes for good, in bytes.
pub const CLIENT_CA_BYTES: usize = 3_300;

/// Heap that stays free, in bytes, when all of this is at its peak: for certificates behind the device's own, several client CAs,
/// and gaps between blocks.
pub const SPARE_BYTES: usize = 8_000;

/// Handshakes at once. A client's certificates take the memory of a second.
#[must_use]
pub const fn handshakes(clients: ClientCertificates) -> usize {
    match clients {
        ClientCertificates::NotAsked => HANDSHAKES,
        ClientCertificates::Required => 1,
    }
}

/// The most heap that TLS takes, in bytes.
const fn most_bytes(clients: ClientCertificates) -> usize {
    let (step, kept) = match clients {
        ClientCertificates::NotAsked => (STEP_BYTES, TICKETS_BYTES),
        ClientCertificates::Required => (CHAIN_BYTES, CLIENT_CA_BYTES),
    };
    CREDENTIALS_BYTES + kept + SESSIONS * SESSION_BYTES + handshakes(clients) * HANDSHAKE_BYTES + step
}

const _: () = assert!(STEP_BYTES <= CHAIN_BYTES);
const _: () = assert!(most_bytes(ClientCertificates::NotAsked) + SPARE_BYTES <= TLS_BYTES);
const _: () = assert!(most_bytes(ClientCertificates::Required) + SPARE_BYTES <= TLS_BYTES);

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
