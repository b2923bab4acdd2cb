//! A stored row of rollups: the cells of up to 64 series in the buckets of one block, packed.
//!
//! Layout: version, number of series, then for each its slot and the length of its cells; then the cells. A series is
//! found without unpacking the others.

use super::cell::Cell;
use super::step::{Bucket, Step};
use crate::codec::{DecodeError, Reader, Writer};
use crate::time::Millis;
use std::collections::BTreeMap;

const VERSION: u8 = 1;
/// Series that share a row.
pub const SERIES_PER_PART: u32 = 64;
const BLOCK_BITS: u32 = 28;
const PART_BITS: u32 = 20;

/// One number was seen: it is sum, smallest, largest, first and last.
const ONE: u8 = 1;
/// The sum lost something.
const REST: u8 = 1 << 1;
const MIN_IS_FIRST: u8 = 1 << 2;
const MIN_IS_LAST: u8 = 1 << 3;
const MAX_IS_FIRST: u8 = 1 << 4;
const MAX_IS_LAST: u8 = 1 << 5;
/// Every number is zero: events were counted.
const ZERO: u8 = 1 << 6;

/// Which row: a step, 64 series, and a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId {
    /// The step.
    pub step: Step,
    /// The number of the series divided by 64.
    pub part: u32,
    /// The number of the first bucket divided by the buckets of a block.
    pub block: u32,
    /// Whether it has sketches in place of cells.
    pub sketches: bool,
}

impl BlockId {
    /// The row with a bucket.
    pub fn of(step: Step, part: u32, bucket: Bucket) -> Self {
        let block = bucket.0.div_euclid(step.buckets_per_block());
        Self { step, part, block: u32::try_from(block).unwrap_or(0), sketches: false }
    }

    /// As one whole number below 2^53: rows of a step and part stand together, in the order of time.
    pub fn number(self) -> u64 {
        let step = Step::ALL.iter().position(|s| *s == self.step).unwrap_or(0);
        let step = (step + if self.sketches { Step::ALL.len() } else { 0 }) as u64;
        let part = u64::from(self.part) & ((1 << PART_BITS) - 1);
        (((step << PART_BITS) | part) << BLOCK_BITS) | (u64::from(self.block) & ((1 << BLOCK_BITS) - 1))
    }

    /// The row of a number.
    pub fn from_number(number: u64) -> Option<Self> {
        let block = (number & ((1 << BLOCK_BITS) - 1)) as u32;
        let part = ((number >> BLOCK_BITS) & ((1 << PART_BITS) - 1)) as u32;
        let step = usize::try_from(number >> (BLOCK_BITS + PART_BITS)).ok()?;
        let (step, sketches) = (step % Step::ALL.len(), step / Step::ALL.len());
        let sketches = [false, true].get(sketches).copied()?;
        Some(Self { step: *Step::ALL.get(step)?, part, block, sketches })
    }

    /// Its first bucket.
    pub const fn first(self) -> Bucket {
        Bucket(self.block as i64 * self.step.buckets_per_block())
    }
}

/// The numbers of the bits of a block in [`BlockId::number`], for a shell that selects by age.
pub const BLOCK_MASK: u64 = (1 << BLOCK_BITS) - 1;

/// Cells of a row, by slot and bucket.
pub type Cells = BTreeMap<(u8, Bucket), Cell>;

/// Packs cells, which all belong to this row.
pub fn encode(id: BlockId, cells: &Cells) -> Vec<u8> {
    let mut head = Writer::with_capacity(2 + SERIES_PER_PART as usize * 3);
    let mut body = Writer::with_capacity(cells.len() * 40);
    let mut slots: Vec<(u8, usize)> = Vec::new();
    let mut previous = (None, id.first().0);
    let mut begin = 0;
    for ((slot, bucket), cell) in cells {
        if previous.0 != Some(*slot) {
            if let Some(before) = previous.0 {
                slots.push((before, body.len() - begin));
            }
            begin = body.len();
            previous = (Some(*slot), id.first().0);
        }
        body.varint((bucket.0 - previous.1).max(0) as u64);
        previous.1 = bucket.0;
        write_cell(&mut body, cell, id.step.start(*bucket));
    }
    if let Some(before) = previous.0 {
        slots.push((before, body.len() - begin));
    }
    head.u8(VERSION);
    head.varint(slots.len() as u64);
    for (slot, bytes) in slots {
        head.u8(slot);
        head.varint(bytes as u64);
    }
    head.raw(&body.finish());
    head.finish()
}

/// Unpacks the cells of one slot, in the order of their buckets.
pub fn decode_slot(id: BlockId, bytes: &[u8], slot: u8, mut each: impl FnMut(Bucket, Cell)) -> Result<(), DecodeError> {
    walk(bytes, |s, cells| if s == slot { read_cells(id, cells, &mut each) } else { Ok(()) })
}

/// Unpacks all cells.
pub fn decode(id: BlockId, bytes: &[u8]) -> Result<Cells, DecodeError> {
    let mut all = Cells::new();
    walk(bytes, |slot, cells| {
        read_cells(id, cells, &mut |bucket, cell| {
            all.insert((slot, bucket), cell);
        })
    })?;
    Ok(all)
}

fn walk(bytes: &[u8], mut each: impl FnMut(u8, &[u8]) -> Result<(), DecodeError>) -> Result<(), DecodeError> {
    let mut r = Reader::new(bytes);
    match r.u8()? {
        VERSION => {}
        other => return Err(DecodeError::Version(other)),
    }
    let n = r.count()?;
    if n > SERIES_PER_PART as usize {
        return Err(DecodeError::Invalid("number of series"));
    }
    let mut slots = Vec::with_capacity(n);
    for _ in 0..n {
        slots.push((r.u8()?, r.varint32()? as usize));
    }
    for (slot, length) in slots {
        each(slot, r.take(length)?)?;
    }
    r.end()
}

fn read_cells(id: BlockId, bytes: &[u8], each: &mut impl FnMut(Bucket, Cell)) -> Result<(), DecodeError> {
    let mut r = Reader::new(bytes);
    let mut bucket = id.first().0;
    let end = bucket + id.step.buckets_per_block();
    while r.end().is_err() {
        bucket += i64::from(r.varint32()?);
        if bucket >= end {
            return Err(DecodeError::Invalid("bucket"));
        }
        each(Bucket(bucket), read_cell(&mut r, id.step.start(Bucket(bucket)))?);
    }
    Ok(())
}

/// Bits decide whether two numbers are the same: a negative zero is another.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits()
}

fn write_cell(w: &mut Writer, c: &Cell, start: Millis) {
    let zero = [c.rounded, c.rest, c.min, c.max, c.first, c.last].iter().all(|v| v.to_bits() == 0);
    let one = c.count == 1 && c.rest == 0.0 && [c.rounded, c.min, c.max, c.last].iter().all(|v| same(*v, c.first));
    let mut flags = 0;
    let mut flag = |on: bool, bit: u8| flags |= if on { bit } else { 0 };
    flag(one, ONE);
    flag(zero, ZERO);
    flag(c.rest != 0.0, REST);
    flag(same(c.min, c.first), MIN_IS_FIRST);
    flag(same(c.min, c.last), MIN_IS_LAST);
    flag(same(c.max, c.first), MAX_IS_FIRST);
    flag(same(c.max, c.last), MAX_IS_LAST);
    w.u8(flags);
    w.varint(c.first_at.since(start).max(0) as u64);
    if one {
        if !zero {
            w.f64(c.first);
        }
        return;
    }
    w.varint(c.count);
    w.varint(c.last_at.since(c.first_at).max(0) as u64);
    if zero {
        return;
    }
    w.f64(c.rounded);
    if flags & REST != 0 {
        w.f64(c.rest);
    }
    w.f64(c.first);
    w.f64(c.last);
    if flags & (MIN_IS_FIRST | MIN_IS_LAST) == 0 {
        w.f64(c.min);
    }
    if flags & (MAX_IS_FIRST | MAX_IS_LAST) == 0 {
        w.f64(c.max);
    }
}

fn read_cell(r: &mut Reader<'_>, start: Millis) -> Result<Cell, DecodeError> {
    let flags = r.u8()?;
    let offset = |v: u64| i64::try_from(v).map_err(|_| DecodeError::Invalid("time"));
    let first_at = start.plus(offset(r.varint()?)?);
    if flags & ONE != 0 {
        return Ok(Cell::new(if flags & ZERO == 0 { r.f64()? } else { 0.0 }, first_at));
    }
    let mut cell = Cell::new(0.0, first_at);
    cell.count = r.varint()?;
    cell.last_at = first_at.plus(offset(r.varint()?)?);
    if flags & ZERO != 0 {
        return Ok(cell);
    }
    cell.rounded = r.f64()?;
    if flags & REST != 0 {
        cell.rest = r.f64()?;
    }
    cell.first = r.f64()?;
    cell.last = r.f64()?;
    cell.min = match flags & (MIN_IS_FIRST | MIN_IS_LAST) {
        0 => r.f64()?,
        f if f & MIN_IS_FIRST != 0 => cell.first,
        _ => cell.last,
    };
    cell.max = match flags & (MAX_IS_FIRST | MAX_IS_LAST) {
        0 => r.f64()?,
        f if f & MAX_IS_FIRST != 0 => cell.first,
        _ => cell.last,
    };
    Ok(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_cells() -> impl Strategy<Value = (BlockId, Cells)> {
        let step = prop::sample::select(Step::ALL.to_vec());
        let value = prop_oneof![Just(0.0), Just(-0.0), -1e9..1e9_f64, any::<i32>().prop_map(f64::from)];
        let events = prop::collection::vec((0..64u8, 0.0..1.0_f64, value), 0..80);
        (step, events).prop_map(|(step, events)| {
            let id = BlockId::of(step, 7, step.bucket(Millis(1_772_366_400_000)));
            let start = step.start(id.first()).0;
            let span = step.millis() * step.buckets_per_block();
            let mut cells = Cells::new();
            for (slot, at, value) in events {
                let at = Millis(start + (at * span as f64) as i64);
                let cell = cells.entry((slot, step.bucket(at)));
                cell.and_modify(|c| c.add(value, at)).or_insert_with(|| Cell::new(value, at));
            }
            (id, cells)
        })
    }

    proptest! {
        #[test]
        fn cells_come_back_as_they_were((id, cells) in any_cells()) {
            let bytes = encode(id, &cells);
            let back = decode(id, &bytes).unwrap();
            let bits = |all: &Cells| format!("{all:?}");
            prop_assert_eq!(bits(&back), bits(&cells));
            for slot in 0..64 {
                let mut own = Cells::new();
                decode_slot(id, &bytes, slot, |b, c| { own.insert((slot, b), c); }).unwrap();
                let expected: Cells = cells.iter().filter(|((s, _), _)| *s == slot).map(|(k, c)| (*k, *c)).collect();
                prop_assert_eq!(bits(&own), bits(&expected));
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let id = BlockId { step: Step::Hour, part: 0, block: 2_900, sketches: false };
            let _ = decode(id, &bytes);
            let _ = decode(id, &[&[VERSION, 1, 0, bytes.len() as u8], bytes.as_slice()].concat());
        }

        #[test]
        fn a_row_is_found_by_its_number(step in prop::sample::select(Step::ALL.to_vec()), part in 0..1u32 << 20, block in 0..1u32 << 28, sketches in any::<bool>()) {
            let id = BlockId { step, part, block, sketches };
            prop_assert!(id.number() < 1 << 53);
            prop_assert_eq!(BlockId::from_number(id.number()), Some(id));
            prop_assert_eq!(u64::from(block), id.number() & BLOCK_MASK);
        }
    }

    #[test]
    fn one_number_takes_few_bytes() {
        let id = BlockId { step: Step::TenSeconds, part: 0, block: 2_953_944, sketches: false };
        let at = Step::TenSeconds.start(id.first()).plus(3_000);
        let cells: Cells = [((0, id.first()), Cell::new(21.5, at))].into();
        assert_eq!(encode(id, &cells).len(), 4 + 1 + 1 + 2 + 8);
    }

    #[test]
    fn a_row_of_the_worst_values_is_below_the_row_limit() {
        let id = BlockId { step: Step::Day, part: 0, block: 50, sketches: false };
        let mut cells = Cells::new();
        for slot in 0..64 {
            for i in 0..Step::Day.buckets_per_block() {
                let bucket = Bucket(id.first().0 + i);
                let at = Step::Day.start(bucket);
                let mut cell = Cell::new(0.1, at);
                [0.7, 0.3, 1e9, 1e-9, 0.4]
                    .iter()
                    .enumerate()
                    .for_each(|(n, v)| cell.add(*v, at.plus(n as i64 * 1_000)));
                cells.insert((slot, bucket), cell);
            }
        }
        assert!(encode(id, &cells).len() < 2_000_000, "{}", encode(id, &cells).len());
    }
}
