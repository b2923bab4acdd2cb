//! Web Mercator in fixed point. A place on the map is two integers, so that the GPU can subtract the camera's origin
//! exactly and nothing trembles at zoom 18: floats have 24 bits, the world at a centimetre needs 32.
//! `x` wraps like an angle, which also makes every difference the short way round the antimeridian.

use std::f64::consts::PI;

/// The latitude at which Web Mercator's square ends.
pub const MAX_LAT: f64 = 85.051_128_779_806_6;

/// How many units of `x` the world has.
pub const X_UNITS: f64 = 4_294_967_296.0;

/// How many units of `y` the world has: one bit less, because `y` does not wrap.
pub const Y_UNITS: f64 = 2_147_483_648.0;

const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A place in fixed-point Web Mercator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fixed {
    /// 2³² units around the world, wrapping at the antimeridian.
    pub x: i32,
    /// 2³¹ units from the north edge (0) to the south edge.
    pub y: i32,
}

impl Fixed {
    /// Where a WGS 84 position lies. Latitudes beyond the square's edge are drawn at the edge.
    pub fn from_degrees(lat: f64, lon: f64) -> Self {
        let (x, y) = unit_from_degrees(lat, lon);
        Self::from_unit(x, y)
    }

    /// From the unit square: `x` and `y` in 0..1, `y` downwards.
    pub fn from_unit(x: f64, y: f64) -> Self {
        let x = x.rem_euclid(1.0) * X_UNITS;
        Self { x: (x as u64 & 0xffff_ffff) as u32 as i32, y: (y.clamp(0.0, 1.0) * Y_UNITS).min(Y_UNITS - 1.0) as i32 }
    }

    /// Back to latitude and longitude in degrees.
    pub fn to_degrees(self) -> (f64, f64) {
        let x = f64::from(self.x as u32) / X_UNITS;
        let y = f64::from(self.y) / Y_UNITS;
        let lat = (PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees();
        (lat, (x - 0.5) * 360.0)
    }

    /// How far this lies from `origin`, in worlds, the short way round.
    pub fn offset_from(self, origin: Self) -> (f64, f64) {
        (f64::from(self.x.wrapping_sub(origin.x)) / X_UNITS, f64::from(self.y.wrapping_sub(origin.y)) / Y_UNITS)
    }

    /// The centre of a map that shows this place so many CSS pixels right of its middle, or left of it where `right` is
    /// negative; `bearing` is the map's in degrees. On the line through the middle that holds however much the map is tilted.
    /// `MapLibre`'s world is 512 pixels wide at zoom 0.
    pub fn centre_beside(self, right: f64, zoom: f64, bearing: f64) -> Self {
        let worlds = right / (512.0 * zoom.exp2());
        let (south, east) = bearing.to_radians().sin_cos();
        let (x, y) = (f64::from(self.x as u32) / X_UNITS, f64::from(self.y) / Y_UNITS);
        Self::from_unit(x - worlds * east, y - worlds * south)
    }

    /// The point a share `t` of the way to `to`, the short way round.
    pub fn towards(self, to: Self, t: f64) -> Self {
        let part = |from: i32, to: i32| from.wrapping_add((f64::from(to.wrapping_sub(from)) * t).round() as i32);
        Self { x: part(self.x, to.x), y: part(self.y, to.y) }
    }
}

/// The unit square's coordinates of a position.
pub fn unit_from_degrees(lat: f64, lon: f64) -> (f64, f64) {
    let lat = lat.clamp(-MAX_LAT, MAX_LAT).to_radians();
    (lon / 360.0 + 0.5, 0.5 - lat.tan().asinh() / (2.0 * PI))
}

/// Great-circle distance in metres between two positions in degrees.
pub fn metres_between(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (lat_a, lat_b) = (from.0.to_radians(), to.0.to_radians());
    let half_lat = ((lat_b - lat_a) / 2.0).sin();
    let half_lon = ((to.1 - from.1).to_radians() / 2.0).sin();
    let h = half_lat * half_lat + lat_a.cos() * lat_b.cos() * half_lon * half_lon;
    2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
}

/// The direction from one position to another, in degrees clockwise from north, 0..360.
pub fn bearing_between(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (lat_a, lat_b) = (from.0.to_radians(), to.0.to_radians());
    let lon = (to.1 - from.1).to_radians();
    let east = lon.sin() * lat_b.cos();
    let north = lat_a.cos() * lat_b.sin() - lat_a.sin() * lat_b.cos() * lon.cos();
    east.atan2(north).to_degrees().rem_euclid(360.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_survives_the_round_trip_within_two_centimetres() {
        for (lat, lon) in [(30.266_926, -97.750_519), (-33.86, 151.2), (0.0, 0.0), (78.2, 15.6), (-54.8, -68.3)] {
            let back = Fixed::from_degrees(lat, lon).to_degrees();
            assert!(metres_between((lat, lon), back) < 0.02, "{lat} {lon} {back:?}");
        }
    }

    #[test]
    fn the_short_way_crosses_the_antimeridian() {
        let (west, east) = (Fixed::from_degrees(0.0, 179.9), Fixed::from_degrees(0.0, -179.9));
        let (dx, _) = east.offset_from(west);
        assert!((dx - 0.2 / 360.0).abs() < 1e-9);
        let middle = west.towards(east, 0.5).to_degrees();
        assert!((middle.1.abs() - 180.0).abs() < 1e-6, "{middle:?}");
    }

    #[test]
    fn a_place_left_of_the_middle_has_the_centre_right_of_it_however_the_map_is_turned() {
        let item = Fixed::from_degrees(30.3, -97.7);
        let moved = |right, bearing| item.centre_beside(right, 10.0, bearing).offset_from(item);
        let worlds = 180.0 / (512.0 * 1_024.0);
        for (bearing, expected) in [(0.0, (worlds, 0.0)), (90.0, (0.0, worlds)), (180.0, (-worlds, 0.0))] {
            let (east, south) = moved(-180.0, bearing);
            assert!((east - expected.0).abs() < 1e-9 && (south - expected.1).abs() < 1e-9, "{bearing}: {east} {south}");
        }
        assert_eq!(moved(0.0, 30.0), (0.0, 0.0));
        // Over the antimeridian the short way.
        let (east, _) = Fixed::from_degrees(0.0, 179.9999)
            .centre_beside(-180.0, 10.0, 0.0)
            .offset_from(Fixed::from_degrees(0.0, 179.9999));
        assert!((east - worlds).abs() < 1e-9);
    }

    #[test]
    fn the_edges_of_the_world_do_not_overflow() {
        assert_eq!(Fixed::from_degrees(-90.0, 0.0).y, i32::MAX);
        assert_eq!(Fixed::from_degrees(90.0, 180.0), Fixed::from_degrees(90.0, -180.0));
    }

    #[test]
    fn distances_and_bearings_are_those_of_the_globe() {
        let austin = (30.2672, -97.7431);
        assert!((metres_between(austin, (30.2762, -97.7431)) - 1000.8).abs() < 1.0);
        assert!((bearing_between(austin, (30.2672, -97.73)) - 90.0).abs() < 0.1);
        assert!((bearing_between(austin, (30.25, -97.7431)) - 180.0).abs() < 0.1);
    }
}
