//! A page: fixes of the tracks of one part within one day, in columns, track by track, so that one can be read or taken out
//! without touching the others.
//!
//! `version`, the number of tracks, and for each of them its place in the part, its number of fixes, and its columns behind
//! their length: times, latitudes, longitudes, marks (1: a speed is known, 2: a heading is, 4: by a manager), speeds (cm/s;
//! where unknown, the one before again) and turns (hundredths of a degree, −18,000..18,000, from one heading to the next).

use super::columns;
use super::fix::{BySlot, Fix, in_order};
use crate::codec::{DecodeError, Reader, Writer};
use crate::time::Millis;

const VERSION: u8 = 1;
const SPEED: i64 = 1;
const HEADING: i64 = 2;
const MANAGER: i64 = 4;
const FULL_TURN: i64 = 36_000;

/// Writes a page. Fixes are in the order of their times.
pub fn encode(tracks: &BySlot) -> Vec<u8> {
    let own: Vec<_> = tracks.iter().filter(|(_, fixes)| !fixes.is_empty()).collect();
    let mut w = Writer::default();
    w.u8(VERSION);
    w.varint(own.len() as u64);
    for (slot, fixes) in own {
        w.u8(*slot);
        w.varint(fixes.len() as u64);
        w.blob(&track(fixes));
    }
    w.finish()
}

fn track(fixes: &[Fix]) -> Vec<u8> {
    let mut w = Writer::default();
    let column = |of: &dyn Fn(&Fix) -> i64| fixes.iter().map(of).collect::<Vec<i64>>();
    columns::write(&mut w, &column(&|f| f.time.0));
    columns::write(&mut w, &column(&|f| i64::from(f.lat_e6)));
    columns::write(&mut w, &column(&|f| i64::from(f.lon_e6)));
    let marks = |f: &Fix| {
        let mark = |is: bool, mark: i64| if is { mark } else { 0 };
        mark(f.speed_e2.is_some(), SPEED) | mark(f.heading_e2.is_some(), HEADING) | mark(f.by_manager, MANAGER)
    };
    columns::write(&mut w, &column(&marks));
    let (mut speed, mut heading) = (0, 0);
    let speeds: Vec<i64> = fixes
        .iter()
        .map(|f| {
            speed = f.speed_e2.map_or(speed, i64::from);
            speed
        })
        .collect();
    columns::write(&mut w, &speeds);
    // As a sum of turns it goes on beyond the full circle, and north is no jump.
    let headings: Vec<i64> = fixes
        .iter()
        .map(|f| {
            let turn = f.heading_e2.map_or(0, |h| (i64::from(h) - heading).rem_euclid(FULL_TURN));
            heading += if turn >= FULL_TURN / 2 { turn - FULL_TURN } else { turn };
            heading
        })
        .collect();
    columns::write(&mut w, &headings);
    w.finish()
}

fn read_track(bytes: &[u8], count: usize) -> Result<Vec<Fix>, DecodeError> {
    let mut r = Reader::new(bytes);
    let times = columns::read(&mut r, count)?;
    let lats = columns::read(&mut r, count)?;
    let lons = columns::read(&mut r, count)?;
    let marks = columns::read(&mut r, count)?;
    let speeds = columns::read(&mut r, count)?;
    let headings = columns::read(&mut r, count)?;
    r.end()?;
    let degrees = |v: i64, most: i32| i32::try_from(v).ok().filter(|v| v.abs() <= most);
    let all = times.into_iter().zip(lats).zip(lons).zip(marks).zip(speeds).zip(headings);
    all.map(|(((((time, lat), lon), marks), speed), heading)| {
        let speed = u32::try_from(speed).map_err(|_| DecodeError::Invalid("speed"))?;
        Ok(Fix {
            time: Millis(time),
            lat_e6: degrees(lat, 90_000_000).ok_or(DecodeError::Invalid("latitude"))?,
            lon_e6: degrees(lon, 180_000_000).ok_or(DecodeError::Invalid("longitude"))?,
            speed_e2: (marks & SPEED != 0).then_some(speed),
            heading_e2: (marks & HEADING != 0).then(|| heading.rem_euclid(FULL_TURN) as u16),
            by_manager: marks & MANAGER != 0,
        })
    })
    .collect()
}

/// Shows the tracks of a page, still packed: place, number of fixes, bytes.
fn sections<'p>(page: &'p [u8], mut each: impl FnMut(u8, usize, &'p [u8])) -> Result<(), DecodeError> {
    let mut r = Reader::new(page);
    match r.u8()? {
        VERSION => {}
        other => return Err(DecodeError::Version(other)),
    }
    for _ in 0..r.count()? {
        let slot = r.u8()?;
        let count = usize::try_from(r.varint()?).map_err(|_| DecodeError::Truncated)?;
        each(slot, count, r.blob()?);
    }
    r.end()
}

/// All tracks of a page.
pub fn decode(page: &[u8]) -> Result<BySlot, DecodeError> {
    let mut packed = Vec::new();
    sections(page, |slot, count, bytes| packed.push((slot, count, bytes)))?;
    packed.into_iter().map(|(slot, count, bytes)| Ok((slot, read_track(bytes, count)?))).collect()
}

/// The fixes of one track.
pub fn one(page: &[u8], wanted: u8) -> Result<Vec<Fix>, DecodeError> {
    let mut found = None;
    sections(page, |slot, count, bytes| {
        if slot == wanted {
            found = Some((count, bytes));
        }
    })?;
    found.map_or(Ok(Vec::new()), |(count, bytes)| read_track(bytes, count))
}

/// A page with what came since: fixes of `fresh` lie in the order in which they came.
pub fn merge(stored: Option<&[u8]>, fresh: BySlot) -> Result<Vec<u8>, DecodeError> {
    let mut all = stored.map_or_else(|| Ok(BySlot::new()), decode)?;
    for (slot, more) in fresh {
        let fixes = all.entry(slot).or_default();
        fixes.extend(more);
        in_order(fixes);
    }
    Ok(encode(&all))
}

/// A page without some tracks: nothing when it has none of them, an empty page when it has no others.
pub fn without(page: &[u8], is_erased: impl Fn(u8) -> bool) -> Result<Option<Vec<u8>>, DecodeError> {
    let (mut left, mut any) = (Vec::new(), false);
    sections(page, |slot, count, bytes| {
        if is_erased(slot) {
            any = true;
        } else {
            left.push((slot, count, bytes));
        }
    })?;
    if !any || left.is_empty() {
        return Ok(any.then(Vec::new));
    }
    let mut w = Writer::default();
    w.u8(VERSION);
    w.varint(left.len() as u64);
    for (slot, count, bytes) in left {
        w.u8(slot);
        w.varint(count as u64);
        w.blob(bytes);
    }
    Ok(Some(w.finish()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub fn fix() -> impl Strategy<Value = Fix> {
        let parts = (
            0..90_000_000_i64,
            -90_000_000..=90_000_000_i32,
            -180_000_000..=180_000_000_i32,
            prop::option::of(0..10_000_000_u32),
            prop::option::of(0..36_000_u16),
            any::<bool>(),
        );
        parts.prop_map(|(time, lat_e6, lon_e6, speed_e2, heading_e2, by_manager)| Fix {
            time: Millis(1_772_366_400_000 + time),
            lat_e6,
            lon_e6,
            speed_e2,
            heading_e2,
            by_manager,
        })
    }

    fn tracks() -> impl Strategy<Value = BySlot> {
        prop::collection::btree_map(0..32_u8, prop::collection::vec(fix(), 1..40), 0..5)
    }

    fn ordered(mut tracks: BySlot) -> BySlot {
        tracks.values_mut().for_each(in_order);
        tracks
    }

    proptest! {
        #[test]
        fn a_page_comes_back_and_one_track_of_it_alone(tracks in tracks()) {
            let tracks = ordered(tracks);
            let page = encode(&tracks);
            prop_assert_eq!(&decode(&page).unwrap(), &tracks);
            for slot in 0..32 {
                prop_assert_eq!(one(&page, slot).unwrap(), tracks.get(&slot).cloned().unwrap_or_default());
            }
        }

        #[test]
        fn a_page_that_grew_is_one_that_was_written_at_once(first in tracks(), second in tracks()) {
            let mut both = first.clone();
            for (slot, more) in second.clone() {
                both.entry(slot).or_default().extend(more);
            }
            let grown = merge(Some(&merge(None, first).unwrap()), second).unwrap();
            prop_assert_eq!(decode(&grown).unwrap(), ordered(both));
        }

        #[test]
        fn what_is_taken_out_leaves_the_others(tracks in tracks(), erased in 0..32_u8) {
            let tracks = ordered(tracks);
            let left = without(&encode(&tracks), |slot| slot == erased).unwrap();
            prop_assert_eq!(left.is_some(), tracks.contains_key(&erased));
            if let Some(left) = left {
                let mut others = tracks;
                others.remove(&erased);
                prop_assert_eq!(left.is_empty(), others.is_empty());
                if !left.is_empty() {
                    prop_assert_eq!(decode(&left).unwrap(), others);
                }
            }
        }

        #[test]
        fn any_bytes_are_a_page_or_an_error(mut bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&bytes);
            if let Some(first) = bytes.first_mut() {
                *first = VERSION;
            }
            let _ = decode(&bytes);
        }
    }
}
