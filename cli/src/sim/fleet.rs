//! All vehicles, moved in fixed steps so that the same seed gives the same fleet whatever the machine's pace.

use fastrand::Rng;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::event::rounded;

use super::network::{Route, routes};
use super::vehicle::Vehicle;

/// Length of a step.
pub const STEP_MILLIS: u64 = 100;

/// The fleet.
#[derive(Debug)]
pub struct Fleet {
    routes: Vec<Route>,
    vehicles: Vec<Vehicle>,
    keys: Vec<String>,
    steps: u64,
    zone: TimeZone,
}

impl Fleet {
    /// So many vehicles, spread over the routes.
    pub fn new(vehicles: usize, seed: u64) -> Self {
        let routes = routes();
        let mut rng = Rng::with_seed(seed);
        // Long routes get more vehicles: hand them out by length, as evenly as whole numbers allow.
        let total: f64 = routes.iter().map(Route::length).sum();
        let mut owed: Vec<f64> = vec![0.0; routes.len()];
        let mut assigned: Vec<usize> = Vec::with_capacity(vehicles);
        let mut on_route: Vec<usize> = vec![0; routes.len()];
        for _ in 0..vehicles {
            for (owed, route) in owed.iter_mut().zip(&routes) {
                *owed += route.length() / total;
            }
            let most = owed.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(index, _)| index);
            if let (Some(owed), Some(count)) = (owed.get_mut(most), on_route.get_mut(most)) {
                *owed -= 1.0;
                *count += 1;
            }
            assigned.push(most);
        }
        let mut placed: Vec<usize> = vec![0; routes.len()];
        let vehicles: Vec<Vehicle> = assigned
            .into_iter()
            .filter_map(|index| {
                let (route, count, placed) = (routes.get(index)?, *on_route.get(index)?, placed.get_mut(index)?);
                // Spread along the loop, not quite evenly.
                let share = (*placed as f64 + 0.6 * rng.f64()) / count as f64;
                *placed += 1;
                Some(Vehicle::new(rng.fork(), index, route, share.min(0.999)))
            })
            .collect();
        let width = vehicles.len().to_string().len().max(2);
        let keys = (1..=vehicles.len()).map(|number| format!("sim-{number:0width$}")).collect();
        let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
        Self { routes, vehicles, keys, steps: 0, zone }
    }

    /// How many vehicles there are.
    pub fn len(&self) -> usize {
        self.vehicles.len()
    }

    /// The routes that they drive.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Moves everything on to so many milliseconds after the beginning.
    pub fn advance_to(&mut self, millis: u64) {
        while (self.steps + 1) * STEP_MILLIS <= millis {
            self.steps += 1;
            for vehicle in &mut self.vehicles {
                if let Some(route) = self.routes.get(vehicle.route) {
                    vehicle.step(route, STEP_MILLIS as f64 / 1000.0);
                }
            }
        }
    }

    /// What a vehicle reports at this wall-clock time.
    pub fn event(&self, index: usize, now_millis: i64) -> Option<Value> {
        let (vehicle, key) = (self.vehicles.get(index)?, self.keys.get(index)?);
        let route = self.routes.get(vehicle.route)?;
        let (place, heading) = route.at(vehicle.at);
        let (lat, lon) = place.lat_lon();
        Some(json!({
            "key": key,
            "time": now_millis,
            "position": {
                "lat": rounded(lat, 6),
                "lon": rounded(lon, 6),
                "heading": rounded(heading, 1),
                "speed": rounded(vehicle.speed, 2),
            },
            "fields": {
                "route": route.name,
                "passengers": vehicle.passengers,
                "fuel": rounded(vehicle.fuel, 1),
                "status": vehicle.status.text(),
                "driver_shift": self.shift(index, now_millis),
            },
        }))
    }

    /// The shift that drives a vehicle now: early from 5, late from 13, night from 21 o'clock in Austin. Vehicles change
    /// drivers over half an hour, not all at once.
    fn shift(&self, index: usize, now_millis: i64) -> &'static str {
        let handover = (index as i64 * 7 % 30) * 60_000;
        let hour = Timestamp::from_millisecond(now_millis - handover)
            .map_or(12, |timestamp| timestamp.to_zoned(self.zone.clone()).hour());
        match hour {
            5..13 => "early",
            13..21 => "late",
            _ => "night",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::network::Point;
    use super::super::vehicle::{ACCELERATION, BRAKING, CAPACITY, Status};
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    const NOON: i64 = 1_800_000_000_000;

    #[test]
    fn the_same_seed_gives_the_same_fleet_whatever_the_steps_it_is_asked_in() {
        let (mut one, mut other, mut third) = (Fleet::new(20, 7), Fleet::new(20, 7), Fleet::new(20, 8));
        for millis in (0..60_000).step_by(250) {
            one.advance_to(millis);
        }
        one.advance_to(60_000);
        other.advance_to(60_000);
        third.advance_to(60_000);
        let all = |fleet: &Fleet| -> Vec<Value> { (0..20).filter_map(|index| fleet.event(index, NOON)).collect() };
        assert_eq!(all(&one), all(&other));
        assert_ne!(all(&one), all(&third));
        assert_eq!(all(&one).len(), 20);
    }

    #[test]
    fn vehicles_move_as_vehicles_do() {
        let mut fleet = Fleet::new(60, 1);
        let places = |fleet: &Fleet| -> Vec<(Point, f64, Status)> {
            fleet.vehicles.iter().map(|v| (fleet.routes[v.route].at(v.at).0, v.speed, v.status)).collect()
        };
        let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
        let mut moved = vec![0.0; 60];
        let mut before = places(&fleet);
        for second in 1..=3_600_u64 {
            fleet.advance_to(second * 1000);
            let after = places(&fleet);
            for (index, ((from, v0, _), (to, v1, status))) in before.iter().zip(&after).enumerate() {
                let distance = from.distance(*to);
                moved[index] += distance;
                assert!(*v1 <= 14.2, "vehicle {index} drives {v1}");
                assert!(
                    v1 - v0 <= ACCELERATION + 0.01 && v0 - v1 <= 1.25 * BRAKING + 0.7,
                    "vehicle {index} at {second}: {v0} to {v1}"
                );
                assert!(distance <= v0.max(*v1) + 0.7, "vehicle {index} at {second} jumps {distance} at {v0} to {v1}");
                assert!(*status == Status::Moving || *v1 == 0.0);
                *seen.entry(status.text()).or_default() += 1;
            }
            before = after;
        }
        for status in ["moving", "at stop", "at signal", "layover"] {
            assert!(seen.get(status).is_some_and(|&count| count > 500), "{seen:?}");
        }
        assert!(seen["moving"] > 60 * 3600 / 3, "buses mostly drive: {seen:?}");
        assert!(moved.iter().all(|&metres| metres > 6_000.0 && metres < 36_000.0), "{moved:?}");
        for vehicle in &fleet.vehicles {
            assert!(vehicle.passengers <= CAPACITY && (0.0..=100.0).contains(&vehicle.fuel));
        }
    }

    #[test]
    fn the_heading_is_where_the_vehicle_goes() {
        let mut fleet = Fleet::new(30, 3);
        fleet.advance_to(30_000);
        let (mut compared, mut off) = (0, 0);
        for second in 31..120_u64 {
            let from: Vec<(Point, f64)> = fleet.vehicles.iter().map(|v| fleet.routes[v.route].at(v.at)).collect();
            fleet.advance_to(second * 1000);
            for (vehicle, (from, heading)) in fleet.vehicles.iter().zip(from) {
                let to = fleet.routes[vehicle.route].at(vehicle.at).0;
                if from.distance(to) > 3.0 {
                    let course = (to.east - from.east).atan2(to.north - from.north).to_degrees();
                    let turn = ((course - heading + 540.0).rem_euclid(360.0) - 180.0).abs();
                    compared += 1;
                    off += u32::from(turn > 15.0);
                }
            }
        }
        assert!(compared > 500 && off * 20 < compared, "{off} of {compared}");
    }

    #[test]
    fn keys_are_unlike_bus_numbers_and_every_route_is_driven() {
        let fleet = Fleet::new(60, 1);
        let keys: BTreeSet<&String> = fleet.keys.iter().collect();
        assert_eq!(keys.len(), 60);
        assert!(keys.contains(&"sim-01".to_owned()));
        let driven: BTreeSet<usize> = fleet.vehicles.iter().map(|vehicle| vehicle.route).collect();
        assert_eq!(driven.len(), fleet.routes().len());
        assert_eq!(Fleet::new(1200, 1).keys[0], "sim-0001");
        assert_eq!(Fleet::new(0, 1).len(), 0);
    }

    #[test]
    fn low_tanks_are_filled_at_the_terminal() {
        let mut fleet = Fleet::new(5, 2);
        for vehicle in &mut fleet.vehicles {
            vehicle.fuel = 10.0;
        }
        fleet.advance_to(3 * 3_600_000);
        assert!(
            fleet.vehicles.iter().all(|vehicle| vehicle.fuel > 60.0),
            "{:?}",
            fleet.vehicles.iter().map(|v| v.fuel).collect::<Vec<_>>()
        );
    }

    #[test]
    fn shifts_follow_the_clock_in_austin() {
        let fleet = Fleet::new(2, 1);
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        assert_eq!(fleet.shift(0, at("2026-11-20T06:00:00-06:00")), "early");
        assert_eq!(fleet.shift(0, at("2026-11-20T13:00:00-06:00")), "late");
        assert_eq!(
            fleet.shift(1, at("2026-11-20T13:05:00-06:00")),
            "early",
            "the second hands over seven minutes later"
        );
        assert_eq!(fleet.shift(0, at("2026-11-20T23:00:00-06:00")), "night");
    }
}
