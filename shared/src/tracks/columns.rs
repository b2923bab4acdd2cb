//! A column of whole numbers that change little from one to the next, or whose changes do.
//!
//! Each number is told by how far it is from what the one before (order 1) or the two before (order 2) would have it be; the
//! column takes whichever order is shorter. These differences, zig-zagged, stand in blocks of 32: a byte with the bits that
//! the largest of them takes, and then each in that many bits, least significant first. So a regular clock costs a byte for
//! 32 fixes, and an outlier costs its own block only. The scheme is frame-of-reference packing (Zukowski et al., "Super-scalar
//! RAM-CPU cache compression", ICDE 2006) over differences of differences (Pelkonen et al., "Gorilla", VLDB 2015).

use crate::codec::{DecodeError, Reader, Writer};

/// Numbers of a block.
const BLOCK: usize = 32;

const fn zigzag(v: i64) -> u64 {
    ((v << 1) ^ (v >> 63)) as u64
}

const fn unzigzag(v: u64) -> i64 {
    (v >> 1) as i64 ^ -((v & 1) as i64)
}

/// What the next number is taken to be, from those before it.
#[derive(Clone, Copy, Default)]
struct Guess {
    last: i64,
    slope: i64,
}

impl Guess {
    /// How far a number is from it.
    const fn off(&mut self, order: u8, value: i64) -> i64 {
        let step = value.wrapping_sub(self.last);
        let off = if order == 2 { step.wrapping_sub(self.slope) } else { step };
        (self.last, self.slope) = (value, step);
        off
    }

    /// The number that is so far from it.
    const fn value(&mut self, order: u8, off: i64) -> i64 {
        let step = if order == 2 { off.wrapping_add(self.slope) } else { off };
        let value = self.last.wrapping_add(step);
        (self.last, self.slope) = (value, step);
        value
    }
}

fn packed(numbers: &[i64], order: u8) -> Vec<u8> {
    let mut guess = Guess::default();
    let offs: Vec<u64> = numbers.iter().map(|v| zigzag(guess.off(order, *v))).collect();
    let mut out = vec![order];
    // The first ones are far from nothing at all: they would widen their block.
    let (head, rest) = offs.split_at(offs.len().min(2));
    let mut w = Writer::default();
    head.iter().for_each(|v| w.varint(*v));
    out.extend(w.finish());
    for block in rest.chunks(BLOCK) {
        let width = block.iter().map(|v| 64 - v.leading_zeros()).max().unwrap_or(0);
        out.push(width as u8);
        let (mut bits, mut have) = (0_u128, 0_u32);
        for v in block {
            bits |= u128::from(*v) << have;
            have += width;
            while have >= 8 {
                out.push(bits as u8);
                bits >>= 8;
                have -= 8;
            }
        }
        if have > 0 {
            out.push(bits as u8);
        }
    }
    out
}

/// Writes a column.
pub fn write(w: &mut Writer, numbers: &[i64]) {
    let (first, second) = (packed(numbers, 1), packed(numbers, 2));
    w.raw(if second.len() < first.len() { &second } else { &first });
}

/// Reads a column of so many numbers.
pub fn read(r: &mut Reader<'_>, count: usize) -> Result<Vec<i64>, DecodeError> {
    let order = r.u8()?;
    if !matches!(order, 1 | 2) {
        return Err(DecodeError::Invalid("order of a column"));
    }
    // A block of 32 takes a byte at least.
    if count / BLOCK > r.remaining() {
        return Err(DecodeError::Truncated);
    }
    let mut guess = Guess::default();
    let mut numbers = Vec::with_capacity(count);
    for _ in 0..count.min(2) {
        numbers.push(guess.value(order, unzigzag(r.varint()?)));
    }
    while numbers.len() < count {
        let n = (count - numbers.len()).min(BLOCK);
        let width = u32::from(r.u8()?);
        if width > 64 {
            return Err(DecodeError::Invalid("width of a block"));
        }
        let mut bytes = r.take((n * width as usize).div_ceil(8))?.iter();
        let mask = if width == 64 { u64::MAX } else { (1_u64 << width) - 1 };
        let (mut bits, mut have) = (0_u128, 0_u32);
        for _ in 0..n {
            while have < width {
                bits |= u128::from(bytes.next().copied().unwrap_or_default()) << have;
                have += 8;
            }
            numbers.push(guess.value(order, unzigzag(bits as u64 & mask)));
            bits >>= width;
            have -= width;
        }
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn there_and_back(numbers: &[i64]) -> (Vec<i64>, usize) {
        let mut w = Writer::default();
        write(&mut w, numbers);
        let bytes = w.finish();
        let mut r = Reader::new(&bytes);
        let back = read(&mut r, numbers.len()).unwrap();
        r.end().unwrap();
        (back, bytes.len())
    }

    proptest! {
        #[test]
        fn any_numbers_come_back(wild in prop::collection::vec(any::<i64>(), 0..100), tame in prop::collection::vec(-9..9_i64, 0..200)) {
            prop_assert_eq!(&there_and_back(&wild).0, &wild);
            prop_assert_eq!(&there_and_back(&tame).0, &tame);
        }

        #[test]
        fn any_bytes_are_numbers_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200), count in 0..5_000_usize) {
            if let Ok(numbers) = read(&mut Reader::new(&bytes), count) {
                prop_assert_eq!(numbers.len(), count);
            }
        }
    }

    #[test]
    fn a_regular_clock_costs_a_byte_for_32() {
        let times: Vec<i64> = (0..3_200).map(|i| 1_772_366_400_000 + i * 1_000).collect();
        let (back, bytes) = there_and_back(&times);
        assert_eq!(back, times);
        assert!(bytes < 120, "{bytes}");
    }
}
