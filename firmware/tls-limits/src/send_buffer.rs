//! The send buffer of an established session. Mbed TLS keeps 16.7 KB for it, as much as a handshake message may take, and can
//! be told at build time only that less will do.

use core::ffi::c_int;

use mbedtls_rs_sys::{
    MBEDTLS_ERR_SSL_BAD_INPUT_DATA, MBEDTLS_SSL_MAX_FRAG_LEN_2048, MBEDTLS_SSL_OUT_CONTENT_LEN,
    mbedtls_calloc, mbedtls_free, mbedtls_platform_zeroize, mbedtls_ssl_conf_max_frag_len,
    mbedtls_ssl_context, mbedtls_ssl_transform,
};

unsafe extern "C" {
    fn __real_mbedtls_ssl_free(ssl: *mut mbedtls_ssl_context);

    fn __real_mbedtls_ssl_session_reset(ssl: *mut mbedtls_ssl_context) -> c_int;

    fn mbedtls_ssl_reset_out_pointers(ssl: *mut mbedtls_ssl_context);

    fn mbedtls_ssl_update_out_pointers(ssl: *mut mbedtls_ssl_context, transform: *mut mbedtls_ssl_transform);
}

/// Gives a session whose handshake is over a buffer for records of [`RECORD_BYTES`], if there is memory for it, and frees the
/// large one. From then on Mbed TLS writes no longer record: its limit comes from the configuration (`ssl_write_real`), and all
/// that it sends unasked are alerts of two bytes.
///
/// # Safety
/// `ssl` is set up, its handshake is over, and its configuration is its own.
pub(crate) unsafe fn shrink(ssl: *mut mbedtls_ssl_context) {
    // SAFETY: by this function's contract. Nothing waits in the old buffer, and the two functions set all pointers into the new
    // one as they do for each record; its first bytes are written before they are read.
    unsafe {
        if is_small(ssl) || (*ssl).private_out_left != 0 {
            return;
        }
        let small = mbedtls_calloc(1, BUFFER_BYTES);
        if small.is_null() {
            return;
        }
        let large = (*ssl).private_out_buf;
        mbedtls_ssl_conf_max_frag_len((*ssl).private_conf.cast_mut(), LIMIT);
        (*ssl).private_out_buf = small.cast();
        mbedtls_ssl_reset_out_pointers(ssl);
        mbedtls_ssl_update_out_pointers(ssl, (*ssl).private_transform_out);
        mbedtls_platform_zeroize(large.cast(), LARGEST_MESSAGE);
        mbedtls_free(large.cast());
    }
}

/// Whether the session has a small buffer. No configuration has this limit otherwise.
///
/// # Safety
/// `ssl` is initialised.
unsafe fn is_small(ssl: *const mbedtls_ssl_context) -> bool {
    // SAFETY: by this function's contract; the configuration outlives the session that it is set for.
    unsafe { (*ssl).private_conf.as_ref().is_some_and(|config| config.private_mfl_code == LIMIT) }
}

/// Frees a session. Mbed TLS would erase as many bytes as the large buffer has.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_ssl_free(ssl: *mut mbedtls_ssl_context) {
    // SAFETY: the caller's argument, passed on; a buffer that is null is none for the original.
    unsafe {
        if !ssl.is_null() && !(*ssl).private_out_buf.is_null() && is_small(ssl) {
            let small = core::mem::replace(&mut (*ssl).private_out_buf, core::ptr::null_mut());
            mbedtls_platform_zeroize(small.cast(), BUFFER_BYTES);
            mbedtls_free(small.cast());
        }
        __real_mbedtls_ssl_free(ssl);
    }
}

/// Makes a session ready for another handshake, for which a small buffer would not do: then it fails.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_ssl_session_reset(ssl: *mut mbedtls_ssl_context) -> c_int {
    // SAFETY: the caller's argument, passed on.
    unsafe {
        if !ssl.is_null() && is_small(ssl) {
            return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
        }
        __real_mbedtls_ssl_session_reset(ssl)
    }
}

const LIMIT: u8 = MBEDTLS_SSL_MAX_FRAG_LEN_2048 as u8;

/// The longest record, in bytes of plaintext, by the code of this limit (RFC 6066 section 4): as long as the transmit buffer of a
/// socket.
const RECORD_BYTES: usize = 256 << LIMIT;

/// What a record takes beyond its plaintext, at the most: the counter and the header (13), an initialisation vector (16), a
/// MAC (48), padding (256), and the connection identifiers of DTLS, for which Mbed TLS keeps room (32 and 16); 381 in all
/// (`ssl_misc.h`: MBEDTLS_SSL_HEADER_LEN, MBEDTLS_SSL_PAYLOAD_OVERHEAD).
const OVERHEAD_BYTES: usize = 384;
const BUFFER_BYTES: usize = RECORD_BYTES + OVERHEAD_BYTES;

/// What the large buffer has at least.
const LARGEST_MESSAGE: usize = MBEDTLS_SSL_OUT_CONTENT_LEN as usize;

const _: () = assert!(BUFFER_BYTES < LARGEST_MESSAGE);
