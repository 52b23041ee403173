//! How an exponentiation is put so that its operands have a length that the ESP32-C3's RSA accelerator takes.
//!
//! mbedtls-rs passes an exponentiation to the accelerator when its longest operand has exactly as many words as the accelerator
//! takes: 2048 bits at most. The halves of an RSA-4096 key have 2048 bits and those of RSA-3072 have 1536, but Mbed TLS leaves
//! the base as long as the whole key, and lengthens the exponent by 224 bits (`RSA_EXPONENT_BLINDING`).

/// What is done to the operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The modulus, moved to the left by so many bits, is added to the reduced base: it does not change the result, and gives the
    /// base the length that is wanted.
    pub padding: Option<usize>,
    /// The exponent is taken apart, and so many of its low bits have a power of their own.
    pub low_bits: Option<usize>,
}

impl Plan {
    /// What there is to do with operands of these lengths, in bits; `None` when they are best left as they are, since they have the
    /// right length, or the accelerator cannot help, or a shorter one of its lengths may do.
    #[must_use]
    pub const fn of(base: usize, exponent: usize, modulus: usize) -> Option<Self> {
        let longest = longest(base, exponent, modulus);
        if modulus <= ACCELERATED_BITS / 2 || modulus > ACCELERATED_BITS || exponent > 2 * ACCELERATED_BITS {
            return None;
        }
        if words(longest) == words(ACCELERATED_BITS) {
            return None;
        }
        let padding = if words(modulus) < words(ACCELERATED_BITS) {
            Some(ACCELERATED_BITS - 1 - modulus)
        } else {
            None
        };
        let low_bits = if exponent > ACCELERATED_BITS { Some(exponent - ACCELERATED_BITS) } else { None };
        Some(Self { padding, low_bits })
    }
}

const fn longest(a: usize, b: usize, c: usize) -> usize {
    let ab = if a > b { a } else { b };
    if ab > c { ab } else { c }
}

/// Words of the chip, of 32 bits.
const fn words(bits: usize) -> usize {
    bits.div_ceil(32)
}

/// The longest operands that the accelerator takes (ESP32-C3 Technical Reference Manual, "RSA Accelerator", large-number modular
/// exponentiation goes to 3072 bits; mbedtls-rs-sys 0.3.1 has 256, 384, 512, 1024 and 2048).
pub const ACCELERATED_BITS: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{HwKind, Route};

    /// What Mbed TLS adds to the exponent: `RSA_EXPONENT_BLINDING` of its `rsa.c`, 28 bytes.
    const BLINDING_BITS: usize = 224;

    /// Where mbedtls-rs sends operands of these lengths: the function that decides it on the chip, with the words of this machine.
    fn route(operands: [usize; 3]) -> Route {
        Route::route_for(operands.into_iter().max().unwrap().div_ceil(usize::BITS as usize))
    }

    /// The lengths of an RSA key's half: base, exponent, modulus.
    fn half(key: usize) -> [usize; 3] {
        [key, key / 2 + BLINDING_BITS, key / 2]
    }

    /// The lengths of all exponentiations that a plan makes of one.
    fn planned([_, exponent, modulus]: [usize; 3], plan: Plan) -> Vec<[usize; 3]> {
        let base = plan.padding.map_or(modulus, |shift| modulus + shift);
        match plan.low_bits {
            None => vec![[base, exponent, modulus]],
            // The high bits, the square of that as often as there are low bits, and the low bits.
            Some(low) => [exponent - low, low + 1, low].map(|exponent| [base, exponent, modulus]).to_vec(),
        }
    }

    #[test]
    fn the_halves_of_rsa_2048_reach_the_accelerator_as_they_are() {
        let [base, exponent, modulus] = half(2048);
        assert_eq!(Plan::of(base, exponent, modulus), None);
        assert_eq!(route(half(2048)), Route::Hw(HwKind::Op2048));
    }

    #[test]
    fn the_halves_of_rsa_3072_and_4096_reach_it_by_a_plan_only() {
        for key in [3072, 4096] {
            let [base, exponent, modulus] = half(key);
            assert_eq!(route(half(key)), Route::Soft);
            // A base reduced to the half's length alone is not enough: the exponent is too long.
            assert_eq!(route([modulus, exponent, modulus]), Route::Soft);
            let plan = Plan::of(base, exponent, modulus).unwrap();
            for operands in planned(half(key), plan) {
                assert_eq!(route(operands), Route::Hw(HwKind::Op2048), "{key}: {operands:?}");
            }
        }
    }

    #[test]
    fn the_padded_base_is_longer_than_a_word_less_and_never_too_long() {
        for modulus in 1025..=2048 {
            let Some(plan) = Plan::of(4096, modulus + BLINDING_BITS, modulus) else { panic!("{modulus}") };
            match plan.padding {
                // The sum of a number of 2047 bits and a shorter one has 2048 at most.
                Some(shift) => assert_eq!(modulus + shift, 2047, "{modulus}"),
                None => assert!(modulus > 2016, "{modulus}"),
            }
        }
    }

    #[test]
    fn what_the_accelerator_cannot_help_with_is_left_alone() {
        // The public operations of RSA-4096 and of RSA-2048, elliptic curves, and exponents without end.
        for (base, exponent, modulus) in
            [(4096, 17, 4096), (2048, 17, 2048), (256, 256, 256), (2048, 5000, 2048)]
        {
            assert_eq!(Plan::of(base, exponent, modulus), None, "{modulus}");
        }
    }
}
