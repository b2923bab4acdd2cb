//! Items as JSON text, without a tree of values in between: a frame of 500 updates is written in a fraction of the time.

use super::{Item, Items};
use crate::codec::Cell;
use crate::cursor::Seq;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// An item, or what has changed of it; see [`Items::view`].
#[derive(Clone, Copy)]
pub struct ItemView<'v> {
    pub(super) items: &'v Items,
    pub(super) item: &'v Item,
    pub(super) since: Option<Seq>,
}

impl ItemView<'_> {
    fn changed(&self, seq: Seq) -> bool {
        self.since.is_none_or(|s| seq > s)
    }
}

impl Serialize for ItemView<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let item = self.item;
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("key", item.key())?;
        map.serialize_entry("time", &item.time)?;
        map.serialize_entry("seq", &item.seq)?;
        let position = item.position();
        if self.changed(item.position_seq) && (position.is_some() || self.since.is_some() && item.position_seq > 0) {
            map.serialize_entry("position", &position)?;
        }
        if self.since.is_none() || item.fields().any(|f| self.changed(f.seq)) {
            map.serialize_entry("fields", &Fields(*self))?;
        }
        map.end()
    }
}

struct Fields<'v>(ItemView<'v>);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let view = self.0;
        let mut map = s.serialize_map(None)?;
        for f in view.item.fields().filter(|f| view.changed(f.seq)) {
            // Who has nothing of the item need not hear what was removed from it.
            if f.value != Cell::Null || view.since.is_some() {
                map.serialize_entry(view.items.field_name(f.id), &f.value)?;
            }
        }
        map.end()
    }
}
