//! Random numbers that a seed decides.

/// A xorshift64* generator: a game needs no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random(u64);

impl Random {
    /// From a seed; every seed will do.
    pub const fn new(seed: u64) -> Self {
        // The generator's one forbidden state is 0; small seeds are spread first.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number in 0..1.
    pub fn unit(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_over_0_to_1() {
        for seed in [0, 1, u64::MAX] {
            let mut random = Random::new(seed);
            let numbers: Vec<f64> = (0..2_000).map(|_| random.unit()).collect();
            let mean = numbers.iter().sum::<f64>() / 2_000.0;
            assert!(numbers.iter().all(|n| (0.0..1.0).contains(n)) && (mean - 0.5).abs() < 0.03, "{mean}");
        }
    }
}
