//! Alarms as they are stored, in pieces: where they are with what is muted, each rule, items in 64 parts, and what happened
//! in chunks of 256. A checkpoint writes those that changed.

use super::Alarms;
use super::item::{Acknowledged, Held, Item, Key, Moment, Raised, State};
use super::log::{Entry, Reason, What};
use super::rule::{AlarmRule, RuleId, Severity};
use super::rules::Known;
use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::Seq;
use crate::journal::PER_CHUNK;
use crate::limits;
use crate::projection::{ALL, Change, Need, PARTS, Piece, Range, Table, in_pieces, part};
use crate::time::Millis;

/// The piece that says where they are: the last numbers, counts, what is muted.
const HEAD: u64 = 0;
/// Rules, by their slots.
const SLOTS: u64 = 1 << 32;
/// Items, by their part and the piece of that.
const ITEMS: u64 = 2 << 32;
/// What happened.
const CHUNKS: u64 = 3 << 32;
const END: u64 = 4 << 32;
/// Pieces of a part of the items.
const PER_PART: u64 = 1 << 16;
/// Rows and events of the log after which they are stored anew: what a restart replays at most.
const DUE_ROWS: u64 = limits::CHECKPOINT_ROWS as u64;
const DUE_EVENTS: u64 = 100_000;

const VERSION: u8 = 1;

const WHATS: [What; 3] = [What::Raise, What::Clear, What::Acknowledge];
const REASONS: [Reason; 5] = [Reason::Rule, Reason::Ended, Reason::RuleChanged, Reason::RuleDeleted, Reason::Person];
const SEVERITIES: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Critical];

/// The number of one of a few.
fn number_of<T: PartialEq>(all: &[T], one: &T) -> u8 {
    all.iter().position(|each| each == one).unwrap_or_default() as u8
}

fn one_of<T: Copy>(all: &[T], number: u8) -> Result<T, DecodeError> {
    all.get(usize::from(number)).copied().ok_or(DecodeError::Invalid("a kind of an alarm's"))
}

fn put(id: u64, seq: Seq, data: Vec<u8>) -> Change {
    Change::Put(Piece { table: Table::Alarms, id, seq, data })
}

fn drop_from(first: u64, last: u64) -> Change {
    Change::Drop((Table::Alarms, first..=last))
}

fn writer() -> Writer {
    let mut w = Writer::with_capacity(1_024);
    w.u8(VERSION);
    w
}

fn reader(data: &[u8]) -> Result<Reader<'_>, DecodeError> {
    let mut r = Reader::new(data);
    if r.u8()? == VERSION { Ok(r) } else { Err(DecodeError::Invalid("version of an alarm's piece")) }
}

/// Something that may be missing.
fn write_some<T>(w: &mut Writer, value: Option<&T>, write: impl FnOnce(&mut Writer, &T)) {
    w.u8(u8::from(value.is_some()));
    if let Some(value) = value {
        write(w, value);
    }
}

fn read_some<'a, T>(
    r: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<Option<T>, DecodeError> {
    if r.u8()? == 0 { Ok(None) } else { read(r).map(Some) }
}

fn write_moment(w: &mut Writer, moment: &Moment) {
    w.zigzag(moment.time.0);
    w.zigzag(moment.at.0);
}

fn read_moment(r: &mut Reader<'_>) -> Result<Moment, DecodeError> {
    Ok(Moment { time: Millis(r.zigzag()?), at: Millis(r.zigzag()?) })
}

fn write_held(w: &mut Writer, held: &Held) {
    match held {
        Held::Nothing => w.u8(0),
        Held::Number(n) => {
            w.u8(1);
            w.f64(*n);
        }
        Held::Text(text) => {
            w.u8(2);
            w.text(text);
        }
    }
}

fn read_held(r: &mut Reader<'_>) -> Result<Held, DecodeError> {
    match r.u8()? {
        0 => Ok(Held::Nothing),
        1 => Ok(Held::Number(r.f64()?)),
        2 => Ok(Held::Text(r.text()?.into())),
        _ => Err(DecodeError::Invalid("a value of an alarm's item")),
    }
}

fn write_state(w: &mut Writer, state: &State) {
    w.varint(u64::from(state.rule));
    write_some(w, state.raised.as_ref(), |w, raised| {
        w.varint(raised.event);
        write_moment(w, &raised.when);
        w.u8(u8::from(raised.muted));
        write_some(w, raised.acknowledged.as_ref(), |w, seen| {
            w.zigzag(seen.at.0);
            w.text(&seen.by);
        });
    });
    write_some(w, state.turning.as_ref(), write_moment);
}

fn read_state(r: &mut Reader<'_>) -> Result<State, DecodeError> {
    let rule = r.varint32()?;
    let raised = read_some(r, |r| {
        let (event, when, muted) = (r.varint()?, read_moment(r)?, r.u8()? == 1);
        let acknowledged = read_some(r, |r| Ok(Acknowledged { at: Millis(r.zigzag()?), by: r.text()?.into() }))?;
        Ok(Raised { event, when, muted, acknowledged })
    })?;
    Ok(State { rule, raised, turning: read_some(r, read_moment)? })
}

fn write_item(w: &mut Writer, key: &str, item: &Item) {
    w.text(key);
    w.zigzag(item.time.0);
    w.varint(item.seq);
    w.zigzag(item.heard.0);
    w.u8(u8::from(item.placed));
    w.varint((item.inside & u128::from(u64::MAX)) as u64);
    w.varint((item.inside >> 64) as u64);
    w.varint(item.rank.map_or(0, |rank| u64::from(rank) + 1));
    w.varint(item.values.len() as u64);
    item.values.iter().for_each(|held| write_held(w, held));
    w.varint(item.states.len() as u64);
    item.states.iter().for_each(|state| write_state(w, state));
    write_some(w, item.check.as_ref(), |w, check| w.zigzag(check.0));
}

fn read_item<'a>(r: &mut Reader<'a>) -> Result<(&'a str, Item), DecodeError> {
    let key = r.text()?;
    let (time, seq, heard, placed) = (Millis(r.zigzag()?), r.varint()?, Millis(r.zigzag()?), r.u8()? == 1);
    let inside = u128::from(r.varint()?) | u128::from(r.varint()?) << 64;
    let rank = r.varint32()?.checked_sub(1);
    let values = (0..r.count()?).map(|_| read_held(r)).collect::<Result<_, _>>()?;
    let states = (0..r.count()?).map(|_| read_state(r)).collect::<Result<_, _>>()?;
    let check = read_some(r, |r| Ok(Millis(r.zigzag()?)))?;
    Ok((key, Item { time, seq, heard, placed, inside, rank, values, states, check }))
}

fn write_entry(w: &mut Writer, entry: &Entry) {
    w.varint(entry.id);
    w.u8(number_of(&WHATS, &entry.what));
    w.u8(number_of(&SEVERITIES, &entry.severity));
    w.u8(number_of(&REASONS, &entry.why) | u8::from(entry.muted) << 7);
    for text in [&entry.rule, &entry.name, &entry.key, &entry.seen, &entry.by] {
        w.text(text);
    }
    write_moment(w, &Moment { time: entry.time, at: entry.at });
    w.varint(entry.raised);
}

fn read_entry(r: &mut Reader<'_>) -> Result<Entry, DecodeError> {
    let id = r.varint()?;
    let (what, severity, flags) = (one_of(&WHATS, r.u8()?)?, one_of(&SEVERITIES, r.u8()?)?, r.u8()?);
    let (why, muted) = (one_of(&REASONS, flags & 0x7f)?, flags >> 7 == 1);
    let (rule, name, key) = (r.text()?.into(), r.text()?.into(), r.text()?.into());
    let (seen, by) = (r.text()?.into(), r.text()?.into());
    let when = read_moment(r)?;
    let raised = r.varint()?;
    Ok(Entry { id, what, rule, severity, name, key, time: when.time, at: when.at, raised, seen, why, muted, by })
}

fn write_known(known: &Known) -> Vec<u8> {
    let mut w = writer();
    w.text(known.id.as_str());
    w.zigzag(known.changed_at.0);
    w.text(&serde_json::to_string(&known.rule).unwrap_or_default());
    w.finish()
}

fn read_known(piece: &Piece) -> Result<Known, DecodeError> {
    let damaged = DecodeError::Invalid("a stored rule of alarms");
    let mut r = reader(&piece.data)?;
    let (id, changed_at, text) = (r.text()?, Millis(r.zigzag()?), r.text()?);
    let id = RuleId::try_from(id.to_owned()).map_err(|_| damaged)?;
    let rule: AlarmRule = serde_json::from_str(text).map_err(|_| damaged)?;
    Ok(Known::new(id, rule, changed_at))
}

impl Alarms {
    /// Whether something is not stored as it is.
    pub fn is_unsaved(&self) -> bool {
        self.rows > 0
            || self.unsaved_items > 0
            || self.unsaved_head
            || !self.unsaved_slots.is_empty()
            || !self.turns.log.unsaved().is_empty()
    }

    /// Whether a checkpoint has something to write.
    pub fn is_due(&self, need: Need) -> bool {
        match need {
            Need::Due => self.rows >= DUE_ROWS || self.seen.saturating_sub(self.stored) >= DUE_EVENTS,
            Need::Room => self.is_unsaved(),
        }
    }

    /// The event after which rows are waited for.
    pub fn reads_after(&self) -> Option<Seq> {
        (!self.is_idle()).then_some(self.seen)
    }

    /// Up to here the log is not needed.
    pub fn floor(&self) -> Seq {
        if self.is_idle() { limits::SEQ_MAX } else { self.stored }
    }

    /// Everything that is not stored as it is.
    pub fn changes(&self) -> impl Iterator<Item = Change> + '_ {
        let slots = self.unsaved_slots.iter().map(|slot| self.slot_change(*slot));
        let parts = (0..PARTS).filter(|part| self.unsaved_items >> part & 1 == 1);
        let chunks = self.turns.log.unsaved().iter().map(|chunk| self.chunk_change(*chunk));
        let head = std::iter::once(self.head_change());
        head.chain(slots).chain(parts.flat_map(|part| self.item_changes(part))).chain(chunks)
    }

    fn slot_change(&self, slot: u32) -> Change {
        let id = SLOTS + u64::from(slot);
        self.rules.get(slot).map_or_else(|| drop_from(id, id), |known| put(id, self.seen, write_known(known)))
    }

    fn item_changes(&self, number: usize) -> Vec<Change> {
        let first = ITEMS + number as u64 * PER_PART;
        let ids = (Table::Alarms, first..=first + PER_PART - 1);
        let of_part = self.items.iter().filter(|(key, _)| part(key) == number);
        in_pieces(ids, self.seen, writer, of_part, |w, (key, item)| write_item(w, key, item))
    }

    fn chunk_change(&self, chunk: u64) -> Change {
        let id = CHUNKS + chunk;
        let mut w = writer();
        self.turns.log.of_chunk(chunk).for_each(|entry| write_entry(&mut w, entry));
        if w.len() > 1 { put(id, self.seen, w.finish()) } else { drop_from(id, id) }
    }

    fn head_change(&self) -> Change {
        let mut w = writer();
        w.varint(self.turns.log.last());
        w.varint(self.fence_event);
        w.varint(self.turns.not_raised);
        w.varint(self.turns.muted.len() as u64);
        for ((rule, key), until) in &self.turns.muted {
            w.text(rule);
            w.text(key);
            w.zigzag(until.0);
        }
        put(HEAD, self.seen, w.finish())
    }

    /// What [`Self::changes`] gave is durable.
    pub fn stored(&mut self) {
        (self.stored, self.rows, self.unsaved_items, self.unsaved_head) = (self.seen, 0, 0, false);
        self.unsaved_slots.clear();
        self.turns.log.are_stored();
    }

    /// The pieces that they are restored from.
    pub const fn range() -> Range {
        (Table::Alarms, ALL)
    }

    /// Takes a stored piece, before any row.
    pub fn restore(&mut self, piece: &Piece) -> Result<(), DecodeError> {
        let mut r = reader(&piece.data)?;
        match piece.id {
            HEAD => {
                (self.seen, self.stored) = (piece.seq, piece.seq);
                self.turns.log.restore_last(r.varint()?);
                (self.fence_event, self.turns.not_raised) = (r.varint()?, r.varint()?);
                for _ in 0..r.count()? {
                    let place = (r.text()?.into(), r.text()?.into());
                    self.turns.muted.insert(place, Millis(r.zigzag()?));
                }
            }
            id @ SLOTS..ITEMS => {
                let slot = (id - SLOTS) as usize;
                if slot >= limits::ALARM_RULES {
                    return Err(DecodeError::Invalid("number of an alarm's rule"));
                }
                self.rules.set(slot as u32, Some(read_known(piece)?));
            }
            ITEMS..CHUNKS => {
                while r.remaining() > 0 {
                    let (key, item) = read_item(&mut r)?;
                    let key = Key::from(key);
                    self.turns.restore(&key, &item);
                    if item.rank.is_some() {
                        self.ranked.insert(key.clone());
                    }
                    self.items.insert(key, item);
                }
            }
            id @ CHUNKS..END => {
                while r.remaining() > 0 {
                    let entry = read_entry(&mut r)?;
                    if entry.id / PER_CHUNK != id - CHUNKS {
                        return Err(DecodeError::Invalid("order of alarms' events"));
                    }
                    self.turns.log.restore(entry);
                }
            }
            _ => return Err(DecodeError::Invalid("number of an alarm's piece")),
        }
        Ok(())
    }
}
