//! When a mark glides, for how long, and when it must jump instead. The shader has the same `share`.

/// A turn is quicker than a move: the mark faces its way within this time.
pub const TURN_MS: i32 = 400;

/// No glide is longer: a mark must not be far behind what is known.
const MAX_GLIDE_MS: f64 = 5_000.0;

/// No glide is shorter: below this the eye sees a jump anyway.
const MIN_GLIDE_MS: f64 = 120.0;

/// The first move of an item has no history to go by.
const FIRST_GLIDE_MS: f64 = 1_000.0;

/// A hop shorter than this always glides, whatever the clock says: replays run many times faster than life.
const ALWAYS_GLIDES_M: f64 = 3_000.0;

/// The plausible speed of a board without a rule of its own: faster than airliners fly.
const DEFAULT_MAX_SPEED: f64 = 350.0;

/// How often news of one item arrives, smoothed; a glide lasts about as long as the wait for the next news, so that
/// the mark neither stops nor falls behind.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    last: i32,
    gap_ms: Option<f32>,
}

impl Pace {
    /// The item's first news came at `now`.
    pub fn new(now: i32) -> Self {
        Self { last: now, gap_ms: None }
    }

    /// More news came at `now`. Answers how long the mark should glide.
    pub fn arrived(&mut self, now: i32) -> u16 {
        let gap = now.wrapping_sub(self.last).max(0) as f32;
        self.last = now;
        let known = self.gap_ms.map_or(gap, |before| before * 0.6 + gap * 0.4);
        let first = self.gap_ms.replace(known).is_none();
        let wanted = if first { f64::from(gap).min(FIRST_GLIDE_MS) } else { f64::from(known) * 1.1 };
        wanted.clamp(MIN_GLIDE_MS, MAX_GLIDE_MS) as u16
    }
}

/// How much of a glide is done: 0 before, 1 after.
pub fn share(now: i32, start: i32, glide: i32) -> f64 {
    if glide <= 0 {
        return 1.0;
    }
    (f64::from(now.wrapping_sub(start)) / f64::from(glide)).clamp(0.0, 1.0)
}

/// Whether something could have moved that far in that time. If not, the mark jumps: a line across the map would be a
/// lie.
pub fn is_plausible(metres: f64, event_gap_ms: i32, max_speed: Option<f64>) -> bool {
    let seconds = f64::from(event_gap_ms.max(1)) / 1000.0;
    metres <= ALWAYS_GLIDES_M || metres / seconds <= max_speed.unwrap_or(DEFAULT_MAX_SPEED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glide_lasts_about_as_long_as_the_wait_for_news() {
        let mut pace = Pace::new(0);
        let mut glide = 0;
        for step in 1..20 {
            glide = pace.arrived(step * 2_000);
        }
        assert!((2_000..=2_400).contains(&glide), "{glide}");
    }

    #[test]
    fn a_glide_has_bounds() {
        let mut pace = Pace::new(0);
        assert_eq!(pace.arrived(600_000), 1_000);
        assert_eq!(pace.arrived(1_200_000), 5_000);
        let mut quick = Pace::new(0);
        assert_eq!(quick.arrived(1), 120);
    }

    #[test]
    fn time_going_backwards_is_harmless() {
        let mut pace = Pace::new(1_000);
        assert_eq!(pace.arrived(500), 120);
        assert!((share(0, 100, 50) - 0.0).abs() < f64::EPSILON);
        assert!((share(500, 100, 0) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn only_long_and_too_fast_is_a_jump() {
        assert!(is_plausible(1_800.0, 1, None), "a bus at sixty times its speed");
        assert!(is_plausible(200_000.0, 900_000, None), "an airliner after a quarter of an hour");
        assert!(!is_plausible(200_000.0, 60_000, None));
        assert!(!is_plausible(10_000.0, 60_000, Some(50.0)));
        assert!(!is_plausible(10_000.0, -5, None));
    }
}
