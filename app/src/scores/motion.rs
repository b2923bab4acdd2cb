//! How rows slide to their new place: each is drawn where it was and comes home within a moment. A row that moves again
//! on its way goes on from where it is drawn.

/// How long a row slides, in milliseconds.
pub const SLIDE_MS: f64 = 420.0;

/// How long a gain is to be seen, in milliseconds; `scores.css` has the same.
pub const FLASH_MS: f64 = 1_400.0;

struct Slide {
    key: String,
    from: f64,
    since: f64,
}

/// The rows that are on their way. There are as many as a screen shows: looking through them is quick.
#[derive(Default)]
pub struct Motion {
    slides: Vec<Slide>,
    flashes: Vec<(String, f64)>,
    places: Vec<(String, u32)>,
}

impl Motion {
    /// Takes where the rows in the page stand now, in rows from the top. Rows that were elsewhere begin to slide, from at
    /// most `furthest` rows away. `came_from` tells of rows that were not in the page: a place, or nothing for new ones.
    pub fn place(
        &mut self,
        now: f64,
        rows: Vec<(String, u32)>,
        furthest: f64,
        came_from: impl Fn(&str) -> Option<Option<u32>>,
    ) {
        self.slides.retain(|slide| now - slide.since < SLIDE_MS);
        self.flashes.retain(|(_, since)| now - *since < FLASH_MS);
        for (key, place) in &rows {
            let known = self.places.iter().find(|(known, _)| known == key).map(|(_, was)| *was);
            let way = match known.map_or_else(|| came_from(key), |was| Some(Some(was))) {
                Some(Some(was)) => f64::from(was) - f64::from(*place),
                // A new row comes up from the place below.
                Some(None) if !self.places.is_empty() => 1.0,
                Some(None) | None => 0.0,
            };
            if way != 0.0 {
                let from = (self.offset(key, now) + way).clamp(-furthest, furthest);
                self.slides.retain(|slide| slide.key != *key);
                self.slides.push(Slide { key: key.clone(), from, since: now });
            }
        }
        self.places = rows;
    }

    /// How many rows below its place a row is drawn.
    pub fn offset(&self, key: &str, now: f64) -> f64 {
        self.slides.iter().find(|slide| slide.key == key).map_or(0.0, |slide| {
            let left = 1.0 - ((now - slide.since) / SLIDE_MS).clamp(0.0, 1.0);
            slide.from * left * left * left
        })
    }

    /// Shows that a row gained.
    pub fn flash(&mut self, key: &str, now: f64) {
        self.flashes.retain(|(flashing, _)| flashing != key);
        self.flashes.push((key.to_owned(), now));
    }

    /// Since when a row shows its gain.
    pub fn flashes_since(&self, key: &str, now: f64) -> Option<f64> {
        let flash = self.flashes.iter().find(|(flashing, _)| flashing == key);
        flash.map(|(_, since)| *since).filter(|since| now - since < FLASH_MS)
    }

    /// Whether any row is on its way.
    pub fn is_moving(&self, now: f64) -> bool {
        self.slides.iter().any(|slide| now - slide.since < SLIDE_MS)
    }

    /// Forgets everything: another ranking is shown.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(list: &[(&str, u32)]) -> Vec<(String, u32)> {
        list.iter().map(|(key, place)| ((*key).to_owned(), *place)).collect()
    }

    #[test]
    fn the_first_rows_stand_still() {
        let mut motion = Motion::default();
        motion.place(0.0, rows(&[("a", 1), ("b", 2)]), 20.0, |_| Some(None));
        assert!(!motion.is_moving(0.0));
    }

    #[test]
    fn rows_slide_home_from_where_they_were() {
        let mut motion = Motion::default();
        motion.place(0.0, rows(&[("a", 1), ("b", 2)]), 20.0, |_| None);
        motion.place(1_000.0, rows(&[("b", 1), ("a", 2)]), 20.0, |_| None);
        assert_eq!(motion.offset("b", 1_000.0), 1.0);
        assert_eq!(motion.offset("a", 1_000.0), -1.0);
        let middle = motion.offset("b", 1_200.0);
        assert!(middle > 0.0 && middle < 0.5, "{middle}");
        assert!(motion.is_moving(1_200.0));
        assert_eq!(motion.offset("b", 1_000.0 + SLIDE_MS), 0.0);
        assert!(!motion.is_moving(1_000.0 + SLIDE_MS));
    }

    #[test]
    fn a_row_that_moves_again_goes_on_from_where_it_is_drawn() {
        let mut motion = Motion::default();
        motion.place(0.0, rows(&[("a", 5)]), 20.0, |_| None);
        motion.place(10.0, rows(&[("a", 3)]), 20.0, |_| None);
        let drawn = 3.0 + motion.offset("a", 100.0);
        motion.place(100.0, rows(&[("a", 1)]), 20.0, |_| None);
        assert!((1.0 + motion.offset("a", 100.0) - drawn).abs() < 1e-9);
    }

    #[test]
    fn rows_from_afar_come_from_the_edge_and_new_ones_from_below() {
        let mut motion = Motion::default();
        motion.place(0.0, rows(&[("a", 1)]), 20.0, |_| None);
        motion.place(10.0, rows(&[("x", 1), ("y", 2), ("a", 3), ("z", 4)]), 20.0, |key| match key {
            "x" => Some(Some(5_000)),
            "y" => Some(None),
            _ => None,
        });
        assert_eq!(motion.offset("x", 10.0), 20.0);
        assert_eq!(motion.offset("y", 10.0), 1.0);
        // Scrolled into view: it did not move.
        assert_eq!(motion.offset("z", 10.0), 0.0);
    }

    #[test]
    fn gains_are_shown_for_a_while() {
        let mut motion = Motion::default();
        motion.flash("a", 5.0);
        assert_eq!(motion.flashes_since("a", 100.0), Some(5.0));
        assert_eq!(motion.flashes_since("a", 5.0 + FLASH_MS), None);
        motion.clear();
        assert_eq!(motion.flashes_since("a", 100.0), None);
    }
}
