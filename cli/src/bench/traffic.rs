//! The updates that are sent: vehicles that wander in a city, each a little way with every update.

use std::collections::BTreeMap;
use std::io::Write as _;

/// Austin: south, west, and the size of the city, in millionths of a degree.
const SOUTH_E6: i32 = 30_200_000;
const WEST_E6: i32 = -97_850_000;
const SIZE_E6: i32 = 200_000;
/// The longest step, about 30 m.
const STEP_E6: i32 = 300;

/// An item's key by its number.
pub fn key_name(number: usize) -> String {
    format!("v{number:04}")
}

/// What an item is after an update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Event time: when it was sent.
    pub time: i64,
    /// Position in millionths of a degree.
    pub lat_e6: i32,
    /// The same.
    pub lon_e6: i32,
    /// Heading in hundredths of a degree and speed in cm/s.
    pub motion: Option<(u16, u32)>,
}

/// The last state of each key: what everybody must end with.
pub type Expected = BTreeMap<String, State>;

/// The vehicles of one connection.
pub struct Fleet {
    vehicles: Vec<(String, State)>,
    next: usize,
    motion: bool,
    random: fastrand::Rng,
}

impl Fleet {
    /// Every `stride`th of `keys` keys, from `first` on.
    pub fn new(first: usize, stride: usize, keys: usize, motion: bool) -> Self {
        let mut random = fastrand::Rng::with_seed(first as u64 + 1);
        let vehicles = (first..keys)
            .step_by(stride)
            .map(|number| {
                let (lat, lon) = (random.i32(0..SIZE_E6), random.i32(0..SIZE_E6));
                (key_name(number), State { lat_e6: SOUTH_E6 + lat, lon_e6: WEST_E6 + lon, ..State::default() })
            })
            .collect();
        Self { vehicles, next: 0, motion, random }
    }

    /// Writes an array with the next `count` updates, sent at `time`.
    pub fn write_batch(&mut self, count: usize, time: i64, out: &mut Vec<u8>) {
        out.push(b'[');
        for i in 0..count {
            if i > 0 {
                out.push(b',');
            }
            let at = self.next;
            self.next = (at + 1) % self.vehicles.len().max(1);
            if let Some((key, state)) = self.vehicles.get_mut(at) {
                let mut step = || self.random.i32(-STEP_E6..=STEP_E6);
                state.time = time;
                state.lat_e6 = (state.lat_e6 + step()).clamp(SOUTH_E6, SOUTH_E6 + SIZE_E6);
                state.lon_e6 = (state.lon_e6 + step()).clamp(WEST_E6, WEST_E6 + SIZE_E6);
                if self.motion {
                    state.motion = Some((self.random.u16(0..36_000), self.random.u32(0..3_000)));
                }
                write_event(key, state, out);
            }
        }
        out.push(b']');
    }

    /// What was sent last for each key that was sent.
    pub fn states(&self) -> impl Iterator<Item = (String, State)> {
        self.vehicles.iter().filter(|(_, state)| state.time != 0).cloned()
    }
}

fn write_event(key: &str, state: &State, out: &mut Vec<u8>) {
    // Writing to memory can't fail.
    let _ = write!(out, r#"{{"key":"{key}","time":{},"position":{{"lat":"#, state.time);
    write_e6(state.lat_e6, out);
    out.extend_from_slice(br#","lon":"#);
    write_e6(state.lon_e6, out);
    if let Some((heading, speed)) = state.motion {
        let (h, hh, s, ss) = (heading / 100, heading % 100, speed / 100, speed % 100);
        let _ = write!(out, r#","heading":{h}.{hh:02},"speed":{s}.{ss:02}"#);
    }
    out.extend_from_slice(b"}}");
}

fn write_e6(value: i32, out: &mut Vec<u8>) {
    let sign = if value < 0 { "-" } else { "" };
    let value = value.unsigned_abs();
    let _ = write!(out, "{sign}{}.{:06}", value / 1_000_000, value % 1_000_000);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_what_is_expected_of_everybody() {
        let mut fleet = Fleet::new(1, 4, 10, true);
        let mut body = Vec::new();
        fleet.write_batch(3, 1_772_366_400_000, &mut body);
        let batch: Vec<serde_json::Value> = serde_json::from_slice(&body).unwrap();
        let states: Expected = fleet.states().collect();
        assert_eq!(states.keys().collect::<Vec<_>>(), ["v0001", "v0005", "v0009"]);
        for event in batch {
            let state = states[event["key"].as_str().unwrap()];
            assert_eq!(event["time"], state.time);
            assert_eq!((event["position"]["lat"].as_f64().unwrap() * 1e6).round() as i32, state.lat_e6);
            assert_eq!((event["position"]["lon"].as_f64().unwrap() * 1e6).round() as i32, state.lon_e6);
            let speed = state.motion.unwrap().1;
            assert_eq!((event["position"]["speed"].as_f64().unwrap() * 100.0).round() as u32, speed);
        }
    }

    #[test]
    fn small_and_negative_numbers_keep_their_zeros() {
        let mut out = Vec::new();
        write_e6(-97_000_042, &mut out);
        assert_eq!(out, b"-97.000042");
    }
}
