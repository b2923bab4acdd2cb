//! The answer about a track: what somebody sees of it, and no more points than were asked for.

use super::fix::{Fix, one_a_time};
use super::lines::Point;
use super::query::TrackQuery;
use super::read::{Pages, TooMany};
use super::thin::thinned;
use super::{Tracks, lines};
use crate::cursor::Cursor;
use crate::items::Items;
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::rights::Sight;
use crate::sights::{Eyes, Sights};
use crate::time::Millis;
use crate::value::Number;
use crate::views::Format;
use crate::views::json;
use crate::views::table::{Kind, head};
use serde::{Deserialize, Serialize};

/// Time, degrees north, degrees east, m/s, degrees clockwise from north; null where unknown.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrackPoint(pub Millis, pub Number, pub Number, pub Option<Number>, pub Option<Number>);

impl From<&Fix> for TrackPoint {
    fn from(fix: &Fix) -> Self {
        let p = fix.position();
        Self(fix.time, Number(p.lat()), Number(p.lon()), p.speed().map(Number), p.heading().map(Number))
    }
}

/// The answer in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrackView {
    /// As of when.
    pub cursor: Cursor,
    /// Whose track.
    pub key: String,
    /// The fixes, in the order of their times.
    pub points: Vec<TrackPoint>,
    /// Points before which there is a gap, by their places in `points`.
    pub gaps: Vec<usize>,
    /// How many fixes there are, of which the points are some or all.
    pub fixes: usize,
}

/// A track as somebody sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// As of when.
    pub cursor: Cursor,
    /// Whose.
    pub key: String,
    /// What is left of the fixes.
    pub points: Vec<Point>,
    /// How many fixes there are.
    pub fixes: usize,
}

/// What a board has of it: its items, and what others see of them.
#[derive(Clone, Copy)]
pub struct Place<'b> {
    /// As of when.
    pub cursor: Cursor,
    /// The tracks.
    pub tracks: &'b Tracks,
    /// The live items.
    pub items: &'b Items,
    /// What whoever may not manage the board sees.
    pub sights: &'b Sights,
}

fn not_found() -> Problem {
    Problem::new(Code::ItemNotFound, "the board has no such item, or you may not see it")
}

impl Track {
    /// A key's track, for somebody who sees the history so. Who may not see the item is told that there is none; of an item
    /// that has ended there is as much as somebody sees.
    pub fn of<P: Pages>(
        place: Place<'_>,
        query: &TrackQuery,
        key: &str,
        sight: &Sight,
        pages: &P,
    ) -> Result<Self, P::Error>
    where
        P::Error: From<Problem>,
    {
        let Place { cursor, tracks, items, sights } = place;
        if !tracks.is_on() {
            let detail = "this board keeps no tracks: its config has tracks.enabled false";
            return Err(Problem::new(Code::NoTracks, detail).into());
        }
        if tracks.seen() < cursor.seq {
            let detail = "the board is still reading its log to make its tracks; try again in a moment";
            return Err(Problem::new(Code::TracksRebuilding, detail).retry_after(2).into());
        }
        let (lens, eyes) = (sights.lens(sight), sights.eyes(sight, key));
        let is_live = items.find(key).is_some();
        let seen = if is_live { Some(sights.seen_by(sight, items)) } else { None };
        let item = seen.as_ref().and_then(|seen| seen.get(seen.find(key)?));
        // Whether an item that is gone would fit conditions is not known.
        let may = match &lens {
            _ if !sight.allows(key) => false,
            _ if is_live => item.is_some(),
            Some(lens) if lens.chooses() => false,
            Some(_) | None => tracks.has(key),
        };
        if !may {
            return Err(not_found().into());
        }
        let newest = item.map(|item| item.time).or(tracks.newest());
        let found = tracks.fixes(key, &query.span(newest), limits::TRACK_FIXES_READ, pages)?;
        let mut fixes = found.map_err(|TooMany| {
            let most = limits::TRACK_FIXES_READ;
            let message = format!("from and to have more than {most} fixes of this item between them; ask for less");
            Problem::about(400, FieldError::new("from", Code::InvalidParameter, message))
        })?;
        if eyes == Eyes::Common {
            fixes.retain(|fix| fix.by_manager);
        }
        one_a_time(&mut fixes);
        let mut points: Vec<Point> = Vec::with_capacity(fixes.len());
        let mut hidden = false;
        let silence = i64::from(query.gap_s) * 1_000;
        for fix in &fixes {
            let shown = match &lens {
                None => Some(fix.position()),
                Some(lens) => lens.past_position(key, fix.time, Some(fix.position())),
            };
            let Some(position) = shown else {
                hidden = true;
                continue;
            };
            let fix = Fix::new(fix.time, &position, fix.by_manager);
            let is_silent = |before: &Point| hidden || fix.time.since(before.fix.time) > silence;
            let gap_before = points.last().is_some_and(is_silent);
            points.push(Point { fix, gap_before });
            hidden = false;
        }
        if !is_live && points.is_empty() && (lens.is_some() || eyes != Eyes::Full) {
            // That there was an item is not told to who sees nothing of it.
            return Err(not_found().into());
        }
        let fixes = points.len();
        Ok(Self { cursor, key: key.to_owned(), points: thinned(points, query.max_points), fixes })
    }

    /// The track in a form.
    pub fn write(&self, format: Format) -> Vec<u8> {
        match format {
            Format::Json | Format::NdJson => {
                let mut out = Vec::new();
                json::push(&mut out, &self.view());
                out
            }
            Format::GeoJson => super::geojson::write(&self.key, &lines::cut(lines::stretches(&self.points))),
            Format::Gpx => super::gpx::write(&self.key, &lines::stretches(&self.points)),
            Format::Kml => super::kml::write(&self.key, &lines::stretches(&self.points)),
            Format::Table(form) => {
                let number = |name| head(name, Kind::Number);
                let heads =
                    [head("time", Kind::Time), number("lat"), number("lon"), number("speed"), number("heading")];
                form.write(&heads, |sheet| {
                    for point in &self.points {
                        let p = point.fix.position();
                        sheet.time(point.fix.time);
                        sheet.number(Some(p.lat()));
                        sheet.number(Some(p.lon()));
                        sheet.number(p.speed());
                        sheet.number(p.heading());
                        sheet.end_row();
                    }
                })
            }
        }
    }

    /// The track in JSON.
    pub fn view(&self) -> TrackView {
        let gaps = self.points.iter().enumerate().filter(|(_, p)| p.gap_before).map(|(i, _)| i).collect();
        let points = self.points.iter().map(|p| TrackPoint::from(&p.fix)).collect();
        TrackView { cursor: self.cursor, key: self.key.clone(), points, gaps, fixes: self.fixes }
    }
}
