//! What the server offers: cipher suites, named groups, and extensions that it answers.

use core::ffi::c_int;
use core::slice;
use core::sync::atomic::{AtomicBool, Ordering};

use mbedtls_rs_sys::{
    MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
    MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION, MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1, MBEDTLS_SSL_IANA_TLS_GROUP_X448, MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
    MBEDTLS_SSL_MAX_FRAG_LEN_NONE, MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256, MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256, mbedtls_mpi_free, mbedtls_ssl_conf_ciphersuites,
    mbedtls_ssl_conf_groups, mbedtls_ssl_conf_new_session_tickets, mbedtls_ssl_conf_tls13_key_exchange_modes,
    mbedtls_ssl_config, mbedtls_ssl_context,
    mbedtls_ssl_protocol_version_MBEDTLS_SSL_VERSION_TLS1_3 as TLS13, mbedtls_ssl_send_alert_message,
    mbedtls_ssl_states_MBEDTLS_SSL_CLIENT_HELLO as CLIENT_HELLO_STATE,
    mbedtls_ssl_states_MBEDTLS_SSL_SERVER_HELLO as SERVER_HELLO_STATE,
};

use crate::client_hello::ClientHello;
use crate::tickets;

/// The cipher suites, those of TLS 1.2 in order of preference; in TLS 1.3 Mbed TLS takes the client's order.
///
/// Ephemeral keys and authenticated encryption only (RFC 9325 section 4.2). Left out of Mbed TLS's own list: static RSA,
/// which Bleichenbacher's attack is about; DHE, whose handshake costs 691 million instructions; CBC, which only
/// [`LEGACY_SUITES`] have; CCM, ARIA and Camellia, which no client needs that knows TLS 1.2.
static SUITES: [c_int; 10] = [
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256 as c_int,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384 as c_int,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256 as c_int,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 as c_int,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 as c_int,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 as c_int,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 as c_int,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 as c_int,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 as c_int,
    END_OF_SUITES,
];

/// [`SUITES`], and behind them those for clients that know nothing better: CBC with HMAC-SHA1. Attacks by timing have been found against this
/// construction again and again (Lucky Thirteen); Mbed TLS computes the MAC in constant time.
static LEGACY_SUITES: [c_int; SUITES.len() + CBC_SUITES.len()] = {
    let mut suites = [END_OF_SUITES; SUITES.len() + CBC_SUITES.len()];
    let modern = SUITES.len() - 1;
    let mut at = 0;
    while at < modern + CBC_SUITES.len() {
        suites[at] = if at < modern { SUITES[at] } else { CBC_SUITES[at - modern] };
        at += 1;
    }
    suites
};

const CBC_SUITES: [c_int; 4] = [
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA as c_int,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA as c_int,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA as c_int,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA as c_int,
];

/// Whether legacy clients are served.
static LEGACY_CLIENTS: AtomicBool = AtomicBool::new(false);

/// Offers ECDHE with CBC and HMAC-SHA1 in TLS 1.2 as well, behind all other suites, in sessions from now on.
pub fn serve_legacy_clients() {
    LEGACY_CLIENTS.store(true, Ordering::Relaxed);
}

/// The named groups of the key exchange, in order of preference, which counts in TLS 1.2. P-256 comes first: it costs
/// 8 million instructions less than X25519.
///
/// Left out: ffdhe2048 to ffdhe8192 and the Brainpool curves, which Mbed TLS offers by default. One handshake with
/// ffdhe8192 takes 34 thousand million instructions, minutes in which the device answers nobody, and 82 KB of heap.
static GROUPS: [u16; 6] = [
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1 as u16,
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519 as u16,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1 as u16,
    MBEDTLS_SSL_IANA_TLS_GROUP_X448 as u16,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1 as u16,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE as u16,
];

/// The groups for a client that supports P-256.
static P256_ONLY: [u16; 2] =
    [MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1 as u16, MBEDTLS_SSL_IANA_TLS_GROUP_NONE as u16];

/// The longest public key of [`GROUPS`], in bytes.
pub(crate) const LONGEST_PUBLIC_KEY: usize = {
    let mut longest = 0;
    let mut at = 0;
    while at < GROUPS.len() {
        let length = public_key_bytes(GROUPS[at] as u32);
        longest = if length > longest { length } else { longest };
        at += 1;
    }
    longest
};

/// The length of a group's public key, in bytes: an uncompressed point (SEC 1 section 2.3.3) or a coordinate (RFC 7748).
/// Any other group fails the assertion below, a finite-field one above all: `cost.rs` says why.
const fn public_key_bytes(group: u32) -> usize {
    match group {
        MBEDTLS_SSL_IANA_TLS_GROUP_NONE => 0,
        MBEDTLS_SSL_IANA_TLS_GROUP_X25519 => 32,
        MBEDTLS_SSL_IANA_TLS_GROUP_X448 => 56,
        MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1 => 1 + 2 * 32,
        MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1 => 1 + 2 * 48,
        MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1 => 1 + 2 * 66,
        _ => usize::MAX,
    }
}

const _: () =
    assert!(LONGEST_PUBLIC_KEY <= 1 + 2 * 66, "a group whose public keys have another or an unknown length");

unsafe extern "C" {
    fn __real_mbedtls_ssl_config_defaults(
        config: *mut mbedtls_ssl_config,
        endpoint: c_int,
        transport: c_int,
        preset: c_int,
    ) -> c_int;

    fn __real_mbedtls_ssl_handshake_server_step(ssl: *mut mbedtls_ssl_context) -> c_int;

    fn __real_mbedtls_ssl_tls13_crypto_init(ssl: *mut mbedtls_ssl_context) -> c_int;
}

/// The default configuration, with [`SUITES`] or [`LEGACY_SUITES`], [`GROUPS`] and [`NEW_SESSION_TICKETS`], without a resumption that uses no new keys of its own
/// (psk_ke: whoever learns a ticket's key later could read it), and without the parameters of DHE, 0.6 KB in each session.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_ssl_config_defaults(
    config: *mut mbedtls_ssl_config,
    endpoint: c_int,
    transport: c_int,
    preset: c_int,
) -> c_int {
    // SAFETY: the caller's arguments, passed on. The lists live for ever and end as their setters want. The numbers are
    // initialised, and a freed one is an initialised zero, which Mbed TLS takes for parameters that were never set.
    unsafe {
        let status = __real_mbedtls_ssl_config_defaults(config, endpoint, transport, preset);
        if status == 0 {
            let suites: &[c_int] =
                if LEGACY_CLIENTS.load(Ordering::Relaxed) { &LEGACY_SUITES } else { &SUITES };
            mbedtls_ssl_conf_ciphersuites(config, suites.as_ptr());
            mbedtls_ssl_conf_groups(config, GROUPS.as_ptr());
            mbedtls_ssl_conf_tls13_key_exchange_modes(
                config,
                MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL as c_int,
            );
            mbedtls_ssl_conf_new_session_tickets(config, NEW_SESSION_TICKETS);
            mbedtls_mpi_free(&raw mut (*config).private_dhm_P);
            mbedtls_mpi_free(&raw mut (*config).private_dhm_G);
        }
        status
    }
}

/// One step of a handshake in TLS 1.2, with three things that Mbed TLS 3.6.5 gets wrong set right.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_ssl_handshake_server_step(ssl: *mut mbedtls_ssl_context) -> c_int {
    // SAFETY: the caller's argument, passed on. In the first of the two states the ClientHello is in the buffer, in the
    // second the session to be negotiated is set up.
    unsafe {
        match u32::try_from((*ssl).private_state) {
            // Since the server has TLS 1.3, Mbed TLS's TLS 1.3 has read the whole message by now, and left it for this
            // step because the client has no TLS 1.3.
            Ok(CLIENT_HELLO_STATE) => {
                if let Some(hello) = client_hello(ssl) {
                    if let Some(alert) = objection_to_tls12(ssl, &hello) {
                        mbedtls_ssl_send_alert_message(ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL as u8, alert);
                        return MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION;
                    }
                    tickets::offer_in_tls12(ssl, &hello);
                }
            }
            // It would agree to max_fragment_length, and then send its certificate in one record all the same. A server
            // that does not answer the extension does not have it (RFC 6066 section 4).
            Ok(SERVER_HELLO_STATE) => {
                (*(*ssl).private_session_negotiate).private_mfl_code = MBEDTLS_SSL_MAX_FRAG_LEN_NONE as u8;
            }
            _ => {}
        }
        __real_mbedtls_ssl_handshake_server_step(ssl)
    }
}

/// The alert for a client that must not get TLS 1.2.
///
/// One that has TLS 1.3 fell back (RFC 7507 section 3). And one whose first hello was answered with TLS 1.3's HelloRetryRequest can't
/// choose another version now (RFC 8446 section 4.1.4): if it offered a ticket before, Mbed TLS up to 3.6.5 would resume a session of TLS 1.2
/// whose master secret is all zero, for whoever saw the ticket (CVE-2026-34873).
///
/// # Safety
/// `ssl` is set up and in its handshake.
unsafe fn objection_to_tls12(ssl: *const mbedtls_ssl_context, hello: &ClientHello<'_>) -> Option<u8> {
    // SAFETY: by this function's contract; the session to be negotiated exists then. Only TLS 1.3 has written its version by now.
    let was_tls13 = unsafe { (*(*ssl).private_session_negotiate).private_tls_version == TLS13 };
    if hello.offers_suite(FALLBACK_SCSV) {
        Some(INAPPROPRIATE_FALLBACK)
    } else {
        was_tls13.then_some(MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION as u8)
    }
}

/// The first step of TLS 1.3, between the choice of that version and the look at the client's key shares. A client that
/// supports P-256 and sends a share for another group only is asked for one (HelloRetryRequest, RFC 8446 section 4.1.4). It may resume a
/// session all the same.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_ssl_tls13_crypto_init(ssl: *mut mbedtls_ssl_context) -> c_int {
    // SAFETY: the caller's argument, passed on. The message in the buffer is the ClientHello that is being parsed. The
    // configuration is this session's own (mbedtls-rs makes one for each), and nothing else uses it meanwhile.
    unsafe {
        if let Some(hello) = client_hello(ssl) {
            if hello.supports_group(MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1 as u16) {
                mbedtls_ssl_conf_groups((*ssl).private_conf.cast_mut(), P256_ONLY.as_ptr());
            }
            tickets::offer_in_tls13(ssl, &hello);
        }
        __real_mbedtls_ssl_tls13_crypto_init(ssl)
    }
}

/// The ClientHello that was just received.
///
/// # Safety
/// `ssl` is set up, and a whole handshake message is in its input buffer. The result does not outlive the message.
pub(crate) unsafe fn client_hello<'m>(ssl: *const mbedtls_ssl_context) -> Option<ClientHello<'m>> {
    // SAFETY: by this function's contract. The message begins at `in_msg` and has `in_hslen` bytes with its header.
    unsafe { ClientHello::parse(slice::from_raw_parts((*ssl).private_in_msg, (*ssl).private_in_hslen)) }
}

const END_OF_SUITES: c_int = 0;

/// How many tickets a full handshake of TLS 1.3 gives; one that resumes gives one in any case. A client uses each ticket once (RFC 8446
/// appendix C.4), and gets the next one with it.
const NEW_SESSION_TICKETS: u16 = 1;

/// TLS_FALLBACK_SCSV and its alert (RFC 7507).
const FALLBACK_SCSV: u16 = 0x5600;
const INAPPROPRIATE_FALLBACK: u8 = 86;
