//! A batch of events: what one ingest request accepted, what one log row holds, what a board pushes to a relay.

use super::cell::Cell;
use super::columns::{
    read_cells, read_offsets, read_positions, read_texts, write_cells, write_offsets, write_positions,
};
use super::wire::{DecodeError, Reader, Writer};
use crate::event::Event;
use crate::limits;
use crate::position::Position;
use crate::time::Millis;
use std::collections::HashMap;

const VERSION: u8 = 1;
const HAS_IDS: u8 = 1;
const BY_MANAGER: u8 = 2;
const BY_PLAYER: u8 = 4;

/// Who sent a batch. Boards with `players` remember it, since players see and claim less than others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SentBy {
    /// Not remembered: the board had no players then, or an older build wrote it.
    #[default]
    Unknown,
    /// Somebody who may manage the board.
    Manager,
    /// Somebody who may not.
    Player {
        /// When it came, by the server's clock.
        at: Millis,
    },
}

impl SentBy {
    const fn flag(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Manager => BY_MANAGER,
            Self::Player { .. } => BY_PLAYER,
        }
    }

    /// Marks an encoded batch that has no mark yet.
    pub fn mark(self, batch: &mut Vec<u8>) {
        let Some(flags) = batch.get_mut(1) else { return };
        *flags |= self.flag();
        if let Self::Player { at } = self {
            let mut w = Writer::with_capacity(10);
            w.zigzag(at.0);
            batch.splice(2..2, w.finish());
        }
    }
}

/// One field of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Column<'a> {
    /// The field's name.
    pub name: &'a str,
    /// A cell for each row.
    pub cells: Vec<Cell<'a>>,
}

/// What stands before the keys of an encoded batch.
pub(super) struct Head<'a> {
    /// What follows.
    pub rest: Reader<'a>,
    has_ids: bool,
    sent_by: SentBy,
    /// How many events.
    pub len: usize,
}

/// Events in columns; text is borrowed from the encoded bytes or from the events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch<'a> {
    /// The distinct keys.
    pub keys: Vec<&'a str>,
    /// Each row's key, as an index into `keys`.
    pub key_of: Vec<u32>,
    /// Event times.
    pub times: Vec<Millis>,
    /// Positions.
    pub positions: Vec<Option<Position>>,
    /// Fields.
    pub fields: Vec<Column<'a>>,
    /// Event ids; empty when no event has one.
    pub ids: Vec<Option<&'a str>>,
    /// Who sent them.
    pub sent_by: SentBy,
}

impl<'a> Batch<'a> {
    /// Arranges events in columns.
    pub fn from_events(events: &'a [Event]) -> Self {
        let mut batch = Batch {
            times: events.iter().map(|e| e.time).collect(),
            positions: events.iter().map(|e| e.position).collect(),
            key_of: Vec::with_capacity(events.len()),
            ..Batch::default()
        };
        let mut keys: HashMap<&str, u32> = HashMap::new();
        let mut columns: HashMap<&str, usize> = HashMap::new();
        for (row, event) in events.iter().enumerate() {
            let next = batch.keys.len() as u32;
            let k = *keys.entry(event.key.as_str()).or_insert(next);
            if k == next {
                batch.keys.push(&event.key);
            }
            batch.key_of.push(k);
            for (slot, (name, value)) in event.fields.iter().enumerate() {
                // Events of one producer have the same fields in the same order: look there before hashing.
                let guess = batch.fields.get(slot).is_some_and(|c| c.name == name);
                let c = if guess {
                    slot
                } else {
                    *columns.entry(name.as_str()).or_insert_with(|| {
                        batch.fields.push(Column { name, cells: vec![Cell::Absent; events.len()] });
                        batch.fields.len() - 1
                    })
                };
                if let Some(cell) = batch.fields.get_mut(c).and_then(|c| c.cells.get_mut(row)) {
                    *cell = Cell::of(value.as_ref());
                }
            }
        }
        if events.iter().any(|e| e.id.is_some()) {
            batch.ids = events.iter().map(|e| e.id.as_deref()).collect();
        }
        batch
    }

    /// How many events.
    pub fn len(&self) -> usize {
        self.key_of.len()
    }

    /// Whether there is no event.
    pub fn is_empty(&self) -> bool {
        self.key_of.is_empty()
    }

    /// The key of a row.
    pub fn key(&self, row: usize) -> &'a str {
        self.key_of.get(row).and_then(|&k| self.keys.get(k as usize)).copied().unwrap_or_default()
    }

    /// The id of a row.
    pub fn id(&self, row: usize) -> Option<&'a str> {
        self.ids.get(row).copied().flatten()
    }

    /// One row as an event.
    pub fn event(&self, row: usize) -> Event {
        Event {
            id: self.id(row).map(str::to_owned),
            key: self.key(row).to_owned(),
            time: self.times.get(row).copied().unwrap_or_default(),
            position: self.positions.get(row).copied().flatten(),
            fields: self
                .fields
                .iter()
                .filter_map(|c| match c.cells.get(row) {
                    None | Some(Cell::Absent) => None,
                    Some(cell) => Some((c.name.to_owned(), cell.to_value())),
                })
                .collect(),
        }
    }

    /// Packs the batch.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(self.encoded_most());
        self.write(&mut w);
        w.finish()
    }

    /// About as many bytes as [`Batch::encode`] makes at most: a buffer that grows is there twice while it does.
    pub fn encoded_most(&self) -> usize {
        let text = |t: &str| t.len() + 2;
        let cell = |c: &Cell<'_>| match c {
            Cell::Absent | Cell::Null | Cell::Bool(_) => 1,
            Cell::Number(_) => 9,
            Cell::Text(t) => text(t) + 1,
        };
        let fields = self.fields.iter().map(|c| text(c.name) + 16 + c.cells.iter().map(cell).sum::<usize>());
        let keys = self.keys.iter().map(|k| text(k)).sum::<usize>();
        let ids = self.ids.iter().flatten().map(|id| text(id)).sum::<usize>();
        64 + self.len() * 24 + keys + ids + fields.sum::<usize>()
    }

    /// Packs the batch after what is written already.
    pub fn write(&self, w: &mut Writer) {
        w.u8(VERSION);
        w.u8(if self.ids.is_empty() { 0 } else { HAS_IDS } | self.sent_by.flag());
        if let SentBy::Player { at } = self.sent_by {
            w.zigzag(at.0);
        }
        w.varint(self.len() as u64);
        // The same layout as `write_texts`, from the dictionary that the batch has already.
        w.varint(self.keys.len() as u64);
        self.keys.iter().for_each(|k| w.text(k));
        self.key_of.iter().for_each(|&k| w.varint(u64::from(k)));
        write_offsets(w, self.times.iter().map(|t| t.0));
        write_positions(w, &self.positions);
        w.varint(self.fields.len() as u64);
        for c in &self.fields {
            w.text(c.name);
            write_cells(w, &c.cells);
        }
        if !self.ids.is_empty() {
            super::columns::write_presence(w, self.len(), |i| self.id(i).is_some());
            self.ids.iter().flatten().for_each(|id| w.text(id));
        }
    }

    /// Reads what stands before the keys.
    pub(super) fn head(bytes: &'a [u8]) -> Result<Head<'a>, DecodeError> {
        let mut r = Reader::new(bytes);
        match r.u8()? {
            VERSION => {}
            other => return Err(DecodeError::Version(other)),
        }
        let flags = r.u8()?;
        let sent_by = match flags & !HAS_IDS {
            0 => SentBy::Unknown,
            BY_MANAGER => SentBy::Manager,
            BY_PLAYER => SentBy::Player { at: Millis(r.zigzag()?) },
            _ => return Err(DecodeError::Invalid("flags")),
        };
        let n = r.count()?;
        if n > limits::EVENTS_PER_REQUEST {
            return Err(DecodeError::Invalid("number of events"));
        }
        Ok(Head { rest: r, has_ids: flags & HAS_IDS != 0, sent_by, len: n })
    }

    /// Unpacks what [`Batch::encode`] packed.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let Head { rest: mut r, has_ids, sent_by, len: n } = Self::head(bytes)?;
        let (keys, key_of) = read_texts(&mut r, n)?;
        let mut times = Vec::with_capacity(n);
        read_offsets(&mut r, n, |t| {
            times.push(Millis(t));
            Ok(())
        })?;
        let positions = read_positions(&mut r, n)?;
        let columns = r.count()?;
        if columns > limits::FIELDS_PER_BOARD {
            return Err(DecodeError::Invalid("number of fields"));
        }
        let mut fields = Vec::with_capacity(columns);
        for _ in 0..columns {
            fields.push(Column { name: r.text()?, cells: read_cells(&mut r, n)? });
        }
        let mut ids = Vec::new();
        if has_ids {
            let presence = super::columns::read_presence(&mut r, n)?;
            for i in 0..n {
                ids.push(if presence.has(i) { Some(r.text()?) } else { None });
            }
        }
        r.end()?;
        Ok(Self { keys, key_of, times, positions, fields, ids, sent_by })
    }
}
