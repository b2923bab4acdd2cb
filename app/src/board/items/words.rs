//! An item in words: its second line, and what a column is called and holds.

use heliograph_shared::replica::ReplicaItem;
use heliograph_shared::time::Millis;
use heliograph_shared::value::Value;

use crate::board::address::Column;
use crate::board::marks::Marks;
use crate::client::boards::BoardInfo;
use crate::client::labels::label_from_name;
use crate::parts::format;

/// An item's second line: what its mark means, some fields and how fast it is. The column it is sorted by is shown elsewhere.
pub fn detail(info: &BoardInfo, marks: &Marks, item: &ReplicaItem, except: Option<&Column>) -> String {
    const FIELDS: usize = 2;
    let is_excepted = |name: &str| matches!(except, Some(Column::Field(field)) if field == name);
    // What the board labels comes first, and of that the shortest label: it is the most general.
    let mut fields: Vec<_> = item.fields.iter().filter(|(name, _)| !is_excepted(name)).collect();
    fields.sort_by_key(|(name, _)| (!info.fields.contains_key(*name), info.label(name).len()));
    let meaning = marks.of(item).map(|rule| rule.label.clone());
    let mut parts: Vec<String> = meaning.into_iter().collect();
    parts.extend(fields.into_iter().take(FIELDS).map(|(name, value)| match value {
        // Long text says itself what it is.
        Value::Text(text) if text.len() > 12 => text.clone(),
        Value::Text(_) | Value::Number(_) | Value::Bool(_) => {
            format!("{} {}", info.label(name), format::value_with_unit(value, info.unit(name)))
        }
    }));
    if let Some(speed) = item.position.and_then(|position| position.speed())
        && except != Some(&Column::Speed)
    {
        parts.push(format::speed(speed));
    }
    parts.join(" · ")
}

/// A column's value as text, for the right side of a row.
pub fn column_text(info: &BoardInfo, item: &ReplicaItem, column: &Column, now: Millis) -> String {
    let position = item.position;
    match column {
        Column::Key => item.key.clone(),
        Column::Seen => format::age(now.since(item.time)),
        Column::Speed => position.and_then(|p| p.speed()).map(format::speed).unwrap_or_default(),
        Column::Heading => position.and_then(|p| p.heading()).map(format::heading).unwrap_or_default(),
        Column::Lat => position.map(|p| format::latitude(p.lat(), 5)).unwrap_or_default(),
        Column::Lon => position.map(|p| format::longitude(p.lon(), 5)).unwrap_or_default(),
        Column::Field(name) => {
            item.fields.get(name).map(|value| format::value_with_unit(value, info.unit(name))).unwrap_or_default()
        }
    }
}

/// What a column is called.
pub fn column_label(info: &BoardInfo, column: &Column) -> String {
    match column {
        Column::Key if info.key_name.is_empty() || info.key_name == "key" => text!(board.column.key).to_owned(),
        Column::Key => label_from_name(&info.key_name),
        Column::Seen => text!(board.column.seen).to_owned(),
        Column::Speed => text!(words.speed).to_owned(),
        Column::Heading => text!(words.heading).to_owned(),
        Column::Lat => text!(board.column.latitude).to_owned(),
        Column::Lon => text!(board.column.longitude).to_owned(),
        Column::Field(name) => info.label(name),
    }
}
