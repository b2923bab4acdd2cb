//! Which series there are: whose, and of which number.

use super::SeriesId;
use crate::codec::columns::{read_texts, write_texts};
use crate::codec::{DecodeError, Reader, Writer};
use crate::limits;
use crate::texts::Texts;
use hashbrown::HashTable;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Whose series: an item by its key's number, or the board.
pub(super) const BOARD: u32 = u32::MAX;
/// Whose series was erased: its number stays, so that the others keep theirs.
const NOBODY: u32 = u32::MAX - 1;
/// Stands in a stored row in place of that key. No key has such a character.
pub(super) const ERASED: &str = "\u{1}";

const VERSION: u8 = 1;
/// Names in one stored row, which stays below its limit however long they are.
pub(super) const NAMES_PER_ROW: usize = 5_000;

/// Shows the names that [`Names::pack`] packed, in order: key (none: the board's) and field.
pub(super) fn unpack(packed: &[u8], mut each: impl FnMut(Option<&str>, &str)) -> Result<(), DecodeError> {
    let mut r = Reader::new(packed);
    match r.u8()? {
        VERSION => {}
        v => return Err(DecodeError::Version(v)),
    }
    let n = r.count()?;
    let (keys, key_of) = read_texts(&mut r, n)?;
    let (fields, field_of) = read_texts(&mut r, n)?;
    r.end()?;
    for (key, field) in key_of.into_iter().zip(field_of) {
        let key = keys.get(key as usize).copied().filter(|key| !key.is_empty());
        each(key, fields.get(field as usize).copied().unwrap_or_default());
    }
    Ok(())
}

/// Names that [`Names::pack`] packed, with those of a key marked as erased; none when it has none there.
pub(super) fn erase(packed: &[u8], erased: &str) -> Result<Option<Vec<u8>>, DecodeError> {
    let mut names: Vec<(String, String)> = Vec::new();
    let mut any = false;
    unpack(packed, |key, field| {
        let is_erased = key == Some(erased);
        any |= is_erased;
        names.push((if is_erased { ERASED } else { key.unwrap_or_default() }.to_owned(), field.to_owned()));
    })?;
    let (keys, fields) = (names.iter().map(|n| n.0.as_str()), names.iter().map(|n| n.1.as_str()));
    Ok(any.then(|| packed_of(names.len(), keys, fields)))
}

fn packed_of<'t>(
    count: usize,
    keys: impl Iterator<Item = &'t str> + Clone,
    fields: impl Iterator<Item = &'t str> + Clone,
) -> Vec<u8> {
    let mut w = Writer::with_capacity(64 + count * 24);
    w.u8(VERSION);
    w.varint(count as u64);
    write_texts(&mut w, keys);
    write_texts(&mut w, fields);
    w.finish()
}

/// A series by the numbers of its key and its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Series {
    key: u32,
    field: u16,
}

/// The names of all series, in the order in which they appeared.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    keys: Texts,
    fields: Texts,
    series: Vec<Series>,
    by: HashTable<u32>,
    hasher: RandomState,
    /// How many series each key has, by its number.
    counts: Vec<u16>,
    /// Keys whose items ended, by their numbers, and how many series they have together.
    ended: HashSet<u32>,
    of_ended: usize,
}

impl Names {
    /// How many series.
    pub const fn len(&self) -> usize {
        self.series.len()
    }

    /// The item of a key has ended: its series count no longer against the board's, until it begins anew.
    pub fn end(&mut self, key: &str) {
        let Some(key) = self.keys.find(key) else { return };
        if self.ended.insert(key) {
            self.of_ended += self.count(key);
        }
    }

    /// Ends the keys that have no item; of so many keys there is one.
    pub fn end_all_but(&mut self, items: usize, has_item: impl Fn(&str) -> bool) {
        // Every event has a series: mostly nothing has ended.
        if self.keys.len() <= items {
            return;
        }
        for number in 0..self.keys.len() as u32 {
            if !has_item(self.keys.get(number)) && self.ended.insert(number) {
                self.of_ended += self.count(number);
            }
        }
    }

    fn begin_again(&mut self, key: u32) {
        if !self.ended.is_empty() && self.ended.remove(&key) {
            self.of_ended -= self.count(key);
        }
    }

    fn count(&self, key: u32) -> usize {
        self.counts.get(key as usize).copied().map_or(0, usize::from)
    }

    fn has_room(&self) -> bool {
        self.series.len() < limits::SERIES_IN_ALL && self.series.len() - self.of_ended < limits::SERIES_PER_BOARD
    }

    /// The number of a field, which it gets if need be.
    pub fn field(&mut self, name: &str) -> u16 {
        self.fields.number(name) as u16
    }

    /// How many fields.
    pub const fn field_count(&self) -> usize {
        self.fields.len()
    }

    /// The name of a field.
    pub fn field_name(&self, field: u16) -> &str {
        self.fields.get(u32::from(field))
    }

    /// The number of a key, which it gets if need be.
    pub fn key(&mut self, key: &str) -> u32 {
        self.keys.number(key)
    }

    /// The number of a key that is known.
    pub fn find_key(&self, key: &str) -> Option<u32> {
        self.keys.find(key)
    }

    /// The series of an item's field, or of the board's.
    pub fn find(&self, key: Option<&str>, field: &str) -> Option<SeriesId> {
        let key = key.map_or(Some(BOARD), |key| self.keys.find(key))?;
        let field = self.fields.find(field)? as u16;
        self.find_series(Series { key, field })
    }

    /// The series of a field's number of a key's number, or of [`BOARD`].
    pub fn find_numbered(&self, key: u32, field: u16) -> Option<SeriesId> {
        self.find_series(Series { key, field })
    }

    fn find_series(&self, wanted: Series) -> Option<SeriesId> {
        let hash = self.hasher.hash_one(wanted);
        self.by.find(hash, |n| self.series.get(*n as usize) == Some(&wanted)).map(|n| SeriesId(*n))
    }

    /// The series of a field of a key, or of [`BOARD`], which it gets if there is room.
    pub fn series(&mut self, key: u32, field: u16) -> Option<SeriesId> {
        self.begin_again(key);
        let wanted = Series { key, field };
        match self.find_series(wanted) {
            Some(id) => Some(id),
            None if self.has_room() => Some(self.add(wanted)),
            None => None,
        }
    }

    /// The next series, as it was stored.
    pub fn restore(&mut self, key: u32, field: u16) -> SeriesId {
        self.add(Series { key, field })
    }

    fn add(&mut self, wanted: Series) -> SeriesId {
        let key = wanted.key;
        if key != BOARD {
            let keys = self.counts.len().max(key as usize + 1);
            self.counts.resize(keys, 0);
            if let Some(count) = self.counts.get_mut(key as usize) {
                *count += 1;
            }
        }
        let id = self.series.len() as u32;
        self.series.push(wanted);
        let (series, hasher) = (&self.series, &self.hasher);
        self.by
            .insert_unique(hasher.hash_one(wanted), id, |n| series.get(*n as usize).map_or(0, |s| hasher.hash_one(s)));
        SeriesId(id)
    }

    /// A series that was erased takes the next number.
    pub fn nobody(&mut self, field: u16) -> SeriesId {
        self.series.push(Series { key: NOBODY, field });
        self.of_ended += 1;
        SeriesId(self.series.len() as u32 - 1)
    }

    /// Makes the series of a key nobody's; which they were.
    pub fn erase(&mut self, key: &str) -> Vec<SeriesId> {
        let Some(key) = self.keys.find(key) else { return Vec::new() };
        let fields = 0..self.fields.len() as u16;
        let own: Vec<SeriesId> = fields.filter_map(|field| self.find_series(Series { key, field })).collect();
        for id in &own {
            let Some(series) = self.series.get_mut(id.0 as usize) else { continue };
            if let Ok(entry) = self.by.find_entry(self.hasher.hash_one(*series), |n| *n == id.0) {
                entry.remove();
            }
            series.key = NOBODY;
        }
        // They count no longer, whatever becomes of the key.
        if !self.ended.contains(&key) {
            self.of_ended += self.count(key);
        }
        if let Some(count) = self.counts.get_mut(key as usize) {
            *count = 0;
        }
        own
    }

    fn key_text(&self, key: u32) -> &str {
        match key {
            BOARD => "",
            NOBODY => ERASED,
            key => self.keys.get(key),
        }
    }

    /// The field of a series.
    pub fn field_of(&self, id: SeriesId) -> Option<u16> {
        self.series.get(id.0 as usize).map(|s| s.field)
    }

    /// Packs the names from a series on, at most [`NAMES_PER_ROW`].
    pub fn pack(&self, start: usize) -> Vec<u8> {
        let series = self.series.get(start..).unwrap_or_default();
        let series = series.get(..NAMES_PER_ROW).unwrap_or(series);
        // No key is empty: that is the board.
        let (keys, fields) =
            (series.iter().map(|s| self.key_text(s.key)), series.iter().map(|s| self.field_name(s.field)));
        packed_of(series.len(), keys, fields)
    }

    /// The series of a field for every item that has it.
    pub fn of_field(&self, field: &str) -> impl Iterator<Item = (&str, SeriesId)> {
        let field = self.fields.find(field);
        let own = move |s: &Series| s.key < NOBODY && Some(u32::from(s.field)) == field;
        let all = self.series.iter().enumerate().filter(move |(_, s)| own(s));
        all.map(|(i, s)| (self.keys.get(s.key), SeriesId(i as u32)))
    }

    /// The names of the fields that have numbers, of one item or of the board; without the count of events.
    pub fn fields_of(&self, key: Option<&str>) -> Vec<&str> {
        let has = |name: &&str| !name.is_empty() && self.find(key, name).is_some();
        let mut names: Vec<&str> = self.fields.iter().filter(has).collect();
        names.sort_unstable();
        names
    }
}
