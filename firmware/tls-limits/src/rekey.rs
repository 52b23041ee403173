//! New keys within a session of TLS 1.3, when the client sends a KeyUpdate (RFC 8446 sections 4.6.3 and 7.2). Mbed TLS 3.6 takes it for an
//! error; the parts that it takes are the ones that it makes the first keys with.

use core::ffi::c_int;
use core::{ptr, slice};

use mbedtls_rs_sys::{
    MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER, MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE, MBEDTLS_ERR_SSL_WANT_WRITE,
    MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_MSG_HANDSHAKE, MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384, mbedtls_platform_zeroize, mbedtls_ssl_context,
    mbedtls_ssl_protocol_version_MBEDTLS_SSL_VERSION_TLS1_3 as TLS13, mbedtls_ssl_transform, psa_algorithm_t,
};

use crate::alerts;
use crate::key_update::{ANSWER, NotTaken, UpdateRequest};

unsafe extern "C" {
    fn __real_mbedtls_ssl_read(ssl: *mut mbedtls_ssl_context, buffer: *mut u8, length: usize) -> c_int;

    fn mbedtls_ssl_write_record(ssl: *mut mbedtls_ssl_context, force_flush: c_int) -> c_int;

    fn mbedtls_ssl_set_inbound_transform(
        ssl: *mut mbedtls_ssl_context,
        transform: *mut mbedtls_ssl_transform,
    );

    fn mbedtls_ssl_set_outbound_transform(
        ssl: *mut mbedtls_ssl_context,
        transform: *mut mbedtls_ssl_transform,
    );

    fn mbedtls_ssl_transform_free(transform: *mut mbedtls_ssl_transform);

    fn mbedtls_ssl_transform_init(transform: *mut mbedtls_ssl_transform);

    fn mbedtls_ssl_tls13_populate_transform(
        transform: *mut mbedtls_ssl_transform,
        endpoint: c_int,
        suite: c_int,
        keys: *const TrafficKeys,
        ssl: *mut mbedtls_ssl_context,
    ) -> c_int;

    fn mbedtls_ssl_tls13_make_traffic_keys(
        hash: psa_algorithm_t,
        client_secret: *const u8,
        server_secret: *const u8,
        secret_length: usize,
        key_length: usize,
        iv_length: usize,
        keys: *mut TrafficKeys,
    ) -> c_int;

    fn mbedtls_ssl_tls13_hkdf_expand_label(
        hash: psa_algorithm_t,
        secret: *const u8,
        secret_length: usize,
        label: *const u8,
        label_length: usize,
        context: *const u8,
        context_length: usize,
        output: *mut u8,
        output_length: usize,
    ) -> c_int;
}

/// Reads application data, and takes a KeyUpdate that comes before it. Anything else ends the session, with the alert that Mbed TLS
/// leaves out.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_ssl_read(
    ssl: *mut mbedtls_ssl_context,
    buffer: *mut u8,
    length: usize,
) -> c_int {
    // SAFETY: the caller's arguments, passed on. After this status and with this type a handshake message is in the input buffer, and
    // the next call goes past it.
    unsafe {
        loop {
            alerts::begin_step();
            let mut status = __real_mbedtls_ssl_read(ssl, buffer, length);
            if status == MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE {
                status = match key_update(ssl) {
                    Ok(request) => update(ssl, request),
                    Err(NotTaken::UnknownRequest) => MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER,
                    Err(NotTaken::OtherMessage) => status,
                };
                if status == 0 {
                    continue;
                }
            }
            alerts::send_what_is_owed(ssl, status);
            return status;
        }
    }
}

/// The KeyUpdate in the input buffer, with which its record has to end.
///
/// # Safety
/// `ssl` is set up, and behind its handshake.
unsafe fn key_update(ssl: *const mbedtls_ssl_context) -> Result<UpdateRequest, NotTaken> {
    // SAFETY: by this function's contract. A message begins at `in_msg`, and `in_msglen` bytes of its record are there.
    unsafe {
        let is_handshake = u32::try_from((*ssl).private_in_msgtype) == Ok(MBEDTLS_SSL_MSG_HANDSHAKE);
        if !is_handshake || (*ssl).private_tls_version != TLS13 || !(*ssl).private_handshake.is_null() {
            return Err(NotTaken::OtherMessage);
        }
        UpdateRequest::parse(slice::from_raw_parts((*ssl).private_in_msg, (*ssl).private_in_msglen))
    }
}

/// Answers where that is requested, and changes the keys of one direction or both.
///
/// # Safety
/// As for [`key_update`], with TLS 1.3.
unsafe fn update(ssl: *mut mbedtls_ssl_context, request: UpdateRequest) -> c_int {
    // SAFETY: by this function's contract. Behind the handshake both directions use the one transform that is freed and set up again,
    // with the same keys where they do not change, and nothing is waiting to be encrypted.
    unsafe {
        let answers = request == UpdateRequest::Requested;
        let suite = Suite::of((*(*ssl).private_session).private_ciphersuite);
        let secrets = &mut (*(*ssl).private_session).private_app_secrets;
        let mut status = if answers { send_answer(ssl) } else { 0 };
        if status == 0 {
            status = suite.next(&mut secrets.client_application_traffic_secret_N);
        }
        if status == 0 && answers {
            status = suite.next(&mut secrets.server_application_traffic_secret_N);
        }
        if status == 0 {
            status = suite.set_keys(ssl);
        }
        if status == 0 {
            let transform = (*ssl).private_transform_application;
            mbedtls_ssl_set_inbound_transform(ssl, transform);
            if answers {
                mbedtls_ssl_set_outbound_transform(ssl, transform);
            }
        }
        status
    }
}

/// Sends a KeyUpdate with the keys until now. A client that reads nothing, so that there is no room for it, loses its session.
///
/// # Safety
/// As for [`key_update`].
unsafe fn send_answer(ssl: *mut mbedtls_ssl_context) -> c_int {
    // SAFETY: by this function's contract. The output buffer is free when nothing is left in it, and holds a record of 16 KiB.
    unsafe {
        if (*ssl).private_out_left != 0 {
            return MBEDTLS_ERR_SSL_WANT_WRITE;
        }
        (*ssl).private_out_msgtype = MBEDTLS_SSL_MSG_HANDSHAKE as c_int;
        (*ssl).private_out_msglen = ANSWER.len();
        ptr::copy_nonoverlapping(ANSWER.as_ptr(), (*ssl).private_out_msg, ANSWER.len());
        mbedtls_ssl_write_record(ssl, 1)
    }
}

/// What a cipher suite of TLS 1.3 needs (RFC 8446 section B.4).
struct Suite {
    id: c_int,
    hash: psa_algorithm_t,
    secret_bytes: usize,
    key_bytes: usize,
}

impl Suite {
    /// One of the three that the server offers.
    fn of(id: c_int) -> Self {
        let (hash, secret_bytes, key_bytes) = match u32::try_from(id) {
            Ok(MBEDTLS_TLS1_3_AES_128_GCM_SHA256) => (PSA_ALG_SHA_256, 32, 16),
            Ok(MBEDTLS_TLS1_3_AES_256_GCM_SHA384) => (PSA_ALG_SHA_384, 48, 32),
            _ => (PSA_ALG_SHA_256, 32, 32),
        };
        Self { id, hash, secret_bytes, key_bytes }
    }

    /// Replaces a traffic secret by the next generation (RFC 8446 section 7.2).
    fn next(&self, secret: &mut [u8; SECRET_BYTES]) -> c_int {
        let mut next = [0; SECRET_BYTES];
        // SAFETY: the lengths are no longer than the buffers; there is no context.
        let status = unsafe {
            mbedtls_ssl_tls13_hkdf_expand_label(
                self.hash,
                secret.as_ptr(),
                self.secret_bytes,
                LABEL.as_ptr(),
                LABEL.len(),
                ptr::null(),
                0,
                next.as_mut_ptr(),
                self.secret_bytes,
            )
        };
        *secret = next;
        erase(&mut next);
        status
    }

    /// Sets up the transform for both directions with the keys of the present secrets.
    ///
    /// # Safety
    /// As for [`key_update`], with TLS 1.3 and this suite.
    unsafe fn set_keys(&self, ssl: *mut mbedtls_ssl_context) -> c_int {
        let mut keys = TrafficKeys::default();
        // SAFETY: by this function's contract. A transform is initialised before it is populated, and stays one that can be freed when
        // that fails.
        unsafe {
            let secrets = &(*(*ssl).private_session).private_app_secrets;
            let transform = (*ssl).private_transform_application;
            let mut status = mbedtls_ssl_tls13_make_traffic_keys(
                self.hash,
                secrets.client_application_traffic_secret_N.as_ptr(),
                secrets.server_application_traffic_secret_N.as_ptr(),
                self.secret_bytes,
                self.key_bytes,
                IV_BYTES,
                &raw mut keys,
            );
            if status == 0 {
                mbedtls_ssl_transform_free(transform);
                mbedtls_ssl_transform_init(transform);
                let server = MBEDTLS_SSL_IS_SERVER as c_int;
                status =
                    mbedtls_ssl_tls13_populate_transform(transform, server, self.id, &raw const keys, ssl);
            }
            erase(&mut keys);
            status
        }
    }
}

/// `mbedtls_ssl_key_set` of Mbed TLS 3.6.5's `ssl_misc.h`.
#[repr(C)]
#[derive(Default)]
struct TrafficKeys {
    keys: [[u8; 32]; 2],
    ivs: [[u8; 16]; 2],
    key_length: usize,
    iv_length: usize,
}

fn erase<T>(secret: &mut T) {
    // SAFETY: plain bytes and lengths, for which zeros are values like any other.
    unsafe { mbedtls_platform_zeroize(ptr::from_mut(secret).cast(), size_of::<T>()) };
}

const LABEL: &[u8] = b"traffic upd";

/// MBEDTLS_TLS1_3_MD_MAX_SIZE.
const SECRET_BYTES: usize = 64;

/// Of each cipher of TLS 1.3 (RFC 8446 section 5.3).
const IV_BYTES: usize = 12;

/// Arm's PSA Crypto API 1.2, section 10.2.3.
const PSA_ALG_SHA_256: psa_algorithm_t = 0x0200_0009;
const PSA_ALG_SHA_384: psa_algorithm_t = 0x0200_000A;
