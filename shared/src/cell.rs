//! Text that becomes a value: cells of tables, flags of the command line, fields that a step makes numbers of.
//!
//! One rule for all of them: a text is a number only if the number is written back the same. `3e0012`, `241408E4`,
//! `1.10`, `007` and digits beyond 2^53 are names made of digits, and as numbers they would lose something.

pub mod column;
pub mod wholes;

use crate::value::Value;

/// The largest whole number up to which every one is kept: 2^53 - 1.
const WHOLE_MAX: f64 = 9_007_199_254_740_991.0;

/// What a text that stands alone is: true or false, a number, or else text.
pub fn value_of(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => plain_number(text).map_or_else(|| Value::Text(text.to_owned()), Value::Number),
    }
}

/// The number that a text is and that is written back as this text.
pub fn plain_number(text: &str) -> Option<f64> {
    let shape = Shape::of(text)?;
    let is_plain = !shape.signed_plus
        && !shape.leading_zeros
        && !shape.whole.is_empty()
        && shape.fraction.is_none_or(|digits| !digits.is_empty() && !digits.ends_with('0'))
        && shape.exponent.is_none_or(|exponent| {
            let digits = exponent.digits;
            // As C and Python write it (1e-05, 2.5e+20), or JavaScript and JSON (1e-7).
            let is_usual = digits.len() == 2 || !digits.starts_with('0');
            !exponent.capital && exponent.signed && is_usual && shape.whole.len() == 1 && shape.whole != "0"
        });
    is_plain.then(|| shape.number(text)).flatten().filter(|n| *n != 0.0 || text == "0")
}

/// The number that is meant where one is expected: in a column of numbers, or where a step says so. `20.50`, `.5`, `+1` and
/// `007` are taken; whole numbers beyond 2^53 are not, since their last digits would be lost.
pub fn meant_number(text: &str) -> Option<f64> {
    let text = text.trim();
    Shape::of(text).and_then(|shape| shape.number(text))
}

/// The number that a device reports, where one value stands alone and most of them are measurements: `87.0` and `12.50` are
/// numbers, names made of digits (`3e0012`, `007`, whole numbers beyond 2^53) are not.
pub fn reported_number(text: &str) -> Option<f64> {
    Shape::of(text).filter(|shape| !shape.is_name()).and_then(|shape| shape.number(text))
}

/// A decimal number's parts, as they are written.
#[derive(Clone, Copy, Debug)]
struct Shape<'t> {
    signed_plus: bool,
    leading_zeros: bool,
    whole: &'t str,
    fraction: Option<&'t str>,
    exponent: Option<Exponent<'t>>,
}

#[derive(Clone, Copy, Debug)]
struct Exponent<'t> {
    capital: bool,
    signed: bool,
    digits: &'t str,
}

impl<'t> Shape<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
            None => (unsigned, None),
            Some(at) => {
                let (mantissa, exponent) = unsigned.split_at_checked(at)?;
                let capital = exponent.starts_with('E');
                let exponent = exponent.get(1..)?;
                let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
                let signed = digits.len() < exponent.len();
                (mantissa, Some(Exponent { capital, signed, digits }))
            }
        };
        let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(whole, rest)| (whole, Some(rest)));
        let all_digits = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
        let has_digits = !whole.is_empty() || fraction.is_some_and(|digits| !digits.is_empty());
        let is_shaped = has_digits
            && all_digits(whole)
            && fraction.is_none_or(all_digits)
            && exponent.is_none_or(|e| !e.digits.is_empty() && all_digits(e.digits));
        let leading_zeros = whole.len() > 1 && whole.starts_with('0');
        is_shaped.then_some(Self { signed_plus: text.starts_with('+'), leading_zeros, whole, fraction, exponent })
    }

    /// The number, if none of its digits is lost.
    fn number(&self, text: &str) -> Option<f64> {
        let number = text.parse::<f64>().ok().filter(|n| n.is_finite())?;
        let is_written_out = self.exponent.is_none() && self.whole.len() > 15;
        (!is_written_out || number.abs() <= WHOLE_MAX).then_some(number + 0.0)
    }

    /// Letters and digits that only happen to have a number's form.
    fn is_name(&self) -> bool {
        let bare_exponent = self.exponent.is_some_and(|e| !e.signed && self.fraction.is_none());
        self.signed_plus || self.leading_zeros || bare_exponent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::number_json;
    use proptest::prelude::*;

    #[test]
    fn only_what_is_written_back_the_same_is_a_number() {
        for (text, value) in [
            ("0", 0.0),
            ("12", 12.0),
            ("-97.7443", -97.7443),
            ("0.5", 0.5),
            ("1e-05", 1e-5),
            ("1e-7", 1e-7),
            ("2.5e+20", 2.5e20),
            ("9007199254740991", 9_007_199_254_740_991.0),
        ] {
            assert_eq!(plain_number(text), Some(value), "{text}");
        }
        for text in [
            "",
            "-",
            ".",
            "007",
            "-01",
            "00.5",
            "3e0012",
            "241408E4",
            "1E5",
            "1e5",
            "12e-05",
            "1.10",
            "5.0",
            "10.",
            ".5",
            "-0",
            "0.0",
            "-0.0",
            "+5",
            "1_0",
            "0x10",
            "inf",
            "NaN",
            "1e999",
            "9007199254740993",
            "12345678901234567890",
            "801 NORTH",
            " 5",
            "5 ",
            "1,5",
            "１２",
            "1e",
            "e5",
            "1.e+05",
            "1e-005",
            "0e-05",
        ] {
            assert_eq!(plain_number(text), None, "{text}");
        }
        assert_eq!(value_of("true"), Value::Bool(true));
        assert_eq!(value_of("True"), Value::Text("True".to_owned()));
    }

    #[test]
    fn where_a_number_is_expected_other_ways_of_writing_are_taken_but_no_digit_is_lost() {
        for (text, value) in [("20.50", 20.5), (" .5 ", 0.5), ("10.", 10.0), ("+1", 1.0), ("007", 7.0), ("1E5", 1e5)] {
            assert_eq!(meant_number(text), Some(value), "{text}");
        }
        for text in ["9007199254740993", "12345678901234567890", "", "n/a", "inf", "nan", "1e999", "1,5", "0x10"] {
            assert_eq!(meant_number(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_device_reports_is_a_number_unless_it_is_a_name() {
        for (text, value) in
            [("87.0", 87.0), ("12.50", 12.5), ("-3", -3.0), (".5", 0.5), ("1e-05", 1e-5), ("1.5E3", 1_500.0)]
        {
            assert_eq!(reported_number(text), Some(value), "{text}");
        }
        for text in ["3e0012", "241408E4", "007", "+49", "9007199254740993", "", "n/a", "1.10.2", "NaN"] {
            assert_eq!(reported_number(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_as_json_writes_it_is_a_number_and_the_same(n in prop::num::f64::NORMAL) {
            let text = number_json(n).to_string();
            match plain_number(&text) {
                Some(read) => prop_assert_eq!(read.to_bits(), n.to_bits()),
                // Beyond 2^53 JSON writes whole numbers with a decimal point, which another writer would not.
                None => prop_assert!(text.ends_with(".0") || text.contains('e'), "{}", text),
            }
        }

        #[test]
        fn any_text_that_is_taken_for_a_number_is_written_back_the_same(
            text in "[-+]?[0-9]{0,18}(\\.[0-9]{0,6})?([eE][-+]?[0-9]{0,3})?"
        ) {
            if let Some(n) = plain_number(&text) {
                let json = number_json(n).to_string();
                let as_c = format!("{n:e}");
                let (mantissa, exponent) = as_c.split_once('e').unwrap();
                let power: i32 = exponent.parse().unwrap();
                let sign = if power < 0 { '-' } else { '+' };
                let ways = [
                    json,
                    n.to_string(),
                    format!("{mantissa}e{sign}{:02}", power.abs()),
                    format!("{mantissa}e{sign}{}", power.abs()),
                ];
                // Digits beyond what a double keeps are measurements that were printed too finely.
                let digits = text.bytes().filter(u8::is_ascii_digit).count();
                prop_assert!(digits > 15 || ways.contains(&text), "{} is none of {:?}", text, ways);
                let written_out = text.bytes().all(|b| b.is_ascii_digit());
                prop_assert!(!written_out || ways.contains(&text), "{} is none of {:?}", text, ways);
            }
        }
    }
}
