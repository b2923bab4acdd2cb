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
        Self { lat_e6: middle(self.lat_e6), lon_e6: middle(self.lon_e6), ..Self::default() }
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
        let (west, east) = if east - west >= 360.0 {
            (-180.0, 180.0)
        } else {
            let wrap = |v: f64| if (-180.0..=180.0).contains(&v) { v } else { (v + 180.0).rem_euclid(360.0) - 180.0 };
            (wrap(west), wrap(east))
        };
        let e6 = |v: f64| (v * 1e6).round() as i32;
        Ok(Self {
            west: e6(west),
            south: e6(south.clamp(-90.0, 90.0)),
            east: e6(east),
            north: e6(north.clamp(-90.0, 90.0)),
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
        let lon = inside(p.lon_e6) || p.lon_e6.abs() == 180_000_000 && inside(-p.lon_e6);
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
}
