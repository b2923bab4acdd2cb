//! Which items to show and in which order: search, sorting, ranks and the window of a virtual list. Pure, over the
//! feed's replica.

use std::cmp::Ordering;
use std::ops::Range;

use heliograph_shared::items::ItemId;
use heliograph_shared::replica::{Replica, ReplicaItem};
use heliograph_shared::value::Value;

use crate::board::address::{Column, Sort};
use crate::parts::natural::compare_natural;

/// What an item has in a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing: sorted last, whatever the direction.
    Nothing,
    /// A number.
    Number(f64),
    /// Text.
    Text(&'a str),
}

/// The number in a column, if the item has one there.
pub fn number(item: &ReplicaItem, column: &Column) -> Option<f64> {
    match cell(item, column) {
        Cell::Number(n) => Some(n),
        Cell::Nothing | Cell::Text(_) => None,
    }
}

/// What an item has in a column.
pub fn cell<'a>(item: &'a ReplicaItem, column: &Column) -> Cell<'a> {
    let part = |part: Option<f64>| part.map_or(Cell::Nothing, Cell::Number);
    match column {
        Column::Key => Cell::Text(&item.key),
        Column::Seen => Cell::Number(item.time.0 as f64),
        Column::Speed => part(item.position.and_then(|position| position.speed())),
        Column::Heading => part(item.position.and_then(|position| position.heading())),
        Column::Lat => part(item.position.map(|position| position.lat())),
        Column::Lon => part(item.position.map(|position| position.lon())),
        Column::Field(name) => match item.fields.get(name) {
            None => Cell::Nothing,
            Some(Value::Bool(value)) => Cell::Number(f64::from(u8::from(*value))),
            Some(Value::Number(value)) => Cell::Number(*value),
            Some(Value::Text(text)) => Cell::Text(text),
        },
    }
}

fn compare_cells(a: &Cell, b: &Cell, descending: bool) -> Ordering {
    let order = match (a, b) {
        (Cell::Nothing, Cell::Nothing) => return Ordering::Equal,
        (Cell::Nothing, _) => return Ordering::Greater,
        (_, Cell::Nothing) => return Ordering::Less,
        (Cell::Number(a), Cell::Number(b)) => a.total_cmp(b),
        (Cell::Text(a), Cell::Text(b)) => compare_natural(a, b),
        (Cell::Number(_), Cell::Text(_)) => Ordering::Less,
        (Cell::Text(_), Cell::Number(_)) => Ordering::Greater,
    };
    if descending { order.reverse() } else { order }
}

/// A search: every word must be in the key or in a text field, in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<String>);

impl Query {
    /// Reads what was typed.
    pub fn new(text: &str) -> Self {
        Self(text.split_whitespace().map(str::to_lowercase).collect())
    }

    /// Whether nothing was typed, so that everything matches.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an item matches.
    pub fn matches(&self, item: &ReplicaItem) -> bool {
        let in_fields = |word: &str| {
            item.fields.values().any(|value| match value {
                Value::Text(text) => contains(text, word),
                Value::Bool(_) | Value::Number(_) => false,
            })
        };
        self.0.iter().all(|word| contains(&item.key, word) || in_fields(word))
    }
}

/// Whether `text` contains `word` (already in lower case), in any case; no allocation for plain ASCII.
fn contains(text: &str, word: &str) -> bool {
    if word.is_empty() {
        return true;
    }
    if !text.is_ascii() {
        return text.to_lowercase().contains(word);
    }
    let (text, word) = (text.as_bytes(), word.as_bytes());
    text.len() >= word.len() && text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

/// The ids of the items that are wanted, in order. Ties fall to the key, so that the order never flickers.
pub fn ordered(replica: &Replica, is_wanted: impl Fn(&ReplicaItem) -> bool, sort: &Sort) -> Vec<ItemId> {
    let mut rows: Vec<_> = replica
        .items()
        .filter(|(_, item)| is_wanted(item))
        .map(|(id, item)| (cell(item, &sort.column), item.key.as_str(), id))
        .collect();
    rows.sort_by(|a, b| compare_cells(&a.0, &b.0, sort.descending).then_with(|| compare_natural(a.1, b.1)));
    rows.into_iter().map(|row| row.2).collect()
}

/// A row of the top list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// Standard competition rank: 1, 2, 2, 4.
    pub rank: usize,
    /// Whether another row has the same rank.
    pub tied: bool,
    /// The item.
    pub id: ItemId,
    /// What it is ranked by.
    pub value: f64,
}

/// The best `limit` items by a number, and how many have that number at all.
pub fn top(replica: &Replica, sort: &Sort, limit: usize) -> (Vec<Ranked>, usize) {
    let mut rows: Vec<_> = replica
        .items()
        .filter_map(|(id, item)| number(item, &sort.column).map(|value| (value, item.key.as_str(), id)))
        .collect();
    let total = rows.len();
    rows.sort_by(|a, b| {
        let order = a.0.total_cmp(&b.0);
        (if sort.descending { order.reverse() } else { order }).then_with(|| compare_natural(a.1, b.1))
    });
    let same = |a: f64, b: f64| a.total_cmp(&b).is_eq();
    let mut ranked: Vec<Ranked> = Vec::with_capacity(rows.len().min(limit));
    for (index, &(value, _, id)) in rows.iter().enumerate().take(limit) {
        let rank = match ranked.last() {
            Some(above) if same(above.value, value) => above.rank,
            Some(_) | None => index + 1,
        };
        let before = index.checked_sub(1).and_then(|before| rows.get(before)).is_some_and(|row| same(row.0, value));
        let after = rows.get(index + 1).is_some_and(|row| same(row.0, value));
        ranked.push(Ranked { rank, tied: before || after, id, value });
    }
    (ranked, total)
}

/// The names of all fields and whether each is a number somewhere, in alphabetical order.
pub fn field_names(replica: &Replica) -> Vec<(String, bool)> {
    let mut names: std::collections::BTreeMap<&str, bool> = std::collections::BTreeMap::new();
    for (_, item) in replica.items() {
        for (name, value) in &item.fields {
            let is_number = value.as_number().is_some();
            match names.get_mut(name.as_str()) {
                Some(known) => *known |= is_number,
                None => {
                    names.insert(name, is_number);
                }
            }
        }
    }
    names.into_iter().map(|(name, is_number)| (name.to_owned(), is_number)).collect()
}

/// Which rows of a long list are worth having in the page: those in view and a few around them.
pub fn window(scroll: f64, height: f64, row: f64, count: usize) -> Range<usize> {
    const AROUND: usize = 6;
    if row <= 0.0 || count == 0 {
        return 0..0;
    }
    let first = (scroll.max(0.0) / row) as usize;
    let shown = (height.max(0.0) / row).ceil() as usize + 1;
    let start = first.saturating_sub(AROUND).min(count);
    start..(first + shown + AROUND).min(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_values_come_last_in_both_directions() {
        for descending in [false, true] {
            assert_eq!(compare_cells(&Cell::Nothing, &Cell::Number(1.0), descending), Ordering::Greater);
            assert_eq!(compare_cells(&Cell::Text("x"), &Cell::Nothing, descending), Ordering::Less);
        }
        assert_eq!(compare_cells(&Cell::Number(1.0), &Cell::Number(2.0), true), Ordering::Greater);
    }

    #[test]
    fn words_are_found_in_any_case() {
        assert!(contains("801 TECH RIDGE", "tech"));
        assert!(contains("Überlandbus", "über"));
        assert!(contains("x", ""));
        assert!(!contains("801", "8012"));
    }

    #[test]
    fn the_window_covers_the_view_and_never_more_than_the_list() {
        assert_eq!(window(0.0, 600.0, 56.0, 10_000), 0..18);
        let middle = window(56.0 * 500.0, 600.0, 56.0, 10_000);
        assert!(middle.start <= 500 && middle.end >= 511 && middle.len() < 40, "{middle:?}");
        assert_eq!(window(1e9, 600.0, 56.0, 10), 10..10);
        assert_eq!(window(0.0, 600.0, 56.0, 3), 0..3);
        assert_eq!(window(0.0, 600.0, 0.0, 3), 0..0);
    }
}
