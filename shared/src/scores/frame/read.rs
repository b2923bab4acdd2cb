//! Reading a scores message.

use super::{FrameList, FrameRow, ScoresFrame};
use crate::codec::{DecodeError, Reader};
use crate::cursor::{Cursor, Epoch};
use crate::limits;
use crate::protocol::SubId;
use crate::scores::points::read_points;
use crate::scores::task_cell::read_cells;
use crate::time::Millis;

impl<'a> ScoresFrame<'a> {
    /// Reads what follows the type of a binary message.
    pub fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let sub = SubId(r.varint32()?);
        let cursor = Cursor { epoch: Epoch(r.varint32()?), seq: r.varint()? };
        let flags = r.u8()?;
        if flags > 31 {
            return Err(DecodeError::Invalid("flags"));
        }
        let cells = flags & 16 != 0;
        let total = r.varint32()?;
        let about = if flags & 2 == 0 { None } else { Some(r.text()?) };
        let top = if flags & 4 == 0 { None } else { Some(FrameList::read(r, cells)?) };
        let around = if flags & 8 == 0 { None } else { Some(FrameList::read(r, cells)?) };
        Ok(Self { sub, cursor, snapshot: flags & 1 == 1, total, about, top, around })
    }
}

impl<'a> FrameList<'a> {
    fn read(r: &mut Reader<'a>, has_cells: bool) -> Result<Self, DecodeError> {
        let bad = || DecodeError::Invalid("place");
        let first = r.varint32()?.checked_add(1).ok_or_else(bad)?;
        let (rank, len) = (r.varint32()?, r.varint32()?);
        let (above, below, len) = (len & 1 == 1, len & 2 == 2, len >> 2);
        if len > limits::SCORE_TOP_MAX {
            return Err(DecodeError::Invalid("number of rows"));
        }
        // Positions and ranks of all rows must have room.
        if first.checked_add(len).is_none() || rank.checked_add(len).is_none() {
            return Err(bad());
        }
        let ascending = |n: usize, r: &mut Reader<'a>| {
            let mut next = 0_u32;
            (0..n)
                .map(|_| {
                    let at = next.checked_add(r.varint32()?).ok_or_else(bad)?;
                    next = at.checked_add(1).ok_or_else(bad)?;
                    Ok(at)
                })
                .collect::<Result<Vec<u32>, DecodeError>>()
        };
        let n = r.count()?;
        let removed = ascending(n, r)?;
        let n = r.count()?;
        let mut rows = Vec::with_capacity(n.min(limits::SCORE_TOP_MAX as usize));
        if n == 0 {
            return Ok(Self { first, rank, len, above, below, removed, rows });
        }
        let columns = r.count()?;
        if columns > limits::SCORE_COLUMNS {
            return Err(DecodeError::Invalid("columns"));
        }
        let base = r.zigzag()?;
        let mut next = 0_u32;
        for _ in 0..n {
            let to = next.checked_add(r.varint32()?).ok_or_else(bad)?;
            if to >= len {
                return Err(bad());
            }
            next = to + 1;
            let from = r.varint32()?.checked_sub(1);
            let values = (0..columns).map(|_| read_points(r)).collect::<Result<_, _>>()?;
            let reached = Millis(base.saturating_sub_unsigned(r.varint()?));
            let cells = if has_cells { read_cells(r)? } else { Vec::new() };
            rows.push(match from {
                Some(from) => FrameRow::Moved { from, to, values, reached, cells },
                None => {
                    let (key, name) = (r.text()?, r.text()?);
                    let n = r.count()?;
                    if n > limits::SCORE_GROUPINGS {
                        return Err(DecodeError::Invalid("groups"));
                    }
                    let groups = (0..n)
                        .map(|_| r.text().map(|g| Some(g).filter(|g| !g.is_empty())))
                        .collect::<Result<_, _>>()?;
                    FrameRow::Whole { to, key, name, values, reached, groups, cells }
                }
            });
        }
        Ok(Self { first, rank, len, above, below, removed, rows })
    }
}
