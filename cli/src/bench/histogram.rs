//! Latencies in buckets of a tenth of a millisecond.

use serde_json::{Value, json};

const BUCKET_MICROS: i64 = 100;
/// Longer ones are counted as this long: 30 s.
const BUCKETS: usize = 300_000;

/// How often each latency was seen.
#[derive(Default)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    max_micros: i64,
}

impl Histogram {
    /// Counts a latency `times` times.
    pub fn add(&mut self, micros: i64, times: u64) {
        let at = usize::try_from(micros.max(0) / BUCKET_MICROS).unwrap_or(BUCKETS).min(BUCKETS - 1);
        if at >= self.buckets.len() {
            self.buckets.resize(at + 1, 0);
        }
        if let Some(bucket) = self.buckets.get_mut(at) {
            *bucket += times;
        }
        self.count += times;
        self.max_micros = self.max_micros.max(micros);
    }

    /// Adds what another has counted.
    pub fn merge(&mut self, other: &Self) {
        for (at, &times) in other.buckets.iter().enumerate().filter(|(_, times)| **times > 0) {
            self.add(at as i64 * BUCKET_MICROS, times);
        }
        self.max_micros = self.max_micros.max(other.max_micros);
    }

    /// The latency in milliseconds that a part of all do not exceed; `None` without any.
    pub fn quantile(&self, part: f64) -> Option<f64> {
        let rank = (self.count as f64 * part).ceil().max(1.0) as u64;
        let mut seen = 0;
        let at = self.buckets.iter().position(|times| {
            seen += times;
            seen >= rank
        })?;
        Some((at + 1) as f64 * BUCKET_MICROS as f64 / 1_000.0)
    }

    /// The usual numbers; null without any.
    pub fn to_json(&self) -> Value {
        if self.count == 0 {
            return Value::Null;
        }
        let [p50, p90, p95, p99] = [0.5, 0.9, 0.95, 0.99].map(|part| self.quantile(part));
        json!({"p50": p50, "p90": p90, "p95": p95, "p99": p99, "max": self.max_micros as f64 / 1_000.0, "samples": self.count})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_upper_bounds() {
        let mut h = Histogram::default();
        assert_eq!(h.quantile(0.5), None);
        h.add(50, 98);
        h.add(10_000, 2);
        assert_eq!(h.quantile(0.5), Some(0.1));
        assert_eq!(h.quantile(0.98), Some(0.1));
        assert_eq!(h.quantile(0.99), Some(10.1));
        h.add(i64::MAX, 100);
        assert_eq!(h.quantile(1.0), Some(30_000.0));
    }
}
