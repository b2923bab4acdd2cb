//! Where a receiver is: what its sentences of one moment say together.

use super::invalid;
use super::sentence::Line;
use crate::problem::FieldError;
use crate::source::Slice;
use crate::source::draft::KNOT;
use crate::time::Millis;
use serde_json::{Map, Value};

const DAY: i64 = 86_400_000;
/// No sentence that is read here has more cells.
const CELLS: usize = 24;

/// Gathers the sentences of one moment: a receiver writes several, and each knows a part.
pub(super) struct Fixes<'a, 'k> {
    key: Option<&'k str>,
    /// A time that is not half a day from the next.
    near: Option<Millis>,
    open: Option<Fix<'a>>,
}

#[derive(Default)]
struct Fix<'a> {
    lines: Vec<Line<'a>>,
    /// Milliseconds of the day.
    clock: i64,
    /// When the day begins.
    date: Option<Millis>,
    record: Map<String, Value>,
}

/// A sentence of a fix.
#[derive(Default)]
struct Said {
    clock: Option<i64>,
    date: Option<Millis>,
    place: Option<(f64, f64)>,
    rest: Vec<(&'static str, Option<f64>)>,
}

impl<'a, 'k> Fixes<'a, 'k> {
    pub(super) fn new(key: Option<&'k str>, near: Option<Millis>) -> Self {
        Self { key, near, open: None }
    }

    /// Takes a sentence. The record of the moment before is put to the others when another begins.
    pub(super) fn take(&mut self, line: &Line<'a>, slices: &mut Vec<Slice<'a>>) {
        let said = match said(line.body) {
            Ok(Some(said)) => said,
            Ok(None) => return,
            Err(refused) => return slices.push(Slice { refused: Some(refused), ..Slice::new(line.whole) }),
        };
        let station = |fix: &Fix<'a>| fix.lines.first().and_then(|line| line.station);
        let belongs = |fix: &Fix<'a>| {
            said.clock.is_none_or(|clock| clock == fix.clock)
                && (line.station.is_none() || line.station == station(fix))
        };
        if !self.open.as_ref().is_some_and(belongs) {
            self.end_one(slices);
            // A speed alone is nowhere and never.
            let Some(clock) = said.clock else { return };
            self.open = Some(Fix { clock, ..Fix::default() });
        }
        let Some(fix) = &mut self.open else { return };
        fix.lines.push(*line);
        fix.date = fix.date.or(said.date);
        let place = said.place.into_iter().flat_map(|(lat, lon)| [("lat", Some(lat)), ("lon", Some(lon))]);
        for (name, value) in place.chain(said.rest) {
            if let Some(value) = value {
                fix.record.entry(name).or_insert_with(|| value.into());
            }
        }
    }

    /// Ends the last one.
    pub(super) fn end(mut self, slices: &mut Vec<Slice<'a>>) {
        self.end_one(slices);
    }

    fn end_one(&mut self, slices: &mut Vec<Slice<'a>>) {
        let Some(mut fix) = self.open.take().filter(|fix| fix.record.contains_key("lat")) else { return };
        let told = fix.lines.iter().find_map(|line| line.time);
        let own = match (fix.date, told.or(self.near)) {
            (Some(date), _) => Some(date.plus(fix.clock)),
            (None, Some(near)) => Some(nearest(near, fix.clock)),
            (None, None) => None,
        };
        self.near = own.filter(|_| fix.date.is_some()).or(self.near);
        let key = self.key.or_else(|| fix.lines.iter().find_map(|line| line.station)).map(str::to_owned);
        // Several fixes of one second have the same time of a TAG block.
        let id = key.as_ref().zip(own).map(|(key, own)| format!("{key}@{}", own.0));
        fix.record.insert("sentences".into(), fix.lines.iter().map(|line| line.whole).collect());
        let raw = Value::Object(fix.record).to_string();
        let id = id.filter(|id| crate::id::check_event_id(id).is_ok());
        slices.push(Slice { id, key, time: told.or(own), ..Slice::new(raw) });
    }
}

/// The time with this clock that is next to another.
fn nearest(near: Millis, clock: i64) -> Millis {
    let today = near.0.saturating_sub(near.0.rem_euclid(DAY)).saturating_add(clock);
    Millis(match today.saturating_sub(near.0) {
        ahead if ahead > DAY / 2 => today.saturating_sub(DAY),
        ahead if ahead < -DAY / 2 => today.saturating_add(DAY),
        _ => today,
    })
}

/// What a sentence says; nothing, when it is another kind, or has no fix.
fn said(body: &str) -> Result<Option<Said>, FieldError> {
    let cells: Vec<&str> = body.split(',').take(CELLS).map(str::trim).collect();
    let cell = |i: usize| cells.get(i).copied().unwrap_or_default();
    let number = |i: usize, name: &str| match cell(i) {
        "" => Ok(None),
        text => match text.parse::<f64>().ok().filter(|n| n.is_finite()) {
            Some(n) => Ok(Some(n)),
            None => Err(invalid(name, format!("{name} is a number, not {:?}", crate::problem::excerpt(text)))),
        },
    };
    let knots = |i: usize| Ok(number(i, "speed")?.map(|knots| knots * KNOT));
    // Two letters say who speaks, three what follows.
    let kind = if cell(0).len() == 5 { cell(0).get(2..).unwrap_or_default() } else { "" };
    Ok(match kind {
        "RMC" if matches!(cell(2), "A" | "D") => Some(Said {
            clock: clock(cell(1))?,
            date: date(cell(9))?,
            place: place(cell(3), cell(4), cell(5), cell(6))?,
            rest: vec![("speed", knots(7)?), ("course", number(8, "course")?)],
        }),
        "GGA" if !matches!(cell(6), "" | "0") => Some(Said {
            clock: clock(cell(1))?,
            date: None,
            place: place(cell(2), cell(3), cell(4), cell(5))?,
            rest: vec![
                ("quality", number(6, "quality")?),
                ("satellites", number(7, "satellites")?),
                ("hdop", number(8, "hdop")?),
                ("altitude", number(9, "altitude")?),
            ],
        }),
        "GLL" if matches!(cell(6), "A" | "D") => {
            Some(Said { clock: clock(cell(5))?, place: place(cell(1), cell(2), cell(3), cell(4))?, ..Said::default() })
        }
        "VTG" if cell(2) == "T" && cell(9) != "N" => {
            Some(Said { rest: vec![("course", number(1, "course")?), ("speed", knots(5)?)], ..Said::default() })
        }
        _ => None,
    }
    .filter(|said| said.clock.is_some() || kind == "VTG"))
}

/// Milliseconds of the day: `hhmmss`, with or without a fraction.
fn clock(text: &str) -> Result<Option<i64>, FieldError> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = || {
        let two = |at: usize| text.get(at..at + 2)?.parse::<u32>().ok();
        let seconds: f64 = text.get(4..)?.parse().ok()?;
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let (hours, minutes) = (two(0)?, two(2)?);
        (plain && hours < 24 && minutes < 60 && seconds < 61.0)
            .then(|| i64::from(hours * 3_600 + minutes * 60) * 1_000 + (seconds * 1_000.0).round() as i64)
    };
    read().map(Some).ok_or_else(|| invalid("time", "the time is hhmmss, in UTC"))
}

/// When a day begins: `ddmmyy`. Receivers know nothing before 1980.
fn date(text: &str) -> Result<Option<Millis>, FieldError> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = || {
        let two = |at: usize| text.get(at..at + 2)?.parse::<u16>().ok();
        let (day, month, year) = (two(0)?, two(2)?, two(4)?);
        let year = year + if year < 80 { 2_000 } else { 1_900 };
        Millis::parse(&format!("{year:04}-{month:02}-{day:02}T00:00:00Z")).filter(|_| text.len() == 6)
    };
    read().map(Some).ok_or_else(|| invalid("date", "the date is ddmmyy"))
}

/// A place in degrees; none where all of it is empty.
fn place(lat: &str, ns: &str, lon: &str, ew: &str) -> Result<Option<(f64, f64)>, FieldError> {
    if lat.is_empty() && lon.is_empty() {
        return Ok(None);
    }
    let lat = degrees(lat, ns, ["N", "S"]).ok_or_else(|| invalid("lat", "the latitude is ddmm.mmmm and N or S"))?;
    let lon = degrees(lon, ew, ["E", "W"]).ok_or_else(|| invalid("lon", "the longitude is dddmm.mmmm and E or W"))?;
    Ok(Some((lat, lon)))
}

/// Degrees of `dddmm.mmmm`: two digits before the point are minutes.
fn degrees(text: &str, side: &str, [plus, minus]: [&str; 2]) -> Option<f64> {
    let point = text.find('.').unwrap_or(text.len());
    let (degrees, minutes) = text.split_at_checked(point.checked_sub(2)?)?;
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let degrees: u16 = if degrees.is_empty() { 0 } else { degrees.parse().ok()? };
    let minutes: f64 = minutes.parse().ok().filter(|m| plain && *m < 60.0)?;
    let value = f64::from(degrees) + minutes / 60.0;
    if side == plus { Some(value) } else { (side == minus).then_some(-value) }
}
