//! Arithmetic with decimals as they are written: 0.3 - 0.1 is 0.2, and -40 °C are -40 °F.
//!
//! A number stands for the shortest decimal that reads as it. Results are exact fractions until they are numbers again;
//! where those grow too large the caller counts with doubles.

use std::ops::{Add, Mul, Sub};

/// A fraction. None of its operations goes beyond what it can hold: they give [`Exact::LOST`] instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    over: i128,
    /// Above 0; 0 when the fraction is lost.
    under: i128,
}

/// Decimal places beyond which a number is not taken: 10^PLACES squared still has room.
const PLACES: u32 = 18;

impl Exact {
    /// A fraction that could not be held.
    pub const LOST: Self = Self { over: 0, under: 0 };

    /// A fraction.
    pub fn new(over: i128, under: i128) -> Self {
        let (mut a, mut b) = (over.unsigned_abs(), under.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        match i128::try_from(a) {
            Ok(common) if common > 0 && under > 0 => Self { over: over / common, under: under / common },
            _ => Self::LOST,
        }
    }

    /// The decimal that a number is written as.
    pub fn of(number: f64) -> Self {
        let read = || {
            let text = format!("{number:e}");
            let (mantissa, exponent) = text.split_once('e')?;
            let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
            let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
            let exponent = exponent.parse::<i32>().ok()? - i32::try_from(fraction.len()).ok()?;
            let power = 10_i128.checked_pow(exponent.unsigned_abs()).filter(|_| exponent.unsigned_abs() <= PLACES)?;
            if exponent < 0 { Some(Self::new(digits, power)) } else { Some(Self::new(digits.checked_mul(power)?, 1)) }
        };
        read().unwrap_or(Self::LOST)
    }

    /// Divided by another; lost when that is 0.
    pub fn over(self, other: Self) -> Self {
        let turned = if other.over < 0 {
            Self { over: -other.under, under: -other.over }
        } else {
            Self { over: other.under, under: other.over }
        };
        self * turned
    }

    /// The nearest number; none when the fraction is lost.
    pub fn number(self) -> Option<f64> {
        /// Digits that decide between neighbouring doubles.
        const DIGITS: usize = 24;
        if self.under == 0 {
            return None;
        }
        let (whole, mut rest) = (self.over.abs() / self.under, self.over.abs() % self.under);
        let mut text = format!("{}{whole}.", if self.over < 0 { "-" } else { "" });
        let mut significant = if whole == 0 { 0 } else { whole.to_string().len() };
        while rest != 0 && significant < DIGITS {
            let tens = rest.checked_mul(10)?;
            let digit = tens / self.under;
            rest = tens % self.under;
            significant += usize::from(significant > 0 || digit > 0);
            text.push_str(&digit.to_string());
        }
        text.parse::<f64>().ok().map(|n| n + 0.0)
    }
}

impl Mul for Exact {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let parts = self.over.checked_mul(other.over).zip(self.under.checked_mul(other.under));
        parts.map_or(Self::LOST, |(over, under)| Self::new(over, under))
    }
}

impl Add for Exact {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let sum = || {
            let (a, b) = (self.over.checked_mul(other.under)?, other.over.checked_mul(self.under)?);
            Some(Self::new(a.checked_add(b)?, self.under.checked_mul(other.under)?))
        };
        sum().unwrap_or(Self::LOST)
    }
}

impl Sub for Exact {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + Self { over: -other.over, ..other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_what_they_are_written_as() {
        let of = Exact::of;
        assert_eq!((of(0.3) - of(0.1)).number(), Some(0.2));
        assert_eq!((of(0.1) + of(0.2)).number(), Some(0.3));
        assert_eq!((of(3.0) * of(0.1)).number(), Some(0.3));
        assert_eq!(of(0.3).over(of(0.1)).number(), Some(3.0));
        assert_eq!(of(-0.3).over(of(-0.1)).number(), Some(3.0));
        assert_eq!(of(1.0).over(of(3.0)).number(), Some(1.0 / 3.0));
        assert_eq!(of(1.0).over(of(0.0)), Exact::LOST);
        assert_eq!((of(1e300) * of(1e-300)).number(), None);
        assert_eq!((Exact::LOST + of(1.0)).number(), None);
        assert_eq!(of(-0.0).number(), Some(0.0));
    }

    proptest! {
        #[test]
        fn a_number_comes_back_as_itself(n in -1e15..1e15_f64) {
            if let Some(back) = Exact::of(n).number() {
                prop_assert_eq!(back.to_bits(), (n + 0.0).to_bits());
            }
        }

        #[test]
        fn sums_of_cents_are_exact(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000) {
            let cents = |n: i64| n as f64 / 100.0;
            prop_assert_eq!((Exact::of(cents(a)) + Exact::of(cents(b))).number(), Some(cents(a + b) + 0.0));
            prop_assert_eq!((Exact::of(cents(a)) - Exact::of(cents(b))).number(), Some(cents(a - b) + 0.0));
        }
    }
}
