//! Private operations of RSA-3072 and RSA-4096 keys, in pieces that the chip's accelerator takes.

use core::ffi::c_int;

use mbedtls_rs_sys::{
    mbedtls_mpi, mbedtls_mpi_add_mpi, mbedtls_mpi_bitlen, mbedtls_mpi_copy, mbedtls_mpi_free,
    mbedtls_mpi_init, mbedtls_mpi_lset, mbedtls_mpi_mod_mpi, mbedtls_mpi_mul_mpi, mbedtls_mpi_shift_l,
    mbedtls_mpi_shift_r, mbedtls_mpi_sub_mpi,
};

use crate::operands::Plan;

unsafe extern "C" {
    fn __real_mbedtls_mpi_exp_mod(
        power: *mut mbedtls_mpi,
        base: *const mbedtls_mpi,
        exponent: *const mbedtls_mpi,
        modulus: *const mbedtls_mpi,
        helper: *mut mbedtls_mpi,
    ) -> c_int;
}

/// A modular exponentiation, by a [`Plan`] when there is one. Its helper, a number that depends on the operands' length and is
/// kept from call to call, is left to those that go through as they are.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_mpi_exp_mod(
    power: *mut mbedtls_mpi,
    base: *const mbedtls_mpi,
    exponent: *const mbedtls_mpi,
    modulus: *const mbedtls_mpi,
    helper: *mut mbedtls_mpi,
) -> c_int {
    // SAFETY: the caller's arguments, passed on; all numbers are initialised ones, as the original wants them.
    unsafe {
        let lengths = [base, exponent, modulus].map(|number| mbedtls_mpi_bitlen(number));
        let positive = [base, exponent, modulus].into_iter().all(|number| i32::from((*number).private_s) > 0);
        match Plan::of(lengths[0], lengths[1], lengths[2]) {
            Some(plan) if positive => match planned(power, base, exponent, modulus, plan) {
                Ok(()) => 0,
                Err(status) => status,
            },
            _ => __real_mbedtls_mpi_exp_mod(power, base, exponent, modulus, helper),
        }
    }
}

/// `base ^ exponent`, or with `exponent = high * 2 ^ low_bits + low`: `(base ^ high) ^ (2 ^ low_bits) * base ^ low`.
///
/// # Safety
/// All are initialised numbers.
unsafe fn planned(
    power: *mut mbedtls_mpi,
    base: *const mbedtls_mpi,
    exponent: *const mbedtls_mpi,
    modulus: *const mbedtls_mpi,
    plan: Plan,
) -> Result<(), c_int> {
    let (mut reduced, mut helper) = (Number::new(), Number::new());
    // SAFETY: initialised numbers, by this function's contract and `Number`'s; none is read and written in one call but
    // where Mbed TLS allows it.
    unsafe {
        ok(mbedtls_mpi_mod_mpi(&raw mut reduced.0, base, modulus))?;
        let Some(low_bits) = plan.low_bits else {
            return raise(power, &mut reduced, exponent, modulus, plan, &mut helper);
        };
        let (mut high, mut low, mut squares) = (Number::new(), Number::new(), Number::new());
        ok(mbedtls_mpi_copy(&raw mut high.0, exponent))?;
        ok(mbedtls_mpi_shift_r(&raw mut high.0, low_bits))?;
        ok(mbedtls_mpi_copy(&raw mut squares.0, &raw const high.0))?;
        ok(mbedtls_mpi_shift_l(&raw mut squares.0, low_bits))?;
        ok(mbedtls_mpi_sub_mpi(&raw mut low.0, exponent, &raw const squares.0))?;
        ok(mbedtls_mpi_lset(&raw mut squares.0, 1))?;
        ok(mbedtls_mpi_shift_l(&raw mut squares.0, low_bits))?;

        let (mut of_high, mut of_low) = (Number::new(), Number::new());
        raise(&raw mut of_low.0, &mut reduced, &raw const low.0, modulus, plan, &mut helper)?;
        // The base has its padding by now, which does no harm: it is reduced no further.
        raise(
            &raw mut of_high.0,
            &mut reduced,
            &raw const high.0,
            modulus,
            Plan { padding: None, ..plan },
            &mut helper,
        )?;
        ok(mbedtls_mpi_copy(&raw mut reduced.0, &raw const of_high.0))?;
        raise(&raw mut of_high.0, &mut reduced, &raw const squares.0, modulus, plan, &mut helper)?;
        ok(mbedtls_mpi_mul_mpi(&raw mut reduced.0, &raw const of_high.0, &raw const of_low.0))?;
        ok(mbedtls_mpi_mod_mpi(power, &raw const reduced.0, modulus))
    }
}

/// One exponentiation of the right length; pads the base when the plan says so. All of one plan have one length, and so one helper.
///
/// # Safety
/// All are initialised numbers, and the base is below the modulus or padded.
unsafe fn raise(
    power: *mut mbedtls_mpi,
    base: &mut Number,
    exponent: *const mbedtls_mpi,
    modulus: *const mbedtls_mpi,
    plan: Plan,
    helper: &mut Number,
) -> Result<(), c_int> {
    // SAFETY: by this function's contract.
    unsafe {
        if let Some(shift) = plan.padding {
            let mut padding = Number::new();
            ok(mbedtls_mpi_copy(&raw mut padding.0, modulus))?;
            ok(mbedtls_mpi_shift_l(&raw mut padding.0, shift))?;
            ok(mbedtls_mpi_add_mpi(&raw mut base.0, &raw const base.0, &raw const padding.0))?;
        }
        ok(__real_mbedtls_mpi_exp_mod(power, &raw const base.0, exponent, modulus, &raw mut helper.0))
    }
}

fn ok(status: c_int) -> Result<(), c_int> {
    if status == 0 { Ok(()) } else { Err(status) }
}

/// A number that is wiped and freed when it goes.
struct Number(mbedtls_mpi);

impl Number {
    fn new() -> Self {
        let mut number = mbedtls_mpi { private_s: 0, private_n: 0, private_p: core::ptr::null_mut() };
        // SAFETY: it is there to be initialised.
        unsafe { mbedtls_mpi_init(&raw mut number) };
        Self(number)
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        // SAFETY: initialised by `new`, and freed here only.
        unsafe { mbedtls_mpi_free(&raw mut self.0) };
    }
}
