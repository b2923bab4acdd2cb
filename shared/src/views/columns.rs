//! The parts of an item by name, as tables, properties of GeoJSON and filters call them.
//!
//! `key`, `time` and `seq` are the item's own, `position.lat` and so on parts of its position, anything else is a field.
//! A field that is called like one of these is `fields.<name>`.

use crate::codec::Cell;
use crate::items::{FieldId, Item, Items};
use crate::position::Position;
use crate::rights::KeySet;
use crate::value::Number;
use crate::views::Format;
use crate::views::table::Kinds;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::cell::OnceCell;

/// The parts of a position, in the order in which they are shown.
pub const POSITION: [&str; 6] =
    ["position.lat", "position.lon", "position.heading", "position.speed", "position.altitude", "position.accuracy"];

/// The item's own.
pub const OWN: [&str; 3] = ["key", "time", "seq"];

/// A part of an item besides its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// A part of the position: its place in [`POSITION`].
    Position(usize),
    /// A field.
    Field(FieldId),
}

/// A value in a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shown<'v> {
    /// A number of the position.
    Number(f64),
    /// A field's value.
    Value(Cell<'v>),
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(n) => Number(*n).serialize(s),
            Self::Value(v) => v.serialize(s),
        }
    }
}

/// A part of a position by its place in [`POSITION`].
pub fn position_part(position: &Position, part: usize) -> Option<f64> {
    match part {
        0 => Some(position.lat()),
        1 => Some(position.lon()),
        2 => position.heading(),
        3 => position.speed(),
        4 => position.altitude(),
        5 => position.accuracy(),
        _ => None,
    }
}

/// What a field is called beside the item's own columns.
pub fn field_column(name: &str) -> Cow<'_, str> {
    beside(&OWN, name)
}

/// What a field is called beside these columns and those of the position.
pub fn beside<'n>(own: &[&str], name: &'n str) -> Cow<'n, str> {
    let taken =
        own.contains(&name) || name == "position" || name.starts_with("position.") || name.starts_with("fields.");
    if taken { format!("fields.{name}").into() } else { name.into() }
}

impl Column {
    /// What it is called.
    pub fn name<'i>(&self, items: &'i Items) -> Cow<'i, str> {
        match self {
            Self::Position(part) => POSITION.get(*part).copied().unwrap_or_default().into(),
            Self::Field(id) => field_column(items.field_name(*id)),
        }
    }

    /// Whether it is a part of what GeoJSON has as the geometry.
    pub const fn is_coordinate(&self) -> bool {
        matches!(self, Self::Position(0 | 1))
    }

    /// Its value of an item, if it has one.
    pub fn of<'i>(&self, item: &'i Item) -> Option<Shown<'i>> {
        match self {
            Self::Position(part) => position_part(&item.position()?, *part).map(Shown::Number),
            Self::Field(id) => {
                let value = item.field(*id)?.value;
                (value != Cell::Null).then_some(Shown::Value(value))
            }
        }
    }
}

/// The columns of an answer besides the item's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The columns in their order.
    pub columns: Vec<Column>,
    /// Whether they are all that there are.
    pub is_all: bool,
}

impl Selection {
    /// Everything that somebody who may read `allowed` can see on the board: the same on every page, and no field that
    /// only others' items have.
    pub fn all(visible: &Visible<'_>) -> Self {
        let fields = visible.fields().iter().copied().map(Column::Field);
        Self { columns: (0..POSITION.len()).map(Column::Position).chain(fields).collect(), is_all: true }
    }

    /// These columns, each once.
    pub fn of(columns: impl IntoIterator<Item = Column>) -> Self {
        let mut list = Vec::new();
        for column in columns {
            if !list.contains(&column) {
                list.push(column);
            }
        }
        Self { columns: list, is_all: false }
    }
}

/// What somebody may read of a board's items: the names of fields are looked for once a view.
pub struct Visible<'i> {
    /// The items.
    pub items: &'i Items,
    /// Which of them may be read.
    pub allowed: &'i KeySet,
    fields: OnceCell<Vec<FieldId>>,
}

impl<'i> Visible<'i> {
    /// What somebody who may read `allowed` sees.
    pub const fn new(items: &'i Items, allowed: &'i KeySet) -> Self {
        Self { items, allowed, fields: OnceCell::new() }
    }

    /// See [`visible_fields`].
    pub fn fields(&self) -> &[FieldId] {
        self.fields.get_or_init(|| visible_fields(self.items, self.allowed))
    }
}

/// The fields that the items which somebody may read have, or had.
pub fn visible_fields(items: &Items, allowed: &KeySet) -> Vec<FieldId> {
    let all = (0..items.field_count()).map(FieldId);
    if allowed.is_all() {
        return all.collect();
    }
    let mut seen = vec![false; usize::from(items.field_count())];
    for (_, item) in items.iter().filter(|(_, item)| allowed.allows(item.key())) {
        for field in item.fields() {
            if let Some(slot) = seen.get_mut(usize::from(field.id.0)) {
                *slot = true;
            }
        }
    }
    all.zip(seen).filter(|(_, seen)| *seen).map(|(id, _)| id).collect()
}

/// Which kinds of values the fields have, by their numbers, of the items that somebody may read: so a column has one type on
/// every page. Nothing is looked at for a form without types.
pub fn kinds(format: Format, items: &Items, allowed: &KeySet) -> Vec<Kinds> {
    let mut kinds = vec![Kinds::default(); usize::from(items.field_count())];
    if matches!(format, Format::Table(form) if form.is_typed()) {
        let visible = items.iter().filter(|(_, item)| allowed.allows(item.key()));
        for field in visible.flat_map(|(_, item)| item.fields()) {
            if let Some(kinds) = kinds.get_mut(usize::from(field.id.0)) {
                kinds.see(field.value);
            }
        }
    }
    kinds
}
