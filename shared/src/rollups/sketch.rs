//! Quantiles: a mergeable sketch for each bucket of ten minutes, an hour and a day of the fields that a board names.
//! `DDSketch` (Masson, Rim and Lee, 2019): a quantile is off by at most 1 % of its value.

use super::block::{BlockId, SERIES_PER_PART};
use super::step::{Bucket, Step};
use crate::codec::{DecodeError, Reader, Writer};
use siphasher::sip::SipHasher13;
use sketches_ddsketch::{Config, DDSketch};
use std::collections::BTreeMap;
use std::fmt;
use std::hash::Hasher;

const VERSION: u8 = 1;
/// Buckets in a row: sketches are larger than cells.
const BUCKETS_PER_BLOCK: i64 = 2;
/// Steps that have sketches; a shorter bucket has too few numbers for quantiles.
pub const STEPS: [Step; 3] = [Step::TenMinutes, Step::Hour, Step::Day];
/// Cells that a sketch is worth when memory is counted.
pub const WEIGHT: usize = 20;

/// A sketch of a bucket. Off by 1 %; values nearer to zero than 10^-9 are zero. It has 2,048 bins a sign: values that
/// differ by a factor of 10^17 have their own, below, the smallest share one. The library's packed form knows no other.
#[derive(Clone)]
pub struct Sketch(DDSketch);

impl fmt::Debug for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sketch of {} numbers", self.0.count())
    }
}

impl Default for Sketch {
    fn default() -> Self {
        Self(DDSketch::new(Config::defaults()))
    }
}

impl Sketch {
    /// One more number.
    pub fn add(&mut self, value: f64) {
        self.0.add(value);
    }

    /// The numbers of another.
    pub fn absorb(&mut self, other: &Self) {
        // It refuses only sketches of another accuracy, and all have the same.
        let merged = self.0.merge(&other.0);
        debug_assert!(merged.is_ok());
    }

    /// The number below which a part of all lies (0 to 1).
    pub fn quantile(&self, q: f64) -> Option<f64> {
        self.0.quantile(q).ok().flatten().filter(|v| v.is_finite())
    }
}

/// Sketches of a row, by slot and bucket.
pub type Sketches = BTreeMap<(u8, Bucket), Sketch>;

/// The row with a bucket's sketches.
pub fn block_of(step: Step, part: u32, bucket: Bucket) -> BlockId {
    let block = u32::try_from(bucket.0.div_euclid(BUCKETS_PER_BLOCK)).unwrap_or(0);
    BlockId { step, part, block, sketches: true }
}

/// Packs sketches.
pub fn encode(sketches: &Sketches) -> Vec<u8> {
    let mut w = Writer::with_capacity(sketches.len() * 100);
    w.varint(sketches.len() as u64);
    for ((slot, bucket), sketch) in sketches {
        w.u8(*slot);
        w.zigzag(bucket.0);
        w.blob(&sketch.0.to_java_bytes());
    }
    let body = w.finish();
    let mut row = Writer::with_capacity(body.len() + 9);
    row.u8(VERSION);
    row.raw(&checksum(&body).to_le_bytes());
    row.raw(&body);
    row.finish()
}

/// The library's reader trusts what it reads, so it is shown only what its writer wrote.
fn checksum(body: &[u8]) -> u64 {
    let mut h = SipHasher13::new();
    h.write(body);
    h.finish()
}

/// Unpacks the sketches of some slots.
pub fn decode(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> Result<Sketches, DecodeError> {
    let mut r = Reader::new(bytes);
    match r.u8()? {
        VERSION => {}
        other => return Err(DecodeError::Version(other)),
    }
    let (sum, body) = (r.take(8)?, bytes.get(9..).unwrap_or_default());
    if sum != checksum(body).to_le_bytes().as_slice() {
        return Err(DecodeError::Invalid("checksum"));
    }
    let n = r.count()?;
    if n > SERIES_PER_PART as usize * BUCKETS_PER_BLOCK as usize {
        return Err(DecodeError::Invalid("number of sketches"));
    }
    let mut all = Sketches::new();
    for _ in 0..n {
        let (slot, bucket, packed) = (r.u8()?, Bucket(r.zigzag()?), r.blob()?);
        if wanted(slot) {
            let read = DDSketch::from_java_bytes(packed).map_err(|_| DecodeError::Invalid("sketch"))?;
            all.insert((slot, bucket), Sketch(read));
        }
    }
    r.end()?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_quantile_is_off_by_one_percent_at_most_also_after_being_packed_and_merged(
            numbers in prop::collection::vec(-1e4..1e4_f64, 1..400), cut in 0.0..1.0_f64, q in 0.0..=1.0_f64,
        ) {
            let (a, b) = numbers.split_at((numbers.len() as f64 * cut) as usize);
            let sketch = |part: &[f64]| {
                let mut s = Sketch::default();
                part.iter().for_each(|n| s.add(*n));
                s
            };
            let packed = encode(&[((3, Bucket(7)), sketch(a))].into());
            let mut merged = decode(&packed, |slot| slot == 3).unwrap().remove(&(3, Bucket(7))).unwrap();
            merged.absorb(&sketch(b));
            let mut sorted = numbers.clone();
            sorted.sort_by(f64::total_cmp);
            let got = merged.quantile(q).unwrap();
            // Between the neighbours of the exact place, each with its tolerance.
            let place = q * (sorted.len() - 1) as f64;
            let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
            prop_assert!(got >= low - low.abs() * 0.0101 - 1e-8 && got <= high + high.abs() * 0.0101 + 1e-8, "{got} for {low}..{high}");
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&bytes, |_| true);
        }

        #[test]
        fn a_row_that_was_damaged_is_refused(at in any::<prop::sample::Index>(), bit in 0..8u8) {
            let mut sketch = Sketch::default();
            (1..50).for_each(|n| sketch.add(f64::from(n)));
            let mut row = encode(&[((3, Bucket(7)), sketch)].into());
            let at = at.index(row.len());
            row[at] ^= 1 << bit;
            prop_assert!(decode(&row, |_| true).is_err());
        }
    }

    #[test]
    fn a_row_of_the_widest_sketches_is_below_the_row_limit() {
        let mut widest = Sketch::default();
        for i in 0..36_000 {
            let value = 10f64.powf(f64::from(i) / 2_000.0 - 9.0);
            widest.add(value);
            widest.add(-value);
        }
        let all: Sketches =
            (0..64).flat_map(|s| (0..2).map(move |b| (s, Bucket(b)))).map(|k| (k, widest.clone())).collect();
        let bytes = encode(&all).len();
        assert!(bytes < 2_000_000, "{bytes}");
    }
}
