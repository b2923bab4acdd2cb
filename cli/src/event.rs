//! Building one event's JSON: the small shared part of `publish`, `replay` and `simulate`.

use serde_json::{Map, Number, Value};

/// A finite float as a JSON number; anything else as the text a person would write, for the server to refuse by name.
pub fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9.0e15 {
        return Value::Number(Number::from(value as i64));
    }
    Number::from_f64(value).map_or_else(|| Value::String(value.to_string()), Value::Number)
}

/// Rounds to `digits` decimals: fewer bytes on the wire and no false precision.
pub fn rounded(value: f64, digits: i32) -> Value {
    let scale = 10_f64.powi(digits);
    number((value * scale).round() / scale)
}

/// Adds `name: value` unless the value is absent.
pub fn put(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_short() {
        assert_eq!(number(53.0).to_string(), "53");
        assert_eq!(number(-97.66681).to_string(), "-97.66681");
        assert_eq!(number(f64::NAN), Value::String("NaN".to_owned()));
        assert_eq!(rounded(12.345_678, 2).to_string(), "12.35");
    }
}
