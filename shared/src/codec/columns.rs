//! Columns: how a run of times, positions and field values is packed.
//!
//! Each column stands for `n` rows. What is the same for all rows costs a byte for the column; what varies in
//! a small range is stored as an offset from the smallest.

use super::cell::Cell;
use super::wire::{DecodeError, Reader, Writer};
use crate::position::Position;

const NONE: u8 = 0;
const ALL: u8 = 1;
const SOME: u8 = 2;

/// Which rows have a value: a mode byte, and a bitmap only where rows differ.
pub fn write_presence(w: &mut Writer, n: usize, has: impl Fn(usize) -> bool) {
    let count = (0..n).filter(|&i| has(i)).count();
    if count == n {
        w.u8(ALL);
    } else if count == 0 {
        w.u8(NONE);
    } else {
        w.u8(SOME);
        for start in (0..n).step_by(8) {
            w.u8((start..n.min(start + 8)).fold(0, |b, i| b | u8::from(has(i)) << (i - start)));
        }
    }
}

/// Which rows have a value.
#[derive(Clone, Copy)]
pub enum Presence<'a> {
    /// No row.
    None,
    /// Every row.
    All,
    /// Those whose bit is set.
    Some(&'a [u8]),
}

impl Presence<'_> {
    /// Whether row `i` has a value.
    pub fn has(&self, i: usize) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Some(bits) => bits.get(i / 8).is_some_and(|b| b >> (i % 8) & 1 == 1),
        }
    }
}

/// Reads what [`write_presence`] wrote.
pub fn read_presence<'a>(r: &mut Reader<'a>, n: usize) -> Result<Presence<'a>, DecodeError> {
    match r.u8()? {
        NONE => Ok(Presence::None),
        ALL => Ok(Presence::All),
        SOME => Ok(Presence::Some(r.take(n.div_ceil(8))?)),
        _ => Err(DecodeError::Invalid("presence")),
    }
}

/// Signed numbers: the smallest, then each one's distance from it.
pub fn write_offsets(w: &mut Writer, values: impl Iterator<Item = i64> + Clone) {
    let base = values.clone().min().unwrap_or(0);
    w.zigzag(base);
    for v in values {
        w.varint(v.wrapping_sub(base) as u64);
    }
}

/// Reads `n` numbers that [`write_offsets`] wrote, each handed to `put`.
pub fn read_offsets(
    r: &mut Reader<'_>,
    n: usize,
    mut put: impl FnMut(i64) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let base = r.zigzag()?;
    for _ in 0..n {
        let offset = i64::try_from(r.varint()?).map_err(|_| DecodeError::Invalid("offset"))?;
        put(base.checked_add(offset).ok_or(DecodeError::Invalid("offset"))?)?;
    }
    Ok(())
}

/// Positions of `n` rows: presence; latitudes and longitudes as offsets; then heading, speed, altitude and
/// accuracy, each with its own presence among the rows that have a position.
pub fn write_positions(w: &mut Writer, positions: &[Option<Position>]) {
    write_presence(w, positions.len(), |i| positions.get(i).is_some_and(Option::is_some));
    let there: Vec<&Position> = positions.iter().flatten().collect();
    if there.is_empty() {
        return;
    }
    write_offsets(w, there.iter().map(|p| i64::from(p.lat_e6)));
    write_offsets(w, there.iter().map(|p| i64::from(p.lon_e6)));
    let n = there.len();
    let at = |i: usize| there.get(i).copied();
    write_presence(w, n, |i| at(i).is_some_and(|p| p.heading_e2.is_some()));
    there.iter().filter_map(|p| p.heading_e2).for_each(|v| w.u16(v));
    write_presence(w, n, |i| at(i).is_some_and(|p| p.speed_e2.is_some()));
    there.iter().filter_map(|p| p.speed_e2).for_each(|v| w.varint(u64::from(v)));
    write_presence(w, n, |i| at(i).is_some_and(|p| p.altitude_e1.is_some()));
    there.iter().filter_map(|p| p.altitude_e1).for_each(|v| w.zigzag(i64::from(v)));
    write_presence(w, n, |i| at(i).is_some_and(|p| p.accuracy_e1.is_some()));
    there.iter().filter_map(|p| p.accuracy_e1).for_each(|v| w.varint(u64::from(v)));
}

/// Reads `n` rows that [`write_positions`] wrote. Ranges are checked.
pub fn read_positions(r: &mut Reader<'_>, n: usize) -> Result<Vec<Option<Position>>, DecodeError> {
    let presence = read_presence(r, n)?;
    let mut out: Vec<Option<Position>> = (0..n).map(|i| presence.has(i).then(Position::default)).collect();
    let count = out.iter().flatten().count();
    if count == 0 {
        return if matches!(presence, Presence::Some(_)) { Err(DecodeError::Invalid("presence")) } else { Ok(out) };
    }
    let within = |v: i64, most: i32, what| match i32::try_from(v) {
        Ok(v) if v.abs() <= most => Ok(v),
        _ => Err(DecodeError::Invalid(what)),
    };
    let mut rows = out.iter_mut().flatten();
    read_offsets(r, count, |v| {
        let v = within(v, 90_000_000, "latitude")?;
        if let Some(p) = rows.next() {
            p.lat_e6 = v;
        }
        Ok(())
    })?;
    let mut rows = out.iter_mut().flatten();
    read_offsets(r, count, |v| {
        let v = within(v, 180_000_000, "longitude")?;
        if let Some(p) = rows.next() {
            p.lon_e6 = v;
        }
        Ok(())
    })?;
    let has = read_presence(r, count)?;
    for (_, p) in out.iter_mut().flatten().enumerate().filter(|(i, _)| has.has(*i)) {
        let v = r.u16()?;
        if v >= 36_000 {
            return Err(DecodeError::Invalid("heading"));
        }
        p.heading_e2 = Some(v);
    }
    let has = read_presence(r, count)?;
    for (_, p) in out.iter_mut().flatten().enumerate().filter(|(i, _)| has.has(*i)) {
        p.speed_e2 = Some(r.varint32()?);
    }
    let has = read_presence(r, count)?;
    for (_, p) in out.iter_mut().flatten().enumerate().filter(|(i, _)| has.has(*i)) {
        p.altitude_e1 = Some(i32::try_from(r.zigzag()?).map_err(|_| DecodeError::Invalid("altitude"))?);
    }
    let has = read_presence(r, count)?;
    for (_, p) in out.iter_mut().flatten().enumerate().filter(|(i, _)| has.has(*i)) {
        p.accuracy_e1 = Some(r.varint32()?);
    }
    Ok(out)
}

/// Kinds of a field column.
mod kind {
    /// Decimals: scale 0 to 6 is the kind itself; values are mantissas over 10^scale.
    pub const DECIMAL_MAX: u8 = 6;
    pub const DOUBLE: u8 = 7;
    pub const BOOL: u8 = 8;
    pub const TEXT: u8 = 9;
    pub const MIXED: u8 = 10;
}

const POW10: [f64; 7] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];
const MANTISSA_MAX: f64 = 9_007_199_254_740_992.0;

/// The mantissa of `v` over 10^scale, when that is exact.
#[expect(clippy::float_cmp, reason = "exactness is the point: what comes back must be the same double")]
fn mantissa(v: f64, scale: usize) -> Option<i64> {
    let p = POW10.get(scale)?;
    let m = (v * p).round();
    (m.abs() < MANTISSA_MAX && m / p == v && (v != 0.0 || v.is_sign_positive())).then_some(m as i64)
}

/// The smallest scale at which every number is an exact decimal.
fn common_scale(numbers: &[f64]) -> Option<usize> {
    let mut scale = 0;
    for &v in numbers {
        while mantissa(v, scale).is_none() {
            scale += 1;
            if scale >= POW10.len() {
                return None;
            }
        }
    }
    numbers.iter().all(|&v| mantissa(v, scale).is_some()).then_some(scale)
}

/// One field's values: presence, kind, values of the rows that have one.
pub fn write_cells(w: &mut Writer, cells: &[Cell<'_>]) {
    write_presence(w, cells.len(), |i| cells.get(i).is_some_and(|c| !matches!(c, Cell::Absent)));
    let there: Vec<&Cell<'_>> = cells.iter().filter(|c| !matches!(c, Cell::Absent)).collect();
    if there.is_empty() {
        return;
    }
    let numbers: Vec<f64> =
        there.iter().filter_map(|c| if let Cell::Number(n) = c { Some(*n) } else { None }).collect();
    if numbers.len() == there.len() {
        if let Some(scale) = common_scale(&numbers) {
            w.u8(scale as u8);
            write_offsets(w, numbers.iter().map(|&v| mantissa(v, scale).unwrap_or(0)));
        } else {
            w.u8(kind::DOUBLE);
            numbers.iter().for_each(|&v| w.f64(v));
        }
    } else if there.iter().all(|c| matches!(c, Cell::Bool(_))) {
        w.u8(kind::BOOL);
        there.iter().for_each(|c| w.u8(u8::from(matches!(c, Cell::Bool(true)))));
    } else if there.iter().all(|c| matches!(c, Cell::Text(_))) {
        w.u8(kind::TEXT);
        write_texts(w, there.iter().filter_map(|c| if let Cell::Text(t) = c { Some(*t) } else { None }));
    } else {
        w.u8(kind::MIXED);
        for c in there {
            match c {
                Cell::Absent | Cell::Null => w.u8(0),
                Cell::Bool(b) => w.u8(1 + u8::from(*b)),
                Cell::Number(n) => {
                    w.u8(3);
                    w.f64(*n);
                }
                Cell::Text(t) => {
                    w.u8(4);
                    w.text(t);
                }
            }
        }
    }
}

/// Texts: the distinct ones in order of appearance, then an index a row.
pub fn write_texts<'t>(w: &mut Writer, texts: impl Iterator<Item = &'t str> + Clone) {
    let mut index = std::collections::HashMap::new();
    let mut distinct: Vec<&str> = Vec::new();
    for t in texts.clone() {
        index.entry(t).or_insert_with(|| {
            distinct.push(t);
            distinct.len() - 1
        });
    }
    w.varint(distinct.len() as u64);
    distinct.iter().for_each(|t| w.text(t));
    texts.for_each(|t| w.varint(index.get(t).map_or(0, |&i| i as u64)));
}

/// Reads `n` texts that [`write_texts`] wrote: the distinct ones, and each row's index.
pub fn read_texts<'a>(r: &mut Reader<'a>, n: usize) -> Result<(Vec<&'a str>, Vec<u32>), DecodeError> {
    let count = r.count()?;
    if count > n {
        return Err(DecodeError::Invalid("dictionary"));
    }
    let distinct = (0..count).map(|_| r.text()).collect::<Result<Vec<_>, _>>()?;
    let mut rows = Vec::with_capacity(n.min(r.remaining()));
    for _ in 0..n {
        let i = r.varint32()?;
        if i as usize >= distinct.len() {
            return Err(DecodeError::Invalid("dictionary index"));
        }
        rows.push(i);
    }
    Ok((distinct, rows))
}

/// Reads `n` rows that [`write_cells`] wrote.
pub fn read_cells<'a>(r: &mut Reader<'a>, n: usize) -> Result<Vec<Cell<'a>>, DecodeError> {
    let presence = read_presence(r, n)?;
    let mut out = vec![Cell::Absent; n];
    let rows: Vec<usize> = (0..n).filter(|&i| presence.has(i)).collect();
    if rows.is_empty() {
        return Err(DecodeError::Invalid("empty column"));
    }
    let mut slots = rows.iter();
    let mut put = |cell: Cell<'a>| {
        if let Some(slot) = slots.next().and_then(|&i| out.get_mut(i)) {
            *slot = cell;
        }
    };
    match r.u8()? {
        scale if scale <= kind::DECIMAL_MAX => {
            let p = POW10.get(scale as usize).copied().unwrap_or(1.0);
            read_offsets(r, rows.len(), |m| {
                if m.unsigned_abs() >= 1 << 53 {
                    return Err(DecodeError::Invalid("decimal"));
                }
                put(Cell::Number(m as f64 / p));
                Ok(())
            })?;
        }
        kind::DOUBLE => {
            for _ in 0..rows.len() {
                put(Cell::Number(r.f64()?));
            }
        }
        kind::BOOL => {
            for _ in 0..rows.len() {
                put(Cell::Bool(match r.u8()? {
                    0 => false,
                    1 => true,
                    _ => return Err(DecodeError::Invalid("boolean")),
                }));
            }
        }
        kind::TEXT => {
            let (distinct, index) = read_texts(r, rows.len())?;
            index.iter().for_each(|&i| put(distinct.get(i as usize).map_or(Cell::Null, |t| Cell::Text(t))));
        }
        kind::MIXED => {
            for _ in 0..rows.len() {
                put(match r.u8()? {
                    0 => Cell::Null,
                    1 => Cell::Bool(false),
                    2 => Cell::Bool(true),
                    3 => Cell::Number(r.f64()?),
                    4 => Cell::Text(r.text()?),
                    _ => return Err(DecodeError::Invalid("value")),
                });
            }
        }
        _ => return Err(DecodeError::Invalid("column kind")),
    }
    Ok(out)
}
