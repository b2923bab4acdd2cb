//! A position in 24 bytes: what is not known is a value that no position has.

use crate::position::Position;

const NO_HEADING: u16 = u16::MAX;
const NO_NUMBER: u32 = u32::MAX;
const NO_DEGREES: i32 = i32::MIN;

/// A position, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    lat_e6: i32,
    lon_e6: i32,
    speed_e2: u32,
    altitude_e1: i32,
    accuracy_e1: u32,
    heading_e2: u16,
}

impl From<Option<Position>> for Place {
    fn from(position: Option<Position>) -> Self {
        let p = position.unwrap_or(Position { lat_e6: NO_DEGREES, ..Position::default() });
        Self {
            lat_e6: p.lat_e6,
            lon_e6: p.lon_e6,
            speed_e2: p.speed_e2.unwrap_or(NO_NUMBER),
            altitude_e1: p.altitude_e1.unwrap_or(i32::MIN),
            accuracy_e1: p.accuracy_e1.unwrap_or(NO_NUMBER),
            heading_e2: p.heading_e2.unwrap_or(NO_HEADING),
        }
    }
}

impl From<Place> for Option<Position> {
    fn from(p: Place) -> Self {
        (p.lat_e6 != NO_DEGREES).then_some(Position {
            lat_e6: p.lat_e6,
            lon_e6: p.lon_e6,
            heading_e2: (p.heading_e2 != NO_HEADING).then_some(p.heading_e2),
            speed_e2: (p.speed_e2 != NO_NUMBER).then_some(p.speed_e2),
            altitude_e1: (p.altitude_e1 != i32::MIN).then_some(p.altitude_e1),
            accuracy_e1: (p.accuracy_e1 != NO_NUMBER).then_some(p.accuracy_e1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::Measured;
    use proptest::prelude::*;

    fn part(low: f64, high: f64) -> impl Strategy<Value = Option<f64>> {
        prop_oneof![Just(None), Just(Some(low)), Just(Some(high)), (low..=high).prop_map(Some)]
    }

    proptest! {
        #[test]
        fn every_position_comes_back(
            lat in -90.0..=90.0_f64, lon in -180.0..=180.0_f64, heading in part(0.0, 360.0), speed in part(0.0, 1e5),
            altitude in part(-2e4, 1e8), accuracy in part(0.0, 5e7),
        ) {
            let position = Measured { lat, lon, heading, speed, altitude, accuracy }.check().unwrap();
            prop_assert_eq!(Option::<Position>::from(Place::from(Some(position))), Some(position));
        }
    }

    #[test]
    fn none_stays_none() {
        assert_eq!(Option::<Position>::from(Place::from(None)), None);
    }
}
