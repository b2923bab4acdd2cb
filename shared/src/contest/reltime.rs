//! Relative times of the Contest API: `1:23:45.678`, `-0:15:32.457`.

/// Milliseconds of a relative time; digits beyond milliseconds are cut off. `None` when the text is none.
pub fn parse(text: &str) -> Option<i64> {
    let (sign, text) = match text.trim().strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.trim()),
    };
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = clock.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || minutes.len() != 2 || seconds.len() != 2 || hours.len() > 6 {
        return None;
    }
    let (hours, minutes, seconds) = (digits(hours)?, digits(minutes)?, digits(seconds)?);
    if minutes > 59 || seconds > 59 {
        return None;
    }
    digits(fraction.get(..fraction.len().min(9))?)?;
    let millis = digits(&format!("{fraction:0<3}")[..3])?;
    Some(sign * (((hours * 60 + minutes) * 60 + seconds) * 1000 + millis))
}

fn digits(text: &str) -> Option<i64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) { None } else { text.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn contest_times_are_read_to_the_millisecond_before_the_start_too() {
        for (text, millis) in [
            ("0:00:00", 0),
            ("0:03:14.969", 194_969),
            ("1:23:45.678", 5_025_678),
            ("01:23:45", 5_025_000),
            ("5:00:00.000", 18_000_000),
            ("4:59:59.9999", 17_999_999),
            ("0:00:01.5", 1_500),
            ("120:00:00", 432_000_000),
            ("-2:16:23.346", -8_183_346),
            ("-0:00:00.001", -1),
            ("0:20:00", 1_200_000),
        ] {
            assert_eq!(parse(text), Some(millis), "{text}");
        }
    }

    #[test]
    fn what_is_no_relative_time_is_none() {
        for text in [
            "",
            "20",
            "1:23",
            "1:2:3",
            "1:60:00",
            "0:00:60",
            "a:00:00",
            "1:00:00:00",
            "+1:00:00",
            "0:00:00.x",
            "0:00:00.",
            "é:00:00.é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
