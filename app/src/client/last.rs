//! What this device saw of a board last, for when there is no network. Kept only of boards that everybody may read and that were
//! opened without a key: a device that is lent or lost shows nothing that is not public. Kept in the browser's storage,
//! because that can still be written while a page is being closed.

use heliograph_shared::api::items::Item;
use heliograph_shared::replica::Replica;
use heliograph_shared::time::Millis;
use serde::{Deserialize, Serialize};

use crate::browser::storage;

/// The newest items are kept, so many at most.
const ITEMS_MAX: usize = 1_000;
/// A record is no longer than this, in bytes; browsers give a site 5 MB.
const BYTES_MAX: usize = 512 * 1024;
/// The boards that were looked at last.
const BOARDS_MAX: usize = 3;
/// The names of the boards, the last one first.
const BOARDS: &str = "heliograph.last";

/// What was seen.
#[derive(Debug, Serialize, Deserialize)]
pub struct Last {
    /// When the last change came, by this device's clock.
    pub at: Millis,
    /// The board's config as the server told it.
    pub config: String,
    /// The items, the newest first.
    pub items: Vec<Item>,
}

impl Last {
    /// From what the page knows.
    pub fn of(replica: &Replica, config: &str, at: Millis) -> Self {
        let mut items: Vec<Item> = replica
            .items()
            .map(|(_, item)| Item {
                key: item.key.clone(),
                time: item.time,
                seq: item.seq,
                position: item.position,
                fields: item.fields.clone(),
            })
            .collect();
        items.sort_by(|a, b| b.time.cmp(&a.time).then_with(|| a.key.cmp(&b.key)));
        items.truncate(ITEMS_MAX);
        Self { at, config: config.to_owned(), items }
    }

    /// Leaves out items until it is not too long; whether that was enough.
    fn fit(&mut self) -> bool {
        loop {
            if serde_json::to_vec(self).is_ok_and(|text| text.len() <= BYTES_MAX) {
                return true;
            }
            if self.items.is_empty() {
                return false;
            }
            self.items.truncate(self.items.len() / 2);
        }
    }
}

/// Keeps what was seen of a board.
pub fn keep(board: &str, mut last: Last) {
    if !last.fit() {
        return;
    }
    let (names, gone) = with_first(names(), board);
    for name in gone {
        storage::remove(storage::browser(), &place(&name));
    }
    storage::set(storage::browser(), BOARDS, &names);
    storage::set(storage::browser(), &place(board), &last);
}

/// What was seen of a board last.
pub fn of(board: &str) -> Option<Last> {
    storage::get(storage::browser(), &place(board))
}

/// Forgets a board: it may not be seen by everybody any more.
pub fn forget(board: &str) {
    storage::remove(storage::browser(), &place(board));
}

fn names() -> Vec<String> {
    storage::get(storage::browser(), BOARDS).unwrap_or_default()
}

fn place(board: &str) -> String {
    format!("{BOARDS}.{board}")
}

/// The names with this one first, and those that have to go.
fn with_first(mut names: Vec<String>, board: &str) -> (Vec<String>, Vec<String>) {
    names.retain(|name| name != board);
    names.insert(0, board.to_owned());
    let gone = names.split_off(names.len().min(BOARDS_MAX));
    (names, gone)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use heliograph_shared::value::Value;

    use super::*;

    fn item(key: &str, time: i64, text: &str) -> Item {
        let fields = BTreeMap::from([("note".to_owned(), Value::Text(text.into()))]);
        Item { key: key.to_owned(), time: Millis(time), seq: 1, position: None, fields }
    }

    #[test]
    fn the_newest_items_are_kept_and_come_back() {
        let many = (0..1_500).map(|n| item(&format!("k{n}"), n, "x")).collect();
        let last = Last::of(&Replica::of_items(many), "{}", Millis(7));
        assert_eq!((last.items.len(), last.items[0].key.as_str()), (ITEMS_MAX, "k1499"));
        let text = serde_json::to_string(&last).unwrap();
        let back: Last = serde_json::from_str(&text).unwrap();
        assert_eq!((back.at, back.items[999].key.as_str()), (Millis(7), "k500"));
    }

    #[test]
    fn a_record_that_is_too_long_loses_its_oldest_items() {
        let many = (0..1_000).map(|n| item(&format!("k{n}"), n, &"x".repeat(2_000))).collect();
        let mut last = Last::of(&Replica::of_items(many), "{}", Millis(7));
        assert!(last.fit() && serde_json::to_string(&last).unwrap().len() <= BYTES_MAX);
        assert_eq!((last.items.len(), last.items[0].key.as_str()), (250, "k999"));
        let mut senseless = Last { at: Millis(7), config: "x".repeat(BYTES_MAX), items: Vec::new() };
        assert!(!senseless.fit());
    }

    #[test]
    fn three_boards_are_kept() {
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(with_first(names.clone(), "c"), (["c", "a", "b"].map(str::to_owned).to_vec(), Vec::new()));
        let (kept, gone) = with_first(names, "d");
        assert_eq!((kept.join(""), gone.join("")), ("dab".to_owned(), "c".to_owned()));
    }
}
