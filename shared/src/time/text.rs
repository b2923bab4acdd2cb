//! Times as text: RFC 3339, and the same without an offset.

use super::{DAY_MILLIS, Date, Millis};

/// Reads a time; see [`Millis::parse`].
pub fn parse(text: &[u8]) -> Option<Millis> {
    let mut rest = text;
    let year = digits(&mut rest, 4)?;
    sign(&mut rest, b"-")?;
    let month = digits(&mut rest, 2)?;
    sign(&mut rest, b"-")?;
    let day = Date { year, month, day: digits(&mut rest, 2)? }.day_number()?;
    let small_letter = sign(&mut rest, b"t").is_some();
    let letter = small_letter || sign(&mut rest, b"T").is_some();
    let space = sign(&mut rest, b" ").is_some();
    let hour = digits(&mut rest, 2).filter(|h| *h < 24)?;
    sign(&mut rest, b":")?;
    let minute = digits(&mut rest, 2).filter(|m| *m < 60)?;
    let (mut second, mut millis, mut has_second) = (0, 0, false);
    if sign(&mut rest, b":").is_some() {
        has_second = true;
        second = digits(&mut rest, 2).filter(|s| *s <= 60)?;
        if sign(&mut rest, b".").is_some() {
            millis = fraction(&mut rest)?;
        }
    }
    let offset = match rest {
        [] => None,
        [b'Z' | b'z'] => Some(0),
        [direction @ (b'+' | b'-'), after @ ..] => {
            rest = after;
            let hours = digits(&mut rest, 2).filter(|h| *h < 24)?;
            sign(&mut rest, b":")?;
            let minutes = digits(&mut rest, 2).filter(|m| *m < 60)?;
            let minutes = hours * 60 + minutes;
            rest.is_empty().then_some(Some(if *direction == b'-' { -minutes } else { minutes }))?
        }
        _ => return None,
    };
    let is_shaped = match offset {
        // RFC 3339 wants one separator, and seconds.
        Some(_) => letter != space && has_second,
        // Without an offset there may be both separators, or none.
        None => !small_letter,
    };
    if !is_shaped {
        return None;
    }
    let minutes = hour * 60 + minute - offset.unwrap_or(0);
    if second == 60 {
        // A leap second is the last of a month in UTC, which counts as the end of the second before it.
        let (day, minute) = (day + minutes.div_euclid(1_440), minutes.rem_euclid(1_440));
        let is_last = Date::of_day(day + 1).is_some_and(|next| next.day == 1);
        if offset.is_none() || minute != 1_439 || !is_last {
            return None;
        }
        (second, millis) = (59, 999);
    }
    Some(Millis(day * DAY_MILLIS + minutes * 60_000 + second * 1_000 + millis))
}

/// Takes so many digits.
fn digits(rest: &mut &[u8], count: usize) -> Option<i64> {
    let (own, after) = rest.split_at_checked(count)?;
    *rest = after;
    own.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

/// Takes one of some signs.
fn sign(rest: &mut &[u8], which: &[u8]) -> Option<()> {
    let (first, after) = rest.split_first()?;
    which.contains(first).then(|| *rest = after)
}

/// Takes digits after a point: milliseconds; what is finer falls away.
fn fraction(rest: &mut &[u8]) -> Option<i64> {
    let count = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let (own, after) = rest.split_at_checked(count)?;
    *rest = after;
    let digit = |at: usize| own.get(at).map_or(0, |b| i64::from(b - b'0'));
    (count > 0).then(|| digit(0) * 100 + digit(1) * 10 + digit(2))
}
