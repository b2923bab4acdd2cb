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

/// The text of a flag or a cell as a value: a number or a boolean when it plainly is one, otherwise text.
pub fn guess_value(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => plain_number(text).map_or_else(|| Value::String(text.to_owned()), number),
    }
}

/// The number a text plainly is. `007`, `1_000`, `0x10`, `inf` and digits beyond a double's precision are not: they are
/// names that happen to be made of digits, and turning them into numbers would lose something.
pub fn plain_number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let mut bytes = digits.bytes();
    let first = bytes.next()?;
    if !(first.is_ascii_digit() || first == b'.') {
        return None;
    }
    if first == b'0' && digits.len() > 1 && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let is_integer = digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_integer && digits.len() > 15 {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
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
    fn plain_numbers_are_numbers_and_names_are_not() {
        for (text, value) in
            [("0", 0.0), ("-97.7443", -97.7443), (".5", 0.5), ("10.", 10.0), ("1e-05", 1e-5), ("0.0", 0.0)]
        {
            assert_eq!(plain_number(text), Some(value), "{text}");
        }
        for text in
            ["", "-", "007", "-01", "1_0", "0x10", "inf", "NaN", "+5", "1e999", "12345678901234567", "801 NORTH", " 5"]
        {
            assert_eq!(plain_number(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_written_short() {
        assert_eq!(number(53.0).to_string(), "53");
        assert_eq!(number(-97.66681).to_string(), "-97.66681");
        assert_eq!(number(f64::NAN), Value::String("NaN".to_owned()));
        assert_eq!(rounded(12.345_678, 2).to_string(), "12.35");
        assert_eq!(guess_value("true"), Value::Bool(true));
        assert_eq!(guess_value("801 TECH"), Value::String("801 TECH".to_owned()));
    }
}
