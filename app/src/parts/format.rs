//! Numbers, ages and directions as people read them.

use heliograph_shared::value::Value;

use super::units::{Units, measured, units};
use crate::browser::numbers;
use crate::texts::{Locale, locale};

/// So many decimals every browser's `Intl` takes.
const MOST_DECIMALS: usize = 20;

/// How long ago, in the shortest words that are still true: `now`, `5 s`, `3 min`, `2 h`, `4 d`.
pub fn age(millis: i64) -> String {
    let seconds = millis / 1000;
    match seconds {
        ..=0 => text!(parts.format.now).to_owned(),
        1..=59 => text!(parts.format.seconds, n = seconds),
        60..=3_599 => text!(parts.format.minutes, n = seconds / 60),
        3_600..=86_399 => text!(parts.format.hours, n = seconds / 3_600),
        _ => text!(parts.format.days, n = seconds / 86_400),
    }
}

/// How long ago as part of a sentence.
pub fn age_sentence(millis: i64) -> String {
    if millis < 1000 { text!(parts.format.just_now).to_owned() } else { text!(parts.format.ago, age = age(millis)) }
}

/// A duration that was measured: `85 ms`, `1.2 s`, `45 s`.
pub fn latency(millis: f64) -> String {
    let millis = millis.max(0.0);
    if millis < 999.5 {
        text!(parts.format.milliseconds, n = fixed(millis, 0))
    } else if millis < 9_950.0 {
        text!(parts.format.seconds, n = fixed(millis / 1000.0, 1))
    } else {
        age((millis.min(1e15)) as i64)
    }
}

/// A small number with so many decimals.
fn fixed(value: f64, decimals: usize) -> String {
    if locale() == Locale::en { format!("{value:.decimals$}") } else { numbers::written(value, decimals, decimals) }
}

/// A number with thousands separated, and at most `decimals` decimals without trailing zeros.
pub fn number(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    if value != 0.0 && (value.abs() >= 1e15 || value.abs() < 1e-4) {
        return format!("{value:e}");
    }
    if locale() != Locale::en {
        return numbers::written(value, 0, decimals.min(MOST_DECIMALS));
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::with_capacity(text.len() + 4);
    let is_zero = text.bytes().all(|b| matches!(b, b'0' | b'.'));
    if value < 0.0 && !is_zero {
        out.push('\u{2212}');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A field's value, without its unit.
pub fn value(value: &Value) -> String {
    match value {
        Value::Bool(true) => text!(parts.format.yes).to_owned(),
        Value::Bool(false) => text!(parts.format.no).to_owned(),
        Value::Number(n) => number(*n, 3),
        Value::Text(text) => text.clone(),
    }
}

/// A field's value with its unit, or in that of this visit.
pub fn value_with_unit(field: &Value, unit: Option<&str>) -> String {
    match (field, unit) {
        (Value::Number(_), Some("%")) => format!("{}%", value(field)),
        (Value::Number(n), Some(unit)) => match units().converted(*n, unit) {
            Some((n, wanted)) => format!("{} {wanted}", number(n, 2)),
            None => format!("{} {unit}", value(field)),
        },
        (_, _) => value(field),
    }
}

/// A speed in metres per second, in the unit of this visit: kilometres per hour where nobody chose.
pub fn speed(metres_per_second: f64) -> String {
    let units = units();
    let shown = measured(metres_per_second, "m/s", units.speed());
    let brief = number(shown, usize::from(shown.abs() < 9.95));
    match units {
        Units::Own | Units::Metric => text!(parts.format.speed, n = brief),
        Units::Si => text!(parts.format.metres_per_second, n = number(shown, 1)),
        Units::Imperial => text!(parts.format.miles_per_hour, n = brief),
        Units::Nautical => text!(parts.format.knots, n = number(shown, 1)),
    }
}

/// A height or another short length in metres, in the unit of this visit.
pub fn height(metres: f64, decimals: usize) -> String {
    let units = units();
    let n = number(measured(metres, "m", units.height()), decimals);
    match units {
        Units::Own | Units::Metric | Units::Si | Units::Nautical => text!(parts.format.metres, n = n),
        Units::Imperial => text!(parts.format.feet, n = n),
    }
}

/// The length of a way in metres, in the units of this visit.
pub fn way(metres: f64) -> String {
    let units = units();
    let is_short = match units {
        Units::Own | Units::Metric | Units::Si | Units::Nautical => metres < 1_000.0,
        Units::Imperial => measured(metres, "m", "ft") < 1_000.0,
    };
    if is_short {
        return height(metres, 0);
    }
    let long = measured(metres, "m", units.way());
    let n = number(long, usize::from(long < 100.0));
    match units {
        Units::Own | Units::Metric | Units::Si => text!(parts.format.kilometres, n = n),
        Units::Imperial => text!(parts.format.miles, n = n),
        Units::Nautical => text!(parts.format.nautical_miles, n = n),
    }
}

/// A heading as a compass point and degrees: `NE 45°`.
pub fn heading(degrees: f64) -> String {
    let degrees = degrees.rem_euclid(360.0);
    let point = text!(parts.format.compass).split(' ').nth((degrees / 45.0).round() as usize % 8).unwrap_or_default();
    format!("{point} {degrees:.0}°")
}

/// A position as latitude and longitude in degrees with hemispheres.
pub fn coordinates(lat: f64, lon: f64) -> String {
    // Each half stays on one line.
    let half = |text: String| text.replace(' ', "\u{a0}");
    format!("{}, {}", half(latitude(lat, 5)), half(longitude(lon, 5)))
}

/// `30.25° N`.
pub fn latitude(value: f64, decimals: usize) -> String {
    degrees(value, decimals, if value < 0.0 { text!(parts.format.south) } else { text!(parts.format.north) })
}

/// `97.75° W`.
pub fn longitude(value: f64, decimals: usize) -> String {
    degrees(value, decimals, if value < 0.0 { text!(parts.format.west) } else { text!(parts.format.east) })
}

fn degrees(value: f64, decimals: usize, side: &str) -> String {
    let zero = format!("{:.decimals$}", value.abs());
    if zero.bytes().all(|b| matches!(b, b'0' | b'.')) {
        return format!("{zero}°");
    }
    format!("{zero}° {side}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short_and_never_in_the_future() {
        let cases = [
            (-4_000, "now"),
            (999, "now"),
            (5_200, "5 s"),
            (61_000, "1 min"),
            (7_300_000, "2 h"),
            (400_000_000, "4 d"),
        ];
        for (millis, text) in cases {
            assert_eq!(age(millis), text);
        }
        assert_eq!(age_sentence(100), "just now");
        assert_eq!(age_sentence(5_000), "5 s ago");
    }

    #[test]
    fn latencies_have_the_precision_that_matters() {
        assert_eq!(latency(84.6), "85 ms");
        assert_eq!(latency(-3.0), "0 ms");
        assert_eq!(latency(999.6), "1.0 s");
        assert_eq!(latency(1_240.0), "1.2 s");
        assert_eq!(latency(45_000.0), "45 s");
    }

    #[test]
    fn numbers_are_grouped_and_trimmed() {
        assert_eq!(number(1_234_567.0, 2), "1\u{202f}234\u{202f}567");
        assert_eq!(number(0.5, 3), "0.5");
        assert_eq!(number(-12.3456, 2), "\u{2212}12.35");
        assert_eq!(number(-0.0001, 2), "0");
        assert_eq!(number(f64::NAN, 2), "–");
        assert_eq!(number(1e20, 2), "1e20");
    }

    #[test]
    fn directions_and_places_read_well() {
        assert_eq!(heading(44.9), "NE 45°");
        assert_eq!(heading(359.0), "N 359°");
        assert_eq!(coordinates(30.267_2, -97.743_1), "30.26720°\u{a0}N, 97.74310°\u{a0}W");
        assert_eq!(latitude(0.0, 1), "0.0°");
        assert_eq!(speed(10.0), "36 km/h");
        assert_eq!(speed(1.0), "3.6 km/h");
    }

    #[test]
    fn speeds_lengths_and_values_are_in_the_units_of_the_visit() {
        let shown = |units: Units| {
            crate::parts::units::measure_in(units);
            let all = [
                speed(10.0),
                height(12.5, 1),
                way(222.0),
                way(11_120.0),
                value_with_unit(&Value::Number(21.5), Some("°C")),
                value_with_unit(&Value::Number(7.0), Some("l")),
            ];
            crate::parts::units::measure_in(Units::Own);
            all.join(", ")
        };
        assert_eq!(shown(Units::Own), "36 km/h, 12.5 m, 222 m, 11.1 km, 21.5 °C, 7 l");
        assert_eq!(shown(Units::Metric), shown(Units::Own));
        assert_eq!(shown(Units::Si), "10 m/s, 12.5 m, 222 m, 11.1 km, 21.5 °C, 7 l");
        assert_eq!(shown(Units::Imperial), "22 mph, 41 ft, 728 ft, 6.9 mi, 70.7 °F, 7 l");
        assert_eq!(shown(Units::Nautical), "19.4 kn, 12.5 m, 222 m, 6 nmi, 21.5 °C, 7 l");
    }

    #[test]
    fn values_carry_their_unit() {
        assert_eq!(value_with_unit(&Value::Number(70.0), Some("%")), "70%");
        assert_eq!(value_with_unit(&Value::Number(7.25), Some("l")), "7.25 l");
        assert_eq!(value_with_unit(&Value::Text("801".into()), Some("l")), "801");
        assert_eq!(value(&Value::Bool(true)), "yes");
    }
}
