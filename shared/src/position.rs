//! A place on the Earth, in the fixed point in which it is stored and sent.
//!
//! Everything is quantised once, at the border, so that the log, the feed, the views and the screens agree
//! to the last bit: coordinates to 1e-6 degrees (11 cm), heading to 0.01 degrees, speed to 0.01 m/s,
//! altitude and accuracy to 0.1 m.

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// WGS 84 position with what a device may know beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Latitude in millionths of a degree, −90e6..=90e6.
    pub lat_e6: i32,
    /// Longitude in millionths of a degree, −180e6..=180e6.
    pub lon_e6: i32,
    /// Heading in hundredths of a degree clockwise from north, 0..36,000.
    pub heading_e2: Option<u16>,
    /// Speed in cm/s.
    pub speed_e2: Option<u32>,
    /// Altitude in decimetres.
    pub altitude_e1: Option<i32>,
    /// Accuracy radius in decimetres.
    pub accuracy_e1: Option<u32>,
}

/// What is wrong with a part of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange {
    /// The part: `lat`, `lon`, `heading`, `speed`, `altitude` or `accuracy`.
    pub part: &'static str,
    /// The allowed range, for people.
    pub allowed: &'static str,
}

/// A position before it is checked: degrees, metres, m/s.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// Degrees clockwise from north.
    pub heading: Option<f64>,
    /// m/s.
    pub speed: Option<f64>,
    /// Metres.
    pub altitude: Option<f64>,
    /// Metres.
    pub accuracy: Option<f64>,
}

/// The range of a part, and the same for people.
fn range(part: &str) -> (f64, f64, &'static str) {
    match part {
        "lat" => (-90.0, 90.0, "-90 to 90 degrees"),
        "lon" => (-180.0, 180.0, "-180 to 180 degrees"),
        "heading" => (0.0, 360.0, "0 to 360 degrees"),
        "speed" => (0.0, 100_000.0, "0 to 100,000 m/s"),
        "altitude" => (-20_000.0, 100_000_000.0, "-20,000 to 100,000,000 m"),
        _ => (0.0, 50_000_000.0, "0 to 50,000,000 m"),
    }
}

/// Whether a part's value is in its range; NaN is not.
pub(crate) fn is_in_range(part: &str, value: f64) -> bool {
    let (low, high, _) = range(part);
    value >= low && value <= high
}

fn scaled(part: &'static str, value: f64, scale: f64) -> Result<f64, OutOfRange> {
    if is_in_range(part, value) {
        Ok((value * scale).round())
    } else {
        Err(OutOfRange { part, allowed: range(part).2 })
    }
}

impl Measured {
    /// An optional part by its name.
    pub(crate) fn optional(&mut self, part: &str) -> Option<&mut Option<f64>> {
        match part {
            "heading" => Some(&mut self.heading),
            "speed" => Some(&mut self.speed),
            "altitude" => Some(&mut self.altitude),
            "accuracy" => Some(&mut self.accuracy),
            _ => None,
        }
    }

    /// Checks the ranges and goes to fixed point.
    pub fn check(self) -> Result<Position, OutOfRange> {
        let (lat, lon) = (scaled("lat", self.lat, 1e6)?, scaled("lon", self.lon, 1e6)?);
        let heading = self.heading.map(|v| scaled("heading", v, 100.0)).transpose()?;
        let speed = self.speed.map(|v| scaled("speed", v, 100.0)).transpose()?;
        let altitude = self.altitude.map(|v| scaled("altitude", v, 10.0)).transpose()?;
        let accuracy = self.accuracy.map(|v| scaled("accuracy", v, 10.0)).transpose()?;
        Ok(Position {
            lat_e6: lat as i32,
            lon_e6: lon as i32,
            heading_e2: heading.map(|h| (h as u32 % 36_000) as u16),
            speed_e2: speed.map(|v| v as u32),
            altitude_e1: altitude.map(|v| v as i32),
            accuracy_e1: accuracy.map(|v| v as u32),
        })
    }
}

impl Position {
    /// Degrees north.
    pub fn lat(&self) -> f64 {
        f64::from(self.lat_e6) / 1e6
    }

    /// To so many decimals of a degree, the middle of the cell in which it is. Only the place is left: by speed and heading
    /// it could be told more exactly, and altitude and accuracy tell of the ground.
    #[must_use]
    pub fn coarse(&self, decimals: u8) -> Self {
        let cell = 10_i32.pow(6 - u32::from(decimals.min(6)));
        let middle = |e6: i32| (e6 + cell / 2).div_euclid(cell) * cell;
        // The cell that lies across ±180° is one, and its middle has one name.
        let lon_e6 = middle(self.lon_e6);
        let lon_e6 = if lon_e6 == -HALF_AROUND_E6 { HALF_AROUND_E6 } else { lon_e6 };
        Self { lat_e6: middle(self.lat_e6), lon_e6, ..Self::default() }
    }

    /// Degrees east.
    pub fn lon(&self) -> f64 {
        f64::from(self.lon_e6) / 1e6
    }

    /// Degrees clockwise from north.
    pub fn heading(&self) -> Option<f64> {
        self.heading_e2.map(|v| f64::from(v) / 100.0)
    }

    /// m/s.
    pub fn speed(&self) -> Option<f64> {
        self.speed_e2.map(|v| f64::from(v) / 100.0)
    }

    /// Metres.
    pub fn altitude(&self) -> Option<f64> {
        self.altitude_e1.map(|v| f64::from(v) / 10.0)
    }

    /// Metres.
    pub fn accuracy(&self) -> Option<f64> {
        self.accuracy_e1.map(|v| f64::from(v) / 10.0)
    }
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("lat", &self.lat())?;
        map.serialize_entry("lon", &self.lon())?;
        for (name, part) in [
            ("heading", self.heading()),
            ("speed", self.speed()),
            ("altitude", self.altitude()),
            ("accuracy", self.accuracy()),
        ] {
            if let Some(v) = part {
                map.serialize_entry(name, &crate::value::Number(v))?;
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Parts {
            lat: f64,
            lon: f64,
            heading: Option<f64>,
            speed: Option<f64>,
            altitude: Option<f64>,
            accuracy: Option<f64>,
        }
        let p = Parts::deserialize(d)?;
        Measured {
            lat: p.lat,
            lon: p.lon,
            heading: p.heading,
            speed: p.speed,
            altitude: p.altitude,
            accuracy: p.accuracy,
        }
        .check()
        .map_err(|e| serde::de::Error::custom(format_args!("{} must be {}", e.part, e.allowed)))
    }
}

/// From Greenwich to the meridian that has two names, in millionths of a degree.
const HALF_AROUND_E6: i32 = 180_000_000;

/// A box in degrees: west, south, east, north. It crosses the antimeridian when west is greater than east.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bbox {
    west: i32,
    south: i32,
    east: i32,
    north: i32,
}

/// The numbers are not a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a box is [west, south, east, north] in degrees, with south below north")]
pub struct BadBbox;

impl Bbox {
    /// Makes a box of `[west, south, east, north]` degrees. Longitudes beyond ±180, as a map that was
    /// dragged around the world reports them, are wrapped.
    pub fn new([west, south, east, north]: [f64; 4]) -> Result<Self, BadBbox> {
        if ![west, south, east, north].iter().all(|v| v.is_finite())
            || south > north
            || west.abs() > 1e6
            || east.abs() > 1e6
        {
            return Err(BadBbox);
        }
        let e6 = |v: f64| (v * 1e6).round() as i64;
        // Counted in millionths: a map that shows the world and lies a hair beside ±180° must not become a line.
        let (west, east) = (e6(west), e6(east));
        let half = i64::from(HALF_AROUND_E6);
        let (west, east) = if east - west >= 2 * half {
            (-half, half)
        } else {
            let wrap = |v: i64| if v.abs() <= half { v } else { (v + half).rem_euclid(2 * half) - half };
            (wrap(west), wrap(east))
        };
        Ok(Self {
            west: west as i32,
            south: e6(south.clamp(-90.0, 90.0)) as i32,
            east: east as i32,
            north: e6(north.clamp(-90.0, 90.0)) as i32,
        })
    }

    /// Whether the position lies in the box, edges included.
    pub fn contains(&self, p: &Position) -> bool {
        let inside = |lon: i32| {
            if self.west <= self.east {
                lon >= self.west && lon <= self.east
            } else {
                lon >= self.west || lon <= self.east
            }
        };
        // 180 and -180 are one meridian.
        let lon = inside(p.lon_e6) || p.lon_e6.abs() == HALF_AROUND_E6 && inside(-p.lon_e6);
        lon && p.lat_e6 >= self.south && p.lat_e6 <= self.north
    }

    /// `[west, south, east, north]` in degrees.
    pub fn degrees(&self) -> [f64; 4] {
        [self.west, self.south, self.east, self.north].map(|v| f64::from(v) / 1e6)
    }
}

impl Serialize for Bbox {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.degrees().serialize(s)
    }
}

impl<'de> Deserialize<'de> for Bbox {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::new(<[f64; 4]>::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(lat: f64, lon: f64) -> Position {
        Measured { lat, lon, ..Measured::default() }.check().unwrap()
    }

    #[test]
    fn ranges_are_checked_and_nan_is_out_of_range() {
        let bad = |m: Measured| m.check().unwrap_err().part;
        let ok = Measured { lat: 30.0, lon: -97.0, ..Measured::default() };
        assert_eq!(bad(Measured { lat: 90.1, ..ok }), "lat");
        assert_eq!(bad(Measured { lat: f64::NAN, ..ok }), "lat");
        assert_eq!(bad(Measured { lon: -180.1, ..ok }), "lon");
        assert_eq!(bad(Measured { lon: f64::INFINITY, ..ok }), "lon");
        assert_eq!(bad(Measured { heading: Some(-1.0), ..ok }), "heading");
        assert_eq!(bad(Measured { speed: Some(-0.1), ..ok }), "speed");
        assert_eq!(bad(Measured { accuracy: Some(f64::NAN), ..ok }), "accuracy");
        assert_eq!(Measured { heading: Some(360.0), ..ok }.check().unwrap().heading(), Some(0.0));
        assert_eq!(Measured { heading: Some(359.999), ..ok }.check().unwrap().heading(), Some(0.0));
    }

    #[test]
    fn boxes_cross_the_antimeridian_and_wrap() {
        let pacific = Bbox::new([170.0, -10.0, -170.0, 10.0]).unwrap();
        assert!(pacific.contains(&at(0.0, 175.0)) && pacific.contains(&at(0.0, -175.0)));
        assert!(!pacific.contains(&at(0.0, 0.0)));
        let dragged = Bbox::new([170.0, -10.0, 190.0, 10.0]).unwrap();
        assert_eq!(dragged, pacific);
        for edge in [
            [170.0, -10.0, 180.0, 10.0],
            [-180.0, -10.0, -170.0, 10.0],
            [180.0, -10.0, 190.0, 10.0],
            [-190.0, -10.0, -180.0, 10.0],
        ] {
            let edge = Bbox::new(edge).unwrap();
            assert!(edge.contains(&at(0.0, 180.0)) && edge.contains(&at(0.0, -180.0)), "{edge:?}");
        }
        assert!(!Bbox::new([-10.0, -10.0, 10.0, 10.0]).unwrap().contains(&at(0.0, 180.0)));
        let world = Bbox::new([-400.0, -90.0, 400.0, 90.0]).unwrap();
        assert!(world.contains(&at(-90.0, -180.0)));
        // As wide as the world but for what a float leaves.
        let whole = Bbox::new([10.0, -90.0, 369.999_999_9, 90.0]).unwrap();
        assert!(whole.contains(&at(0.0, -97.0)) && whole.contains(&at(0.0, 180.0)), "{whole:?}");
        assert_eq!(Bbox::new([0.0, 2.0, 1.0, 1.0]), Err(BadBbox));
        assert_eq!(Bbox::new([0.0, f64::NAN, 1.0, 1.0]), Err(BadBbox));
    }

    #[test]
    fn json_has_only_what_was_measured() {
        let p = Measured { lat: 30.26, lon: -97.74, heading: Some(90.0), speed: Some(12.5), ..Measured::default() }
            .check()
            .unwrap();
        let text = serde_json::to_string(&p).unwrap();
        assert_eq!(text, r#"{"lat":30.26,"lon":-97.74,"heading":90,"speed":12.5}"#);
        assert_eq!(serde_json::from_str::<Position>(&text).unwrap(), p);
    }

    /// Thousandths of a degree as degrees.
    fn degrees(thousandths: i64) -> f64 {
        thousandths as f64 / 1e3
    }

    proptest! {
        #[test]
        fn a_box_has_the_places_that_it_has_on_a_globe_wherever_a_map_was_dragged(
            west in -180_000..=180_000_i64,
            width in 0..360_000_i64,
            lon in prop_oneof![-180_000..=180_000_i64, Just(180_000), Just(-180_000)],
            turns in -3..=3_i64,
        ) {
            let west = west + turns * 360_000;
            let dragged = Bbox::new([degrees(west), -1.0, degrees(west + width), 1.0]).unwrap();
            let is_in = (lon - west).rem_euclid(360_000) <= width;
            prop_assert_eq!(dragged.contains(&at(0.0, degrees(lon))), is_in, "{:?}", dragged);
            // What a box says of itself is the same box.
            prop_assert_eq!(Bbox::new(dragged.degrees()).unwrap(), dragged);
        }

        #[test]
        fn the_meridian_of_two_names_is_one_in_boxes_and_in_cells(
            west in -180_000..=180_000_i64, width in 0..400_000_i64, decimals in 0..=5_u8, off in 0.0..1.0_f64, lat in -90.0..=90.0_f64,
        ) {
            let (plus, minus) = (at(lat, 180.0), at(lat, -180.0));
            let bbox = Bbox::new([degrees(west), -90.0, degrees(west + width), 90.0]).unwrap();
            prop_assert_eq!(bbox.contains(&plus), bbox.contains(&minus));
            prop_assert_eq!(plus.coarse(decimals), minus.coarse(decimals));
            // Within half a cell on either side is the same cell.
            let half = 5 * 10_i32.pow(5 - u32::from(decimals));
            let off = f64::from((f64::from(half) * off) as i32) / 1e6;
            let (east, west) = (at(lat, 180.0 - off).coarse(decimals), at(lat, off - 180.0).coarse(decimals));
            prop_assert_eq!(east, west);
            prop_assert_eq!(east.lon().to_bits(), 180.0_f64.to_bits());
        }
    }
}
