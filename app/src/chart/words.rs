//! Values of charts as people read and hear them.

use crate::parts::format;

/// A measured value: five digits tell more than a chart can show.
pub fn value(value: f64) -> String {
    const DIGITS: i32 = 5;
    if value.abs() < f64::MIN_POSITIVE {
        return format::number(0.0, 0);
    }
    let before_point = value.abs().log10().floor() as i32 + 1;
    format::number(value, usize::try_from(DIGITS - before_point).unwrap_or(0).min(9))
}

/// A measured value with its unit.
pub fn value_with_unit(number: f64, unit: Option<&str>) -> String {
    match unit {
        Some("%") => format!("{}%", value(number)),
        Some(unit) => format!("{}\u{a0}{unit}", value(number)),
        None => value(number),
    }
}

/// A name with the unit behind it, as an axis or a column is called.
pub fn with_unit(label: &str, unit: Option<&str>) -> String {
    unit.map_or_else(|| label.to_owned(), |unit| format!("{label} ({unit})"))
}

/// What a chart shows, for somebody who can't see it.
pub fn summary(label: &str, values: impl Iterator<Item = f64>, unit: Option<&str>) -> String {
    let (mut least, mut most, mut sum, mut count) = (f64::MAX, f64::MIN, 0.0, 0_usize);
    for value in values {
        least = least.min(value);
        most = most.max(value);
        sum += value;
        count += 1;
    }
    if count == 0 {
        return text!(chart.words.none, label = label);
    }
    let [least, most, mean] = [least, most, sum / count as f64].map(|number| value_with_unit(number, unit));
    counted!(count, chart.words.summary, label = label, least = least, most = most, mean = mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_digits_that_matter() {
        let cases = [
            (0.0, "0"),
            (21.600_000_38, "21.6"),
            (0.005_682_598, "0.0056826"),
            (1_013.256, "1\u{202f}013.3"),
            (1_234_567.8, "1\u{202f}234\u{202f}568"),
            (-0.25, "\u{2212}0.25"),
        ];
        for (number, text) in cases {
            assert_eq!(value(number), text);
        }
        assert_eq!(value_with_unit(21.0, Some("°C")), "21\u{a0}°C");
        assert_eq!(value_with_unit(70.0, Some("%")), "70%");
    }

    #[test]
    fn a_summary_says_how_many_and_how_far() {
        let said = summary("Temperature", [20.0, 22.0, 21.0].into_iter(), Some("°C"));
        assert_eq!(said, "Temperature: 3 values, from 20\u{a0}°C to 22\u{a0}°C, 21\u{a0}°C on average");
        assert_eq!(summary("Events", std::iter::empty(), None), "Events: no values");
    }
}
