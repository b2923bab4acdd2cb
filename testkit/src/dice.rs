//! Randomness from a seed, and random things of the domain.

use heliograph_shared::event::Event;
use heliograph_shared::position::Measured;
use heliograph_shared::protocol::Subscription;
use heliograph_shared::rights::{Access, KeySet};
use heliograph_shared::time::Millis;
use heliograph_shared::value::Value;

/// SplitMix64: small, and the same everywhere.
pub struct Dice(u64);

impl Dice {
    /// Always the same from the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678)
    }

    /// The next 64 bits.
    #[expect(clippy::should_implement_trait, reason = "it has no end")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A number from 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of these.
    pub fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    /// A key of few, so that events meet.
    pub fn key(&mut self) -> String {
        format!("{}{}", self.pick(&["a", "b", "c"]), self.below(8))
    }

    /// Rights of a viewer.
    pub fn access(&mut self) -> Access {
        let patterns = |p: &[&str]| KeySet::of(p).unwrap();
        let read = match self.below(5) {
            0 | 1 => KeySet::All,
            2 => patterns(&["a*"]),
            3 => patterns(&["a1", "b2", "c*"]),
            _ => patterns(&["b*", "a7"]),
        };
        Access { read, ..Access::public() }
    }

    /// What a viewer follows.
    pub fn subscription(&mut self) -> Subscription {
        let s = match self.below(6) {
            0 | 1 => Subscription::items_all(),
            2 | 3 => {
                let n = self.below(5);
                Subscription::items_keys((0..n).map(|_| self.key()).collect())
            }
            _ => {
                // Few boxes and paces, so that viewers share them.
                let (west, south) = (*self.pick(&[0.0, 4.0]), *self.pick(&[1.0, 5.0]));
                Subscription::items_bbox([west, south, west + 4.0, south + 4.0]).unwrap()
            }
        };
        if self.chance(40) { s.every_ms(*self.pick(&[300, 900])) } else { s }
    }

    fn value(&mut self) -> Option<Value> {
        match self.below(8) {
            0 => None,
            1 => Some(Value::Bool(self.chance(50))),
            2 => Some(Value::Text(format!("t{}", self.below(5)))),
            3 => Some(Value::Number(self.unit())),
            _ => Some(Value::Number(self.below(20) as f64 / 4.0)),
        }
    }

    /// An event around `now`; one in eight is older than its neighbours. `fields` bounds how many names exist by now.
    pub fn event(&mut self, now: Millis, fields: usize) -> Event {
        let position = self.chance(80).then(|| {
            let part = |d: &mut Self| d.chance(50).then(|| d.below(300) as f64);
            let (lat, lon) = (self.below(11) as f64, self.below(11) as f64);
            Measured { lat, lon, heading: part(self), speed: part(self), altitude: part(self), accuracy: part(self) }
                .check()
                .unwrap()
        });
        let late = if self.chance(12) { 60_000 } else { 0 };
        let mut names: Vec<usize> = (0..self.below(4)).map(|_| self.below(fields)).collect();
        names.sort_unstable();
        names.dedup();
        Event {
            id: self.chance(40).then(|| format!("id{}", self.below(4_000))),
            key: self.key(),
            time: now.plus(self.below(1_000) as i64 - late),
            position,
            fields: names.into_iter().map(|n| (format!("f{n}"), self.value())).collect(),
        }
    }
}
