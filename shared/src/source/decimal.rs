//! The decimal that a number was before it became a float of 32 bits.

/// The number of the fewest digits that reads back as this one: what it was before it became a float.
pub(super) fn shortest(n: f32) -> f64 {
    let exact = f64::from(n);
    // Most are near enough to 1 that no text has to be written. Each step is exact: 24 bits by 5^12 are 52. A power of two is
    // nearer to the float below it than to the one above, and has a way of its own.
    let is_power_of_two = n.to_bits().trailing_zeros() >= 23;
    if (1e-3..1e6).contains(&exact.abs()) && !is_power_of_two {
        let mut scale = 1.0;
        for _ in 0..=12 {
            let scaled = exact * scale;
            if (scaled - scaled.floor()).to_bits() == 0.5_f64.to_bits() {
                // Of two that are as near, the text has one.
                break;
            }
            let short = scaled.round_ties_even() / scale;
            if (short as f32).to_bits() == n.to_bits() {
                return short;
            }
            scale *= 10.0;
        }
    }
    serde_json::to_string(&n).ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| f64::from(n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_is_the_one_that_its_text_has(bits in any::<u32>(), near in -200_000_000_i32..200_000_000, digits in 0_i32..9, power in 0_u32..24) {
            // Any float, those of few digits, and those that lie between two decimals.
            let few = (f64::from(near) / 10_f64.powi(digits)) as f32;
            let between = near as f32 / 2_f32.powi(power as i32);
            for n in [f32::from_bits(bits), few, between].into_iter().filter(|n| n.is_finite()) {
                let text = serde_json::to_string(&n).unwrap();
                let read: f64 = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(shortest(n).to_bits(), read.to_bits(), "{}", n);
            }
        }
    }
}
