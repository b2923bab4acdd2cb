//! A page of items in its form.

use crate::cursor::Cursor;
use crate::items::{Item, Items};
use crate::views::columns::{Column, OWN, POSITION, Selection, Shown};
use crate::views::format::Format;
use crate::views::json;
use crate::views::table::{Head, Kind, Kinds, TableForm, head};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A page.
pub struct Rows<'v> {
    /// All items.
    pub items: &'v Items,
    /// The columns that were asked for.
    pub selection: &'v Selection,
    /// Which kinds of values fields have, by their numbers.
    pub kinds: &'v [Kinds],
    /// As of here.
    pub cursor: Cursor,
    /// The items of the page.
    pub rows: &'v [&'v Item],
    /// Keys of items that ended since the cursor that was asked for, if one was.
    pub ended: Option<Vec<&'v str>>,
    /// Where the next page begins.
    pub next: Option<u32>,
}

impl Rows<'_> {
    /// The page in a form. Rows of CSV and NDJSON are items: there ends are not told.
    pub fn write(&self, format: Format) -> Vec<u8> {
        let Self { items, selection, rows, .. } = *self;
        let views = rows.iter().map(|item| Row { items, selection, item });
        // As text, as JavaScript would have it for a name that only we read.
        let next = self.next.map(|n| n.to_string());
        match format {
            Format::Json => {
                let mut out = Vec::with_capacity(64 + rows.len() * 160);
                out.extend_from_slice(b"{\"cursor\":");
                json::push(&mut out, &self.cursor);
                out.extend_from_slice(b",\"items\":[");
                json::push_list(&mut out, views);
                out.push(b']');
                self.push_ended(&mut out);
                out.extend_from_slice(b",\"next\":");
                json::push(&mut out, &next);
                out.push(b'}');
                out
            }
            Format::GeoJson => {
                let mut out = Vec::with_capacity(96 + rows.len() * 240);
                out.extend_from_slice(b"{\"type\":\"FeatureCollection\",\"cursor\":");
                json::push(&mut out, &self.cursor);
                self.push_ended(&mut out);
                out.extend_from_slice(b",\"next\":");
                json::push(&mut out, &next);
                out.extend_from_slice(b",\"features\":[");
                json::push_list(&mut out, views.map(Feature));
                out.extend_from_slice(b"]}");
                out
            }
            // What only tracks come in is refused where the query is read.
            Format::NdJson | Format::Gpx | Format::Kml => json::lines(views),
            Format::Table(form) => table(form, (items, selection, self.kinds), rows),
        }
    }

    fn push_ended(&self, out: &mut Vec<u8>) {
        if let Some(ended) = &self.ended {
            out.extend_from_slice(b",\"ended\":");
            json::push(out, ended);
        }
    }
}

/// Writes one item.
pub fn one(format: Format, (items, selection, kinds): Shape<'_>, item: &Item) -> Vec<u8> {
    let row = Row { items, selection, item };
    let mut out = Vec::new();
    match format {
        Format::Json => json::push(&mut out, &row),
        Format::GeoJson => json::push(&mut out, &Feature(row)),
        Format::NdJson | Format::Gpx | Format::Kml => out = json::lines([row]),
        Format::Table(form) => out = table(form, (items, selection, kinds), &[item]),
    }
    out
}

/// All items, the columns that were asked for, and the kinds of values that fields have.
pub type Shape<'v> = (&'v Items, &'v Selection, &'v [Kinds]);

fn table(form: TableForm, (items, selection, kinds): Shape<'_>, rows: &[&Item]) -> Vec<u8> {
    let own = OWN.into_iter().zip([Kind::Text, Kind::Time, Kind::Whole]).map(|(name, kind)| head(name, kind));
    let more = selection.columns.iter().map(|column| {
        let kind = match column {
            Column::Position(_) => Kind::Number,
            Column::Field(id) => Kind::Values(kinds.get(usize::from(id.0)).copied().unwrap_or_default()),
        };
        head(column.name(items), kind)
    });
    let heads: Vec<Head<'_>> = own.chain(more).collect();
    form.write(&heads, |sheet| {
        for item in rows {
            sheet.text(item.key());
            sheet.time(item.time);
            sheet.whole(item.seq as i64);
            for column in &selection.columns {
                match column.of(item) {
                    None => sheet.empty(),
                    Some(Shown::Number(n)) => sheet.number(Some(n)),
                    Some(Shown::Value(v)) => sheet.value(v),
                }
            }
            sheet.end_row();
        }
    })
}

/// An item with the columns that were asked for.
#[derive(Clone, Copy)]
struct Row<'v> {
    items: &'v Items,
    selection: &'v Selection,
    item: &'v Item,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let Self { items, selection, item } = *self;
        if selection.is_all {
            return items.view(item, None).serialize(s);
        }
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("key", item.key())?;
        map.serialize_entry("time", &item.time)?;
        map.serialize_entry("seq", &item.seq)?;
        let is_shown = |c: &&Column| c.of(item).is_some();
        if selection.columns.iter().filter(is_shown).any(|c| matches!(c, Column::Position(_))) {
            map.serialize_entry("position", &Part { row: *self, position: true })?;
        }
        if selection.columns.iter().any(|c| matches!(c, Column::Field(_))) {
            map.serialize_entry("fields", &Part { row: *self, position: false })?;
        }
        map.end()
    }
}

/// The chosen parts of an item's position, or its chosen fields.
struct Part<'v> {
    row: Row<'v>,
    position: bool,
}

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(None)?;
        for column in &self.row.selection.columns {
            let name = match column {
                Column::Position(part) if self.position => {
                    POSITION.get(*part).map_or("", |name| name.trim_start_matches("position."))
                }
                Column::Field(id) if !self.position => self.row.items.field_name(*id),
                Column::Position(_) | Column::Field(_) => continue,
            };
            if let Some(shown) = column.of(self.row.item) {
                map.serialize_entry(name, &shown)?;
            }
        }
        map.end()
    }
}

/// An item as a feature of GeoJSON.
struct Feature<'v>(Row<'v>);

impl Serialize for Feature<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("type", "Feature")?;
        map.serialize_entry("id", self.0.item.key())?;
        map.serialize_entry("geometry", &self.0.item.position().map(Point))?;
        map.serialize_entry("properties", &Properties(self.0))?;
        map.end()
    }
}

/// A position as a geometry: longitude first. The altitude stays a property, since nobody says above what it is.
struct Point(crate::position::Position);

impl Serialize for Point {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(Some(2))?;
        map.serialize_entry("type", "Point")?;
        map.serialize_entry("coordinates", &[self.0.lon(), self.0.lat()])?;
        map.end()
    }
}

/// What a feature has besides its place.
struct Properties<'v>(Row<'v>);

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let Row { items, selection, item } = self.0;
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("key", item.key())?;
        map.serialize_entry("time", &item.time)?;
        map.serialize_entry("seq", &item.seq)?;
        for column in selection.columns.iter().filter(|c| !c.is_coordinate()) {
            if let Some(shown) = column.of(item) {
                map.serialize_entry(&column.name(items), &shown)?;
            }
        }
        map.end()
    }
}
