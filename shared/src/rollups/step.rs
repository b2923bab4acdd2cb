//! The steps of rollups: how long a bucket is, and how many share a block.

use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// How long a bucket is. A bucket begins at a multiple of its length since 1970 (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "SeriesStep"))]
pub enum Step {
    /// Ten seconds: the finest, from which the others are made.
    #[serde(rename = "10s")]
    TenSeconds,
    /// A minute.
    #[serde(rename = "1m")]
    Minute,
    /// Ten minutes.
    #[serde(rename = "10m")]
    TenMinutes,
    /// An hour.
    #[serde(rename = "1h")]
    Hour,
    /// A day (UTC).
    #[serde(rename = "1d")]
    Day,
}

impl Step {
    /// Every step, the finest first.
    pub const ALL: [Self; 5] = [Self::TenSeconds, Self::Minute, Self::TenMinutes, Self::Hour, Self::Day];

    /// The length in milliseconds.
    pub const fn millis(self) -> i64 {
        match self {
            Self::TenSeconds => 10_000,
            Self::Minute => 60_000,
            Self::TenMinutes => 600_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }

    /// The name in queries and configs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TenSeconds => "10s",
            Self::Minute => "1m",
            Self::TenMinutes => "10m",
            Self::Hour => "1h",
            Self::Day => "1d",
        }
    }

    /// The step of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Days that buckets of this step are kept when the config does not say: fine ones for a look at yesterday, coarse
    /// ones for years.
    pub const fn kept_days(self) -> u32 {
        match self {
            Self::TenSeconds => 2,
            Self::Minute => 14,
            Self::TenMinutes => 92,
            Self::Hour => 731,
            Self::Day => 3_653,
        }
    }

    /// Buckets that are stored together: enough that a row is worth its write, few enough that the open one is
    /// cheap to write again.
    pub const fn buckets_per_block(self) -> i64 {
        match self {
            Self::TenSeconds | Self::Minute => 60,
            Self::TenMinutes => 72,
            Self::Hour => 168,
            Self::Day => 360,
        }
    }

    /// The bucket of a time.
    pub const fn bucket(self, time: Millis) -> Bucket {
        Bucket(time.0.div_euclid(self.millis()))
    }

    /// When a bucket begins.
    pub const fn start(self, bucket: Bucket) -> Millis {
        Millis(bucket.0.saturating_mul(self.millis()))
    }

    /// The buckets that a time range touches.
    pub const fn buckets(self, range: &Range<Millis>) -> Range<Bucket> {
        let end = range.end.0.div_euclid(self.millis());
        let whole = range.end.0.rem_euclid(self.millis()) == 0;
        self.bucket(range.start)..Bucket(if whole { end } else { end + 1 })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The number of a bucket: its beginning divided by the length of its step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(pub i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_begins_at_a_multiple_of_its_length() {
        let noon = Millis::parse("2026-03-01T12:34:56.789Z").unwrap();
        let starts: Vec<String> = Step::ALL.iter().map(|s| s.start(s.bucket(noon)).to_rfc3339()).collect();
        let expected = ["12:34:50", "12:34:00", "12:30:00", "12:00:00", "00:00:00"];
        assert_eq!(starts, expected.map(|t| format!("2026-03-01T{t}.000Z")));
    }

    #[test]
    fn a_range_touches_the_bucket_of_its_last_millisecond_and_no_more() {
        let touched = |from, to| {
            let r = Step::TenSeconds.buckets(&(Millis(from)..Millis(to)));
            (r.start.0, r.end.0)
        };
        assert_eq!(touched(0, 20_000), (0, 2));
        assert_eq!(touched(9_999, 20_001), (0, 3));
    }

    #[test]
    fn names_are_read_back() {
        assert!(Step::ALL.iter().all(|s| Step::parse(s.name()) == Some(*s)));
        assert_eq!(Step::parse("1w"), None);
    }
}
