//! One vehicle on its route: acceleration, braking for stops, lights and turns, dwelling, passengers, fuel.

use fastrand::Rng;

use super::network::{Halt, HaltKind, Route};

/// Metres a second, each second, when pulling away.
pub const ACCELERATION: f64 = 1.1;
/// Metres a second, each second, when braking.
pub const BRAKING: f64 = 1.3;
/// Speed in a turn.
const CORNER_SPEED: f64 = 5.0;
/// How far ahead a driver looks: longer than any braking distance.
const LOOK_AHEAD: f64 = 120.0;
/// Seats and standing room.
pub const CAPACITY: u32 = 70;
/// Percent of the tank that a kilometre takes: about 220 km a tank.
const FUEL_PER_KM: f64 = 0.45;
/// At the terminal a vehicle with less than this goes to the pump.
const FUEL_LOW: f64 = 25.0;
/// Seconds to fill up.
const REFUEL_SECS: f64 = 150.0;

/// What a vehicle is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Driving.
    Moving,
    /// Letting people on and off.
    AtStop,
    /// Waiting for green.
    AtSignal,
    /// Waiting at the terminal for its next run.
    Layover,
    /// At the pump.
    Refuelling,
}

impl Status {
    /// The text in the `status` field.
    pub fn text(self) -> &'static str {
        match self {
            Self::Moving => "moving",
            Self::AtStop => "at stop",
            Self::AtSignal => "at signal",
            Self::Layover => "layover",
            Self::Refuelling => "refuelling",
        }
    }
}

/// One vehicle.
#[derive(Clone, Debug)]
pub struct Vehicle {
    rng: Rng,
    /// Index of its route.
    pub route: usize,
    /// Metres along the route.
    pub at: f64,
    /// Metres a second.
    pub speed: f64,
    /// What it is doing.
    pub status: Status,
    /// People on board.
    pub passengers: u32,
    /// Percent of the tank.
    pub fuel: f64,
    dwell: f64,
    next_halt: usize,
    /// How this driver drives: cruising speed relative to the others'.
    temper: f64,
}

impl Vehicle {
    /// A vehicle under way on its route, at a share (0..1) of the loop.
    pub fn new(mut rng: Rng, route_index: usize, route: &Route, share: f64) -> Self {
        let at = route.length() * share;
        let mut vehicle = Self {
            route: route_index,
            at,
            speed: 0.0,
            status: Status::Moving,
            passengers: rng.u32(0..CAPACITY / 2),
            fuel: 30.0 + 70.0 * rng.f64(),
            dwell: 0.0,
            next_halt: route.halts.partition_point(|halt| halt.at <= at + 1.0),
            temper: 0.92 + 0.13 * rng.f64(),
            rng,
        };
        vehicle.next_halt %= route.halts.len().max(1);
        vehicle
    }

    /// Lets `secs` (a fraction of a second) pass.
    pub fn step(&mut self, route: &Route, secs: f64) {
        if self.status == Status::Moving {
            self.drive(route, secs);
        } else {
            self.dwell -= secs;
            if self.status == Status::Refuelling {
                self.fuel = (self.fuel + 100.0 * secs / REFUEL_SECS).min(100.0);
            }
            if self.dwell <= 0.0 {
                self.status = Status::Moving;
                self.choose_next_halt(route);
            }
        }
    }

    fn drive(&mut self, route: &Route, secs: f64) {
        let Some(halt) = route.halts.get(self.next_halt).copied() else { return };
        let to_halt = ahead(self.at, halt.at, route.length());
        let mut limit = (route.cruise(self.at) * self.temper).min((2.0 * BRAKING * to_halt).sqrt());
        for corner in &route.corners {
            let to_corner = ahead(self.at, *corner, route.length());
            if to_corner < LOOK_AHEAD {
                limit = limit.min((CORNER_SPEED * CORNER_SPEED + 2.0 * BRAKING * to_corner).sqrt());
            }
        }
        // Braking follows the curve above closely; a little more than BRAKING is allowed so that a step never overshoots.
        let speed = limit.clamp(self.speed - 1.25 * BRAKING * secs, self.speed + ACCELERATION * secs).max(0.0);
        let moved = (f64::midpoint(self.speed, speed) * secs).min(to_halt);
        self.speed = speed;
        self.at = (self.at + moved).rem_euclid(route.length());
        self.fuel = (self.fuel - FUEL_PER_KM * moved / 1000.0).max(0.0);
        if to_halt - moved < 0.15 {
            self.at = halt.at;
            self.speed = 0.0;
            self.arrive(halt);
        }
    }

    fn arrive(&mut self, halt: Halt) {
        match halt.kind {
            HaltKind::Signal => {
                self.status = Status::AtSignal;
                self.dwell = 4.0 + 24.0 * self.rng.f64();
            }
            HaltKind::Stop => {
                let (off, on) = self.exchange(0.3);
                self.status = Status::AtStop;
                self.dwell = 7.0 + 1.2 * f64::from(off) + 2.2 * f64::from(on);
            }
            HaltKind::Terminal => {
                self.exchange(1.0);
                let is_low = self.fuel < FUEL_LOW;
                self.status = if is_low { Status::Refuelling } else { Status::Layover };
                self.dwell = if is_low { REFUEL_SECS } else { 25.0 + 65.0 * self.rng.f64() };
            }
        }
    }

    /// People get off (at most this share) and on.
    fn exchange(&mut self, most_off: f64) -> (u32, u32) {
        let share = if most_off >= 1.0 { 1.0 } else { most_off * self.rng.f64() };
        let off = (f64::from(self.passengers) * share).round() as u32;
        self.passengers -= off.min(self.passengers);
        let on = self.rng.u32(0..8).min(CAPACITY - self.passengers);
        self.passengers += on;
        (off, on)
    }

    /// Most lights are green and at some stops nobody waits; the terminal is never passed.
    fn choose_next_halt(&mut self, route: &Route) {
        for _ in 0..route.halts.len() {
            self.next_halt = (self.next_halt + 1) % route.halts.len().max(1);
            let is_passed = match route.halts.get(self.next_halt).map(|halt| halt.kind) {
                Some(HaltKind::Signal) => self.rng.f64() < 0.72,
                Some(HaltKind::Stop) => self.rng.f64() < 0.12,
                Some(HaltKind::Terminal) | None => false,
            };
            if !is_passed {
                return;
            }
        }
    }
}

/// Metres from one place on a loop to another, driving forward.
fn ahead(from: f64, to: f64, length: f64) -> f64 {
    (to - from).rem_euclid(length)
}
