//! Trips and stops: what a track says of going and standing.
//!
//! A stop is a stay point (Li and others, "Mining user similarity based on location history", 2008): a run of fixes that lie
//! within a distance of its first one and last for a time. What is between two stops is a trip.

use super::answer::{Place, Track};
use super::lines::Point;
use super::query::{TrackQuery, number};
use super::read::Pages;
use crate::cursor::Cursor;
use crate::limits;
use crate::position::Position;
use crate::problem::Problem;
use crate::rights::Sight;
use crate::rollups::query::time;
use crate::time::Millis;
use crate::value::Number;
use crate::views::Format;
use crate::views::query::{Wrong, read_pairs};
use crate::zones::shape::distance;
use serde::{Deserialize, Serialize};

/// Metres of a degree of latitude, and a little less: what is further apart by it is further apart.
const DEGREE_METRES: f64 = 111_000.0;

/// Degrees north and east.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Spot {
    /// Degrees north.
    pub lat: Number,
    /// Degrees east.
    pub lon: Number,
}

impl From<&Position> for Spot {
    fn from(position: &Position) -> Self {
        Self { lat: Number(position.lat()), lon: Number(position.lon()) }
    }
}

/// A time in which an item stood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stop {
    /// Of its first fix there.
    pub from: Millis,
    /// Of its last.
    pub to: Millis,
    /// The middle of its fixes there.
    pub position: Spot,
    /// How many fixes there are.
    pub fixes: usize,
}

/// A time in which an item went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Trip {
    /// Of its first fix.
    pub from: Millis,
    /// Of its last.
    pub to: Millis,
    /// Where it began.
    pub start: Spot,
    /// Where it ended.
    pub end: Spot,
    /// Metres from fix to fix.
    pub metres: Number,
    /// The largest speed that a fix has, in m/s; null when none has one.
    pub top_speed: Option<Number>,
    /// How many fixes there are.
    pub fixes: usize,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TripsView {
    /// As of when.
    pub cursor: Cursor,
    /// Whose.
    pub key: String,
    /// In the order of their times.
    pub trips: Vec<Trip>,
    /// In the order of their times.
    pub stops: Vec<Stop>,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripsQuery {
    /// Which part of the track.
    track: TrackQuery,
    /// A stop's fixes are no further than so many metres from its first.
    stop_m: u32,
    /// A stop lasts so many seconds.
    stop_s: u32,
}

impl TripsQuery {
    /// Reads name–value pairs; every error names the parameter.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut track = TrackQuery::default();
        let (mut stop_m, mut stop_s) = (limits::STOP_METRES, limits::STOP_SECONDS);
        read_pairs(pairs, |name, value| {
            match name {
                "from" => track.from = Some(time(value)?),
                "to" => track.to = Some(time(value)?),
                "gap_s" => track.gap_s = number(value, 1, 86_400)?,
                "stop_m" => stop_m = number(value, 5, 10_000)?,
                "stop_s" => stop_s = number(value, 10, 86_400)?,
                "format" => track.format = Format::parse(value, Format::JSON)?,
                _ => return Err(Wrong::Unknown("from, to, stop_m, stop_s, gap_s and format")),
            }
            Ok(())
        })?;
        track.check()?;
        Ok(Self { track, stop_m, stop_s })
    }
}

/// The trips and stops of a key, for somebody who sees its track so, and of how many fixes they were made.
///
/// Each fix may be compared with all after it. Of more than [`limits::TRACK_POINTS`] those count that tell most, so that this is
/// bounded, however long a stop is asked to be.
pub fn of<P: Pages>(
    place: Place<'_>,
    query: &TripsQuery,
    key: &str,
    sight: &Sight,
    pages: &P,
) -> Result<(TripsView, usize), P::Error>
where
    P::Error: From<Problem>,
{
    let track = Track::of(place, &query.track, key, sight, pages)?;
    let (trips, stops) = told(&track.points, f64::from(query.stop_m), i64::from(query.stop_s) * 1_000);
    Ok((TripsView { cursor: track.cursor, key: track.key, trips, stops }, track.fixes))
}

/// Fixes of a stop by their places: the first and the last.
type Run = (usize, usize);

fn metres(a: &Point, b: &Point) -> f64 {
    distance(&a.fix.position(), &b.fix.position())
}

fn is_near(a: &Point, b: &Point, most: f64) -> bool {
    let north = f64::from(a.fix.lat_e6 - b.fix.lat_e6).abs() / 1e6;
    north * DEGREE_METRES <= most && metres(a, b) <= most
}

/// Runs of fixes that are stops. Two that are near each other, with less than a stop's time between them, are one: a fix that
/// strays ends none.
fn runs(points: &[Point], stop_m: f64, stop_millis: i64) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut first = 0;
    while let Some(anchor) = points.get(first) {
        let rest = points.get(first + 1..).unwrap_or_default();
        let last = first + rest.iter().take_while(|point| is_near(anchor, point, stop_m)).count();
        let lasts = points.get(last).map_or(0, |point| point.fix.time.since(anchor.fix.time));
        if lasts < stop_millis {
            first += 1;
            continue;
        }
        let before = runs.last().copied().and_then(|(from, to)| Some((points.get(from)?, points.get(to)?)));
        let goes_on = before.is_some_and(|(began, left)| {
            is_near(began, anchor, stop_m) && anchor.fix.time.since(left.fix.time) < stop_millis
        });
        match runs.last_mut() {
            Some((_, to)) if goes_on => *to = last,
            Some(_) | None => runs.push((first, last)),
        }
        first = last + 1;
    }
    runs
}

/// What a track says.
fn told(points: &[Point], stop_m: f64, stop_millis: i64) -> (Vec<Trip>, Vec<Stop>) {
    let runs = runs(points, stop_m, stop_millis);
    let stops = runs.iter().filter_map(|(first, last)| stop(points.get(*first..=*last)?)).collect();
    // A trip begins where the stop before it ended, and ends where the next begins.
    let begins = std::iter::once(0).chain(runs.iter().map(|(_, last)| *last));
    let ends = runs.iter().map(|(first, _)| *first).chain([points.len().saturating_sub(1)]);
    let between = begins.zip(ends).filter_map(|(from, to)| points.get(from..=to));
    let parts = between.flat_map(|part| part.chunk_by(|_, next| !next.gap_before));
    (parts.filter_map(|part| trip(part, stop_m)).collect(), stops)
}

fn stop(points: &[Point]) -> Option<Stop> {
    let (first, last) = (points.first()?, points.last()?);
    let fixes = points.len();
    let mean = |part: &dyn Fn(&Point) -> i64| points.iter().map(part).sum::<i64>() / fixes as i64;
    let (lat, lon) = (i64::from(first.fix.lat_e6), i64::from(first.fix.lon_e6));
    // A stop may lie on both sides of ±180°.
    let east = |point: &Point| (i64::from(point.fix.lon_e6) - lon + 540_000_000).rem_euclid(360_000_000) - 180_000_000;
    let north = |point: &Point| i64::from(point.fix.lat_e6) - lat;
    let lon = (lon + mean(&east) + 540_000_000).rem_euclid(360_000_000) - 180_000_000;
    let position = Spot { lat: Number((lat + mean(&north)) as f64 / 1e6), lon: Number(lon as f64 / 1e6) };
    Some(Stop { from: first.fix.time, to: last.fix.time, position, fixes })
}

/// A trip, unless it leads nowhere: what is no longer than a stop is wide is noise.
fn trip(points: &[Point], stop_m: f64) -> Option<Trip> {
    let (first, last) = (points.first()?, points.last()?);
    let way: f64 = points.windows(2).filter_map(|pair| Some(metres(pair.first()?, pair.last()?))).sum();
    if way <= stop_m {
        return None;
    }
    let top = points.iter().filter_map(|point| point.fix.speed_e2).max();
    Some(Trip {
        from: first.fix.time,
        to: last.fix.time,
        start: Spot::from(&first.fix.position()),
        end: Spot::from(&last.fix.position()),
        metres: Number((way * 10.0).round() / 10.0),
        top_speed: top.map(|speed| Number(f64::from(speed) / 100.0)),
        fixes: points.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::Measured;
    use crate::tracks::Fix;
    use proptest::prelude::*;

    const MINUTE: i64 = 60_000;

    /// Fixes at a minute each, north of a place by so many metres.
    fn track(metres: &[f64]) -> Vec<Point> {
        let point = |(n, north): (usize, &f64)| {
            let measured = Measured {
                lat: 50.0 + north / 111_195.0,
                lon: 8.0,
                speed: Some(north.abs() / 100.0),
                ..Measured::default()
            };
            let position = measured.check().unwrap();
            Point { fix: Fix::new(Millis(n as i64 * MINUTE), &position, true), gap_before: false }
        };
        metres.iter().enumerate().map(point).collect()
    }

    /// From and to, in minutes.
    type Times = Vec<(i64, i64)>;

    fn times(trips: &[Trip], stops: &[Stop]) -> (Times, Times) {
        let minutes = |from: Millis, to: Millis| (from.0 / MINUTE, to.0 / MINUTE);
        (trips.iter().map(|t| minutes(t.from, t.to)).collect(), stops.iter().map(|s| minutes(s.from, s.to)).collect())
    }

    #[test]
    fn a_ride_between_two_stops_is_a_trip() {
        let mut way: Vec<f64> = vec![0.0, 10.0, 5.0, 0.0, 12.0, 3.0, 0.0];
        way.extend([500.0, 1_000.0, 1_500.0, 2_000.0]);
        way.extend([2_010.0; 8]);
        let (trips, stops) = told(&track(&way), 100.0, 5 * MINUTE);
        assert_eq!(times(&trips, &stops), (vec![(6, 10)], vec![(0, 6), (10, 18)]));
        let Trip { metres, top_speed, fixes, .. } = &trips[0];
        assert!((metres.0 - 2_000.0).abs() < 1.0, "{metres:?}");
        assert_eq!((top_speed.unwrap().0, *fixes), (20.0, 5));
        assert!((stops[0].position.lat.0 - 50.0).abs() < 1e-3 && stops[0].fixes == 7);
    }

    #[test]
    fn a_fix_that_strays_ends_no_stop_and_begins_no_trip() {
        let mut way = vec![0.0; 24];
        (way[4], way[12]) = (400.0, 900.0);
        let (trips, stops) = told(&track(&way), 100.0, 3 * MINUTE);
        assert_eq!(times(&trips, &stops), (vec![], vec![(0, 23)]));
    }

    #[test]
    fn who_is_silent_and_seen_again_in_the_same_place_stood_there() {
        let mut parked = track(&[0.0, 5.0, 600.0, 1_200.0, 1_800.0]);
        parked[1].fix.time = Millis(8 * 60 * MINUTE);
        parked[1].gap_before = true;
        for (n, point) in parked.iter_mut().enumerate().skip(2) {
            point.fix.time = Millis((8 * 60 + n as i64) * MINUTE);
        }
        let (trips, stops) = told(&parked, 100.0, 5 * MINUTE);
        assert_eq!(times(&trips, &stops), (vec![(480, 484)], vec![(0, 480)]));
    }

    #[test]
    fn a_gap_on_the_way_parts_a_trip_in_two() {
        let mut way = track(&[0.0, 1_000.0, 2_000.0, 9_000.0, 10_000.0]);
        way[3].gap_before = true;
        let (trips, stops) = told(&way, 100.0, 5 * MINUTE);
        assert_eq!(times(&trips, &stops), (vec![(0, 2), (3, 4)], vec![]));
        assert_eq!(told(&[], 100.0, MINUTE), (vec![], vec![]));
        assert_eq!(told(&track(&[0.0]), 100.0, MINUTE), (vec![], vec![]));
    }

    #[test]
    fn a_stop_on_both_sides_of_180_degrees_has_its_middle_there() {
        let at = |n: i64, lon: f64| {
            let position = Measured { lat: 0.0, lon, ..Measured::default() }.check().unwrap();
            Point { fix: Fix::new(Millis(n * MINUTE), &position, true), gap_before: false }
        };
        let both: Vec<Point> = (0..10).map(|n| at(n, if n % 2 == 0 { 179.9999 } else { -179.9999 })).collect();
        let (_, stops) = told(&both, 100.0, 5 * MINUTE);
        assert_eq!(stops.len(), 1);
        assert!(stops[0].position.lon.0.abs() > 179.9998, "{stops:?}");
    }

    #[test]
    fn a_query_is_read_and_what_is_wrong_is_named() {
        let parse = |pairs: &[(&str, &str)]| TripsQuery::parse(pairs.iter().copied());
        let query = parse(&[("stop_m", "50"), ("stop_s", "120")]).unwrap();
        assert_eq!((query.stop_m, query.stop_s, query.track.gap_s), (50, 120, 300));
        assert_eq!(query.track.max_points, limits::TRACK_POINTS, "each fix may be compared with all after it");
        for wrong in [("stop_m", "4"), ("stop_s", "x"), ("format", "gpx"), ("max_points", "5")] {
            let problem = serde_json::to_string(&parse(&[wrong]).unwrap_err()).unwrap();
            assert!(problem.contains(&format!("\"field\":\"{}\"", wrong.0)), "{problem}");
        }
        assert!(parse(&[("from", "2000"), ("to", "1000")]).is_err());
    }

    proptest! {
        #[test]
        fn stops_and_trips_take_turns_and_each_is_what_it_says(
            steps in proptest::collection::vec(prop_oneof![Just(0.0), -30.0..30.0f64, 200.0..900.0f64], 0..120),
        ) {
            let mut north = 0.0;
            let way: Vec<f64> = steps.iter().map(|step| { north += step; north }).collect();
            let points = track(&way);
            let (trips, stops) = told(&points, 100.0, 5 * MINUTE);
            for stop in &stops {
                prop_assert!(stop.to.since(stop.from) >= 5 * MINUTE);
            }
            for pair in stops.windows(2) {
                prop_assert!(pair[0].to < pair[1].from);
            }
            for trip in &trips {
                prop_assert!(trip.metres.0 > 100.0 && trip.from < trip.to);
                prop_assert!(stops.iter().all(|stop| stop.to <= trip.from || stop.from >= trip.to), "{trip:?} {stops:?}");
            }
        }
    }
}
