//! What a row was counted from, as bytes.

use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::Seq;
use crate::scores::period::Span;
use crate::scores::points::Points;
use crate::scores::ranking::Reached;
use crate::scores::rule::ScoreRules;
use crate::scores::scored::{Attempt, Scored};
use crate::scores::tally::{Acc, Adjustment, Full};
use crate::time::Millis;
use std::collections::BTreeMap;

pub fn write_reached(w: &mut Writer, at: Reached) {
    w.zigzag(at.0.0);
    w.varint(at.1);
}

pub fn read_reached(r: &mut Reader<'_>) -> Result<Reached, DecodeError> {
    Ok(Reached(Millis(r.zigzag()?), r.varint()?))
}

/// The parts of a tally.
pub struct Parts {
    /// Stretches of time with their columns.
    pub lean: Vec<(i64, Box<[Acc]>)>,
    /// Events.
    pub full: Option<Box<Full>>,
    /// Corrections.
    pub adjustments: Vec<Adjustment>,
}

fn write_total(w: &mut Writer, total: i128) {
    w.zigzag((total >> 64) as i64);
    w.varint(total as u64);
}

fn read_total(r: &mut Reader<'_>) -> Result<i128, DecodeError> {
    let high = i128::from(r.zigzag()?);
    Ok((high << 64) | i128::from(r.varint()?))
}

fn write_acc(w: &mut Writer, acc: &Acc) {
    match acc {
        Acc::Empty => w.u8(0),
        Acc::Sum { total, at } => {
            w.u8(1);
            write_total(w, *total);
            write_reached(w, *at);
        }
        Acc::Count { n, at } => {
            w.u8(2);
            w.varint(*n);
            write_reached(w, *at);
        }
        Acc::Best { value, at } => {
            w.u8(3);
            w.zigzag(*value);
            write_reached(w, *at);
        }
        Acc::Last { value, at } => {
            w.u8(4);
            w.zigzag(*value);
            write_reached(w, *at);
        }
        Acc::Avg { total, n, at } => {
            w.u8(5);
            write_total(w, *total);
            w.varint(*n);
            write_reached(w, *at);
        }
        Acc::Set(values) => {
            w.u8(6);
            w.varint(values.seen.len() as u64);
            for (value, at) in &values.seen {
                w.zigzag(*value);
                write_reached(w, *at);
            }
        }
    }
}

fn read_acc(r: &mut Reader<'_>) -> Result<Acc, DecodeError> {
    Ok(match r.u8()? {
        0 => Acc::Empty,
        1 => Acc::Sum { total: read_total(r)?, at: read_reached(r)? },
        2 => Acc::Count { n: r.varint()?, at: read_reached(r)? },
        3 => Acc::Best { value: r.zigzag()?, at: read_reached(r)? },
        4 => Acc::Last { value: r.zigzag()?, at: read_reached(r)? },
        5 => Acc::Avg { total: read_total(r)?, n: r.varint()?, at: read_reached(r)? },
        6 => {
            let mut seen = BTreeMap::new();
            for _ in 0..r.count()? {
                seen.insert(r.zigzag()?, read_reached(r)?);
            }
            Acc::set(seen)
        }
        _ => return Err(DecodeError::Invalid("column of a tally")),
    })
}

const COUNTS: u8 = 1;
const BY_MANAGER: u8 = 2;
const HAS_ENTRY: u8 = 4;
const HAS_ATTEMPT: u8 = 8;
const RIGHT: u8 = 16;
const WRONG: u8 = 32;
const PENDING: u8 = 64;

/// Differences of events that follow each other: small numbers in the order of the log.
#[derive(Default)]
struct Last {
    at: Reached,
    bucket: i64,
}

fn write_scored(w: &mut Writer, s: &Scored, last: &mut Last) {
    let attempt = s.attempt.map_or(0, |a| {
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        HAS_ATTEMPT | flag(a.right, RIGHT) | flag(a.wrong, WRONG) | flag(a.pending, PENDING)
    });
    let own = if s.counts { COUNTS } else { 0 } | if s.by_manager { BY_MANAGER } else { 0 };
    w.u8(own | attempt | if s.entry.is_some() { HAS_ENTRY } else { 0 });
    w.zigzag(s.at.0.0.wrapping_sub(last.at.0.0));
    w.zigzag(s.at.1.wrapping_sub(last.at.1) as i64);
    w.zigzag(s.bucket.wrapping_sub(last.bucket));
    *last = Last { at: s.at, bucket: s.bucket };
    // Hashes: nothing is gained by making them shorter.
    s.entry.iter().for_each(|e| w.raw(&e.to_le_bytes()));
    for cell in &s.cells {
        match cell {
            None => w.u8(0),
            Some(value) => {
                w.u8(1);
                w.zigzag(*value);
            }
        }
    }
    if let Some(a) = &s.attempt {
        w.raw(&a.task.to_le_bytes());
        w.zigzag(a.minutes.0);
    }
}

fn read_hash(r: &mut Reader<'_>) -> Result<u64, DecodeError> {
    Ok(r.take(8)?.first_chunk::<8>().map_or(0, |b| u64::from_le_bytes(*b)))
}

fn read_scored(r: &mut Reader<'_>, columns: usize, last: &mut Last) -> Result<Scored, DecodeError> {
    let flags = r.u8()?;
    let has = |flag: u8| flags & flag != 0;
    let time = Millis(last.at.0.0.wrapping_add(r.zigzag()?));
    let seq: Seq = last.at.1.wrapping_add(r.zigzag()? as u64);
    let bucket = last.bucket.wrapping_add(r.zigzag()?);
    let at = Reached(time, seq);
    *last = Last { at, bucket };
    let entry = if has(HAS_ENTRY) { Some(read_hash(r)?) } else { None };
    let mut cells = Vec::with_capacity(columns);
    for _ in 0..columns {
        cells.push(if r.u8()? == 0 { None } else { Some(r.zigzag()?) });
    }
    let attempt = if has(HAS_ATTEMPT) {
        let (task, minutes) = (read_hash(r)?, Points(r.zigzag()?));
        Some(Attempt { task, right: has(RIGHT), wrong: has(WRONG), pending: has(PENDING), minutes })
    } else {
        None
    };
    Ok(Scored { at, bucket, counts: has(COUNTS), entry, cells: cells.into(), attempt, by_manager: has(BY_MANAGER) })
}

/// A tally as bytes, with the earliest stretch of time that it has.
pub fn pack(lean: &[(i64, Box<[Acc]>)], full: Option<&Full>, adjustments: &[Adjustment]) -> (i64, Vec<u8>) {
    let mut w = Writer::with_capacity(64);
    let mut earliest = i64::MAX;
    w.varint(lean.len() as u64);
    for (bucket, accs) in lean {
        earliest = earliest.min(*bucket);
        w.zigzag(*bucket);
        accs.iter().for_each(|acc| write_acc(&mut w, acc));
    }
    w.varint(adjustments.len() as u64);
    for a in adjustments {
        earliest = earliest.min(a.bucket);
        w.u8(a.column);
        w.zigzag(a.by.0);
        write_reached(&mut w, a.at);
        w.zigzag(a.bucket);
    }
    if let Some(full) = full {
        let mut events: Vec<&Scored> = full.events().collect();
        events.sort_unstable_by_key(|s| s.at.1);
        w.u8(u8::from(full.forgot()));
        w.varint(events.len() as u64);
        let mut last = Last::default();
        for s in events {
            earliest = earliest.min(s.bucket);
            write_scored(&mut w, s, &mut last);
        }
    }
    (earliest, w.finish())
}

/// What [`pack`] packed; `span` is the stretches of time that count.
pub fn unpack(bytes: &[u8], rules: &ScoreRules, span: Span) -> Result<Parts, DecodeError> {
    let columns = rules.columns.len();
    let mut r = Reader::new(bytes);
    let mut lean = Vec::new();
    for _ in 0..r.count()? {
        let bucket = r.zigzag()?;
        let accs = (0..columns).map(|_| read_acc(&mut r)).collect::<Result<Vec<Acc>, _>>()?;
        lean.push((bucket, accs.into()));
    }
    let mut adjustments = Vec::new();
    for _ in 0..r.count()? {
        let (column, by, at) = (r.u8()?, Points(r.zigzag()?), read_reached(&mut r)?);
        adjustments.push(Adjustment { column, by, at, bucket: r.zigzag()? });
    }
    let full = if r.remaining() == 0 {
        None
    } else {
        let mut last = Last::default();
        let mut full = Full::new(rules, span);
        let forgot = r.u8()? != 0;
        for _ in 0..r.count()? {
            full.restore(read_scored(&mut r, columns, &mut last)?);
        }
        full.settle(forgot);
        Some(Box::new(full))
    };
    r.end()?;
    Ok(Parts { lean, full, adjustments })
}
