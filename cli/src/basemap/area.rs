//! A box on the Earth, and the tiles of Web Mercator that lie in it. Pure.

use std::f64::consts::TAU;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Degrees north and south at which the map ends.
const EDGE: f64 = 85.051_128_779_806_6;

/// A box in degrees, which does not cross ±180°.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

/// Columns and rows of tiles of one zoom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiles {
    /// Columns, from the west.
    pub columns: RangeInclusive<u32>,
    /// Rows, from the north.
    pub rows: RangeInclusive<u32>,
}

impl FromStr for Area {
    type Err = String;

    /// Reads `west,south,east,north`.
    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Option<Vec<f64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
        let numbers = numbers.and_then(|numbers| <[f64; 4]>::try_from(numbers).ok());
        let [west, south, east, north] =
            numbers.ok_or("give four numbers, west,south,east,north, in degrees: -97.9,30.1,-97.5,30.5")?;
        Self::new([west, south, east, north])
            .ok_or_else(|| "west is less than east, and south than north, within ±180° and ±90°".to_owned())
    }
}

impl Area {
    /// A box, if these are one.
    pub fn new([west, south, east, north]: [f64; 4]) -> Option<Self> {
        let is_box = west < east && south < north;
        let is_on_earth = west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0;
        (is_box && is_on_earth).then_some(Self { west, south, east, north })
    }

    /// What is in both, if there is anything.
    pub fn within(self, other: Self) -> Option<Self> {
        Self::new([
            self.west.max(other.west),
            self.south.max(other.south),
            self.east.min(other.east),
            self.north.min(other.north),
        ])
    }

    /// West, south, east and north, in degrees.
    pub fn degrees(self) -> [f64; 4] {
        [self.west, self.south, self.east, self.north]
    }

    /// The middle as longitude and latitude.
    pub fn middle(self) -> (f64, f64) {
        (f64::midpoint(self.west, self.east), f64::midpoint(self.south, self.north))
    }

    /// The tiles of a zoom that lie in it, wholly or in part.
    pub fn tiles(self, zoom: u8) -> Tiles {
        let count = f64::from(zoom).exp2();
        let number = |share: f64| (share * count).floor().clamp(0.0, count - 1.0) as u32;
        let column = |lon: f64| number((lon + 180.0) / 360.0);
        // Mercator: the share of the way from the north edge to the south edge.
        let row = |lat: f64| number(0.5 - lat.clamp(-EDGE, EDGE).to_radians().tan().asinh() / TAU);
        Tiles { columns: column(self.west)..=column(self.east), rows: row(self.north)..=row(self.south) }
    }

    /// How many tiles lie in it, of several zooms together.
    pub fn count(self, zooms: RangeInclusive<u8>) -> u64 {
        let length = |range: RangeInclusive<u32>| u64::from(range.end() - range.start()) + 1;
        zooms
            .map(|zoom| {
                let Tiles { columns, rows } = self.tiles(zoom);
                length(columns).saturating_mul(length(rows))
            })
            .fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_box_is_read_and_what_is_none_is_told() {
        let austin: Area = "-97.9, 30.1,-97.5,30.5".parse().unwrap();
        assert_eq!(format!("{:?}", austin.degrees()), "[-97.9, 30.1, -97.5, 30.5]");
        for wrong in ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "NaN,0,1,1"] {
            assert!(wrong.parse::<Area>().is_err(), "{wrong}");
        }
        for wrong in ["1,0,0,1", "0,1,1,0", "-181,0,1,1", "0,0,1,91"] {
            assert!(wrong.parse::<Area>().unwrap_err().contains("less than"), "{wrong}");
        }
    }

    #[test]
    fn the_whole_earth_has_all_tiles() {
        let earth = Area::new([-180.0, -90.0, 180.0, 90.0]).unwrap();
        assert_eq!(earth.tiles(0), Tiles { columns: 0..=0, rows: 0..=0 });
        assert_eq!(earth.tiles(3), Tiles { columns: 0..=7, rows: 0..=7 });
        assert_eq!(earth.count(0..=3), 1 + 4 + 16 + 64);
    }

    #[test]
    fn a_known_place_is_in_its_tile() {
        // The tile of the Brandenburg Gate, as tile calculators say.
        let gate = Area::new([13.3776, 52.5162, 13.3778, 52.5164]).unwrap();
        assert_eq!(gate.tiles(10), Tiles { columns: 550..=550, rows: 335..=335 });
    }

    #[test]
    fn what_two_have_in_common_is_a_box_or_nothing() {
        let area = |degrees| Area::new(degrees).unwrap();
        let both = area([0.0, 0.0, 10.0, 10.0]).within(area([5.0, -5.0, 15.0, 5.0])).unwrap();
        assert_eq!(format!("{:?}", both.degrees()), "[5.0, 0.0, 10.0, 5.0]");
        assert_eq!(both.middle(), (7.5, 2.5));
        assert_eq!(area([0.0, 0.0, 1.0, 1.0]).within(area([2.0, 0.0, 3.0, 1.0])), None);
    }

    proptest! {
        #[test]
        fn the_tiles_of_a_zoom_lie_in_those_of_the_one_before(
            west in -180.0..179.0_f64, south in -85.0..84.0_f64, wide in 0.001..1.0_f64, zoom in 1_u8..16,
        ) {
            let area = Area::new([west, south, west + wide, south + wide]).unwrap();
            let (fine, coarse) = (area.tiles(zoom), area.tiles(zoom - 1));
            prop_assert_eq!(fine.columns.start() / 2, *coarse.columns.start());
            prop_assert_eq!(fine.columns.end() / 2, *coarse.columns.end());
            prop_assert_eq!(fine.rows.start() / 2, *coarse.rows.start());
            prop_assert_eq!(fine.rows.end() / 2, *coarse.rows.end());
        }
    }
}
