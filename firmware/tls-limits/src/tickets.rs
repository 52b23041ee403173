//! Session tickets (RFC 5077, RFC 8446 section 4.6.1): a client that comes again proves that it has been here, and costs no signature.
//!
//! Mbed TLS encrypts a session into a ticket and keeps nothing of it, so tickets take no memory, however many clients there are. It was
//! built without a clock: its tickets never expire by themselves, and so the age of the keys is what ends them (`rotation.rs`).

use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use core::mem::MaybeUninit;
use core::ptr;

use mbedtls_rs_sys::{
    MBEDTLS_ERR_SSL_INTERNAL_ERROR, MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED, MBEDTLS_SSL_VERIFY_NONE,
    mbedtls_cipher_type_t_MBEDTLS_CIPHER_AES_256_GCM as AES_256_GCM, mbedtls_platform_zeroize,
    mbedtls_ssl_conf_session_tickets_cb, mbedtls_ssl_context, mbedtls_ssl_session,
    mbedtls_ssl_ticket_context, mbedtls_ssl_ticket_init, mbedtls_ssl_ticket_parse, mbedtls_ssl_ticket_rotate,
    mbedtls_ssl_ticket_setup, mbedtls_ssl_ticket_write, psa_crypto_init,
};

use crate::client_hello::ClientHello;
use crate::offer::client_hello;
use crate::rotation::{KEY_SECONDS, Rotation};

unsafe extern "C" {
    fn mbedtls_psa_get_random(state: *mut c_void, output: *mut u8, length: usize) -> c_int;
}

/// Gives tickets to clients from now on, with keys from the generator that all of Mbed TLS has; `clock` tells the seconds since some
/// moment. To be called once, from the thread that serves, when the generator is there.
///
/// A server that asks for client certificates gives none, even after this call. Mbed TLS up to 3.6.7 has faults by which somebody who only
/// saw a ticket resumes its session (CVE-2026-34873, CVE-2026-93831). They are mended here, and yet no certificate should depend on it.
///
/// # Errors
/// Mbed TLS's own code, when the generator or the heap fails.
pub fn give(clock: fn() -> u64) -> Result<(), c_int> {
    // SAFETY: nothing else has a reference into the cell, since this runs between two calls of Mbed TLS and not inside one. The context
    // stays where it is, and is initialised before it is set up.
    unsafe {
        let keys = &mut *KEYS.0.get();
        if keys.is_some() {
            return Ok(());
        }
        let context = CONTEXT.0.get().cast::<mbedtls_ssl_ticket_context>();
        mbedtls_ssl_ticket_init(context);
        // The generator is ready after psa_crypto_init, which may be called any number of times.
        let mut status = psa_crypto_init();
        if status == 0 {
            let generator = Some(mbedtls_psa_get_random as unsafe extern "C" fn(_, _, _) -> _);
            status = mbedtls_ssl_ticket_setup(context, generator, ptr::null_mut(), AES_256_GCM, KEY_SECONDS);
        }
        if status != 0 {
            return Err(status);
        }
        *keys = Some(Keys { context, clock, rotation: Rotation::new(clock()) });
        Ok(())
    }
}

/// Has the session take and give tickets of TLS 1.2. Only for clients with an extended master secret: RFC 7627 section 5.3 lets no session
/// without one be resumed, and no ticket of Mbed TLS's tells them apart.
///
/// # Safety
/// `ssl` is set up and in its handshake, and `hello` is the ClientHello in its buffer.
pub(crate) unsafe fn offer_in_tls12(ssl: *mut mbedtls_ssl_context, hello: &ClientHello<'_>) {
    if hello.has_extended_master_secret() {
        // SAFETY: by this function's contract.
        unsafe { offer(ssl, true) };
    }
}

/// Has the session give tickets of TLS 1.3, and take them where none of them is longer than ours: Mbed TLS copies each one to the heap
/// before it looks at it, and the record would hold one of 16 KB.
///
/// # Safety
/// As for [`offer_in_tls12`].
pub(crate) unsafe fn offer_in_tls13(ssl: *mut mbedtls_ssl_context, hello: &ClientHello<'_>) {
    // SAFETY: by this function's contract.
    unsafe { offer(ssl, hello.longest_psk_identity() <= LONGEST_TICKET) };
}

/// # Safety
/// As for [`offer_in_tls12`].
unsafe fn offer(ssl: *mut mbedtls_ssl_context, takes: bool) {
    // SAFETY: by the callers' contract. The configuration is this session's own (mbedtls-rs makes one for each), and both live as long
    // as the callbacks are called.
    unsafe {
        let config = (*ssl).private_conf.cast_mut();
        if keys().is_some() && u32::from((*config).private_authmode) == MBEDTLS_SSL_VERIFY_NONE {
            let parse = takes.then_some(parse as unsafe extern "C" fn(_, _, _, _) -> _);
            mbedtls_ssl_conf_session_tickets_cb(config, Some(write), parse, ssl.cast());
        }
    }
}

/// Encrypts a session into a ticket.
unsafe extern "C" fn write(
    _ssl: *mut c_void,
    session: *const mbedtls_ssl_session,
    start: *mut u8,
    end: *const u8,
    length: *mut usize,
    lifetime: *mut u32,
) -> c_int {
    // SAFETY: Mbed TLS calls this with its own arguments for such a function. Up to 3.6.6 it sends what the last two hold even when
    // there is no ticket (CVE-2026-50586).
    unsafe {
        (*length, *lifetime) = (0, 0);
        match keys().map(Keys::renewed) {
            Some(Ok(context)) => {
                mbedtls_ssl_ticket_write(context.cast(), session, start, end, length, lifetime)
            }
            Some(Err(status)) => status,
            None => MBEDTLS_ERR_SSL_INTERNAL_ERROR,
        }
    }
}

/// Decrypts a ticket into a session, if that is one which can go on: of the version that was negotiated, since in TLS 1.2 a session of TLS 1.3
/// has a master secret that is all zero (CVE-2026-93831), and with a suite that the client still offers. Otherwise, as with a ticket that is
/// too old or not ours, the client makes a full handshake.
unsafe extern "C" fn parse(
    ssl: *mut c_void,
    session: *mut mbedtls_ssl_session,
    ticket: *mut u8,
    length: usize,
) -> c_int {
    // SAFETY: Mbed TLS calls this with its own arguments for such a function, and with the session that `offer` named, while its
    // ClientHello is in the buffer.
    unsafe {
        let context = match keys().map(Keys::renewed) {
            Some(Ok(context)) => context,
            Some(Err(status)) => return status,
            None => return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED,
        };
        let status = mbedtls_ssl_ticket_parse(context.cast(), session, ticket, length);
        if status != 0 {
            return status;
        }
        let ssl = ssl.cast::<mbedtls_ssl_context>().cast_const();
        if !can_go_on(&*session, ssl) {
            return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
        }
        // A full handshake notes here that it asked for no client certificate (MBEDTLS_X509_BADCERT_SKIP_VERIFY), and one of TLS 1.3 that
        // resumes notes nothing. With the same in TLS 1.2 the two can be told apart.
        (*session).private_verify_result = 0;
        0
    }
}

/// # Safety
/// `ssl` is set up, and its ClientHello is in the buffer.
unsafe fn can_go_on(session: &mbedtls_ssl_session, ssl: *const mbedtls_ssl_context) -> bool {
    // SAFETY: by this function's contract.
    unsafe {
        session.private_tls_version == (*ssl).private_tls_version
            && u16::try_from(session.private_ciphersuite)
                .is_ok_and(|suite| client_hello(ssl).is_some_and(|hello| hello.offers_suite(suite)))
    }
}

struct Keys {
    context: *mut mbedtls_ssl_ticket_context,
    clock: fn() -> u64,
    rotation: Rotation,
}

impl Keys {
    /// The context, with keys that are young enough.
    fn renewed(&mut self) -> Result<*mut mbedtls_ssl_ticket_context, c_int> {
        let now_s = (self.clock)();
        for _ in 0..self.rotation.due(now_s) {
            self.replace_the_older()?;
        }
        self.rotation = Rotation::new(now_s);
        Ok(self.context)
    }

    fn replace_the_older(&mut self) -> Result<(), c_int> {
        let mut secret = [0_u8; NAME_BYTES + KEY_BYTES];
        // SAFETY: the context was set up by `give`, and the lengths are those of the buffer.
        let status = unsafe {
            let mut status = mbedtls_psa_get_random(ptr::null_mut(), secret.as_mut_ptr(), secret.len());
            if status == 0 {
                let (name, key) = secret.split_at(NAME_BYTES);
                status = mbedtls_ssl_ticket_rotate(
                    self.context,
                    name.as_ptr(),
                    name.len(),
                    key.as_ptr(),
                    key.len(),
                    KEY_SECONDS,
                );
            }
            mbedtls_platform_zeroize(secret.as_mut_ptr().cast(), secret.len());
            status
        };
        if status == 0 { Ok(()) } else { Err(status) }
    }
}

/// The keys, once there are any.
///
/// # Safety
/// The caller is a function that Mbed TLS calls, or that stands in for one of its own: they run on one thread, and none inside another that
/// holds this.
unsafe fn keys<'k>() -> Option<&'k mut Keys> {
    // SAFETY: by this function's contract nobody else has a reference.
    unsafe { (*KEYS.0.get()).as_mut() }
}

static KEYS: OneThread<Option<Keys>> = OneThread(UnsafeCell::new(None));
static CONTEXT: OneThread<MaybeUninit<mbedtls_ssl_ticket_context>> =
    OneThread(UnsafeCell::new(MaybeUninit::uninit()));

/// What only the thread that serves uses.
struct OneThread<T>(UnsafeCell<T>);

// SAFETY: TLS runs on one thread on both boards; Wi-Fi's threads and interrupts do not call it.
unsafe impl<T> Sync for OneThread<T> {}

/// Longer than any ticket of ours, in bytes: 34 around a session of 98 (TLS 1.3, with SHA-384) or 107 (TLS 1.2).
const LONGEST_TICKET: usize = 256;

/// MBEDTLS_SSL_TICKET_KEY_NAME_BYTES.
const NAME_BYTES: usize = 4;

/// An AES-256 key.
const KEY_BYTES: usize = 32;
