//! The steps of a scale of counts, for colours: round numbers, and the same ones until they clearly don't fit. Pure.

/// How many steps a scale has.
pub const STEPS: usize = 5;

/// A scale of counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// 5, 10, 20, 50, 100 and so on: what the largest count is at most.
    top: u32,
}

impl Default for Scale {
    fn default() -> Self {
        Self { top: 5 }
    }
}

/// The smallest of 5, 10, 20, 50, 100 and so on that is not below a count.
fn round(most: u32) -> u32 {
    let mut top: u32 = 5;
    for times in [2, 2, 5].iter().cycle() {
        if top >= most {
            break;
        }
        // 5, 10, 20, 50: the third step goes from 20 to 50.
        top = if *times == 5 { top.saturating_div(2).saturating_mul(5) } else { top.saturating_mul(*times) };
    }
    top
}

impl Scale {
    /// The scale for a largest count. It grows at once, and shrinks only when a third of it would do.
    #[must_use]
    pub fn fits(self, most: u32) -> Self {
        if most > self.top || most.saturating_mul(3) < self.top { Self { top: round(most) } } else { self }
    }

    /// The smallest count of each step.
    pub fn floors(self) -> [u32; STEPS] {
        let mut before = 0;
        [0.0, 0.08, 0.2, 0.4, 0.7].map(|share: f64| {
            before = ((f64::from(self.top) * share).ceil() as u32).max(before + 1);
            before
        })
    }

    /// The step of a count, from 0.
    pub fn step(self, count: u32) -> usize {
        self.floors().iter().filter(|floor| **floor <= count).count().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn steps_are_round_numbers() {
        let floors = |most| Scale::default().fits(most).floors();
        assert_eq!(floors(3), [1, 2, 3, 4, 5]);
        assert_eq!(floors(8), [1, 2, 3, 4, 7]);
        assert_eq!(floors(90), [1, 8, 20, 40, 70]);
        assert_eq!(floors(2_000), [1, 160, 400, 800, 1_400]);
        assert_eq!([1, 6, 11, 21, 51, 101, 4_000].map(round), [5, 10, 20, 50, 100, 200, 5_000]);
    }

    #[test]
    fn a_scale_stays_while_it_fits() {
        let mut scale = Scale::default();
        let tops = [90, 100, 101, 70, 66, 120, 210].map(|most| {
            scale = scale.fits(most);
            scale.top
        });
        assert_eq!(tops, [100, 100, 200, 200, 100, 200, 500]);
    }

    proptest! {
        #[test]
        fn every_count_has_a_step_and_more_is_never_less(most in 1..u32::MAX, count in 1..u32::MAX - 1) {
            let scale = Scale::default().fits(most);
            prop_assert!(scale.top >= most || most > 2_000_000_000);
            prop_assert!(scale.floors().windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(scale.step(count) < STEPS && scale.step(count) <= scale.step(count + 1));
            prop_assert_eq!(scale.step(1), 0);
        }
    }
}
