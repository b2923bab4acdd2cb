//! Whole numbers in JSON of which a reader would lose digits.

use std::borrow::Cow;

/// The largest whole number up to which all are doubles: 2^53.
pub const EXACT: u64 = 9_007_199_254_740_992;

/// JSON in which whole numbers whose size is above `largest` are texts, so that whoever reads it keeps every digit. What is no
/// JSON is none afterwards either.
pub fn as_text(json: &str, largest: u64) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let (mut out, mut copied) = (String::new(), 0);
    let (mut at, mut in_text) = (0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if in_text => at += 2,
            b'"' => {
                in_text = !in_text;
                at += 1;
            }
            b'-' | b'0'..=b'9' if !in_text => {
                let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
                let end = at + bytes.iter().skip(at).take_while(|byte| is_part(byte)).count();
                let number = json.get(at..end).unwrap_or_default();
                if is_beyond(number, largest) {
                    out.push_str(json.get(copied..at).unwrap_or_default());
                    out.extend(["\"", number, "\""]);
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    out.push_str(json.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

/// Whether a number is whole and its size above the largest, or above what any reader keeps.
fn is_beyond(number: &str, largest: u64) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let largest = if digits.len() < number.len() { largest.min(i64::MIN.unsigned_abs()) } else { largest };
    let is_whole = !digits.is_empty() && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    is_whole && digits.parse::<u64>().ok().is_none_or(|n| n > largest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn only_whole_numbers_that_lose_digits_become_text() {
        let read = |text: &str, largest| serde_json::from_str::<Value>(&as_text(text, largest)).unwrap();
        let text = r#"{"a":9007199254740992,"b":9007199254740993,"c":-9007199254740993,"d":[123456789012345678901234567890,1],
            "e":1e20,"f":9007199254740993.0,"g":"say \"9007199254740993\", 9007199254740993","h\\":18446744073709551616}"#;
        assert_eq!(
            read(text, EXACT),
            json!({"a": 9_007_199_254_740_992_u64, "b": "9007199254740993", "c": "-9007199254740993",
                "d": ["123456789012345678901234567890", 1], "e": 1e20, "f": 9_007_199_254_740_992.0_f64,
                "g": "say \"9007199254740993\", 9007199254740993", "h\\": "18446744073709551616"})
        );
        let all = r"[18446744073709551615,18446744073709551616,-9223372036854775808,-9223372036854775809]";
        assert_eq!(read(all, u64::MAX), json!([u64::MAX, "18446744073709551616", i64::MIN, "-9223372036854775809"]));
        assert!(matches!(as_text(r#"{"a":1,"b":"99999999999999999999"}"#, EXACT), Cow::Borrowed(_)));
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for text in
            ["-", "{\"a\":-}", "99999999999999999999x", "\"\\", "00000000000000000000000001", "1-99999999999999999999"]
        {
            assert!(serde_json::from_str::<Value>(&as_text(text, EXACT)).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_digit_of_a_whole_number_is_kept(digits in "-?[1-9][0-9]{0,40}") {
            let text = format!("{{\"n\":{digits}}}");
            let read: Value = serde_json::from_str(&as_text(&text, EXACT)).unwrap();
            let written = match &read["n"] {
                Value::String(text) => text.clone(),
                other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => other.to_string(),
            };
            prop_assert_eq!(&written, &digits);
        }

        #[test]
        fn any_text_is_borne(text in ".{0,60}") {
            let _ = as_text(&text, EXACT);
        }
    }
}
