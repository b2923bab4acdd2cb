//! A line: what stands before a sentence, the sentence, and what a receiver wrote behind it.

use super::invalid;
use crate::problem::FieldError;
use crate::time::Millis;

/// Seconds and milliseconds are told apart by their size, until the year 5138.
const SECONDS: f64 = 1e11;

/// A line whose checksums are right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// All of it.
    pub whole: &'a str,
    /// From `!` or `$` to the end.
    pub sentence: &'a str,
    /// Between `!` or `$` and the checksum.
    pub body: &'a str,
    /// When it was received, as the receiver wrote.
    pub time: Option<Millis>,
    /// By which station, as the receiver wrote.
    pub station: Option<&'a str>,
}

impl<'a> Line<'a> {
    /// Reads a line. Before its sentence stands nothing, a TAG block, or anything else, which is passed over.
    pub(super) fn of(whole: &'a str) -> Result<Self, FieldError> {
        let (tag, rest) = match whole.strip_prefix('\\').map(|rest| rest.split_once('\\')) {
            Some(Some((tag, rest))) => (Some(tag), rest),
            Some(None) => return Err(invalid("tag", "the TAG block has no end: it stands between two backslashes")),
            None => (None, whole),
        };
        let start = rest.find(['!', '$']).ok_or_else(|| {
            invalid("sentence", "the line is no sentence: one begins with ! or $ and ends with * and a checksum")
        })?;
        let sentence = rest.get(start..).unwrap_or_default();
        let (body, end) = checked(sentence.get(1..).unwrap_or_default(), "sentence")?;
        let mut line = Self { whole, sentence, body, time: None, station: None };
        if let Some(tag) = tag {
            let (tag, _) = if tag.contains('*') { checked(tag, "tag")? } else { (tag, "") };
            for (name, value) in tag.split(',').filter_map(|part| part.split_once(':')) {
                match name {
                    "c" => line.time = Some(time(value).ok_or_else(|| invalid("tag", "c is a time in epoch seconds"))?),
                    "s" => line.station = Some(value).filter(|station| !station.is_empty()),
                    _ => {}
                }
            }
        }
        // Coast guards and aggregators write the station and the time behind the checksum.
        for part in end.split(',').skip(1) {
            let part = part.trim();
            if line.time.is_none() && part.len() >= 9 && part.bytes().all(|b| b.is_ascii_digit()) {
                line.time = time(part);
            } else if line.station.is_none() && part.starts_with(['r', 'b']) {
                line.station = Some(part);
            }
        }
        Ok(line)
    }

    /// Whether it is a part of a message of AIS.
    pub(super) fn is_ais(&self) -> bool {
        let name = self.body.split(',').next().unwrap_or_default();
        self.sentence.starts_with('!') && (name.ends_with("VDM") || name.ends_with("VDO"))
    }
}

/// What stands before a checksum that is right, and what behind it.
fn checked<'a>(text: &'a str, field: &str) -> Result<(&'a str, &'a str), FieldError> {
    let missing = || invalid(field, format!("the {field} has no checksum: * and two digits of base 16 at its end"));
    let (body, end) = text.split_once('*').ok_or_else(missing)?;
    let (told, end) = end.split_at_checked(2).ok_or_else(missing)?;
    let told = u8::from_str_radix(told, 16).map_err(|_| missing())?;
    let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
    if told == sum {
        Ok((body, end))
    } else {
        Err(invalid(field, format!("the checksum of the {field} is {told:02X}, and would have to be {sum:02X}")))
    }
}

/// A time in seconds or milliseconds.
fn time(text: &str) -> Option<Millis> {
    let n: f64 = text.trim().parse().ok().filter(|n: &f64| n.is_finite() && *n > 0.0)?;
    Some(Millis(if n < SECONDS { n * 1_000.0 } else { n } as i64))
}
