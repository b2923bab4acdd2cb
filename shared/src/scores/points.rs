//! Numbers that are counted exactly.

use crate::codec::{DecodeError, Reader, Writer};
use crate::value::number_json;
use serde::{Serialize, Serializer};

/// A score in millionths: sums come out the same in every order. Holds ±4.6×10^12; beyond that it stays at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(not(test), derive(PartialOrd, Ord))]
pub struct Points(pub i64);

const MILLION: f64 = 1e6;
/// Twice this fits as well: frames need a bit.
const MOST: i64 = i64::MAX >> 1;

impl Points {
    /// One.
    pub const ONE: Self = Self(1_000_000);

    /// The nearest millionth.
    pub fn of(number: f64) -> Self {
        // The cast keeps to the ends of the range by itself.
        Self(((number * MILLION).round() as i64).clamp(-MOST, MOST))
    }

    /// A whole number.
    pub fn whole(n: i64) -> Self {
        Self(n.saturating_mul(1_000_000).clamp(-MOST, MOST))
    }

    /// From a sum of millionths that may be out of range.
    pub fn clamp(millionths: i128) -> Self {
        Self(millionths.clamp(i128::from(-MOST), i128::from(MOST)) as i64)
    }

    /// As a double: exact for up to 9×10^9 with six decimals.
    pub fn number(self) -> f64 {
        self.0 as f64 / MILLION
    }

    /// As JSON: whole numbers without a decimal point.
    pub fn to_json(self) -> serde_json::Value {
        number_json(self.number())
    }
}

/// Whole numbers are told as such: most scores are.
pub(super) fn write_points(w: &mut Writer, value: Points) {
    if value.0 % 1_000_000 == 0 {
        w.zigzag(value.0 / 1_000_000 * 2);
    } else {
        w.zigzag(value.0 * 2 + 1);
    }
}

/// Reads what [`write_points`] wrote.
pub(super) fn read_points(r: &mut Reader<'_>) -> Result<Points, DecodeError> {
    let v = r.zigzag()?;
    Ok(if v & 1 == 0 { Points::whole(v >> 1) } else { Points(v >> 1) })
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        crate::value::Number(self.number()).serialize(s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "exactly these doubles")]
    fn points_are_exact_to_a_millionth_and_stay_in_range() {
        assert_eq!(Points::of(0.1).0 + Points::of(0.2).0, Points::of(0.3).0);
        assert_eq!(Points::of(-2.5).number(), -2.5);
        assert_eq!(Points::of(1e300).0, MOST);
        assert_eq!(Points::clamp(-(1 << 100)).0, -MOST);
        assert_eq!(Points::whole(i64::MAX).0, MOST);
        assert_eq!(serde_json::to_string(&Points::whole(9)).unwrap(), "9");
        assert_eq!(serde_json::to_string(&Points::of(0.5)).unwrap(), "0.5");
    }
}
