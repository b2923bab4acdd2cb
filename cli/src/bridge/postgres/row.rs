//! A row as what is sent of it.

use bytes::Bytes;
use heliograph_shared::time::Millis;
use serde_json::{Map, Value};

use super::text;

/// Numbers that PostgreSQL gives to its types.
mod kind {
    pub const BOOL: u32 = 16;
    pub const INT8: u32 = 20;
    pub const INT2: u32 = 21;
    pub const INT4: u32 = 23;
    pub const JSON: u32 = 114;
    pub const FLOAT4: u32 = 700;
    pub const FLOAT8: u32 = 701;
    pub const TIMESTAMP: u32 = 1114;
    pub const TIMESTAMPTZ: u32 = 1184;
    pub const NUMERIC: u32 = 1700;
    pub const JSONB: u32 = 3802;
}

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// What stood there before. It is long, and lies elsewhere; the log does not repeat it.
    Unchanged,
    /// A value, as text.
    Text(Bytes),
}

/// Whether columns of a type hold times.
pub fn is_time(kind: u32) -> bool {
    matches!(kind, kind::TIMESTAMP | kind::TIMESTAMPTZ)
}

/// A row as an object. What is unchanged is left out; what is nothing is null, so that it removes the field.
pub fn object<'c>(cells: impl Iterator<Item = (&'c str, u32, &'c Cell)>) -> Map<String, Value> {
    let members = cells.filter_map(|(name, kind, cell)| {
        let value = match cell {
            Cell::Unchanged => return None,
            Cell::Null => Value::Null,
            Cell::Text(bytes) => value(kind, text(bytes)),
        };
        Some((name.to_owned(), value))
    });
    members.collect()
}

/// When it was, of a column that holds a time. One without a zone is UTC.
pub fn time(kind: u32, cell: &Cell) -> Option<i64> {
    let Cell::Text(bytes) = cell else { return None };
    let text = timestamp(&text(bytes));
    let text = if kind == kind::TIMESTAMP { format!("{text}Z") } else { text };
    Some(Millis::parse(&text)?.0)
}

fn value(kind: u32, text: String) -> Value {
    match kind {
        kind::BOOL => Value::Bool(text == "t"),
        kind::INT2 | kind::INT4 | kind::INT8 | kind::FLOAT4 | kind::FLOAT8 | kind::NUMERIC => {
            number(&text).unwrap_or(Value::String(text))
        }
        kind::JSON | kind::JSONB => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        kind::TIMESTAMP | kind::TIMESTAMPTZ => Value::String(timestamp(&text)),
        _ => Value::String(text),
    }
}

/// A number, if one of eight bytes says the same: none of its digits may be lost. Zeros at the end of a fraction say nothing.
fn number(text: &str) -> Option<Value> {
    let shortest = match text.split_once('.') {
        Some((whole, fraction)) if !fraction.contains('e') => match fraction.trim_end_matches('0') {
            "" => whole.to_owned(),
            fraction => format!("{whole}.{fraction}"),
        },
        _ => text.to_owned(),
    };
    let number: f64 = shortest.parse().ok().filter(|number: &f64| number.is_finite())?;
    let is_same = number.to_string() == shortest || shortest.contains('e');
    if !is_same {
        return None;
    }
    if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 {
        return Some(Value::from(number as i64));
    }
    serde_json::Number::from_f64(number).map(Value::Number)
}

/// `2026-03-01 12:00:00.5+00` as RFC 3339 has it. `infinity`, and years that are not of four digits, stay as they are.
fn timestamp(text: &str) -> String {
    let is_usual =
        text.as_bytes().get(4) == Some(&b'-') && text.as_bytes().get(10) == Some(&b' ') && !text.ends_with("BC");
    if !is_usual {
        return text.to_owned();
    }
    let text = text.replacen(' ', "T", 1);
    match text.strip_suffix("+00") {
        Some(utc) => format!("{utc}Z"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(kind: u32, text: &str) -> Value {
        value(kind, text.to_owned())
    }

    #[test]
    fn a_number_is_one_only_if_none_of_its_digits_is_lost() {
        for (kind, text, wanted) in [
            (kind::INT4, "7", json!(7)),
            (kind::INT8, "9007199254740993", json!("9007199254740993")),
            (kind::INT8, "-12", json!(-12)),
            (kind::NUMERIC, "12.50", json!(12.5)),
            (kind::NUMERIC, "30.260000", json!(30.26)),
            (kind::NUMERIC, "100.00", json!(100)),
            (kind::NUMERIC, "0.1234567890123456789", json!("0.1234567890123456789")),
            (kind::NUMERIC, "NaN", json!("NaN")),
            (kind::FLOAT8, "1e+300", json!(1e300)),
            (kind::FLOAT8, "Infinity", json!("Infinity")),
            (kind::FLOAT8, "-97.74", json!(-97.74)),
            (25, "0012", json!("0012")),
        ] {
            assert_eq!(of(kind, text), wanted, "{text}");
        }
    }

    #[test]
    fn times_are_as_rfc_3339_has_them() {
        assert_eq!(of(kind::TIMESTAMPTZ, "2026-03-01 12:00:00.5+00"), "2026-03-01T12:00:00.5Z");
        assert_eq!(of(kind::TIMESTAMP, "2026-03-01 12:00:00"), "2026-03-01T12:00:00");
        assert_eq!(of(kind::TIMESTAMPTZ, "infinity"), "infinity");
        let cell = |text: &str| Cell::Text(text.to_owned().into());
        assert_eq!(time(kind::TIMESTAMPTZ, &cell("2026-03-01 12:00:00.5+00")), Some(1_772_366_400_500));
        assert_eq!(time(kind::TIMESTAMP, &cell("2026-03-01 12:00:00")), Some(1_772_366_400_000));
        assert_eq!(time(kind::TIMESTAMP, &cell("infinity")), None);
        assert_eq!(time(kind::TIMESTAMP, &Cell::Null), None);
    }

    #[test]
    fn what_is_unchanged_is_left_out_and_what_is_nothing_is_null() {
        let cells = [
            Cell::Text("a".into()),
            Cell::Unchanged,
            Cell::Null,
            Cell::Text("t".into()),
            Cell::Text("{\"x\":1}".into()),
        ];
        let kinds = [("id", 25), ("long", 25), ("gone", 25), ("on", kind::BOOL), ("extra", kind::JSONB)];
        let row = object(kinds.iter().zip(&cells).map(|((name, kind), cell)| (*name, *kind, cell)));
        assert_eq!(Value::Object(row), json!({"id": "a", "gone": null, "on": true, "extra": {"x": 1}}));
    }
}
